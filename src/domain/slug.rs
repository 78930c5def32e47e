//! Slugs: the readable part of an article's address, and the name of a newsletter in commands and addresses.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::text::latin::ascii_of_undecomposed;

/// The most bytes of an article's slug.
const MAX_ARTICLE: usize = 80;
/// The most bytes of a newsletter's slug.
const MAX_NEWSLETTER: usize = 64;
/// The slug that no newsletter can have.
const RESERVED: &str = "new";

/// The readable tail of an article's address: lower-case ASCII letters, digits and single hyphens, at most 80 bytes.
///
/// Latin letters lose their diacritics, and letters of other scripts are omitted. If nothing remains, the slug is `article`.
#[must_use]
pub fn slugify(title: &str) -> String {
    let mut slug = String::with_capacity(MAX_ARTICLE);
    let mut gap = false;
    for c in title.nfkd().flat_map(char::to_lowercase) {
        let plain = plain(c);
        match plain {
            // Marks belong to the letter before them, and an apostrophe is inside one word.
            "" if is_silent(c) => {}
            "" => gap = !slug.is_empty(),
            _ => {
                // The slug ends after the last word that fits, unless its only word is longer.
                if slug.len() + usize::from(gap) + plain.len() > MAX_ARTICLE {
                    if !gap && let Some((words, _)) = slug.rsplit_once('-') {
                        slug.truncate(words.len());
                    }
                    break;
                }
                if gap {
                    slug.push('-');
                    gap = false;
                }
                slug.push_str(plain);
            }
        }
    }
    if slug.is_empty() { "article".to_owned() } else { slug }
}

/// The ASCII letters for one decomposed, lower-case character; empty if there are none.
fn plain(c: char) -> &'static str {
    const ASCII: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
    if c.is_ascii() {
        return ASCII.find(c).and_then(|at| ASCII.get(at..=at)).unwrap_or_default();
    }
    ascii_of_undecomposed(c).unwrap_or_default()
}

fn is_silent(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}' | '\u{ad}' | '\u{200b}'..='\u{200d}')
        || unicode_normalization::char::is_combining_mark(c)
}

/// Why a text is not the slug of a newsletter.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SlugError {
    /// The text is empty.
    #[error("the slug is empty; use a short name such as `daily-brief`")]
    Empty,
    /// The text has more than 64 characters.
    #[error("the slug has more than {MAX_NEWSLETTER} characters; shorten it")]
    TooLong,
    /// The text contains another character than a to z, 0 to 9 and hyphen.
    #[error("the slug contains {0:?}; use only a to z, 0 to 9 and hyphens")]
    Character(char),
    /// The text begins or ends with a hyphen.
    #[error("the slug begins or ends with a hyphen; remove it")]
    Hyphen,
    /// The console's page `/admin/newsletters/new` is the form for a new newsletter.
    #[error("the slug `{RESERVED}` is the address of a page of the console; use another")]
    Reserved,
}

/// The name of a newsletter in commands, settings and addresses: 1 to 64 of a–z, 0–9 and hyphen, none at the ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NewsletterSlug(String);

impl NewsletterSlug {
    /// Parses the slug without trimming it or changing its case.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-';
        if text.is_empty() {
            return Err(SlugError::Empty);
        }
        if let Some(c) = text.chars().find(|c| !allowed(c)) {
            return Err(SlugError::Character(c));
        }
        if text.len() > MAX_NEWSLETTER {
            return Err(SlugError::TooLong);
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(SlugError::Hyphen);
        }
        if text == RESERVED {
            return Err(SlugError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NewsletterSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_become_words_joined_by_single_hyphens() {
        for (title, slug) in [
            ("Company bans AI tool — again!", "company-bans-ai-tool-again"),
            ("  Don't panic: it’s 2026  ", "dont-panic-its-2026"),
            ("Übergrößenträger in Łódź & Århus", "ubergrossentrager-in-lodz-arhus"),
            ("Œuvre, Ærø, þing, İstanbul", "oeuvre-aero-thing-istanbul"),
            ("C++ / Rust", "c-rust"),
            ("ﬁve ½ steps", "five-1-2-steps"),
        ] {
            assert_eq!(slugify(title), slug, "{title}");
        }
    }

    #[test]
    fn a_title_without_latin_letters_is_called_article() {
        for title in ["", "…", "новости", "新聞"] {
            assert_eq!(slugify(title), "article");
        }
    }

    #[test]
    fn long_titles_end_at_a_whole_word() {
        assert_eq!(
            slugify(&"twelve chars ".repeat(20)),
            "twelve-chars-".repeat(6).trim_end_matches('-')
        );
        assert_eq!(slugify(&"a".repeat(200)), "a".repeat(80));
    }

    #[test]
    fn a_newsletter_slug_is_accepted_unchanged_or_refused() {
        for good in ["a", "daily-brief", "7am", &"a".repeat(64)] {
            assert_eq!(
                NewsletterSlug::parse(good).map(|slug| slug.to_string()),
                Ok(good.to_owned())
            );
        }
        for (bad, error) in [
            ("", SlugError::Empty),
            ("Daily", SlugError::Character('D')),
            ("a b", SlugError::Character(' ')),
            ("a/../b", SlugError::Character('/')),
            ("-a", SlugError::Hyphen),
            ("a-", SlugError::Hyphen),
            ("new", SlugError::Reserved),
            (&"a".repeat(65), SlugError::TooLong),
        ] {
            assert_eq!(NewsletterSlug::parse(bad), Err(error), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_article_slug_is_valid_in_an_address(title in any::<String>()) {
            let slug = slugify(&title);
            prop_assert!(!slug.is_empty() && slug.len() <= MAX_ARTICLE);
            prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!slug.starts_with('-') && !slug.ends_with('-') && !slug.contains("--"));
            prop_assert_eq!(slugify(&slug), slug);
        }

        #[test]
        fn parsing_a_newsletter_slug_never_panics(text in any::<String>()) {
            let _ = NewsletterSlug::parse(&text);
        }
    }
}
