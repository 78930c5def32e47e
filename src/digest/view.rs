//! The content of one digest before it is laid out: the issue, its stories, and corrections of earlier issues.
//!
//! Its texts are plain and can come from feeds. [`entry`](super::entry) makes them safe when the mail is rendered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::safe_text::safe_line;
use crate::domain::states::CorrectionKind;
use crate::mail::look::MailLook;
use crate::text::plain::shorten;
use crate::words::{Words, isolated};

/// How many ticks the dial at the top of a digest in the radio voice has.
const DIAL_TICKS: usize = 24;
/// Limits of the preheader. Mail programs show 40 to 140 characters of it in their lists.
const MAX_PREHEADER_STORIES: usize = 3;
const MAX_PREHEADER_CHARS: usize = 150;
/// A headline of the preheader that would be cut to fewer characters is left out.
const MIN_HEADLINE_CHARS: usize = 12;
/// Stands between the headlines of the preheader.
const SEPARATOR: &str = " · ";

/// One issue, as its mail shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestView {
    /// The fixed texts, in the language of the edition's readers and the voice of the site.
    pub words: Words,
    /// The language of most stories (BCP 47). The fixed texts can be in another one.
    pub language: String,
    /// The name of the site (`site.name`).
    pub site_name: String,
    /// The site's absolute address.
    pub site_url: String,
    /// The newsletter's name for subscribers.
    pub newsletter_name: String,
    /// The issue's number in its newsletter, from 1.
    pub issue_number: i64,
    /// The date of the issue, such as `Sunday 23 November 2025`.
    pub date_line: String,
    /// Which issues a combined edition combines, in the language of the fixed texts.
    pub combined: Option<String>,
    /// A text before the stories: the editor's, or the newsletter's.
    pub intro: Option<String>,
    /// The stories in the order of the issue.
    pub stories: Vec<StoryView>,
    /// Whether no editor pinned or moved a story, so that the order follows from scores and topics alone.
    pub by_score: bool,
    /// Whether stories are grouped under headings: at least one story has a heading.
    pub by_topic: bool,
    /// Corrections of articles in earlier issues, listed after the stories.
    pub corrections: Vec<CorrectionView>,
    /// The unsubscribe link: [`UNSUBSCRIBE_PLACEHOLDER`](super::render::UNSUBSCRIBE_PLACEHOLDER) in an issue, a real link in a single
    /// message.
    pub unsubscribe_url: String,
    /// The link to the subscriber's preferences, likewise.
    pub preferences_url: String,
    /// The absolute address of the issue's page on the site, if it gets one.
    pub page: Option<String>,
    /// The sender's postal address, if `site.postal_address` is set.
    pub postal_address: Option<String>,
    /// Colours, fonts, logo, and links at the foot.
    pub look: Arc<MailLook>,
}

/// One story of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryView {
    /// The public id of the lead, such as `TX_080089`.
    pub public_id: String,
    /// The topic of the lead; another report of the story can have another one.
    pub lead_topic: Option<String>,
    /// The language of headline and excerpt (BCP 47), if known.
    pub language: Option<String>,
    /// The headline of the lead, or an editor's.
    pub title: String,
    /// Where the headline leads. Only `http` and `https` addresses become links.
    pub url: String,
    /// The excerpt of the lead; may be empty.
    pub excerpt: String,
    /// All reports that name a source, the lead first.
    pub sources: Vec<SourceView>,
    /// A line about the reports, such as `4 sources, the first reached us at 06:12 CET`.
    pub note: Option<String>,
    /// The topic under whose heading the story is listed. `None` for the top stories and for stories without a topic, unless an editor
    /// moved the story next to one with a heading.
    pub heading: Option<String>,
    /// The language of that heading (BCP 47); `None` if it is unknown or the newsletter's.
    pub heading_language: Option<String>,
    /// A picture, shown if there is space for it.
    pub image: Option<ImageView>,
}

/// One report of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceView {
    /// The name of the publisher.
    pub name: String,
    /// The address of the report; without it the name is not a link.
    pub url: Option<String>,
    /// The headline of the report.
    pub title: String,
}

/// A picture that belongs to a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// The address of the image file. A picture with a scheme other than `http` or `https` is not shown.
    pub url: String,
    /// The alternative text; may be empty.
    pub alt: String,
    /// The width of the file in pixels, at least 1.
    pub width: u32,
    /// The height of the file in pixels, at least 1.
    pub height: u32,
}

/// A correction of an article that subscribers have received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionView {
    /// The headline of the article.
    pub title: String,
    /// The absolute address of the article's page, if it has one.
    pub url: Option<String>,
    /// What was corrected, in an editor's words; may be empty.
    pub note: String,
    /// Whether the article was changed or retracted.
    pub kind: CorrectionKind,
}

impl DigestView {
    /// The first sentence: how many stories the issue has, and how they are ordered.
    pub(super) fn opening(&self) -> String {
        let stories = self.stories.len();
        if self.by_score {
            self.words.opening(stories)
        } else {
            self.words.opening_by_hand(stories)
        }
    }

    /// The newsletter's language; `None` if it is the language of the fixed texts.
    pub(super) fn own_language(&self) -> Option<&str> {
        Some(self.language.as_str()).filter(|language| !language.eq_ignore_ascii_case(self.words.language().tag()))
    }

    /// The first headlines. Mail programs show the first text of a mail next to its subject. It is visible in the mail too, because
    /// spam filters and preflight object to hidden text. A headline against the direction of the mail is isolated, so that its words stay
    /// together where lines break; mail programs' lists have no markup for it.
    pub(super) fn preheader(&self) -> String {
        let mut left = MAX_PREHEADER_CHARS;
        let mut headlines = Vec::new();
        for story in self.stories.iter().take(MAX_PREHEADER_STORIES) {
            let (headline, is_cut) = shorten(&safe_line(&story.title), left);
            left = left.saturating_sub(headline.chars().count() + SEPARATOR.len());
            headlines.push(isolated(&headline, self.words.language().is_rtl()).into_owned());
            if is_cut || left < MIN_HEADLINE_CHARS {
                break;
            }
        }
        headlines.join(SEPARATOR)
    }

    /// The ticks of the dial under the title. Exactly one is true, the marked tick; the next issue marks the tick after it.
    pub(super) fn dial(&self) -> [bool; DIAL_TICKS] {
        let marked = self.issue_number.rem_euclid(i64::try_from(DIAL_TICKS).unwrap_or(1));
        std::array::from_fn(|tick| i64::try_from(tick).is_ok_and(|tick| tick == marked))
    }
}

/// What happened to an article, such as `corrected`. It stands before a headline.
#[must_use]
pub(crate) fn correction_mark(words: &Words, kind: CorrectionKind) -> String {
    match kind {
        CorrectionKind::Corrected => words.mark_corrected(),
        CorrectionKind::Retracted => words.mark_retracted(),
        CorrectionKind::Restored => words.mark_restored(),
    }
}
