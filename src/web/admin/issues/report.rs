//! The page of an issue: how far it is, what came back, and what can be done with it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::console::Console;
use super::super::drafts::count;
use super::super::issue_path::IssuePath;
use super::actions::IssueButton;
use super::progress::ProgressView;
use crate::domain::role::Permission;
use crate::domain::states::{DeliveryState, IssueState};
use crate::operators::SignedIn;
use crate::store::returned_counts::ReturnedCounts;
use crate::text::plain::percent;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;

/// How many recipient domains are listed.
const DOMAINS: i64 = 20;

#[derive(Debug, Template)]
#[template(path = "admin/issue.html")]
struct ReportPage {
    console: Console,
    path: String,
    newsletter: String,
    number: i64,
    subject: String,
    started: Option<Stamp>,
    finished: Option<Stamp>,
    editions: Vec<EditionRow>,
    /// The fragment that shows how far it is, rendered.
    progress: String,
    is_live: bool,
    bounces: [(String, u64, String); 4],
    domains: Vec<DomainRow>,
    buttons: Vec<IssueButton>,
    may_send: bool,
    in_doubt: u64,
    /// The path of its page in the archive, if readers can see it there.
    archive_path: Option<String>,
}

/// An edition of the issue.
#[derive(Debug)]
struct EditionRow {
    name: String,
    state: IssueState,
    recipients: u64,
}

/// The domain of the recipients that the line counts.
#[derive(Debug)]
struct DomainRow {
    domain: String,
    accepted: u64,
    bounces: String,
    complaints: String,
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(path): Path<IssuePath>,
) -> Result<Response, WebError> {
    let mut tx = web.app.store.read().await?;
    let named = path.find(&mut tx).await?;
    let issue = tx.issue(named.id).await?.ok_or(WebError::NotFound)?;
    if matches!(issue.state, IssueState::Draft | IssueState::Approved) {
        return Ok(Redirect::to(&named.draft_path()).into_response());
    }
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let editions = tx.editions_of(named.id).await?;
    let mut returned = ReturnedCounts::default();
    for part in std::iter::once(named.id).chain(editions.iter().map(|edition| edition.id)) {
        returned += tx.returned_counts(part).await?;
    }
    let domains = tx.rates_of_issue_by_domain(named.id, DOMAINS).await?;
    let in_archive = tx.past_issue(newsletter.id, issue.number).await?;
    drop(tx);
    let progress = web.live.progress(&web.app, named.id).await?.ok_or(WebError::NotFound)?;
    let accepted = progress.of(DeliveryState::Accepted);
    let stamp = |at| Stamp::in_zone(at, newsletter.timezone);
    let share = |part: i64| (count(part), percent(part, accepted));
    let words = &console.words;
    let bounces = [
        (words.report_hard_bounces(), returned.hard),
        (words.report_soft_bounces(), returned.soft),
        (words.report_other_bounces(), returned.other),
        (words.report_complaints(), returned.complaints),
    ];
    let bounces = bounces.map(|(name, part)| {
        let (part, share) = share(part);
        (name, part, share)
    });
    let may_send = signed_in.may(Permission::Send);
    let shown = ReportPage {
        path: named.report_path(),
        newsletter: newsletter.name.clone(),
        number: issue.number,
        subject: issue.subject,
        started: issue.started_at.map(stamp),
        finished: issue.finished_at.map(stamp),
        editions: editions
            .into_iter()
            .map(|edition| EditionRow {
                name: edition.name,
                state: edition.state,
                recipients: count(edition.recipients.unwrap_or(0)),
            })
            .collect(),
        progress: ProgressView::new(&console, &progress).render()?,
        is_live: progress.is_live(),
        bounces,
        domains: domains
            .into_iter()
            .map(|rates| DomainRow {
                domain: rates.name,
                accepted: count(rates.accepted),
                bounces: format!(
                    "{} ({})",
                    rates.hard_bounces,
                    percent(rates.hard_bounces, rates.accepted)
                ),
                complaints: format!("{} ({})", rates.complaints, percent(rates.complaints, rates.accepted)),
            })
            .collect(),
        buttons: if may_send {
            IssueButton::of_state(progress.state)
        } else {
            Vec::new()
        },
        may_send,
        in_doubt: count(progress.of(DeliveryState::InDoubt)),
        archive_path: in_archive.map(|past| format!("/archive/{}/{}", past.newsletter_slug, past.number)),
        console,
    };
    Ok(render(&shown)?.into_response())
}
