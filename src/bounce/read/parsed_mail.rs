//! What a returned mail says: its kind, the recipients that it reports about, and the message that it is about.

use super::original::OriginalMessage;
use crate::bounce::reason::{Action, Reason, StatusCode};
use crate::domain::address::EmailAddress;
use crate::domain::states::{ReturnedEffect, ReturnedKind};

/// The most bytes of a returned mail that are read. A report stands at the beginning, and the parser's stack grows with the nesting
/// of messages, which this limits too.
pub const MAX_BYTES: usize = 256 * 1024;

/// What a returned mail is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A server could not deliver our message.
    Bounce,
    /// A reader reported our message as spam, or a server sent another feedback report.
    Complaint(FeedbackType),
    /// A program replied for the recipient: out of office, a challenge, a receipt.
    AutoReply,
    /// A server still tries to deliver our message.
    Delayed,
    /// A request to leave: a mail to the address in `List-Unsubscribe`, or a mail provider's event.
    Unsubscribe,
    /// Anything else, such as a person's reply.
    #[default]
    Other,
}

impl Kind {
    /// The kind as it is stored.
    pub(crate) const fn returned(self) -> ReturnedKind {
        match self {
            Self::Bounce => ReturnedKind::Bounce,
            Self::Complaint(_) => ReturnedKind::Complaint,
            Self::AutoReply => ReturnedKind::AutoReply,
            Self::Delayed => ReturnedKind::Delayed,
            Self::Unsubscribe => ReturnedKind::Unsubscribe,
            Self::Other => ReturnedKind::Other,
        }
    }

    /// What follows if the mail names no recipient.
    pub(crate) const fn effect_without_recipient(self) -> ReturnedEffect {
        match self {
            Self::AutoReply => ReturnedEffect::Replied,
            Self::Delayed => ReturnedEffect::Delayed,
            Self::Bounce | Self::Complaint(_) | Self::Unsubscribe | Self::Other => ReturnedEffect::NotUnderstood,
        }
    }
}

/// The type of a feedback report ([RFC 5965 §7.3](https://www.rfc-editor.org/rfc/rfc5965#section-7.3),
/// [RFC 6591](https://www.rfc-editor.org/rfc/rfc6591), [RFC 6430](https://www.rfc-editor.org/rfc/rfc6430)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackType {
    /// Spam or another kind of abuse, fraud, virus, or a type that the report does not name.
    Abuse,
    /// The reader asks to leave the list.
    OptOut,
    /// Authentication of our message failed. This concerns the sender.
    AuthFailure,
    /// The reader says that the message is not spam.
    NotSpam,
    /// Any other registered type.
    Other,
}

impl FeedbackType {
    pub(crate) const ALL: [Self; 5] = [Self::Abuse, Self::OptOut, Self::AuthFailure, Self::NotSpam, Self::Other];

    /// The name in the database and in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abuse => "abuse",
            Self::OptOut => "opt_out",
            Self::AuthFailure => "auth_failure",
            Self::NotSpam => "not_spam",
            Self::Other => "other_feedback",
        }
    }
}

/// The rule that found a recipient, from the most to the least certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The fields of a delivery status notification.
    DeliveryStatus,
    /// The fields of a feedback report.
    FeedbackReport,
    /// The header field `X-Failed-Recipients`.
    FailedRecipients,
    /// The words of the report.
    ReportText,
    /// The recipient of the original message.
    OriginalMessage,
    /// The event of a mail provider.
    ProviderEvent,
}

impl Rule {
    /// The name in the output of `inspect bounce`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeliveryStatus => "delivery_status",
            Self::FeedbackReport => "feedback_report",
            Self::FailedRecipients => "failed_recipients",
            Self::ReportText => "report_text",
            Self::OriginalMessage => "original_message",
            Self::ProviderEvent => "provider_event",
        }
    }
}

/// What a returned mail says about one recipient.
#[derive(Clone, Debug)]
pub struct ReportedRecipient {
    /// The address that the message was sent to, as the report gives it.
    pub address: EmailAddress,
    /// The address that failed in the end, if a server forwarded the message to another one.
    pub forwarded_to: Option<EmailAddress>,
    /// Why the message failed; [`Reason::Unclear`] for a complaint.
    pub reason: Reason,
    /// The enhanced status code, if the report has one.
    pub status: Option<StatusCode>,
    /// The evidence, on one line.
    pub evidence: String,
    /// What found the recipient.
    pub rule: Rule,
}

/// A returned mail, as far as it could be read. The default is one of which nothing could be read.
#[derive(Clone, Debug, Default)]
pub struct ParsedMail {
    /// What the message is, as a whole.
    pub kind: Kind,
    /// Whom it reports about.
    pub recipients: Vec<ReportedRecipient>,
    pub(crate) original: OriginalMessage,
    /// The addresses that the mail came to, according to its header, the most certain first.
    pub(crate) came_to: Vec<EmailAddress>,
    /// The addresses in the field `From`.
    pub(crate) from: Vec<EmailAddress>,
    /// The recipients to whom the message was delivered, or whose list or alias was expanded, according to the report.
    pub(crate) delivered: Vec<EmailAddress>,
}

impl ParsedMail {
    /// What an event of a mail provider says. `references` are values that may hold our Message-ID, or its left side.
    pub(in crate::bounce) fn of_event(kind: Kind, recipients: Vec<ReportedRecipient>, references: Vec<String>) -> Self {
        Self {
            kind,
            recipients,
            original: OriginalMessage {
                references,
                ..OriginalMessage::default()
            },
            ..Self::default()
        }
    }

    /// The reason of a bounce, or the type of a complaint, as it is stored.
    pub(crate) const fn reason(&self, recipient: &ReportedRecipient) -> &'static str {
        match self.kind {
            Kind::Complaint(feedback) => feedback.name(),
            _ => recipient.reason.name(),
        }
    }

    /// What the report leads to for one of its recipients.
    #[must_use]
    pub fn action(&self, recipient: &ReportedRecipient) -> Action {
        match self.kind {
            Kind::Bounce => recipient.reason.action(),
            Kind::Complaint(FeedbackType::Abuse) => Action::Suppress,
            Kind::Complaint(FeedbackType::OptOut) | Kind::Unsubscribe => Action::Unsubscribe,
            Kind::Delayed => Action::Wait,
            Kind::Complaint(_) | Kind::AutoReply | Kind::Other => Action::None,
        }
    }
}
