//! The text of a report that was written for a person: which lines name a recipient, and what they say.

use std::collections::HashMap;

use super::codes::{MAX_ADDRESSES, addresses, codes};
use super::fields::Fields;
use super::original::OriginalMessage;
use super::parsed_mail::{ReportedRecipient, Rule};
use super::parts::Parts;
use super::transcript::stage;
use crate::bounce::reason::{Evidence, reason};
use crate::domain::address::EmailAddress;
use crate::text::plain::plain_line;

/// The most bytes of a report's words that are kept.
pub(in crate::bounce) const MAX_EVIDENCE: usize = 1200;
/// A block shorter than this gives no reason, so the whole report is read.
const MIN_BLOCK: usize = 40;
/// The most bytes of a line that are searched for a recipient.
const MAX_LINE: usize = 2000;

/// What stands before a recipient on its line, in lower case.
const LABELS: &[&str] = &[
    "to",
    "rcpt to",
    "rcpt",
    "recipient",
    "recipient address",
    "original address",
    "original recipient",
    "failed recipient",
    "intended recipient",
    "addressee",
    "user",
    "userid",
    "smtp",
    "could not be delivered to",
    "unable to deliver message to",
    "delivering your mail to",
    "delivery to",
    "your message to",
    "mail to",
    "this mailing list",
    "421",
    "450",
    "451",
    "452",
    "550",
    "551",
    "552",
    "553",
    "554",
];
/// The most characters before a label on its line.
const MAX_BEFORE_LABEL: usize = 24;
/// What lines contain whose address is somebody else's: the sender, an administrator, a message.
const OTHER_LINES: &[&str] = &[
    "contact",
    "assistance",
    "message-id",
    "message id",
    "from:",
    "from ",
    "mailto:",
    "subject",
    "envelope-from",
    "http",
    "questions",
    "reply-to",
    "sender:",
    "report",
    "received:",
    " id ",
    "help",
    "postmaster",
    "abuse",
];
/// What precedes the list of failed recipients.
const LIST_ANNOUNCED: &[&str] = &["did not reach the following recipient", "following address(es) failed"];

/// The recipients that the words of a report name.
pub(super) fn read(parts: &Parts, header: &Fields, original: &OriginalMessage) -> Vec<ReportedRecipient> {
    let blocks = Blocks::of(&parts.report);
    let named: Vec<EmailAddress> = header.values("x-failed-recipients").flat_map(addresses).collect();
    let sources = [
        (named, Rule::FailedRecipients),
        (blocks.recipients(header), Rule::ReportText),
        (original.to.clone(), Rule::OriginalMessage),
    ];
    let Some((mut found, rule)) = sources.into_iter().find(|(found, _)| !found.is_empty()) else {
        return Vec::new();
    };
    found.dedup();
    // Searched once here, because a report may be long and name many recipients.
    let report_has_code = has_code(blocks.report);
    found
        .into_iter()
        .map(|address| blocks.reported(address, rule, report_has_code))
        .collect()
}

/// The lines of a report, divided by the address that they speak about.
pub(super) struct Blocks<'a> {
    report: &'a str,
    /// In the order of the report.
    in_order: Vec<Block>,
    /// The position of the block about each address.
    positions: HashMap<EmailAddress, usize>,
}

struct Block {
    address: EmailAddress,
    /// Whether one of its lines names the address as a recipient.
    names_recipient: bool,
    lines: String,
}

impl<'a> Blocks<'a> {
    /// Each line with an address begins a block, which ends where the next one begins.
    pub(super) fn of(report: &'a str) -> Self {
        let report = after_announcement(report);
        let mut blocks: Vec<Block> = Vec::new();
        let mut positions = HashMap::new();
        let mut current: Option<usize> = None;
        for line in report.lines() {
            if let Some((address, names_recipient)) = recipient_in(line) {
                let position = positions.get(&address).copied().unwrap_or(blocks.len());
                if position == MAX_ADDRESSES {
                    break;
                }
                if position == blocks.len() {
                    positions.insert(address.clone(), position);
                    blocks.push(Block {
                        address,
                        names_recipient: false,
                        lines: String::new(),
                    });
                }
                blocks[position].names_recipient |= names_recipient;
                current = Some(position);
            } else if starts_with_reply(line)
                && current.is_some_and(|position| starts_with_reply(&blocks[position].lines))
            {
                // In a transcript each reply is a line, and this one names no recipient: it is about something else.
                current = None;
            }
            if let Some(position) = current {
                blocks[position].lines.push_str(line);
                blocks[position].lines.push('\n');
            }
        }
        Self {
            report,
            in_order: blocks,
            positions,
        }
    }

    pub(super) const fn report(&self) -> &'a str {
        self.report
    }

    /// What the report says about an address; the whole report if it does not name it.
    pub(super) fn about(&self, address: &EmailAddress) -> String {
        let position = self.positions.get(address);
        let words = position.map_or(self.report, |position| &self.in_order[*position].lines);
        cut(words).to_owned()
    }

    /// The addresses that are probably recipients: not those the report was sent to, and, if some lines name recipients, only those.
    fn recipients(&self, header: &Fields) -> Vec<EmailAddress> {
        let reported_to = ["to", "delivered-to", "x-original-to"];
        let reported_to: Vec<EmailAddress> = reported_to
            .iter()
            .flat_map(|name| header.values(name))
            .flat_map(addresses)
            .collect();
        let mut blocks: Vec<&Block> = self.in_order.iter().collect();
        let is_other = |block: &&Block| !reported_to.contains(&block.address);
        if blocks.iter().any(is_other) {
            blocks.retain(is_other);
        }
        if blocks.iter().any(|block| block.names_recipient) {
            blocks.retain(|block| block.names_recipient);
        }
        blocks.into_iter().map(|block| block.address.clone()).collect()
    }

    /// `report_has_code` says whether the whole report has a code: then the reason of a block without one is read from the report.
    fn reported(&self, address: EmailAddress, rule: Rule, report_has_code: bool) -> ReportedRecipient {
        let block = self.about(&address);
        let words = if !has_code(&block) && (report_has_code || block.len() < MIN_BLOCK) {
            cut(self.report)
        } else {
            &block
        };
        let (code, status) = codes(words);
        let stage = stage(words);
        ReportedRecipient {
            address,
            forwarded_to: None,
            reason: reason(&Evidence {
                status,
                code,
                words,
                stage,
            }),
            status,
            evidence: plain_line(words),
            rule,
        }
    }
}

/// The address on a line that may be a recipient's, and whether the line names it as one.
fn recipient_in(line: &str) -> Option<(EmailAddress, bool)> {
    let line = &line[..line.floor_char_boundary(MAX_LINE)];
    let lower = line.to_lowercase();
    let is_other = OTHER_LINES.iter().any(|word| lower.contains(word));
    addresses(line).into_iter().find_map(|address| {
        let local = address.as_typed().to_lowercase();
        if local.starts_with("postmaster@") || local.starts_with("mailer-daemon@") {
            return None;
        }
        let names_recipient = names_recipient(&lower, &local);
        (names_recipient || !is_other).then_some((address, names_recipient))
    })
}

/// Whether only a label stands before the address, both in lower case.
fn names_recipient(line: &str, address: &str) -> bool {
    let Some((before, _)) = line.split_once(address) else {
        return false;
    };
    let before = before.trim_matches(|c: char| !c.is_alphanumeric());
    let is_label = |label: &&str| before.ends_with(*label) && before.len() <= label.len() + MAX_BEFORE_LABEL;
    before.is_empty() || LABELS.iter().any(is_label)
}

/// The report from the list of failed recipients on, if it announces one.
fn after_announcement(report: &str) -> &str {
    let mut start = 0;
    for line in report.split_inclusive('\n') {
        start += line.len();
        let line = line.to_ascii_lowercase();
        if !line.contains('@') && LIST_ANNOUNCED.iter().any(|announcement| line.contains(announcement)) {
            return &report[start..];
        }
    }
    report
}

/// Whether a line begins with a reply code, such as `550 `.
fn starts_with_reply(line: &str) -> bool {
    let (code, rest) = line.split_at_checked(3).unwrap_or((line, ""));
    code.starts_with(['4', '5']) && code.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with([' ', '-'])
}

/// Whether a text has a reply code or an enhanced status code.
fn has_code(text: &str) -> bool {
    codes(text) != (None, None)
}

fn cut(words: &str) -> &str {
    &words[..words.floor_char_boundary(MAX_EVIDENCE)]
}
