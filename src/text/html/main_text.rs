//! Finds the main text of an article's web page, without navigation, comments and advertisements.
//!
//! `dom_smoothie` finds it. It gets only what [`Reducer`] leaves of a page, because its time for some pages is quadratic: it compares
//! the title with each heading, for example.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use dom_smoothie::{Config, Readability};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use url::Url;

use super::cost::is_affordable;
use super::escape::escape;
use super::foreign::replace_by_text;
use super::sanitise::sanitise_at;
use super::sanitized_html::SanitizedHtml;
use super::tokenizer::{attribute, content_rule, run};
use super::visible_text::clean_line;

/// The most bytes of a page without scripts, styles and long attributes.
const MAX_REDUCED_BYTES: usize = 1024 * 1024;
/// Longer attributes are removed, such as pictures within `data:` addresses. The tokenizer reads no tag of more than 16 KB.
const MAX_ATTRIBUTE_BYTES: usize = 4 * 1024;
/// Headings are compared with this many characters of the title.
const MAX_TITLE_CHARS: usize = 300;

/// Elements that are removed with their content: readers do not see it, or it is no text.
const REMOVED_CONTENT: [&str; 12] = [
    "datalist", "iframe", "noembed", "noframes", "noscript", "script", "select", "style", "template", "textarea",
    "title", "xmp",
];
/// Elements of which only the tags are removed: they are outside the body, or change how the rest is parsed.
const REMOVED_TAGS: [&str; 11] = [
    "base",
    "body",
    "frame",
    "frameset",
    "head",
    "html",
    "link",
    "math",
    "meta",
    "plaintext",
    "svg",
];

/// Why a page has no main text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MainTextError {
    #[error("the page has more than {} KiB of text and markup", MAX_REDUCED_BYTES / 1024)]
    TooLarge,
    #[error("the page nests elements too deeply, or has a tag of more than 16 KB")]
    TooComplex,
    #[error("no text of an article was found in the page")]
    Missing,
}

/// The main text of a page as sanitised HTML. `title` is the article's headline, which is not repeated. Takes processor time, so it must
/// not run on the async threads.
pub(crate) fn main_text(page: &str, url: &Url, title: &str) -> Result<SanitizedHtml, MainTextError> {
    let (reduced, is_complete) = run(&replace_by_text(&without_long_attributes(page)), Reducer::default());
    if reduced.is_too_large.get() {
        return Err(MainTextError::TooLarge);
    }
    let title = escape(&title.chars().take(MAX_TITLE_CHARS).collect::<String>());
    let html = format!("<title>{title}</title>{}", reduced.html.into_inner());
    if !is_complete || !is_affordable(&html) {
        return Err(MainTextError::TooComplex);
    }
    let base = reduced.base.into_inner().and_then(|href| url.join(&href).ok());
    let base = base.filter(|base| matches!(base.scheme(), "http" | "https"));
    let base = base.as_ref().unwrap_or(url);
    let config = Config {
        // It would only say more about the page, such as its author.
        disable_json_ld: true,
        ..Config::default()
    };
    let found = Readability::new(html, Some(base.as_str()), Some(config)).and_then(|mut page| page.parse());
    let content = found.map_err(|_| MainTextError::Missing)?.content;
    let clean = sanitise_at(&content, Some(base));
    if clean_line(&clean).is_empty() {
        return Err(MainTextError::Missing);
    }
    Ok(clean)
}

/// Empties the quoted attributes of more than 4 KB.
fn without_long_attributes(page: &str) -> Cow<'_, str> {
    let (mut kept, mut done) = (String::new(), 0);
    let mut from = 0;
    while let Some(at) = page.get(from..).and_then(|rest| rest.find('=')) {
        let start = from + at + 2;
        from += at + 1;
        let quote = match page.as_bytes().get(start - 1) {
            Some(b'"') => '"',
            Some(b'\'') => '\'',
            _ => continue,
        };
        // A long text between quotes that contains a tag is no attribute. Each byte is searched once, so this takes linear time.
        let Some(length) = page.get(start..).and_then(|rest| rest.find([quote, '<'])) else {
            continue;
        };
        if length > MAX_ATTRIBUTE_BYTES && page.get(start + length..).is_some_and(|rest| rest.starts_with(quote)) {
            kept.push_str(page.get(done..start).unwrap_or_default());
            done = start + length;
        }
        from = start + length;
    }
    if done == 0 {
        return Cow::Borrowed(page);
    }
    kept.push_str(page.get(done..).unwrap_or_default());
    Cow::Owned(kept)
}

/// Writes the tokens of a page as HTML again, without what cannot be a part of the text.
#[derive(Default)]
struct Reducer {
    html: RefCell<String>,
    /// The element whose content is being removed, and how many of them are open.
    removed: RefCell<Option<(String, usize)>>,
    /// The first address of a `<base>` element.
    base: RefCell<Option<String>>,
    is_too_large: Cell<bool>,
}

impl Reducer {
    fn start_tag(&self, tag: &Tag) {
        let name = &*tag.name;
        if let Some((removed, open)) = &mut *self.removed.borrow_mut() {
            // Of these elements only a template can contain another one.
            *open += usize::from(removed == name && name == "template");
            return;
        }
        if REMOVED_CONTENT.contains(&name) {
            *self.removed.borrow_mut() = Some((name.to_owned(), 1));
            return;
        }
        if name == "base" && self.base.borrow().is_none() {
            *self.base.borrow_mut() = attribute(tag, "href").map(str::to_owned);
        }
        if REMOVED_TAGS.contains(&name) {
            return;
        }
        let mut html = self.html.borrow_mut();
        html.extend(["<", name]);
        for attribute in &tag.attrs {
            html.extend([" ", &attribute.name.local, "=\"", &escape(&attribute.value), "\""]);
        }
        html.push('>');
    }

    fn end_tag(&self, name: &str) {
        let mut removed = self.removed.borrow_mut();
        match &mut *removed {
            Some((element, open)) if element == name => {
                *open -= 1;
                if *open == 0 {
                    *removed = None;
                }
            }
            Some(_) => {}
            None if REMOVED_CONTENT.contains(&name) || REMOVED_TAGS.contains(&name) => {}
            None => self.html.borrow_mut().extend(["</", name, ">"]),
        }
    }

    fn text(&self, text: &str) {
        if self.removed.borrow().is_none() {
            self.html.borrow_mut().push_str(&escape(text));
        }
    }
}

impl TokenSink for Reducer {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if self.html.borrow().len() > MAX_REDUCED_BYTES {
            self.is_too_large.set(true);
            // The rest is not needed, and the tokenizer reads plain text fastest. Only a tag may ask for that.
            return match token {
                Token::TagToken(_) => TokenSinkResult::Plaintext,
                _ => TokenSinkResult::Continue,
            };
        }
        match token {
            Token::CharacterTokens(text) => self.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.start_tag(&tag);
                return content_rule(&tag.name);
            }
            Token::TagToken(tag) => self.end_tag(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &str =
        "The council met in the old harbour hall, and it voted, after three hours of debate, for the new bridge. ";

    fn found(page: &str) -> Result<SanitizedHtml, MainTextError> {
        let url = Url::parse("https://wire.example/news/bridge").expect("an address");
        main_text(page, &url, "A new bridge")
    }

    fn article() -> String {
        format!(
            "<article><h1>A new bridge</h1>{}<p>See <a href=plan.html>the plan</a> and <img src=/map.png alt=map>.</p></article>",
            format!("<p>{}</p>", SENTENCE.repeat(3)).repeat(4)
        )
    }

    #[test]
    fn the_text_is_found_without_navigation_comments_and_scripts() {
        let page = format!(
            "<!doctype html><html><head><title>A new bridge - Wire</title><script>var a = '<p>no</p>';</script>\
             <style>p {{ color: red }}</style></head><body class='post'><nav><ul>{}</ul></nav>{}\
             <select>{}</select><template><p>hidden</p></template>\
             <div id='comments' class='comments'><p>I like bridges.</p></div><footer>All rights reserved</footer>",
            "<li><a href='/section'>Section</a></li>".repeat(20),
            article(),
            "<option>Some country</option>".repeat(600),
        );
        let text = found(&page).expect("a text");
        assert_eq!(text.matches("old harbour hall").count(), 12, "{text}");
        for (part, is_kept) in [
            ("https://wire.example/news/plan.html", true),
            ("https://wire.example/map.png", true),
            ("Section", false),
            ("I like", false),
            ("country", false),
            ("hidden", false),
            ("rights", false),
            ("script", false),
            ("red", false),
            ("<h1", false),
        ] {
            assert_eq!(text.contains(part), is_kept, "{part}: {text}");
        }
    }

    #[test]
    fn addresses_are_relative_to_the_base_of_the_page() {
        for (base, expected) in [
            ("https://cdn.example/x/", "https://cdn.example/x/plan.html"),
            ("javascript:alert(1)", "https://wire.example/news/plan.html"),
        ] {
            let text = found(&format!("<head><base href='{base}'></head>{}", article())).expect("a text");
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn long_attributes_are_removed_and_the_rest_stays() {
        let picture = format!("<img src=\"data:image/png;base64,{}\" alt='mast'>", "A".repeat(100_000));
        let data = format!("<div data-props='{}'>", "{&quot;a&quot;: 1} ".repeat(2_000));
        let text = found(&format!("{picture}{data}{}</div>", article())).expect("a text");
        assert!(text.contains("old harbour hall"), "{text}");
        for page in [
            "a='b'",
            "a=\"<p>",
            "=",
            "='",
            "x=\"é",
            &format!("='{}", "x".repeat(5_000)),
            &"='".repeat(50_000),
        ] {
            assert_eq!(without_long_attributes(page), page);
        }
    }

    #[test]
    fn pages_without_a_text_are_refused() {
        for page in [
            "",
            "<title>A</title>",
            "<script>x</script>",
            "<select><option>x</select>",
        ] {
            assert_eq!(
                found(page).map(|text| text.to_string()),
                Err(MainTextError::Missing),
                "{page}"
            );
        }
    }

    #[test]
    fn hostile_pages_are_refused_in_little_time() {
        let article = article();
        for page in [
            format!("{}{article}", "<div>".repeat(100_000)),
            format!("{}{article}", "<b><i>".repeat(100_000)),
            format!("<p {}>{article}", "a ".repeat(100_000)),
        ] {
            assert_eq!(found(&page), Err(MainTextError::TooComplex));
        }
        let large = format!("<p>{SENTENCE}").repeat(300_000);
        assert_eq!(found(&large), Err(MainTextError::TooLarge));
        for page in [
            format!(
                "<title>{}</title>{}",
                "alpha beta ".repeat(5_000),
                "<h1>alpha beta gamma</h1><h2>x y z</h2>".repeat(15_000)
            ),
            "<svg>".repeat(100_000),
            "<select><template>".repeat(50_000),
            "<ul><li>".repeat(60) + &"<li>a".repeat(100_000),
        ] {
            // That it ends is enough: some have a text, others none.
            let _ = found(&page);
        }
    }
}
