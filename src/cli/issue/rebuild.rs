//! `daywire issue rebuild --check`: proves that an issue still compiles to its stored bytes.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output;
use crate::digest::drafts;
use crate::domain::ids::IssueId;

/// Compiles an issue again from its stored inputs; fails and lists the differences if a byte differs.
pub(crate) async fn check(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    let differences = drafts::differences_from_stored(app, id).await?;
    let name = app.store.read().await?.issue_name(id).await?;
    if context.json {
        output::json(&json!({ "id": id, "same": differences.is_empty(), "differences": differences }))?;
    } else if differences.is_empty() {
        output::text("the same, to the byte")?;
    }
    anyhow::ensure!(
        differences.is_empty(),
        "issue {name} does not compile to what is stored: {}",
        differences.join("; ")
    );
    Ok(())
}
