//! The words for returned mail on pages of the console.

use crate::bounce::reason::Reason;
use crate::domain::states::ReturnedKind;
use crate::words::Words;

/// Every reason, for the menu.
pub(super) const REASONS: [Reason; 15] = [
    Reason::NoMailbox,
    Reason::NoDomain,
    Reason::AcceptsNoMail,
    Reason::Moved,
    Reason::MailboxClosed,
    Reason::MailboxDisabled,
    Reason::MailboxFull,
    Reason::Refused,
    Reason::Expired,
    Reason::ServerFailure,
    Reason::RateLimited,
    Reason::Authentication,
    Reason::Policy,
    Reason::Message,
    Reason::Unclear,
];

pub(super) fn kind_name(words: &Words, kind: ReturnedKind) -> String {
    match kind {
        ReturnedKind::Bounce => words.returned_bounce(),
        ReturnedKind::Complaint => words.returned_complaint(),
        ReturnedKind::AutoReply => words.returned_auto_reply(),
        ReturnedKind::Delayed => words.returned_delayed(),
        ReturnedKind::Unsubscribe => words.returned_unsubscribe(),
        ReturnedKind::Other => words.returned_other(),
    }
}

/// The explanation of a reason that is stored by its name. The type of a complaint has none, and stays as it is.
pub(super) fn reason_text(words: &Words, name: &str) -> String {
    let Some(reason) = REASONS.into_iter().find(|reason| reason.name() == name) else {
        return name.to_owned();
    };
    match reason {
        Reason::NoMailbox => words.reason_no_mailbox(),
        Reason::NoDomain => words.reason_no_domain(),
        Reason::AcceptsNoMail => words.reason_accepts_no_mail(),
        Reason::Moved => words.reason_moved(),
        Reason::MailboxClosed => words.reason_mailbox_closed(),
        Reason::MailboxDisabled => words.reason_mailbox_disabled(),
        Reason::MailboxFull => words.reason_mailbox_full(),
        Reason::Refused => words.reason_refused(),
        Reason::Expired => words.reason_expired(),
        Reason::ServerFailure => words.reason_server_failure(),
        Reason::RateLimited => words.reason_rate_limited(),
        Reason::Authentication => words.reason_authentication(),
        Reason::Policy => words.reason_policy(),
        Reason::Message => words.reason_message(),
        Reason::Unclear => words.reason_unclear(),
    }
}

/// What a report led to, by the stored word.
pub(super) fn action_text(words: &Words, action: &str) -> String {
    match action {
        "suppress" => words.effect_suppress(),
        "unsubscribe" => words.effect_unsubscribe(),
        "count" => words.effect_count(),
        "none" => words.effect_none(),
        other => other.to_owned(),
    }
}
