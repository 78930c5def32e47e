//! `daywire issue build`: compiles an issue now and freezes it as a draft.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::digest::Compiled;
use crate::digest::build::{build, build_corrections};

/// Builds an issue, or one of the waiting corrections alone, and prints its id or why there is nothing to send.
pub(crate) async fn run(context: &Context, app: &App, slug: &str, corrections: bool) -> anyhow::Result<()> {
    let newsletter = names::newsletter(&mut app.store.read().await?, slug).await?;
    app.config.require_identity(newsletter.sender.is_some())?;
    context.start_traces(&app.config);
    let compiled = if corrections {
        build_corrections(app, newsletter.id, app.clock.now()).await?
    } else {
        build(app, newsletter.id, app.clock.now(), None).await?
    };
    match compiled {
        Compiled::Issue(draft) if context.json => output::json(&json!({
            "id": draft.issue.id,
            "number": draft.issue.number,
            "subject": draft.issue.subject,
            "articles": draft.decisions,
        })),
        Compiled::Issue(draft) => output::text(&draft.issue.id.to_string()),
        Compiled::Nothing(nothing) if context.json => output::json(&json!({ "id": null, "reason": nothing.reason })),
        Compiled::Nothing(nothing) => output::text(&format!("nothing to send: {}", nothing.reason)),
    }
}
