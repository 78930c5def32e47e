//! The first page of the console: what runs next, which drafts wait, what needs a person, and how the last issue did.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::console::Console;
use super::drafts::{DraftLine, count};
use super::issues::IssueLine;
use super::times::DueTime;
use crate::domain::role::Permission;
use crate::domain::states::{DeliveryState, IssueState};
use crate::domain::time::time_delta;
use crate::operators::SignedIn;
use crate::schedule::next_issue;
use crate::web::error::{WebError, page as render};
use crate::web::live_issues::IssueProgress;
use crate::web::state::Shared;

/// How many coming issues are listed.
const NEXT: usize = 8;
/// How many drafts are listed.
const MAX_DRAFTS: i64 = 20;
/// How many of the latest issues are looked at.
const LATEST: i64 = 5;

#[derive(Debug, Template)]
#[template(path = "admin/today.html")]
struct TodayPage {
    console: Console,
    has_newsletters: bool,
    next: Vec<NextRun>,
    drafts: Vec<DraftLine>,
    needs: Vec<Need>,
    latest: Option<Latest>,
}

/// The next issue of a newsletter.
#[derive(Debug)]
struct NextRun {
    newsletter: String,
    due: DueTime,
}

/// Something that needs a person.
#[derive(Debug)]
struct Need {
    text: String,
    /// What the program knows about it, in English.
    detail: Option<String>,
    /// Where it is dealt with.
    path: Option<String>,
}

/// The last issue that was sent.
#[derive(Debug)]
struct Latest {
    issue: IssueLine,
    progress: Arc<IssueProgress>,
}

impl Latest {
    fn accepted(&self) -> u64 {
        count(self.progress.of(DeliveryState::Accepted))
    }

    fn open(&self) -> u64 {
        count(self.progress.total() - self.progress.done())
    }

    fn rejected(&self) -> u64 {
        count(self.progress.of(DeliveryState::Rejected))
    }
}

pub(super) async fn page(State(web): Shared, console: Console, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    let app = &web.app;
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let newsletters = tx.newsletters().await?;
    let drafts = tx.open_drafts(MAX_DRAFTS).await?;
    let issues = tx.started_issues(None, LATEST).await?;
    let unsettled = tx.paused_issues(LATEST).await?;
    let failing_feeds = tx
        .count_failing_feeds(now - time_delta(app.config.feeds.notice_after))
        .await?;
    let held_comments = tx.count_held_comments().await?;
    let alerts = tx.count_rate_alerts().await?;
    drop(tx);
    let words = &console.words;
    let need = |text, detail, path| Need { text, detail, path };
    let mut needs = Vec::new();
    if let Some(trouble) = app.health.trouble() {
        needs.push(need(words.need_relay(), Some(trouble.reason), None));
    }
    for issue in unsettled.into_iter().map(IssueLine::from) {
        let name = words.draft_name(&issue.newsletter, issue.number);
        needs.push(need(words.need_paused(name), issue.reason, Some(issue.path)));
    }
    let mut latest = None;
    for issue in issues {
        if !matches!(issue.state, IssueState::Sending | IssueState::Paused | IssueState::Sent) {
            continue;
        }
        let Some(progress) = web.live.progress(app, issue.id).await? else {
            continue;
        };
        let issue = IssueLine::from(issue);
        let in_doubt = progress.of(DeliveryState::InDoubt);
        if in_doubt > 0 {
            let name = words.draft_name(&issue.newsletter, issue.number);
            let text = words.need_in_doubt(count(in_doubt), name);
            needs.push(need(text, None, Some(issue.path.clone())));
        }
        latest = latest.or(Some(Latest { issue, progress }));
    }
    if failing_feeds > 0 {
        let path = Some("/admin/feeds?state=failing".to_owned());
        needs.push(need(words.need_feeds(count(failing_feeds)), None, path));
    }
    if held_comments > 0 && signed_in.may(Permission::ModerateComments) {
        needs.push(need(
            words.need_comments(count(held_comments)),
            None,
            Some("/admin/comments".to_owned()),
        ));
    }
    if alerts > 0 {
        needs.push(need(
            words.need_alerts(count(alerts)),
            None,
            Some(if signed_in.may(Permission::ReadReaders) {
                "/admin/returned-mail".to_owned()
            } else {
                "/admin/issues".to_owned()
            }),
        ));
    }
    let mut next: Vec<_> = newsletters
        .iter()
        .filter_map(|newsletter| Some((next_issue(newsletter, now)?, newsletter)))
        .collect();
    next.sort_by_key(|(at, newsletter)| (*at, newsletter.slug.clone()));
    let next = next.into_iter().take(NEXT).map(|(at, newsletter)| NextRun {
        newsletter: newsletter.name.clone(),
        due: DueTime::new(at, newsletter.timezone, now),
    });
    render(&TodayPage {
        has_newsletters: !newsletters.is_empty(),
        next: next.collect(),
        drafts: drafts.into_iter().map(|draft| DraftLine::new(draft, &web)).collect(),
        needs,
        latest,
        console,
    })
}
