//! An article of the newsroom's own as somebody wrote it down, in a file or by the API, and what is wrong with it.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, de};
use url::Url;

use super::html::{plain_line, sanitise_at};
use super::{language, markdown};

/// Bytes that a text may have; the sanitiser looks at no more HTML than this either.
pub const MAX_BYTES: usize = 200 * 1024;
/// Authors that are kept, as of a feed's entry.
pub const MAX_AUTHORS: usize = 50;

/// An article that can be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manuscript {
    /// What its writer calls it, so that it is known again.
    pub id: Option<String>,
    /// The headline, one clean line.
    pub title: String,
    /// The `http` or `https` address of the page that it tells of; none: its page is here.
    pub url: Option<String>,
    /// When it was or is to be published.
    pub published: Option<DateTime<Utc>>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Its category.
    pub category: Option<String>,
    /// The tag of its language.
    pub language: Option<String>,
    /// The lede, one clean line; none: the text's first paragraph.
    pub summary: Option<String>,
    /// Who publishes it; none: the site.
    pub source: Option<String>,
    /// The `https` address of its picture.
    pub image: Option<String>,
    /// What the picture shows.
    pub image_alt: Option<String>,
    /// The text.
    pub body: Body,
}

/// The text of an article as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Markdown.
    Markdown(String),
    /// HTML, not sanitised.
    Html(String),
}

impl Default for Body {
    fn default() -> Self {
        Self::Markdown(String::new())
    }
}

/// What is wrong with one part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The part, by the name that its writer gives it.
    pub field: String,
    /// What was found, and what to write.
    pub detail: String,
}

impl Wrong {
    /// That `field` is wrong.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            detail: detail.into(),
        }
    }
}

/// What stands above the text, as it was written.
// In YAML a value is read as the type that is asked for: `language: no` is Norwegian, and not false.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in Manuscript")]
pub struct Front {
    pub title: String,
    pub id: Option<String>,
    pub url: Option<String>,
    #[serde(alias = "date")]
    pub published: Option<String>,
    #[serde(default, alias = "author", deserialize_with = "one_or_several")]
    pub authors: Vec<String>,
    pub category: Option<String>,
    #[serde(alias = "lang")]
    pub language: Option<String>,
    pub summary: Option<String>,
    pub source: Option<String>,
    pub image: Option<String>,
    pub image_alt: Option<String>,
}

impl Front {
    /// Checks every part of it, and the text, if there is one.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn check(self, body: Option<Body>) -> Result<Manuscript, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let title = plain_line(&self.title);
        if title.is_empty() {
            wrong.push(Wrong::new("title", "`title` is empty"));
        }
        let mut checked = |field: &str, text: Option<String>, check: fn(&str) -> Result<String, String>| {
            let checked = check(&line(text)?);
            checked.map_err(|detail| wrong.push(Wrong::new(field, detail))).ok()
        };
        let url = checked("url", self.url, |address| match Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url.into()),
            _ => Err(format!("`url` is {address:?}; it must be an http or https address")),
        });
        let language = checked("language", self.language, language_of);
        let image = checked("image", self.image, |address| match Url::parse(address) {
            Ok(url) if url.scheme() == "https" => Ok(address.to_owned()),
            _ => Err(format!("`image` is {address:?}; it must be an https address")),
        });
        let published = line(self.published).and_then(|text| {
            let date = read_date(&text);
            if date.is_none() {
                let detail = format!(
                    "the date is {text:?}; write it like 2026-11-23, 2026-11-23 07:30 (UTC) or 2026-11-23T07:30:00+01:00"
                );
                wrong.push(Wrong::new("published", detail));
            }
            date
        });
        wrong.extend(body.as_ref().and_then(Body::wrong));
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Manuscript {
            id: line(self.id),
            title,
            url,
            published,
            authors: self
                .authors
                .into_iter()
                .filter_map(|name| line(Some(name)))
                .take(MAX_AUTHORS)
                .collect(),
            category: line(self.category),
            language,
            summary: line(self.summary),
            source: line(self.source),
            image,
            image_alt: line(self.image_alt),
            body: body.unwrap_or_default(),
        })
    }
}

impl Body {
    /// Sanitised HTML; `base` makes links whole.
    #[must_use]
    pub fn to_html(&self, base: Option<&Url>) -> String {
        match self {
            Self::Markdown(text) => markdown::to_html(text, base),
            Self::Html(html) => sanitise_at(html, base),
        }
    }

    /// What is wrong with it, if anything.
    #[must_use]
    pub fn wrong(&self) -> Option<Wrong> {
        let (field, text) = match self {
            Self::Markdown(text) => ("text", text),
            Self::Html(text) => ("content_html", text),
        };
        if text.len() > MAX_BYTES {
            let most = MAX_BYTES / 1024;
            return Some(Wrong::new(field, format!("`{field}` has more than {most} KiB")));
        }
        let is_empty = text.trim().is_empty();
        is_empty.then(|| Wrong::new(field, format!("`{field}` is empty")))
    }
}

/// The tag of a language, in the form that is recommended.
///
/// # Errors
/// What to write instead.
pub fn language_of(tag: &str) -> Result<String, String> {
    language::tag(tag).ok_or_else(|| format!("`language` is {tag:?}; write a tag such as en, de or pt-BR"))
}

fn line(text: Option<String>) -> Option<String> {
    text.map(|text| plain_line(&text)).filter(|text| !text.is_empty())
}

/// A date as people write it; UTC unless it names an offset.
fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let zoned = ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z"];
    let local = [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M",
    ];
    let midnight = || {
        Some(
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()?
                .and_time(NaiveTime::MIN),
        )
    };
    let date = DateTime::parse_from_rfc3339(text)
        .ok()
        .or_else(|| zoned.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()))
        .map(|date| date.to_utc())
        .or_else(|| {
            let naive = local
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
                .or_else(midnight);
            naive.map(|naive| naive.and_utc())
        });
    // RFC 3339 section 1: years beyond have no form that all can read.
    date.filter(|date| (1..=9999).contains(&date.year()))
}

fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Names;
    impl<'de> de::Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a name or a list of names")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
            Ok(vec![name.to_owned()])
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut names = Vec::new();
            while let Some(name) = list.next_element()? {
                names.push(name);
            }
            Ok(names)
        }
    }
    deserializer.deserialize_any(Names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-11-23", "2026-11-23T00:00:00Z"),
            ("2026-11-23 07:30", "2026-11-23T07:30:00Z"),
            ("2026-11-23T07:30:00+01:00", "2026-11-23T06:30:00Z"),
            ("2026-11-23 07:30:15 +0100", "2026-11-23T06:30:15Z"),
        ] {
            assert_eq!(read_date(text), expected.parse().ok(), "{text}");
        }
        for text in ["soon", "2026-13-01", "+12026-01-01", "-0044-03-15", "0000-01-01"] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let front = Front {
            url: Some("javascript:alert(1)".into()),
            published: Some("soon".into()),
            language: Some("English".into()),
            image: Some("http://a.example/b.jpg".into()),
            ..Front::default()
        };
        let wrong = front.check(Some(Body::Html(" ".into()))).expect_err("it is wrong");
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(
            fields,
            ["title", "url", "language", "image", "published", "content_html"]
        );
    }
}
