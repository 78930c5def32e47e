//! The reasons of a delivery report: counts deliveries by state and reason.

use std::collections::BTreeMap;

use serde::Serialize;

use super::report_file::Counts;
use crate::domain::redact::without_addresses;
use crate::domain::states::{DeliveryState, SuppressionReason};
use crate::store::deliveries::ReportedDelivery;

/// Different reasons in a report. Further ones are counted together.
const MAX_REASONS: usize = 200;
/// Characters of a reason that is not a reply.
const MAX_REASON_LENGTH: usize = 80;

/// How many deliveries are in a state for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The state that the deliveries are in.
    pub state: DeliveryState,
    /// The reason; empty if nothing has happened yet.
    pub reason: String,
    /// The number of deliveries.
    pub count: i64,
}

/// All states, each without deliveries.
pub(super) fn zeros() -> Counts {
    DeliveryState::ALL.iter().map(|state| (*state, 0)).collect()
}

/// Counts rows by state and reason.
pub(super) struct Counter {
    pub(super) counts: Counts,
    reasons: BTreeMap<(DeliveryState, String), i64>,
    /// Deliveries whose state has no explanation.
    pub(super) unexplained: i64,
}

impl Counter {
    pub(super) fn new(compacted: &Counts) -> Self {
        let mut counter = Self {
            counts: zeros(),
            reasons: BTreeMap::new(),
            unexplained: 0,
        };
        for (state, count) in compacted {
            *counter.counts.entry(*state).or_default() += count;
            counter.reasons.insert((*state, "compacted".into()), *count);
        }
        counter
    }

    pub(super) fn add(&mut self, line: &ReportedDelivery) {
        *self.counts.entry(line.state).or_default() += 1;
        let is_explained = match line.state {
            DeliveryState::Queued | DeliveryState::Sending => true,
            DeliveryState::Accepted | DeliveryState::InDoubt => line.attempts > 0 && line.last_reply.is_some(),
            _ => line.last_reply.is_some(),
        };
        self.unexplained += i64::from(!is_explained);
        let key = (
            line.state,
            reason_of_reply(line.state, line.last_reply.as_deref().unwrap_or_default()),
        );
        if self.reasons.len() < MAX_REASONS || self.reasons.contains_key(&key) {
            *self.reasons.entry(key).or_default() += 1;
        } else {
            *self.reasons.entry((line.state, "(other)".into())).or_default() += 1;
        }
    }

    pub(super) fn reasons(self) -> Vec<Reason> {
        let reasons = self.reasons.into_iter();
        let reasons = reasons.map(|((state, reason), count)| Reason { state, reason, count });
        reasons.collect()
    }
}

/// The reason that deliveries are grouped by. Of a reply these are its codes, because servers put names and numbers into the text. Of a
/// suppression it is the word before the evidence, because imported addresses each have evidence of their own.
pub(crate) fn reason_of_reply(state: DeliveryState, text: &str) -> String {
    if let (DeliveryState::Suppressed, Some((word, _))) = (state, text.split_once(": "))
        && word.parse::<SuppressionReason>().is_ok()
    {
        return word.to_owned();
    }
    let mut words = text.split(' ');
    let code = words.next().unwrap_or_default();
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()) {
        let enhanced = words.next().filter(|word| {
            let parts: Vec<_> = word.split('.').collect();
            parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok())
        });
        return enhanced.map_or_else(|| code.to_owned(), |enhanced| format!("{code} {enhanced}"));
    }
    without_addresses(text).chars().take(MAX_REASON_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::SubscriptionId;

    #[test]
    fn replies_with_equal_codes_have_one_reason() {
        assert_eq!(
            reason_of_reply(DeliveryState::Rejected, "550 5.1.1 <ada@reader.example> unknown, id 7"),
            "550 5.1.1"
        );
        assert_eq!(reason_of_reply(DeliveryState::Rejected, "450 try later"), "450");
        assert_eq!(
            reason_of_reply(DeliveryState::Rejected, "the subscriber left"),
            "the subscriber left"
        );
        assert_eq!(
            reason_of_reply(DeliveryState::Rejected, "no route to ada@reader.example"),
            "no route to (address)"
        );
        assert_eq!(reason_of_reply(DeliveryState::Rejected, ""), "");
    }

    #[test]
    fn suppressed_deliveries_are_grouped_by_the_reason_of_the_suppression() {
        let suppressed = |text| reason_of_reply(DeliveryState::Suppressed, text);
        assert_eq!(suppressed("import: list.csv, line 2: reason: blocked"), "import");
        assert_eq!(suppressed("import: list.csv, line 3"), "import");
        assert_eq!(suppressed("hard_bounce: 550 5.1.1 unknown"), "hard_bounce");
    }

    #[test]
    fn every_delivery_is_counted_even_with_too_many_reasons() {
        let mut counter = Counter::new(&Counts::new());
        for n in 0..1_000_u32 {
            counter.add(&ReportedDelivery {
                subscription_id: SubscriptionId(Uuid::from_u128(n.into())),
                state: DeliveryState::Suppressed,
                attempts: 0,
                last_reply: Some(format!("reason {n}")),
                updated_at: chrono::DateTime::UNIX_EPOCH,
            });
        }
        let reasons = counter.reasons();
        assert!(reasons.len() <= MAX_REASONS + 1);
        assert_eq!(reasons.iter().map(|reason| reason.count).sum::<i64>(), 1_000);
    }
}
