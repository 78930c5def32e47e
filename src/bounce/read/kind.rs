//! Recognises what a message without machine-readable fields is: a failure report, a report of a delay, or an automatic reply.

use super::fields::Fields;

/// Senders of failure reports.
const DAEMONS: &[&str] = &["mailer-daemon", "postmaster", "post_master", "mail delivery", "<>"];
/// Subjects and words of reports that the message was delivered.
const SUCCESS_SUBJECTS: &[&str] = &["(success)", "successful mail delivery", "delivery report: delivered"];
const SUCCESS_WORDS: &[&str] = &["successfully delivered", "was successfully relayed"];
/// Subjects of failure reports.
const SUBJECTS: &[&str] = &[
    "fail",
    "undeliver",
    "returned mail",
    "delivery",
    "non remis",
    "bounce",
    "warning",
    "unzustellbar",
    "not delivered",
    "rejected",
];
/// Words of failure reports, if neither sender nor subject shows that it is one.
const WORDS: &[&str] = &[
    "could not be delivered",
    "not be delivered to",
    "not been delivered",
    "was not delivered",
    "unable to deliver",
    "delivery failed",
    "delivery has failed",
    "undeliverable",
    "requested action not taken",
    "no such user",
    "user unknown",
    "unknown user",
    "are not a member",
];
/// Subjects and words of reports that a server still tries.
const DELAY_SUBJECTS: &[&str] = &["delayed", "(delay)", "warning", "still being retried"];
const DELAY_WORDS: &[&str] = &[
    "will continue to",
    "still being",
    "warning message only",
    "warning only",
    "will be retried",
    "temporary failure report",
];
/// Subjects of automatic replies, in several languages.
const AUTO_REPLY_SUBJECTS: &[&str] = &[
    "out of office",
    "out of the office",
    "automatic reply",
    "auto reply",
    "autoreply",
    "auto-reply",
    "vacation",
    "abwesenheit",
    "automatische antwort",
    "réponse automatique",
    "absence",
    "respuesta automática",
    "fuera de la oficina",
    "risposta automatica",
    "autoantwort",
    "自動返信",
    "自动回复",
];

/// How mail programs begin the subject of a reply or of a forwarded message, in several languages.
const REPLY_PREFIXES: &[&str] = &[
    "re:", "aw:", "antw:", "antwort:", "sv:", "vs:", "rv:", "res:", "odp:", "ynt:", "回复:", "答复:", "fw:", "fwd:",
    "wg:", "tr:", "i:", "enc:", "vl:", "转发:",
];
/// What old servers write behind such a prefix, without a reference to the mail.
const REPLIES_OF_SERVERS: &[&str] = &[
    "delivery failed",
    "undeliver",
    "non remis",
    "not delivered",
    "returned mail",
    "unzustellbar",
];
/// Parts of the addresses of list managers, which refer to a mail too.
const LIST_MANAGERS: &[&str] = &["-admin@", "-owner@", "-request@", "listserv", "majordomo"];

/// Whether a person replies to a mail or forwards one. Such a mail may quote anything, even a failure report or our message. Servers
/// refer to a mail too, but under a name of their own, or in a report that the content type declares.
pub(super) fn is_reply_of_person(header: &Fields) -> bool {
    let content = header.value("content-type").trim_start().to_ascii_lowercase();
    let from = header.value("from").to_lowercase();
    let is_from_program = is_from_daemon(header)
        || LIST_MANAGERS.iter().any(|part| from.contains(part))
        || content.starts_with("multipart/report")
        || !header.value("x-failed-recipients").is_empty();
    if is_from_program {
        return false;
    }
    let subject = header.value("subject").trim_start().to_lowercase();
    let is_reply = REPLY_PREFIXES.iter().any(|prefix| subject.starts_with(prefix));
    let is_of_server = REPLIES_OF_SERVERS.iter().any(|words| subject.contains(words));
    let refers = ["in-reply-to", "references"]
        .iter()
        .any(|name| !header.value(name).is_empty());
    refers || (is_reply && !is_of_server)
}

/// Whether a message without machine-readable fields may report a failure.
pub(super) fn is_failure_report(header: &Fields, report: &str) -> bool {
    let subject = header.value("subject").to_lowercase();
    let report = report.to_lowercase();
    // Automatic replies have the null sender too (RFC 3834), so that does not make one a report.
    if is_auto_reply(header) && (!names_daemon(header) || is_auto_reply_subject(&subject)) {
        return false;
    }
    if SUCCESS_SUBJECTS.iter().any(|words| subject.contains(words))
        || SUCCESS_WORDS.iter().any(|words| report.contains(words))
    {
        return false;
    }
    is_from_daemon(header)
        || !header.value("x-failed-recipients").is_empty()
        || SUBJECTS.iter().any(|word| subject.contains(word))
        || WORDS.iter().any(|word| report.contains(word))
}

fn is_from_daemon(header: &Fields) -> bool {
    header.value("return-path") == "<>" || names_daemon(header)
}

fn names_daemon(header: &Fields) -> bool {
    let from = header.value("from").to_lowercase();
    DAEMONS.iter().any(|daemon| from.contains(daemon))
}

/// Whether the report says that the server still tries.
pub(super) fn is_delay(header: &Fields, report: &str) -> bool {
    let subject = header.value("subject");
    let report = report.to_lowercase();
    is_delay_subject(subject) || DELAY_WORDS.iter().any(|word| report.contains(word))
}

/// Whether the subject is that of a report that a server still tries.
pub(in crate::bounce) fn is_delay_subject(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    DELAY_SUBJECTS.iter().any(|word| subject.contains(word))
}

/// Whether the subject is that of an automatic reply.
pub(in crate::bounce) fn is_auto_reply_subject(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    AUTO_REPLY_SUBJECTS.iter().any(|word| subject.contains(word))
}

/// Whether a program replied for the recipient ([RFC 3834 §5](https://www.rfc-editor.org/rfc/rfc3834#section-5)).
pub(super) fn is_auto_reply(header: &Fields) -> bool {
    let submitted = header.value("auto-submitted").to_lowercase();
    submitted.starts_with("auto-replied")
        || ["x-autoreply", "x-autorespond", "x-auto-response-suppress"]
            .iter()
            .any(|name| !header.value(name).is_empty())
        || header.value("precedence").eq_ignore_ascii_case("auto_reply")
        || is_auto_reply_subject(header.value("subject"))
}
