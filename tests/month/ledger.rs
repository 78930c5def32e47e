//! What must come of it, reckoned apart from the program: due times by the zones' own tables, what arrived when by what the
//! feed server showed, and which issue each article belongs in.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::world::{Piece, Shown};

/// What must become of a due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Skipped, with such words as the reason.
    Skipped(&'static str),
    /// These articles are considered, and no others.
    Considered(BTreeSet<Piece>),
}

/// A newsletter as its readers know it.
pub struct Book {
    /// Its slug.
    pub slug: &'static str,
    /// Its file.
    pub toml: &'static str,
    zone: Tz,
    hour: u32,
    minute: u32,
    only: Option<Weekday>,
    skip: &'static [Weekday],
    lead: TimeDelta,
    grace: TimeDelta,
    through: DateTime<Utc>,
    /// When each article arrived, and whether it was back catalogue.
    pub arrived: BTreeMap<Piece, (DateTime<Utc>, bool)>,
    /// Which due time each article's issue has.
    pub taken: BTreeMap<Piece, DateTime<Utc>>,
    /// What became of each due time.
    pub runs: BTreeMap<DateTime<Utc>, Expected>,
}

/// Everything that must be so.
pub struct Ledger {
    /// The newsletters.
    pub books: Vec<Book>,
    /// The feeds whose back catalogue has come.
    begun: HashSet<usize>,
    /// How many answers of each feed in a row were failures, and when the last of them was.
    failures: BTreeMap<usize, (i64, DateTime<Utc>)>,
    /// The feeds of which an article is back catalogue, by newsletter.
    old: BTreeMap<(usize, Piece), BTreeSet<usize>>,
}

impl Ledger {
    /// Three newsletters, from `start` on.
    pub fn new(start: DateTime<Utc>) -> Self {
        let book = |slug, toml, zone, (hour, minute)| Book {
            slug,
            toml,
            zone,
            hour,
            minute,
            only: None,
            skip: &[],
            lead: TimeDelta::zero(),
            grace: TimeDelta::hours(6),
            through: start,
            arrived: BTreeMap::new(),
            taken: BTreeMap::new(),
            runs: BTreeMap::new(),
        };
        let daily = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"30 7 * * *\"\ntimezone = \"Europe/Berlin\"\n\
                     subject = \"{newsletter} {number}: {lead}\"\n[caps]\nper_source = 2";
        // Both fall into the changes of the clock, here and there.
        let workdays = "slug = \"workdays\"\nname = \"Workdays\"\nschedule = \"30 2 * * *\"\ntimezone = \"America/New_York\"\n\
                        subject = \"{newsletter} {number}: {lead}\"\ngrace = \"2h\"\nskip = [\"sat\", \"sun\"]\nmax_stories = 8\n\
                        story_note = true\n[exclude]\nwords = [\"sponsored\"]";
        let weekly = "slug = \"weekly\"\nname = \"Weekly\"\nschedule = \"30 2 * * sun\"\ntimezone = \"Europe/Berlin\"\n\
                      subject = \"{newsletter} {number}: {lead}\"\nlead_time = \"30m\"\napproval = \"required\"\n\
                      max_stories = 30";
        let books = vec![
            book("daily", daily, chrono_tz::Europe::Berlin, (7, 30)),
            Book {
                skip: &[Weekday::Sat, Weekday::Sun],
                grace: TimeDelta::hours(2),
                ..book("workdays", workdays, chrono_tz::America::New_York, (2, 30))
            },
            Book {
                only: Some(Weekday::Sun),
                lead: TimeDelta::minutes(30),
                ..book("weekly", weekly, chrono_tz::Europe::Berlin, (2, 30))
            },
        ];
        Self {
            books,
            begun: HashSet::new(),
            failures: BTreeMap::new(),
            old: BTreeMap::new(),
        }
    }

    /// Which newsletters read a feed, by their places.
    pub fn readers(feed: usize) -> Vec<usize> {
        let reads = [
            feed.is_multiple_of(2) || feed.is_multiple_of(5),
            !feed.is_multiple_of(3),
            feed % 4 != 1,
        ];
        let readers: Vec<usize> = (0..3).filter(|book| reads[*book]).collect();
        if readers.is_empty() { vec![0] } else { readers }
    }

    /// The feed server answered a request for a feed. Of an answer that was cut off, what came whole arrives.
    pub fn shown(&mut self, feed: usize, shown: &Shown, now: DateTime<Utc>) {
        let before = self.count_failures(feed, shown, now);
        let (Shown::Whole(entries) | Shown::Part(entries)) = shown else {
            return;
        };
        let first = !self.begun.contains(&feed);
        // The rest of the back catalogue is no news either, unless the feed never comes whole.
        if matches!(shown, Shown::Whole(_)) || before >= 3 {
            self.begun.insert(feed);
        }
        for entry in entries {
            let old = first && entry.date.is_none_or(|date| date < now - TimeDelta::hours(24));
            for book in Self::readers(feed) {
                let arrived = &mut self.books[book].arrived;
                let (_, was_old) = arrived.entry(entry.piece).or_insert((now, old));
                let by = self.old.entry((book, entry.piece)).or_default();
                if *was_old && old {
                    by.insert(feed);
                }
                // What was back catalogue of one feed is news when another feed brings it later.
                if *was_old && !old && !by.contains(&feed) {
                    arrived.insert(entry.piece, (now, false));
                }
            }
        }
    }
}

impl Ledger {
    /// How many answers of a feed in a row were failures.
    pub fn failures(&self, feed: usize) -> i64 {
        self.failures.get(&feed).map_or(0, |(count, _)| *count)
    }

    /// Counts an answer that failed. Returns how many failed before it.
    fn count_failures(&mut self, feed: usize, shown: &Shown, now: DateTime<Utc>) -> i64 {
        if matches!(shown, Shown::Whole(_) | Shown::Unchanged) {
            self.failures.remove(&feed);
            return 0;
        }
        let (count, last) = self.failures.entry(feed).or_insert((0, DateTime::UNIX_EPOCH));
        // If the process that asked died, another one asks again at the same time.
        if *last != now {
            (*count, *last) = (*count + 1, now);
        }
        *count - 1
    }
}

impl Book {
    /// When it is due on a day of its own.
    fn due_on(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        if self.only.is_some_and(|only| day.weekday() != only) {
            return None;
        }
        let wall = day.and_hms_opt(self.hour, self.minute, 0).expect("a time");
        let due = match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(at) => at,
            // Shown twice: the first time.
            LocalResult::Ambiguous(first, _) => first,
            // Jumped over: the first instant after the jump, which is by the minute here.
            LocalResult::None => (1..=180)
                .find_map(|later| {
                    self.zone
                        .from_local_datetime(&(wall + TimeDelta::minutes(later)))
                        .earliest()
                })
                .expect("clocks jump by less"),
        };
        Some(due.to_utc())
    }

    /// The due times that are to be dealt with now, and what must become of each. To be asked before the program is.
    pub fn fall_due(&mut self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let mut day = self.through.with_timezone(&self.zone).date_naive();
        let last = (now + self.lead).with_timezone(&self.zone).date_naive();
        let mut dues = Vec::new();
        while day <= last {
            dues.extend(
                self.due_on(day)
                    .filter(|due| *due > self.through && *due - self.lead <= now),
            );
            day = day.succ_opt().expect("a day");
        }
        for (at, due) in dues.iter().enumerate() {
            let expected = if at + 1 < dues.len() {
                Expected::Skipped("missed; the run of ")
            } else if now - *due > self.grace {
                Expected::Skipped(" minutes late, the grace is ")
            } else if self.skip.contains(&due.with_timezone(&self.zone).weekday()) {
                Expected::Skipped("no issue on ")
            } else {
                Expected::Considered(self.waiting(now.min(*due)))
            };
            self.runs.insert(*due, expected);
            self.through = *due;
        }
        dues
    }

    /// What arrived before a time and is in no issue.
    pub fn waiting(&self, before: DateTime<Utc>) -> BTreeSet<Piece> {
        let waits = |(piece, (at, old)): (&Piece, &(DateTime<Utc>, bool))| {
            (!old && *at < before && !self.taken.contains_key(piece)).then_some(*piece)
        };
        self.arrived.iter().filter_map(waits).collect()
    }
}
