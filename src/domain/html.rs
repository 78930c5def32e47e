//! Turns HTML that strangers wrote into HTML, text and lines that are safe to show.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::html_tokens::{bare_text, is_affordable};

/// Bytes of HTML that are looked at; a tree is built from no more.
const MAX_BYTES: usize = 256 * 1024;
/// Characters that a line keeps.
const MAX_LINE: usize = 500;
/// Columns at which text is wrapped, as mail has it.
const TEXT_WIDTH: usize = 76;

/// Elements that stay; the text of all others stays without them.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Elements that go with everything inside them.
const TAGS_WITH_CONTENT: &[&str] = &[
    "applet", "button", "datalist", "embed", "frameset", "head", "iframe", "math", "noembed", "noframes", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "title", "xmp",
];

/// Cleans HTML for web and mail [`sanitise_at`] no address: links that are not absolute lose their address.
#[must_use]
pub fn sanitise(html: &str) -> String {
    sanitise_at(html, None)
}

/// Cleans HTML for web and mail: plain elements of text, lists, tables, links and images, with links to `http`, `https`
/// and `mailto` only and `rel="noopener noreferrer"` on each; relative addresses are resolved against `base`.
///
/// What is above 256 KB or so nested that parsing would take long becomes paragraphs of escaped text, cut at that size.
#[must_use]
pub fn sanitise_at(html: &str, base: Option<&Url>) -> String {
    if html.len() > MAX_BYTES || !is_affordable(html) {
        return paragraphs(&bare_text(cut(html, MAX_BYTES)));
    }
    let relative = match base.filter(|base| matches!(base.scheme(), "http" | "https")) {
        Some(base) => UrlRelative::RewriteWithBase(base.clone()),
        None => UrlRelative::Deny,
    };
    Builder::empty()
        .tags(set(TAGS))
        .clean_content_tags(set(TAGS_WITH_CONTENT))
        .generic_attributes(set(&["dir", "lang", "title"]))
        .tag_attributes(HashMap::from([
            ("a", set(&["href", "hreflang"])),
            ("img", set(&["src", "alt", "width", "height"])),
            ("col", set(&["span"])),
            ("colgroup", set(&["span"])),
            ("li", set(&["value"])),
            ("ol", set(&["start", "reversed"])),
            ("td", set(&["colspan", "rowspan"])),
            ("th", set(&["colspan", "rowspan", "scope"])),
            ("time", set(&["datetime"])),
        ]))
        .url_schemes(set(&["http", "https", "mailto"]))
        .url_relative(relative)
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|_, attribute, value| match attribute {
            "src" if !is_web_address(value) => None,
            _ => Some(Cow::Borrowed(value)),
        })
        .clean(html)
        .to_string()
}

/// Turns HTML into plain text, wrapped at 76 columns, with the address of each link behind its text.
///
/// The caps of [`sanitise`] hold, since its output is what is read.
#[must_use]
pub fn to_text(html: &str) -> String {
    let clean = sanitise(html);
    let text = html2text::config::with_decorator(LinkText::default())
        .no_link_wrapping()
        .allow_width_overflow()
        .no_table_borders()
        .string_from_read(clean.as_bytes(), TEXT_WIDTH)
        .unwrap_or_else(|_| bare_text(&clean));
    let mut lines = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.trim().lines().map(str::trim_end) {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines.truncate(lines.trim_end().len());
    lines
}

/// Shortens text to at most `max_chars` characters, with white space folded: up to the end of a sentence if one lies
/// in the later half, else up to a word and an ellipsis.
#[must_use]
pub fn excerpt(text: &str, max_chars: usize) -> String {
    let folded = fold(text.chars());
    let chars: Vec<char> = folded.chars().collect();
    if chars.len() <= max_chars {
        return folded;
    }
    let half = max_chars / 2;
    if let Some(end) = (half..=max_chars).rev().find(|&end| ends_sentence(&chars, end)) {
        return chars.iter().take(end).collect();
    }
    let room = max_chars.saturating_sub(1);
    // Scripts without spaces have no word to end at and are cut where the room ends.
    let end = (half..=room)
        .rev()
        .find(|&end| chars.get(end) == Some(&' '))
        .unwrap_or(room);
    let head: String = chars.iter().take(end).collect();
    let head = head.trim_end_matches([' ', ',', ';', ':', '-', '–', '—', '(']);
    if max_chars == 0 {
        String::new()
    } else {
        format!("{head}…")
    }
}

/// Turns a title, a name or the like, with or without markup, into one harmless line of at most 500 characters: tags
/// stripped, entities decoded once, control and direction-changing characters removed, white space folded.
#[must_use]
pub fn clean_line(markup: &str) -> String {
    plain_line(&bare_text(cut(markup, MAX_BYTES)))
}

/// Does for text that is known to hold no markup what [`clean_line`] does for the rest.
#[must_use]
pub fn plain_line(text: &str) -> String {
    let line = fold(cut(text, MAX_BYTES).chars().filter(|&c| !is_unwanted(c)));
    match line.char_indices().nth(MAX_LINE) {
        Some((end, _)) => line.get(..end).unwrap_or_default().trim_end().to_owned(),
        None => line,
    }
}

/// Gives the text of HTML without its tags and link addresses, with lines where blocks end; in linear time.
#[must_use]
pub fn strip(html: &str) -> String {
    bare_text(cut(html, MAX_BYTES))
}

/// Escapes text for HTML, content and quoted attributes alike.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Turns plain text into HTML: each run of lines between blank ones is a paragraph.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .fold(String::new(), |mut html, part| {
            html.push_str("<p>");
            html.push_str(&escape(part));
            html.push_str("</p>\n");
            html
        })
}

fn set<'a>(names: &[&'a str]) -> HashSet<&'a str> {
    names.iter().copied().collect()
}

fn is_web_address(value: &str) -> bool {
    Url::parse(value).map_or(true, |url| matches!(url.scheme(), "http" | "https"))
}

fn cut(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

/// Makes every run of white space one space, and none at either end.
fn fold(chars: impl Iterator<Item = char>) -> String {
    let mut folded = String::new();
    let mut space = false;
    for c in chars {
        if c.is_whitespace() {
            space = !folded.is_empty();
        } else {
            if space {
                folded.push(' ');
                space = false;
            }
            folded.push(c);
        }
    }
    folded
}

/// Characters that a line must not hold: controls that are no white space, and those that reorder or hide text
/// (Unicode UAX 9 explicit formatting, zero-width space, byte order mark). Joiners stay, scripts and emoji need them.
fn is_unwanted(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(
            c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        )
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Says whether a sentence ends right before `end`, and more follows or nothing does.
fn ends_sentence(chars: &[char], end: usize) -> bool {
    let closing = |c: &char| matches!(c, '"' | '\'' | ')' | ']' | '»' | '”' | '’' | '“' | '」' | '』');
    let Some(head) = chars.get(..end) else { return false };
    let Some(last) = head.iter().rposition(|c| !closing(c)) else {
        return false;
    };
    match head.get(last) {
        Some('。' | '！' | '？' | '｡' | '।') => true,
        // A lower-case word after the stop says that it was an abbreviation.
        Some('.' | '!' | '?' | '…') => match (chars.get(end), chars.get(end + 1)) {
            (Some(' '), Some(next)) => !next.is_lowercase(),
            (None, _) => true,
            _ => false,
        },
        _ => false,
    }
}

/// How [`to_text`] writes what text cannot show: the address behind a link, a dash for a list item, no stars or ticks.
#[derive(Clone, Default)]
struct LinkText {
    address: String,
}

impl html2text::render::TextDecorator for LinkText {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        url.clone_into(&mut self.address);
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let address = std::mem::take(&mut self.address);
        if address.is_empty() {
            address
        } else {
            format!(" <{address}>")
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (
            if title.is_empty() {
                String::new()
            } else {
                format!("[{title}]")
            },
            (),
        )
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}
