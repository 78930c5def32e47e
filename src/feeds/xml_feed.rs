//! Reads RSS 0.9 to 2.0, RSS 1.1, Atom 0.3 and 1.0, and CDF from a tree of elements.

use std::time::Duration;

use base64::Engine as _;
use url::Url;

use super::entry::{Feed, MAX_AUTHORS, RawEntry, Text, author_name};
use super::error::ParseError;
use super::links::{resolve, web_address};
use super::xml::{Element, Namespace};
use super::{date, image};
use crate::text::html;

/// Reads a feed from its root element. `base` is the address from which it was fetched.
pub(super) fn read(root: &Element, base: Option<&Url>) -> Result<Feed, ParseError> {
    let format = format_of(root).ok_or(ParseError::NotAFeed)?;
    let channel = root.elements().find(|child| child.name == "channel").unwrap_or(root);
    let is_nested = !std::ptr::eq(channel, root);
    let document = based(base, root);
    let document = if is_nested {
        based(document.as_ref(), channel)
    } else {
        document
    };
    let site_url = link(channel)
        .map(|link| resolve(&link, document.as_ref()))
        .as_deref()
        .and_then(web_address);
    // Atom resolves addresses against `xml:base` and then the document's address. RSS defines no base. There the site is the base,
    // because another server often hosts the document.
    let is_declared = [root, channel].iter().any(|element| own_base(element).is_some());
    let site = site_url.as_deref().and_then(|url| Url::parse(url).ok());
    let base = site
        .filter(|_| root.namespace != Namespace::Atom && !is_declared)
        .or(document);

    let context = Context {
        base,
        language: language(channel).or_else(|| language(root)),
        authors: if root.namespace == Namespace::Atom {
            authors(channel)
        } else {
            Vec::new()
        },
    };
    let mut entries = Vec::new();
    if is_entry(root) {
        entries.push(read_entry(root, &context));
    } else {
        collect(root, &context, &mut entries);
    }
    Ok(Feed {
        format,
        title: first(channel, TITLES).map(title_of).unwrap_or_default(),
        site_url,
        ttl: named(channel, (Namespace::Rss, "ttl"))
            .find_map(|element| element.text().trim().parse::<u32>().ok())
            .map(|minutes| Duration::from_secs(u64::from(minutes) * 60)),
        ends_early: false,
        entries: entries.into_iter().map(RawEntry::finish).collect(),
    })
}

/// Values of the feed that apply to entries without their own.
struct Context {
    base: Option<Url>,
    language: Option<String>,
    authors: Vec<String>,
}

type Names = &'static [(Namespace, &'static str)];

// In order of preference: the first element that is not empty counts.
const TITLES: Names = &[
    (Namespace::Atom, "title"),
    (Namespace::Rss, "title"),
    (Namespace::Dc, "title"),
    (Namespace::Itunes, "title"),
];
const SUMMARIES: Names = &[
    (Namespace::Atom, "summary"),
    (Namespace::Rss, "description"),
    (Namespace::Rss, "summary"),
    (Namespace::Rss, "abstract"),
    (Namespace::Dc, "description"),
    (Namespace::Itunes, "summary"),
    (Namespace::Itunes, "subtitle"),
];
const CONTENTS: Names = &[
    (Namespace::Content, "encoded"),
    (Namespace::Atom, "content"),
    (Namespace::Xhtml, "body"),
    (Namespace::Xhtml, "div"),
    (Namespace::Rss, "content"),
    (Namespace::Rss, "fullitem"),
];
const IDS: Names = &[
    (Namespace::Atom, "id"),
    (Namespace::Rss, "guid"),
    (Namespace::Rss, "id"),
    (Namespace::Dc, "identifier"),
];
const DATES: Names = &[
    (Namespace::Atom, "published"),
    (Namespace::Atom, "issued"),
    (Namespace::Rss, "pubdate"),
    (Namespace::Rss, "published"),
    (Namespace::Rss, "issued"),
    (Namespace::Rss, "date"),
    (Namespace::Dc, "date"),
    (Namespace::Dc, "issued"),
    (Namespace::Dc, "created"),
    (Namespace::Atom, "created"),
    (Namespace::Atom, "updated"),
    (Namespace::Atom, "modified"),
    (Namespace::Dc, "modified"),
    (Namespace::Rss, "updated"),
    (Namespace::Rss, "modified"),
];
const CATEGORIES: Names = &[
    (Namespace::Atom, "category"),
    (Namespace::Rss, "category"),
    (Namespace::Dc, "subject"),
    (Namespace::Itunes, "category"),
];

fn format_of(root: &Element) -> Option<String> {
    let version = root
        .attribute("version")
        .map(str::trim)
        .filter(|version| !version.is_empty());
    let simple = |version: &str| version.len() < 8 && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    Some(match root.name.as_str() {
        "rss" => format!("rss{}", version.filter(|version| simple(version)).unwrap_or("2.0")),
        "rdf" => "rss1.0".to_owned(),
        "feed" | "entry" if version == Some("0.3") => "atom0.3".to_owned(),
        "feed" | "entry" if matches!(root.namespace, Namespace::Atom | Namespace::Rss) => "atom".to_owned(),
        "channel" if root.elements().any(|child| child.name == "items") => "rss1.1".to_owned(),
        "channel"
            if root
                .elements()
                .any(|child| child.name == "item" && child.attribute("href").is_some()) =>
        {
            "cdf".to_owned()
        }
        "channel" | "item" => "rss".to_owned(),
        _ => return None,
    })
}

fn is_entry(element: &Element) -> bool {
    matches!(element.namespace, Namespace::Rss | Namespace::Atom) && matches!(element.name.as_str(), "item" | "entry")
}

/// Collects entries in the channel, next to it or in a list, but not inside another entry.
fn collect(element: &Element, context: &Context, entries: &mut Vec<RawEntry>) {
    for child in element.elements() {
        if is_entry(child) {
            entries.push(read_entry(child, context));
        } else {
            collect(child, context, entries);
        }
    }
}

fn read_entry(entry: &Element, context: &Context) -> RawEntry {
    let base = based(context.base.as_ref(), entry);
    let id = first(entry, IDS);
    let about = || entry.attribute("about").map(str::to_owned);
    let body = first(entry, CONTENTS);
    let link = original_link(entry)
        .or_else(|| link_element(entry).map(|(link, at)| resolve(&link, based(base.as_ref(), at).as_ref())))
        .or_else(|| permalink(id?));
    let mut authors = authors(entry);
    if authors.is_empty() {
        authors.clone_from(&context.authors);
    }
    let attribute_title = || entry.attribute("title").unwrap_or_default();
    RawEntry {
        id: id.map(Element::text).or_else(about),
        title: first(entry, TITLES)
            .or_else(|| media(entry, "title"))
            .map_or_else(|| Text::Plain(attribute_title().to_owned()).line(), title_of),
        link,
        enclosure: enclosure(entry),
        published: DATES
            .iter()
            .find_map(|&name| named(entry, name).find_map(|element| date::parse(&element.text()))),
        summary: first(entry, SUMMARIES)
            .or_else(|| media(entry, "description"))
            .map(text_of),
        content: body.map(text_of),
        authors,
        category: CATEGORIES
            .iter()
            .find_map(|&name| named(entry, name).map(category).find(|name| !name.trim().is_empty())),
        language: body
            .and_then(language)
            .or_else(|| language(entry))
            .or_else(|| context.language.clone()),
        image: image::of_element(entry, base.as_ref()),
        base: body.or(Some(entry)).and_then(|at| based(base.as_ref(), at)),
    }
}

fn named<'a>(element: &'a Element, (namespace, name): (Namespace, &'static str)) -> impl Iterator<Item = &'a Element> {
    element
        .elements()
        .filter(move |child| child.namespace == namespace && child.name == name)
}

/// The first non-empty element with one of these names.
fn first(element: &Element, names: Names) -> Option<&Element> {
    names
        .iter()
        .find_map(|&name| named(element, name).find(|element| is_filled(element)))
}

fn is_filled(element: &Element) -> bool {
    element.elements().next().is_some() || !element.text().trim().is_empty()
}

/// A non-empty element of Media RSS, in the entry or in its group.
fn media<'a>(entry: &'a Element, name: &'static str) -> Option<&'a Element> {
    let groups = named(entry, (Namespace::Media, "group"));
    std::iter::once(entry)
        .chain(groups)
        .find_map(|element| named(element, (Namespace::Media, name)).find(|element| is_filled(element)))
}

/// A headline on one line. RSS defines plain text, but feeds often write markup.
fn title_of(element: &Element) -> String {
    match text_of(element) {
        Text::Html(text) if element.elements().next().is_none() => html::title_line(&text),
        text => text.line(),
    }
}

/// The original address, which `FeedBurner` and Pheedo replace by that of a click counter.
fn original_link(entry: &Element) -> Option<String> {
    let mut originals = entry.elements().filter(|child| child.name == "origlink");
    originals.find_map(|original| web_address(original.text().trim()))
}

/// The identifier as a link, if it is an address and RSS 2.0's `isPermaLink` is not `false`.
fn permalink(id: &Element) -> Option<String> {
    let is_denied = id
        .attribute("ispermalink")
        .is_some_and(|value| !value.trim().eq_ignore_ascii_case("true"));
    let text = id.text();
    let is_address = !is_denied && matches!(id.name.as_str(), "id" | "guid") && web_address(text.trim()).is_some();
    is_address.then(|| text.trim().to_owned())
}

/// The address of the first enclosure that is not a picture.
fn enclosure(entry: &Element) -> Option<String> {
    let is_enclosure = |child: &&Element| {
        let rel = child.attribute("rel").unwrap_or_default().trim();
        child.name == "enclosure" || child.name == "link" && rel.eq_ignore_ascii_case("enclosure")
    };
    let address = |file: &Element| {
        let key = if file.attribute("url").is_some() { "url" } else { "href" };
        let is_picture = image::is_image(file, key);
        file.attribute(key).filter(|_| !is_picture).map(str::to_owned)
    };
    entry.elements().filter(is_enclosure).find_map(address)
}

/// The text of an element. Its `type` and `mode` decide whether it is markup
/// ([RFC 4287 §3.1](https://www.rfc-editor.org/rfc/rfc4287#section-3.1)); RSS has neither and is markup.
fn text_of(element: &Element) -> Text {
    let kind = element
        .attribute("type")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let mode = element
        .attribute("mode")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if element.elements().next().is_some() {
        return Text::Html(element.markup());
    }
    let text = element.text();
    // [RFC 4287 §4.1.3.3](https://www.rfc-editor.org/rfc/rfc4287#section-4.1.3.3): content that is neither text nor XML is base64.
    let is_base64 = kind.contains('/') && !kind.starts_with("text/") && !kind.contains("xml");
    if mode == "base64" || is_base64 {
        let packed: String = text.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(packed)
            .unwrap_or_default();
        return Text::Html(String::from_utf8_lossy(&bytes).into_owned());
    }
    let is_html = match kind.as_str() {
        // Media RSS text is plain text unless `type` says otherwise.
        "" | "plain" | "text/plain" if element.namespace == Namespace::Media => has_markup(&text),
        "" => element.namespace != Namespace::Atom || mode == "escaped",
        "text" | "text/plain" => element.namespace != Namespace::Atom,
        _ => true,
    };
    match is_html {
        // Inline content was unescaped once with its XML: `&lt;` in it means the character.
        true if kind.contains("xhtml") || (kind == "text/html" && mode == "xml") => Text::Html(element.markup()),
        true => Text::Html(text),
        false => Text::Plain(text),
    }
}

fn has_markup(text: &str) -> bool {
    ["</", "<br", "<p>"].iter().any(|mark| text.contains(mark))
}

fn link(element: &Element) -> Option<String> {
    link_element(element).map(|(link, _)| link)
}

/// The link to the page: the text of RSS, or Atom's `alternate`
/// ([RFC 4287 §4.2.7](https://www.rfc-editor.org/rfc/rfc4287#section-4.2.7)), or CDF's attribute; the last one wins, as in most
/// readers.
fn link_element(element: &Element) -> Option<(String, &Element)> {
    let links = element.elements().filter(|child| {
        child.name == "link" && matches!(child.namespace, Namespace::Rss | Namespace::Atom)
            || child.name == "a" && child.namespace == Namespace::Rss
    });
    let found = links.rev().find_map(|link| match link.attribute("href") {
        Some(href) => is_page(link).then(|| (href.trim().to_owned(), link)),
        None => Some((link.text().trim().to_owned(), link)).filter(|(text, _)| !text.is_empty()),
    });
    found.or_else(|| element.attribute("href").map(|href| (href.trim().to_owned(), element)))
}

fn is_page(link: &Element) -> bool {
    let rel = link.attribute("rel").unwrap_or("alternate").trim().to_ascii_lowercase();
    let kind = link
        .attribute("type")
        .unwrap_or("text/html")
        .trim()
        .to_ascii_lowercase();
    rel == "alternate" && (matches!(kind.as_str(), "" | "html" | "xhtml") || kind.contains("html"))
}

fn authors(element: &Element) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for child in element.elements() {
        if names.len() == MAX_AUTHORS {
            break;
        }
        let raw = match (child.namespace, child.name.as_str()) {
            (Namespace::Atom | Namespace::Rss, "author") => match child.elements().find(|part| part.name == "name") {
                Some(name) => name.text(),
                None if child.elements().next().is_some() => continue,
                None => child.text(),
            },
            (Namespace::Dc, "creator") | (Namespace::Itunes, "author") => child.text(),
            _ => continue,
        };
        if let Some(name) = author_name(&raw).filter(|name| !names.contains(name)) {
            names.push(name);
        }
    }
    names
}

fn category(element: &Element) -> String {
    let attribute = element
        .attribute("label")
        .or_else(|| element.attribute("term"))
        .map(str::to_owned);
    attribute.unwrap_or_else(|| element.text())
}

fn language(element: &Element) -> Option<String> {
    let inside = || {
        element
            .elements()
            .find(|child| child.name == "language" && matches!(child.namespace, Namespace::Rss | Namespace::Dc))
            .map(Element::text)
    };
    element
        .attribute("xml:lang")
        .map(str::to_owned)
        .or_else(inside)
        .filter(|tag| !tag.trim().is_empty())
}

/// The base for addresses inside an element: its `xml:base` against the one around it.
fn based(base: Option<&Url>, element: &Element) -> Option<Url> {
    let resolved = own_base(element).and_then(|own| base.map_or_else(|| Url::parse(own), |base| base.join(own)).ok());
    resolved.or_else(|| base.cloned())
}

fn own_base(element: &Element) -> Option<&str> {
    element
        .attribute("xml:base")
        .map(str::trim)
        .filter(|own| !own.is_empty())
}
