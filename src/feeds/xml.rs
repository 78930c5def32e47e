//! Parses XML, even if it is damaged, into a small tree. Depth and size are limited, and entities that the document declares are never
//! expanded.

use quick_xml::Reader;
use quick_xml::escape::minimal_escape;
use quick_xml::events::{BytesStart, Event};

use super::entities::{Decoder, unescaped};
use super::error::ParseError;

/// The deepest nesting of elements. Articles are not nested as deeply.
const MAX_DEPTH: usize = 128;
/// The most elements in one document.
pub(super) const MAX_ELEMENTS: usize = 300_000;
/// The most namespace declarations in scope: every element is looked up among them.
const MAX_NAMESPACES: usize = 100;

/// The namespace of an element. The different addresses that feeds use for one namespace count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    /// RSS of any version, and elements without a namespace.
    Rss,
    /// RDF, the container of RSS 1.0.
    Rdf,
    /// Atom 1.0 and 0.3.
    Atom,
    /// Dublin Core elements and terms.
    Dc,
    /// The RSS module whose `encoded` contains the whole article.
    Content,
    /// XHTML, which entries use for bodies.
    Xhtml,
    /// Apple's module for podcasts in RSS.
    Itunes,
    /// The module Media RSS for pictures.
    Media,
    /// A namespace that the parser ignores.
    Other,
}

/// An element with its content.
#[derive(Debug)]
pub(super) struct Element {
    /// The namespace of its name.
    pub(super) namespace: Namespace,
    /// Its name in lower case, without prefix.
    pub(super) name: String,
    /// Names in lower case, without prefix except for `xml:`, and unescaped values.
    pub(super) attributes: Vec<(String, String)>,
    /// The content, in document order.
    pub(super) children: Vec<Node>,
}

/// A part of an element's content.
#[derive(Debug)]
pub(super) enum Node {
    /// An element inside of this one.
    Element(Element),
    /// Text with references decoded, including CDATA.
    Text(String),
}

impl Element {
    /// The value of an attribute, by its name in lower case.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// The elements among the children, in order.
    pub(super) fn elements(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text of the element and of all elements inside it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        self.gather(&mut text);
        text
    }

    fn gather(&self, text: &mut String) {
        for node in &self.children {
            match node {
                Node::Element(element) => element.gather(text),
                Node::Text(part) => text.push_str(part),
            }
        }
    }

    /// The content as HTML source.
    pub(super) fn markup(&self) -> String {
        let mut html = String::new();
        self.write_children(&mut html);
        html
    }

    fn write_children(&self, html: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(part) => html.push_str(&minimal_escape(part.as_str())),
                Node::Element(element) => {
                    html.push('<');
                    html.push_str(&element.name);
                    for (name, value) in &element.attributes {
                        html.extend([" ", name, "=\"", &quick_xml::escape::escape(value.as_str()), "\""]);
                    }
                    html.push('>');
                    // HTML elements without an end tag: `</br>` would be another line break.
                    if !(element.children.is_empty() && matches!(element.name.as_str(), "br" | "hr" | "img" | "wbr")) {
                        element.write_children(html);
                        html.extend(["</", &element.name, ">"]);
                    }
                }
            }
        }
    }
}

/// The parsed part of a document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) root: Element,
    /// Whether the document is truncated or invalid before the end of its root, so that content is missing.
    pub(super) ends_early: bool,
}

/// Parses the root element of a feed or of an OPML list; without such a root, the first element.
///
/// Text and tags before the root are skipped, because servers print messages there. Unmatched end tags are ignored. A truncated or
/// invalid document returns what was complete before the fault.
pub(super) fn read(text: &str) -> Result<Document, ParseError> {
    let start = text.find('<').ok_or(ParseError::NotAFeed)?;
    let start = text.find("<?xml").unwrap_or(start);
    let mut reader = Reader::from_str(text.get(start..).unwrap_or_default());
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;

    let mut tree = Tree::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => tree.open(&tag)?,
            Ok(Event::End(tag)) => tree.close(tag.name().as_ref()),
            Ok(Event::Text(part)) => tree.text(&part),
            Ok(Event::CData(part)) => tree.text(&part),
            Ok(Event::GeneralRef(reference)) => tree.reference(&reference),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        if tree.root.is_some() {
            break;
        }
    }
    tree.finish().ok_or(ParseError::NotAFeed)
}

/// The open elements, and the namespace declarations in scope.
#[derive(Default)]
struct Tree {
    open: Vec<(String, Element)>,
    decoder: Decoder,
    namespaces: Vec<(usize, String, Namespace)>,
    elements: usize,
    root: Option<Element>,
    /// The first closed element that is not the root of a feed.
    other: Option<Element>,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), ParseError> {
        self.end_reference();
        self.elements += 1;
        if self.open.len() >= MAX_DEPTH {
            return Err(ParseError::TooDeep(MAX_DEPTH));
        }
        if self.elements > MAX_ELEMENTS {
            return Err(ParseError::TooLarge);
        }
        let full = tag.name().as_ref().to_owned();
        let (prefix, local) = full.split_once(':').unwrap_or(("", &full));
        let name = local.to_ascii_lowercase();
        // An unclosed `<br>` in a server's message does not contain the feed. SVG drawings in a page may contain RDF.
        let is_junk = |(_, open): &(String, Element)| !is_root(&open.name) && (name != "rdf" || !is_page(&open.name));
        if is_root(&name) && self.open.iter().all(is_junk) {
            self.open.clear();
            self.namespaces.clear();
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false).flatten() {
            let key = attribute.key.as_ref();
            let value = unescaped(&attribute.value);
            if let Some(prefix) = key
                .strip_prefix("xmlns")
                .filter(|rest| rest.is_empty() || rest.starts_with(':'))
            {
                let prefix = prefix.trim_start_matches(':').to_owned();
                // The elements around RSS items belong to RSS, even if a feed declares Atom or a module there as the default namespace.
                let namespace = if prefix.is_empty() && matches!(name.as_str(), "rss" | "rdf" | "channel" | "item") {
                    Namespace::Rss
                } else {
                    namespace_of(&value, prefix.is_empty())
                };
                self.namespaces.push((self.open.len(), prefix, namespace));
                continue;
            }
            let key = match key.split_once(':') {
                Some((prefix, local)) if prefix != "xml" => local,
                _ => key,
            };
            attributes.push((key.to_ascii_lowercase(), value));
        }
        if self.namespaces.len() > MAX_NAMESPACES {
            return Err(ParseError::TooLarge);
        }
        let element = Element {
            namespace: self.namespace(prefix),
            name,
            attributes,
            children: Vec::new(),
        };
        self.open.push((full, element));
        Ok(())
    }

    /// The namespace of a prefix. An undeclared prefix has its usual meaning, because some feeds omit declarations.
    fn namespace(&self, prefix: &str) -> Namespace {
        let declared = self
            .namespaces
            .iter()
            .rev()
            .find(|(_, other, _)| other == prefix)
            .map(|&(_, _, namespace)| namespace);
        declared.unwrap_or(match prefix {
            "" => Namespace::Rss,
            "rdf" => Namespace::Rdf,
            "atom" => Namespace::Atom,
            "dc" | "dcterms" => Namespace::Dc,
            "content" => Namespace::Content,
            "xhtml" => Namespace::Xhtml,
            "itunes" => Namespace::Itunes,
            "media" => Namespace::Media,
            _ => Namespace::Other,
        })
    }

    fn text(&mut self, part: &str) {
        if part.is_empty() {
            return;
        }
        self.end_reference();
        if let Some(text) = self.open_text() {
            text.push_str(part);
        }
    }

    fn reference(&mut self, name: &str) {
        let mut decoder = std::mem::take(&mut self.decoder);
        if let Some(text) = self.open_text() {
            decoder.reference(name, text);
            self.decoder = decoder;
        }
    }

    /// Ends a surrogate pair that lacks its second half.
    fn end_reference(&mut self) {
        if self.decoder.is_pending() {
            let mut decoder = std::mem::take(&mut self.decoder);
            if let Some(text) = self.open_text() {
                decoder.flush(text);
            }
        }
    }

    /// The text at the end of the innermost open element.
    fn open_text(&mut self) -> Option<&mut String> {
        let children = &mut self.open.last_mut()?.1.children;
        if !matches!(children.last(), Some(Node::Text(_))) {
            children.push(Node::Text(String::new()));
        }
        match children.last_mut() {
            Some(Node::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn close(&mut self, name: &str) {
        self.end_reference();
        if let Some(at) = self.open.iter().rposition(|(other, _)| other == name) {
            while self.open.len() > at {
                self.close_last();
            }
        }
    }

    fn close_last(&mut self) {
        let Some((_, element)) = self.open.pop() else { return };
        let depth = self.open.len();
        self.namespaces.retain(|&(at, _, _)| at < depth);
        match self.open.last_mut() {
            Some((_, parent)) => parent.children.push(Node::Element(element)),
            None if is_root(&element.name) => self.root = Some(element),
            None => self.other = self.other.take().or(Some(element)),
        }
    }

    /// Ends a truncated document: closes the elements around entries, and drops an incomplete entry.
    fn finish(mut self) -> Option<Document> {
        let frame = |name: &str| matches!(name, "rss" | "rdf" | "channel" | "feed" | "items");
        let whole = self.open.iter().take_while(|(_, element)| frame(&element.name)).count();
        self.open.truncate(whole);
        // Some programs omit `</rss>`. All content of RSS is in its channel, so nothing is missing.
        let lacks_end_tag_only = match self.open.as_slice() {
            [(_, rss)] => rss.name == "rss" && rss.elements().any(|child| child.name == "channel"),
            _ => false,
        };
        let ends_early = !self.open.is_empty() && !lacks_end_tag_only;
        while !self.open.is_empty() {
            self.close_last();
        }
        let root = self.root.or(self.other)?;
        Some(Document { root, ends_early })
    }
}

fn is_root(name: &str) -> bool {
    matches!(name, "rss" | "rdf" | "feed" | "opml")
}

fn is_page(name: &str) -> bool {
    matches!(name, "html" | "head" | "body" | "svg")
}

/// The namespace of an address. Feeds use old, mistyped and invented addresses.
fn namespace_of(address: &str, is_default: bool) -> Namespace {
    let address = address.trim().to_ascii_lowercase();
    let address = address
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_end_matches(['/', '#']);
    match address {
        "www.w3.org/2005/atom" | "purl.org/atom/ns" | "purl.org/atom" => Namespace::Atom,
        "purl.org/dc/elements/1.1" | "purl.org/dc/elements/1.0" | "purl.org/dc/terms" => Namespace::Dc,
        "purl.org/rss/1.0/modules/content" => Namespace::Content,
        "www.w3.org/1999/02/22-rdf-syntax-ns" => Namespace::Rdf,
        "www.w3.org/1999/xhtml" => Namespace::Xhtml,
        "search.yahoo.com/mrss" => Namespace::Media,
        "www.itunes.com/dtds/podcast-1.0.dtd" | "example.com/dtds/podcast-1.0.dtd" => Namespace::Itunes,
        ""
        | "purl.org/rss/1.0"
        | "purl.org/net/rss1.1"
        | "my.netscape.com/rdf/simple/0.9"
        | "channel.netscape.com/rdf/simple/0.9"
        | "blogs.law.harvard.edu/tech/rss" => Namespace::Rss,
        _ if address.starts_with("backend.userland.com/rss") || is_default => Namespace::Rss,
        _ => Namespace::Other,
    }
}
