//! The publishers: what each feed contains at every moment, and which article each entry is.
//!
//! Each article has a word of its own that no change removes. It is in the headline, or in the text if all headlines of the feed are
//! equal, or in the fragment of the address if nothing else differs.
//!
//! Two changes are left out because no reader of a feed could recognise the article afterwards: a new guid or address at the same time
//! as a new headline and date, and an edit of an entry that has nothing but its text.

mod changes;
mod truncation;

pub use truncation::Truncated;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::clock::Rng;

/// The identity of an article: the same value in every feed and after every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelArticle(usize);

/// An entry of a feed in its present form.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent: any combination occurs"
)]
pub struct Entry {
    pub article: ModelArticle,
    guid: Option<String>,
    url: Option<String>,
    title: String,
    text: String,
    /// The date in the feed, which may be wrong.
    pub date: Option<DateTime<Utc>>,
    /// Whether an edit changed the date.
    redated: bool,
    /// Whether its site moved it to another address. Other feeds' earlier copies still have the former one.
    relocated: bool,
    /// Whether another article has its guid now, so that only headline and text identify it.
    lost_guid: bool,
    /// Whether the server has served it in this form. Only such entries change, so every form is served at least once.
    served: bool,
}

/// How the entries of a feed differ from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FeedKind {
    /// By guid and address.
    Standard,
    /// By address. They have no guid.
    AddressOnly,
    /// By guid. All have the address of one page.
    Ticker,
    /// By text. They have neither guid nor address.
    TextOnly,
    /// By guid, date and text. One entry a day; all have one headline and one address.
    DailySeries,
    /// By the fragment of the address. All have one headline, one text and no date.
    AnchorSeries,
}

/// What is wrong with a feed's server for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It responds with status 500.
    ServerError,
    /// It responds with a web page.
    WebPage,
    /// It closes the connection without a response.
    NoReply,
    /// It cuts its responses off.
    Truncation,
}

struct Feed {
    kind: FeedKind,
    max_entries: usize,
    /// The text that all entries share, for [`FeedKind::DailySeries`] and [`FeedKind::AnchorSeries`].
    shared_text: String,
    /// Whether the entries of an [`FeedKind::AnchorSeries`] have their address as guid.
    has_anchor_guids: bool,
    /// The newest entry is the first.
    entries: Vec<Entry>,
    /// Entries that the feed does not contain any more.
    withdrawn: Vec<Entry>,
    /// The present fault, and when it ends.
    fault: Option<(DateTime<Utc>, Fault)>,
    /// Whether the old address redirects to a new one.
    moved: bool,
    has_validator: bool,
    /// The validators of the documents that were served completely.
    served_completely: BTreeSet<String>,
}

/// The server's response to a request for a feed.
pub enum Response {
    /// The document and its validator, if the server has one.
    Document(String, Option<String>),
    /// The beginning of a document, and the validator of the whole document.
    Truncated(Truncated, Option<String>),
    /// A status without a document.
    Status(u16),
    /// A redirect to this path.
    Moved(String),
    /// The connection closes without a response.
    NoReply,
}

/// What a fetch of a feed brings.
pub enum Fetched {
    /// All entries.
    Complete(Vec<Entry>),
    /// The entries that are complete in a document that was cut off.
    Partial(Vec<Entry>),
    /// The feed has not changed.
    Unchanged,
    /// No entries, because of a fault.
    Failed,
}

/// All feeds and articles.
pub struct Publishers {
    rng: Rng,
    /// For each article, the kind of the feed that published it first.
    articles: Vec<FeedKind>,
    feeds: Vec<Feed>,
    /// The changes to articles: which one, by which feed, what and when.
    changes: Vec<(ModelArticle, usize, &'static str, DateTime<Utc>)>,
    now: DateTime<Utc>,
    /// How often each kind of event happened.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Publishers {
    /// Creates `feeds` feeds with some days of entries.
    pub fn new(rng: Rng, feeds: usize, now: DateTime<Utc>) -> Self {
        let mut publishers = Self {
            rng,
            articles: Vec::new(),
            feeds: Vec::new(),
            changes: Vec::new(),
            now,
            counts: BTreeMap::new(),
        };
        for number in 0..feeds {
            let kind = match number % 20 {
                3 => FeedKind::AddressOnly,
                5 => FeedKind::Ticker,
                6 | 16 => FeedKind::DailySeries,
                7 | 17 => FeedKind::AnchorSeries,
                11 => FeedKind::TextOnly,
                _ => FeedKind::Standard,
            };
            // Some series contain only their latest entry, and some texts differ little from one day to the next.
            let max_entries = match kind {
                FeedKind::DailySeries | FeedKind::AnchorSeries => [1, 7, changes::MAX_ENTRIES][publishers.below(3)],
                _ => changes::MAX_ENTRIES,
            };
            let shared_text = match kind {
                FeedKind::DailySeries | FeedKind::AnchorSeries => publishers.nouns([0, 5, 40][publishers.below(3)]),
                _ => String::new(),
            };
            let has_anchor_guids = kind == FeedKind::AnchorSeries && publishers.below(3) == 0;
            // Some feeds are cut off from their first fetch on: some until a later fetch succeeds, others for so long that the model
            // counts their back catalogue as read all the same.
            let fault = match number % 10 {
                2 => Some((now + TimeDelta::hours(14), Fault::Truncation)),
                7 => Some((now + TimeDelta::hours(40), Fault::Truncation)),
                _ => None,
            };
            publishers.feeds.push(Feed {
                kind,
                max_entries,
                shared_text,
                has_anchor_guids,
                entries: Vec::new(),
                withdrawn: Vec::new(),
                fault,
                moved: false,
                has_validator: number % 3 != 0,
                served_completely: BTreeSet::new(),
            });
            if kind == FeedKind::DailySeries {
                publishers.publish_daily_items(number, now - TimeDelta::days(4), now);
                continue;
            }
            for _ in 0..3 + publishers.below(5) {
                publishers.publish(number, now, None);
                let hours = i64::try_from(publishers.below(120)).expect("the number of hours is small");
                let entry = publishers.feeds[number]
                    .entries
                    .first_mut()
                    .expect("an entry was just published");
                entry.date = entry.date.map(|date| date - TimeDelta::hours(hours));
            }
        }
        publishers
    }

    /// The path of a feed before it moves.
    pub fn path(feed: usize) -> String {
        format!("feed/{feed}")
    }

    /// The word by which the test recognises an article.
    pub fn word(article: ModelArticle) -> String {
        let mut number = article.0;
        let mut word = String::from("Q");
        for _ in 0..4 {
            word.push(char::from(b"aeiou"[number % 5]));
            word.push(char::from(b"bdfgklmnprstvz"[number / 5 % 14]));
            number /= 70;
        }
        word
    }

    /// All articles that were published.
    pub fn articles(&self) -> impl Iterator<Item = ModelArticle> + use<> {
        (0..self.articles.len()).map(ModelArticle)
    }

    /// The kind of series that an article belongs to; `None` if its feed is no series.
    pub fn series(&self, article: ModelArticle) -> Option<&'static str> {
        match self.articles[article.0] {
            FeedKind::DailySeries => Some("daily item"),
            FeedKind::AnchorSeries => Some("anchor"),
            FeedKind::Standard | FeedKind::AddressOnly | FeedKind::Ticker | FeedKind::TextOnly => None,
        }
    }

    /// The changes to an article and their times, for messages.
    pub fn history(&self, article: ModelArticle) -> Vec<String> {
        let mine = self.changes.iter().filter(|(of, ..)| *of == article);
        mine.map(|(_, feed, what, at)| format!("{what} in {feed}, {}", at.format("%m-%d %H:%M")))
            .collect()
    }

    /// Responds to a request for a path. Also returns the feed and what the response brings of it; `None` for a redirect.
    pub fn respond(
        &mut self,
        path: &str,
        validator: Option<&str>,
        now: DateTime<Utc>,
    ) -> (Response, Option<(usize, Fetched)>) {
        let number: usize = path
            .rsplit('/')
            .next()
            .and_then(|last| last.parse().ok())
            .expect("the path ends with the feed's number");
        let feed = &mut self.feeds[number];
        assert!(
            validator.is_none_or(|validator| feed.served_completely.contains(validator)),
            "feed {number}: the request is conditional on a version that was never served completely"
        );
        feed.fault = feed.fault.filter(|(until, _)| *until > now);
        let fault = feed.fault.map(|(_, fault)| fault);
        let failure = match fault {
            Some(Fault::ServerError) => Some(Response::Status(500)),
            Some(Fault::WebPage) => Some(Response::Document(
                "<!doctype html><title>Back soon</title>".into(),
                None,
            )),
            Some(Fault::NoReply) => Some(Response::NoReply),
            Some(Fault::Truncation) | None => None,
        };
        if let Some(failure) = failure {
            return (failure, Some((number, Fetched::Failed)));
        }
        if feed.moved && path.starts_with("/feed/") {
            return (Response::Moved(format!("new/{number}")), None);
        }
        let document = document(number, &feed.entries);
        let tag = feed.has_validator.then(|| format!("\"{:x}\"", fingerprint(&document)));
        if validator.is_some() && tag.as_deref() == validator {
            return (Response::Status(304), Some((number, Fetched::Unchanged)));
        }
        let truncated = (fault == Some(Fault::Truncation)).then(|| Truncated::of(&document, number, now));
        let complete = truncated
            .as_ref()
            .map_or(feed.entries.len(), |truncated| truncated.complete_entries);
        for entry in &mut feed.entries[..complete] {
            entry.served = true;
        }
        let served = feed.entries[..complete].to_vec();
        if let Some(truncated) = truncated {
            let missing = complete < feed.entries.len();
            let event = if missing && complete > 0 {
                "cut in the middle"
            } else {
                "cut"
            };
            *self.counts.entry(event).or_default() += 1;
            return (
                Response::Truncated(truncated, tag),
                Some((number, Fetched::Partial(served))),
            );
        }
        feed.served_completely.extend(tag.clone());
        (
            Response::Document(document, tag),
            Some((number, Fetched::Complete(served))),
        )
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

/// FNV-1a, because it gives the same value in every run.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
