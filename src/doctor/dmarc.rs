//! DMARC: whether the domain of a sender has a policy, and whether our signatures and return paths are aligned with it
//! ([RFC 7489](https://www.rfc-editor.org/rfc/rfc7489)).

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::dkim::Signature;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::dmarc::{Dmarc, Policy};
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DmarcOutput, DmarcResult, MessageAuthenticator, SpfOutput, SpfResult,
};

use super::check::Check;
use super::dns::Dns;
use crate::mail::dkim::Signers;

const RECORD: &str = "dns.dmarc";
const ALIGNMENT: &str = "dns.alignment";

/// Checks the policy for mail from `sender`, a domain.
pub(super) async fn check(dns: &Dns, sender: &str, return_path: &str, signers: &Signers) -> Vec<Check> {
    let name = format!("_dmarc.{sender}");
    let checks = match dns.texts(&name).await {
        Ok(texts) => {
            let records: Vec<_> = texts.into_iter().filter(|text| text.starts_with("v=DMARC1")).collect();
            let output = assess(dns, sender, return_path, signers).await;
            let record = record(&name, sender, &records, &output);
            vec![record, alignment(sender, return_path, signers, &output)]
        }
        Err(error) => vec![Check::failed(
            RECORD,
            error.to_string(),
            "check the name servers of the domain",
        )],
    };
    checks.into_iter().map(|check| check.of(sender)).collect()
}

/// What a receiver makes of a message from `sender` whose signatures and return path are all valid.
async fn assess(dns: &Dns, sender: &str, return_path: &str, signers: &Signers) -> DmarcOutput {
    let message = format!("From: news@{sender}\r\n\r\n");
    let Some(message) = AuthenticatedMessage::parse(message.as_bytes()) else {
        return DmarcOutput::default();
    };
    let signatures: Vec<_> = signers
        .iter()
        .map(|signer| Signature {
            d: signer.domain().to_owned(),
            ..Signature::default()
        })
        .collect();
    let signed: Vec<_> = signatures
        .iter()
        .map(|signature| DkimOutput::pass().with_signature(signature))
        .collect();
    let spf = SpfOutput::new(return_path.to_owned()).with_result(SpfResult::Pass);
    let receiver = MessageAuthenticator(dns.resolver.clone());
    receiver
        .verify_dmarc(DmarcParameters::new(&message, &signed, return_path, &spf))
        .await
}

fn record(name: &str, sender: &str, records: &[String], output: &DmarcOutput) -> Check {
    let publish =
        format!("publish a TXT record at {name}, such as \"v=DMARC1; p=none; rua=mailto:postmaster@{sender}\"");
    if records.len() > 1 {
        let found = format!(
            "{name} has {} DMARC records, so receivers use none of them",
            records.len()
        );
        return Check::failed(RECORD, found, "keep one of them");
    }
    if let Some(own) = records.first() {
        let is_valid = Dmarc::parse(own.as_bytes()).is_ok_and(|own| own.p != Policy::Unspecified);
        if !is_valid {
            return Check::failed(RECORD, format!("the record has no valid policy (p=): {own}"), publish);
        }
    }
    if output.dmarc_record().is_none() {
        let found = "the domain has no DMARC record, which Gmail and Yahoo require of bulk senders";
        return Check::failed(RECORD, found, publish);
    }
    let policy = match output.policy() {
        Policy::Quarantine => "quarantine",
        Policy::Reject => "reject",
        Policy::None | Policy::Unspecified => "none",
    };
    let place = if records.is_empty() {
        "a parent domain has the record"
    } else {
        "there is one record"
    };
    Check::ok(RECORD, format!("{place}, and its policy is {policy}"))
}

fn alignment(sender: &str, return_path: &str, signers: &Signers, output: &DmarcOutput) -> Check {
    if output.dmarc_record().is_none() {
        return Check::skipped(ALIGNMENT, "there is no DMARC record to be aligned with");
    }
    let dkim = *output.dkim_result() == DmarcResult::Pass;
    let spf = *output.spf_result() == DmarcResult::Pass;
    let is_signed = signers.iter().next().is_some();
    let domains = "it needs a domain that belongs to the one of the sender";
    match (dkim, spf) {
        (true, true) => Check::ok(
            ALIGNMENT,
            "signatures and return path belong to the domain of the sender",
        ),
        (true, false) => Check::ok(
            ALIGNMENT,
            format!("signatures belong to the domain of the sender; the return path, at {return_path}, does not"),
        ),
        (false, true) => Check::warning(
            ALIGNMENT,
            if is_signed {
                "only the return path belongs to the domain of the sender, so forwarded mail fails DMARC"
            } else {
                "messages are not signed here, so forwarded mail fails DMARC unless the relay signs"
            },
            format!("sign with a key of {sender} (dkim.domain)"),
        ),
        (false, false) => Check::failed(
            ALIGNMENT,
            format!(
                "neither dkim.domain nor the return path, at {return_path}, belongs to the sender's domain: DMARC fails"
            ),
            format!("set dkim.domain to {sender}, or another mail.return_path: {domains}"),
        ),
    }
}
