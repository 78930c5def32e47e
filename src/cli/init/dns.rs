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

/// The records besides DKIM, and why SPF is not among them.
pub(super) struct SendingRecords {
    pub(super) records: Vec<Record>,
    pub(super) without_spf: Option<String>,
}

/// The records besides DKIM: SPF for the domain of the return path ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)), DMARC for that
/// of the sender ([RFC 7489](https://www.rfc-editor.org/rfc/rfc7489)), and the MX of the return path.
pub(super) fn for_sending(
    sender: &str,
    return_path: Option<&str>,
    relay: Option<&Relay>,
    site: &BaseUrl,
) -> SendingRecords {
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
    let is_visible = is_visible(server);
    let mut records = Vec::new();
    if is_visible {
        let domain = return_path.unwrap_or(sender).to_owned();
        records.push(Record::txt(spf.to_owned(), domain, format!("v=spf1 {mechanism} ~all")));
    }
    records.push(Record::txt(
        dmarc.to_owned(),
        format!("_dmarc.{sender}"),
        format!("v=DMARC1; p=none; rua=mailto:postmaster@{sender}"),
    ));
    if let Some(domain) = return_path {
        let host = if is_address || !is_visible {
            "mail.example.org"
        } else {
            server
        };
        let about = "MX: the server that accepts returned mail for the return path. Keep the record of a domain that has one already.";
        records.push(Record {
            about: about.to_owned(),
            name: domain.to_owned(),
            kind: "MX",
            value: format!("10 {host}."),
            line: format!("{domain}. IN MX 10 {host}."),
        });
    }
    let without_spf = (!is_visible).then(|| {
        format!("No SPF record is proposed: other servers see no mail come from {server}. Publish one for the server that will send.")
    });
    SendingRecords { records, without_spf }
}

/// Whether other servers can see mail come from this server: its name or address is not one for a machine, a private network or examples
/// ([RFC 6761](https://www.rfc-editor.org/rfc/rfc6761)).
fn is_visible(server: &str) -> bool {
    const NAMES: [&str; 6] = ["localhost", "example", "test", "invalid", "local", "internal"];
    match server.parse() {
        Ok(IpAddr::V4(ip)) => !(ip.is_loopback() || ip.is_unspecified() || ip.is_private() || ip.is_link_local()),
        Ok(IpAddr::V6(ip)) => {
            !(ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local())
        }
        Err(_) => {
            let last = server.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
            !NAMES.iter().any(|name| last.eq_ignore_ascii_case(name))
        }
    }
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
            let sending = for_sending("example.org", None, relay.as_ref(), &site);
            assert_eq!(sending.without_spf, None);
            assert_eq!(
                sending.records[0].line,
                format!("example.org. IN TXT \"v=spf1 {mechanism} ~all\"")
            );
        }
    }
    #[test]
    fn no_spf_record_names_a_server_that_no_other_server_sees() {
        for (relay, url) in [
            (None, "http://127.0.0.1:8080"),
            (None, "http://[::1]:8080"),
            (None, "http://localhost:8080"),
            (None, "https://news.example"),
            (Some("smtp://localhost:2525"), "http://127.0.0.1:8080"),
            (Some("smtp://10.0.0.5:25"), "https://news.example.org"),
            (Some("smtp://relay.internal:25"), "https://news.example.org"),
        ] {
            let site = BaseUrl::read(url).expect("an address");
            let relay = relay.map(|address| Relay::parse(address).expect("an address"));
            let sending = for_sending("example.org", Some("bounce.example.org"), relay.as_ref(), &site);
            let records = sending.records.iter().map(|record| record.line.as_str());
            assert_eq!(
                records.collect::<Vec<_>>(),
                [
                    "_dmarc.example.org. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@example.org\"",
                    "bounce.example.org. IN MX 10 mail.example.org."
                ],
                "{url}"
            );
            let reason = sending.without_spf.expect("the reason is given");
            assert!(reason.starts_with("No SPF record is proposed: "), "{reason}");
        }
    }
}
