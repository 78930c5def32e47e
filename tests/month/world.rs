//! Publishers as they are: what each of their feeds holds at every moment, and which article every entry is in truth.
//!
//! An article has a word of its own, by which it is found everywhere. It is in the headline; in the text, if many items have one
//! headline; or in the fragment of the address, if nothing else differs. It stays there after every change of the article.
//! What cannot be decided from outside does not happen here: that an entry changes its guid or its address, and by the same
//! reading also its headline and its date; and that an entry known by nothing but its text is edited.

mod deeds;
mod truncation;

pub use truncation::Truncated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::clock::Rng;

/// One article, in all feeds that have it.
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
    /// One item a day with its own guid, date and text; all have one headline and one address.
    Daily,
    /// By the fragment of one page's address: all have one headline and one text, and no date.
    Anchors,
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
    /// Its answers end in the middle.
    Truncates,
}

struct Feed {
    habit: Habit,
    /// How many entries it shows at most.
    longest: usize,
    /// Text that all its items share, if its habit is [`Habit::Daily`] or [`Habit::Anchors`].
    common: String,
    /// Whether its anchors have guids: their addresses.
    guids: bool,
    entries: Vec<Entry>,
    /// What it does not show any more.
    away: Vec<Entry>,
    trouble: Option<(DateTime<Utc>, Trouble)>,
    /// It is elsewhere now.
    moved: bool,
    validates: bool,
    /// The validators of the documents that it served whole.
    served_whole: BTreeSet<String>,
}

/// What a server answers.
pub enum Answer {
    /// The document, with a validator if it has one.
    Document(String, Option<String>),
    /// The beginning of a document, and the validator of the document.
    Truncated(Truncated, Option<String>),
    /// A status without a document.
    Status(u16),
    /// Another path.
    Moved(String),
    /// Nothing at all.
    Nothing,
}

/// What a request brought.
pub enum Shown {
    /// All entries of the feed.
    Whole(Vec<Entry>),
    /// The entries that came whole of a document that was cut off.
    Part(Vec<Entry>),
    /// That the feed is as it was.
    Unchanged,
    /// No document of the feed.
    Failed,
}

/// Every publisher.
pub struct World {
    rng: Rng,
    /// For each article the habit of the feed that published it.
    pieces: Vec<Habit>,
    feeds: Vec<Feed>,
    /// What was done to which article in which feed.
    done: Vec<(Piece, usize, &'static str, DateTime<Utc>)>,
    now: DateTime<Utc>,
    /// How often what happened.
    pub deeds: BTreeMap<&'static str, usize>,
}

impl World {
    /// So many feeds, with what they have held for days.
    pub fn new(rng: Rng, feeds: usize, now: DateTime<Utc>) -> Self {
        let mut world = Self {
            rng,
            pieces: Vec::new(),
            feeds: Vec::new(),
            done: Vec::new(),
            now,
            deeds: BTreeMap::new(),
        };
        for number in 0..feeds {
            let habit = match number % 20 {
                3 => Habit::Bare,
                5 => Habit::Ticker,
                6 | 16 => Habit::Daily,
                7 | 17 => Habit::Anchors,
                11 => Habit::TextOnly,
                _ => Habit::Usual,
            };
            // Some of these feeds show only the latest item, and some texts are mostly those of the day before.
            let longest = match habit {
                Habit::Daily | Habit::Anchors => [1, 7, deeds::LONGEST][world.below(3)],
                _ => deeds::LONGEST,
            };
            let common = match habit {
                Habit::Daily | Habit::Anchors => world.nouns([0, 5, 40][world.below(3)]),
                _ => String::new(),
            };
            let guids = habit == Habit::Anchors && world.below(3) == 0;
            // A feed may be cut off when it is read for the first time. The second kind counts as always cut off in the end.
            let trouble = match number % 10 {
                2 => Some((now + TimeDelta::hours(14), Trouble::Truncates)),
                7 => Some((now + TimeDelta::hours(40), Trouble::Truncates)),
                _ => None,
            };
            world.feeds.push(Feed {
                habit,
                longest,
                common,
                guids,
                entries: Vec::new(),
                away: Vec::new(),
                trouble,
                moved: false,
                validates: number % 3 != 0,
                served_whole: BTreeSet::new(),
            });
            if habit == Habit::Daily {
                world.publish_daily_items(number, now - TimeDelta::days(4), now);
                continue;
            }
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
        (0..self.pieces.len()).map(Piece)
    }

    /// What an article is, if its feed gives all its items one headline and one address.
    pub fn series(&self, piece: Piece) -> Option<&'static str> {
        match self.pieces[piece.0] {
            Habit::Daily => Some("daily item"),
            Habit::Anchors => Some("anchor"),
            Habit::Usual | Habit::Bare | Habit::Ticker | Habit::TextOnly => None,
        }
    }

    /// What was done to an article, and when.
    pub fn history(&self, piece: Piece) -> Vec<String> {
        let mine = self.done.iter().filter(|(of, ..)| *of == piece);
        mine.map(|(_, feed, what, at)| format!("{what} in {feed}, {}", at.format("%m-%d %H:%M")))
            .collect()
    }

    /// The answer to a request for a path, and what it brings of which feed; `None` for a redirect.
    pub fn answer(
        &mut self,
        path: &str,
        validator: Option<&str>,
        now: DateTime<Utc>,
    ) -> (Answer, Option<(usize, Shown)>) {
        let number: usize = path
            .rsplit('/')
            .next()
            .and_then(|last| last.parse().ok())
            .expect("a feed's path");
        let feed = &mut self.feeds[number];
        assert!(
            validator.is_none_or(|validator| feed.served_whole.contains(validator)),
            "feed {number}: the request is conditional on a version that was never served whole"
        );
        feed.trouble = feed.trouble.filter(|(until, _)| *until > now);
        let trouble = feed.trouble.map(|(_, trouble)| trouble);
        let failure = match trouble {
            Some(Trouble::Fails) => Some(Answer::Status(500)),
            Some(Trouble::Page) => Some(Answer::Document("<!doctype html><title>Back soon</title>".into(), None)),
            Some(Trouble::Silent) => Some(Answer::Nothing),
            Some(Trouble::Truncates) | None => None,
        };
        if let Some(failure) = failure {
            return (failure, Some((number, Shown::Failed)));
        }
        if feed.moved && path.starts_with("/feed/") {
            return (Answer::Moved(format!("new/{number}")), None);
        }
        let document = document(number, &feed.entries);
        let tag = feed.validates.then(|| format!("\"{:x}\"", fingerprint(&document)));
        if validator.is_some() && tag.as_deref() == validator {
            return (Answer::Status(304), Some((number, Shown::Unchanged)));
        }
        let truncated = (trouble == Some(Trouble::Truncates)).then(|| Truncated::of(&document, number, now));
        let whole = truncated
            .as_ref()
            .map_or(feed.entries.len(), |truncated| truncated.whole);
        for entry in &mut feed.entries[..whole] {
            entry.seen = true;
        }
        let shown = feed.entries[..whole].to_vec();
        if let Some(truncated) = truncated {
            let missing = whole < feed.entries.len();
            let deed = if missing && whole > 0 {
                "cut in the middle"
            } else {
                "cut"
            };
            *self.deeds.entry(deed).or_default() += 1;
            return (Answer::Truncated(truncated, tag), Some((number, Shown::Part(shown))));
        }
        feed.served_whole.extend(tag.clone());
        (Answer::Document(document, tag), Some((number, Shown::Whole(shown))))
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
