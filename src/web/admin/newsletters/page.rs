//! The page of one newsletter: its readers, its runs, and its file.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::super::console::Console;
use super::super::drafts::count;
use super::super::issue_path::draft_path;
use super::super::statistics::growth_of;
use super::lookup::{find, newsletter_path};
use super::runs::Runs;
use crate::domain::cron::CronSchedule;
use crate::domain::role::Permission;
use crate::domain::states::{Approval, RunState};
use crate::newsletter::file_of;
use crate::operators::SignedIn;
use crate::store::audit_log::AuditFilter;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;

/// How many of the latest runs are shown.
const RUNS: i64 = 10;

#[derive(Debug, Template)]
#[template(path = "admin/newsletter.html")]
struct NewsletterPage {
    console: Console,
    path: String,
    slug: String,
    name: String,
    description: String,
    readers: u64,
    feeds: u64,
    is_public: bool,
    needs_approval: bool,
    schedule: Option<String>,
    timezone: String,
    runs: Runs,
    past: Vec<PastRun>,
    /// The file; or why it cannot be written.
    file: String,
    removed: Option<Stamp>,
    created: Stamp,
    /// The subscriptions in force, as a chart.
    growth: String,
    /// Who changed it last, and when.
    changed: Option<(String, Stamp)>,
    may_change: bool,
}

/// A run that was due.
#[derive(Debug)]
struct PastRun {
    due: Stamp,
    state: String,
    reason: Option<String>,
    /// The issue that it made: name and address.
    issue: Option<(String, String)>,
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(slug): Path<String>,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let newsletter = find(&mut tx, &slug).await?;
    let readers = tx.count_confirmed(newsletter.id).await?;
    let feeds = tx.count_feeds_of(newsletter.id).await?;
    let mut past = Vec::new();
    for run in tx.runs(newsletter.id, RUNS).await? {
        let issue = match run.issue_id {
            Some(issue) => Some(tx.issue_name(issue).await?),
            None => None,
        };
        past.push(PastRun {
            due: Stamp::in_zone(run.due_at, newsletter.timezone),
            state: run_state(&console, run.state),
            reason: run.reason,
            issue: issue.and_then(|name| {
                let number = name.split('/').nth(1)?.parse().ok()?;
                Some((name, draft_path(&newsletter.slug, number)))
            }),
        });
    }
    let filter = AuditFilter {
        action: Some("newsletter".to_owned()),
        object: Some(newsletter.slug.clone()),
        ..AuditFilter::default()
    };
    let changed = tx.audit_log(&filter, 1).await?.pop();
    let growth = growth_of(&mut tx, &console.words, newsletter.id, web.app.clock.now()).await?;
    drop(tx);
    let schedule = newsletter
        .schedule
        .as_ref()
        .map(CronSchedule::as_str)
        .unwrap_or_default();
    let skip = newsletter.skip_days.to_string();
    let zone = newsletter.timezone.to_string();
    let line = if newsletter.removed_at.is_some() { "" } else { schedule };
    render(&NewsletterPage {
        runs: Runs::of(&web, &console, line, &zone, &skip),
        path: newsletter_path(&newsletter.slug),
        readers: count(readers),
        feeds: count(feeds),
        is_public: newsletter.public,
        needs_approval: newsletter.approval == Approval::Required,
        schedule: Some(schedule.to_owned()).filter(|line| !line.is_empty()),
        timezone: zone,
        past,
        file: file_of(&newsletter).unwrap_or_else(|error| error.to_string()),
        removed: newsletter.removed_at.map(Stamp::utc),
        created: Stamp::utc(newsletter.created_at),
        growth: growth.render()?,
        changed: changed.map(|entry| (entry.actor, Stamp::utc(entry.at))),
        slug: newsletter.slug,
        name: newsletter.name,
        description: newsletter.description,
        may_change: signed_in.may(Permission::ManageNewsletters),
        console,
    })
}

fn run_state(console: &Console, state: RunState) -> String {
    let words = &console.words;
    match state {
        RunState::Claimed => words.run_claimed(),
        RunState::Drafted => words.run_drafted(),
        RunState::Made => words.state_sent(),
        RunState::Empty => words.run_empty(),
        RunState::Skipped => words.state_skipped(),
    }
}
