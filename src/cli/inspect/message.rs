//! `daywire inspect message`: the headers, parts, links and signatures of a message in a file, and what preflight finds in it.

use std::path::Path;

use serde_json::json;

use crate::app::signers;
use crate::cli::context::Context;
use crate::cli::{files, output};
use crate::mail::verify::{SignatureResult, signatures};
use crate::preflight::check_message;
use crate::preflight::parsed_message::ParsedMessage;

/// The header fields that are printed, in this order.
const HEADERS: [&str; 14] = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Archive",
    "Feedback-ID",
    "Auto-Submitted",
];

pub(crate) async fn run(context: &Context, file: &Path) -> anyhow::Result<()> {
    let bytes = files::read(file)?;
    let config = context.config()?;
    let message = ParsedMessage::read(&bytes).ok_or_else(|| {
        anyhow::anyhow!(
            "{}: it is not a message; give one with its headers first",
            file.display()
        )
    })?;
    let findings = check_message(&message, &config);
    let dkim = signatures(&bytes, &signers(&config)?).await;
    let headers: Vec<(&str, &str)> = HEADERS
        .iter()
        .flat_map(|name| message.header(name).into_iter().map(|value| (*name, value)))
        .collect();
    let links = json!({ "html": message.html_links, "text": message.text_links });
    if context.json {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        return output::json(&json!({
            "size": message.size,
            "subject": message.subject,
            "headers": headers,
            "parts": message.parts,
            "links": links,
            "dkim": dkim,
            "findings": findings,
        }));
    }
    for (name, value) in &headers {
        let value = match (*name, &message.subject) {
            ("Subject", Some(subject)) => subject,
            _ => *value,
        };
        output::text(&format!("{name}: {value}"))?;
    }
    output::text(&format!("\n{} bytes", message.size))?;
    let parts = message
        .parts
        .iter()
        .map(|part| vec![part.kind.clone(), part.bytes.to_string()]);
    output::table(&["part", "bytes"], parts.collect(), "no parts")?;
    for signature in &dkim {
        let result = match signature.result {
            SignatureResult::Pass => "valid",
            SignatureResult::Fail => "not valid",
            SignatureResult::Unknown => "not checked",
        };
        let reason = signature
            .reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        let (domain, selector) = (&signature.domain, &signature.selector);
        output::text(&format!(
            "\nDKIM signature of {domain} with the key {selector}: {result}{reason}"
        ))?;
    }
    if dkim.is_empty() {
        output::text("\nno DKIM signature")?;
    }
    output::text("\nlinks")?;
    for link in message.html_links.union(&message.text_links) {
        output::text(&format!("  {link}"))?;
    }
    output::findings(&findings)
}
