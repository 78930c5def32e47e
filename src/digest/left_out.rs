//! Records why a draft left articles out.
//!
//! Few such records are stored together with the draft. Thousands would hold SQLite's only write lock too long, so they are stored
//! after the draft, in short transactions.

use std::time::Duration;

use super::compiled::Draft;
use super::decisions::{placements, story_rows};
use super::error::CompileError;
use crate::app::App;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::placements::Placement;

/// One transaction records at most this many left-out articles. A story with more reports is recorded in one transaction all the same.
const MAX_ROWS: usize = 250;
/// The pause between two such transactions, in which other writers get their turn.
const PAUSE_BETWEEN_WRITES: Duration = Duration::from_millis(20);

/// How many decisions are stored together with the draft: those about its articles, and those about left-out articles if there are at
/// most [`MAX_ROWS`].
pub(super) fn stored_with_draft(draft: &Draft) -> usize {
    let decisions = &draft.decisions;
    let inside = decisions.partition_point(|decision| decision.position.is_some());
    if decisions.len() - inside <= MAX_ROWS {
        decisions.len()
    } else {
        inside
    }
}

/// Records what [`store_draft`](super::build::store_draft) did not. If the process stops or the draft is cancelled meanwhile, the remaining
/// articles wait for the next issue. If the draft is edited meanwhile, the edit records all remaining decisions in its own transaction,
/// and only `non_candidates` that are not recorded yet wait.
pub(super) async fn record_left_out(app: &App, draft: &Draft) -> Result<(), CompileError> {
    let issue = &draft.issue;
    let (_, mut rest) = draft.decisions.split_at(stored_with_draft(draft));
    while !rest.is_empty() {
        // All reports of a story go into the same transaction, because the story is one row.
        let first_beyond_limit = rest.get(MAX_ROWS).map(|decision| decision.story);
        let end = first_beyond_limit.map_or(rest.len(), |story| {
            let before = rest.partition_point(|decision| decision.story < story);
            if before > 0 {
                before
            } else {
                rest.partition_point(|decision| decision.story <= story)
            }
        });
        let (now, later) = rest.split_at(end);
        if !record(app, issue, &placements(now), &story_rows(issue.id, now)?).await? {
            return Ok(());
        }
        rest = later;
    }
    for articles in draft.non_candidates.chunks(MAX_ROWS) {
        let placements = articles.iter().map(|left_out| Placement {
            article: left_out.article,
            story: None,
            position: None,
            reason: &left_out.reason,
        });
        if !record(app, issue, &placements.collect::<Vec<_>>(), &[]).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Records some left-out articles in one transaction. Returns false and records nothing if the draft was changed.
async fn record(
    app: &App,
    issue: &Issue,
    placements: &[Placement<'_>],
    stories: &[IssueStory],
) -> Result<bool, CompileError> {
    let mut tx = app.store.write().await?;
    tx.lock_newsletter(issue.newsletter_id).await?;
    if !tx.lock_issue_at_revision(issue.id, issue.revision).await? {
        return Ok(false);
    }
    tx.add_articles_to_issue(issue.newsletter_id, issue.id, placements)
        .await?;
    tx.add_issue_stories(stories).await?;
    tx.commit().await?;
    // A process that waits for SQLite's write lock tries again every few milliseconds. Without the pause it would rarely succeed.
    tokio::time::sleep(PAUSE_BETWEEN_WRITES).await;
    Ok(true)
}
