//! The documents of `/api/v1/issues`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::input::text;
use crate::delivery::report::DeliveryReport;
use crate::domain::ids::{IssueId, SubscriptionId};
use crate::domain::states::{DeliveryState, IssueState};
use crate::store::delivery_lists::DeliveryWithAddress;
use crate::store::issue_lists::StartedIssue;
use crate::store::issues::Issue;

/// An issue in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssueBrief {
    id: IssueId,
    /// The newsletter's slug
    newsletter: String,
    /// The number within the newsletter
    number: i64,
    state: IssueState,
    /// Why it is paused, skipped or cancelled
    #[schema(required)]
    reason: Option<String>,
    subject: String,
    created: DateTime<Utc>,
    /// When its sending began; null: it ended before
    #[schema(required)]
    started: Option<DateTime<Utc>>,
    /// The recipients of the issue and its editions
    recipients: i64,
}

impl From<StartedIssue> for IssueBrief {
    fn from(issue: StartedIssue) -> Self {
        Self {
            id: issue.id,
            newsletter: issue.newsletter_slug,
            number: issue.number,
            state: issue.state,
            reason: issue.reason,
            subject: issue.subject,
            created: issue.created_at,
            started: issue.started_at,
            recipients: issue.recipients,
        }
    }
}

/// An issue and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Issue)]
pub(super) struct IssueDocument {
    #[serde(flatten)]
    pub(super) control: IssueControl,
    /// How many deliveries of the issue are in each state, without its editions
    #[schema(value_type = BTreeMap<String, i64>)]
    pub(super) deliveries: BTreeMap<DeliveryState, i64>,
}

/// What operators change about an issue. Its tag is that of the issue, because the deliveries change by themselves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct IssueControl {
    id: IssueId,
    /// The newsletter's slug
    newsletter: String,
    /// The number within the newsletter
    number: i64,
    state: IssueState,
    /// Why it is paused, skipped or cancelled
    #[schema(required)]
    reason: Option<String>,
    subject: String,
    created: DateTime<Utc>,
    /// When its sending began; null: it ended before
    #[schema(required)]
    started: Option<DateTime<Utc>>,
    #[schema(required)]
    finished: Option<DateTime<Utc>>,
}

impl IssueControl {
    pub(super) fn new(issue: &Issue, newsletter: String) -> Self {
        Self {
            id: issue.id,
            newsletter,
            number: issue.number,
            state: issue.state,
            reason: issue.reason.clone(),
            subject: issue.subject.clone(),
            created: issue.created_at,
            started: issue.started_at,
            finished: issue.finished_at,
        }
    }
}

/// The delivery report, counted recipient by recipient.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Proof {
    id: IssueId,
    state: IssueState,
    /// How many editions of the issue are included
    editions: usize,
    /// How many recipients were frozen when the sending began
    frozen: i64,
    /// How many recipients there are now
    recipients: i64,
    /// Those whose deliveries were compacted, so that only their number is on record
    compacted: i64,
    /// How many deliveries are in each state
    #[schema(value_type = BTreeMap<String, i64>)]
    deliveries: BTreeMap<DeliveryState, i64>,
    /// Accepted messages that came back as a hard bounce
    hard_bounces: i64,
    soft_bounces: i64,
    other_bounces: i64,
    complaints: i64,
    /// The deliveries for each reason, such as the codes of the relay's reply
    reasons: Vec<ProofReason>,
    /// Whether every frozen recipient has exactly one delivery, each state is explained, and all counts agree
    balanced: bool,
    /// What is wrong if it does not balance
    problems: Vec<String>,
}

/// How many deliveries are in a state for one reason.
#[derive(Debug, Serialize, ToSchema)]
struct ProofReason {
    state: DeliveryState,
    reason: String,
    count: i64,
}

impl From<DeliveryReport> for Proof {
    fn from(report: DeliveryReport) -> Self {
        let problems = report.problems();
        let reasons = report.reasons.into_iter().map(|reason| ProofReason {
            state: reason.state,
            reason: reason.reason,
            count: reason.count,
        });
        Self {
            id: report.id,
            state: report.state,
            editions: report.editions,
            frozen: report.frozen,
            recipients: report.recipients,
            compacted: report.compacted,
            deliveries: report.deliveries,
            hard_bounces: report.bounces.hard,
            soft_bounces: report.bounces.soft,
            other_bounces: report.bounces.other,
            complaints: report.complaints,
            reasons: reasons.collect(),
            balanced: report.balanced,
            problems,
        }
    }
}

/// A delivery of an issue to a subscription.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryDocument {
    subscription: SubscriptionId,
    /// The address; null: the reader was erased
    #[schema(required)]
    email: Option<String>,
    state: DeliveryState,
    attempts: i64,
    /// The relay's last reply, or why nothing was sent
    #[schema(required)]
    reason: Option<String>,
    /// When it entered this state
    updated: DateTime<Utc>,
}

impl From<DeliveryWithAddress> for DeliveryDocument {
    fn from(delivery: DeliveryWithAddress) -> Self {
        Self {
            subscription: delivery.subscription_id,
            email: delivery.address,
            state: delivery.state,
            attempts: delivery.attempts,
            reason: delivery.last_reply,
            updated: delivery.updated_at,
        }
    }
}

/// Why an issue is paused.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PauseRequest {
    /// The reason, for the other operators; default: paused by an operator
    #[serde(deserialize_with = "text")]
    #[schema(max_length = 500)]
    pub(super) reason: Option<String>,
}

/// What becomes of the deliveries in doubt.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SettleRequest {
    #[schema(required, nullable = false)]
    pub(super) r#as: Option<SettleAs>,
}

/// A decision about deliveries in doubt.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SettleAs {
    /// The relay accepted the messages; nothing more is sent
    Accepted,
    /// The messages are sent again, with the same Message-ID
    Resend,
}

/// How many deliveries were settled.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Settled {
    pub(super) deliveries: u64,
}
