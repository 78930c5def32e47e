//! The changes that publishers make to their feeds, at random.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Entry, Fault, FeedKind, ModelArticle, Publishers};

/// The most entries that a feed contains.
pub(super) const MAX_ENTRIES: usize = 25;
/// The time of day at which daily series publish.
const DAILY_ITEM_HOUR: TimeDelta = TimeDelta::hours(5);
const CONSONANTS: [&str; 14] = ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z"];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
const VERBS: [&str; 12] = [
    "opens", "delays", "halts", "reports", "plans", "rejects", "approves", "moves", "repairs", "sells", "closes",
    "tests",
];

impl Publishers {
    /// Makes the changes of the time from `since` to `now`.
    pub fn advance(&mut self, since: DateTime<Utc>, now: DateTime<Utc>) {
        #[expect(clippy::cast_precision_loss, reason = "the number of minutes is small")]
        let hours = (now - since).num_minutes() as f64 / 60.0;
        #[expect(clippy::cast_precision_loss, reason = "the number of feeds is small")]
        let mut changes = self.feeds.len() as f64 * hours * 0.127;
        self.now = now;
        for number in 0..self.feeds.len() {
            if self.feeds[number].kind == FeedKind::DailySeries {
                self.publish_daily_items(number, since, now);
            }
        }
        while self.rng.fraction() < changes {
            changes -= 1.0;
            self.change_a_feed(now);
        }
    }

    fn change_a_feed(&mut self, now: DateTime<Utc>) {
        let number = self.below(self.feeds.len());
        let event = self.below(106);
        let kind = self.feeds[number].kind;
        let usual = kind == FeedKind::Standard;
        let has_own_page = matches!(kind, FeedKind::Standard | FeedKind::AddressOnly);
        let done = match event {
            0..40 if kind != FeedKind::DailySeries => {
                self.publish(number, now, None);
                Some("new")
            }
            40..50 if !is_series(kind) => self.report_same_event(number, now),
            50..58 if usual => self.syndicate(number),
            58..70 if kind != FeedKind::TextOnly => self.edit(number, now),
            70..76 if usual || kind == FeedKind::DailySeries => self.change_guid(number),
            76..82 if has_own_page || is_series(kind) => self.respell_address(number),
            82..85 if has_own_page => self.relocate(number),
            85..88 if usual => self.reuse_guid(number, now),
            88..92 => self.withdraw(number),
            92..96 => self.restore(number),
            96..98 => Some(self.start_fault(number, now)),
            98 if self.below(4) == 0 => {
                self.feeds[number].moved = true;
                Some("feed moved")
            }
            100.. => {
                let hours = 1 + self.below(12);
                let until = now + TimeDelta::hours(i64::try_from(hours).expect("the number is small"));
                self.feeds[number].fault = Some((until, Fault::Truncation));
                Some("truncating")
            }
            _ => None,
        };
        if let Some(done) = done {
            *self.counts.entry(done).or_default() += 1;
        }
    }

    /// A random number from 0 up to `limit`, exclusive.
    pub(super) fn below(&self, limit: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the product is below `limit`"
        )]
        #[expect(clippy::cast_precision_loss, reason = "limits are small")]
        let number = (self.rng.fraction() * limit as f64) as usize;
        number
    }

    fn pick<'a>(&self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// One of 4900 nouns. With fewer, unrelated articles would be grouped into one story.
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

    /// The index of an entry that fits and was served in its present form.
    fn choose(&self, number: usize, fits: impl Fn(&Entry) -> bool) -> Option<usize> {
        let entries = &self.feeds[number].entries;
        let fitting: Vec<usize> = (0..entries.len())
            .filter(|at| entries[*at].served && fits(&entries[*at]))
            .collect();
        (!fitting.is_empty()).then(|| fitting[self.below(fitting.len())])
    }

    /// Publishes a new article about `event`, or about a new event.
    pub(super) fn publish(&mut self, number: usize, now: DateTime<Utc>, event: Option<String>) {
        let kind = self.feeds[number].kind;
        if kind == FeedKind::AnchorSeries {
            self.publish_anchor(number);
            return;
        }
        let article = self.new_article(number);
        let word = Self::word(article);
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
        let minutes = |count: usize| TimeDelta::minutes(i64::try_from(count).expect("the number is small"));
        let date = match self.below(10) {
            // A ticker's entries differ by their dates.
            _ if kind == FeedKind::Ticker => {
                Some(now - TimeDelta::seconds(i64::try_from(article.0 % 3000).expect("the number is small")))
            }
            0 => Some(now - minutes(1440 + self.below(1_000_000))),
            1 => None,
            2 => Some(now + minutes(60 + self.below(60_000))),
            _ => Some(now - minutes(self.below(90))),
        };
        let title = format!("{mark}{word} {event}");
        let text = self.text(&word, &event);
        let guid = match kind {
            FeedKind::Standard if self.below(2) == 0 => Some(format!("https://wire{number}.example/?p={}", article.0)),
            FeedKind::Standard | FeedKind::Ticker => Some(format!("tag:wire{number},{}", article.0)),
            _ => None,
        };
        let url = match kind {
            FeedKind::Standard | FeedKind::AddressOnly => Some(format!("https://wire{number}.example/news/{word}")),
            FeedKind::Ticker => Some(format!("https://wire{number}.example/live")),
            _ => None,
        };
        let entry = Entry {
            article,
            guid,
            url,
            title,
            text,
            date,
            redated: false,
            relocated: false,
            lost_guid: false,
            served: false,
        };
        self.prepend(number, entry);
    }

    fn new_article(&mut self, number: usize) -> ModelArticle {
        self.articles.push(self.feeds[number].kind);
        ModelArticle(self.articles.len() - 1)
    }

    /// Publishes the daily items that are due after `since`, until `now`.
    pub(super) fn publish_daily_items(&mut self, number: usize, since: DateTime<Utc>, now: DateTime<Utc>) {
        let mut day = since.date_naive();
        while day <= now.date_naive() {
            let at = day
                .and_hms_opt(0, 0, 0)
                .expect("every day has a midnight in UTC")
                .and_utc()
                + DAILY_ITEM_HOUR;
            if since < at && at <= now {
                let article = self.new_article(number);
                let text = format!(
                    "{}:{}{}",
                    Self::word(article),
                    self.feeds[number].shared_text,
                    self.nouns(3)
                );
                let entry = Entry {
                    article,
                    guid: Some(format!("tag:wire{number},{}", article.0)),
                    url: Some(format!("https://wire{number}.example/today")),
                    title: format!("Wire {number}: the puzzle of today"),
                    text,
                    date: Some(at),
                    redated: false,
                    relocated: false,
                    lost_guid: false,
                    served: false,
                };
                self.prepend(number, entry);
                *self.counts.entry("daily item").or_default() += 1;
            }
            day = day.succ_opt().expect("the calendar has a next day");
        }
    }

    /// Publishes a new part of a page. Only the fragment of its address differs from other parts.
    fn publish_anchor(&mut self, number: usize) {
        let article = self.new_article(number);
        let url = format!("https://wire{number}.example/notes#{}", Self::word(article));
        let feed = &self.feeds[number];
        let entry = Entry {
            article,
            guid: feed.has_anchor_guids.then(|| url.clone()),
            url: Some(url),
            title: format!("Wire {number}: release notes"),
            text: feed.shared_text.trim_start().to_owned(),
            date: None,
            redated: false,
            relocated: false,
            lost_guid: false,
            served: false,
        };
        self.prepend(number, entry);
    }

    fn text(&self, word: &str, event: &str) -> String {
        let mut text = format!("{word}: {event}");
        for _ in 0..6 + self.below(20) {
            let _ = write!(text, " {}", self.noun());
        }
        text
    }

    fn record_change(&mut self, article: ModelArticle, number: usize, what: &'static str) {
        self.changes.push((article, number, what, self.now));
    }

    /// Puts an entry first. If the feed has too many, the last one is withdrawn.
    fn prepend(&mut self, number: usize, entry: Entry) {
        let feed = &mut self.feeds[number];
        feed.entries.insert(0, entry);
        if feed.entries.len() > feed.max_entries {
            feed.withdrawn.extend(feed.entries.pop());
        }
    }

    /// Publishes an article about an event that another feed has reported.
    fn report_same_event(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let other = self.below(self.feeds.len());
        if is_series(self.feeds[other].kind) {
            return None;
        }
        let at = self.choose(other, |entry| !entry.title.starts_with("Sponsored"))?;
        let title = &self.feeds[other].entries[at].title;
        let event = title.split_once(' ').map(|(_, event)| event.to_owned())?;
        let event = format!("{event}, {} {}", self.noun(), self.pick(&VERBS));
        self.publish(number, now, Some(event));
        Some("same event")
    }

    /// Publishes another feed's article with a guid of its own.
    fn syndicate(&mut self, number: usize) -> Option<&'static str> {
        let other = self.below(self.feeds.len());
        if other == number || !matches!(self.feeds[other].kind, FeedKind::Standard | FeedKind::AddressOnly) {
            return None;
        }
        // A newsletter that reads only copies cannot know that an address was moved.
        let at = self.choose(other, |entry| !entry.relocated)?;
        let mut entry = self.feeds[other].entries[at].clone();
        let feed = &self.feeds[number];
        if feed
            .entries
            .iter()
            .chain(&feed.withdrawn)
            .any(|known| known.article == entry.article)
        {
            return None;
        }
        entry.guid = Some(format!("tag:wire{number},{}", Publishers::word(entry.article)));
        entry.url = entry.url.map(|url| self.respelled(&url));
        // A newsletter may get the article, and its date, from this feed first.
        entry.served = false;
        self.record_change(entry.article, number, "syndicated");
        self.prepend(number, entry);
        Some("syndicated")
    }

    fn edit(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.lost_guid)?;
        let (what, more) = (self.below(4), self.noun());
        // Entries of a series keep their headline.
        let is_series = is_series(self.feeds[number].kind);
        let what = if is_series { what.max(1) } else { what };
        let entry = &self.feeds[number].entries[at];
        let text = self.text(&Self::word(entry.article), &more);
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
        entry.served = false;
        let article = entry.article;
        self.record_change(
            article,
            number,
            ["title edited", "text edited", "edited", "edited with a new date"][what],
        );
        Some("edited")
    }

    fn change_guid(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.lost_guid)?;
        let (fresh, edited) = (self.below(1_000_000), self.below(3) == 0);
        let edited = edited && !is_series(self.feeds[number].kind);
        let more = self.noun();
        let entry = &mut self.feeds[number].entries[at];
        entry.guid = Some(format!("urn:again:{fresh}"));
        if edited && !entry.redated && entry.title.len() < 100 {
            let _ = write!(entry.title, ", {more}");
        }
        entry.served = false;
        let article = entry.article;
        self.record_change(
            article,
            number,
            if edited { "re-guided and edited" } else { "re-guided" },
        );
        Some("re-guided")
    }

    fn respell_address(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| entry.url.is_some())?;
        let url = self.feeds[number].entries[at].url.clone()?;
        let url = self.respelled(&url);
        let entry = &mut self.feeds[number].entries[at];
        entry.url = Some(url);
        entry.served = false;
        Some("readdressed")
    }

    /// Another spelling of the same address.
    fn respelled(&self, url: &str) -> String {
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

    /// Changes guid and address, as when a site moves. Headline, text and date stay.
    fn relocate(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |entry| entry.date.is_some() && !entry.lost_guid)?;
        let fresh = self.below(1_000_000);
        let entry = &mut self.feeds[number].entries[at];
        let word = Self::word(entry.article);
        entry.guid = entry.guid.as_ref().map(|_| format!("urn:moved:{fresh}"));
        entry.url = Some(format!("https://wire{number}.example/{fresh}/{word}"));
        entry.relocated = true;
        entry.served = false;
        let article = entry.article;
        self.record_change(article, number, "relocated");
        Some("relocated")
    }

    /// Gives an article's guid to a new article.
    fn reuse_guid(&mut self, number: usize, now: DateTime<Utc>) -> Option<&'static str> {
        let at = self.choose(number, |entry| !entry.lost_guid)?;
        let mut old = self.feeds[number].entries.remove(at);
        old.lost_guid = true;
        self.record_change(old.article, number, "lost_guid of its guid");
        self.publish(number, now, None);
        let feed = &mut self.feeds[number];
        feed.entries[0].guid.clone_from(&old.guid);
        feed.withdrawn.push(old);
        Some("guid reused")
    }

    fn withdraw(&mut self, number: usize) -> Option<&'static str> {
        let at = self.choose(number, |_| true)?;
        let feed = &mut self.feeds[number];
        let entry = feed.entries.remove(at);
        feed.withdrawn.push(entry);
        Some("withdrawn")
    }

    fn restore(&mut self, number: usize) -> Option<&'static str> {
        let withdrawn = self.feeds[number].withdrawn.len();
        if withdrawn == 0 {
            return None;
        }
        let at = self.below(withdrawn);
        let mut entry = self.feeds[number].withdrawn.remove(at);
        entry.served = false;
        self.record_change(entry.article, number, "brought back");
        self.prepend(number, entry);
        Some("brought back")
    }

    fn start_fault(&mut self, number: usize, now: DateTime<Utc>) -> &'static str {
        let (fault, name) = match self.below(20) {
            0 => (Fault::NoReply, "silent"),
            1..5 => (Fault::WebPage, "web page instead"),
            _ => (Fault::ServerError, "failing"),
        };
        let hours = if fault == Fault::NoReply { 1 } else { 1 + self.below(12) };
        let until = now + TimeDelta::hours(i64::try_from(hours).expect("the number is small"));
        self.feeds[number].fault = Some((until, fault));
        name
    }
}

/// Whether all entries of a feed have one headline.
fn is_series(kind: FeedKind) -> bool {
    matches!(kind, FeedKind::DailySeries | FeedKind::AnchorSeries)
}
