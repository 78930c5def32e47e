//! The names of what is on record about readers, on pages of the console.

use std::borrow::Borrow;

use super::console::Console;
use crate::domain::states::{ConsentEvent, MailKind, SubscriptionState, SuppressionReason};
use crate::words::Words;

impl Console {
    /// The name of a subscription's state.
    pub(super) fn subscription_state(&self, state: impl Borrow<SubscriptionState>) -> String {
        let words = &self.words;
        match state.borrow() {
            SubscriptionState::Pending => words.subscription_pending(),
            SubscriptionState::Confirmed => words.subscription_confirmed(),
            SubscriptionState::Paused => words.subscription_paused(),
            SubscriptionState::Unsubscribed => words.subscription_unsubscribed(),
        }
    }

    /// The name of an entry of the consent record.
    pub(super) fn consent_event(&self, event: impl Borrow<ConsentEvent>) -> String {
        let words = &self.words;
        match event.borrow() {
            ConsentEvent::Requested => words.consent_requested(),
            ConsentEvent::Asked => words.consent_asked(),
            ConsentEvent::Confirmed => words.consent_confirmed(),
            ConsentEvent::Imported => words.consent_imported(),
            ConsentEvent::Paused => words.consent_paused(),
            ConsentEvent::Resumed => words.consent_resumed(),
            ConsentEvent::Unsubscribed => words.consent_unsubscribed(),
            ConsentEvent::AddressChanged => words.consent_address_changed(),
            ConsentEvent::Restored => words.consent_restored(),
        }
    }

    /// The name of a kind of mail.
    pub(super) fn mail_kind(&self, kind: impl Borrow<MailKind>) -> String {
        let words = &self.words;
        match kind.borrow() {
            MailKind::Confirmation => words.mail_confirmation(),
            MailKind::SubscribedAlready => words.mail_subscribed(),
            MailKind::Welcome => words.mail_welcome(),
            MailKind::Preferences => words.mail_preferences(),
            MailKind::Manage => words.mail_manage(),
            MailKind::AddressChange => words.mail_address_change(),
            MailKind::Export => words.mail_export(),
            MailKind::Erasure => words.mail_erasure(),
            MailKind::Comment => words.mail_comment(),
            MailKind::OperatorLink | MailKind::Notice | MailKind::IssueTest => words.mail_other(),
        }
    }
}

/// Why an address is suppressed, in words.
pub(super) fn suppression_reason(words: &Words, reason: SuppressionReason) -> String {
    match reason {
        SuppressionReason::HardBounce => words.suppression_hard_bounce(),
        SuppressionReason::Complaint => words.suppression_complaint(),
        SuppressionReason::Operator => words.suppression_operator(),
        SuppressionReason::Import => words.suppression_import(),
    }
}

/// How a suppression ends.
pub(super) fn suppression_end(words: &Words, reason: SuppressionReason, has_complaint: bool) -> String {
    match (reason, has_complaint) {
        (SuppressionReason::Operator, false) => words.suppression_ends_operator(),
        (SuppressionReason::Operator, true) => words.suppression_ends_operator_reader(),
        (SuppressionReason::Complaint, _) => words.suppression_ends_reader(),
        (SuppressionReason::HardBounce | SuppressionReason::Import, _) => words.suppression_ends_either(),
    }
}
