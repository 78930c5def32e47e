//! Publishers as they are: what each of their feeds holds at every moment, and which article every entry is in truth.
//!
//! An article has a word of its own that stays in its headline whatever is done to it, so that it can be told everywhere.
//! What cannot be decided from outside does not happen here: that an entry changes its guid or its address, and by the same
//! reading also its headline and its date; and that an entry known by nothing but its text is edited.

mod deeds;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::clock::Chance;

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
    /// What was done to which article in which feed.
    done: Vec<(Piece, usize, &'static str, DateTime<Utc>)>,
    now: DateTime<Utc>,
    /// How often what happened.
    pub deeds: BTreeMap<&'static str, usize>,
}

impl World {
    /// So many feeds, with what they have held for days.
    pub fn new(chance: Chance, feeds: usize, now: DateTime<Utc>) -> Self {
        let mut world = Self {
            chance,
            pieces: 0,
            feeds: Vec::new(),
            done: Vec::new(),
            now,
            deeds: BTreeMap::new(),
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

    /// What was done to an article, and when.
    pub fn history(&self, piece: Piece) -> Vec<String> {
        let mine = self.done.iter().filter(|(of, ..)| *of == piece);
        mine.map(|(_, feed, what, at)| format!("{what} in {feed}, {}", at.format("%m-%d %H:%M")))
            .collect()
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
