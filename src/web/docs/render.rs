//! Renders a page of the documentation from Markdown. The text is our own, so it is not sanitised.
//!
//! The same files are read on the web pages of code hosts. So headings get the ids that these make, and relative links between the files
//! become links between the pages. A link to a file that is not compiled in becomes plain text, and so does such a picture.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd, html};

use super::pictures;

/// The file that code hosts show for the folder.
const OVERVIEW_NAME: &str = "README";

/// A page as HTML, and what its search needs.
pub(super) struct Rendered {
    pub(super) html: String,
    /// The headings in their order, each with the text below it.
    pub(super) sections: Vec<PlainSection>,
    /// The relative links that lead to no page.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test looks for these files"))]
    pub(super) other_files: Vec<String>,
}

/// A heading and the text below it, without markup.
#[derive(Default)]
pub(super) struct PlainSection {
    pub(super) anchor: String,
    pub(super) heading: String,
    /// Each block is a line.
    pub(super) text: String,
}

/// Renders the page `name`. `is_page` says whether a path below `docs/`, without `.md`, is a page.
pub(super) fn render(name: &str, markdown: &str, is_page: impl Fn(&str) -> bool) -> Rendered {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, options).collect();
    let sections = name_headings(&mut events);
    let mut other_files = Vec::new();
    let mut is_link_kept = true;
    // The address of the picture whose description is being read, and the description.
    let mut picture: Option<(String, String)> = None;
    let adapted = events.into_iter().filter_map(|event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => {
            let target = target_of(name, &dest_url, &is_page);
            is_link_kept = target.is_some();
            if target.is_none() {
                other_files.push(dest_url.to_string());
            }
            target.map(|target| {
                Event::Start(Tag::Link {
                    link_type,
                    dest_url: target.into(),
                    title,
                    id,
                })
            })
        }
        Event::End(TagEnd::Link) => is_link_kept.then_some(event),
        Event::Start(Tag::Image { dest_url, .. }) => {
            picture = Some((dest_url.to_string(), String::new()));
            None
        }
        Event::End(TagEnd::Image) => {
            let (address, alt) = picture.take()?;
            let element = below_docs(name, &address).and_then(|path| pictures::element(&path, &alt));
            if element.is_none() {
                other_files.push(address);
            }
            Some(element.map_or(Event::Text(alt.into()), |element| Event::Html(element.into())))
        }
        Event::Text(text) if picture.is_some() => {
            picture.as_mut()?.1.push_str(&text);
            None
        }
        // A block that scrolls sideways must be reachable by keyboard.
        Event::Start(Tag::CodeBlock(_)) => Some(Event::Html("<pre tabindex=\"0\"><code>".into())),
        Event::End(TagEnd::CodeBlock) => Some(Event::Html("</code></pre>\n".into())),
        // Alignments would become style attributes, which the policy of the pages forbids.
        Event::Start(Tag::Table(columns)) => Some(Event::Start(Tag::Table(vec![Alignment::None; columns.len()]))),
        other => Some(other),
    });
    let mut html = String::with_capacity(markdown.len() * 3 / 2);
    let mut is_in_table = false;
    let adapted = adapted.flat_map(|event| {
        match &event {
            Event::Start(Tag::Table(_)) => is_in_table = true,
            Event::End(TagEnd::Table) => is_in_table = false,
            Event::Code(code) if is_in_table => return breakable(code),
            _ => {}
        }
        vec![event]
    });
    html::push_html(&mut html, adapted);
    let html = html
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<th></th>", "<td></td>")
        .replace("<th>", "<th scope=\"col\">");
    Rendered {
        html,
        sections,
        other_files,
    }
}

/// Code in a narrow column. A long name such as `site.language` breaks after a dot, a low line or a slash.
fn breakable<'a>(code: &str) -> Vec<Event<'a>> {
    let parts = code
        .split_inclusive(['.', '_', '/'])
        .flat_map(|part| [Event::InlineHtml("<wbr>".into()), Event::Text(part.to_owned().into())]);
    let start = std::iter::once(Event::InlineHtml("<code>".into()));
    start
        .chain(parts.skip(1))
        .chain(std::iter::once(Event::InlineHtml("</code>".into())))
        .collect()
}

/// Gives each heading its id, and returns the text of each section.
fn name_headings(events: &mut [Event<'_>]) -> Vec<PlainSection> {
    let mut sections: Vec<PlainSection> = Vec::new();
    let mut used = HashMap::new();
    let mut heading_starts = Vec::new();
    let mut is_in_heading = false;
    for (at, event) in events.iter().enumerate() {
        if let Event::Start(Tag::Heading { .. }) = event {
            heading_starts.push(at);
            sections.push(PlainSection::default());
            is_in_heading = true;
        }
        let Some(section) = sections.last_mut() else { continue };
        match event {
            Event::End(TagEnd::Heading(_)) => {
                section.anchor = anchor(&section.heading, &mut used);
                is_in_heading = false;
            }
            Event::Text(text) | Event::Code(text) if is_in_heading => section.heading.push_str(text),
            Event::Text(text) | Event::Code(text) => section.text.push_str(text),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::TableCell) => section.push_space(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead | TagEnd::CodeBlock) => {
                section.push_space('\n');
            }
            _ => {}
        }
    }
    for (at, section) in heading_starts.into_iter().zip(&sections) {
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(section.anchor.clone().into());
        }
    }
    sections
}

impl PlainSection {
    /// Ends a word or a line of the text.
    fn push_space(&mut self, space: char) {
        let is_ended = self.text.is_empty() || self.text.ends_with('\n') || (space == ' ' && self.text.ends_with(' '));
        if !is_ended {
            self.text.push(space);
        }
    }
}

/// The id of a heading as code hosts make it: in lower case, without punctuation, with hyphens for spaces. A second heading with the same
/// text gets a number.
fn anchor(heading: &str, used: &mut HashMap<String, usize>) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c => c.is_alphanumeric().then_some(c),
    });
    let anchor: String = kept.collect();
    let times = used.entry(anchor.clone()).or_default();
    *times += 1;
    match *times {
        1 => anchor,
        more => format!("{anchor}-{}", more - 1),
    }
}

/// Where a link of the page `name` leads on the site; `None` if the file is not compiled in.
fn target_of(name: &str, link: &str, is_page: impl Fn(&str) -> bool) -> Option<String> {
    if link.starts_with('#') || link.contains("://") {
        return Some(link.to_owned());
    }
    let (path, anchor) = link
        .split_once('#')
        .map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let target = below_docs(name, path.strip_suffix(".md")?)?;
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    if target == OVERVIEW_NAME {
        return Some(format!("/docs{anchor}"));
    }
    is_page(&target).then(|| format!("/docs/{target}{anchor}"))
}

/// The path below `docs/` that a relative path on the page `name` leads to; `None` if it leads above the folder.
fn below_docs(name: &str, path: &str) -> Option<String> {
    let mut folders: Vec<&str> = name.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            ".." => {
                folders.pop()?;
            }
            "." => {}
            part => folders.push(part),
        }
    }
    Some(folders.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_get_ids_and_links_lead_to_pages() {
        let page = render(
            "how-to/relay",
            "# The `relay`, or two\n\nSee [it](../reference/settings.md#smtp), [this](#the-relay-or-two), \
             [code](../../src/main.rs) and <https://example.org>. ![Today](../pictures/console-today.png) \
             ![none](../pictures/none.png)\n\n## Notes\n\none\n\n## Notes\n\n| a | |\n|---|---|\n| b | c |\n",
            |name| name == "reference/settings",
        );
        for part in [
            "<h1 id=\"the-relay-or-two\">The <code>relay</code>, or two</h1>",
            "<a href=\"/docs/reference/settings#smtp\">it</a>",
            "<a href=\"#the-relay-or-two\">this</a>, code and",
            "<h2 id=\"notes\">",
            "<h2 id=\"notes-1\">",
            "<div class=\"wide\" tabindex=\"0\"><table>",
            "<th scope=\"col\">a</th><td></td>",
        ] {
            assert!(page.html.contains(part), "{part}: {}", page.html);
        }
        assert!(
            page.html.contains("<img src=\"/docs/pictures/console-today.png\""),
            "{}",
            page.html
        );
        assert!(page.html.contains("alt=\"Today\"> none</p>"), "{}", page.html);
        assert_eq!(page.other_files, ["../../src/main.rs", "../pictures/none.png"]);
        let texts: Vec<&str> = page.sections.iter().map(|section| section.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "See it, this, code and https://example.org. Today none\n",
                "one\n",
                "a \nb c \n"
            ]
        );
    }

    #[test]
    fn no_link_leads_above_the_documents() {
        assert_eq!(target_of("a", "../../etc/passwd.md", |_| true), None);
        assert_eq!(target_of("a/b", "../c.md", |_| true).as_deref(), Some("/docs/c"));
        assert_eq!(target_of("a/b", "c.toml", |_| true), None);
        assert_eq!(
            target_of("a/b", "../README.md#x", |_| false).as_deref(),
            Some("/docs#x")
        );
    }
}
