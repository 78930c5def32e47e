//! Renders one issue as the HTML part and the plain text part of its mail.
//!
//! Mail programs cut off long messages. So this file renders the richest [`LayoutPlan`] whose HTML stays below [`MAX_HTML_BYTES`]; less
//! important stories are shortened first.

use std::convert::Infallible;
use std::fmt::Display;

use askama::Template;

use super::layout::Layout;
// Re-exported so that code outside the digest needs this module alone to render a mail and to fill in its links.
pub use super::layout_plans::Shown;
use super::layout_plans::{LayoutPlan, layout_plans, richest};
pub use super::placeholders::{PREFERENCES_PLACEHOLDER, UNSUBSCRIBE_PLACEHOLDER, with_links};
use super::template_context::digest_context;
pub use super::view::{CorrectionView, DigestView, ImageView, SourceView, StoryView};
use crate::mail::html::inline_styles;
use crate::mail::look::required_address;
use crate::templates::Required;
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
            let text = text_part(view, &layout)?;
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
    let inlined = |html: String| {
        if html.len() > 2 * MAX_HTML_BYTES {
            Ok(html)
        } else {
            inline_styles(&html)
        }
    };
    match own_part("digest.html", view, layout, inlined) {
        Some(html) => Ok(html),
        None => Ok(inlined(Html { view, layout }.render()?)?),
    }
}

fn text_part(view: &DigestView, layout: &Layout) -> Result<String, RenderError> {
    match own_part("digest.txt", view, layout, Ok::<_, Infallible>) {
        Some(text) => Ok(text),
        None => Ok(Text { view, layout }.render()?),
    }
}

/// The part by the operator's template; `None` if there is none, or if it failed.
fn own_part<E: Display>(
    name: &'static str,
    view: &DigestView,
    layout: &Layout,
    finish: impl FnOnce(String) -> Result<String, E>,
) -> Option<String> {
    let templates = &view.look.templates;
    if !templates.replaces(name) {
        return None;
    }
    let unsubscribe = Required {
        variable: "unsubscribe_url",
        value: &view.unsubscribe_url,
        reason: "every subscriber must be able to leave; put it at the foot",
    };
    let address = required_address(view.postal_address.as_deref());
    let required: Vec<Required<'_>> = [unsubscribe].into_iter().chain(address).collect();
    templates.render(name, &view.words, &digest_context(view, layout), &required, finish)
}
