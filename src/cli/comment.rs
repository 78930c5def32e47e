//! `daywire comment`: lists the comments that readers wrote, and decides about them.

use serde_json::json;

use super::acting_operator::command_actor;
use super::context::Context;
use super::output;
use crate::comments::{self, Decision};
use crate::domain::comment::CommentState;
use crate::domain::ids::CommentId;
use crate::domain::seen::Seen;
use crate::store::comments::ListedComment;
use crate::text::plain::counted;

/// The most comments that a list shows.
const MAX_LISTED: i64 = 1_000;

/// Approves, rejects and deletes readers' comments. The site shows only approved ones.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List comments with their texts: the most reported first, then the oldest.
    List {
        /// Only comments in this state: `held`, which is the default, `approved` or `rejected`.
        #[arg(long, value_name = "STATE", conflicts_with = "all")]
        state: Option<CommentState>,
        /// Comments in every state.
        #[arg(long)]
        all: bool,
    },
    /// Publish comments on the pages of their articles.
    Approve {
        /// The ids of the comments.
        #[arg(required = true)]
        ids: Vec<CommentId>,
    },
    /// Keep comments off the site. Their authors see that. The comments are deleted after `comments.keep_rejected`.
    Reject {
        /// The ids of the comments.
        #[arg(required = true)]
        ids: Vec<CommentId>,
    },
    /// Delete comments at once, in any state.
    Delete {
        /// The ids of the comments.
        #[arg(required = true)]
        ids: Vec<CommentId>,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let app = context.app().await?;
    let (ids, decision, done) = match command {
        Command::List { state, all } => {
            let state = (!all).then_some(state.unwrap_or(CommentState::Held));
            let comments = app.store.read().await?.listed_comments(state, MAX_LISTED).await?;
            return list(context, &comments, state);
        }
        Command::Approve { ids } => (ids, Decision::Approve, "approved"),
        Command::Reject { ids } => (ids, Decision::Reject, "rejected"),
        Command::Delete { ids } => (ids, Decision::Delete, "deleted"),
    };
    comments::decide(&app, &command_actor(), &ids, decision, &Seen::Any).await?;
    if context.json {
        return output::json(&json!({ "ids": ids, "done": done }));
    }
    output::text(&format!("{} {done}", counted(ids.len(), "comment", "comments")))
}

/// Prints the comments. `state` is the one that was asked for; `None` for all.
fn list(context: &Context, comments: &[ListedComment], state: Option<CommentState>) -> anyhow::Result<()> {
    if context.json {
        let documents = comments.iter().map(|comment| {
            json!({
                "id": comment.id,
                "article": comment.public_id,
                "headline": comment.title,
                "address": comment.address.as_typed(),
                "name": comment.name,
                "text": comment.body,
                "state": comment.state,
                "written": comment.created_at,
                "decided": comment.decided_at,
                "reports": comment.reports,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    if comments.is_empty() {
        return output::text(&match state {
            None => "no comments".to_owned(),
            Some(state) => format!("no {state} comments; `daywire comment list --all` shows those in other states"),
        });
    }
    let blocks = comments.iter().map(|comment| {
        let reports = match comment.reports {
            0 => String::new(),
            reports => format!(", reported {}", counted(reports, "time", "times")),
        };
        format!(
            "{} {}{reports}\n{} by {} on {}: {}\n  {}",
            comment.id,
            comment.state,
            output::time(comment.created_at),
            comment.address.as_typed(),
            comment.public_id,
            comment.title,
            // An indented text cannot look like the next comment.
            format!("{}: {}", comment.name, comment.body).replace('\n', "\n  ")
        )
    });
    output::text(&blocks.collect::<Vec<_>>().join("\n\n"))
}
