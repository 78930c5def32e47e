//! Why a draft left articles out: few of these records are stored with the draft, many after it, in short transactions.

use std::time::Duration;

use super::{CompileError, Draft, placements, story_rows};
use crate::app::App;
use crate::store::arrivals::Placement;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;

/// At most this many left-out articles are recorded in one transaction.
const MAX_ROWS: usize = 250;
/// The pause between two such transactions.
const BETWEEN_WRITES: Duration = Duration::from_millis(20);

/// How many decisions are stored with the draft: those about its articles, and those about left-out articles if these are at
/// most `MAX_ROWS`.
pub(super) fn stored_at_once(draft: &Draft) -> usize {
    let decisions = &draft.decisions;
    let inside = decisions.partition_point(|decision| decision.position.is_some());
    if decisions.len() - inside <= MAX_ROWS {
        decisions.len()
    } else {
        inside
    }
}

/// Records why a draft left articles out, unless [`store_draft`](super::build::store_draft) did: up to thousands of rows, in
/// short transactions that do not delay other writers. If the process dies, or the draft is edited or cancelled meanwhile, the
/// remaining articles wait for the next issue.
///
/// # Errors
/// When the database fails.
pub(crate) async fn record_left_out(app: &App, draft: &Draft) -> Result<(), CompileError> {
    let issue = &draft.issue;
    let (_, mut rest) = draft.decisions.split_at(stored_at_once(draft));
    while !rest.is_empty() {
        // All reports of a story go into the same transaction, because the story is one row.
        let full = rest.get(MAX_ROWS).map(|decision| decision.story);
        let end = full.map_or(rest.len(), |story| {
            let before = rest.partition_point(|decision| decision.story < story);
            if before > 0 {
                before
            } else {
                rest.partition_point(|decision| decision.story <= story)
            }
        });
        let (now, behind) = rest.split_at(end);
        if !record(app, issue, &placements(now), &story_rows(issue.id, now)).await? {
            return Ok(());
        }
        rest = behind;
    }
    for articles in draft.beyond_candidates.chunks(MAX_ROWS) {
        let left_out = articles.iter().map(|(article, reason)| Placement {
            article: *article,
            story: None,
            position: None,
            reason,
        });
        if !record(app, issue, &left_out.collect::<Vec<_>>(), &[]).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Records some of what a draft left out in one transaction. False, and nothing is recorded, if the draft was changed.
async fn record(
    app: &App,
    issue: &Issue,
    placements: &[Placement<'_>],
    stories: &[IssueStory],
) -> Result<bool, CompileError> {
    let mut tx = app.store.write().await?;
    tx.lock_newsletter_unchanged(issue.newsletter_id).await?;
    if !tx.lock_issue_at(issue.id, issue.revision).await? {
        return Ok(false);
    }
    tx.add_articles_to_issue(issue.newsletter_id, issue.id, placements)
        .await?;
    tx.add_issue_stories(stories).await?;
    tx.commit().await?;
    // Another process that waits for SQLite's lock polls it every few milliseconds; the pause lets it take the lock.
    tokio::time::sleep(BETWEEN_WRITES).await;
    Ok(true)
}
