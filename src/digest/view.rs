//! What a digest says, before it is laid out: the issue, its stories, and corrections of earlier ones.

use serde::{Deserialize, Serialize};

use super::entry::outside;
use crate::domain::states::CorrectionKind;
use crate::text::plain::shorten;
use crate::words::{LANGUAGE, Voice, Words};

/// Ticks of the dial in the head of a digest.
const DIAL: usize = 24;
/// The most headlines and the most characters of the preheader. Mail programs show 40 to 140 characters in their lists.
const PREHEADER_STORIES: usize = 3;
const PREHEADER_CHARS: usize = 150;

/// One issue, as its mail shows it. Text in it is plain and may come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestView {
    /// The words of the frame.
    pub voice: Voice,
    /// The language of most stories, as a BCP 47 tag. The frame is in [`LANGUAGE`].
    pub language: String,
    /// The site's name.
    pub site_name: String,
    /// The site's absolute address.
    pub site_url: String,
    /// The newsletter's name.
    pub newsletter_name: String,
    /// The issue's number in its newsletter, from 1.
    pub issue_number: i64,
    /// The day of the issue as people read it, such as `Sunday 23 November 2025`.
    pub date_line: String,
    /// A word from the editor, if any.
    pub intro: Option<String>,
    /// The stories in their order.
    pub stories: Vec<StoryView>,
    /// Whether the score alone put the stories in their order. False as soon as an editor placed one by hand.
    pub by_score: bool,
    /// Whether a heading stands before each run of stories of the same topic.
    pub by_topic: bool,
    /// What had to be corrected in earlier issues, listed after the stories.
    pub corrections: Vec<CorrectionView>,
    /// Where the reader leaves: [`UNSUBSCRIBE_PLACEHOLDER`](super::render::UNSUBSCRIBE_PLACEHOLDER) for a mailing, a real address for one message.
    pub unsubscribe_url: String,
    /// Where the reader says what they want; a placeholder likewise.
    pub preferences_url: String,
    /// Where the issue is on the site, if it will be.
    pub page: Option<String>,
    /// The sender's postal address, if the operator gave one.
    pub postal_address: Option<String>,
}

/// One story of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryView {
    /// The id readers see, such as `TX_080089`.
    pub public_id: String,
    /// Its category tag.
    pub category: Option<String>,
    /// The language of headline and lede (BCP 47), if known.
    pub language: Option<String>,
    /// The headline, plain text.
    pub title: String,
    /// Where the headline leads; anything but `http` or `https` gets no link.
    pub url: String,
    /// The first lines, plain text; may be empty.
    pub lede: String,
    /// All reports of the event; the first is the one that the headline comes from. Each name is shown once.
    pub sources: Vec<SourceView>,
    /// One line for readers about how the event was reported, such as `4 sources, the first reached us at 06:12
    /// CET`.
    pub note: Option<String>,
    /// Under which heading it stands if [`DigestView::by_topic`]; none for the first, most important ones, which stand
    /// before every heading.
    pub topic: Option<String>,
    /// The language of that heading (BCP 47); `None` if it is in the language of the frame or unknown.
    pub topic_language: Option<String>,
    /// A picture, shown while there is room.
    pub image: Option<ImageView>,
}

/// One report of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceView {
    /// Who reported it.
    pub name: String,
    /// Where; no link without it.
    pub url: Option<String>,
    /// Under which headline.
    pub title: String,
}

/// A picture that belongs to a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// Its address; anything but `http` or `https` is not shown.
    pub url: String,
    /// What it shows, for who does not see it.
    pub alt: String,
    /// Its own width in pixels, at least 1.
    pub width: u32,
    /// Its own height in pixels, at least 1.
    pub height: u32,
}

/// What was changed in an article after readers had got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionView {
    /// Its headline.
    pub title: String,
    /// Its page, if it still has one.
    pub url: Option<String>,
    /// What was wrong and is so no longer; may be empty.
    pub note: String,
    /// What became of it.
    pub kind: CorrectionKind,
}

impl DigestView {
    /// How much there is, in one sentence.
    pub(super) fn opening(&self) -> String {
        self.words().opening(self.stories.len(), self.by_score)
    }

    pub(super) const fn words(&self) -> &'static Words {
        self.voice.words()
    }

    /// The newsletter's language, for text in it, if it is not that of the frame.
    pub(super) fn own_language(&self) -> Option<&str> {
        Some(self.language.as_str()).filter(|language| !language.eq_ignore_ascii_case(LANGUAGE))
    }

    /// The first words of the mail, which mail programs show beside the subject: the leading headlines. They are visible, because
    /// spam filters and our own preflight object to hidden text.
    pub(super) fn preheader(&self) -> String {
        let headlines = self
            .stories
            .iter()
            .take(PREHEADER_STORIES)
            .map(|story| outside(&story.title));
        shorten(&headlines.collect::<Vec<_>>().join(" · "), PREHEADER_CHARS).0
    }

    /// The tuning dial under the title: its ticks, of which one is the needle; it moves on by one each issue.
    pub(super) fn dial(&self) -> [bool; DIAL] {
        let at = self.issue_number.rem_euclid(i64::try_from(DIAL).unwrap_or(1));
        std::array::from_fn(|tick| i64::try_from(tick).is_ok_and(|tick| tick == at))
    }

    /// Why this mail came. One text goes to all recipients, so it must be true of those who signed up on the site and of
    /// those who were imported.
    pub(super) fn reason(&self) -> String {
        format!(
            "You get this email because you are subscribed to {}, a newsletter from {}.",
            self.newsletter_name, self.site_name
        )
    }
}
