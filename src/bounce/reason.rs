//! Why a message was not delivered: a small set of reasons, and what each of them leads to.
//!
//! Reports give a reason in up to three ways: an enhanced status code, an SMTP reply code, and words. Many servers use one code for
//! everything, so words about a full mailbox, the sender or the domain take precedence over codes. `mail/classify.rs` decides first
//! whether a reply concerns the recipient at all.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::mail::classify::classify;
use crate::mail::reply::{Class, Reply, Stage};
use crate::mail::reply_words::Words;

/// Why a message was not delivered to one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The mailbox does not exist.
    NoMailbox,
    /// The domain does not exist, or has no mail server.
    NoDomain,
    /// The domain declares that it accepts no mail ([RFC 7505](https://www.rfc-editor.org/rfc/rfc7505)).
    AcceptsNoMail,
    /// The recipient moved to another address.
    Moved,
    /// The mailbox is disabled for good: x.2.1 with a permanent reply
    /// ([RFC 3463 §3.3](https://www.rfc-editor.org/rfc/rfc3463#section-3.3)).
    MailboxClosed,
    /// The mailbox is disabled or suspended, perhaps for a time.
    MailboxDisabled,
    /// The mailbox exists, and is full.
    MailboxFull,
    /// The recipient's server refuses this message to this recipient, and gives no cause that concerns the sender.
    Refused,
    /// No attempt succeeded before the relay gave up.
    Expired,
    /// The recipient's server failed or could not be reached.
    ServerFailure,
    /// The sender sent too many messages.
    RateLimited,
    /// The sender's DKIM, SPF, DMARC or reverse DNS is missing or wrong.
    Authentication,
    /// The server does not accept mail of this sender or with this content.
    Policy,
    /// The message is too large or malformed.
    Message,
    /// The report gives no reason.
    Unclear,
}

/// What a reason leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The address is suppressed at once.
    Suppress,
    /// The subscription ends. The reader may subscribe again.
    Unsubscribe,
    /// The failure counts. Failures of several issues over several days pause the subscription.
    Count,
    /// A server still tries to deliver the message. Nothing happens yet.
    Wait,
    /// Nothing happens to the subscriber.
    None,
}

impl Reason {
    /// Whether no later message can reach the recipient either.
    #[must_use]
    pub const fn is_hard(self) -> bool {
        matches!(self.action(), Action::Suppress)
    }

    /// What the reason leads to, unless the report says that the message is only delayed.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::NoMailbox | Self::NoDomain | Self::AcceptsNoMail | Self::Moved | Self::MailboxClosed => {
                Action::Suppress
            }
            Self::MailboxDisabled
            | Self::MailboxFull
            | Self::Refused
            | Self::Expired
            | Self::ServerFailure
            | Self::Unclear => Action::Count,
            Self::RateLimited | Self::Authentication | Self::Policy | Self::Message => Action::None,
        }
    }

    /// The name in the database and in lists.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoMailbox => "no_mailbox",
            Self::NoDomain => "no_domain",
            Self::AcceptsNoMail => "accepts_no_mail",
            Self::Moved => "moved",
            Self::MailboxClosed => "mailbox_closed",
            Self::MailboxDisabled => "mailbox_disabled",
            Self::MailboxFull => "mailbox_full",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::ServerFailure => "server_failure",
            Self::RateLimited => "rate_limited",
            Self::Authentication => "authentication",
            Self::Policy => "policy",
            Self::Message => "message",
            Self::Unclear => "unclear",
        }
    }
}

impl Action {
    /// The name in the output of `inspect bounce`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suppress => "suppress",
            Self::Unsubscribe => "unsubscribe",
            Self::Count => "count",
            // The server retries, not Daywire.
            Self::Wait => "retry",
            Self::None => "none",
        }
    }
}

/// An enhanced status code: class, subject and detail ([RFC 3463](https://www.rfc-editor.org/rfc/rfc3463)).
pub type StatusCode = (u8, u16, u16);

/// A status code as text, such as `5.1.1`.
pub(crate) fn status_text((class, subject, detail): StatusCode) -> String {
    format!("{class}.{subject}.{detail}")
}

/// What a report or a reply says about one recipient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) status: Option<StatusCode>,
    /// The three digits of the SMTP reply.
    pub(crate) code: Option<u16>,
    pub(crate) words: &'a str,
    /// The command that the reply answers.
    pub(crate) stage: Stage,
}

/// Mobile carriers in Japan reply `550 : User unknown` to filtered mail, and name the recipient if it really is unknown.
const NAMELESS_REFUSAL: &str = "550 : ";

/// The lists of `reason_words.toml`, which explains each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expressions {
    mailbox_full: Vec<String>,
    accepts_no_mail: Vec<String>,
    authentication: Vec<String>,
    name_server: Vec<String>,
    no_domain: Vec<String>,
    moved: Vec<String>,
    mailbox_disabled: Vec<String>,
    delivery_agent: Vec<String>,
    no_account: Vec<String>,
    no_mailbox: Vec<String>,
    policy: Vec<String>,
    message: Vec<String>,
    refused: Vec<String>,
    expired: Vec<String>,
    server_failure: Vec<String>,
}

static EXPRESSIONS: LazyLock<Expressions> =
    LazyLock::new(|| toml::from_str(include_str!("reason_words.toml")).expect("the compiled-in lists are valid TOML"));

/// Why the message was not delivered. The first rule that matches decides.
pub(crate) fn reason(evidence: &Evidence<'_>) -> Reason {
    let words = Words::new(evidence.words);
    let detail = evidence.status.map(|(_, subject, detail)| (subject, detail));
    let is_temporary = match evidence.status {
        Some((class, ..)) => class == 4,
        None => evidence.code.is_some_and(|code| (400..500).contains(&code)),
    };
    let class = class(evidence);

    if words.contain(&EXPRESSIONS.mailbox_full) || detail == Some((2, 2)) {
        return Reason::MailboxFull;
    }
    // The reply to MAIL concerns the sender even if its words name somebody else: no recipient was named yet.
    if evidence.stage == Stage::Mail {
        return Reason::Policy;
    }
    // A name server that says so "for now" may be wrong for now.
    if !is_temporary && (words.contain(&EXPRESSIONS.accepts_no_mail) || evidence.code == Some(556)) {
        return Reason::AcceptsNoMail;
    }
    // x.7.20 to x.7.29 are about authentication: https://www.iana.org/assignments/smtp-enhanced-status-codes/
    if words.contain(&EXPRESSIONS.authentication) || matches!(detail, Some((7, 20..=29))) {
        return Reason::Authentication;
    }
    if class == Some(Class::Slow) {
        return Reason::RateLimited;
    }
    if words.contain(&EXPRESSIONS.name_server) {
        return Reason::ServerFailure;
    }
    if words.contain(&EXPRESSIONS.no_domain) || matches!(detail, Some((1, 2) | (4, 4))) {
        return if is_temporary {
            Reason::ServerFailure
        } else {
            Reason::NoDomain
        };
    }
    if words.contain(&EXPRESSIONS.moved) || detail == Some((1, 6)) || evidence.code == Some(551) {
        return Reason::Moved;
    }
    if words.contain(&EXPRESSIONS.mailbox_disabled) || detail == Some((7, 13)) {
        return if detail == Some((2, 1)) && !is_temporary {
            Reason::MailboxClosed
        } else {
            Reason::MailboxDisabled
        };
    }
    if words.contain(&EXPRESSIONS.delivery_agent) {
        return Reason::ServerFailure;
    }
    if evidence.words.contains(NAMELESS_REFUSAL) {
        return Reason::Refused;
    }
    // 542 is not in any RFC: a large filtering service refuses recipients that its customer has not registered.
    if words.contain(&EXPRESSIONS.no_account) || evidence.code == Some(542) {
        return Reason::NoMailbox;
    }
    if class == Some(Class::RelayTrouble) {
        return about_the_sender(detail, &words);
    }
    if words.contain(&EXPRESSIONS.no_mailbox) || detail == Some((1, 1)) || is_bare_refusal(detail, &words) {
        // A server that could not ask whether the mailbox exists gives 4.1.1 too.
        return if is_temporary {
            Reason::Expired
        } else {
            no_mailbox(evidence.stage, detail)
        };
    }
    if words.contain(&EXPRESSIONS.policy) {
        return Reason::Policy;
    }
    if words.contain(&EXPRESSIONS.message) {
        return Reason::Message;
    }
    if words.contain(&EXPRESSIONS.refused) {
        return Reason::Refused;
    }
    if words.contain(&EXPRESSIONS.expired) || detail == Some((4, 7)) {
        return Reason::Expired;
    }
    match detail {
        Some((1, 3 | 10)) if !is_temporary => Reason::NoMailbox,
        Some((2, 1)) if !is_temporary => Reason::MailboxClosed,
        _ if words.contain(&EXPRESSIONS.server_failure) => Reason::ServerFailure,
        Some((3 | 4, _)) => Reason::ServerFailure,
        // The relay reports a failure after a reply that asked to try again later: it tried until it gave up.
        _ if is_temporary => Reason::Expired,
        Some((7, _)) => Reason::Policy,
        Some((6, _)) => Reason::Message,
        _ if class == Some(Class::Rejected) => Reason::Refused,
        _ => Reason::Unclear,
    }
}

/// The class of the SMTP reply, if the report contains one.
fn class(evidence: &Evidence<'_>) -> Option<Class> {
    let code = evidence.code.filter(|code| (400..600).contains(code))?;
    let mut reply = Reply::new(code, &[evidence.words]);
    reply.enhanced = reply.enhanced.or(evidence.status);
    Some(classify(&reply, evidence.stage))
}

fn about_the_sender(detail: Option<(u16, u16)>, words: &Words) -> Reason {
    if words.contain(&EXPRESSIONS.message) || matches!(detail, Some((6, _) | (3, 4) | (2, 3))) {
        Reason::Message
    } else if words.contain(&EXPRESSIONS.server_failure) {
        Reason::ServerFailure
    } else {
        Reason::Policy
    }
}

/// Whether the reply refuses the address and says nothing else: such servers mean an unknown one.
fn is_bare_refusal(detail: Option<(u16, u16)>, words: &Words) -> bool {
    words.are("recipient address rejected") || (detail == Some((1, 0)) && words.are("address rejected"))
}

/// "User unknown" in reply to the message text comes from a filter behind the server: RCPT was accepted, so the mailbox exists.
/// Mobile carriers in Japan refuse unwanted mail so. The code x.1.1 is certain.
fn no_mailbox(stage: Stage, detail: Option<(u16, u16)>) -> Reason {
    let is_certain = !matches!(detail, None | Some((0 | 2 | 3 | 7, _)));
    if stage == Stage::Message && !is_certain {
        Reason::Refused
    } else {
        Reason::NoMailbox
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: Option<StatusCode>, code: u16, words: &str) -> Reason {
        reason(&Evidence {
            status,
            code: Some(code),
            words,
            stage: Stage::Rcpt,
        })
    }

    #[test]
    fn a_mailbox_or_domain_that_does_not_exist_is_hard() {
        for (status, code, words) in [
            (Some((5, 1, 1)), 550, "550 5.1.1 some words of the server"),
            (None, 550, "550 User unknown"),
            (Some((5, 1, 2)), 550, "550 5.1.2 Host unknown"),
            (Some((5, 1, 3)), 550, "550 5.1.3 Address does not parse"),
            (Some((5, 1, 6)), 550, "550 5.1.6 The recipient has moved"),
            (Some((5, 1, 10)), 550, "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
            (Some((5, 2, 1)), 550, "550 5.2.1 not accepting messages"),
            (None, 556, "556 does not accept mail"),
            (Some((5, 1, 0)), 550, "550 #5.1.0 Address rejected."),
        ] {
            assert!(of(status, code, words).is_hard(), "{words}");
        }
    }

    #[test]
    fn a_refusal_of_the_sender_or_the_message_leads_to_nothing() {
        for (status, code, words) in [
            (Some((5, 7, 1)), 550, "550 5.7.1 Message rejected as spam"),
            (Some((5, 7, 26)), 550, "550 5.7.26 unauthenticated"),
            (Some((5, 3, 4)), 552, "552 5.3.4 Message too big for system"),
            (Some((5, 6, 0)), 554, "554 5.6.0 Lone CR or LF in body"),
            (Some((4, 7, 28)), 421, "421 4.7.28 unusual rate of mail"),
            (None, 554, "554 Client host blocked using a list"),
        ] {
            assert_eq!(of(status, code, words).action(), Action::None, "{words}");
        }
    }

    #[test]
    fn a_full_or_disabled_mailbox_and_a_failing_server_count() {
        for (status, code, words) in [
            (Some((5, 2, 2)), 552, "552 5.2.2 Over quota"),
            (Some((4, 2, 2)), 452, "452 4.2.2 mailbox full"),
            (None, 550, "550 This account has been disabled"),
            (Some((4, 4, 7)), 451, "delivery time expired"),
            (Some((4, 4, 1)), 451, "connection timed out"),
        ] {
            assert_eq!(of(status, code, words).action(), Action::Count, "{words}");
        }
    }

    #[test]
    fn an_unknown_user_in_reply_to_the_message_text_is_a_filter() {
        let evidence = |stage| Evidence {
            status: None,
            code: Some(550),
            words: "550 Unknown user",
            stage,
        };
        assert_eq!(reason(&evidence(Stage::Rcpt)), Reason::NoMailbox);
        assert_eq!(reason(&evidence(Stage::Message)), Reason::Refused);
    }

    #[test]
    fn every_expression_is_in_lower_case_and_begins_a_word() {
        let lists: toml::Table = toml::from_str(include_str!("reason_words.toml")).expect("the lists are valid TOML");
        for list in lists.values() {
            for expression in list.as_array().expect("each entry is a list") {
                let expression = expression.as_str().expect("an expression is text");
                assert!(expression.starts_with(' '), "{expression:?}");
                assert_eq!(expression, expression.to_lowercase());
            }
        }
    }
}
