//! Renders one issue into the HTML and the plain text of its mail.

use askama::Template;

use super::entry::{Correction, Entry, corrections, put_headings};
pub use super::fit::Shown;
use super::fit::{Plan, plans, richest};
pub use super::view::{CorrectionView, DigestView, ImageView, SourceView, StoryView};
use crate::mail::html::inline_styles;
use crate::text::language::direction;
use crate::text::plain::wrap;

/// Stands for the reader's own unsubscribe link until the message is personalised.
///
/// Letters and underscores only, so that HTML, inlining and quoted-printable leave it as it is. In a story's own text
/// it is put into lower case, so that nobody can have a reader's link sent along in an address of theirs.
pub const UNSUBSCRIBE_PLACEHOLDER: &str = "DAYWIRE_UNSUBSCRIBE_LINK_OF_THIS_READER";
/// Stands likewise for the link to what the reader wants.
pub const PREFERENCES_PLACEHOLDER: &str = "DAYWIRE_PREFERENCES_LINK_OF_THIS_READER";

/// A part of an issue with a reader's own links in place of the placeholders; `base` is the site's address, without a slash at
/// its end.
#[must_use]
pub fn with_links(part: &str, base: &str, token: &str) -> String {
    part.replace(UNSUBSCRIBE_PLACEHOLDER, &format!("{base}/unsubscribe/{token}"))
        .replace(PREFERENCES_PLACEHOLDER, &format!("{base}/preferences/{token}"))
}

/// Most bytes of the HTML part: mail readers clip near 102,000, and the reader's own link is longer than its placeholder.
pub const HTML_LIMIT: usize = 98_000;

/// The two parts of the mail, and what became of each story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The HTML part, at most [`HTML_LIMIT`] bytes.
    pub html: String,
    /// The plain text part, with the same links.
    pub text: String,
    /// How each story of the view is shown, in the view's order.
    pub shown: Vec<Shown>,
}

/// Why an issue could not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template failed.
    #[error("the digest's template failed: {0}; this is a fault of the program, please report it")]
    Template(#[from] askama::Error),
    /// The styles could not be inlined.
    #[error("the digest's styles could not be inlined: {0}; this is a fault of the program, please report it")]
    Styles(#[from] css_inline::InlineError),
    /// Too large even without a story.
    #[error(
        "the digest has {bytes} bytes before its first story, {HTML_LIMIT} are allowed: shorten the newsletter's intro, \
         site.name, site.url or site.postal_address"
    )]
    TooLarge {
        /// Bytes of the smallest HTML part.
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

/// Renders `view`; equal views give equal bytes.
///
/// What is too long is shortened, then reduced to headlines, then counted, least important first, until the HTML has at
/// most [`HTML_LIMIT`] bytes; [`Rendered::shown`] says which story met which fate.
///
/// # Errors
/// [`RenderError::TooLarge`] if the frame alone is too large; the other kinds only if the program's own templates are broken.
pub fn render(view: &DigestView) -> Result<Rendered, RenderError> {
    let fits = |(_, html): &(Plan, String)| html.len() <= HTML_LIMIT;
    let attempt = |plan: &Plan| Ok::<_, RenderError>((*plan, html_part(view, &Layout::new(view, plan))?));
    match richest(&plans(view.stories.len()), fits, attempt)? {
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

/// The HTML part; one that is hopelessly large already is not worth the inlining and comes back without.
fn html_part(view: &DigestView, layout: &Layout) -> Result<String, RenderError> {
    let html = Html { view, layout }.render()?;
    if html.len() > 2 * HTML_LIMIT {
        Ok(html)
    } else {
        Ok(inline_styles(&html)?)
    }
}

/// The stories as a plan lays them out.
struct Layout {
    full: Vec<Entry>,
    heads: Vec<Entry>,
    counted: usize,
    corrections: Vec<Correction>,
    more_corrections: usize,
    shown: Vec<Shown>,
}

impl Layout {
    fn new(view: &DigestView, plan: &Plan) -> Self {
        let (listed, counted) = view.stories.split_at(plan.listed);
        let (mut full, mut shown): (Vec<_>, Vec<_>) = listed
            .iter()
            .map(|story| Entry::new(story, plan, view.voice, &view.language))
            .unzip();
        let heads = full.split_off(plan.with_lede);
        shown[plan.with_lede..].fill(Shown::HeadOnly);
        shown.resize(view.stories.len(), Shown::Counted);
        if view.by_topic {
            put_headings(&mut full, &view.stories, view.words());
        }
        let (corrections, more_corrections) = corrections(&view.corrections);
        Self {
            full,
            heads,
            counted: counted.len(),
            corrections,
            more_corrections,
            shown,
        }
    }
}
