//! What an operator's templates `digest.html` and `digest.txt` can show. `docs/reference/templates.md` explains each field.

use serde::Serialize;

use super::entry::{CorrectionEntry, Entry};
use super::layout::Layout;
use super::view::DigestView;
use crate::mail::look::{MailCommon, MailContext};
use crate::words::Words;

#[derive(Serialize)]
pub(super) struct DigestContext<'a> {
    newsletter_name: &'a str,
    issue_number: i64,
    date: &'a str,
    page_url: Option<&'a str>,
    combined: Option<&'a str>,
    intro: Option<&'a str>,
    intro_language: &'a str,
    opening: String,
    preheader: String,
    stories: Vec<StoryContext<'a>>,
    headlines: Vec<StoryContext<'a>>,
    more_stories: usize,
    corrections: Vec<CorrectionContext<'a>>,
    more_corrections: usize,
    unsubscribe_url: &'a str,
    preferences_url: &'a str,
}

#[derive(Serialize)]
struct StoryContext<'a> {
    id: Option<&'a str>,
    topic: Option<&'a str>,
    heading: Option<&'a str>,
    heading_language: &'a str,
    level: u8,
    language: &'a str,
    direction: &'static str,
    title: &'a str,
    url: Option<&'a str>,
    picture: Option<PictureContext<'a>>,
    excerpt: &'a str,
    source_line: &'a str,
    also: Vec<SourceContext<'a>>,
    more_sources: Option<String>,
}

#[derive(Serialize)]
struct PictureContext<'a> {
    url: &'a str,
    alt: &'a str,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct SourceContext<'a> {
    name: &'a str,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct CorrectionContext<'a> {
    kind: &'a str,
    title: &'a str,
    url: Option<&'a str>,
    note: &'a str,
}

/// The values of a digest in one layout.
pub(super) fn digest_context<'a>(view: &'a DigestView, layout: &'a Layout) -> MailContext<'a, DigestContext<'a>> {
    let words = &view.words;
    let story = |entry: &'a Entry| StoryContext::new(entry, words);
    MailContext {
        mail: MailCommon::new(
            words,
            &view.site_name,
            &view.site_url,
            view.postal_address.as_deref(),
            &view.look,
        ),
        content: DigestContext {
            newsletter_name: &view.newsletter_name,
            issue_number: view.issue_number,
            date: &view.date_line,
            page_url: view.page.as_deref(),
            combined: view.combined.as_deref(),
            intro: view.intro.as_deref(),
            intro_language: &view.language,
            opening: view.opening(),
            preheader: view.preheader(),
            stories: layout.full.iter().map(story).collect(),
            headlines: layout.headlines.iter().map(story).collect(),
            more_stories: layout.counted,
            corrections: layout.corrections.iter().map(CorrectionContext::new).collect(),
            more_corrections: layout.more_corrections,
            unsubscribe_url: &view.unsubscribe_url,
            preferences_url: &view.preferences_url,
        },
    }
}

impl<'a> StoryContext<'a> {
    fn new(entry: &'a Entry, words: &Words) -> Self {
        let language = entry.language.as_deref().unwrap_or(words.language().tag());
        let own_direction = if words.language().is_rtl() { "rtl" } else { "ltr" };
        Self {
            id: entry.id.as_deref(),
            topic: entry.topic.as_deref(),
            heading: entry.heading.as_deref(),
            heading_language: entry.heading_language.as_deref().unwrap_or(language),
            level: entry.level,
            language,
            direction: entry.direction.unwrap_or(own_direction),
            title: &entry.title,
            url: entry.link.as_deref(),
            picture: entry.picture.as_ref().map(|picture| PictureContext {
                url: &picture.url,
                alt: &picture.alt,
                width: picture.width,
                height: picture.height,
            }),
            excerpt: &entry.excerpt,
            source_line: &entry.source_line,
            also: entry
                .further_sources
                .named
                .iter()
                .map(|(name, url)| SourceContext {
                    name,
                    url: url.as_deref(),
                })
                .collect(),
            more_sources: entry.further_sources.unnamed(words),
        }
    }
}

impl<'a> CorrectionContext<'a> {
    fn new(correction: &'a CorrectionEntry) -> Self {
        Self {
            kind: &correction.kind,
            title: &correction.title,
            url: correction.link.as_deref(),
            note: &correction.note,
        }
    }
}
