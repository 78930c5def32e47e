//! Renders one issue into the HTML and the plain text of its mail.

use askama::Template;

pub use super::fit::Shown;
use super::fit::{Plan, plans, richest};
use crate::domain::prose::{one_line, shorten, wrap};
use crate::mail::html::inline_styles;

/// Stands for the reader's own unsubscribe link until the message is personalised.
///
/// Letters and underscores only, so that HTML, inlining and quoted-printable leave it as it is. In a story's own text
/// it is put into lower case, so that nobody can have a reader's link sent along in an address of theirs.
pub const UNSUBSCRIBE_PLACEHOLDER: &str = "DAYWIRE_UNSUBSCRIBE_LINK_OF_THIS_READER";

/// Most bytes of the HTML part: mail readers clip near 102,000, and the reader's own link is longer than its placeholder.
pub const HTML_LIMIT: usize = 98_000;

const TITLE_CHARS: usize = 240;
const SOURCE_CHARS: usize = 60;

/// One issue, as its mail shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestView {
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
    /// The stories, most important first.
    pub stories: Vec<StoryView>,
    /// Where the reader leaves: [`UNSUBSCRIBE_PLACEHOLDER`] for a mailing, a real address for one message.
    pub unsubscribe_url: String,
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
    /// The headline, plain text.
    pub title: String,
    /// Where the headline leads; anything but `http` or `https` gets no link.
    pub url: String,
    /// The first lines, plain text; may be empty.
    pub lede: String,
    /// Who reported it, the most important first.
    pub sources: Vec<String>,
}

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

/// A story as the templates print it.
struct Entry {
    label: String,
    title: String,
    link: Option<String>,
    lede: String,
    sources: String,
}

impl Entry {
    /// Label and title on one line, for the list of headlines.
    fn headline(&self) -> String {
        format!("{} {}", self.label, self.title)
    }
}

#[derive(Template)]
#[template(path = "emails/digest.html")]
struct Html<'a> {
    view: &'a DigestView,
    full: &'a [Entry],
    heads: &'a [Entry],
    counted: usize,
}

#[derive(Template)]
#[template(path = "emails/digest.txt")]
struct Text<'a> {
    view: &'a DigestView,
    full: &'a [Entry],
    heads: &'a [Entry],
    counted: usize,
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
            let Layout {
                full,
                heads,
                counted,
                shown,
            } = Layout::new(view, &plan);
            let text = Text {
                view,
                full: &full,
                heads: &heads,
                counted,
            }
            .render()?;
            Ok(Rendered { html, text, shown })
        }
        other => Err(RenderError::TooLarge {
            bytes: other.map_or(0, |(_, html)| html.len()),
        }),
    }
}

/// The HTML part; one that is hopelessly large already is not worth the inlining and comes back without.
fn html_part(view: &DigestView, layout: &Layout) -> Result<String, RenderError> {
    let html = Html {
        view,
        full: &layout.full,
        heads: &layout.heads,
        counted: layout.counted,
    }
    .render()?;
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
    shown: Vec<Shown>,
}

impl Layout {
    fn new(view: &DigestView, plan: &Plan) -> Self {
        let (listed, counted) = view.stories.split_at(plan.listed);
        let (mut full, mut shown): (Vec<_>, Vec<_>) = listed.iter().map(|story| story.entry(plan.lede_chars)).unzip();
        let heads = full.split_off(plan.with_lede);
        shown[plan.with_lede..].fill(Shown::HeadOnly);
        shown.resize(view.stories.len(), Shown::Counted);
        Self {
            full,
            heads,
            counted: counted.len(),
            shown,
        }
    }
}

impl StoryView {
    /// The story as the templates print it with its lede, and how it is shown then.
    fn entry(&self, lede_chars: usize) -> (Entry, Shown) {
        let (title, title_cut) = shorten(&outside(&self.title), TITLE_CHARS);
        let (lede, lede_cut) = shorten(&outside(&self.lede), lede_chars);
        let label = [Some(&self.public_id), self.category.as_ref()];
        let label = label
            .into_iter()
            .flatten()
            .map(|part| shorten(&outside(part), SOURCE_CHARS).0);
        let entry = Entry {
            label: label.collect::<Vec<_>>().join(" · "),
            title,
            link: self.link(),
            lede,
            sources: self.sources_line(),
        };
        (
            entry,
            if title_cut || lede_cut {
                Shown::Shortened
            } else {
                Shown::Whole
            },
        )
    }

    /// The address if it is one a reader may be sent to.
    fn link(&self) -> Option<String> {
        let address = url::Url::parse(&self.url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))?;
        Some(neutral(address.as_str()))
    }

    /// `Reuters · 2 more`.
    fn sources_line(&self) -> String {
        let Some((first, others)) = self.sources.split_first() else {
            return String::new();
        };
        let (first, _) = shorten(&outside(first), SOURCE_CHARS);
        if others.is_empty() {
            first
        } else {
            format!("{first} · {} more", others.len())
        }
    }
}

/// Text from outside, on one line and without our placeholder.
fn outside(text: &str) -> String {
    neutral(&one_line(text))
}

fn neutral(text: &str) -> String {
    text.replace(UNSUBSCRIBE_PLACEHOLDER, &UNSUBSCRIBE_PLACEHOLDER.to_lowercase())
}

impl DigestView {
    /// The visible first line, which mail readers show beside the subject.
    fn opening(&self) -> String {
        match self.stories.len() {
            1 => "1 transmission on the log.".to_owned(),
            many => format!("{many} transmissions on the log, the most important first."),
        }
    }

    /// Why this mail came.
    fn reason(&self) -> String {
        format!(
            "You get this because you subscribed to {} at {} and confirmed it by mail.",
            self.newsletter_name, self.site_name
        )
    }
}
