//! `daywire inspect message`: what a message is made of, and what preflight finds in it.

use std::path::Path;

use serde_json::json;

use crate::app::signers;
use crate::cli::{Context, output, read_file};
use crate::mail::verify::{SignatureResult, signatures};
use crate::preflight::letter::Letter;
use crate::preflight::of;

/// The headers that say who a message is from, whom it is for, and how to leave.
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

pub async fn run(context: &Context, file: &Path) -> anyhow::Result<()> {
    let bytes = read_file(file)?;
    let config = context.config()?;
    let letter = Letter::read(&bytes)
        .ok_or_else(|| anyhow::anyhow!("{}: it is no message; give one with its headers first", file.display()))?;
    let findings = of(&letter, &config);
    let dkim = signatures(&bytes, &signers(&config)?).await;
    let headers: Vec<(&str, &str)> = HEADERS
        .iter()
        .flat_map(|name| letter.header(name).into_iter().map(|value| (*name, value)))
        .collect();
    let links = json!({ "html": letter.html_links, "text": letter.text_links });
    if context.json {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        return output::json(&json!({
            "size": letter.size,
            "subject": letter.subject,
            "headers": headers,
            "parts": letter.parts,
            "links": links,
            "dkim": dkim,
            "findings": findings,
        }));
    }
    for (name, value) in &headers {
        let value = match (*name, &letter.subject) {
            ("Subject", Some(subject)) => subject,
            _ => *value,
        };
        output::text(&format!("{name}: {value}"))?;
    }
    output::text(&format!("\n{} bytes", letter.size))?;
    let parts = letter
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
    for link in letter.html_links.union(&letter.text_links) {
        output::text(&format!("  {link}"))?;
    }
    output::findings(&findings)
}
