//! The classes of recorded replies of many servers, compared with the reasons that Sisimai found in them.

use std::collections::BTreeMap;

use daywire::mail::classify::classify;
use daywire::mail::reply::{Class, Reply, Stage};

use Class::{Accepted, Deferred, Rejected, RelayTrouble, Slow};

use crate::support::corpora;

/// The rows of one table of the test material, without its heading.
fn rows(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read(corpora("smtp-replies").join(name)).expect("the file can be read");
    let text = String::from_utf8_lossy(&text);
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(cells).collect()
}

/// The acceptable classes of a reply with this reason of Sisimai. `None` if the reason does not describe a reply.
fn acceptable(reason: &str, code: u16) -> Option<&'static [Class]> {
    let for_now = (400..500).contains(&code);
    Some(match reason {
        "delivered" => &[Accepted],
        // These do not describe a reply to a command.
        "feedback" | "onhold" => return None,
        "userunknown" | "hostunknown" | "hasmoved" | "notaccept" | "suspend" | "filtered" | "mailboxfull"
            if for_now =>
        {
            &[Deferred]
        }
        "userunknown" | "hostunknown" | "hasmoved" | "notaccept" | "suspend" | "filtered" | "mailboxfull" => {
            &[Rejected]
        }
        "mesgtoobig" | "contenterror" => &[RelayTrouble],
        "networkerror" => &[Rejected, RelayTrouble],
        "expired" => &[Deferred, Slow],
        "toomanyconn" | "badreputation" => &[Slow, RelayTrouble],
        "systemerror" | "mailererror" => &[Deferred, Slow, RelayTrouble],
        "blocked" | "requireptr" | "policyviolation" | "securityerror" | "spamdetected" | "virusdetected"
        | "norelaying" | "authfailure" | "rejected" | "notcompliantrfc" | "syntaxerror" => {
            if code == 421 {
                &[Slow, RelayTrouble]
            } else {
                &[RelayTrouble]
            }
        }
        other => panic!("{other} is a reason that nobody has thought about"),
    })
}

/// The reply inside a report such as `host mx.example said: 550 5.1.1 … (in reply to RCPT TO command)`.
fn reply(code: u16, status: &str, report: &str) -> Reply {
    let number = code.to_string();
    let text = match report.find(&format!("{number} ")) {
        Some(at) => &report[at + number.len() + 1..],
        None => report.split_once("said: ").map_or(report, |(_, said)| said),
    };
    let text = text.split(" (in reply to ").next().unwrap_or(text);
    let reply = Reply::new(code, &[text]);
    // Its own details from 900 on are Sisimai's, for what came without one.
    let detail = status.rsplit('.').next().and_then(|detail| detail.parse::<u16>().ok());
    if reply.enhanced.is_some() || detail.is_none_or(|detail| detail >= 900 || status.ends_with(".0.0")) {
        reply
    } else {
        Reply::new(code, &[format!("{status} {text}")])
    }
}

/// How many recorded replies get an acceptable class, of how many.
pub(crate) struct ReplyScore {
    pub(crate) agree: usize,
    pub(crate) all: usize,
    /// Replies about us that reject the recipient.
    held_against: usize,
    /// Replies about the recipient, for good, that do not reject it.
    let_go: usize,
}

/// Classifies the recorded replies, and prints each that gets an unacceptable class.
pub(crate) fn classify_recorded_replies() -> ReplyScore {
    let (mut agree, mut all, mut held_against, mut let_go) = (0_usize, 0_usize, 0, 0);
    for row in rows("sisimai-diagnostics.tsv") {
        let [reason, hard, status, code, command, report] = row.as_slice() else {
            panic!("six columns: {row:?}");
        };
        let Ok(code) = code.parse::<u16>() else {
            continue;
        };
        let Some(acceptable) = acceptable(reason, code) else {
            continue;
        };
        let stage = match command.as_str() {
            "HELO" | "EHLO" => Stage::Session,
            "MAIL" => Stage::Mail,
            "DATA" => Stage::Message,
            _ if report.contains("initial connection") => Stage::Session,
            _ => Stage::Rcpt,
        };
        let reply = reply(code, status, report);
        let class = classify(&reply, stage);
        all += 1;
        if acceptable.contains(&class) {
            agree += 1;
            continue;
        }
        held_against += usize::from(class == Rejected);
        let_go += usize::from(hard == "true");
        println!("{reason}: {class:?} at {stage:?}: {reply}");
    }
    ReplyScore {
        agree,
        all,
        held_against,
        let_go,
    }
}

#[apply(with_corpora)]
fn recorded_replies_get_an_acceptable_class() {
    let score = classify_recorded_replies();
    assert!(score.agree * 100 >= score.all * 97, "{} of {}", score.agree, score.all);
    let wrong = (score.held_against, score.let_go);
    assert!(wrong.0 <= 3 && wrong.1 <= 1, "{wrong:?}");
}

#[apply(with_corpora)]
fn replies_of_a_large_provider_get_the_expected_class() {
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();
    for row in rows("provider-codes.tsv") {
        let [_, code, enhanced, text] = row.as_slice() else {
            panic!("four columns: {row:?}");
        };
        let code: u16 = code.parse().expect("the field is a code");
        let acceptable: &[Class] = match (code, enhanced.as_str()) {
            (421, _) | (_, "4.7.26") => &[Slow, RelayTrouble],
            (454, _) => &[RelayTrouble, Slow],
            (400..=499, _) => &[Deferred, Slow],
            (_, "5.2.1" | "5.4.5") => &[Slow],
            (_, "5.1.2" | "5.2.2" | "5.4.6") => &[Rejected],
            // The table gives the first with the beginning of the next row, which is about the sender.
            (_, "5.1.3" | "5.6.0") => &[Rejected, RelayTrouble],
            (_, "5.1.7" | "5.3.4") => &[RelayTrouble],
            _ => &[RelayTrouble, Slow],
        };
        let reply = Reply::new(code, &[format!("{enhanced} {text}")]);
        let class = classify(&reply, Stage::Rcpt);
        *counts.entry(format!("{class:?}")).or_insert(0) += 1;
        if !acceptable.contains(&class) {
            wrong.push(format!("{class:?}: {reply}"));
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
