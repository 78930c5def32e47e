//! The faults of a simulated relay: a percentage of the attempts of each kind, and the same attempts for the same seed.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// The most faults of one kind, in percent of the attempts. With more, a rehearsal would take very long.
const MAX_PERCENT: f64 = 50.0;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 451 in reply to RCPT.
    Defer,
    /// 550 in reply to RCPT.
    Refuse,
    /// The connection is closed after the final dot without a reply.
    HangUp,
}

/// How frequent each fault is, in percent of the attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    defer: f64,
    refuse: f64,
    hang_up: f64,
}

/// The text cannot be parsed as faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write defer=10%,refuse=2%,hangup=1%: each once at most, each from 0% to 50%, and no more than 90% together")]
pub struct FaultsError;

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let (mut defer, mut refuse, mut hang_up) = (None, None, None);
        for part in text.split(',').map(str::trim) {
            let (kind, share) = part.split_once('=').ok_or(FaultsError)?;
            let share = share.strip_suffix('%').and_then(|share| share.parse::<f64>().ok());
            let share = share
                .filter(|share| (0.0..=MAX_PERCENT).contains(share))
                .ok_or(FaultsError)?;
            let percent = match kind {
                "defer" => &mut defer,
                "refuse" => &mut refuse,
                "hangup" => &mut hang_up,
                _ => return Err(FaultsError),
            };
            if percent.replace(share).is_some() {
                return Err(FaultsError);
            }
        }
        let share = |share: Option<f64>| share.unwrap_or(0.0);
        let faults = Self {
            defer: share(defer),
            refuse: share(refuse),
            hang_up: share(hang_up),
        };
        (faults.defer + faults.refuse + faults.hang_up <= 90.0)
            .then_some(faults)
            .ok_or(FaultsError)
    }
}

impl Faults {
    /// The fault of an attempt, if it has one. It depends on the seed, the recipient and the number of the attempt only, and not on the
    /// order in which connections work.
    pub(super) fn pick(&self, seed: u64, recipient: &str, attempt: u32) -> Option<Fault> {
        if *self == Self::default() {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(seed.to_be_bytes());
        hash.update(attempt.to_be_bytes());
        hash.update(recipient);
        let hash = hash.finalize();
        let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        let point = f64::from(number) / (f64::from(u32::MAX) + 1.0) * 100.0;
        if point < self.defer {
            Some(Fault::Defer)
        } else if point < self.defer + self.refuse {
            Some(Fault::Refuse)
        } else if point < self.defer + self.refuse + self.hang_up {
            Some(Fault::HangUp)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_parsed_with_their_percentage() {
        let faults: Faults = "defer=10%, refuse=2.5%,hangup=1%".parse().expect("faults");
        assert_eq!((faults.defer, faults.refuse, faults.hang_up), (10.0, 2.5, 1.0));
        for text in [
            "",
            "defer",
            "defer=10",
            "defer=51%",
            "defer=-1%",
            "defer=NaN%",
            "defer=1%,defer=2%",
            "explode=1%",
            "defer=50%,refuse=40.5%",
        ] {
            assert_eq!(text.parse::<Faults>(), Err(FaultsError), "{text}");
        }
    }

    #[test]
    fn faults_are_as_frequent_as_asked_and_equal_for_a_seed() {
        let faults: Faults = "defer=10%,refuse=2%,hangup=1%".parse().expect("faults");
        let picks = |seed| (0..20_000).map(move |n| faults.pick(seed, &format!("reader{n}@reader.example"), 0));
        let count = |fault| picks(7).filter(|pick| *pick == Some(fault)).count();
        assert!((1_800..2_200).contains(&count(Fault::Defer)));
        assert!((300..500).contains(&count(Fault::Refuse)));
        assert!((140..260).contains(&count(Fault::HangUp)));
        assert!(picks(7).eq(picks(7)) && !picks(7).eq(picks(8)));
        let attempts: Vec<_> = (0..200).map(|n| faults.pick(7, "ada@reader.example", n)).collect();
        assert!(
            attempts.contains(&None) && attempts.contains(&Some(Fault::Defer)),
            "a later attempt may have another fault"
        );
    }
}
