//! The documents of `/api/v1/readers` and of a reader's subscriptions.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::entity::Entity;
use super::failure::Failure;
use super::returned_mail::ReturnedRecipient;
use super::suppressions::SuppressionDocument;
use crate::domain::ids::{IssueId, SubscriberId, SubscriptionId};
use crate::domain::states::{
    ConsentEvent, DeliveryState, MailKind, SubscriptionState, SuppressionEnd, SuppressionReason,
};
use crate::preferences::zone_of;
use crate::readers::{ListedReader, Record, SubscriptionDetails};
use crate::store::consent_records::ConsentRecord;
use crate::store::delivery_lists::DeliveryWithIssue;
use crate::store::subscribers::Subscriber;
use crate::store::suppression_lists::{EndedSuppression, ListedSuppression};
use crate::store::transactional_mails::MailSummary;

/// A reader in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReaderBrief {
    id: SubscriberId,
    email: String,
    #[schema(required)]
    name: Option<String>,
    created: DateTime<Utc>,
    /// Whether the address is never mailed
    suppressed: bool,
    subscriptions: Vec<SubscriptionBrief>,
}

/// To which newsletter a subscription is, and its state.
#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionBrief {
    /// The newsletter's slug
    newsletter: String,
    state: SubscriptionState,
}

impl From<ListedReader> for ReaderBrief {
    fn from(reader: ListedReader) -> Self {
        let subscriptions = reader.subscriptions.into_iter();
        Self {
            id: reader.subscriber.id,
            email: reader.subscriber.address.as_typed().to_owned(),
            name: reader.subscriber.name,
            created: reader.subscriber.created_at,
            suppressed: reader.is_suppressed,
            subscriptions: subscriptions
                .map(|(newsletter, state)| SubscriptionBrief { newsletter, state })
                .collect(),
        }
    }
}

/// A reader with everything on record that explains what is mailed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reader)]
pub(super) struct ReaderDocument {
    id: SubscriberId,
    email: String,
    #[schema(required)]
    name: Option<String>,
    /// The time zone (IANA); null: that of each newsletter
    #[schema(required)]
    timezone: Option<String>,
    created: DateTime<Utc>,
    /// null: the address is not suppressed
    #[schema(required)]
    suppression: Option<SuppressionDocument>,
    /// The suppressions of the address that ended, the oldest first
    ended_suppressions: Vec<EndedSuppressionDocument>,
    subscriptions: Vec<SubscriptionDocument>,
    /// What came back about the address, the latest first, at most 50
    returned: Vec<ReturnedRecipient>,
    /// Confirmations and other mails about requests, the latest first, at most 50
    mails: Vec<ReaderMail>,
}

impl ReaderDocument {
    pub(super) fn new(subscriber: &Subscriber, record: Record, suppression: Option<ListedSuppression>) -> Self {
        let subscriptions = record.subscriptions.into_iter();
        Self {
            id: subscriber.id,
            email: subscriber.address.as_typed().to_owned(),
            name: subscriber.name.clone(),
            timezone: zone_of(Some(subscriber)).map(|zone| zone.name().to_owned()),
            created: subscriber.created_at,
            suppression: suppression.map(SuppressionDocument::from),
            ended_suppressions: record.ended_suppressions.into_iter().map(Into::into).collect(),
            subscriptions: subscriptions
                .map(|details| SubscriptionDocument::new(subscriber, details))
                .collect(),
            returned: record.returned.into_iter().map(Into::into).collect(),
            mails: record.mails.into_iter().map(Into::into).collect(),
        }
    }

    /// The tag is that of the person and the subscriptions. Deliveries and returned mail are added by themselves.
    pub(super) fn entity(&self) -> Result<Entity, Failure> {
        let controls: Vec<_> = self
            .subscriptions
            .iter()
            .map(|subscription| &subscription.control)
            .collect();
        let person = (&self.id, &self.email, &self.name, &self.timezone, &self.suppression);
        Entity::with_tag_of(self, &(person, controls))
    }
}

/// A suppression that ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndedSuppression)]
struct EndedSuppressionDocument {
    reason: SuppressionReason,
    since: DateTime<Utc>,
    ended: DateTime<Utc>,
    ended_by: SuppressionEnd,
    /// Who lifted it and why, or what replaced it
    note: String,
}

impl From<EndedSuppression> for EndedSuppressionDocument {
    fn from(ended: EndedSuppression) -> Self {
        Self {
            reason: ended.reason,
            since: ended.created_at,
            ended: ended.ended_at,
            ended_by: ended.ended_by,
            note: ended.note,
        }
    }
}

/// A mail about a request of the reader.
#[derive(Debug, Serialize, ToSchema)]
struct ReaderMail {
    kind: MailKind,
    state: DeliveryState,
    at: DateTime<Utc>,
    /// The relay's last reply, or why nothing was sent
    #[schema(required)]
    reply: Option<String>,
}

impl From<MailSummary> for ReaderMail {
    fn from(mail: MailSummary) -> Self {
        Self {
            kind: mail.kind,
            state: mail.state,
            at: mail.updated_at,
            reply: mail.last_reply,
        }
    }
}

/// A reader's subscription to a newsletter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReaderSubscription)]
pub(super) struct SubscriptionDocument {
    #[serde(flatten)]
    control: SubscriptionControl,
    requested: DateTime<Utc>,
    #[schema(required)]
    confirmed: Option<DateTime<Utc>>,
    #[schema(required)]
    ended: Option<DateTime<Utc>>,
    /// When the last confirmation mail was queued; null once its link was used
    #[schema(required)]
    confirmation_mailed: Option<DateTime<Utc>>,
    /// How many issues in a row came back as soft bounces
    soft_bounces: usize,
    /// The record of consent, the oldest entry first
    consent: Vec<ConsentEntry>,
    /// The latest deliveries, at most 50
    deliveries: Vec<SubscriptionDelivery>,
}

/// The state and the preferences of a subscription. Their tag is that of the subscription, because deliveries are added by themselves.
#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionControl {
    id: SubscriptionId,
    reader: SubscriberId,
    /// The newsletter's slug
    newsletter: String,
    state: SubscriptionState,
    /// The chosen topics; empty: all
    topics: Vec<String>,
    /// `every` or `weekly`
    cadence: String,
    /// The language of mails; null: the newsletter's
    #[schema(required)]
    language: Option<String>,
    /// The reader's time zone, for all newsletters; null: that of each newsletter
    #[schema(required)]
    timezone: Option<String>,
    /// When the pause that the reader or an operator began ends
    #[schema(required)]
    paused_until: Option<DateTime<Utc>>,
    /// Why it was paused after soft bounces
    #[schema(required)]
    pause_reason: Option<String>,
}

impl SubscriptionDocument {
    pub(super) fn new(subscriber: &Subscriber, details: SubscriptionDetails) -> Self {
        let subscription = details.subscription;
        Self {
            control: SubscriptionControl {
                id: subscription.id,
                reader: subscriber.id,
                newsletter: subscription.newsletter_slug,
                state: subscription.state,
                topics: details.topics.to_vec(),
                cadence: details.cadence,
                language: subscription.language.map(|language| language.tag().to_owned()),
                timezone: zone_of(Some(subscriber)).map(|zone| zone.name().to_owned()),
                paused_until: details.paused_until,
                pause_reason: subscription.pause_reason,
            },
            requested: subscription.requested_at,
            confirmed: subscription.confirmed_at,
            ended: subscription.ended_at,
            confirmation_mailed: subscription.mailed_at,
            soft_bounces: details.soft_bounces.map_or(0, |soft| soft.issues),
            consent: details.consent.into_iter().map(Into::into).collect(),
            deliveries: details.deliveries.into_iter().map(Into::into).collect(),
        }
    }

    pub(super) fn entity(&self) -> Result<Entity, Failure> {
        Entity::with_tag_of(self, &self.control)
    }
}

/// An entry of the record of consent.
#[derive(Debug, Serialize, ToSchema)]
struct ConsentEntry {
    event: ConsentEvent,
    at: DateTime<Utc>,
    /// What caused it, such as `form`, `api`, `mail` or `operator`
    source: String,
    /// The network address of the request
    #[schema(required)]
    network: Option<String>,
    /// The words that the form showed
    #[schema(required)]
    words: Option<String>,
    /// The text of the confirmation mail, without its token
    #[schema(required)]
    mail: Option<String>,
}

impl From<ConsentRecord> for ConsentEntry {
    fn from(record: ConsentRecord) -> Self {
        Self {
            event: record.event,
            at: record.at,
            source: record.source.to_string(),
            network: record.network_address,
            words: record.words,
            mail: record.mail_text,
        }
    }
}

/// The delivery of an issue to a subscription.
#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionDelivery {
    issue: IssueId,
    /// The name of the issue, such as `daily/12`
    name: String,
    state: DeliveryState,
    at: DateTime<Utc>,
    /// The relay's last reply, or why nothing was sent
    #[schema(required)]
    reply: Option<String>,
}

impl From<DeliveryWithIssue> for SubscriptionDelivery {
    fn from(delivery: DeliveryWithIssue) -> Self {
        Self {
            name: delivery.name(),
            issue: delivery.issue_id,
            state: delivery.state,
            at: delivery.updated_at,
            reply: delivery.last_reply,
        }
    }
}
