//! The page that explains an address: what is mailed to it and why, and everything on record.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, MessagePage};
use super::super::reader_names::{suppression_end, suppression_reason};
use super::super::returned_names::{kind_name, reason_text};
use super::choices::{self, PreferencesForm};
use super::path::reader_path;
use super::subscribe_form::SubscribeForm;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::role::Permission;
use crate::domain::states::{ConsentEvent, DeliveryState, MailKind, SubscriptionState, SuppressionReason};
use crate::readers::{Record, SubscriptionDetails, read};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::{Shared, Web};
use crate::words::Words;

#[derive(Debug, Template)]
#[template(path = "admin/reader.html")]
pub(super) struct ReaderView {
    pub(super) console: Console,
    path: String,
    address: String,
    name: Option<String>,
    timezone: Option<String>,
    since: Option<Stamp>,
    suppression: Option<SuppressionView>,
    ended: Vec<EndedLine>,
    pub(super) subscriptions: Vec<SubscriptionView>,
    returned: Vec<ReturnedLine>,
    mails: Vec<MailLine>,
    pub(super) form: SubscribeForm,
    may_change: bool,
}

#[derive(Debug)]
struct SuppressionView {
    reason: String,
    since: Stamp,
    evidence: String,
    complaint: Option<String>,
    end: String,
    /// From when on a sign-up causes a confirmation mail, if that is in the future.
    signup_from: Option<Stamp>,
    can_be_lifted: bool,
}

#[derive(Debug)]
struct EndedLine {
    reason: String,
    start: Stamp,
    end: Stamp,
    note: String,
}

#[derive(Debug)]
pub(super) struct SubscriptionView {
    pub(super) id: SubscriptionId,
    newsletter: String,
    state: SubscriptionState,
    /// Whether the next issue is mailed, and why not.
    next_issue: String,
    times: Vec<(String, Stamp)>,
    pause_reason: Option<String>,
    soft_bounces: Option<String>,
    consent: Vec<ConsentLine>,
    deliveries: Vec<DeliveryLine>,
    /// `None` if there is nothing to change: the subscription is not confirmed, or has ended.
    pub(super) preferences: Option<PreferencesForm>,
}

impl SubscriptionView {
    fn is_paused(&self) -> bool {
        self.state == SubscriptionState::Paused
    }

    fn has_ended(&self) -> bool {
        self.state == SubscriptionState::Unsubscribed
    }
}

#[derive(Debug)]
struct ConsentLine {
    event: ConsentEvent,
    at: Stamp,
    source: String,
    network: Option<String>,
    words: Option<String>,
    mail_text: Option<String>,
}

#[derive(Debug)]
struct DeliveryLine {
    issue: String,
    issue_path: String,
    state: DeliveryState,
    at: Stamp,
    reply: String,
}

#[derive(Debug)]
struct ReturnedLine {
    at: Stamp,
    kind: String,
    reason: String,
    issue: Option<String>,
    evidence: String,
}

#[derive(Debug)]
struct MailLine {
    kind: MailKind,
    state: DeliveryState,
    at: Stamp,
    reply: String,
}

impl ReaderView {
    fn problem_at(&self, field: &str) -> Option<&str> {
        self.form.problems.at(field)
    }

    /// Whether a subscription can be started by a confirmation mail.
    fn offers_subscription(&self) -> bool {
        self.may_change && !self.form.newsletters.is_empty()
    }
}

/// Explains the address of a reader, who is named by id.
pub(super) async fn page(
    State(web): Shared,
    console: Console,
    Path(reader): Path<SubscriberId>,
) -> Result<Response, WebError> {
    match view(&web, &console, reader).await? {
        Some(view) => Ok(render(&view)?.into_response()),
        None => gone(console),
    }
}

/// The answer if no subscriber has the id of the page.
pub(super) fn gone(console: Console) -> Result<Response, WebError> {
    let shown = MessagePage {
        title: console.words.reader_gone_title(),
        happened: console.words.reader_gone_text(),
        next: console.words.readers_lede(),
        console,
    };
    Ok((StatusCode::NOT_FOUND, render(&shown)?).into_response())
}

/// The page of a reader; `None` if no subscriber has the id.
pub(super) async fn view(web: &Web, console: &Console, reader: SubscriberId) -> Result<Option<ReaderView>, WebError> {
    let mut tx = web.app.store.read_snapshot().await?;
    let Some(subscriber) = tx.subscriber(reader).await? else {
        return Ok(None);
    };
    let record = read(&web.app, &mut tx, subscriber.address.clone()).await?;
    let mut forms = Vec::new();
    for details in &record.subscriptions {
        let is_in_force = matches!(
            details.subscription.state,
            SubscriptionState::Confirmed | SubscriptionState::Paused
        );
        forms.push(if is_in_force {
            Some(choices::form(&mut tx, &web.app, &subscriber, &details.subscription).await?)
        } else {
            None
        });
    }
    let newsletters = tx.newsletters().await?;
    drop(tx);
    let mut view = view_of(console, record);
    for (subscription, form) in view.subscriptions.iter_mut().zip(forms) {
        subscription.preferences = form;
    }
    let in_force: Vec<_> = view
        .subscriptions
        .iter()
        .filter(|subscription| subscription.preferences.is_some())
        .map(|subscription| subscription.newsletter.clone())
        .collect();
    let offered = newsletters.into_iter().filter(|found| !in_force.contains(&found.name));
    view.form.newsletters = offered.map(|found| (found.slug, found.name)).collect();
    Ok(Some(view))
}

/// The answer to a search for an address that no subscriber has, but that is on record. The page has no URL of its own.
pub(super) async fn without_subscriber(web: &Web, console: Console, record: Record) -> Result<Response, WebError> {
    let newsletters = web.app.store.read().await?.newsletters().await?;
    let mut view = view_of(&console, record);
    view.form.newsletters = newsletters.into_iter().map(|found| (found.slug, found.name)).collect();
    Ok(render(&view)?.into_response())
}

fn view_of(console: &Console, record: Record) -> ReaderView {
    let words = &console.words;
    let subscriber = record.subscriber.as_ref();
    let address = subscriber.map_or(&record.address, |subscriber| &subscriber.address);
    let address = address.as_typed().to_owned();
    let is_suppressed = record.suppression.is_some();
    ReaderView {
        path: subscriber
            .map(|subscriber| reader_path(subscriber.id))
            .unwrap_or_default(),
        name: subscriber.and_then(|subscriber| subscriber.name.clone()),
        timezone: subscriber.and_then(|subscriber| subscriber.timezone.map(|zone| zone.to_string())),
        since: subscriber.map(|subscriber| Stamp::utc(subscriber.created_at)),
        suppression: record.suppression.as_ref().map(|suppression| SuppressionView {
            reason: suppression_reason(words, suppression.reason),
            since: Stamp::utc(suppression.created_at),
            evidence: suppression.evidence.clone(),
            complaint: suppression.complaint.clone(),
            end: suppression_end(words, suppression.reason, suppression.complaint.is_some()),
            signup_from: record
                .confirmation_from
                .filter(|from| *from > record.now)
                .map(Stamp::utc),
            can_be_lifted: suppression.reason != SuppressionReason::Complaint,
        }),
        ended: record
            .ended_suppressions
            .iter()
            .map(|ended| EndedLine {
                reason: suppression_reason(words, ended.reason),
                start: Stamp::utc(ended.created_at),
                end: Stamp::utc(ended.ended_at),
                note: ended.note.clone(),
            })
            .collect(),
        returned: record
            .returned
            .iter()
            .map(|returned| ReturnedLine {
                at: Stamp::utc(returned.at),
                kind: kind_name(words, returned.kind),
                reason: reason_text(words, &returned.reason),
                issue: returned.issue_name(),
                evidence: returned.evidence.clone(),
            })
            .collect(),
        mails: record
            .mails
            .into_iter()
            .map(|mail| MailLine {
                kind: mail.kind,
                state: mail.state,
                at: Stamp::utc(mail.updated_at),
                reply: mail.last_reply.unwrap_or_default(),
            })
            .collect(),
        subscriptions: record
            .subscriptions
            .into_iter()
            .map(|details| subscription_view(words, details, is_suppressed))
            .collect(),
        form: SubscribeForm {
            address: address.clone(),
            ..SubscribeForm::default()
        },
        may_change: console.may(Permission::ManageReaders),
        address,
        console: console.clone(),
    }
}

fn subscription_view(words: &Words, details: SubscriptionDetails, is_suppressed: bool) -> SubscriptionView {
    let subscription = details.subscription;
    let times = [
        (words.reader_requested(), Some(subscription.requested_at)),
        (words.reader_confirmed(), subscription.confirmed_at),
        (words.reader_ended(), subscription.ended_at),
        (words.reader_paused_until(), details.paused_until),
    ];
    SubscriptionView {
        id: subscription.id,
        next_issue: next_issue(
            words,
            subscription.state,
            subscription.mailed_at.is_some(),
            is_suppressed,
        ),
        newsletter: subscription.newsletter_name,
        state: subscription.state,
        times: times
            .into_iter()
            .filter_map(|(label, at)| Some((label, Stamp::utc(at?))))
            .collect(),
        pause_reason: subscription.pause_reason,
        soft_bounces: details
            .soft_bounces
            .map(|soft| words.number(u64::try_from(soft.issues).unwrap_or(0))),
        consent: details
            .consent
            .into_iter()
            .map(|record| ConsentLine {
                event: record.event,
                at: Stamp::utc(record.at),
                source: record.source.to_string(),
                network: record.network_address,
                words: record.words,
                mail_text: record.mail_text,
            })
            .collect(),
        deliveries: details
            .deliveries
            .into_iter()
            .map(|delivery| DeliveryLine {
                issue: delivery.name(),
                issue_path: format!("/admin/issues/{}", delivery.name()),
                state: delivery.state,
                at: Stamp::utc(delivery.updated_at),
                reply: delivery.last_reply.unwrap_or_default(),
            })
            .collect(),
        preferences: None,
    }
}

/// Whether the next issue of the newsletter is mailed, and why not.
fn next_issue(words: &Words, state: SubscriptionState, is_mailed: bool, is_suppressed: bool) -> String {
    let reason = match state {
        SubscriptionState::Confirmed if !is_suppressed => return words.reader_gets(),
        SubscriptionState::Confirmed => words.reader_why_suppressed(),
        SubscriptionState::Pending if is_mailed => words.reader_why_unused(),
        SubscriptionState::Pending => words.reader_why_not_mailed(),
        SubscriptionState::Unsubscribed => words.reader_why_ended(),
        SubscriptionState::Paused => words.reader_why_paused(),
    };
    words.reader_gets_none(reason)
}
