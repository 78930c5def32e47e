//! Reads XML of any quality into a small tree, within limits on depth and size, and without ever expanding an entity
//! that the document itself declares.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use quick_xml::Reader;
use quick_xml::escape::{minimal_escape, resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::parse::ParseError;

/// Elements within each other; content with deeper markup than this is no article.
const MAX_DEPTH: usize = 128;
/// Elements in one document.
const MAX_ELEMENTS: usize = 300_000;
/// Namespace declarations in force at once; each element is looked up among them.
const MAX_NAMESPACES: usize = 100;

/// The vocabulary an element's name belongs to; the many addresses in use for one are folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of any version, and whatever has no namespace.
    Rss,
    /// RSS 1.0's frame.
    Rdf,
    /// Atom 1.0 and 0.3.
    Atom,
    /// Dublin Core elements and terms.
    Dc,
    /// The RSS module whose `encoded` holds the whole article.
    Content,
    /// XHTML bodies.
    Xhtml,
    /// Apple's podcast module.
    Itunes,
    /// All others.
    Other,
}

/// One element with what is inside it.
#[derive(Debug)]
pub(super) struct Element {
    /// The vocabulary of its name.
    pub(super) space: Space,
    /// Its name in lower case, without prefix.
    pub(super) name: String,
    /// Names in lower case, without prefix except for `xml:`, and unescaped values.
    pub(super) attributes: Vec<(String, String)>,
    /// What is inside, in order.
    pub(super) children: Vec<Node>,
}

/// A part of an element's content.
#[derive(Debug)]
pub(super) enum Node {
    /// An element inside.
    Element(Element),
    /// Text, unescaped, CDATA included.
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

    /// The elements directly inside.
    pub(super) fn elements(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text inside, at any depth.
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

    /// The content written as HTML.
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
                    // HTML has no way to close these: `</br>` would be another one.
                    if !(element.children.is_empty() && matches!(element.name.as_str(), "br" | "hr" | "img" | "wbr")) {
                        element.write_children(html);
                        html.extend(["</", &element.name, ">"]);
                    }
                }
            }
        }
    }
}

/// Reads the first element of a document with all inside it.
///
/// Bytes before the first `<` are skipped, end tags that match nothing are ignored, and where the document breaks off
/// or breaks the rules, what was complete up to there counts. `charset` is what the server said of a document that does not
/// say it itself.
pub(super) fn read(bytes: &[u8], charset: Option<&str>) -> Result<Element, ParseError> {
    let text = decode(bytes, charset);
    let start = text.find('<').ok_or(ParseError::NotAFeed)?;
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
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => tree.text(character.encode_utf8(&mut [0; 4])),
                _ => match resolve_predefined_entity(&reference) {
                    Some(character) => tree.text(character),
                    // Names known to HTML are decoded with the rest of it; names from a DTD stay what they are.
                    None => tree.text(&format!("&{};", &*reference)),
                },
            },
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        if tree.root.is_some() {
            break;
        }
    }
    tree.finish().ok_or(ParseError::NotAFeed)
}

/// The elements that are open, and the namespaces in force.
#[derive(Default)]
struct Tree {
    open: Vec<(String, Element)>,
    namespaces: Vec<(usize, String, Space)>,
    elements: usize,
    root: Option<Element>,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), ParseError> {
        self.elements += 1;
        if self.open.len() >= MAX_DEPTH {
            return Err(ParseError::TooDeep(MAX_DEPTH));
        }
        if self.elements > MAX_ELEMENTS {
            return Err(ParseError::TooLarge);
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false).flatten() {
            let key = attribute.key.as_ref();
            let value = unescape(&attribute.value).map_or_else(|_| attribute.value.to_string(), Cow::into_owned);
            if let Some(prefix) = key
                .strip_prefix("xmlns")
                .filter(|rest| rest.is_empty() || rest.starts_with(':'))
            {
                let prefix = prefix.trim_start_matches(':').to_owned();
                let space = space_of(&value, prefix.is_empty());
                self.namespaces.push((self.open.len(), prefix, space));
                continue;
            }
            let name = match key.split_once(':') {
                Some((prefix, local)) if prefix != "xml" => local,
                _ => key,
            };
            attributes.push((name.to_ascii_lowercase(), value));
        }
        if self.namespaces.len() > MAX_NAMESPACES {
            return Err(ParseError::TooLarge);
        }
        let full = tag.name().as_ref().to_owned();
        let (prefix, local) = full.split_once(':').unwrap_or(("", &full));
        let element = Element {
            space: self.space(prefix),
            name: local.to_ascii_lowercase(),
            attributes,
            children: Vec::new(),
        };
        self.open.push((full, element));
        Ok(())
    }

    /// A prefix that nobody declared is taken by its custom, for feeds do leave declarations out.
    fn space(&self, prefix: &str) -> Space {
        let declared = self
            .namespaces
            .iter()
            .rev()
            .find(|(_, other, _)| other == prefix)
            .map(|&(_, _, space)| space);
        declared.unwrap_or(match prefix {
            "" => Space::Rss,
            "rdf" => Space::Rdf,
            "atom" => Space::Atom,
            "dc" | "dcterms" => Space::Dc,
            "content" => Space::Content,
            "xhtml" => Space::Xhtml,
            "itunes" => Space::Itunes,
            _ => Space::Other,
        })
    }

    fn text(&mut self, part: &str) {
        let Some((_, element)) = self.open.last_mut() else {
            return;
        };
        if let Some(Node::Text(text)) = element.children.last_mut() {
            text.push_str(part);
        } else if !part.is_empty() {
            element.children.push(Node::Text(part.to_owned()));
        }
    }

    fn close(&mut self, name: &str) {
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
            None => self.root = Some(element),
        }
    }

    /// Ends a document that broke off: what frames entries is closed, an entry that is not whole is dropped.
    fn finish(mut self) -> Option<Element> {
        let frame = |name: &str| matches!(name, "rss" | "rdf" | "channel" | "feed" | "items");
        let whole = self.open.iter().take_while(|(_, element)| frame(&element.name)).count();
        self.open.truncate(whole);
        while !self.open.is_empty() {
            self.close_last();
        }
        self.root
    }
}

/// Folds a namespace's address; feeds write old, mistyped and invented ones.
fn space_of(address: &str, is_default: bool) -> Space {
    let address = address.trim().to_ascii_lowercase();
    let address = address
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .trim_end_matches(['/', '#']);
    match address {
        "www.w3.org/2005/atom" | "purl.org/atom/ns" | "purl.org/atom" => Space::Atom,
        "purl.org/dc/elements/1.1" | "purl.org/dc/elements/1.0" | "purl.org/dc/terms" => Space::Dc,
        "purl.org/rss/1.0/modules/content" => Space::Content,
        "www.w3.org/1999/02/22-rdf-syntax-ns" => Space::Rdf,
        "www.w3.org/1999/xhtml" => Space::Xhtml,
        "www.itunes.com/dtds/podcast-1.0.dtd" | "example.com/dtds/podcast-1.0.dtd" => Space::Itunes,
        ""
        | "purl.org/rss/1.0"
        | "purl.org/net/rss1.1"
        | "my.netscape.com/rdf/simple/0.9"
        | "channel.netscape.com/rdf/simple/0.9"
        | "blogs.law.harvard.edu/tech/rss" => Space::Rss,
        _ if address.starts_with("backend.userland.com/rss") || is_default => Space::Rss,
        _ => Space::Other,
    }
}

/// Decodes by byte order mark, by the shape of the first bytes, by the declaration, by what the server said, or as UTF-8;
/// and what claims to be UTF-8 and is not, as Windows-1252. RFC 7303 (section 3.2) has the server's word before the
/// declaration, but servers say the same of all their files, and who wrote the declaration knew this one.
fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding
            .decode_without_bom_handling(bytes.get(length..).unwrap_or_default())
            .0;
    }
    let encoding = match bytes {
        [b'<', 0, ..] => UTF_16LE,
        [0, b'<', ..] => UTF_16BE,
        _ => declared_encoding(bytes)
            .or_else(|| Encoding::for_label(charset?.as_bytes()))
            .unwrap_or(UTF_8),
    };
    // A declaration that could be read byte by byte is not in UTF-16, whatever it says.
    let encoding = if matches!(bytes, [_, 0, ..] | [0, ..]) {
        encoding
    } else {
        encoding.output_encoding()
    };
    match encoding.decode_without_bom_handling(bytes) {
        (_, true) if encoding == UTF_8 => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        // Text in a single-byte charset is hardly ever valid UTF-8 by chance: then the declaration is a leftover.
        _ if encoding.is_single_byte() && std::str::from_utf8(bytes).is_ok() => String::from_utf8_lossy(bytes),
        (text, _) => text,
    }
}

fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(300))?);
    let declaration = head.get(head.find("<?xml")?..)?.split("?>").next()?;
    let value = declaration
        .split_once("encoding")?
        .1
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Encoding::for_label(value.get(1..)?.split(quote).next()?.as_bytes())
}
