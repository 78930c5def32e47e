//! An editorial article as its author wrote it, in a file or for the API, and the check of its fields.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, de};
use url::Url;

use crate::text::html::{SanitizedHtml, sanitise_at};
use crate::text::plain::plain_line;
use crate::text::{language, markdown};

/// The most bytes of an article's text. It is below the limit of the sanitiser, so no text is cut.
pub const MAX_BYTES: usize = 200 * 1024;
/// The most authors that are stored; further ones are left out.
pub const MAX_AUTHORS: usize = 50;

/// An article that can be published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleInput {
    /// The author's own id for the article. The next input with this id changes the same article.
    pub id: Option<String>,
    /// The headline, one clean line.
    pub title: String,
    /// The `http` or `https` address of the page that the article reports on; `None` if the article has its page on this site.
    pub url: Option<String>,
    /// When the article was or will be published.
    pub published: Option<DateTime<Utc>>,
    /// The names of the authors, each one clean line; at most [`MAX_AUTHORS`].
    pub authors: Vec<String>,
    /// The category, one clean line.
    pub category: Option<String>,
    /// A language tag as [`language::tag`] returns it.
    pub language: Option<String>,
    /// The lede, one clean line; `None` to use the first paragraph of the text.
    pub summary: Option<String>,
    /// The name of the publisher; `None` to use the name of the site.
    pub source: Option<String>,
    /// The `https` address of the picture.
    pub image: Option<String>,
    /// A description of the picture.
    pub image_alt: Option<String>,
    /// The text as the author wrote it.
    pub body: Body,
}

/// The text of an article as its author wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Markdown, as [`markdown::to_html`] reads it.
    Markdown(String),
    /// HTML that is not sanitised yet.
    Html(String),
}

impl Default for Body {
    fn default() -> Self {
        Self::Markdown(String::new())
    }
}

/// An invalid field of an [`ArticleInput`] or of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the file or request.
    pub field: String,
    /// What was found and what to write instead, as a sentence without a full stop.
    pub detail: String,
}

impl FieldError {
    /// An error about `field`.
    pub fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            detail: detail.into(),
        }
    }
}

/// The fields of an article as they were written; in a file, the YAML above the text.
// serde-saphyr reads a value as the type of the field: `language: no` is Norwegian, not false.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in ArticleInput")]
pub struct FrontMatter {
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

impl FrontMatter {
    /// Checks every field, and the text if there is one.
    ///
    /// # Errors
    /// One error for each invalid field.
    pub fn check(self, body: Option<Body>) -> Result<ArticleInput, Vec<FieldError>> {
        let mut errors = Vec::new();
        let title = plain_line(&self.title);
        if title.is_empty() {
            errors.push(FieldError::new("title", "`title` is empty"));
        }
        let mut checked = |field: &str, text: Option<String>, check: fn(&str) -> Result<String, String>| {
            let checked = check(&line(text)?);
            checked
                .map_err(|detail| errors.push(FieldError::new(field, detail)))
                .ok()
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
                errors.push(FieldError::new("published", detail));
            }
            date
        });
        errors.extend(body.as_ref().and_then(|body| body.check().err()));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(ArticleInput {
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
    /// The text as sanitised HTML. Relative links are resolved against `base`.
    #[must_use]
    pub fn to_html(&self, base: Option<&Url>) -> SanitizedHtml {
        match self {
            Self::Markdown(text) => markdown::to_html(text, base),
            Self::Html(html) => sanitise_at(html, base),
        }
    }

    /// The text if it is Markdown.
    pub(crate) fn markdown(&self) -> Option<&str> {
        match self {
            Self::Markdown(text) => Some(text),
            Self::Html(_) => None,
        }
    }

    /// Checks that the text is neither empty nor longer than [`MAX_BYTES`].
    pub fn check(&self) -> Result<(), FieldError> {
        let (field, text) = match self {
            Self::Markdown(text) => ("text", text),
            Self::Html(text) => ("content_html", text),
        };
        if text.len() > MAX_BYTES {
            let max = MAX_BYTES / 1024;
            return Err(FieldError::new(field, format!("`{field}` has more than {max} KiB")));
        }
        if text.trim().is_empty() {
            return Err(FieldError::new(field, format!("`{field}` is empty")));
        }
        Ok(())
    }
}

/// Checks a declared language and returns its normalised tag. The error says what to write instead.
pub fn language_of(tag: &str) -> Result<String, String> {
    language::tag(tag).ok_or_else(|| format!("`language` is {tag:?}; write a tag such as en, de or pt-BR"))
}

fn line(text: Option<String>) -> Option<String> {
    text.map(|text| plain_line(&text)).filter(|text| !text.is_empty())
}

/// Parses a date as people write it, in UTC unless it has an offset.
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
    // [RFC 3339 §1](https://www.rfc-editor.org/rfc/rfc3339#section-1) defines no form for other years.
    date.filter(|date| (1..=9999).contains(&date.year()))
}

/// Reads a single name or a list of names.
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
    fn dates_are_parsed_in_the_forms_that_people_write() {
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
    fn all_invalid_fields_are_reported_together() {
        let front = FrontMatter {
            url: Some("javascript:alert(1)".into()),
            published: Some("soon".into()),
            language: Some("English".into()),
            image: Some("http://a.example/b.jpg".into()),
            ..FrontMatter::default()
        };
        let errors = front
            .check(Some(Body::Html(" ".into())))
            .expect_err("every field is invalid");
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            fields,
            ["title", "url", "language", "image", "published", "content_html"]
        );
    }
}
