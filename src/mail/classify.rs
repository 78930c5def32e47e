//! Classifies an SMTP reply: accepted, deferred, too fast, recipient rejected, or a fault of the sender or the relay.

use super::{
    reply::{Class, Reply, Stage},
    reply_words::{EXPRESSIONS, Words},
};

/// Classifies a reply by its code, its enhanced code, its words and the command it answers. The first row that matches counts:
///
/// | reply | class |
/// |---|---|
/// | 2xx; 354 to DATA | `Accepted` |
/// | any other code that is neither 4xx nor 5xx | `RelayTrouble` |
/// | 530, 534, 535, 538: login or TLS is required or failed ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)) | `RelayTrouble` |
/// | 4xx, greylisting or a full mailbox | `Deferred` |
/// | too much or too fast, or the sender's quota, in words, or x.4.5, x.5.3, x.7.28 | `Slow` |
/// | 432, 454: login or TLS failed temporarily | `RelayTrouble` |
/// | 421: closing ([RFC 5321 §3.8](https://www.rfc-editor.org/rfc/rfc5321#section-3.8)) | `Slow`; `RelayTrouble` if its words concern the sender |
/// | 4xx, x.7.z, or without an enhanced code, in words about the sender | `RelayTrouble` |
/// | 4xx, x.7.z that does not ask to try later; x.1.7, x.1.8: the sender's address | `RelayTrouble` |
/// | any other 4xx | `Deferred` |
/// | 5xx before RCPT: no recipient was named yet | `RelayTrouble` |
/// | 5xx, larger than this mailbox takes: x.2.3, or in words | `Rejected` |
/// | 5xx, larger than the system takes: x.3.4, or in words | `RelayTrouble` |
/// | 5xx, a full mailbox, in words or x.2.2 | `Rejected` |
/// | 5xx, a quota of unclear owner | `RelayTrouble` |
/// | 5xx, no such recipient, in words; x.7.17, x.7.18, x.1.10; a mail loop behind the recipient | `Rejected` |
/// | 5xx, words about the sender, its message or its reputation, such as spam and policy; x.6.z: the format of the message | `RelayTrouble` |
/// | 5xx, words that may be about the recipient | `Rejected` |
/// | 5xx, x.1.1 to x.1.6, x.2.0 to x.2.4, x.4.z | `Rejected` |
/// | 5xx, x.7.z, x.1.7, x.1.8, x.2.z, x.3.z, x.5.z, or 500 to 504, or words of refusal | `RelayTrouble` |
/// | any other 5xx to RCPT | `Rejected` |
/// | any other 5xx to DATA or the message: the recipient was accepted | `RelayTrouble` |
///
/// Words take precedence over codes, because many servers use one code for everything. A reply that may concern the sender does not
/// count against the recipient. A test counts how many recorded replies are classified correctly.
#[must_use]
pub fn classify(reply: &Reply, stage: Stage) -> Class {
    match reply.code {
        200..=299 => Class::Accepted,
        354 if stage == Stage::Data => Class::Accepted,
        400..=499 => temporary(reply, &Words::new(&reply.text)),
        500..=599 => permanent(reply, &Words::new(&reply.text), stage),
        _ => Class::RelayTrouble,
    }
}

/// 4xx: the delivery is retried in any case. The cause decides the rate of the other deliveries.
fn temporary(reply: &Reply, words: &Words) -> Class {
    let detail = detail(reply);
    if words.contain(&EXPRESSIONS.greylisting) {
        return Class::Deferred;
    }
    match used_up(reply.code, detail, words) {
        Some(UsedUp::SendersAllowance) => return Class::Slow,
        Some(UsedUp::Mailbox | UsedUp::Unclear) => return Class::Deferred,
        None => {}
    }
    let about_policy = matches!(detail, None | Some((7 | 1, _))) && words.contain(&EXPRESSIONS.sender);
    match (reply.code, detail) {
        (432 | 454, _) => Class::RelayTrouble,
        (421, _) if about_policy => Class::RelayTrouble,
        (421, _) => Class::Slow,
        _ if about_policy => Class::RelayTrouble,
        (_, Some((1, 7 | 8))) => Class::RelayTrouble,
        (_, Some((7, _))) if !words.contain(&EXPRESSIONS.try_later) => Class::RelayTrouble,
        _ => Class::Deferred,
    }
}

/// 5xx: decides whether the refusal concerns the recipient.
fn permanent(reply: &Reply, words: &Words, stage: Stage) -> Class {
    let detail = detail(reply);
    if matches!(reply.code, 530 | 534 | 535 | 538) {
        return Class::RelayTrouble;
    }
    let used_up = used_up(reply.code, detail, words);
    if used_up == Some(UsedUp::SendersAllowance) {
        return Class::Slow;
    }
    if matches!(stage, Stage::Session | Stage::Mail) {
        return Class::RelayTrouble;
    }
    if let Some(class) = size(detail, words) {
        return class;
    }
    match used_up {
        Some(UsedUp::Mailbox) => return Class::Rejected,
        Some(UsedUp::Unclear) => return Class::RelayTrouble,
        _ => {}
    }
    if words.contain(&EXPRESSIONS.no_recipient)
        || words.contain(&EXPRESSIONS.mail_loop)
        || matches!(detail, Some((7, 17 | 18) | (1, 10)))
    {
        return Class::Rejected;
    }
    if words.contain(&EXPRESSIONS.sender) || matches!(detail, Some((6, _))) {
        return Class::RelayTrouble;
    }
    if words.contain(&EXPRESSIONS.perhaps_recipient) {
        return Class::Rejected;
    }
    match detail {
        Some((1, 1..=6) | (2, 0..=4) | (4, _)) => Class::Rejected,
        Some((7 | 3 | 2 | 5, _) | (1, 7 | 8)) => Class::RelayTrouble,
        _ if matches!(reply.code, 500..=504) => Class::RelayTrouble,
        _ if words.contain(&EXPRESSIONS.refusal) || words.contain(&EXPRESSIONS.server_failure) => Class::RelayTrouble,
        // RCPT was accepted, so the mailbox exists: the refusal concerns the message, and other servers would refuse it too.
        _ if matches!(stage, Stage::Data | Stage::Message) => Class::RelayTrouble,
        _ => Class::Rejected,
    }
}

/// The subject and detail of the enhanced code.
fn detail(reply: &Reply) -> Option<(u16, u16)> {
    reply.enhanced.map(|(_, subject, detail)| (subject, detail))
}

/// Whether the message is too large, and for which limit: x.2.3 is the mailbox's and x.3.4 the system's
/// ([RFC 3463 §3.3](https://www.rfc-editor.org/rfc/rfc3463#section-3.3) and
/// [§3.4](https://www.rfc-editor.org/rfc/rfc3463#section-3.4)).
fn size(detail: Option<(u16, u16)>, words: &Words) -> Option<Class> {
    let large = words.contain(&EXPRESSIONS.too_large);
    match detail {
        Some((3, 4)) => Some(Class::RelayTrouble),
        Some((2, 3)) if !words.contain(&EXPRESSIONS.sending) => Some(Class::Rejected),
        _ if large && words.contain(&EXPRESSIONS.own_size_limit) => Some(Class::Rejected),
        Some((2, 3)) => Some(Class::RelayTrouble),
        _ => large.then_some(Class::RelayTrouble),
    }
}

/// Which quota is used up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UsedUp {
    /// The sender may not send more now.
    SendersAllowance,
    /// The recipient's mailbox is full.
    Mailbox,
    /// A quota whose owner the reply does not name.
    Unclear,
}

/// Which quota a reply reports as used up, if any.
///
/// x.4.5 is a congested system, which large providers also use for the sender's daily quota; x.5.3 is too many recipients
/// ([RFC 3463 §3.5](https://www.rfc-editor.org/rfc/rfc3463#section-3.5)); x.7.28 is a flood of mail
/// ([IANA's registry](https://www.iana.org/assignments/smtp-enhanced-status-codes/)); x.2.2 is a full mailbox, and so is 552
/// without further detail ([RFC 5321 §4.2.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3)).
fn used_up(code: u16, detail: Option<(u16, u16)>, words: &Words) -> Option<UsedUp> {
    let full = words.contain(&EXPRESSIONS.full);
    if full && words.contain(&EXPRESSIONS.own_mailbox) {
        return Some(UsedUp::SendersAllowance);
    }
    let mailbox = full && words.contain(&EXPRESSIONS.mailbox);
    if mailbox && matches!(detail, Some((2, 2))) {
        return Some(UsedUp::Mailbox);
    }
    let size = words.contain(&EXPRESSIONS.size) || matches!(detail, Some((2, 3) | (3, 4)));
    if !size && words.contain(&EXPRESSIONS.limit) && words.contain(&EXPRESSIONS.sending) {
        return Some(UsedUp::SendersAllowance);
    }
    if mailbox {
        return Some(UsedUp::Mailbox);
    }
    if words.contain(&EXPRESSIONS.too_much)
        || (!size && words.contain(&EXPRESSIONS.limit_reached) && !words.contain(&EXPRESSIONS.mailbox))
        || matches!(detail, Some((4, 5) | (5, 3) | (7, 28)))
    {
        return Some(UsedUp::SendersAllowance);
    }
    match detail {
        Some((2, 2)) => Some(UsedUp::Mailbox),
        _ if full && code == 552 => Some(UsedUp::Mailbox),
        _ => full.then_some(UsedUp::Unclear),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(code: u16, text: &str, stage: Stage) -> Class {
        classify(&Reply::new(code, &[text]), stage)
    }

    #[test]
    fn a_refused_recipient_is_distinguished_from_a_refused_sender() {
        for (code, text) in [
            (550, "5.1.1 no such user"),
            (550, "no such user"),
            (550, "5.7.17 mailbox owner has changed"),
            (550, "5.7.1 <ada@spam.example>: User unknown"),
            (550, "5.4.1 Recipient address rejected: Access denied"),
            (552, "5.2.2 Mailbox full"),
            (554, "5.7.1 This account has been disabled"),
            (551, "not our customer"),
            (553, "the domain notspam.blacklist.example does not exist"),
            (552, "5.2.3 Message length exceeds administrative limit"),
            (552, "Message size exceeds the maximum size for this mailbox"),
            (552, "Requested mail action aborted: exceeded storage allocation"),
            (552, "Quota exceeded"),
            (550, "The recipient's mailbox is over quota"),
            (550, "5.2.2 user is over quota"),
            (550, "what this means nobody knows"),
        ] {
            assert_eq!(class(code, text, Stage::Rcpt), Class::Rejected, "{text}");
        }
        for (code, text) in [
            (550, "5.7.1 relaying denied"),
            (550, "5.1.8 bad sender"),
            (
                550,
                "5.1.1 <ada@reader.example>: Recipient address rejected: Spamhaus lists you",
            ),
            (
                550,
                "Requested action not taken: mailbox unavailable. Reject due to policy restrictions",
            ),
            (554, "Service unavailable; Client host [192.0.2.1] blocked using a list"),
            (
                550,
                "5.7.26 unauthenticated mail is not accepted due to the DMARC policy",
            ),
            (550, "Domain of sender address does not exist"),
            (503, "bad sequence of commands"),
        ] {
            assert_eq!(class(code, text, Stage::Rcpt), Class::RelayTrouble, "{text}");
        }
    }

    #[test]
    fn a_refusal_before_rcpt_does_not_reject_the_recipient() {
        assert_eq!(class(553, "sender not allowed", Stage::Mail), Class::RelayTrouble);
        assert_eq!(class(550, "no such user", Stage::Session), Class::RelayTrouble);
        assert_eq!(class(552, "5.3.4 too large", Stage::Mail), Class::RelayTrouble);
        assert_eq!(class(552, "5.2.2 mailbox full", Stage::Mail), Class::RelayTrouble);
        assert_eq!(class(535, "5.7.8 wrong", Stage::Session), Class::RelayTrouble);
    }

    #[test]
    fn a_refusal_of_the_message_does_not_reject_the_recipient() {
        for stage in [Stage::Rcpt, Stage::Data, Stage::Message] {
            for (code, text) in [
                (552, "5.3.4 Message size exceeds fixed limit"),
                (552, "5.3.4 Message too big for system"),
                (552, "Message size exceeds fixed maximum message size"),
                (523, "the message is too big"),
                (
                    552,
                    "5.2.3 RESOLVER.RST.SendSizeLimit.Sender; message too large for this sender",
                ),
                (554, "5.6.1 Body type not supported"),
                (550, "5.6.0 Lone CR or LF in body"),
                (554, "5.6.0 not MIME"),
                (550, "5.6.11 SMTPSEND.BareLinefeedsAreIllegal"),
                (500, "5.5.2 Line too long"),
                (554, "5.7.1 Message content rejected"),
                (554, "5.7.0 Blocked by policy"),
                (554, "5.6.0 virus found"),
                (550, "5.7.1 Quota exceeded"),
            ] {
                assert_eq!(class(code, text, stage), Class::RelayTrouble, "{text} at {stage:?}");
            }
        }
        for text in [
            "This looks like spam",
            "Message rejected",
            "Transaction failed",
            "bare LF is not allowed",
            "no",
        ] {
            assert_eq!(class(554, text, Stage::Message), Class::RelayTrouble, "{text}");
            assert_eq!(class(554, text, Stage::Data), Class::RelayTrouble, "{text}");
        }
        assert_eq!(class(550, "User unknown", Stage::Message), Class::Rejected);
        assert_eq!(class(552, "5.2.2 Over quota", Stage::Message), Class::Rejected);
    }

    #[test]
    fn the_senders_quota_is_distinguished_from_a_full_mailbox() {
        for (code, text) in [
            (550, "5.4.5 Daily user sending quota exceeded"),
            (550, "5.4.5 quota exceeded"),
            (552, "5.2.2 Daily sending quota exceeded"),
            (550, "Sending limit exceeded"),
            (554, "5.7.1 sender has exceeded its hourly quota"),
            (
                550,
                "5.7.232 the trial tenant has exceeded its daily limit for sending email to external recipients",
            ),
            (550, "5.1.90 you've reached your daily limit for message recipients"),
            (550, "Maximum credits exceeded"),
            (552, "Your mailbox is over quota"),
            (550, "5.7.1 monthly message allowance exceeded"),
            (550, "limit reached"),
            (454, "Throttling failure: Daily message quota exceeded"),
            (452, "4.5.3 too many recipients today"),
            (451, "4.7.1 Daily limit reached for this account"),
        ] {
            for stage in [Stage::Mail, Stage::Rcpt, Stage::Data, Stage::Message] {
                assert_eq!(class(code, text, stage), Class::Slow, "{text} at {stage:?}");
            }
        }
        for text in [
            "4.2.2 mailbox full",
            "4.2.2 user is over quota",
            "Mailbox quota exceeded: too many messages",
        ] {
            assert_eq!(class(452, text, Stage::Message), Class::Deferred, "{text}");
        }
    }

    #[test]
    fn temporary_refusals_are_deferred() {
        for (code, text) in [
            (451, "4.3.0 later"),
            (452, "4.2.2 mailbox full"),
            (450, "4.7.1 Greylisted, try again"),
            (451, "4.7.1 Please try again later"),
            (450, "4.1.1 User unknown in virtual alias table"),
            (452, "Mailbox quota exceeded: too many messages"),
            (451, "4.3.0 content filter is down"),
        ] {
            assert_eq!(class(code, text, Stage::Rcpt), Class::Deferred, "{text}");
        }
        for (code, text) in [
            (450, "4.7.1 Client host rejected: cannot find your hostname"),
            (451, "4.7.1 your address is listed on a blocklist, try again later"),
            (454, "4.7.0 TLS not available"),
            (451, "4.7.5 no"),
        ] {
            assert_eq!(class(code, text, Stage::Rcpt), Class::RelayTrouble, "{text}");
        }
    }

    #[test]
    fn replies_about_rate_or_volume_slow_down() {
        for (code, text) in [
            (421, "bye"),
            (421, "4.7.0 Too many connections from your address"),
            (421, "4.7.28 unusual rate of mail from your IP address"),
            (450, "4.2.1 The user is receiving mail at a rate that prevents more"),
            (451, "4.7.0 rate limited"),
            (452, "4.5.3 no more recipients"),
            (550, "5.7.1 This email has been rate limited"),
            (550, "5.4.5 Daily sending limit exceeded"),
            (
                421,
                "4.7.0 [TSS04] temporarily deferred due to unexpected volume or user complaints",
            ),
        ] {
            assert_eq!(class(code, text, Stage::Rcpt), Class::Slow, "{text}");
            assert_eq!(class(code, text, Stage::Message), Class::Slow, "{text}");
        }
    }

    #[test]
    fn only_a_2xx_reply_accepts_a_message() {
        assert_eq!(class(250, "ok", Stage::Message), Class::Accepted);
        assert_eq!(class(354, "go", Stage::Data), Class::Accepted);
        assert_eq!(class(354, "go", Stage::Message), Class::RelayTrouble);
    }
}
