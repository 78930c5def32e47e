//! Limits on the mails that one mailbox gets because somebody typed its address: waits that double, and a daily cap.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::domain::address::{EmailAddress, Spelling};
use crate::domain::time::time_delta;
use crate::store::mailbox_histories::{MailboxHistory, MailboxKey};
use crate::store::subscriptions::CLOCK_TOLERANCE;

const DAY: TimeDelta = TimeDelta::days(1);
/// After this time without a mail the waits of a mailbox begin again with the first.
pub(crate) const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(7);

/// The key of a mailbox's row.
pub(crate) fn mailbox_key(app: &App, kind: MailboxLimit, address: &EmailAddress) -> MailboxKey {
    let kind = match kind {
        MailboxLimit::SignUps => "mailbox",
        MailboxLimit::PreferenceChanges => "mailbox notes",
        MailboxLimit::ChangesByDigest => "mailbox notes by digest",
        MailboxLimit::Links => "mailbox links",
        MailboxLimit::LinksByDigest => "mailbox links by digest",
        MailboxLimit::Welcomes => "mailbox welcomes",
        MailboxLimit::LostLinks => "mailbox lost links",
        MailboxLimit::Comments => "mailbox comments",
    };
    app.keys.limit_key(kind, &[address.counting_key().as_bytes()])
}

/// The keys of all rows of a mailbox.
pub(crate) fn mailbox_keys(app: &App, address: &EmailAddress) -> Vec<[u8; 16]> {
    let kinds = [
        MailboxLimit::SignUps,
        MailboxLimit::PreferenceChanges,
        MailboxLimit::ChangesByDigest,
        MailboxLimit::Links,
        MailboxLimit::LinksByDigest,
        MailboxLimit::Welcomes,
        MailboxLimit::LostLinks,
        MailboxLimit::Comments,
    ];
    kinds.map(|kind| mailbox_key(app, kind, address)).to_vec()
}

/// The kind of mails that are counted. The kinds are separate, so that sign-ups with a subscriber's address cannot suppress mails
/// about changes, and a person to whom a digest was forwarded cannot use up the mails of its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailboxLimit {
    /// Mails caused by sign-ups.
    SignUps,
    /// Mails about changes by a link that was mailed for the purpose.
    PreferenceChanges,
    /// Mails about changes by the link in a digest, which may have been forwarded.
    ChangesByDigest,
    /// Mails with a link to export or to erase, which the link to all subscriptions causes.
    Links,
    /// Mails with a link that permits more, which the link in a digest causes.
    LinksByDigest,
    /// Welcome mails after joining by the link to all subscriptions.
    Welcomes,
    /// Mails with a lost link. Anybody who knows the address can cause them.
    LostLinks,
    /// Mails with a link to comment. Anybody who knows the address can cause them.
    Comments,
}

impl MailboxHistory {
    /// The mails that still count at `now`: none if the row was written by a clock that was ahead, or if the last mail is too old.
    pub(crate) fn current(self, now: DateTime<Utc>) -> Self {
        let is_ahead = self.updated_at.is_some_and(|decided| decided > now + CLOCK_TOLERANCE);
        let is_forgotten = self.sent.last().is_none_or(|(last, _)| *last <= now - FORGOTTEN_AFTER);
        if is_ahead || is_forgotten {
            return Self::default();
        }
        self
    }

    /// When the next mail to this spelling may be sent: now or later; `None` if the daily cap is reached.
    ///
    /// A stranger can sign up any number of other spellings of an address. They must neither use up the cap, so part of it is
    /// kept for plainer spellings, nor make the owner wait, so a mail waits only for mails to spellings that are as plain.
    pub(crate) fn next(
        &self,
        now: DateTime<Utc>,
        spelling: Spelling,
        per_day: u32,
        first_wait: Duration,
    ) -> Option<DateTime<Utc>> {
        let recent = |plainest: Spelling| {
            let mails = self.sent.iter();
            mails
                .filter(|(at, spelling)| *at > now - DAY && *spelling >= plainest)
                .count()
        };
        let cap = |plainest: Spelling| usize::try_from(share(plainest, per_day)).unwrap_or(usize::MAX);
        if recent(Spelling::Plain) >= cap(Spelling::Plain) || recent(spelling) >= cap(spelling) {
            return None;
        }
        let wait = match self.unanswered[..=spelling as usize].iter().sum() {
            0 => TimeDelta::zero(),
            mails => doubled(first_wait, mails - 1),
        };
        let last = self.sent.iter().rfind(|(_, sent_to)| *sent_to <= spelling);
        Some(last.map_or(now, |(last, _)| now.max(*last + wait)))
    }

    /// Counts a mail to this spelling that is sent at `at`.
    pub(crate) fn count(&mut self, at: DateTime<Utc>, spelling: Spelling, per_day: u32) {
        // Mails to other spellings may be queued for later.
        let index = self.sent.partition_point(|(sent, _)| *sent <= at);
        self.sent.insert(index, (at, spelling));
        let surplus = self
            .sent
            .len()
            .saturating_sub(usize::try_from(per_day).unwrap_or(usize::MAX));
        self.sent.drain(..surplus);
        let unanswered = &mut self.unanswered[spelling as usize];
        *unanswered = unanswered.saturating_add(1);
    }
}

/// How many of a mailbox's mails a day may go to spellings that are no plainer than this one: all, all but one, or all but two.
/// At least one, or nobody could sign up with a tag when the cap is one mail a day.
fn share(plainest: Spelling, per_day: u32) -> u32 {
    per_day.saturating_sub(plainest as u32).max(1)
}

/// `first` doubled `times` times: at most one day, unless `first` is longer.
fn doubled(first: Duration, times: u32) -> TimeDelta {
    let first = time_delta(first);
    let factor = 1_i32.checked_shl(times.min(30)).unwrap_or(i32::MAX);
    first.checked_mul(factor).unwrap_or(DAY).min(DAY.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_MINUTES: Duration = Duration::from_mins(10);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    #[test]
    fn waits_double_up_to_the_daily_cap() {
        let mut history = MailboxHistory::default();
        for expected in [0, 10, 30, 70, 150] {
            let next = history
                .next(at(0), Spelling::Plain, 5, TEN_MINUTES)
                .expect("the daily cap is not reached");
            assert_eq!(next, at(expected));
            history.count(next, Spelling::Plain, 5);
        }
        assert_eq!(history.next(at(200), Spelling::Plain, 5, TEN_MINUTES), None);
        assert_eq!(
            history.next(at(24 * 60), Spelling::Plain, 5, TEN_MINUTES),
            Some(at(24 * 60)),
            "the first one is a day old"
        );
        history.count(at(24 * 60), Spelling::Plain, 5);
        assert_eq!(
            history.next(at(24 * 60 + 1), Spelling::Plain, 5, TEN_MINUTES),
            None,
            "four are younger than a day"
        );
        let last = at(24 * 60) + TimeDelta::minutes(10 << 5);
        assert_eq!(
            history.next(at(24 * 60 + 10), Spelling::Plain, 5, TEN_MINUTES),
            Some(last)
        );
    }

    #[test]
    fn a_mailbox_that_answers_is_not_kept_waiting() {
        let mut history = MailboxHistory::default();
        history.count(at(0), Spelling::Plain, 5);
        history.count(at(10), Spelling::Plain, 5);
        history.unanswered = [0; 3];
        assert_eq!(history.next(at(11), Spelling::Plain, 5, TEN_MINUTES), Some(at(11)));
        assert_eq!(
            history.next(at(11), Spelling::Plain, 2, TEN_MINUTES),
            None,
            "the daily cap stays"
        );
    }

    #[test]
    fn mails_to_other_spellings_neither_use_up_the_cap_nor_delay_mails_to_the_plain_address() {
        use Spelling::{Dotted, Plain, Tagged};

        let mut history = MailboxHistory::default();
        let mut send = |spelling, minutes: Option<i64>| {
            let next = history.next(at(0), spelling, 5, TEN_MINUTES);
            assert_eq!(next, minutes.map(at), "{spelling:?} after {:?}", history.sent);
            if let Some(next) = next {
                history.count(next, spelling, 5);
            }
        };
        for minutes in [Some(0), Some(10), Some(30), None] {
            send(Tagged, minutes);
        }
        send(Dotted, Some(0));
        send(Dotted, None);
        send(Plain, Some(0));
        send(Plain, None);

        let mut plain_first = MailboxHistory::default();
        plain_first.count(at(0), Plain, 5);
        assert_eq!(plain_first.next(at(0), Tagged, 5, TEN_MINUTES), Some(at(10)));
        assert_eq!([1, 2, 5].map(|per_day| share(Tagged, per_day)), [1, 1, 3]);
    }

    #[test]
    fn a_row_written_by_a_clock_that_was_ahead_is_ignored() {
        let mut history = MailboxHistory::default();
        for years in 1..=5 {
            history.count(at(0) + TimeDelta::days(365 * years), Spelling::Plain, 5);
        }
        history.updated_at = Some(at(60));
        assert_eq!(history.current(at(0)), MailboxHistory::default());
    }

    #[test]
    fn waits_never_overflow() {
        let year = Duration::from_hours(24 * 366);
        assert_eq!(doubled(year, 200), time_delta(year));
        assert_eq!(doubled(Duration::from_millis(1), 200), DAY);
    }
}
