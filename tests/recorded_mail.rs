//! Bounces, complaints and replies that other servers really sent, compared with the labels that others gave them.
//!
//! `./test --test integration recorded_mail -- --nocapture` prints how many agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use daywire::bounce::read::{FeedbackType, Kind, ParsedMail, read};
use daywire::bounce::reason::Action;

use crate::reply_classes::classify_recorded_replies;
use crate::support::corpora;

/// How many answers to one question agree with the labels.
struct Score {
    folder: &'static str,
    question: &'static str,
    agree: usize,
    all: usize,
    required_percent: usize,
}

impl Score {
    fn new(folder: &'static str, question: &'static str, required_percent: usize) -> Self {
        Self {
            folder,
            question,
            agree: 0,
            all: 0,
            required_percent,
        }
    }

    /// Counts one answer. The name of what disagrees is printed.
    fn count(&mut self, agrees: bool, name: &str) {
        self.all += 1;
        self.agree += usize::from(agrees);
        if !agrees {
            println!("{}, {}: {name} disagrees", self.folder, self.question);
        }
    }

    fn is_enough(&self) -> bool {
        self.all > 0 && self.agree * 100 >= self.all * self.required_percent
    }
}

#[apply(with_corpora)]
fn recorded_mail_is_read_as_labelled() {
    let mut scores = Vec::new();
    scores.extend(bounces());
    scores.push(mail_that_is_no_bounce());
    scores.extend(reports_of_other_servers());
    scores.extend(complaints());
    let replies = classify_recorded_replies();
    scores.push(Score {
        agree: replies.agree,
        all: replies.all,
        ..Score::new("smtp-replies", "class of a reply", 95)
    });
    println!(
        "{:<16}  {:<44} {:>5} {:>5} {:>7}  needed",
        "folder", "question", "agree", "of", ""
    );
    for score in &scores {
        let tenths = score.agree * 1000 / score.all.max(1);
        println!(
            "{:<16}  {:<44} {:>5} {:>5} {:>5}.{} %  {} %",
            score.folder,
            score.question,
            score.agree,
            score.all,
            tenths / 10,
            tenths % 10,
            score.required_percent
        );
    }
    let missed: Vec<&str> = scores
        .iter()
        .filter(|score| !score.is_enough())
        .map(|score| score.question)
        .collect();
    assert!(missed.is_empty(), "too few agree: {missed:?}");
}

/// The rows of a table of the test material, by the file in their first column.
fn labels(folder: &str, table: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let table = std::fs::read_to_string(corpora(folder).join(table)).expect("the table is readable");
    let mut rows: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        rows.entry(cells[0].clone()).or_default().push(cells);
    }
    rows
}

fn read_file(path: &Path) -> ParsedMail {
    read(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("the folder is readable").path())
}

/// Whether a mail would suppress an address.
fn suppresses(mail: &ParsedMail) -> bool {
    mail.recipients
        .iter()
        .any(|recipient| mail.action(recipient) == Action::Suppress)
}

fn bounces() -> [Score; 2] {
    let mut recipients = Score::new("bounces-sisimai", "recipient", 97);
    let mut hard = Score::new("bounces-sisimai", "hard or not", 95);
    let folder = corpora("bounces-sisimai").join("maildir/bsd");
    for (file, rows) in labels("bounces-sisimai", "expected-with-recipient.tsv") {
        // The table also has messages that are not in the folder.
        let path = folder.join(&file);
        if !path.exists() {
            continue;
        }
        let mail = read_file(&path);
        for row in rows {
            let [_, _, _, _, reason, is_hard, _, recipient, _] = row.as_slice() else {
                panic!("nine columns: {row:?}");
            };
            // The labels name the last address if the message was forwarded.
            let reported = mail.recipients.iter().find(|reported| {
                let addresses = [Some(&reported.address), reported.forwarded_to.as_ref()];
                let mut addresses = addresses.into_iter().flatten();
                addresses.any(|address| address.as_typed().eq_ignore_ascii_case(recipient))
            });
            // A success is reported too, and has no failed recipient.
            let is_success = reason == "delivered" && mail.recipients.is_empty();
            recipients.count(reported.is_some() || is_success, &file);
            let found_hard = mail.kind == Kind::Bounce
                && reported
                    .or(mail.recipients.first())
                    .is_some_and(|reported| reported.reason.is_hard());
            hard.count(found_hard == (is_hard == "true"), &format!("{file} ({reason})"));
        }
    }
    assert!(recipients.all > 300, "the table and the folder have different files");
    [recipients, hard]
}

fn mail_that_is_no_bounce() -> Score {
    let mut score = Score::new("bounces-sisimai", "no suppression from what is no bounce", 100);
    for folder in ["maildir/not", "newer/maildir/not"] {
        for path in files(&corpora("bounces-sisimai").join(folder)) {
            let mail = read_file(&path);
            let is_none = mail.kind == Kind::Other && mail.recipients.is_empty();
            score.count(is_none && !suppresses(&mail), &path.display().to_string());
        }
    }
    score
}

fn reports_of_other_servers() -> [Score; 2] {
    let mut addresses = Score::new("bounces-other", "set of addresses", 95);
    let mut delayed = Score::new("bounces-other", "delayed or failed", 95);
    for (file, rows) in labels("bounces-other/flufl", "expected.tsv") {
        let mail = read_file(&corpora("bounces-other/flufl/data").join(&file));
        let [_, kind, expected, ..] = rows[0].as_slice() else {
            panic!("at least three columns: {rows:?}");
        };
        let expected: BTreeSet<&str> = expected.split(',').filter(|address| !address.is_empty()).collect();
        let found: BTreeSet<&str> = mail
            .recipients
            .iter()
            .map(|reported| reported.address.as_typed())
            .collect();
        addresses.count(found == expected, &file);
        delayed.count((mail.kind == Kind::Delayed) == (kind == "temporary"), &file);
    }
    [addresses, delayed]
}

/// The type of each complaint of the test material.
const COMPLAINTS: [(&str, FeedbackType); 16] = [
    ("001.eml", FeedbackType::Abuse),
    ("002.eml", FeedbackType::Abuse),
    ("003.eml", FeedbackType::AuthFailure),
    ("005.eml", FeedbackType::AuthFailure),
    ("arf-11.eml", FeedbackType::Abuse),
    ("arf-12.eml", FeedbackType::OptOut),
    ("arf-14.eml", FeedbackType::Abuse),
    ("arf-16.eml", FeedbackType::Abuse),
    ("arf-17.eml", FeedbackType::Abuse),
    ("arf-18.eml", FeedbackType::AuthFailure),
    ("arf-22.eml", FeedbackType::Abuse),
    ("arf-23.eml", FeedbackType::Abuse),
    ("arf-24.eml", FeedbackType::Abuse),
    ("arf-26.eml", FeedbackType::OptOut),
    ("kumo-2.eml", FeedbackType::Abuse),
    ("kumo-4.eml", FeedbackType::Abuse),
];

fn complaints() -> [Score; 2] {
    let mut types = Score::new("arf", "type of a complaint", 100);
    let mut authentication = Score::new("arf", "no suppression from auth-failure", 100);
    for (file, expected) in COMPLAINTS {
        let mail = read_file(&corpora("arf").join(file));
        types.count(mail.kind == Kind::Complaint(expected), file);
        if expected == FeedbackType::AuthFailure {
            authentication.count(!suppresses(&mail), file);
        }
    }
    [types, authentication]
}
