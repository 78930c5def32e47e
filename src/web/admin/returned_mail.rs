//! What came back: reports about single readers with what was done, the rates by domain, and the limits that are reached.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Html;
use chrono::{DateTime, SecondsFormat, Utc};

use super::console::Console;
use super::forms::field;
use super::rate_line::RateLine;
use super::returned_names::{REASONS, action_text, kind_name, reason_text};
use super::routes::ConsoleRoutes;
use crate::domain::ids::{BounceId, ReturnedMailId};
use crate::domain::role::Permission;
use crate::domain::states::{AlertLevel, AlertMeasure, AlertScope};
use crate::domain::time::time_delta;
use crate::store::Tx;
use crate::store::bounce_lists::{BounceFilter, ListedBounce};
use crate::store::rate_alerts::RateAlert;
use crate::text::plain::{printable, without_nul};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;
use crate::words::Words;

const PATH: &str = "/admin/returned-mail";
/// How many reports one page lists.
const PAGE: i64 = 50;
/// How many domains and alerts are shown.
const MAX_SHOWN: i64 = 50;

/// Adds the routes of this page.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get(PATH, Permission::ReadReaders, page)
        .get("/admin/returned-mail/{mail}", Permission::ReadReaders, whole)
}

#[derive(Debug, Template)]
#[template(path = "admin/returned_mail.html")]
struct ReturnedPage {
    console: Console,
    domain: String,
    reason: String,
    lines: Vec<ReturnedLine>,
    more: Option<String>,
    alerts: Vec<String>,
    rates: Vec<RateLine>,
}

/// A report about one reader.
#[derive(Debug)]
pub(super) struct ReturnedLine {
    pub(super) at: Stamp,
    pub(super) address: Option<String>,
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) action: String,
    pub(super) issue: Option<String>,
    pub(super) evidence: String,
    /// The page with the report; `None` for the relay's reply to our attempt.
    pub(super) report: Option<String>,
}

impl ReturnedLine {
    pub(super) fn new(words: &Words, bounce: &ListedBounce) -> Self {
        Self {
            at: Stamp::utc(bounce.at),
            address: bounce.address.as_ref().map(|address| address.as_typed().to_owned()),
            kind: kind_name(words, bounce.kind),
            reason: reason_text(words, &bounce.reason),
            action: action_text(words, &bounce.action),
            issue: bounce.issue_name(),
            evidence: bounce.evidence.clone(),
            report: bounce.returned_mail_id.map(|id| format!("{PATH}/{id}")),
        }
    }
}

impl ReturnedPage {
    fn reasons(&self) -> Vec<(&'static str, String)> {
        let reasons = REASONS.into_iter();
        reasons
            .map(|reason| (reason.name(), reason_text(&self.console.words, reason.name())))
            .collect()
    }

    fn is_chosen(&self, reason: &str) -> bool {
        self.reason == reason
    }
}

fn parse_position(text: &str) -> Option<(DateTime<Utc>, BounceId)> {
    let (time, id) = text.split_once('_')?;
    Some((DateTime::parse_from_rfc3339(time).ok()?.to_utc(), id.parse().ok()?))
}

async fn page(State(web): Shared, console: Console, RawQuery(query): RawQuery) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let [domain, reason, before] = ["domain", "reason", "before"].map(|name| field(query.as_bytes(), name));
    let set = |text: &String| Some(without_nul(text.trim()).to_lowercase()).filter(|text| !text.is_empty());
    let filter = BounceFilter {
        domain: set(&domain),
        reason: set(&reason),
        before: parse_position(&before),
        ..BounceFilter::default()
    };
    let since = web.app.clock.now() - time_delta(web.app.config.bounces.rate_window);
    let mut tx = web.app.store.read().await?;
    let mut bounces = tx.listed_bounces(&filter, PAGE + 1).await?;
    let mut alerts = Vec::new();
    for alert in tx.newest_rate_alerts(MAX_SHOWN).await? {
        alerts.push(alert_text(&console.words, &mut tx, &alert).await?);
    }
    let rates = tx.rates_by_domain(since, MAX_SHOWN).await?;
    drop(tx);
    let length = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = bounces.len() > length;
    bounces.truncate(length);
    let more = bounces.last().filter(|_| has_more).map(|last| {
        let time = last.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("domain", &domain)
            .append_pair("reason", &reason)
            .append_pair("before", &format!("{time}_{}", last.id));
        format!("{PATH}?{}", query.finish())
    });
    render(&ReturnedPage {
        lines: bounces
            .iter()
            .map(|bounce| ReturnedLine::new(&console.words, bounce))
            .collect(),
        more,
        alerts,
        rates: rates.into_iter().map(RateLine::from).collect(),
        domain,
        reason,
        console,
    })
}

async fn alert_text(words: &Words, tx: &mut Tx, alert: &RateAlert) -> Result<String, WebError> {
    let what = match alert.measure {
        AlertMeasure::Complaints => words.alert_complaints(),
        AlertMeasure::HardBounces => words.alert_hard_bounces(),
    };
    let name = match alert.scope {
        AlertScope::Domain => alert.subject.clone(),
        AlertScope::Issue => match alert.subject.parse() {
            Ok(issue) => tx.issue_name(issue).await?,
            Err(_) => alert.subject.clone(),
        },
        AlertScope::Newsletter => {
            let slugs = tx.newsletter_slugs().await?.into_iter();
            let mut named = slugs.filter(|(id, _)| id.to_string() == alert.subject);
            named.next().map_or_else(|| alert.subject.clone(), |(_, slug)| slug)
        }
    };
    Ok(match alert.level {
        AlertLevel::Warn => words.alert_warns(what, name),
        AlertLevel::Pause => words.alert_pauses(what, name),
    })
}

#[derive(Debug, Template)]
#[template(path = "admin/returned_whole.html")]
struct WholePage {
    console: Console,
    received: Stamp,
    source: String,
    kind: Option<String>,
    note: Option<String>,
    lines: Vec<ReturnedLine>,
    /// Empty if it was deleted.
    content: String,
}

/// GET `/admin/returned-mail/{mail}`: the text of a report, and what it led to.
async fn whole(State(web): Shared, console: Console, Path(id): Path<ReturnedMailId>) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read().await?;
    let mail = tx.whole_returned_mail(id).await?.ok_or(WebError::NotFound)?;
    let bounces = tx.bounces_of_mail(id).await?;
    drop(tx);
    render(&WholePage {
        received: Stamp::utc(mail.received_at),
        source: mail.source,
        kind: mail.kind.map(|kind| kind_name(&console.words, kind)),
        note: mail.note,
        lines: bounces
            .iter()
            .map(|bounce| ReturnedLine::new(&console.words, bounce))
            .collect(),
        content: printable(&String::from_utf8_lossy(&mail.content)),
        console,
    })
}
