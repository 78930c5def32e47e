//! `daywire inspect bounce`: what a returned mail reports about which recipients, and which rule found them.

use std::path::Path;

use serde_json::{Value, json};

use crate::bounce::origin::{Origin, origin};
use crate::bounce::read::{Kind, ParsedMail, ReportedRecipient, read};
use crate::bounce::target::Target;
use crate::cli::bounce::read_message;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::domain::return_path::Purpose;

pub(super) async fn run(context: &Context, file: &Path) -> anyhow::Result<()> {
    let mail = read(&read_message(file)?);
    let signature = signature(context, &mail).await?;
    if context.json {
        let recipients = mail.recipients.iter().map(|recipient| document(&mail, recipient));
        return output::json(&json!({
            "kind": mail.kind.returned(),
            "feedback_type": match mail.kind {
                Kind::Complaint(feedback) => Some(feedback.name()),
                _ => None,
            },
            "recipients": recipients.collect::<Vec<_>>(),
            "signature": signature.document,
        }));
    }
    output::text(&match mail.kind {
        Kind::Complaint(feedback) => format!("complaint ({})", feedback.name()),
        other => other.returned().to_string(),
    })?;
    let rows = mail.recipients.iter().map(|recipient| {
        vec![
            address(recipient),
            // A delay has no reason: `expired` would say that the server gave up.
            match mail.kind {
                Kind::Delayed => String::new(),
                _ => mail.reason(recipient).to_owned(),
            },
            mail.action(recipient).name().to_owned(),
            recipient.rule.name().to_owned(),
            recipient.evidence.clone(),
        ]
    });
    let columns = ["recipient", "reason", "action", "rule", "evidence"];
    output::table(&columns, rows.collect(), "no recipient was found")?;
    output::text(&format!("\n{}", signature.sentence))
}

/// Whether a signature of ours shows which message the mail is about.
struct Signature {
    sentence: String,
    document: Value,
}

/// Checks the signatures in the mail with the keys of the database. If there is no database, it says so: the rest needs none.
async fn signature(context: &Context, mail: &ParsedMail) -> anyhow::Result<Signature> {
    let app = match context.app().await {
        Ok(app) => app,
        Err(error) if context.config_file.is_some() => return Err(error),
        Err(error) => {
            return Ok(Signature {
                sentence: format!("Whether it is signed was not checked, and so not whom it is about: {error:#}"),
                document: json!({ "checked": false }),
            });
        }
    };
    let origin = origin(&app.keys, &app.config, None, mail);
    let mut tx = app.store.read().await?;
    let target = Target::of(&mut tx, origin, &mail.recipients).await?;
    let issue = match target.as_ref().and_then(|target| target.issue) {
        Some(issue) => Some(tx.issue_name(issue).await?),
        None => None,
    };
    drop(tx);
    let (proof, is_signed) = match origin {
        Origin::Tag(Purpose::MessageId, _) => ("It repeats the signed Message-ID of a message of this site", true),
        Origin::Tag(Purpose::Bounce, _) => ("The address that it came to has a valid tag", true),
        Origin::Tag(Purpose::Unsubscribe, _) => ("The address that it came to has a valid tag for unsubscribing", true),
        Origin::QuotedLink { .. } => ("It quotes the signed unsubscribe link of a message of this site", true),
        Origin::ForgedTag => (
            "The address that it came to has a tag that this site did not sign, so nothing follows from it",
            false,
        ),
        Origin::Unsigned => (
            "Nothing in it is signed. `daywire bounce ingest` believes the addresses in it if they are subscribers'. By the listener or a \
             mailbox, nothing follows from it",
            false,
        ),
    };
    let about = match &target {
        _ if !is_signed => String::new(),
        None => "; what it is about is not on record any more".to_owned(),
        Some(target) => {
            let issue = issue.as_ref().map(|issue| format!("{issue} to ")).unwrap_or_default();
            format!("; it is about {issue}{}", target.address.as_typed())
        }
    };
    let subscription = target.as_ref().and_then(|target| target.subscription.as_ref());
    Ok(Signature {
        sentence: format!("{proof}{about}."),
        document: json!({
            "checked": true,
            "signed": is_signed,
            "forged_tag": origin == Origin::ForgedTag,
            "address": target.as_ref().map(|target| target.address.as_typed()),
            "subscription": subscription.map(|subscription| subscription.id),
            "issue": issue,
        }),
    })
}

fn address(recipient: &ReportedRecipient) -> String {
    let address = recipient.address.as_typed();
    match &recipient.forwarded_to {
        Some(last) => format!("{address}, forwarded to {}", last.as_typed()),
        None => address.to_owned(),
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
        "reason": mail.reason(recipient),
        "action": mail.action(recipient).name(),
        "rule": recipient.rule.name(),
        "evidence": recipient.evidence,
    })
}
