//! Returned mail in the forms that servers and providers send, with what each must lead to.

use std::fmt::Write as _;

use super::support::rng::Rng;

/// A returned mail.
pub struct Returned {
    /// The message with LF line ends.
    pub text: String,
    /// What it leads to; `None` if nothing is put on record.
    pub action: Option<Action>,
}

/// What a message leads to, as `bounce list` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Suppress,
    Count,
    None,
}

impl Action {
    pub const ALL: [Self; 3] = [Self::Suppress, Self::Count, Self::None];

    /// Its name in `bounce list`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suppress => "suppress",
            Self::Count => "count",
            Self::None => "none",
        }
    }
}

/// Status, diagnostic and consequence of failures in delivery status notifications.
const FAILURES: [(&str, &str, Action); 6] = [
    (
        "5.1.1",
        "550 5.1.1 User unknown in virtual mailbox table",
        Action::Suppress,
    ),
    (
        "5.1.1",
        "550-5.1.1 The email account that you tried to reach does not exist",
        Action::Suppress,
    ),
    (
        "5.1.10",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
        Action::Suppress,
    ),
    ("5.2.2", "552 5.2.2 Mailbox full", Action::Count),
    ("4.4.7", "delivery time expired", Action::Count),
    ("5.7.1", "550 5.7.1 Message rejected by policy", Action::None),
];

/// Most copies of our message in reports have at most this many bytes.
const USUAL_COPY: u64 = 3_000;
/// Some have up to this many.
const LARGE_COPY: u64 = 60_000;
/// One report in a thousand is larger than what is read of a returned mail.
const OVERSIZED_COPY: usize = 400_000;

/// Makes the message that comes back to `return_path` about the mail to `recipient`.
pub fn returned(rng: &mut Rng, recipient: &str, return_path: &str) -> Returned {
    let serial = rng.next();
    match rng.within(0..100) {
        0..60 => status_notification(rng, serial, recipient, return_path),
        60..70 => with_whole_message(copy_size(rng), serial, recipient, return_path),
        70..80 => qmail(serial, recipient, return_path),
        80..85 => complaint(serial, recipient, return_path),
        85..90 => out_of_office(serial, recipient, return_path),
        90..95 => delayed(serial, recipient, return_path),
        _ => Returned {
            action: None,
            ..status_notification(rng, serial, recipient, &forged(return_path))
        },
    }
}

/// A report with a copy of the message beyond what is read.
pub fn oversized(rng: &mut Rng, recipient: &str, return_path: &str) -> Returned {
    let serial = rng.next();
    with_whole_message(OVERSIZED_COPY, serial, recipient, return_path)
}

/// The address with one character of its tag changed.
fn forged(return_path: &str) -> String {
    let (local, domain) = return_path.split_once('@').unwrap_or((return_path, ""));
    let last = if local.ends_with('a') { 'b' } else { 'a' };
    format!("{}{last}@{domain}", &local[..local.len().saturating_sub(1)])
}

fn header(serial: u64, from: &str, to: &str, subject: &str) -> String {
    format!(
        "Return-Path: <>\nDelivered-To: {to}\nReceived: from mx.reader.example (mx.reader.example [192.0.2.7])\n\
         \tby mail.news.example (Postfix) with ESMTPS id {serial:016X}\n\tfor <{to}>; Thu, 26 Nov 2026 09:00:00 +0000 (UTC)\n\
         From: {from}\nTo: {to}\nSubject: {subject}\nDate: Thu, 26 Nov 2026 09:00:00 +0000\n\
         Message-ID: <{serial:016x}@mx.reader.example>\nMIME-Version: 1.0\n"
    )
}

fn report(serial: u64, recipient: &str, to: &str, fields: &str, words: &str, original: &str) -> String {
    let mut text = header(
        serial,
        "Mail Delivery System <MAILER-DAEMON@mx.reader.example>",
        to,
        "Undelivered Mail Returned to Sender",
    );
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "Auto-Submitted: auto-replied\nContent-Type: multipart/report; report-type=delivery-status;\n boundary=\"{serial:x}/mx\"\n\n\
         This is a MIME-encapsulated message.\n\n--{serial:x}/mx\nContent-Type: text/plain; charset=us-ascii\n\n\
         This is the mail system at host mx.reader.example.\n\n{words}\n\n\
         --{serial:x}/mx\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.reader.example\nArrival-Date: Thu, 26 Nov 2026 08:59:58 +0000 (UTC)\n\n\
         Final-Recipient: rfc822; {recipient}\nOriginal-Recipient: rfc822;{recipient}\n{fields}\n\
         --{serial:x}/mx\n{original}\n--{serial:x}/mx--\n"
    );
    text
}

fn original_header(serial: u64, recipient: &str) -> String {
    format!(
        "From: Example Wire <wire@news.example>\nTo: {recipient}\nSubject: The news of the day\nMessage-ID: <{serial:x}@news.example>\n\
         Date: Thu, 26 Nov 2026 08:59:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    )
}

fn status_notification(rng: &mut Rng, serial: u64, recipient: &str, to: &str) -> Returned {
    let at = usize::try_from(rng.within(0..FAILURES.len() as u64)).unwrap_or(0);
    let (status, diagnostic, action) = FAILURES[at];
    let fields = format!(
        "Action: failed\nStatus: {status}\nRemote-MTA: dns; mx.reader.example\nDiagnostic-Code: smtp; {diagnostic}\n"
    );
    let words = format!(
        "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<{recipient}>: host mx.reader.example\n    said: {diagnostic}"
    );
    let original = format!(
        "Content-Type: text/rfc822-headers\n\n{}",
        original_header(serial, recipient)
    );
    Returned {
        text: report(serial, recipient, to, &fields, &words, &original),
        action: Some(action),
    }
}

/// The size of the copy of our message in a report.
fn copy_size(rng: &mut Rng) -> usize {
    match rng.within(0..100) {
        0 => OVERSIZED_COPY,
        1..10 => usize::try_from(rng.within(USUAL_COPY..LARGE_COPY)).unwrap_or_default(),
        _ => usize::try_from(rng.within(0..USUAL_COPY)).unwrap_or_default(),
    }
}

/// A report with a copy of the whole message, which is what most servers send.
fn with_whole_message(size: usize, serial: u64, recipient: &str, to: &str) -> Returned {
    let mut original = format!(
        "Content-Type: message/rfc822\n\n{}\n",
        original_header(serial, recipient)
    );
    while original.len() < size {
        original.push_str("A line of the digest, which has no meaning and is as long as most lines are.\n");
    }
    let fields = "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user here\n";
    let words = format!("<{recipient}>: 550 5.1.1 No such user here");
    Returned {
        text: report(serial, recipient, to, fields, &words, &original),
        action: Some(Action::Suppress),
    }
}

/// A report in words only, as qmail writes it.
fn qmail(serial: u64, recipient: &str, to: &str) -> Returned {
    let header = header(serial, "MAILER-DAEMON@mx.reader.example", to, "failure notice");
    let original = original_header(serial, recipient);
    Returned {
        text: format!(
            "{header}\nHi. This is the qmail-send program at mx.reader.example.\n\
             I'm afraid I wasn't able to deliver your message to the following addresses.\n\
             This is a permanent error; I've given up. Sorry it didn't work out.\n\n<{recipient}>:\n\
             Sorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{original}"
        ),
        action: Some(Action::Suppress),
    }
}

fn complaint(serial: u64, recipient: &str, to: &str) -> Returned {
    let header = header(serial, "complaints@provider.example", to, "Complaint about a message");
    let original = original_header(serial, recipient);
    Returned {
        text: format!(
            "{header}Content-Type: multipart/report; report-type=feedback-report; boundary=\"{serial:x}\"\n\n\
             --{serial:x}\nContent-Type: text/plain\n\nThis is an abuse report for a message from 198.51.100.5.\n\n\
             --{serial:x}\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Example/1.0\nVersion: 1\n\
             Original-Rcpt-To: {recipient}\n\n--{serial:x}\nContent-Type: message/rfc822\n\n{original}\nText.\n--{serial:x}--\n"
        ),
        action: Some(Action::Suppress),
    }
}

fn out_of_office(serial: u64, recipient: &str, to: &str) -> Returned {
    let header = header(serial, recipient, to, "Automatic reply: The news of the day");
    Returned {
        text: format!(
            "{header}Auto-Submitted: auto-replied\nX-Auto-Response-Suppress: All\nContent-Type: text/plain; charset=utf-8\n\n\
             I am out of the office until Monday. The mailbox of my deputy is full, so please call.\n"
        ),
        action: None,
    }
}

fn delayed(serial: u64, recipient: &str, to: &str) -> Returned {
    let fields = "Action: delayed\nStatus: 4.4.1\nWill-Retry-Until: Mon, 30 Nov 2026 09:00:00 +0000\nDiagnostic-Code: X-Postfix; connect timed out\n";
    let words = "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nYour message could not be delivered for more than 4 hours.";
    let original = format!(
        "Content-Type: text/rfc822-headers\n\n{}",
        original_header(serial, recipient)
    );
    Returned {
        text: report(serial, recipient, to, fields, words, &original),
        action: None,
    }
}
