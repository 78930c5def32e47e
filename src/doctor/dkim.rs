//! DKIM: whether the DNS has the public key of each key of the settings
//! ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)).

use super::check::Check;
use super::dns::Dns;
use crate::mail::dkim::{Signer, Signers, dns_record};

const NAME: &str = "dns.dkim";

/// Checks the record of each key.
pub(super) async fn check(dns: &Dns, signers: &Signers) -> Vec<Check> {
    let mut checks = Vec::new();
    for signer in signers.iter() {
        let name = format!("{}._domainkey.{}", signer.selector(), signer.domain());
        let check = match dns.texts(&name).await {
            Ok(records) => compare(signer, &records),
            Err(error) => Check::failed(NAME, error.to_string(), "check the name servers of the domain"),
        };
        checks.push(check.of(name));
    }
    if checks.is_empty() {
        checks.push(Check::warning(
            NAME,
            "messages are not signed, because [dkim] has no usable key",
            "make a key with `daywire dkim generate`, unless your relay signs for the domain of mail.from",
        ));
    }
    checks
}

fn compare(signer: &Signer, records: &[String]) -> Check {
    let own = signer.public_record_value();
    let record = dns_record(signer.domain(), signer.selector(), own).replace("\n    ", " ");
    let publish = format!("publish this record: {record}");
    let failed = |found: &str| Check::failed(NAME, found, publish.clone());
    let published = match records {
        [] => return failed("there is no TXT record, so receivers cannot verify the signatures"),
        [published] => published,
        more => {
            let found = format!(
                "there are {} TXT records, and receivers may use any of them",
                more.len()
            );
            return Check::failed(NAME, found, format!("remove all but this one: {record}"));
        }
    };
    let value = |name: &str| tag(published, name);
    if value("v").is_some_and(|version| version != "DKIM1") {
        return failed("the record does not begin with v=DKIM1, so receivers ignore it");
    }
    match value("p").as_deref() {
        None => return failed("the record has no key (p=)"),
        Some("") => return failed("the record revokes the key (p= is empty)"),
        Some(key) if Some(key) != tag(own, "p").as_deref() => {
            return failed("the record has another key than the key file");
        }
        Some(_) => {}
    }
    // An absent k= means rsa.
    if value("k").as_deref().unwrap_or("rsa") != tag(own, "k").as_deref().unwrap_or("rsa") {
        return failed("the record names another kind of key (k=)");
    }
    let lists =
        |name: &str, wanted: &[&str]| value(name).is_none_or(|list| list.split(':').any(|one| wanted.contains(&one)));
    if !lists("s", &["*", "email"]) {
        return failed("the record is not for mail (s=)");
    }
    if !lists("h", &["sha256"]) {
        return failed("the record does not allow SHA-256 (h=)");
    }
    if value("t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y")) {
        let found = "the record says that signing is a test (t=y), so some receivers ignore the signatures";
        return Check::warning(NAME, found, "remove t=y from the record");
    }
    Check::ok(NAME, "the record has the key of the key file")
}

/// The value of a tag, without white space ([RFC 6376 §3.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.2)).
fn tag(record: &str, name: &str) -> Option<String> {
    let mut tags = record.split(';').filter_map(|tag| tag.split_once('='));
    let (_, value) = tags.find(|(tag, _)| tag.trim() == name)?;
    Some(value.split_whitespace().collect())
}
