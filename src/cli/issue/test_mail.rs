//! `daywire issue test`: sends one copy of an issue to an operator's address.

use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::send::require_identity;
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output;
use crate::delivery::control::ControlError;
use crate::delivery::test_mail::send_test;
use crate::domain::ids::IssueId;
use crate::inbox;

pub(crate) async fn run(
    context: &Context,
    app: &Arc<App>,
    id: IssueId,
    edition: Option<i64>,
    to: &str,
) -> anyhow::Result<()> {
    require_identity(app, id).await?;
    let stop = CancellationToken::new();
    let inbox = inbox::start(app, stop.clone()).await?;
    let sent = send_test(app, id, edition, to).await;
    stop.cancel();
    if let Some(inbox) = inbox {
        inbox.await?;
    }
    let reply = sent.map_err(|error| match error {
        ControlError::Address(error) => anyhow::anyhow!("--to: {error}"),
        other => other.into(),
    })?;
    if context.json {
        let captured = app.config.captures_mail();
        return output::json(&json!({ "accepted": true, "reply": reply, "captured": captured }));
    }
    match output::captured_mail(app) {
        Some(note) => output::text(&format!("not delivered: {note}")),
        None => output::text(&format!("accepted: {reply}")),
    }
}
