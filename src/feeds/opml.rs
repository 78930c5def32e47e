//! Parses and writes lists of feeds in [OPML 2.0](https://opml.org/spec2.opml).

use quick_xml::escape::escape;
use url::Url;

use super::charset::{self, Hints};
use super::error::{MAX_BYTES, ParseError};
use super::links::web_address;
use super::xml::{self, Element};
use crate::domain::states::TextFrom;
use crate::text::html;

/// An outline that is or should be a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The title in the list, on one line; may be empty.
    pub title: String,
    /// The `http` or `https` address of the feed; `None` if the list has none.
    pub url: Option<Url>,
    /// The address of the feed's site.
    pub site_url: Option<String>,
    /// Whether the site may show the full text of its articles: `daywire:fullText="true"`, as [`write`] writes it.
    pub full_text: bool,
    /// Where the text of its articles comes from: `daywire:textFrom="page"`.
    pub text_from: TextFrom,
}

/// Parses a list. Nested folders become one list, in the order of the document.
///
/// # Errors
/// [`ParseError`] if the document is not OPML, is truncated, or exceeds the limits for XML.
pub fn parse(bytes: &[u8]) -> Result<Vec<Subscription>, ParseError> {
    if bytes.len() > MAX_BYTES {
        return Err(ParseError::TooLarge);
    }
    let document = xml::read(&charset::decode(bytes, Hints::default())).map_err(|error| match error {
        ParseError::NotAFeed => ParseError::NotAList,
        other => other,
    })?;
    let root = document.root;
    if root.name != "opml" {
        return Err(ParseError::NotAList);
    }
    let mut found = Vec::new();
    for body in root.elements().filter(|child| child.name == "body") {
        collect(body, &mut found);
    }
    Ok(found)
}

/// A folder of a list to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The name of the folder.
    pub name: String,
    /// The feeds of the folder.
    pub feeds: Vec<Listed>,
}

/// A feed of a list to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The title of the feed.
    pub title: String,
    /// The address of the feed.
    pub url: String,
    /// Whether the site shows the full text of its articles.
    pub full_text: bool,
    /// Where the text of its articles comes from.
    pub text_from: TextFrom,
}

/// The namespace of our attributes. Other programs ignore it (OPML 2.0, "Extending OPML").
const NAMESPACE: &str = "https://daywire.example/opml";

/// Writes the folders as an OPML document.
#[must_use]
pub fn write(title: &str, folders: &[Folder]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\"");
    if folders
        .iter()
        .flat_map(|folder| &folder.feeds)
        .any(|feed| feed.full_text || feed.text_from == TextFrom::Page)
    {
        out.extend([" xmlns:daywire=\"", NAMESPACE, "\""]);
    }
    out.push_str(">\n");
    out.extend(["  <head>\n    <title>", &text(title), "</title>\n  </head>\n  <body>\n"]);
    for folder in folders {
        out.extend(["    <outline text=\"", &text(&folder.name), "\">\n"]);
        for feed in &folder.feeds {
            let Listed { title, url, .. } = feed;
            let title = if title.is_empty() { url } else { title };
            // Programs read titles as HTML, so a title that would change is escaped twice.
            let title = if html::clean_line(title) == *title {
                text(title)
            } else {
                text(&escape(title.as_str()))
            };
            out.extend(["      <outline type=\"rss\" text=\"", &title, "\" title=\"", &title]);
            out.extend(["\" xmlUrl=\"", &text(url), "\""]);
            if feed.full_text {
                out.push_str(" daywire:fullText=\"true\"");
            }
            if feed.text_from == TextFrom::Page {
                out.push_str(" daywire:textFrom=\"page\"");
            }
            out.push_str("/>\n");
        }
        out.push_str("    </outline>\n");
    }
    out.push_str("  </body>\n</opml>\n");
    out
}

/// Escapes text for an attribute or an element, without the characters that
/// [XML 1.0 §2.2](https://www.w3.org/TR/xml/#charsets) excludes.
fn text(text: &str) -> String {
    let allowed: String = text
        .chars()
        .filter(|&c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect();
    escape(allowed.as_str()).into_owned()
}

fn collect(element: &Element, found: &mut Vec<Subscription>) {
    for outline in element.elements().filter(|child| child.name == "outline") {
        let filled = |name: &str| outline.attribute(name).map(str::trim).filter(|value| !value.is_empty());
        let url = filled("xmlurl");
        let site_url = filled("htmlurl").and_then(web_address);
        // An outline with content and without addresses is a folder. A link to a page (`url`) is not a feed.
        if url.is_some() || site_url.is_some() {
            let title = filled("title").or_else(|| filled("text")).unwrap_or_default();
            found.push(Subscription {
                title: html::clean_line(title),
                url: url.and_then(web_address).and_then(|url| Url::parse(&url).ok()),
                site_url,
                full_text: filled("fulltext") == Some("true"),
                text_from: filled("textfrom")
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(TextFrom::Feed),
            });
        }
        collect(outline, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Vec<Subscription> {
        parse(format!("<opml version='2.0'><body>{body}</body></opml>").as_bytes()).expect("a list")
    }

    #[test]
    fn nested_folders_become_one_list() {
        let feeds = read(
            "<outline text='A'><outline text='B'><outline text='Caf&amp;eacute; &amp;amp; Co' xmlUrl='https://a.example/f?a=1&amp;b=2'/>\
             </outline></outline><outline title='T' text='U' xmlurl=' https://b.example/ ' htmlUrl='https://b.example/s'/>",
        );
        assert_eq!(feeds.len(), 2);
        assert_eq!(feeds[0].title, "Café & Co");
        assert_eq!(
            feeds[0].url.as_ref().map(Url::as_str),
            Some("https://a.example/f?a=1&b=2")
        );
        assert_eq!(
            (feeds[1].title.as_str(), feeds[1].site_url.as_deref()),
            ("T", Some("https://b.example/s"))
        );
    }

    #[test]
    fn an_outline_with_only_a_site_is_listed_and_one_with_content_is_a_folder() {
        let feeds = read(
            "<outline text='F'/><outline text='S' htmlUrl='https://s.example/'/><outline text='J' xmlUrl='javascript:x'/>",
        );
        assert_eq!(feeds.len(), 2);
        assert!(feeds.iter().all(|feed| feed.url.is_none()));
    }

    #[test]
    fn other_documents_and_truncated_lists_are_refused() {
        for text in [
            "",
            "<rss/>",
            "words",
            "<opml><body><outline xmlUrl='https://a.example/'/><outline ",
        ] {
            assert_eq!(parse(text.as_bytes()), Err(ParseError::NotAList), "{text}");
        }
        let deep = format!("<opml><body>{}", "<outline text='x'>".repeat(60_000));
        assert!(matches!(parse(deep.as_bytes()), Err(ParseError::TooDeep(_))));
    }

    #[test]
    fn a_written_list_parses_to_the_same_feeds() {
        let feed = Listed {
            title: "A \"quoted\" <b> & co\u{1}".to_owned(),
            url: "https://a.example/?x=1&y='2'".to_owned(),
            full_text: true,
            text_from: TextFrom::Page,
        };
        let folder = Folder {
            name: "Morning & evening".to_owned(),
            feeds: vec![feed],
        };
        let read = parse(write("News", &[folder]).as_bytes()).expect("a list");
        assert_eq!(read.len(), 1);
        assert_eq!(
            read[0].url.as_ref().map(Url::as_str),
            Some("https://a.example/?x=1&y=%272%27")
        );
        assert_eq!(read[0].title, "A \"quoted\" <b> & co");
        assert_eq!((read[0].full_text, read[0].text_from), (true, TextFrom::Page));
        for title in ["<script>", "a &amp; b", "1 < 2 & 3 > 2", "&lt;b&gt;"] {
            let folder = Folder {
                name: String::new(),
                feeds: vec![Listed {
                    title: title.to_owned(),
                    url: "https://a.example/".to_owned(),
                    full_text: false,
                    text_from: TextFrom::Feed,
                }],
            };
            let read = parse(write("News", &[folder]).as_bytes()).expect("a list");
            assert_eq!((read[0].title.as_str(), read[0].full_text), (title, false));
        }
    }
}
