//! Compares the content of entries and articles: headline, text and publication date.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::feeds::parse::Entry;
use crate::store::articles::Article;
use crate::text::html;

/// A text with at least this many different words is long: another article does not have most of them by chance.
const MIN_WORDS_OF_LONG_TEXT: usize = 30;
/// Only this many words at the beginning of each text are compared.
const MAX_WORDS: usize = 400;
/// A headline or text with fewer words does not count as a shorter form of a longer one.
const MIN_WORDS_OF_SHORT_FORM: usize = 3;
/// Dates at least this far apart are those of two daily items. It is less than a day because daily items appear at varying hours.
const MIN_TIME_BETWEEN_DAYS: TimeDelta = TimeDelta::hours(20);

/// The content of an entry or of a stored article.
pub(super) struct Content<'a> {
    headline: Vec<String>,
    summary: &'a str,
    body: &'a str,
    published: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadlineMatch {
    Same,
    /// One has all words of the other, and may have more.
    Extended,
    Different,
}

impl HeadlineMatch {
    pub(super) fn is_similar(self) -> bool {
        matches!(self, Self::Same | Self::Extended)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextMatch {
    /// The same words, or one text is the beginning of the other.
    Same,
    /// Both are long, and share most of their words.
    Edited,
    Different,
    /// One of the two has no text.
    Unknown,
}

impl TextMatch {
    pub(super) fn is_similar(self) -> bool {
        matches!(self, Self::Same | Self::Edited)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateMatch {
    Same,
    /// They differ by less than [`MIN_TIME_BETWEEN_DAYS`]: the article may have been edited.
    SameDay,
    /// They differ by more: two daily items, or an article that was published again.
    OtherDay,
    /// One of the two has no date.
    Unknown,
}

impl DateMatch {
    /// Whether both have a date, and the dates differ.
    pub(super) fn differs(self) -> bool {
        matches!(self, Self::SameDay | Self::OtherDay)
    }
}

impl<'a> Content<'a> {
    pub(super) fn of_entry(entry: &'a Entry) -> Self {
        Self {
            headline: words(&entry.title),
            summary: &entry.summary,
            body: &entry.content_html,
            published: entry.published,
        }
    }

    pub(super) fn of_article(article: &'a Article) -> Self {
        Self {
            headline: words(&article.title),
            summary: &article.summary,
            body: &article.content_html,
            published: article.published_at,
        }
    }

    /// Whether there is neither a summary nor a text.
    pub(super) fn is_headline_only(&self) -> bool {
        self.summary.is_empty() && self.body.is_empty()
    }

    /// Whether the summary has so many words that two articles do not have the same one by chance.
    pub(super) fn is_long(&self) -> bool {
        distinct(&words(self.summary)).len() >= MIN_WORDS_OF_LONG_TEXT
    }

    pub(super) fn headline_match(&self, other: &Content<'_>) -> HeadlineMatch {
        if self.headline == other.headline {
            HeadlineMatch::Same
        } else if are_similar_headlines(&self.headline, &other.headline) {
            HeadlineMatch::Extended
        } else {
            HeadlineMatch::Different
        }
    }

    /// Whether the headlines share at least 70 % of their words, as two edited versions of one headline do.
    pub(super) fn shares_most_of_headline(&self, other: &Content<'_>) -> bool {
        share_most(&distinct(&self.headline), &distinct(&other.headline))
    }

    pub(super) fn text_match(&self, other: &Content<'_>) -> TextMatch {
        let summaries = match_texts(self.summary, other.summary);
        if self.body.is_empty() || other.body.is_empty() {
            return summaries;
        }
        if self.body == other.body {
            return TextMatch::Same;
        }
        // A short teaser may be the same every day, so then the whole text decides.
        if summaries.is_similar() && self.is_long() {
            return summaries;
        }
        match_texts(&html::strip_tags(self.body), &html::strip_tags(other.body))
    }

    pub(super) fn date_match(&self, other: &Content<'_>) -> DateMatch {
        match (self.published, other.published) {
            (Some(one), Some(other)) if one == other => DateMatch::Same,
            (Some(one), Some(other)) if (one - other).abs() < MIN_TIME_BETWEEN_DAYS => DateMatch::SameDay,
            (Some(_), Some(_)) => DateMatch::OtherDay,
            _ => DateMatch::Unknown,
        }
    }

    /// Whether the texts are the same and identify an article. A short text, such as "Read more.", does so only together with a
    /// publication date.
    pub(super) fn has_same_body(&self, other: &Content<'_>) -> bool {
        let same = self.body == other.body && (!self.body.is_empty() || self.summary == other.summary);
        let both_undated = self.published.is_none() && other.published.is_none();
        same && (self.date_match(other) == DateMatch::Same || both_undated && self.is_long())
    }
}

/// Whether two headlines are the same, or one extends the other.
pub(super) fn have_similar_headlines(one: &str, other: &str) -> bool {
    are_similar_headlines(&words(one), &words(other))
}

fn are_similar_headlines(one: &[String], other: &[String]) -> bool {
    let (one, other) = (distinct(one), distinct(other));
    let common = one.intersection(&other).count();
    one == other || common >= MIN_WORDS_OF_SHORT_FORM && common == one.len().min(other.len())
}

fn match_texts(one: &str, other: &str) -> TextMatch {
    let (one, other) = (words(one), words(other));
    if one.is_empty() || other.is_empty() {
        return TextMatch::Unknown;
    }
    // One text was extended, or the other was cut.
    let (short, long) = if one.len() < other.len() {
        (&one, &other)
    } else {
        (&other, &one)
    };
    if one == other || short.len() >= MIN_WORDS_OF_SHORT_FORM && long.starts_with(short) {
        return TextMatch::Same;
    }
    let (one, other) = (distinct(&one), distinct(&other));
    if one.len().min(other.len()) >= MIN_WORDS_OF_LONG_TEXT && share_most(&one, &other) {
        TextMatch::Edited
    } else {
        TextMatch::Different
    }
}

/// Whether at least 70 % of all words of the two are in both.
fn share_most(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> bool {
    let common = one.intersection(other).count();
    common * 10 >= (one.len() + other.len() - common) * 7
}

fn words(text: &str) -> Vec<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.take(MAX_WORDS).map(str::to_lowercase).collect()
}

fn distinct(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}
