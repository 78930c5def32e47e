//! A story as the templates of the mail print it: all text from outside is made safe and cut to its limit, all links are checked.
//!
//! An [`Entry`] comes from a [`StoryView`] and the [`LayoutPlan`], which says how much of each story there is space for.

use super::layout_plans::{LayoutPlan, Shown};
use super::safe_text::{safe_line, safe_name, safe_side_url, safe_url};
use super::view::{CorrectionView, ImageView, SourceView, StoryView};
use crate::text::excerpt::excerpt;
use crate::text::language::is_rtl;
use crate::text::plain::shorten;
use crate::words::{LANGUAGE, Voice, Words};

const MAX_TITLE_CHARS: usize = 240;
const MAX_NOTE_CHARS: usize = 120;
const MAX_CORRECTION_CHARS: usize = 240;
/// The width in pixels of the mail's content area, without its margins.
const MAX_PICTURE_WIDTH: u32 = 544;
/// At most this many corrections are listed. The mail only counts the others.
const MAX_CORRECTIONS: usize = 10;

/// One story in the mail.
pub(super) struct Entry {
    /// The public id of the lead; `None` if the site's voice shows no ids.
    pub(super) id: Option<String>,
    /// The topic of the lead.
    pub(super) topic: Option<String>,
    /// The heading printed before it.
    pub(super) heading: Option<String>,
    /// The tag of the heading's language; `None` if it is the language of the story below it.
    pub(super) heading_language: Option<String>,
    /// The heading's direction; `None` if it is the direction of the story below it.
    pub(super) heading_direction: Option<&'static str>,
    /// Whether the heading is written from right to left.
    pub(super) heading_rtl: bool,
    /// The level of the headline's HTML heading: 3 under a topic's heading, else 2.
    pub(super) level: u8,
    /// The tag of its language; `None` if it is unknown or the language of the fixed texts.
    pub(super) language: Option<String>,
    /// Whether it is written from right to left.
    pub(super) rtl: bool,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) picture: Option<Picture>,
    pub(super) excerpt: String,
    /// The first source and the note on one line; may be empty.
    pub(super) source_line: String,
    pub(super) further_sources: FurtherSources,
}

/// The sources of a story after the first.
#[derive(Default)]
pub(super) struct FurtherSources {
    /// Those that are named, each with its link.
    pub(super) named: Vec<(String, Option<String>)>,
    /// How many are only counted.
    pub(super) more: usize,
}

impl FurtherSources {
    /// `2 more` after named sources, else `2 others`; `None` if all sources are named.
    pub(super) fn unnamed(&self) -> Option<String> {
        match (self.more, self.named.is_empty()) {
            (0, _) => None,
            (1, true) => Some("1 other".to_owned()),
            (more, true) => Some(format!("{more} others")),
            (more, false) => Some(format!("{more} more")),
        }
    }
}

/// A picture in the size that it is shown in.
pub(super) struct Picture {
    pub(super) url: String,
    pub(super) alt: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// One correction in the mail.
pub(super) struct CorrectionEntry {
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) note: String,
}

impl Entry {
    /// The story with as much of it as `plan` allows, and whether anything was cut. `language` is the newsletter's.
    ///
    /// `heading` and `level` are those of a story without a heading: whether a story gets one depends on the story before it, so
    /// [`put_headings`] sets both afterwards.
    pub(super) fn new(story: &StoryView, plan: &LayoutPlan, voice: Voice, language: &str) -> (Self, Shown) {
        let story_language = story.language.as_deref().filter(|language| !language.is_empty());
        let (title, title_cut) = shorten(&safe_line(&story.title), MAX_TITLE_CHARS);
        let uncut = safe_line(&story.excerpt);
        let excerpt = excerpt(&uncut, plan.max_excerpt_chars);
        let excerpt_cut = excerpt != uncut;
        let (first_source, further_sources) = split_sources(&story.sources, plan.max_further_sources);
        let note = story
            .note
            .as_deref()
            .map(|note| shorten(&safe_line(note), MAX_NOTE_CHARS).0);
        let source_line = [Some(first_source), note]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty());
        let rtl = story_language.is_some_and(is_rtl);
        let heading_language = story.heading_language.as_deref().unwrap_or(language);
        let entry = Self {
            id: voice.is_radio().then(|| safe_name(&story.public_id)),
            topic: story
                .lead_topic
                .as_deref()
                .map(safe_name)
                .filter(|topic| !topic.is_empty()),
            heading: None,
            heading_language: (!heading_language.eq_ignore_ascii_case(story_language.unwrap_or(LANGUAGE)))
                .then(|| safe_name(heading_language)),
            heading_rtl: is_rtl(heading_language),
            heading_direction: match (rtl, is_rtl(heading_language)) {
                (true, false) => Some("ltr"),
                (false, true) => Some("rtl"),
                _ => None,
            },
            level: 2,
            language: story_language
                .filter(|language| !language.eq_ignore_ascii_case(LANGUAGE))
                .map(safe_name),
            rtl,
            title,
            link: safe_url(&story.url),
            picture: story.image.as_ref().filter(|_| plan.pictures).and_then(Picture::new),
            excerpt,
            source_line: source_line.collect::<Vec<_>>().join(" · "),
            further_sources,
        };
        let shown = if title_cut || excerpt_cut {
            Shown::Shortened
        } else {
            Shown::Whole
        };
        (entry, shown)
    }

    /// Id and topic on one line; `None` if neither is shown.
    pub(super) fn label(&self) -> Option<String> {
        match (&self.id, &self.topic) {
            (Some(id), Some(topic)) => Some(format!("{id} · {topic}")),
            (id, topic) => id.as_ref().or(topic.as_ref()).cloned(),
        }
    }

    /// Label and title on one line, for stories that are listed without excerpt.
    pub(super) fn headline(&self) -> String {
        match self.label() {
            Some(label) => format!("{label} {}", self.title),
            None => self.title.clone(),
        }
    }
}

impl CorrectionEntry {
    /// Kind and title on one line.
    pub(super) fn headline(&self) -> String {
        format!("{}: {}", self.kind, self.title)
    }
}

/// Sets the headings of entries that are grouped by topic.
pub(super) fn put_headings(entries: &mut [Entry], stories: &[StoryView], words: &Words) {
    let topics = stories.iter().map(|story| story.heading.as_deref().map(safe_name));
    for (entry, (level, heading)) in entries.iter_mut().zip(headings(topics, words.other_topic)) {
        entry.level = level;
        entry.heading = heading;
    }
}

/// For each story by its topic: the level of its headline, and the heading to print before it. Only the first story of a topic has a
/// heading. Stories without a topic have none before the first heading; after it they get the heading `other`, because they would
/// seem to belong to the topic above them.
pub(super) fn headings(
    topics: impl Iterator<Item = Option<String>>,
    other: &'static str,
) -> impl Iterator<Item = (u8, Option<String>)> {
    let mut current: Option<String> = None;
    topics.map(move |topic| {
        let topic = match (topic.filter(|topic| !topic.is_empty()), &current) {
            (None, None) => return (2, None),
            (topic, _) => topic.unwrap_or_else(|| other.to_owned()),
        };
        let begins = current.as_ref() != Some(&topic);
        current = Some(topic.clone());
        (3, begins.then_some(topic))
    })
}

/// The corrections to list, and how many more there are.
pub(super) fn corrections(all: &[CorrectionView]) -> (Vec<CorrectionEntry>, usize) {
    let listed = all.iter().take(MAX_CORRECTIONS).map(|correction| CorrectionEntry {
        kind: correction.kind.as_str(),
        title: shorten(&safe_line(&correction.title), MAX_CORRECTION_CHARS).0,
        link: correction.url.as_deref().and_then(safe_side_url),
        note: shorten(&safe_line(&correction.note), MAX_CORRECTION_CHARS).0,
    });
    (listed.collect(), all.len().saturating_sub(MAX_CORRECTIONS))
}

/// The name of the first source, and the others, of which at most `max` are named. A source with several reports is listed once
/// before any source is listed again, as `Name (2)`.
fn split_sources(all: &[SourceView], max: usize) -> (String, FurtherSources) {
    let mut seen: Vec<String> = Vec::new();
    let (mut once, mut again) = (Vec::new(), Vec::new());
    for source in all {
        let name = safe_name(&source.name);
        if name.is_empty() {
            continue;
        }
        let times = 1 + seen.iter().filter(|known| **known == name).count();
        if times == 1 {
            once.push((name.clone(), source.url.as_deref()));
        } else {
            again.push((format!("{name} ({times})"), source.url.as_deref()));
        }
        seen.push(name);
    }
    let mut others = once.into_iter().skip(1).chain(again);
    let named = others.by_ref().take(max);
    let named = named.map(|(name, url)| (name, url.and_then(safe_side_url))).collect();
    let more = others.count();
    (
        seen.into_iter().next().unwrap_or_default(),
        FurtherSources { named, more },
    )
}

impl Picture {
    /// Scales the picture down to the content area. `None` if its address is not safe.
    fn new(image: &ImageView) -> Option<Self> {
        let (width, height) = (image.width.max(1), image.height.max(1));
        let shown = width.min(MAX_PICTURE_WIDTH);
        let scaled = u64::from(height) * u64::from(shown) / u64::from(width);
        Some(Self {
            url: safe_side_url(&image.url)?,
            alt: shorten(&safe_line(&image.alt), MAX_TITLE_CHARS).0,
            width: shown,
            height: u32::try_from(scaled).unwrap_or(u32::MAX).max(1),
        })
    }
}
