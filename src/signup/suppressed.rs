//! What a sign-up with a suppressed address leads to. The answer to the request is the same in every case.

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::config::Signup;
use crate::domain::states::SuppressionReason;
use crate::domain::time::time_delta;
use crate::store::suppressions::Suppression;

/// Whether a sign-up may cause a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mailing {
    /// The address is not suppressed: the mail depends on the subscriptions.
    Usual,
    /// The address is suppressed. A confirmation mail is sent, and its link lifts the suppression.
    ConfirmationOnly,
    /// The address is suppressed, and gets no mail now.
    Nothing,
}

impl Mailing {
    /// Whether a sign-up now may cause a mail to an address with this suppression.
    ///
    /// The suppression by a complaint or a bounce ends when the reader consents again, which a confirmation proves. But a mail to such an
    /// address may cause another spam report or bounce, so the wait between two is longer than usual. A mailbox that did not exist may
    /// have been created since. Only an operator lifts what an operator suppressed.
    pub(super) fn of(app: &App, suppression: Option<&Suppression>) -> Self {
        let Some(suppression) = suppression else {
            return Self::Usual;
        };
        match confirmation_from(&app.config.signup, suppression) {
            Some(from) if from <= app.clock.now() => Self::ConfirmationOnly,
            _ => Self::Nothing,
        }
    }
}

/// From when on a sign-up with this suppressed address causes a confirmation mail; `None` if none does.
pub(crate) fn confirmation_from(settings: &Signup, suppression: &Suppression) -> Option<DateTime<Utc>> {
    let mailed_at = suppression.confirmation_mailed_at;
    let (since, wait) = match suppression.reason {
        SuppressionReason::Operator => return None,
        SuppressionReason::Complaint | SuppressionReason::Import => (mailed_at, settings.resend_after_complaint),
        SuppressionReason::HardBounce => (
            mailed_at.max(Some(suppression.created_at)),
            settings.resend_after_bounce,
        ),
    };
    Some(since.map_or(suppression.created_at, |since| since + time_delta(wait)))
}
