//! What a sign-up with a suppressed address leads to. The answer to the request is the same in every case.

use crate::app::App;
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
    /// A complaint and a bounce both end with the reader's own wish, which a confirmation proves. But a mail to such an address may be a
    /// spam report more, or a bounce more, so the wait between two is longer than usual. A mailbox that did not exist may have been made
    /// since. What an operator suppressed only an operator lifts.
    pub(super) fn of(app: &App, suppression: Option<&Suppression>) -> Self {
        let Some(suppression) = suppression else {
            return Self::Usual;
        };
        let settings = &app.config.signup;
        let (wait, since) = match suppression.reason {
            SuppressionReason::Operator => return Self::Nothing,
            SuppressionReason::Complaint | SuppressionReason::Import => {
                (settings.resend_after_complaint, suppression.confirmation_mailed_at)
            }
            SuppressionReason::HardBounce => (
                settings.resend_after_bounce,
                suppression.confirmation_mailed_at.max(Some(suppression.created_at)),
            ),
        };
        match since {
            Some(since) if since > app.clock.now() - time_delta(wait) => Self::Nothing,
            _ => Self::ConfirmationOnly,
        }
    }
}
