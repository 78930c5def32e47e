//! `daywire inspect bounce`: what a returned mail reports about which recipients, and which rule found them.

use std::path::Path;

use serde_json::{Value, json};

use crate::bounce::read::{Kind, ParsedMail, ReportedRecipient, read};
use crate::cli::context::Context;
use crate::cli::{files, output};
use crate::domain::address::EmailAddress;

pub(super) fn run(context: &Context, file: &Path) -> anyhow::Result<()> {
    let mail = read(&files::read(file)?);
    if context.json {
        let recipients = mail.recipients.iter().map(|recipient| document(&mail, recipient));
        return output::json(&json!({
            "kind": kind(mail.kind),
            "feedback_type": match mail.kind {
                Kind::Complaint(feedback) => Some(feedback.name()),
                _ => None,
            },
            "recipients": recipients.collect::<Vec<_>>(),
        }));
    }
    output::text(&match mail.kind {
        Kind::Complaint(feedback) => format!("complaint ({})", feedback.name()),
        other => kind(other).to_owned(),
    })?;
    let rows = mail.recipients.iter().map(|recipient| {
        vec![
            address(recipient),
            // A delay has no reason: `expired` would say that the server gave up.
            match mail.kind {
                Kind::Delayed => String::new(),
                _ => reason(&mail, recipient).to_owned(),
            },
            mail.action(recipient).name().to_owned(),
            recipient.rule.name().to_owned(),
            recipient.evidence.clone(),
        ]
    });
    let columns = ["recipient", "reason", "action", "rule", "evidence"];
    output::table(&columns, rows.collect(), "no recipient was found")
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Bounce => "bounce",
        Kind::Complaint(_) => "complaint",
        Kind::AutoReply => "autoreply",
        Kind::Delayed => "delayed",
        Kind::Unsubscribe => "unsubscribe",
        Kind::Other => "other",
    }
}

fn address(recipient: &ReportedRecipient) -> String {
    let address = recipient.address.as_typed();
    match &recipient.forwarded_to {
        Some(last) => format!("{address}, forwarded to {}", last.as_typed()),
        None => address.to_owned(),
    }
}

fn reason(mail: &ParsedMail, recipient: &ReportedRecipient) -> &'static str {
    match mail.kind {
        Kind::Complaint(feedback) => feedback.name(),
        _ => recipient.reason.name(),
    }
}

fn document(mail: &ParsedMail, recipient: &ReportedRecipient) -> Value {
    let status = recipient
        .status
        .map(|(class, subject, detail)| format!("{class}.{subject}.{detail}"));
    json!({
        "address": recipient.address.as_typed(),
        "forwarded_to": recipient.forwarded_to.as_ref().map(EmailAddress::as_typed),
        "hard": mail.kind == Kind::Bounce && recipient.reason.is_hard(),
        "status": status,
        "reason": reason(mail, recipient),
        "action": mail.action(recipient).name(),
        "rule": recipient.rule.name(),
        "evidence": recipient.evidence,
    })
}
