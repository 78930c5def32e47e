//! Publishers as they are: what each of their feeds holds at every moment, and which article every entry is in truth.
//!
//! An article has a word of its own that stays in its headline whatever is done to it, so that it can be told everywhere.
//! What cannot be decided from outside does not happen here: that an entry changes its guid or its address, and by the same
//! reading also its headline and its date; and that an entry known by nothing but its text is edited.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::clock::Chance;

/// The most entries that a feed shows.
const LONGEST: usize = 25;
const NOUNS: [&str; 24] = [
    "satellite",
    "harbour",
    "compiler",
    "election",
    "reactor",
    "museum",
    "battery",
    "glacier",
    "parliament",
    "airline",
    "vaccine",
    "orchestra",
    "pipeline",
    "telescope",
    "railway",
    "bank",
    "forest",
    "court",
    "stadium",
    "browser",
    "kernel",
    "bridge",
    "festival",
    "union",
];
const VERBS: [&str; 12] = [
    "opens", "delays", "halts", "reports", "plans", "rejects", "approves", "moves", "repairs", "sells", "closes",
    "tests",
];

/// One article, whoever shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Piece(usize);

/// An entry of a feed as it is shown now.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which article it is.
    pub piece: Piece,
    guid: Option<String>,
    url: Option<String>,
    title: String,
    text: String,
    /// The date that it shows.
    pub date: Option<DateTime<Utc>>,
    redated: bool,
    /// Its guid is another article's now, so that nothing but what it says tells it apart.
    robbed: bool,
    /// Whether a reader of the feed has seen it just so.
    seen: bool,
}

/// How a feed tells its entries apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    /// By guid and address.
    Usual,
    /// By address alone.
    Bare,
    /// By guid; all of them link one page.
    Ticker,
    /// Not at all: there is only the text.
    TextOnly,
}

/// What is wrong with a server for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// It says 500.
    Fails,
    /// It shows a web page.
    Page,
    /// It says nothing.
    Silent,
}

struct Feed {
    habit: Habit,
    entries: Vec<Entry>,
    /// What it does not show any more.
    away: Vec<Entry>,
    trouble: Option<(DateTime<Utc>, Trouble)>,
    /// It is elsewhere now.
    moved: bool,
    validates: bool,
}

/// What a server answers.
pub enum Answer {
    /// The document, with a validator if it has one.
    Document(String, Option<String>),
    /// A status without a document.
    Status(u16),
    /// Another path.
    Moved(String),
    /// Nothing at all.
    Nothing,
}

/// Every publisher.
pub struct World {
    chance: Chance,
    pieces: usize,
    feeds: Vec<Feed>,
    /// How often what happened.
    pub deeds: std::collections::BTreeMap<&'static str, usize>,
}

impl World {
    /// So many feeds, with what they have held for days.
    pub fn new(chance: Chance, feeds: usize, now: DateTime<Utc>) -> Self {
        let mut world = Self {
            chance,
            pieces: 0,
            feeds: Vec::new(),
            deeds: std::collections::BTreeMap::new(),
        };
        for number in 0..feeds {
            let habit = match number % 20 {
                3 => Habit::Bare,
                5 => Habit::Ticker,
                11 => Habit::TextOnly,
                _ => Habit::Usual,
            };
            world.feeds.push(Feed {
                habit,
                entries: Vec::new(),
                away: Vec::new(),
                trouble: None,
                moved: false,
                validates: number % 3 != 0,
            });
            for _ in 0..3 + world.below(5) {
                world.publish(number, now, None);
                let hours = i64::try_from(world.below(120)).expect("few");
                let entry = world.feeds[number].entries.first_mut().expect("it was published");
                entry.date = entry.date.map(|date| date - TimeDelta::hours(hours));
            }
        }
        world
    }

    /// The path of a feed before it moved.
    pub fn path(feed: usize) -> String {
        format!("feed/{feed}")
    }

    /// The word of an article.
    pub fn word(piece: Piece) -> String {
        let mut number = piece.0;
        let mut word = String::from("Q");
        for _ in 0..4 {
            word.push(char::from(b"aeiou"[number % 5]));
            word.push(char::from(b"bdfgklmnprstvz"[number / 5 % 14]));
            number /= 70;
        }
        word
    }

    /// Every article so far.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + use<> {
        (0..self.pieces).map(Piece)
    }

    /// What the server says to who asks for a path, and, when it shows a document, which feed with which entries.
    pub fn answer(
        &mut self,
        path: &str,
        validator: Option<&str>,
        now: DateTime<Utc>,
    ) -> (Answer, Option<(usize, Vec<Entry>)>) {
        let number: usize = path
            .rsplit('/')
            .next()
            .and_then(|last| last.parse().ok())
            .expect("a feed's path");
        let feed = &mut self.feeds[number];
        match feed.trouble {
            Some((until, trouble)) if until > now => {
                let answer = match trouble {
                    Trouble::Fails => Answer::Status(500),
                    Trouble::Page => Answer::Document("<!doctype html><title>Back soon</title>".into(), None),
                    Trouble::Silent => Answer::Nothing,
                };
                return (answer, None);
            }
            _ => feed.trouble = None,
        }
        if feed.moved && path.starts_with("/feed/") {
            return (Answer::Moved(format!("new/{number}")), None);
        }
        let document = document(number, &feed.entries);
        let tag = feed.validates.then(|| format!("\"{:x}\"", fingerprint(&document)));
        if validator.is_some() && tag.as_deref() == validator {
            return (Answer::Status(304), None);
        }
        for entry in &mut feed.entries {
            entry.seen = true;
        }
        let shown = feed.entries.clone();
        (Answer::Document(document, tag), Some((number, shown)))
    }

    /// Lets time pass until `now`.
    pub fn pass(&mut self, since: DateTime<Utc>, now: DateTime<Utc>) {
        #[expect(clippy::cast_precision_loss, reason = "a month has few minutes")]
        let hours = (now - since).num_minutes() as f64 / 60.0;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred feeds")]
        let mut deeds = self.feeds.len() as f64 * hours * 0.12;
        while self.chance.fraction() < deeds {
            deeds -= 1.0;
            self.act(now);
        }
    }

    fn act(&mut self, now: DateTime<Utc>) {
        let number = self.below(self.feeds.len());
        let deed = self.below(100);
        let habit = self.feeds[number].habit;
        let usual = habit == Habit::Usual;
        let done = match deed {
            0..40 => {
                self.publish(number, now, None);
                Some("new")
            }
            40..50 => self.follow(number, now),
            50..58 if usual => self.syndicate(number),
            58..70 if habit != Habit::TextOnly => self.edit(number, now),
            70..76 if usual => self.reguid(number),
            76..82 if matches!(habit, Habit::Usual | Habit::Bare) => self.readdress(number),
            82..85 if matches!(habit, Habit::Usual | Habit::Bare) => self.relocate(number),
            85..88 if usual => self.reuse(number, now),
            88..92 => self.withdraw(number),
            92..96 => self.bring_back(number),
            96..98 => Some(self.trouble(number, now)),
            98 if self.below(4) == 0 => {
                self.feeds[number].moved = true;
                Some("feed moved")
            }
            _ => None,
        };
        if let Some(done) = done {
            *self.deeds.entry(done).or_default() += 1;
        }
    }

    fn below(&self, most: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is below `most`"
        )]
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let number = (self.chance.fraction() * most as f64) as usize;
        number
    }

    fn pick<'a>(&self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
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
    fn publish(&mut self, number: usize, now: DateTime<Utc>, event: Option<String>) {
        let piece = Piece(self.pieces);
        self.pieces += 1;
        let word = Self::word(piece);
        let habit = self.feeds[number].habit;
        let event = event.unwrap_or_else(|| {
            format!(
                "{} {} {} near the {}",
                self.pick(&NOUNS),
                self.pick(&VERBS),
                self.pick(&NOUNS),
                self.pick(&NOUNS)
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
            Habit::Bare | Habit::TextOnly => None,
        };
        let url = match habit {
            Habit::Usual | Habit::Bare => Some(format!("https://wire{number}.example/news/{word}")),
            Habit::Ticker => Some(format!("https://wire{number}.example/live")),
            Habit::TextOnly => None,
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

    fn text(&self, word: &str, event: &str) -> String {
        let mut text = format!("{word}: {event}");
        for _ in 0..6 + self.below(20) {
            let _ = write!(text, " {}", self.pick(if self.below(3) == 0 { &VERBS } else { &NOUNS }));
        }
        text
    }

    /// The newest stands first, and the oldest goes.
    fn show(&mut self, number: usize, entry: Entry) {
        let feed = &mut self.feeds[number];
        feed.entries.insert(0, entry);
        if feed.entries.len() > LONGEST {
            feed.away.extend(feed.entries.pop());
        }
    }

    /// Reports what another feed has reported.
    fn follow(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let other = self.below(self.feeds.len());
        let at = self.choose(other, |entry| !entry.title.starts_with("Sponsored"))?;
        let title = &self.feeds[other].entries[at].title;
        let event = title.split_once(' ').map(|(_, event)| event.to_owned())?;
        let event = format!("{event}, {} {}", self.pick(&NOUNS), self.pick(&VERBS));
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
        // Whoever reads this feed first knows its date from here.
        entry.seen = false;
        self.show(number, entry);
        Some("syndicated")
    }

    fn edit(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.robbed)?;
        let (what, more) = (self.below(4), self.pick(&NOUNS));
        let entry = &self.feeds[number].entries[at];
        let text = self.text(&Self::word(entry.piece), more);
        let entry = &mut self.feeds[number].entries[at];
        if what != 1 && entry.title.len() < 100 {
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
        Some("edited")
    }

    fn reguid(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.robbed)?;
        let (fresh, edited) = (self.below(1_000_000), self.below(3) == 0);
        let more = self.pick(&NOUNS);
        let entry = &mut self.feeds[number].entries[at];
        entry.guid = Some(format!("urn:again:{fresh}"));
        if edited && !entry.redated && entry.title.len() < 100 {
            let _ = write!(entry.title, ", {more}");
        }
        entry.seen = false;
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
        match self.below(5) {
            0 => url.replace("https://", "http://"),
            1 if !url.contains('?') => format!("{url}?utm_source=feed&utm_medium=rss"),
            2 => url.replace("://wire", "://www.wire"),
            3 if !url.contains(['?', '#']) => format!("{url}/"),
            _ if !url.contains('#') => format!("{url}#top"),
            _ => url.to_owned(),
        }
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
        Some("relocated")
    }

    /// The guid of one article becomes that of another.
    fn reuse(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.robbed)?;
        let mut old = self.feeds[number].entries.remove(at);
        old.robbed = true;
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

fn document(number: usize, entries: &[Entry]) -> String {
    let mut items = String::new();
    for entry in entries {
        let tag = |name: &str, text: Option<&str>| {
            text.map_or_else(String::new, |text| {
                format!("<{name}>{}</{name}>", text.replace('&', "&amp;"))
            })
        };
        let date = entry.date.map(|date| date.to_rfc2822());
        let _ = write!(
            items,
            "<item>{}{}{}{}{}</item>",
            entry
                .guid
                .as_ref()
                .map_or_else(String::new, |guid| format!("<guid isPermaLink=\"false\">{guid}</guid>")),
            tag("title", Some(&entry.title)),
            tag("link", entry.url.as_deref()),
            tag("description", Some(&entry.text)),
            tag("pubDate", date.as_deref()),
        );
    }
    format!("<rss version=\"2.0\"><channel><title>Wire {number}</title>{items}</channel></rss>")
}

/// FNV-1a: the same in every process.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
