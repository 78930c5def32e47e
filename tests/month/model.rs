//! Predicts the runs of each newsletter and the articles that they consider, by the rules in the documentation of the parent module.
//! It shares no code with the program: due times come from the tables of the time zones, arrivals from what the feed server served.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::publishers::{Fetched, ModelArticle};

/// What a newsletter must do at a due time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedRun {
    /// It skips the due time. The recorded reason contains this text.
    Skipped(&'static str),
    /// It considers exactly these articles. Its rules decide which of them the issue shows, and whether there is an issue.
    Considered(BTreeSet<ModelArticle>),
}

/// When an article arrived at a newsletter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub at: DateTime<Utc>,
    /// Every feed that served it so far served it as part of its back catalogue, so no issue may contain it.
    pub is_back_catalogue: bool,
}

/// The schedule of a newsletter, and what must have happened until now.
pub struct NewsletterModel {
    pub slug: &'static str,
    /// The file that creates the newsletter. The schedule below repeats what it says.
    pub toml: &'static str,
    zone: Tz,
    hour: u32,
    minute: u32,
    /// The only weekday with a due time; `None` for every day.
    weekday: Option<Weekday>,
    skip: &'static [Weekday],
    lead_time: TimeDelta,
    grace: TimeDelta,
    /// The last due time that [`Self::take_due`] returned.
    last_due: DateTime<Utc>,
    pub arrivals: BTreeMap<ModelArticle, Arrival>,
    /// For each article that an issue considered, the due time of that issue.
    pub considered: BTreeMap<ModelArticle, DateTime<Utc>>,
    /// The runs by due time.
    pub runs: BTreeMap<DateTime<Utc>, ExpectedRun>,
}

/// The predictions for all newsletters and feeds.
pub struct Model {
    pub newsletters: Vec<NewsletterModel>,
    /// The feeds whose back catalogue has arrived. What they bring now is news.
    past_back_catalogue: HashSet<usize>,
    /// For each feed, how many responses in a row failed, and when the last of them did.
    failures: BTreeMap<usize, (i64, DateTime<Utc>)>,
    /// The feeds that served an article as back catalogue, by newsletter and article.
    back_catalogue_of: BTreeMap<(usize, ModelArticle), BTreeSet<usize>>,
}

impl Model {
    /// Three newsletters whose schedules begin at `start`.
    pub fn new(start: DateTime<Utc>) -> Self {
        let newsletter = |slug, toml, zone, (hour, minute)| NewsletterModel {
            slug,
            toml,
            zone,
            hour,
            minute,
            weekday: None,
            skip: &[],
            lead_time: TimeDelta::zero(),
            grace: TimeDelta::hours(6),
            last_due: start,
            arrivals: BTreeMap::new(),
            considered: BTreeMap::new(),
            runs: BTreeMap::new(),
        };
        let daily = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"30 7 * * *\"\ntimezone = \"Europe/Berlin\"\n\
                     subject = \"{newsletter} {number}: {lead}\"\n[caps]\nper_source = 2";
        // At half past two, clocks change in New York and in Berlin.
        let workdays = "slug = \"workdays\"\nname = \"Workdays\"\nschedule = \"30 2 * * *\"\ntimezone = \"America/New_York\"\n\
                        subject = \"{newsletter} {number}: {lead}\"\ngrace = \"2h\"\nskip = [\"sat\", \"sun\"]\nmax_stories = 8\n\
                        story_note = true\n[exclude]\nwords = [\"sponsored\"]";
        let weekly = "slug = \"weekly\"\nname = \"Weekly\"\nschedule = \"30 2 * * sun\"\ntimezone = \"Europe/Berlin\"\n\
                      subject = \"{newsletter} {number}: {lead}\"\nlead_time = \"30m\"\napproval = \"required\"\n\
                      max_stories = 30";
        let newsletters = vec![
            newsletter("daily", daily, chrono_tz::Europe::Berlin, (7, 30)),
            NewsletterModel {
                skip: &[Weekday::Sat, Weekday::Sun],
                grace: TimeDelta::hours(2),
                ..newsletter("workdays", workdays, chrono_tz::America::New_York, (2, 30))
            },
            NewsletterModel {
                weekday: Some(Weekday::Sun),
                lead_time: TimeDelta::minutes(30),
                ..newsletter("weekly", weekly, chrono_tz::Europe::Berlin, (2, 30))
            },
        ];
        Self {
            newsletters,
            past_back_catalogue: HashSet::new(),
            failures: BTreeMap::new(),
            back_catalogue_of: BTreeMap::new(),
        }
    }

    /// The newsletters that read a feed, by their indexes.
    pub fn newsletters_of_feed(feed: usize) -> Vec<usize> {
        let reads = [
            feed.is_multiple_of(2) || feed.is_multiple_of(5),
            !feed.is_multiple_of(3),
            feed % 4 != 1,
        ];
        let newsletters: Vec<usize> = (0..3).filter(|index| reads[*index]).collect();
        if newsletters.is_empty() { vec![0] } else { newsletters }
    }

    /// The server responded to a request for a feed. The entries that came complete arrive at every newsletter that reads the feed.
    pub fn record_fetch(&mut self, feed: usize, fetched: &Fetched, now: DateTime<Utc>) {
        let failed_before = self.count_failures(feed, fetched, now);
        let (Fetched::Complete(entries) | Fetched::Partial(entries)) = fetched else {
            return;
        };
        let is_first = !self.past_back_catalogue.contains(&feed);
        // The rest of a feed that was cut off is back catalogue, too, unless the feed never comes complete.
        if matches!(fetched, Fetched::Complete(_)) || failed_before >= 3 {
            self.past_back_catalogue.insert(feed);
        }
        for entry in entries {
            let is_old = is_first && entry.date.is_none_or(|date| date < now - TimeDelta::hours(24));
            for index in Self::newsletters_of_feed(feed) {
                let arrivals = &mut self.newsletters[index].arrivals;
                let new = Arrival {
                    at: now,
                    is_back_catalogue: is_old,
                };
                let was_old = arrivals.entry(entry.article).or_insert(new).is_back_catalogue;
                let feeds = self.back_catalogue_of.entry((index, entry.article)).or_default();
                if was_old && is_old {
                    feeds.insert(feed);
                }
                // What was back catalogue of other feeds is news when this feed brings it later.
                if was_old && !is_old && !feeds.contains(&feed) {
                    arrivals.insert(entry.article, new);
                }
            }
        }
    }
}

impl Model {
    /// How many responses of a feed in a row failed.
    pub fn failures(&self, feed: usize) -> i64 {
        self.failures.get(&feed).map_or(0, |(count, _)| *count)
    }

    /// Counts a failed response. Returns how many failed in a row before it.
    fn count_failures(&mut self, feed: usize, fetched: &Fetched, now: DateTime<Utc>) -> i64 {
        if matches!(fetched, Fetched::Complete(_) | Fetched::Unchanged) {
            self.failures.remove(&feed);
            return 0;
        }
        let (count, last) = self.failures.entry(feed).or_insert((0, DateTime::UNIX_EPOCH));
        // If the fetching process was killed, another one repeats the request at the same time. Both count as one failure.
        if *last != now {
            (*count, *last) = (*count + 1, now);
        }
        *count - 1
    }
}

impl NewsletterModel {
    /// The due time on a day; `None` if the newsletter has none.
    fn due_on(&self, day: NaiveDate) -> Option<DateTime<Utc>> {
        if self.weekday.is_some_and(|weekday| day.weekday() != weekday) {
            return None;
        }
        let local = day
            .and_hms_opt(self.hour, self.minute, 0)
            .expect("the schedule's time of day exists");
        let due = match self.zone.from_local_datetime(&local) {
            LocalResult::Single(at) => at,
            LocalResult::Ambiguous(first, _) => first,
            // Clocks jump forward by whole minutes, so the first valid instant is found in steps of one.
            LocalResult::None => (1..=180)
                .find_map(|minutes| {
                    self.zone
                        .from_local_datetime(&(local + TimeDelta::minutes(minutes)))
                        .earliest()
                })
                .expect("clocks jump forward by at most three hours"),
        };
        Some(due.to_utc())
    }

    /// Takes the due times that the scheduler must handle now, and predicts the run of each. Call it before the scheduler runs.
    pub fn take_due(&mut self, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let mut day = self.last_due.with_timezone(&self.zone).date_naive();
        let last_day = (now + self.lead_time).with_timezone(&self.zone).date_naive();
        let mut dues = Vec::new();
        while day <= last_day {
            dues.extend(
                self.due_on(day)
                    .filter(|due| *due > self.last_due && *due - self.lead_time <= now),
            );
            day = day.succ_opt().expect("the calendar has a next day");
        }
        for (index, due) in dues.iter().enumerate() {
            let expected = if index + 1 < dues.len() {
                ExpectedRun::Skipped("missed; the run of ")
            } else if now - *due > self.grace {
                ExpectedRun::Skipped(" minutes late, the grace is ")
            } else if self.skip.contains(&due.with_timezone(&self.zone).weekday()) {
                ExpectedRun::Skipped("no issue on ")
            } else {
                ExpectedRun::Considered(self.waiting(now.min(*due)))
            };
            self.runs.insert(*due, expected);
            self.last_due = *due;
        }
        dues
    }

    /// The articles that arrived before `before`, are no back catalogue and were considered for no issue.
    fn waiting(&self, before: DateTime<Utc>) -> BTreeSet<ModelArticle> {
        let arrivals = self.arrivals.iter();
        let waiting = arrivals.filter(|(article, arrival)| {
            !arrival.is_back_catalogue && arrival.at < before && !self.considered.contains_key(article)
        });
        waiting.map(|(article, _)| *article).collect()
    }
}
