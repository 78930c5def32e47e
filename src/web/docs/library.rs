//! The pages of the documentation: the files in `docs/`, which are compiled in, and rendered when one of them is first requested.

use std::sync::LazyLock;

use super::render::{Rendered, render};
use crate::text::search::SearchText;

/// All pages, as they are shown.
pub(super) static LIBRARY: LazyLock<Library> = LazyLock::new(Library::new);

/// A page as it is embedded: its path below `docs/` without `.md`, and its Markdown.
type Source = (&'static str, &'static str);

macro_rules! embedded {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../docs/", $name, ".md")))),*]
    };
}

/// The pages in the order of the navigation, in groups. A test compares them with the folder.
const SOURCES: &[(&str, &[Source])] = &[
    ("Tutorial", embedded! { "tutorial/first-newsletter" }),
    (
        "How-to guides",
        embedded! {
            "how-to/installing"
            "how-to/operations"
            "how-to/newsletters"
            "how-to/console"
            "how-to/operators"
            "how-to/sign-up"
            "how-to/comments"
            "how-to/brand"
            "how-to/languages"
            "how-to/moving-in"
            "how-to/relays"
            "how-to/dmarc"
            "how-to/proxies"
            "how-to/backup"
            "how-to/postgresql"
            "how-to/imap-mailbox"
            "how-to/webhooks"
        },
    ),
    (
        "Reference",
        embedded! {
            "reference/settings"
            "reference/commands"
            "reference/relays"
            "reference/templates"
            "reference/messages"
            "reference/api"
            "reference/webhooks-out"
            "reference/returned-mail"
            "reference/suppressions"
            "reference/privacy"
            "reference/doctor"
            "reference/metrics"
            "reference/logging"
        },
    ),
    (
        "Explanation",
        embedded! {
            "explanation/delivery"
            "explanation/stories"
            "explanation/comparison"
            "explanation/benchmarks"
            "explanation/decisions"
        },
    ),
];

/// The overview of all pages, `docs/README.md`.
const OVERVIEW: &str = include_str!("../../../docs/README.md");

#[derive(Debug)]
pub(super) struct Library {
    /// The overview of all pages, as HTML.
    pub(super) overview: String,
    groups: Vec<Group>,
}

/// Pages of one kind.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) pages: Vec<Page>,
}

#[derive(Debug)]
pub(super) struct Page {
    /// The path below `/docs/`.
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) html: String,
    pub(super) sections: Vec<Section>,
}

/// A heading with the text below it.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) anchor: String,
    pub(super) heading: String,
    pub(super) text: String,
    pub(super) words: SearchText,
}

impl Library {
    fn new() -> Self {
        let names: Vec<&str> = SOURCES
            .iter()
            .flat_map(|(_, sources)| sources.iter().map(|(name, _)| *name))
            .collect();
        let groups = SOURCES.iter().map(|(title, sources)| Group {
            title,
            pages: sources.iter().map(|source| Page::new(*source, &names)).collect(),
        });
        Self {
            overview: render("README", OVERVIEW, |name| names.contains(&name)).html,
            groups: groups.collect(),
        }
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(super) fn pages(&self) -> impl Iterator<Item = &Page> {
        self.groups.iter().flat_map(|group| &group.pages)
    }

    pub(super) fn page(&self, name: &str) -> Option<&Page> {
        self.pages().find(|page| page.name == name)
    }
}

impl Page {
    fn new((name, markdown): Source, names: &[&str]) -> Self {
        let Rendered { html, sections, .. } = render(name, markdown, |name| names.contains(&name));
        let title = sections.first().map(|section| section.heading.clone());
        let title = title.unwrap_or_else(|| name.to_owned());
        let sections = sections.into_iter().map(|section| Section {
            words: SearchText::new(&format!("{title} {}", section.heading), &[&section.text]),
            anchor: section.anchor,
            heading: section.heading,
            text: section.text,
        });
        Self {
            name,
            html,
            sections: sections.collect(),
            title,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The paths of all documents below `docs/`, without `.md`.
    fn documents() -> BTreeSet<String> {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let (mut folders, mut found) = (vec![docs.clone()], BTreeSet::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder can be listed") {
                let path = entry.expect("an entry").path();
                let name = path.strip_prefix(&docs).expect("it is in the folder").to_string_lossy();
                if path.is_dir() && name != "brands" && name != "pictures" {
                    folders.push(path);
                } else if let Some(name) = name.strip_suffix(".md").filter(|name| *name != "README") {
                    found.insert(name.to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn every_document_is_a_page() {
        let pages: BTreeSet<String> = LIBRARY.pages().map(|page| page.name.to_owned()).collect();
        assert_eq!(
            pages,
            documents(),
            "left: the pages that SOURCES lists; right: the documents in docs/"
        );
        for page in LIBRARY.pages() {
            assert!(page.html.starts_with("<h1 "), "{} begins with its title", page.name);
            let link = format!("href=\"/docs/{}\"", page.name);
            assert!(LIBRARY.overview.contains(&link), "docs/README.md links {}", page.name);
        }
    }

    #[test]
    fn links_lead_to_pages_and_headings_that_exist() {
        let mut broken = Vec::new();
        let overview = Page::new(
            ("README", OVERVIEW),
            &LIBRARY.pages().map(|page| page.name).collect::<Vec<_>>(),
        );
        for page in LIBRARY.pages().chain([&overview]) {
            let anchors: BTreeSet<&str> = page.sections.iter().map(|section| section.anchor.as_str()).collect();
            // The skip link and the search field of the layout have these ids.
            assert!(!anchors.contains("main") && !anchors.contains("q"), "{}", page.name);
            for target in page
                .html
                .split("<a href=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
                let named = match path.strip_prefix("/docs/") {
                    Some(name) => LIBRARY.page(name),
                    None if path == "/docs" => Some(&overview),
                    None if path.is_empty() => Some(page),
                    None => {
                        assert!(
                            path.starts_with("https://") || path.starts_with("http://"),
                            "{}: {target}",
                            page.name
                        );
                        continue;
                    }
                };
                let has_anchor = named.is_some_and(|named| {
                    anchor.is_empty() || named.sections.iter().any(|section| section.anchor == anchor)
                });
                if !has_anchor {
                    broken.push(format!("{}: {target}", page.name));
                }
            }
        }
        assert!(broken.is_empty(), "{broken:#?}");
    }

    #[test]
    fn documents_name_files_that_exist() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let overview = [("README", OVERVIEW)];
        for (name, markdown) in SOURCES.iter().flat_map(|(_, sources)| *sources).chain(&overview) {
            for target in render(name, markdown, |_| false).other_files {
                let file = docs
                    .join(name)
                    .with_file_name(target.split('#').next().unwrap_or_default());
                assert!(file.exists(), "docs/{name}.md links {target}");
            }
        }
    }
}
