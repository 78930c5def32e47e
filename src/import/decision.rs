//! Decides what a row of subscribers changes.

use std::borrow::Cow;

use super::held_back::Held;
use super::reported_status::ReportedStatus;
use crate::domain::states::{SubscriptionState, SuppressionReason};
use crate::store::imports::OnRecord;

/// The state of an address before its row is imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) state: Option<SubscriptionState>,
    pub(super) suppressed: Option<SuppressionReason>,
    /// Whether the reader was asked to confirm, or waits to be asked.
    pub(super) is_asked: bool,
}

impl From<&OnRecord> for Before {
    fn from(on_record: &OnRecord) -> Self {
        Self {
            state: on_record.subscription.map(|(_, state)| state),
            suppressed: on_record.suppressed,
            is_asked: on_record.is_asked,
        }
    }
}

/// What a row changes about the subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays as it is, or is added as pending.
    Nothing,
    Confirm,
    End,
}

/// What a row changes, and why.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    /// Whether there was no subscription before.
    pub(super) is_new: bool,
    pub(super) change: Change,
    /// Why the address becomes suppressed; `None` if nothing about its suppression changes.
    pub(super) suppress: Option<SuppressionReason>,
    /// Whether the reader is asked by mail to confirm.
    pub(super) asks: bool,
    /// Why the row is skipped, or is taken and not confirmed.
    pub(super) reason: Option<Cow<'static, str>>,
    pub(super) after: Before,
}

/// What other data than the row itself decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    pub(super) before: Before,
    /// What all rows about the address decide. If they contradict each other, the consent is not certain.
    pub(super) held: Held,
    /// Whether rows become confirmed unless a column says otherwise.
    pub(super) confirms: bool,
    /// Whether those who are not confirmed are asked to confirm.
    pub(super) asks: bool,
}

impl Decision {
    /// `because` names the column and the value that decided the status.
    pub(super) fn new(status: ReportedStatus, because: &str, circumstances: Circumstances) -> Self {
        let before = circumstances.before;
        let (change, reason) = decide(status, because, circumstances);
        let suppress = suppression_reason(status).filter(|reason| match before.suppressed {
            None => true,
            Some(before) => *reason == SuppressionReason::Complaint && before != SuppressionReason::Complaint,
        });
        let state = match change {
            Change::Confirm => SubscriptionState::Confirmed,
            Change::End => SubscriptionState::Unsubscribed,
            Change::Nothing => before.state.unwrap_or(SubscriptionState::Pending),
        };
        let suppressed = suppress.or(before.suppressed);
        let is_new = before.state.is_none();
        // A status that is not understood may say that the person left.
        let may_be_asked = state == SubscriptionState::Pending
            && suppressed.is_none()
            && !circumstances.held.may_have_left
            && matches!(status, ReportedStatus::Active | ReportedStatus::Unconfirmed);
        let asks = circumstances.asks && may_be_asked && !before.is_asked;
        Self {
            is_new,
            change,
            suppress,
            asks,
            reason: if asks && !is_new {
                Some("asked by mail to confirm: already pending".into())
            } else {
                reason
            },
            after: Before {
                state: Some(state),
                suppressed,
                is_asked: before.is_asked || asks,
            },
        }
    }

    /// Whether the row changes anything on record.
    pub(super) fn writes(&self) -> bool {
        self.is_new || self.change != Change::Nothing || self.suppress.is_some() || self.asks
    }

    /// What happened to the row, in one word for the report.
    pub(super) fn outcome(&self) -> &'static str {
        match (self.is_new, self.change) {
            (true, Change::Nothing) => "pending",
            (true, Change::End) => "unsubscribed",
            (_, Change::Confirm) => "confirmed",
            (false, Change::End) => "updated",
            (false, Change::Nothing) if self.asks => "updated",
            (false, Change::Nothing) => "skipped",
        }
    }
}

/// What a row changes, and the reason if it is skipped or not confirmed.
fn decide(
    status: ReportedStatus,
    because: &str,
    Circumstances {
        before, held, confirms, ..
    }: Circumstances,
) -> (Change, Option<Cow<'static, str>>) {
    use SubscriptionState::{Confirmed, Paused, Pending, Unsubscribed};
    let is_new = before.state.is_none();
    if status >= ReportedStatus::Unsubscribed {
        return match before.state {
            Some(Unsubscribed) => (Change::Nothing, Some("skipped: already unsubscribed".into())),
            _ => (
                Change::End,
                is_new.then(|| format!("added as unsubscribed: {because}").into()),
            ),
        };
    }
    match before.state.unwrap_or(Pending) {
        Unsubscribed => (
            Change::Nothing,
            Some("skipped: unsubscribed here, which an import never undoes".into()),
        ),
        Confirmed | Paused => (Change::Nothing, Some("skipped: already subscribed".into())),
        Pending => {
            let reason: Cow<'_, str> = match status {
                _ if before.suppressed.is_some() => "the address is on the suppression list".into(),
                ReportedStatus::Active if confirms && held.is_held_back => {
                    "another row does not call it confirmed".into()
                }
                ReportedStatus::Unknown => format!("\"{because}\" is not understood").into(),
                ReportedStatus::Active if confirms => return (Change::Confirm, None),
                ReportedStatus::Active if is_new => return (Change::Nothing, None),
                ReportedStatus::Active => return (Change::Nothing, Some("skipped: already pending".into())),
                _ => format!("not confirmed by \"{because}\"").into(),
            };
            let outcome = if is_new {
                "added as pending"
            } else {
                "skipped, still pending"
            };
            (Change::Nothing, Some(format!("{outcome}: {reason}").into()))
        }
    }
}

/// Why an address with this status is never mailed; `None` if it may be.
pub(super) const fn suppression_reason(status: ReportedStatus) -> Option<SuppressionReason> {
    match status {
        ReportedStatus::Complained => Some(SuppressionReason::Complaint),
        ReportedStatus::Bounced => Some(SuppressionReason::HardBounce),
        ReportedStatus::Suppressed => Some(SuppressionReason::Import),
        ReportedStatus::Unsubscribed
        | ReportedStatus::Unconfirmed
        | ReportedStatus::Unknown
        | ReportedStatus::Active => None,
    }
}
