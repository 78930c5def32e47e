//! `daywire issue approve`: releases a draft for sending, or withdraws the approval.

use super::show;
use crate::app::App;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::delivery::control;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::time::{due, zoned};
use crate::store::issue_lists::issue_name;

/// Approves an issue and prints when it is sent.
pub(crate) async fn approve(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    control::approve(app, IssueAction::by(command_actor(), id)).await?;
    show::run(context, app, id).await?;
    let mut tx = app.store.read().await?;
    let issue = control::require_issue(&mut tx, id).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    match issue.due_at {
        None => note!("note: {name} has no due time; `daywire issue send {name}` sends it"),
        Some(at) if at <= app.clock.now() => {
            let due = due(at, newsletter.timezone, app.clock.now());
            note!("note: {name} was due {due}; a running `daywire serve` sends it within a minute");
        }
        Some(at) => note!(
            "note: `daywire serve` sends {name} on {}",
            zoned(at, newsletter.timezone)
        ),
    }
    Ok(())
}

/// Makes an approved issue a draft again.
pub(crate) async fn withdraw(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    control::withdraw(app, IssueAction::by(command_actor(), id)).await?;
    show::run(context, app, id).await
}
