//! The addresses that are never mailed.

use askama::Template;
use axum::body::Body;
use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use data_encoding::HEXLOWER;

use super::console::{Console, Notice, done};
use super::forms::field;
use super::reader_names::{suppression_end, suppression_reason};
use super::readers::lift_notice;
use super::routes::ConsoleRoutes;
use crate::domain::address::EmailAddress;
use crate::domain::role::Permission;
use crate::domain::seen::Seen;
use crate::domain::states::SuppressionReason;
use crate::operators::SignedIn;
use crate::readers;
use crate::store::suppression_lists::ListedSuppression;
use crate::web::error::{WebError, page as render};
use crate::web::field_problems::address_problem;
use crate::web::pages::{FieldProblems, Stamp};
use crate::web::state::{Shared, Web};

const PATH: &str = "/admin/suppressions";
/// How many suppressions one page lists.
const PAGE: i64 = 50;
/// The page shows this many digits of the keyed hash in place of an address that no subscriber has.
const SHOWN_DIGITS: usize = 12;

/// Adds the routes of this page.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get(PATH, Permission::ReadReaders, page)
        .post("/admin/suppressions/find", Permission::ReadReaders, find)
        .post("/admin/suppressions/add", Permission::ManageReaders, suppress)
        .post("/admin/suppressions/lift", Permission::ManageReaders, lift)
        .post("/admin/suppressions/export", Permission::ReadReaders, export)
}

#[derive(Debug, Template)]
#[template(path = "admin/suppressions.html")]
struct SuppressionsPage {
    console: Console,
    reason: Option<SuppressionReason>,
    /// The address that was looked for, and whether it is suppressed.
    looked_for: Option<String>,
    suppressions: Vec<SuppressionLine>,
    more: Option<String>,
    address: String,
    note: String,
    problems: FieldProblems,
    may_change: bool,
}

#[derive(Debug)]
struct SuppressionLine {
    hash: String,
    address: Option<String>,
    code: String,
    reason: String,
    since: Stamp,
    evidence: String,
    complaint: Option<String>,
    end: String,
    can_be_lifted: bool,
}

impl SuppressionsPage {
    fn reasons(&self) -> Vec<(SuppressionReason, String)> {
        let reasons = SuppressionReason::ALL.iter();
        reasons
            .map(|reason| (*reason, suppression_reason(&self.console.words, *reason)))
            .collect()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn is_chosen(&self, reason: &SuppressionReason) -> bool {
        self.reason == Some(*reason)
    }
}

impl SuppressionLine {
    fn new(console: &Console, listed: ListedSuppression) -> Self {
        let words = &console.words;
        let hash = HEXLOWER.encode(&listed.address_hash);
        Self {
            code: hash.chars().take(SHOWN_DIGITS).collect(),
            hash,
            address: listed.address.map(|address| address.as_typed().to_owned()),
            reason: suppression_reason(words, listed.reason),
            since: Stamp::utc(listed.created_at),
            end: suppression_end(words, listed.reason, listed.complaint.is_some()),
            evidence: listed.evidence,
            complaint: listed.complaint,
            can_be_lifted: listed.reason != SuppressionReason::Complaint,
        }
    }
}

/// A position in the list: the time and the keyed hash of the last suppression of a page.
fn parse_position(text: &str) -> Option<(DateTime<Utc>, Vec<u8>)> {
    let (time, hash) = text.split_once('_')?;
    let time = DateTime::parse_from_rfc3339(time).ok()?.to_utc();
    Some((time, HEXLOWER.decode(hash.as_bytes()).ok()?))
}

fn position_of(listed: &ListedSuppression) -> String {
    let time = listed.created_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    format!("{time}_{}", HEXLOWER.encode(&listed.address_hash))
}

async fn page(State(web): Shared, console: Console, RawQuery(query): RawQuery) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let reason = field(query.as_bytes(), "reason").parse().ok();
    let before = parse_position(&field(query.as_bytes(), "before"));
    render(&list(&web, console, reason, before).await?)
}

async fn list(
    web: &Web,
    console: Console,
    reason: Option<SuppressionReason>,
    before: Option<(DateTime<Utc>, Vec<u8>)>,
) -> Result<SuppressionsPage, WebError> {
    let before = before.as_ref().map(|(time, hash)| (*time, hash.as_slice()));
    let mut tx = web.app.store.read().await?;
    let mut found = tx.newest_suppressions(reason, before, PAGE + 1).await?;
    drop(tx);
    let length = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = found.len() > length;
    found.truncate(length);
    let more = found.last().filter(|_| has_more).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(reason) = reason {
            query.append_pair("reason", reason.as_str());
        }
        query.append_pair("before", &position_of(last));
        format!("{PATH}?{}", query.finish())
    });
    Ok(SuppressionsPage {
        reason,
        looked_for: None,
        suppressions: found
            .into_iter()
            .map(|listed| SuppressionLine::new(&console, listed))
            .collect(),
        more,
        address: String::new(),
        note: String::new(),
        problems: FieldProblems::default(),
        may_change: console.may(Permission::ManageReaders),
        console,
    })
}

/// POST `/admin/suppressions/find`: whether an address is suppressed.
async fn find(State(web): Shared, console: Console, RawForm(body): RawForm) -> Result<Response, WebError> {
    let typed = field(&body, "find").trim().to_owned();
    let address = match EmailAddress::parse(&typed) {
        Ok(address) => address,
        Err(error) => {
            let problem = address_problem(&error, &console.words);
            let mut shown = list(&web, console, None, None).await?;
            shown.problems.add("find", problem);
            shown.looked_for = Some(typed);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&shown)?).into_response());
        }
    };
    let hash = web.app.keys.address_hash(address.key());
    let mut tx = web.app.store.read().await?;
    let found = tx.listed_suppression(&hash).await?;
    drop(tx);
    let shown = SuppressionsPage {
        reason: None,
        suppressions: found
            .into_iter()
            .map(|listed| {
                let mut line = SuppressionLine::new(&console, listed);
                line.address.get_or_insert_with(|| address.as_typed().to_owned());
                line
            })
            .collect(),
        looked_for: Some(typed.clone()),
        more: None,
        address: typed,
        note: String::new(),
        problems: FieldProblems::default(),
        may_change: console.may(Permission::ManageReaders),
        console,
    };
    Ok(render(&shown)?.into_response())
}

/// Suppresses an address, which need not belong to a reader.
async fn suppress(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [typed, note] = ["address", "reason"].map(|name| field(&body, name));
    match EmailAddress::parse(typed.trim()) {
        Ok(address) => {
            let suppressed = readers::suppress(&web.app, &signed_in.actor(), &address, &note).await?;
            let notice = if suppressed.changed {
                Notice::Suppressed
            } else {
                Notice::SuppressedBefore
            };
            Ok(done(PATH, notice).into_response())
        }
        Err(error) => {
            let problem = address_problem(&error, &console.words);
            let mut shown = list(&web, console, None, None).await?;
            shown.problems.add("address", problem);
            (shown.address, shown.note) = (typed, note);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&shown)?).into_response())
        }
    }
}

/// POST `/admin/suppressions/lift`: by the keyed hash, because the address may belong to no subscriber.
async fn lift(State(web): Shared, signed_in: SignedIn, RawForm(body): RawForm) -> Result<Response, WebError> {
    let hash = HEXLOWER
        .decode(field(&body, "hash").as_bytes())
        .map_err(|_| WebError::NotFound)?;
    let reason = field(&body, "reason");
    let lifted = readers::lift(&web.app, &signed_in.actor(), &[hash], &reason, &Seen::Any).await?;
    let lifted = lifted.first().copied().ok_or(WebError::NotFound)?;
    Ok(done(PATH, lift_notice(lifted)).into_response())
}

/// POST `/admin/suppressions/export`: the file is the answer. It is read from the database page by page, while it is sent.
async fn export(State(web): Shared, signed_in: SignedIn) -> Result<Response, WebError> {
    let parts = readers::export_suppressions(&web.app, &signed_in.actor()).await?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"suppressions.csv\""),
        ),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}
