//! The fields of a delivery status notification ([RFC 3464](https://www.rfc-editor.org/rfc/rfc3464)), read leniently.

use super::codes::{MAX_ADDRESSES, codes, status_code, typed_address};
use super::fields::Fields;
use super::parsed_mail::{Kind, ReportedRecipient, Rule};
use super::parts::Parts;
use super::report_text::{Blocks, MAX_EVIDENCE};
use super::transcript::stage;
use crate::bounce::reason::{Evidence, StatusCode, reason};
use crate::domain::address::EmailAddress;
use crate::mail::reply::Stage;
use crate::text::plain::plain_line;

/// A diagnostic shorter than this says little, so the words of the report are read too.
const MIN_DIAGNOSTIC: usize = 20;

/// What a delivery status notification reports.
pub(super) struct DeliveryStatus {
    pub(super) kind: Kind,
    pub(super) recipients: Vec<ReportedRecipient>,
}

/// The group of fields of one recipient.
struct Group {
    address: EmailAddress,
    forwarded_to: Option<EmailAddress>,
    action: String,
    status: Option<StatusCode>,
    diagnostic: String,
}

/// Reads the fields; `None` if they name no recipient, so that other forms must be tried.
pub(super) fn read(fields: &str, parts: &Parts) -> Option<DeliveryStatus> {
    let groups = groups(fields);
    if groups.is_empty() {
        return None;
    }
    let blocks = Blocks::of(&parts.report);
    let mut recipients: Vec<ReportedRecipient> = Vec::new();
    let mut is_delay = true;
    for group in groups.iter().filter(|group| group.is_failure()) {
        if recipients.iter().any(|known| known.address == group.address) {
            continue;
        }
        is_delay &= group.action == "delayed";
        recipients.push(group.recipient(&blocks, groups.len() == 1));
    }
    let kind = match recipients.is_empty() {
        // Successful deliveries only.
        true => Kind::Other,
        false if is_delay => Kind::Delayed,
        false => Kind::Bounce,
    };
    Some(DeliveryStatus { kind, recipients })
}

/// The recipients to whom the message was delivered, or whose list or alias was expanded. If a member of a list failed, that says nothing
/// about the address of the list.
pub(super) fn delivered(fields: &str) -> Vec<EmailAddress> {
    let delivered = groups(fields).into_iter().filter(|group| !group.is_failure());
    delivered.map(|group| group.address).collect()
}

fn groups(fields: &str) -> Vec<Group> {
    let groups = Fields::groups(fields);
    // Some servers leave out the blank line between two groups.
    let groups = groups.iter().flat_map(|group| group.split_before("final-recipient"));
    groups
        .filter_map(|group| Group::of(&group))
        .take(MAX_ADDRESSES)
        .collect()
}

impl Group {
    fn of(fields: &Fields) -> Option<Self> {
        // The original recipient is the address that we mailed. The final one differs if a server forwarded the message.
        let original = fields.values("original-recipient").find_map(typed_address);
        let last = fields.values("final-recipient").find_map(typed_address);
        let address = original.or_else(|| last.clone())?;
        let action = fields.value("action").split(|c: char| !c.is_ascii_alphabetic()).next();
        let diagnostics: Vec<&str> = fields.values("diagnostic-code").map(without_type).collect();
        Some(Self {
            forwarded_to: last.filter(|last| *last != address),
            address,
            action: action.unwrap_or_default().to_ascii_lowercase(),
            status: status_code(fields.value("status")),
            diagnostic: diagnostics.join(" "),
        })
    }

    /// Whether the message was not delivered. `deliverable` is Postfix's answer to a probe.
    fn is_failure(&self) -> bool {
        !matches!(
            self.action.as_str(),
            "delivered" | "relayed" | "expanded" | "deliverable"
        )
    }

    fn recipient(&self, blocks: &Blocks<'_>, is_only_one: bool) -> ReportedRecipient {
        let (code, diagnostic_status) = codes(&self.diagnostic);
        let report = blocks.about(&self.address);
        let mut words = self.diagnostic.clone();
        if words.len() < MIN_DIAGNOSTIC || code.is_none() {
            words.push(' ');
            words.push_str(&report);
        }
        let (any_code, any_status) = codes(&words);
        let status = [diagnostic_status, any_status, self.status]
            .into_iter()
            .flatten()
            .find(|status| is_specific(*status))
            .or(self.status);
        let stage = match stage(&words) {
            Stage::Rcpt if is_only_one => stage(blocks.report()),
            Stage::Rcpt => stage(&report),
            said => said,
        };
        ReportedRecipient {
            address: self.address.clone(),
            forwarded_to: self.forwarded_to.clone(),
            reason: reason(&Evidence {
                status,
                code: code.or(any_code),
                words: &words,
                stage,
            }),
            status,
            evidence: plain_line(words.get(..words.floor_char_boundary(MAX_EVIDENCE)).unwrap_or(&words)),
            rule: Rule::DeliveryStatus,
        }
    }
}

/// Whether a status code says more than its class.
const fn is_specific(status: StatusCode) -> bool {
    !matches!(status, (_, 0, 0))
}

/// The text of `smtp; 550 5.1.1 unknown` without its type.
fn without_type(value: &str) -> &str {
    value
        .split_once(';')
        .filter(|(kind, _)| !kind.contains(char::is_whitespace))
        .map_or(value, |(_, text)| text.trim())
}
