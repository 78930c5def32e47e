//! `daywire bounce show`: one returned mail or event, with its content, and what it led to.

use serde_json::json;

use super::list;
use crate::bounce::sources::source_words;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::text::plain::printable;

pub(crate) async fn run(context: &Context, id: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let mail = names::returned_mail(&mut tx, id).await?;
    let bounces = tx.bounces_of_mail(mail.id).await?;
    drop(tx);
    let shown_text = printable(&String::from_utf8_lossy(&mail.content));
    if context.json {
        return output::json(&json!({
            "id": mail.id,
            "received_at": mail.received_at,
            "processed_at": mail.processed_at,
            "source": mail.source,
            "recipient": mail.recipient,
            "event_id": mail.event_id,
            "kind": mail.kind,
            "effect": mail.effect,
            "note": mail.note,
            "recipients": bounces.iter().map(list::document).collect::<Vec<_>>(),
            "content": (!mail.content.is_empty()).then_some(shown_text),
        }));
    }
    let mut lines = vec![
        format!("returned mail {}", mail.id),
        format!(
            "received {} from {}",
            output::time(mail.received_at),
            source_words(&mail.source)
        ),
    ];
    lines.extend(mail.recipient.map(|recipient| format!("to {}", printable(&recipient))));
    lines.extend(mail.event_id.map(|id| format!("the provider's id: {}", printable(&id))));
    lines.push(match (mail.processed_at, mail.kind, mail.note) {
        (Some(at), Some(kind), Some(note)) => format!("{kind}, processed {}: {note}", output::time(at)),
        _ => "waits to be processed".to_owned(),
    });
    output::text(&lines.join("\n"))?;
    output::text("")?;
    list::print(bounces, "it is on record for no recipient")?;
    if mail.content.is_empty() {
        return output::text("\nThe content was deleted some time after it was processed (intake.keep_contents).");
    }
    output::text(&format!("\n{shown_text}"))
}
