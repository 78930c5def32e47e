//! `daywire article retract` and `daywire article restore`: retracts an article, or undoes that. Unsent issues are compiled again, and
//! the next issue corrects what was sent.

use super::change_report;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::domain::article_action::ArticleAction;
use crate::ingest::{retraction as article_retraction, view};

/// `daywire article retract`
#[derive(Debug, clap::Args)]
pub(crate) struct RetractArgs {
    /// The id of the article, such as `TX_080089`.
    id: String,
    /// Why, for readers; its page gives this reason. For an article that is already retracted, this adds or changes the reason.
    #[arg(long, default_value = "")]
    note: String,
}

/// `daywire article restore`
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// The id of the article, such as `TX_080089`.
    id: String,
    /// Why, for readers who were notified of the retraction.
    #[arg(long, default_value = "")]
    note: String,
}

pub(crate) async fn retract(context: &Context, args: &RetractArgs) -> anyhow::Result<()> {
    let app = context.app().await?;
    let article = names::article(&mut app.store.read().await?, &args.id).await?;
    let action = ArticleAction::by(command_actor(), article.id);
    let retraction = article_retraction::retract(&app, action, &args.note).await?;
    if context.json {
        return output::json(&view::retraction(&article, &retraction));
    }
    if retraction.noted {
        let notice = if retraction.sent > 0 {
            "; the next issue says so to readers"
        } else {
            ""
        };
        return output::text(&format!(
            "{}: its page gives this reason now{notice}",
            article.public_id
        ));
    }
    if !retraction.retracted {
        return output::text(&format!(
            "{}: retracted already; `--note` gives or changes the reason, `daywire article restore` undoes it",
            article.public_id
        ));
    }
    let tx = &mut app.store.read().await?;
    let mut lines = vec![format!("{} retracted: its page says so", article.public_id)];
    if !retraction.drafts.is_empty() {
        lines.push(format!(
            "{} was not sent yet and is compiled again without it.",
            change_report::issue_names(tx, &retraction.drafts).await?
        ));
    }
    if !retraction.cancelled.is_empty() {
        lines.push(format!(
            "{} had no other story and is cancelled.",
            change_report::issue_names(tx, &retraction.cancelled).await?
        ));
    }
    lines.extend(change_report::withdrawn_approvals(tx, &retraction.unapproved).await?);
    for issue in &retraction.sending {
        let issue = tx.issue_name(*issue).await?;
        lines.push(format!(
            "Issue {issue} is being sent with it: `daywire issue cancel {issue}` stops what is not sent yet."
        ));
    }
    if retraction.sent > 0 {
        lines.push("Readers already have it; the next issue says that it is retracted.".to_owned());
    }
    output::text(&lines.join("\n"))
}

pub(crate) async fn restore(context: &Context, args: &RestoreArgs) -> anyhow::Result<()> {
    let app = context.app().await?;
    let article = names::article(&mut app.store.read().await?, &args.id).await?;
    let action = ArticleAction::by(command_actor(), article.id);
    let restoration = article_retraction::restore(&app, action, &args.note).await?;
    anyhow::ensure!(
        restoration.restored,
        "{} is not retracted; `daywire article show {0}` shows it",
        article.public_id
    );
    if context.json {
        return output::json(&view::restoration(&article, &restoration));
    }
    let tx = &mut app.store.read().await?;
    let mut lines = vec![format!("{} restored: its page is back", article.public_id)];
    if !restoration.drafts.is_empty() {
        lines.push(format!(
            "{} was not sent yet and is compiled again with it.",
            change_report::issue_names(tx, &restoration.drafts).await?
        ));
    }
    lines.extend(change_report::withdrawn_approvals(tx, &restoration.unapproved).await?);
    if restoration.was_announced {
        lines.push("Readers were notified of the retraction; the next issue says that it is undone.".to_owned());
    }
    output::text(&lines.join("\n"))
}
