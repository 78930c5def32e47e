//! Renders one issue as the HTML part and the plain text part of its mail.
//!
//! Mail programs cut off long messages. So this file renders the richest [`LayoutPlan`] whose HTML stays below [`MAX_HTML_BYTES`]; less
//! important stories are shortened first.

use askama::Template;

use super::entry::{CorrectionEntry, Entry, corrections, put_headings};
// Re-exported so that code outside the digest needs this module alone to render a mail and to fill in its links.
pub use super::layout_plans::Shown;
use super::layout_plans::{LayoutPlan, layout_plans, richest};
pub use super::placeholders::{PREFERENCES_PLACEHOLDER, UNSUBSCRIBE_PLACEHOLDER, with_links};
pub use super::view::{CorrectionView, DigestView, ImageView, SourceView, StoryView};
use crate::mail::html::inline_styles;
use crate::text::language::direction;
use crate::text::plain::wrap;

/// The HTML part has at most this many bytes. Mail programs clip near 102,000 bytes, and a subscriber's links are longer than their
/// placeholders.
pub const MAX_HTML_BYTES: usize = 98_000;

/// The two parts of the mail, and how each story is shown in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML part, at most [`MAX_HTML_BYTES`] bytes.
    pub html: String,
    /// The plain text part with the same links.
    pub text: String,
    /// How each story of the view is shown, in the view's order.
    pub shown: Vec<Shown>,
}

/// Why an issue could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template failed, which only a broken build can cause.
    #[error("the digest's template failed: {0}; this is a fault of the program, please report it")]
    Template(#[from] askama::Error),
    /// The styles could not be inlined, which only a broken build can cause.
    #[error("the digest's styles could not be inlined: {0}; this is a fault of the program, please report it")]
    Styles(#[from] css_inline::InlineError),
    /// The mail is too large even without a story.
    #[error(
        "the digest has {bytes} bytes before its first story, {MAX_HTML_BYTES} are allowed: shorten the newsletter's intro, \
         site.name, site.url or site.postal_address"
    )]
    TooLarge {
        /// The size of the smallest HTML part.
        bytes: usize,
    },
}

#[derive(Template)]
#[template(path = "emails/digest.html")]
struct Html<'a> {
    view: &'a DigestView,
    layout: &'a Layout,
}

#[derive(Template)]
#[template(path = "emails/digest.txt")]
struct Text<'a> {
    view: &'a DigestView,
    layout: &'a Layout,
}

/// Renders `view`. Equal views give equal bytes.
///
/// Until the HTML fits into [`MAX_HTML_BYTES`], excerpts are shortened, then stories are reduced to headlines, then only counted, the
/// last ones first. [`Rendered::shown`] contains the result for each story.
///
/// # Errors
/// [`RenderError::TooLarge`] if the mail is too large even without a story.
pub fn render(view: &DigestView) -> Result<Rendered, RenderError> {
    let fits = |(_, html): &(LayoutPlan, String)| html.len() <= MAX_HTML_BYTES;
    let attempt = |plan: &LayoutPlan| Ok::<_, RenderError>((*plan, html_part(view, &Layout::new(view, plan))?));
    match richest(&layout_plans(view.stories.len()), fits, attempt)? {
        Some(fitting) if fits(&fitting) => {
            let (plan, html) = fitting;
            let layout = Layout::new(view, &plan);
            let text = Text { view, layout: &layout }.render()?;
            let shown = layout.shown;
            Ok(Rendered { html, text, shown })
        }
        other => Err(RenderError::TooLarge {
            bytes: other.map_or(0, |(_, html)| html.len()),
        }),
    }
}

/// The HTML part. Inlining styles is slow, so it is skipped for a part that is far too large to be used.
fn html_part(view: &DigestView, layout: &Layout) -> Result<String, RenderError> {
    let html = Html { view, layout }.render()?;
    if html.len() > 2 * MAX_HTML_BYTES {
        Ok(html)
    } else {
        Ok(inline_styles(&html)?)
    }
}

/// The stories and corrections as a plan lays them out.
struct Layout {
    /// Stories with their excerpts.
    full: Vec<Entry>,
    /// Stories that are listed by headline.
    headlines: Vec<Entry>,
    /// How many stories are only counted.
    counted: usize,
    corrections: Vec<CorrectionEntry>,
    /// How many corrections are only counted.
    more_corrections: usize,
    shown: Vec<Shown>,
}

impl Layout {
    fn new(view: &DigestView, plan: &LayoutPlan) -> Self {
        let (listed, counted) = view.stories.split_at(plan.listed);
        let (mut full, mut shown): (Vec<_>, Vec<_>) = listed
            .iter()
            .map(|story| Entry::new(story, plan, &view.words, &view.language))
            .unzip();
        let headlines = full.split_off(plan.with_excerpt);
        shown[plan.with_excerpt..].fill(Shown::HeadlineOnly);
        shown.resize(view.stories.len(), Shown::Counted);
        if view.by_topic {
            put_headings(&mut full, &view.stories, &view.words);
        }
        let (corrections, more_corrections) = corrections(&view.corrections, &view.words);
        Self {
            full,
            headlines,
            counted: counted.len(),
            corrections,
            more_corrections,
            shown,
        }
    }
}
