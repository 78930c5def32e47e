//! What publishers do to their feeds.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, Habit, Piece, Trouble, World};

/// The most entries that a feed shows.
pub(super) const LONGEST: usize = 25;
/// When a daily item is published.
const HOUR: TimeDelta = TimeDelta::hours(5);
const CONSONANTS: [&str; 14] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z"];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
const VERBS: [&str; 12] = [
    "opens", "delays", "halts", "reports", "plans", "rejects", "approves", "moves", "repairs", "sells", "closes",
    "tests",
];

impl World {
    /// Lets time pass until `now`.
    pub fn pass(&mut self, since: DateTime<Utc>, now: DateTime<Utc>) {
        #[expect(clippy::cast_precision_loss, reason = "a month has few minutes")]
        let hours = (now - since).num_minutes() as f64 / 60.0;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred feeds")]
        let mut deeds = self.feeds.len() as f64 * hours * 0.127;
        self.now = now;
        for number in 0..self.feeds.len() {
            if self.feeds[number].habit == Habit::Daily {
                self.publish_daily_items(number, since, now);
            }
        }
        while self.rng.fraction() < deeds {
            deeds -= 1.0;
            self.act(now);
        }
    }

    fn act(&mut self, now: DateTime<Utc>) {
        let number = self.below(self.feeds.len());
        let deed = self.below(106);
        let habit = self.feeds[number].habit;
        let usual = habit == Habit::Usual;
        let has_own_page = matches!(habit, Habit::Usual | Habit::Bare);
        let done = match deed {
            0..40 if habit != Habit::Daily => {
                self.publish(number, now, None);
                Some("new")
            }
            40..50 if !is_series(habit) => self.follow(number, now),
            50..58 if usual => self.syndicate(number),
            58..70 if habit != Habit::TextOnly => self.edit(number, now),
            70..76 if usual || habit == Habit::Daily => self.reguid(number),
            76..82 if has_own_page || is_series(habit) => self.readdress(number),
            82..85 if has_own_page => self.relocate(number),
            85..88 if usual => self.reuse(number, now),
            88..92 => self.withdraw(number),
            92..96 => self.bring_back(number),
            96..98 => Some(self.trouble(number, now)),
            98 if self.below(4) == 0 => {
                self.feeds[number].moved = true;
                Some("feed moved")
            }
            100.. => {
                let hours = 1 + self.below(12);
                let until = now + TimeDelta::hours(i64::try_from(hours).expect("few"));
                self.feeds[number].trouble = Some((until, Trouble::Truncates));
                Some("truncating")
            }
            _ => None,
        };
        if let Some(done) = done {
            *self.deeds.entry(done).or_default() += 1;
        }
    }

    pub(super) fn below(&self, most: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is below `most`"
        )]
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let number = (self.rng.fraction() * most as f64) as usize;
        number
    }

    fn pick<'a>(&self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// One of some thousand nouns: with fewer, everything would be one story.
    fn noun(&self) -> String {
        let syllable = || format!("{}{}", self.pick(&CONSONANTS), self.pick(&VOWELS));
        format!("{}{}ne", syllable(), syllable())
    }

    pub(super) fn nouns(&self, count: usize) -> String {
        let mut nouns = String::new();
        for _ in 0..count {
            let _ = write!(nouns, " {}", self.noun());
        }
        nouns
    }

    /// One of a feed's entries that was seen as it is and fits.
    fn choose(&self, number: usize, fits: impl Fn(&Entry) -> bool) -> Option<usize> {
        let entries = &self.feeds[number].entries;
        let fitting: Vec<usize> = (0..entries.len())
            .filter(|at| entries[*at].seen && fits(&entries[*at]))
            .collect();
        (!fitting.is_empty()).then(|| fitting[self.below(fitting.len())])
    }

    /// A new article, of an event of its own or of one that was reported.
    pub(super) fn publish(&mut self, number: usize, now: DateTime<Utc>, event: Option<String>) {
        let habit = self.feeds[number].habit;
        if habit == Habit::Anchors {
            self.publish_anchor(number);
            return;
        }
        let piece = self.new_piece(number);
        let word = Self::word(piece);
        let event = event.unwrap_or_else(|| {
            format!(
                "{} {} {} near the {}",
                self.noun(),
                self.pick(&VERBS),
                self.noun(),
                self.noun()
            )
        });
        let mark = if self.below(12) == 0 { "Sponsored: " } else { "" };
        let minutes = |count: usize| TimeDelta::minutes(i64::try_from(count).expect("few"));
        let date = match self.below(10) {
            // A ticker's entries are told apart by their dates.
            _ if habit == Habit::Ticker => Some(now - TimeDelta::seconds(i64::try_from(piece.0 % 3000).expect("few"))),
            0 => Some(now - minutes(1440 + self.below(1_000_000))),
            1 => None,
            2 => Some(now + minutes(60 + self.below(60_000))),
            _ => Some(now - minutes(self.below(90))),
        };
        let title = format!("{mark}{word} {event}");
        let text = self.text(&word, &event);
        let guid = match habit {
            Habit::Usual if self.below(2) == 0 => Some(format!("https://wire{number}.example/?p={}", piece.0)),
            Habit::Usual | Habit::Ticker => Some(format!("tag:wire{number},{}", piece.0)),
            _ => None,
        };
        let url = match habit {
            Habit::Usual | Habit::Bare => Some(format!("https://wire{number}.example/news/{word}")),
            Habit::Ticker => Some(format!("https://wire{number}.example/live")),
            _ => None,
        };
        let entry = Entry {
            piece,
            guid,
            url,
            title,
            text,
            date,
            redated: false,
            robbed: false,
            seen: false,
        };
        self.show(number, entry);
    }

    fn new_piece(&mut self, number: usize) -> Piece {
        self.pieces.push(self.feeds[number].habit);
        Piece(self.pieces.len() - 1)
    }

    /// Publishes the items of the days whose hour has come after `since`.
    pub(super) fn publish_daily_items(&mut self, number: usize, since: DateTime<Utc>, now: DateTime<Utc>) {
        let mut day = since.date_naive();
        while day <= now.date_naive() {
            let at = day.and_hms_opt(0, 0, 0).expect("midnight").and_utc() + HOUR;
            if since < at && at <= now {
                let piece = self.new_piece(number);
                let text = format!("{}:{}{}", Self::word(piece), self.feeds[number].common, self.nouns(3));
                let entry = Entry {
                    piece,
                    guid: Some(format!("tag:wire{number},{}", piece.0)),
                    url: Some(format!("https://wire{number}.example/today")),
                    title: format!("Wire {number}: the puzzle of today"),
                    text,
                    date: Some(at),
                    redated: false,
                    robbed: false,
                    seen: false,
                };
                self.show(number, entry);
                *self.deeds.entry("daily item").or_default() += 1;
            }
            day = day.succ_opt().expect("a day");
        }
    }

    /// A new part of a page. Its fragment is all by which it differs from the others.
    fn publish_anchor(&mut self, number: usize) {
        let piece = self.new_piece(number);
        let url = format!("https://wire{number}.example/notes#{}", Self::word(piece));
        let feed = &self.feeds[number];
        let entry = Entry {
            piece,
            guid: feed.guids.then(|| url.clone()),
            url: Some(url),
            title: format!("Wire {number}: release notes"),
            text: feed.common.trim_start().to_owned(),
            date: None,
            redated: false,
            robbed: false,
            seen: false,
        };
        self.show(number, entry);
    }

    fn text(&self, word: &str, event: &str) -> String {
        let mut text = format!("{word}: {event}");
        for _ in 0..6 + self.below(20) {
            let _ = write!(text, " {}", self.noun());
        }
        text
    }

    fn note(&mut self, piece: Piece, number: usize, what: &'static str) {
        self.done.push((piece, number, what, self.now));
    }

    /// The newest stands first, and the oldest goes.
    fn show(&mut self, number: usize, entry: Entry) {
        let feed = &mut self.feeds[number];
        feed.entries.insert(0, entry);
        if feed.entries.len() > feed.longest {
            feed.away.extend(feed.entries.pop());
        }
    }

    /// Reports what another feed has reported.
    fn follow(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let other = self.below(self.feeds.len());
        if is_series(self.feeds[other].habit) {
            return None;
        }
        let at = self.choose(other, |entry| !entry.title.starts_with("Sponsored"))?;
        let title = &self.feeds[other].entries[at].title;
        let event = title.split_once(' ').map(|(_, event)| event.to_owned())?;
        let event = format!("{event}, {} {}", self.noun(), self.pick(&VERBS));
        self.publish(number, now, Some(event));
        Some("same event")
    }

    /// Shows another feed's article.
    fn syndicate(&mut self, number: usize) -> Option<&'static str> {
        let other = self.below(self.feeds.len());
        if other == number || !matches!(self.feeds[other].habit, Habit::Usual | Habit::Bare) {
            return None;
        }
        let at = self.choose(other, |_| true)?;
        let mut entry = self.feeds[other].entries[at].clone();
        let feed = &self.feeds[number];
        if feed
            .entries
            .iter()
            .chain(&feed.away)
            .any(|known| known.piece == entry.piece)
        {
            return None;
        }
        entry.guid = Some(format!("tag:wire{number},{}", World::word(entry.piece)));
        entry.url = entry.url.map(|url| self.respelt(&url));
        // The first fetch of this feed learns the date of the article.
        entry.seen = false;
        self.note(entry.piece, number, "syndicated");
        self.show(number, entry);
        Some("syndicated")
    }

    fn edit(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.robbed)?;
        let (what, more) = (self.below(4), self.noun());
        // The headline of a series stays.
        let is_series = is_series(self.feeds[number].habit);
        let what = if is_series { what.max(1) } else { what };
        let entry = &self.feeds[number].entries[at];
        let text = self.text(&Self::word(entry.piece), &more);
        let entry = &mut self.feeds[number].entries[at];
        if what != 1 && !is_series && entry.title.len() < 100 {
            let _ = write!(entry.title, ", {more}");
        }
        if what != 0 {
            entry.text = text;
        }
        if what == 3 && entry.date.is_some() {
            entry.date = Some(now);
            entry.redated = true;
        }
        entry.seen = false;
        let piece = entry.piece;
        self.note(
            piece,
            number,
            ["title edited", "text edited", "edited", "edited with a new date"][what],
        );
        Some("edited")
    }

    fn reguid(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.robbed)?;
        let (fresh, edited) = (self.below(1_000_000), self.below(3) == 0);
        let edited = edited && !is_series(self.feeds[number].habit);
        let more = self.noun();
        let entry = &mut self.feeds[number].entries[at];
        entry.guid = Some(format!("urn:again:{fresh}"));
        if edited && !entry.redated && entry.title.len() < 100 {
            let _ = write!(entry.title, ", {more}");
        }
        entry.seen = false;
        let piece = entry.piece;
        self.note(piece, number, if edited { "re-guided and edited" } else { "re-guided" });
        Some("re-guided")
    }

    fn readdress(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| entry.url.is_some())?;
        let url = self.feeds[number].entries[at].url.clone()?;
        let url = self.respelt(&url);
        let entry = &mut self.feeds[number].entries[at];
        entry.url = Some(url);
        entry.seen = false;
        Some("readdressed")
    }

    /// The same address written otherwise.
    fn respelt(&self, url: &str) -> String {
        let (page, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
        let page = match self.below(5) {
            0 => page.replace("https://", "http://"),
            1 if !page.contains('?') => format!("{page}?utm_source=feed&utm_medium=rss"),
            2 => page.replace("://wire", "://www.wire"),
            3 if !page.contains('?') => format!("{page}/"),
            _ if fragment.is_empty() => format!("{page}#top"),
            _ => page.to_owned(),
        };
        page + fragment
    }

    /// The site moves: guid and address are new, headline, text and date stay.
    fn relocate(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| entry.date.is_some() && !entry.robbed)?;
        let fresh = self.below(1_000_000);
        let entry = &mut self.feeds[number].entries[at];
        let word = Self::word(entry.piece);
        entry.guid = entry.guid.as_ref().map(|_| format!("urn:moved:{fresh}"));
        entry.url = Some(format!("https://wire{number}.example/{fresh}/{word}"));
        entry.seen = false;
        let piece = entry.piece;
        self.note(piece, number, "relocated");
        Some("relocated")
    }

    /// The guid of one article becomes that of another.
    fn reuse(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.robbed)?;
        let mut old = self.feeds[number].entries.remove(at);
        old.robbed = true;
        self.note(old.piece, number, "robbed of its guid");
        self.publish(number, now, None);
        let feed = &mut self.feeds[number];
        feed.entries[0].guid.clone_from(&old.guid);
        feed.away.push(old);
        Some("guid reused")
    }

    fn withdraw(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |_| true)?;
        let feed = &mut self.feeds[number];
        let entry = feed.entries.remove(at);
        feed.away.push(entry);
        Some("withdrawn")
    }

    fn bring_back(&mut self, number: usize) -> Option<&'static str> {
        let away = self.feeds[number].away.len();
        if away == 0 {
            return None;
        }
        let at = self.below(away);
        let mut entry = self.feeds[number].away.remove(at);
        entry.seen = false;
        self.note(entry.piece, number, "brought back");
        self.show(number, entry);
        Some("brought back")
    }

    fn trouble(&mut self, number: usize, now: DateTime<Utc>) -> &'static str {
        let (trouble, name) = match self.below(20) {
            0 => (Trouble::Silent, "silent"),
            1..5 => (Trouble::Page, "web page instead"),
            _ => (Trouble::Fails, "failing"),
        };
        let hours = if trouble == Trouble::Silent {
            1
        } else {
            1 + self.below(12)
        };
        let until = now + TimeDelta::hours(i64::try_from(hours).expect("few"));
        self.feeds[number].trouble = Some((until, trouble));
        name
    }
}

/// Whether all items of a feed have one headline.
fn is_series(habit: Habit) -> bool {
    matches!(habit, Habit::Daily | Habit::Anchors)
}
