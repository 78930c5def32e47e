//! A story as the templates print it: text from outside made harmless and short, addresses checked.

use super::fit::{Plan, Shown};
use super::render::{PREFERENCES_PLACEHOLDER, UNSUBSCRIBE_PLACEHOLDER};
use super::view::{CorrectionView, ImageView, SourceView, StoryView};
use crate::text::excerpt::excerpt;
use crate::text::language::is_rtl;
use crate::text::plain::{one_line, shorten};
use crate::words::{LANGUAGE, Voice, Words};

const TITLE_CHARS: usize = 240;
const NAME_CHARS: usize = 60;
const NOTE_CHARS: usize = 120;
/// Bytes of an address beside the story's own: what is longer is not worth its place.
const SIDE_URL_BYTES: usize = 1_000;
/// Pixels that a picture may be wide: the sheet without its margins.
const PICTURE_WIDTH: u32 = 544;
/// More corrections are only counted.
const MAX_CORRECTIONS: usize = 10;
const CORRECTION_CHARS: usize = 240;

/// A story as the templates print it.
pub(super) struct Entry {
    /// `None` where the voice shows no ids.
    pub(super) id: Option<String>,
    pub(super) tag: Option<String>,
    /// The heading that stands before it.
    pub(super) heading: Option<String>,
    /// The tag of the heading's language; `None` if it is the language of the story below it.
    pub(super) heading_language: Option<String>,
    /// The heading's direction; `None` if it is the direction of the story below it.
    pub(super) heading_direction: Option<&'static str>,
    /// Whether the heading is written from right to left.
    pub(super) heading_rtl: bool,
    /// Of its headline: 3 under a heading, else 2.
    pub(super) level: u8,
    /// The tag of its language; `None` if it is unknown or the frame's.
    pub(super) language: Option<String>,
    /// Whether it is written from right to left.
    pub(super) rtl: bool,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) picture: Option<Picture>,
    pub(super) lede: String,
    /// Who reported it, and the note; may be empty.
    pub(super) source: String,
    /// Who else did.
    pub(super) also: Also,
}

/// The other reports of an event.
#[derive(Default)]
pub(super) struct Also {
    /// The first of them, by name and address.
    pub(super) named: Vec<(String, Option<String>)>,
    /// How many more there are.
    pub(super) more: usize,
}

impl Also {
    /// `2 more`, or `2 others` if none is named; none if all are.
    pub(super) fn rest(&self) -> Option<String> {
        match (self.more, self.named.is_empty()) {
            (0, _) => None,
            (1, true) => Some("1 other".to_owned()),
            (more, true) => Some(format!("{more} others")),
            (more, false) => Some(format!("{more} more")),
        }
    }
}

pub(super) struct Picture {
    pub(super) url: String,
    pub(super) alt: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// A correction as the templates print it.
pub(super) struct Correction {
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) link: Option<String>,
    pub(super) note: String,
}

impl Entry {
    /// The story as `plan` shows it with its lede in an issue in `language`, and how it is shown then.
    pub(super) fn new(story: &StoryView, plan: &Plan, voice: Voice, language: &str) -> (Self, Shown) {
        let own = story.language.as_deref().filter(|own| !own.is_empty());
        let (title, title_cut) = shorten(&outside(&story.title), TITLE_CHARS);
        let whole = outside(&story.lede);
        let lede = excerpt(&whole, plan.lede_chars);
        let lede_cut = lede != whole;
        let (source, also) = sources(&story.sources, plan.also);
        let note = story.note.as_deref().map(|note| shorten(&outside(note), NOTE_CHARS).0);
        let about = [Some(source), note]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty());
        let rtl = own.is_some_and(is_rtl);
        let of_heading = story.topic_language.as_deref().unwrap_or(language);
        let entry = Self {
            id: voice.is_radio().then(|| name(&story.public_id)),
            tag: story.category.as_deref().map(name).filter(|tag| !tag.is_empty()),
            heading: None,
            heading_language: (!of_heading.eq_ignore_ascii_case(own.unwrap_or(LANGUAGE))).then(|| name(of_heading)),
            heading_rtl: is_rtl(of_heading),
            heading_direction: match (rtl, is_rtl(of_heading)) {
                (true, false) => Some("ltr"),
                (false, true) => Some("rtl"),
                _ => None,
            },
            level: 2,
            language: own.filter(|own| !own.eq_ignore_ascii_case(LANGUAGE)).map(name),
            rtl,
            title,
            link: address(&story.url),
            picture: story.image.as_ref().filter(|_| plan.pictures).and_then(Picture::new),
            lede,
            source: about.collect::<Vec<_>>().join(" · "),
            also,
        };
        let shown = if title_cut || lede_cut {
            Shown::Shortened
        } else {
            Shown::Whole
        };
        (entry, shown)
    }

    /// Id and tag on one line of text, as far as they are shown.
    pub(super) fn label(&self) -> Option<String> {
        match (&self.id, &self.tag) {
            (Some(id), Some(tag)) => Some(format!("{id} · {tag}")),
            (id, tag) => id.as_ref().or(tag.as_ref()).cloned(),
        }
    }

    /// Label and title on one line, for the list of headlines.
    pub(super) fn headline(&self) -> String {
        match self.label() {
            Some(label) => format!("{label} {}", self.title),
            None => self.title.clone(),
        }
    }
}

impl Correction {
    /// Kind and title on one line.
    pub(super) fn headline(&self) -> String {
        format!("{}: {}", self.kind, self.title)
    }
}

/// Puts a heading before each run of the same topic.
pub(super) fn put_headings(entries: &mut [Entry], stories: &[StoryView], words: &Words) {
    let topics = stories.iter().map(|story| story.topic.as_deref().map(name));
    for (entry, (level, heading)) in entries.iter_mut().zip(headings(topics, words.other_topic)) {
        entry.level = level;
        entry.heading = heading;
    }
}

/// For each story by its topic: the level of its headline, and the heading before it where a run of the same topic begins.
/// What has no topic stands before the first heading, and behind a run it is set off as other news.
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

/// The corrections that are listed, and how many more there are.
pub(super) fn corrections(all: &[CorrectionView]) -> (Vec<Correction>, usize) {
    let listed = all.iter().take(MAX_CORRECTIONS).map(|correction| Correction {
        kind: correction.kind.as_str(),
        title: shorten(&outside(&correction.title), CORRECTION_CHARS).0,
        link: correction.url.as_deref().and_then(side_address),
        note: shorten(&outside(&correction.note), CORRECTION_CHARS).0,
    });
    (listed.collect(), all.len().saturating_sub(MAX_CORRECTIONS))
}

/// The name of the first source, and the others: so many by name, each once before what one of them reported besides.
fn sources(all: &[SourceView], most: usize) -> (String, Also) {
    let mut seen: Vec<String> = Vec::new();
    let (mut once, mut again) = (Vec::new(), Vec::new());
    for source in all {
        let name = name(&source.name);
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
    let named = others.by_ref().take(most);
    let named = named.map(|(name, url)| (name, url.and_then(side_address))).collect();
    let more = others.count();
    (seen.into_iter().next().unwrap_or_default(), Also { named, more })
}

impl Picture {
    /// The picture in the size it is shown in; none without an address that a mail reader may load.
    fn new(image: &ImageView) -> Option<Self> {
        let (width, height) = (image.width.max(1), image.height.max(1));
        let shown = width.min(PICTURE_WIDTH);
        let scaled = u64::from(height) * u64::from(shown) / u64::from(width);
        Some(Self {
            url: side_address(&image.url)?,
            alt: shorten(&outside(&image.alt), TITLE_CHARS).0,
            width: shown,
            height: u32::try_from(scaled).unwrap_or(u32::MAX).max(1),
        })
    }
}

/// A name from outside, short.
pub(super) fn name(text: &str) -> String {
    shorten(&outside(text), NAME_CHARS).0
}

fn side_address(text: &str) -> Option<String> {
    address(text).filter(|address| address.len() <= SIDE_URL_BYTES)
}

/// The address if it is one a reader may be sent to.
fn address(text: &str) -> Option<String> {
    let address = url::Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(neutral(address.as_str()))
}

/// Text from outside, on one line and without our placeholders.
pub(super) fn outside(text: &str) -> String {
    neutral(&one_line(text))
}

fn neutral(text: &str) -> String {
    [UNSUBSCRIBE_PLACEHOLDER, PREFERENCES_PLACEHOLDER]
        .iter()
        .fold(text.to_owned(), |text, ours| text.replace(ours, &ours.to_lowercase()))
}
