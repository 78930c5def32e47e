//! The DNS records with which receivers can check that a mail comes from its sender, and with which returned mail comes back.

use std::net::IpAddr;

use serde_json::{Value, json};

use crate::config::BaseUrl;
use crate::mail::dkim::dns_record;
use crate::mail::relay::Relay;

/// A record to publish.
pub(super) struct Record {
    about: String,
    name: String,
    kind: &'static str,
    value: String,
    /// The record in the format of a zone file.
    line: String,
}

impl Record {
    pub(super) fn dkim(domain: &str, selector: &str, value: &str) -> Self {
        Self {
            about: "DKIM: the public key of the signatures.".to_owned(),
            name: format!("{selector}._domainkey.{domain}"),
            kind: "TXT",
            value: value.to_owned(),
            line: dns_record(domain, selector, value),
        }
    }

    fn txt(about: String, name: String, value: String) -> Self {
        Self {
            line: format!("{name}. IN TXT \"{value}\""),
            about,
            name,
            kind: "TXT",
            value,
        }
    }

    /// The record in the format of a zone file, after a comment.
    pub(super) fn text(&self) -> String {
        format!("; {}\n{}", self.about, self.line.trim_end())
    }

    pub(super) fn document(&self) -> Value {
        json!({ "about": self.about, "name": self.name, "type": self.kind, "value": self.value, "record": self.line })
    }
}

/// The records besides DKIM: SPF for the domain of the return path ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)), DMARC for that
/// of the sender ([RFC 7489](https://www.rfc-editor.org/rfc/rfc7489)), and the MX of the return path.
pub(super) fn for_sending(
    sender: &str,
    return_path: Option<&str>,
    relay: Option<&Relay>,
    site: &BaseUrl,
) -> Vec<Record> {
    let server = relay.map_or(site.host(), Relay::host);
    // A relay on this machine sends from the address of the site.
    let is_local = server == "localhost" || server.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let server = if is_local { site.host() } else { server };
    let server = server.trim_matches(['[', ']']);
    let (mechanism, is_address) = match server.parse() {
        Ok(IpAddr::V4(address)) => (format!("ip4:{address}"), true),
        Ok(IpAddr::V6(address)) => (format!("ip6:{address}"), true),
        Err(_) => (format!("a:{server}"), false),
    };
    let spf = "SPF: the servers that send for this domain. If your relay belongs to a provider, publish the provider's record. If there \
               is an SPF record already, add to it: a domain has only one.";
    let dmarc = "DMARC, to begin with: receivers report and refuse nothing. Name a mailbox that you read. Later set p=quarantine, then \
                 p=reject.";
    let mut records = vec![
        Record::txt(
            spf.to_owned(),
            return_path.unwrap_or(sender).to_owned(),
            format!("v=spf1 {mechanism} ~all"),
        ),
        Record::txt(
            dmarc.to_owned(),
            format!("_dmarc.{sender}"),
            format!("v=DMARC1; p=none; rua=mailto:postmaster@{sender}"),
        ),
    ];
    if let Some(domain) = return_path {
        let host = if is_address { "mail.example.org" } else { server };
        let about = "MX: the server that accepts returned mail for the return path. Keep the record of a domain that has one already.";
        records.push(Record {
            about: about.to_owned(),
            name: domain.to_owned(),
            kind: "MX",
            value: format!("10 {host}."),
            line: format!("{domain}. IN MX 10 {host}."),
        });
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Setting as _;

    #[test]
    fn spf_names_the_server_that_sends() {
        let site = BaseUrl::read("https://news.example.org").expect("an address");
        for (relay, mechanism) in [
            (Some("smtps://mail.example.org"), "a:mail.example.org"),
            (Some("smtp://127.0.0.1"), "a:news.example.org"),
            (Some("smtp://localhost:2525"), "a:news.example.org"),
            (Some("smtp://[2001:db8::1]"), "ip6:2001:db8::1"),
            (None, "a:news.example.org"),
        ] {
            let relay = relay.map(|address| Relay::parse(address).expect("an address"));
            let records = for_sending("example.org", None, relay.as_ref(), &site);
            assert_eq!(
                records[0].line,
                format!("example.org. IN TXT \"v=spf1 {mechanism} ~all\"")
            );
        }
    }
}
