//! The addresses that a row of the imported files does not report as confirmed.

use super::reported_status::ReportedStatus;
use crate::store::signups::AddressHash;

/// Whether an address may become confirmed, and be asked to confirm, as far as all rows about it decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// A row does not report it as confirmed, so no other row confirms it.
    pub(super) is_held_back: bool,
    /// A row reports that the person left, or is not understood, so nobody is asked to confirm.
    pub(super) may_have_left: bool,
}

/// The addresses that are held back. It has eight bytes for each of their rows.
#[derive(Debug, Default)]
pub(super) struct HeldBack {
    /// The beginnings of address hashes. The last bit is [`Held::may_have_left`].
    marks: Vec<u64>,
}

/// The first 8 bytes of an address hash. A million of them take little memory, and it is next to impossible that two addresses of one file
/// have the same.
pub(super) fn short(hash: &AddressHash) -> u64 {
    hash.iter().take(8).fold(0, |short, byte| short << 8 | u64::from(*byte))
}

impl HeldBack {
    pub(super) fn add(&mut self, hash: &AddressHash, status: ReportedStatus) {
        let may_have_left = match status {
            ReportedStatus::Active => return,
            ReportedStatus::Unconfirmed => false,
            _ => true,
        };
        self.marks.push(short(hash) & !1 | u64::from(may_have_left));
    }

    /// Adds those of another file. Afterwards [`Self::of`] finds all.
    pub(super) fn append(&mut self, mut other: Self) {
        self.marks.append(&mut other.marks);
        self.marks.sort_unstable();
        self.marks.dedup();
    }

    pub(super) fn of(&self, hash: &AddressHash) -> Held {
        let mark = short(hash) & !1;
        let has = |mark: u64| self.marks.binary_search(&mark).is_ok();
        let may_have_left = has(mark | 1);
        Held {
            is_held_back: may_have_left || has(mark),
            may_have_left,
        }
    }
}
