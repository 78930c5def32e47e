//! Whether a reply means wait, slow down, give this recipient up, or that the trouble is ours.

use super::{
    replies::{Class, Reply, Stage},
    reply_words::{
        FULL, GREYLISTING, NO_RECIPIENT, PATIENCE, PERHAPS_RECIPIENT, REFUSAL, SERVER, TOO_LARGE, TOO_MUCH, US, Words,
    },
};

/// Sorts a reply by its code, its enhanced code, its words and the command it answers. The first line that fits counts:
///
/// | reply | class |
/// |---|---|
/// | 2xx; 354 to DATA | `Accepted` |
/// | any other that is neither 4xx nor 5xx | `RelayTrouble` |
/// | 530, 534, 535, 538: login or TLS is wanted or failed (RFC 4954 section 6) | `RelayTrouble` |
/// | 4xx, greylisting or a full mailbox | `Deferred` |
/// | too much or too fast, in words, or x.5.3, or x.7.28 | `Slow` |
/// | 432, 454: login or TLS failed for now | `RelayTrouble` |
/// | 421: closing (RFC 5321 section 3.8) | `Slow`; `RelayTrouble` if its words are about us |
/// | 4xx, x.7.z, or without an enhanced code, in words about us | `RelayTrouble` |
/// | 4xx, x.7.z that asks for no patience; x.1.7, x.1.8: our address | `RelayTrouble` |
/// | any other 4xx | `Deferred` |
/// | 5xx, too large, in words, or x.2.3, x.3.4, or 552 to MAIL | `Rejected` |
/// | 5xx before RCPT: no recipient has been named | `RelayTrouble` |
/// | 5xx, no such recipient or a full mailbox, in words; x.7.17, x.7.18, x.1.10 | `Rejected` |
/// | 5xx, words about us, our message or our standing, spam and policy among them | `RelayTrouble` |
/// | 5xx, words that may be about the recipient | `Rejected` |
/// | 5xx, x.1.1 to x.1.6, x.2.z, x.4.z | `Rejected` |
/// | 5xx, x.7.z, x.1.7, x.1.8, x.3.z, x.5.1, x.5.2, x.5.4, or 500 to 504, or words of refusal | `RelayTrouble` |
/// | any other 5xx | `Rejected` |
///
/// Where words and codes disagree, words win, because many servers have one code for everything. A reply that could be
/// about us is not held against the recipient. The test that goes with this counts how often recorded replies agree.
#[must_use]
pub fn classify(reply: &Reply, stage: Stage) -> Class {
    match reply.code {
        200..=299 => Class::Accepted,
        354 if stage == Stage::Data => Class::Accepted,
        400..=499 => for_now(reply, &Words::new(&reply.text)),
        500..=599 => for_good(reply, &Words::new(&reply.text), stage),
        _ => Class::RelayTrouble,
    }
}

/// 4xx: kept in any case; whose fault it is decides how fast to go on.
fn for_now(reply: &Reply, words: &Words) -> Class {
    let detail = reply.enhanced.map(|(_, subject, detail)| (subject, detail));
    if words.say(GREYLISTING) || words.say(FULL) {
        return Class::Deferred;
    }
    if is_too_much(detail, words) {
        return Class::Slow;
    }
    let about_policy = matches!(detail, None | Some((7 | 1, _))) && words.say(US);
    match (reply.code, detail) {
        (432 | 454, _) => Class::RelayTrouble,
        (421, _) if about_policy => Class::RelayTrouble,
        (421, _) => Class::Slow,
        _ if about_policy => Class::RelayTrouble,
        (_, Some((1, 7 | 8))) => Class::RelayTrouble,
        (_, Some((7, _))) if !words.say(PATIENCE) => Class::RelayTrouble,
        _ => Class::Deferred,
    }
}

/// 5xx: whether it is about the recipient.
fn for_good(reply: &Reply, words: &Words, stage: Stage) -> Class {
    let detail = reply.enhanced.map(|(_, subject, detail)| (subject, detail));
    if matches!(reply.code, 530 | 534 | 535 | 538) {
        return Class::RelayTrouble;
    }
    let full = words.say(FULL);
    if !full && is_too_much(detail, words) {
        return Class::Slow;
    }
    let too_large = words.say(TOO_LARGE) || matches!(detail, Some((2, 3) | (3, 4)));
    if too_large || (reply.code == 552 && stage == Stage::Mail && !words.say(US)) {
        return Class::Rejected;
    }
    if matches!(stage, Stage::Session | Stage::Mail) {
        return Class::RelayTrouble;
    }
    if full || words.say(NO_RECIPIENT) || matches!(detail, Some((7, 17 | 18) | (1, 10))) {
        return Class::Rejected;
    }
    if words.say(US) {
        return Class::RelayTrouble;
    }
    if words.say(PERHAPS_RECIPIENT) {
        return Class::Rejected;
    }
    match detail {
        Some((1, 1..=6) | (2 | 4, _)) => Class::Rejected,
        Some((7 | 3, _) | (1, 7 | 8) | (5, 1 | 2 | 4)) => Class::RelayTrouble,
        _ if matches!(reply.code, 500..=504) => Class::RelayTrouble,
        _ if words.say(REFUSAL) || words.say(SERVER) => Class::RelayTrouble,
        _ => Class::Rejected,
    }
}

/// x.5.3 is too many recipients (RFC 3463 section 3.6), x.7.28 a flood of mail (IANA's registry of enhanced status codes).
fn is_too_much(detail: Option<(u16, u16)>, words: &Words) -> bool {
    matches!(detail, Some((5, 3) | (7, 28))) || words.say(TOO_MUCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(code: u16, text: &str, stage: Stage) -> Class {
        classify(&Reply::new(code, &[text]), stage)
    }

    #[test]
    fn refusals_of_the_recipient_are_told_from_refusals_of_us() {
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
    fn before_a_recipient_is_named_only_the_size_is_the_message_s_fault() {
        assert_eq!(class(553, "sender not allowed", Stage::Mail), Class::RelayTrouble);
        assert_eq!(class(550, "no such user", Stage::Session), Class::RelayTrouble);
        assert_eq!(class(552, "5.3.4 too large", Stage::Mail), Class::Rejected);
        assert_eq!(class(535, "5.7.8 wrong", Stage::Session), Class::RelayTrouble);
    }

    #[test]
    fn spam_at_the_final_dot_is_about_us_and_a_broken_form_is_about_the_message() {
        for text in [
            "5.7.1 Message content rejected",
            "This looks like spam",
            "5.6.0 virus found",
            "Message rejected",
        ] {
            assert_eq!(class(554, text, Stage::Message), Class::RelayTrouble, "{text}");
        }
        assert_eq!(class(554, "5.6.0 not MIME", Stage::Message), Class::Rejected);
        assert_eq!(class(550, "User unknown", Stage::Message), Class::Rejected);
    }

    #[test]
    fn refusals_for_now_are_kept() {
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
    fn too_much_and_too_fast_is_a_matter_of_speed() {
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
    fn only_a_2xx_accepts_a_message() {
        assert_eq!(class(250, "ok", Stage::Message), Class::Accepted);
        assert_eq!(class(354, "go", Stage::Data), Class::Accepted);
        assert_eq!(class(354, "go", Stage::Message), Class::RelayTrouble);
    }
}
