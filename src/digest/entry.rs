//! A story as the templates of the mail print it: all text from outside is made safe and cut to its limit, all links are checked.
//!
//! An [`Entry`] comes from a [`StoryView`] and the [`LayoutPlan`], which says how much of each story there is space for.

use super::layout_plans::{LayoutPlan, Shown};
use super::safe_text::{safe_line, safe_name, safe_side_url, safe_url};
use super::view::{CorrectionView, ImageView, SourceView, StoryView, correction_mark};
use crate::domain::correction_note::shown_note;
use crate::domain::topics::is_same_topic;
use crate::text::excerpt::excerpt;
use crate::text::language::{direction_within, is_rtl};
use crate::text::plain::{is_same_name, shorten};
use crate::words::{Language, Words};

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
    /// The topic of the lead; `None` also under the heading of this topic, which would be repeated with every story.
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
    /// Its direction; `None` if it is that of the fixed texts.
    pub(super) direction: Option<&'static str>,
    /// Whether it is written from right to left.
    rtl: bool,
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
    pub(super) fn unnamed(&self, words: &Words) -> Option<String> {
        match (self.more, self.named.is_empty()) {
            (0, _) => None,
            (more, true) => Some(words.other_sources(more)),
            (more, false) => Some(words.more_sources(more)),
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
    /// What happened to the article, in words.
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) note: String,
}

impl Entry {
    /// The story with as much of it as `plan` allows, and whether anything was cut. `language` is the newsletter's.
    ///
    /// `heading` and `level` are those of a story without a heading: whether a story gets one depends on the story before it, so
    /// [`put_headings`] sets both afterwards.
    pub(super) fn new(story: &StoryView, plan: &LayoutPlan, words: &Words, language: &str) -> (Self, Shown) {
        let frame = words.language();
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
        let rtl = story_language.map_or(frame.is_rtl(), is_rtl);
        let mut entry = Self {
            id: words.voice().is_radio().then(|| safe_name(&story.public_id)),
            topic: story
                .lead_topic
                .as_deref()
                .map(safe_name)
                .filter(|topic| !topic.is_empty()),
            heading: None,
            heading_language: None,
            heading_rtl: false,
            heading_direction: None,
            level: 2,
            language: story_language
                .filter(|language| !language.eq_ignore_ascii_case(frame.tag()))
                .map(safe_name),
            direction: direction_within(frame.is_rtl(), story_language.unwrap_or_default()),
            rtl,
            title,
            link: safe_url(&story.url),
            picture: story.image.as_ref().filter(|_| plan.pictures).and_then(Picture::new),
            excerpt,
            source_line: source_line.collect::<Vec<_>>().join(" · "),
            further_sources,
        };
        entry.set_heading_language(story.heading_language.as_deref().unwrap_or(language), frame);
        let shown = if title_cut || excerpt_cut {
            Shown::Shortened
        } else {
            Shown::Whole
        };
        (entry, shown)
    }

    /// Sets the language of the heading. The heading is inside the element of the story, and inherits its language and direction.
    fn set_heading_language(&mut self, heading: &str, frame: Language) {
        let own = self.language.as_deref().unwrap_or(frame.tag());
        self.heading_language = (!heading.eq_ignore_ascii_case(own)).then(|| safe_name(heading));
        self.heading_rtl = is_rtl(heading);
        self.heading_direction = direction_within(self.rtl, heading);
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
    let topics: Vec<_> = stories
        .iter()
        .map(|story| story.heading.as_deref().map(safe_name))
        .collect();
    let headings = headings(topics.iter().cloned());
    for ((entry, topic), (level, heading)) in entries.iter_mut().zip(&topics).zip(headings) {
        entry.level = level;
        let is_heading = |own: &String| topic.as_deref().is_some_and(|topic| is_same_topic(own, topic));
        entry.topic = entry.topic.take().filter(|own| !is_heading(own));
        entry.heading = match heading {
            Some(Heading::Topic(topic)) => Some(topic),
            Some(Heading::Other) => {
                entry.set_heading_language(words.language().tag(), words.language());
                Some(words.other_topic())
            }
            None => None,
        };
    }
}

/// The heading before a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heading {
    /// The name of a topic.
    Topic(String),
    /// The heading of stories without a topic, in the language of the fixed texts.
    Other,
}

/// For each story by its topic: the level of its headline, and the heading to print before it. Only the first story of a topic has a
/// heading. Stories without a topic have none before the first heading; after it they get the heading [`Heading::Other`], because they
/// would seem to belong to the topic above them.
pub(super) fn headings(topics: impl Iterator<Item = Option<String>>) -> impl Iterator<Item = (u8, Option<Heading>)> {
    let mut current: Option<Heading> = None;
    topics.map(move |topic| {
        let heading = match (topic.filter(|topic| !topic.is_empty()), &current) {
            (None, None) => return (2, None),
            (topic, _) => topic.map_or(Heading::Other, Heading::Topic),
        };
        let begins = current.as_ref() != Some(&heading);
        current = Some(heading.clone());
        (3, begins.then_some(heading))
    })
}

/// The corrections to list, and how many more there are.
pub(super) fn corrections(all: &[CorrectionView], words: &Words) -> (Vec<CorrectionEntry>, usize) {
    let listed = all.iter().take(MAX_CORRECTIONS).map(|correction| CorrectionEntry {
        kind: correction_mark(words, correction.kind),
        title: shorten(&safe_line(&correction.title), MAX_CORRECTION_CHARS).0,
        link: correction.url.as_deref().and_then(safe_side_url),
        note: shorten(
            &safe_line(&shown_note(correction.note.clone(), words)),
            MAX_CORRECTION_CHARS,
        )
        .0,
    });
    (listed.collect(), all.len().saturating_sub(MAX_CORRECTIONS))
}

/// The name of the first source, and the others, of which at most `max` are named. A source with several reports is one source: its
/// first report stands for them, because readers want to know who else reported.
fn split_sources(all: &[SourceView], max: usize) -> (String, FurtherSources) {
    let mut sources: Vec<(String, Option<&str>)> = Vec::new();
    for source in all {
        let name = safe_name(&source.name);
        if !name.is_empty() && !sources.iter().any(|(known, _)| is_same_name(known, &name)) {
            sources.push((name, source.url.as_deref()));
        }
    }
    let mut sources = sources.into_iter();
    let first = sources.next().map(|(name, _)| name).unwrap_or_default();
    let named = sources.by_ref().take(max);
    let named = named.map(|(name, url)| (name, url.and_then(safe_side_url))).collect();
    let more = sources.count();
    (first, FurtherSources { named, more })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_with_many_reports_is_one_source() {
        let report = |name: &str, number: usize| SourceView {
            name: name.into(),
            url: Some(format!("https://{number}.example/")),
            title: String::new(),
        };
        let own: Vec<_> = (0..25).map(|number| report("Example Wire", number)).collect();
        let (first, further) = split_sources(&own, 2);
        assert_eq!(
            (first.as_str(), further.named.len(), further.more),
            ("Example Wire", 0, 0)
        );
        let mixed = ["Wire", "Post", "wire ", "", "Post", "Sun", "Times", "Post"];
        let mixed: Vec<_> = mixed
            .iter()
            .enumerate()
            .map(|(number, name)| report(name, number))
            .collect();
        let (first, further) = split_sources(&mixed, 2);
        let link = |number: usize| Some(format!("https://{number}.example/"));
        assert_eq!(first, "Wire");
        assert_eq!(
            further.named,
            [("Post".to_owned(), link(1)), ("Sun".to_owned(), link(5))]
        );
        assert_eq!(further.more, 1);
    }
}
