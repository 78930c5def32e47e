//! The operator's own pages, such as "About" and "Privacy", from a folder of Markdown files.
//!
//! A file is `NAME.md`, or `NAME.LANGUAGE.md` for readers of one language. A number before the name, such as `1-about.md`, sets the
//! order of the pages in the foot of the site; it is not part of the address.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use url::Url;

use crate::domain::slug::NewsletterSlug;
use crate::text::html::{SanitizedHtml, clean_line};
use crate::text::language::{primary, tag};
use crate::text::markdown::to_html;

/// The largest file, in bytes. With the layout of the site, a page stays below 60 KB.
const MAX_BYTES: u64 = 48 * 1024;
/// The most pages, because every page of the site links them all.
const MAX_PAGES: usize = 20;

/// The operator's own pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SitePages {
    pages: Vec<Versions>,
}

/// One page in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePage {
    /// The first heading of the file, plain text.
    pub title: String,
    /// The rest of the file.
    pub html: SanitizedHtml,
    /// The language of the file's name; `None` for the language of the site.
    pub language: Option<String>,
}

/// A page in all its languages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Versions {
    name: String,
    /// The file without a language comes first, if there is one.
    versions: Vec<SitePage>,
}

impl Versions {
    /// The version in the reader's language, else the first one.
    fn best(&self, language: &str) -> Option<&SitePage> {
        let is = |page: &&SitePage, wanted: &str| page.language.as_deref() == Some(wanted);
        let mut versions = self.versions.iter();
        let exact = versions.clone().find(|page| is(page, language));
        exact
            .or_else(|| versions.clone().find(|page| is(page, primary(language))))
            .or_else(|| versions.next())
    }
}

impl SitePages {
    /// Name and title of every page, in the language of a reader.
    pub(crate) fn titles<'a>(&'a self, language: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let best = self.pages.iter().map(|page| (page, page.best(language)));
        best.filter_map(|(page, version)| Some((page.name.as_str(), version?.title.as_str())))
    }

    /// The name of every page.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pages.iter().map(|page| page.name.as_str())
    }

    /// The page with this name, in the language of a reader.
    pub(crate) fn get(&self, name: &str, language: &str) -> Option<&SitePage> {
        self.pages.iter().find(|page| page.name == name)?.best(language)
    }

    /// Reads the folder. Files that do not end in `.md` are ignored.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub(super) fn read(folder: &Path, base: &Url) -> Result<Self, String> {
        let unreadable =
            |error: &std::io::Error| format!("names the folder {}, which cannot be read: {error}", folder.display());
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unreadable(&error))? {
            let name = entry.map_err(|error| unreadable(&error))?.file_name();
            let name = name
                .into_string()
                .map_err(|name| format!("has the file {}, whose name is not UTF-8; rename it", name.display()))?;
            if let Some(stem) = name.strip_suffix(".md") {
                names.push((order(stem), name.clone()));
            }
        }
        names.sort();
        let mut pages: Vec<Versions> = Vec::new();
        let mut positions: BTreeMap<String, usize> = BTreeMap::new();
        for (_, file) in names {
            let in_file = |reason: String| format!("has the file {file}, {reason}");
            let (name, language) = parse_name(&file).map_err(in_file)?;
            let page = read_page(&folder.join(&file), language, base).map_err(in_file)?;
            let position = *positions.entry(name.clone()).or_insert(pages.len());
            if position == pages.len() {
                pages.push(Versions {
                    name,
                    versions: Vec::new(),
                });
            }
            let versions = &mut pages[position].versions;
            if versions.iter().any(|known| known.language == page.language) {
                return Err(in_file(
                    "but another file is the same page in the same language; remove one".into(),
                ));
            }
            versions.push(page);
            versions.sort_by(|one, other| one.language.cmp(&other.language));
        }
        if pages.len() > MAX_PAGES {
            return Err(format!("has {} pages; at most {MAX_PAGES} are allowed", pages.len()));
        }
        Ok(Self { pages })
    }
}

/// The number before a name; names without one come last.
fn order(stem: &str) -> u32 {
    let number = stem.split_once('-').and_then(|(number, _)| number.parse().ok());
    number.unwrap_or(u32::MAX)
}

/// The name and the language of `1-about.de.md`: `about` and `de`.
fn parse_name(file: &str) -> Result<(String, Option<String>), String> {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let (stem, language) = match stem.split_once('.') {
        Some((stem, language)) => (stem, Some(language)),
        None => (stem, None),
    };
    let name = match stem.split_once('-') {
        Some((number, name)) if number.parse::<u32>().is_ok() => name,
        _ => stem,
    };
    let language = match language {
        Some(text) => Some(tag(text).ok_or(format!(
            "but “{text}” is not a language; write a name such as about.de.md"
        ))?),
        None => None,
    };
    NewsletterSlug::parse(name).map_err(|_| {
        "whose name is not an address; use only a to z, 0 to 9 and hyphens, such as about.md".to_owned()
    })?;
    Ok((name.to_owned(), language))
}

fn read_page(path: &Path, language: Option<String>, base: &Url) -> Result<SitePage, String> {
    let unreadable = |error: std::io::Error| format!("which cannot be read: {error}");
    // A link may lead out of the folder, and a pipe or a device has no end.
    let kind = fs::symlink_metadata(path).map_err(unreadable)?;
    if !kind.is_file() {
        return Err("which is not a regular file; copy the page itself into the folder".to_owned());
    }
    if kind.len() > MAX_BYTES {
        return Err(format!("which has more than {} KiB; shorten it", MAX_BYTES / 1024));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| "which is not UTF-8; save it as UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let title = first
        .strip_prefix("# ")
        .map(clean_line)
        .filter(|title| !title.is_empty());
    Ok(SitePage {
        title: title.ok_or("which must begin with its title, such as “# About us”")?,
        html: to_html(rest, Some(base)),
        language,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<SitePages, String> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("the file is written");
        }
        let base = Url::parse("https://news.example/").expect("it is an address");
        SitePages::read(folder.path(), &base)
    }

    #[test]
    fn pages_have_an_order_and_languages() {
        let pages = read(&[
            ("privacy.md", "# Privacy\n\nWe keep nothing. <script>x</script>"),
            ("2-contact.md", "# Contact & more\n\n[Archive](/archive)"),
            ("1-about.de.md", "# Über uns\n\nHallo"),
            ("1-about.md", "\u{feff}# About us\n\nHello"),
            ("notes.txt", "no page"),
        ])
        .expect("the folder is valid");
        let titles = |language| pages.titles(language).collect::<Vec<_>>();
        assert_eq!(
            titles("en"),
            [
                ("about", "About us"),
                ("contact", "Contact & more"),
                ("privacy", "Privacy")
            ]
        );
        assert_eq!(titles("de-AT")[0], ("about", "Über uns"));
        let contact = pages.get("contact", "ja").expect("it exists");
        assert!(
            contact.html.contains("href=\"https://news.example/archive\""),
            "{}",
            &*contact.html
        );
        assert!(!pages.get("privacy", "en").expect("it exists").html.contains("script"));
        assert_eq!(pages.get("notes", "en"), None);
    }

    #[test]
    fn a_faulty_file_is_named_with_what_to_do() {
        for (name, text, reason) in [
            (
                "about.md",
                "About",
                "has the file about.md, which must begin with its title",
            ),
            ("about.md", "# \n", "must begin with its title"),
            (
                "About Us.md",
                "# A",
                "has the file About Us.md, whose name is not an address",
            ),
            ("about.klingon!.md", "# A", "“klingon!” is not a language"),
        ] {
            let error = read(&[(name, text)]).expect_err("the file is faulty");
            assert!(error.contains(reason), "{error}");
        }
        let long = format!("# A\n{}", "x".repeat(48 * 1024));
        assert!(read(&[("a.md", &long)]).expect_err("it is too long").contains("48 KiB"));
        let twice = read(&[("1-a.md", "# A"), ("2-a.md", "# A")]).expect_err("it is there twice");
        assert!(twice.contains("2-a.md, but another file"), "{twice}");
        let base = Url::parse("https://news.example/").expect("it is an address");
        let missing = SitePages::read(Path::new("/nowhere/pages"), &base).expect_err("it does not exist");
        assert!(missing.contains("/nowhere/pages, which cannot be read"), "{missing}");
    }
}
