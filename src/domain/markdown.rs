//! Articles written in Markdown, with what is known of them above the text.

use pulldown_cmark::{Options, Parser, html};
use url::Url;

use super::html::{plain_line, sanitise_at};
use super::manuscript::{Body, Front, MAX_BYTES, Manuscript};

/// Why a file is no article.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ManuscriptError {
    /// More than [`MAX_BYTES`].
    #[error("the file has more than {} KiB", MAX_BYTES / 1024)]
    TooLarge,
    /// It is in another encoding.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// It does not begin with front matter.
    #[error("the file must begin with a line `---`, then `title: …`, then another line `---`, and then the text")]
    NoFrontMatter,
    /// Not YAML, or not what is expected.
    #[error("front matter: {0}")]
    FrontMatter(String),
    /// There is nothing to read.
    #[error("there is no text below the front matter")]
    NoText,
}

/// Reads a file: front matter between two lines `---`, and below them the text.
///
/// # Errors
/// [`ManuscriptError`], in words that say what to change.
pub fn read(bytes: &[u8]) -> Result<Manuscript, ManuscriptError> {
    let text = decode(bytes)?;
    let (front, text) = split(&text).ok_or(ManuscriptError::NoFrontMatter)?;
    let options = serde_saphyr::options! { with_snippet: false };
    // YAML, since that is what editors' programs and site generators write between the lines `---`. serde-saphyr is kept up,
    // and limits what a document may expand to.
    let front: Front = serde_saphyr::from_str_with_options(front, options).map_err(|error| explained(&error))?;
    if text.trim().is_empty() {
        return Err(ManuscriptError::NoText);
    }
    let checked = front.check(Some(Body::Markdown(text.to_owned())));
    checked.map_err(|wrong| {
        let first = wrong.into_iter().next().map(|wrong| wrong.detail);
        ManuscriptError::FrontMatter(first.unwrap_or_default())
    })
}

/// Reads a text alone; front matter above it is passed over.
///
/// # Errors
/// [`ManuscriptError`], but never about front matter.
pub fn read_text(bytes: &[u8]) -> Result<String, ManuscriptError> {
    let text = decode(bytes)?;
    let text = split(&text).map_or(text.as_str(), |(_, below)| below);
    if text.trim().is_empty() {
        return Err(ManuscriptError::NoText);
    }
    Ok(text.to_owned())
}

/// Turns Markdown (`CommonMark` with tables and struck-out text) into sanitised HTML; `base` makes links whole.
#[must_use]
pub fn to_html(markdown: &str, base: Option<&Url>) -> String {
    let parser = Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, parser);
    sanitise_at(&unsafe_html, base)
}

/// The text with one kind of line end and without a byte order mark.
fn decode(bytes: &[u8]) -> Result<String, ManuscriptError> {
    if bytes.len() > MAX_BYTES {
        return Err(ManuscriptError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ManuscriptError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(text.replace("\r\n", "\n").replace('\0', ""))
}

/// Front matter with the line above it, which YAML takes for a document's start, so that errors name the file's own
/// lines; and what is below it.
fn split(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        match (number, line.trim_end() == "---") {
            (0, false) => return None,
            (1.., true) => return Some((text.get(..at)?, text.get(at + line.len()..)?)),
            _ => at += line.len(),
        }
    }
    None
}

/// What is wrong with front matter, with a hint for what is met most.
fn explained(error: &serde_saphyr::Error) -> ManuscriptError {
    // The library speaks to programmers.
    let words = [
        (", set DuplicateKeyPolicy in Options if acceptable", ""),
        ("duplicate mapping key:", "the key stands there twice:"),
        (
            "cannot deserialize null into string; use Option<String>",
            "a value is missing",
        ),
        ("expected string scalar", "one text is expected, perhaps in \"quotes\","),
    ];
    let reason = plain_line(&error.to_string());
    let mut reason = words.iter().fold(reason, |reason, (from, to)| reason.replace(from, to));
    if reason.contains("mapping values are not allowed") {
        reason.push_str("; put a value that has a colon in it into \"quotes\"");
    }
    ManuscriptError::FrontMatter(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = "---\ntitle: \"Station: on air\"\nid: on-air\ndate: 2026-11-23 07:30\nauthors: [Ada, Bob]\n\
        category: Radio\nlanguage: no\nsummary: |\n  It is\n  on air.\nsource: Our desk\nimage: https://img.example/a.jpg\n\
        image_alt: A mast\n---\n\nThe *station* is on air.\n";

    fn reason(file: &str) -> String {
        read(file.as_bytes()).expect_err("no article").to_string()
    }

    #[test]
    fn every_key_is_read() {
        let read = read(WHOLE.as_bytes()).expect("an article");
        let expected = Manuscript {
            id: Some("on-air".into()),
            title: "Station: on air".into(),
            url: None,
            published: Some("2026-11-23T07:30:00Z".parse().expect("a date")),
            authors: vec!["Ada".into(), "Bob".into()],
            category: Some("Radio".into()),
            language: Some("no".into()),
            summary: Some("It is on air.".into()),
            source: Some("Our desk".into()),
            image: Some("https://img.example/a.jpg".into()),
            image_alt: Some("A mast".into()),
            body: Body::Markdown("\nThe *station* is on air.\n".into()),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn the_article_in_the_documents_can_be_read() {
        let (_, rest) = include_str!("../../docs/newsletters.md")
            .split_once("```markdown\n")
            .expect("it is there");
        let (file, _) = rest.split_once("```").expect("it ends");
        let shown = read(file.as_bytes()).expect("an article");
        assert_eq!(
            (shown.id.as_deref(), shown.authors.len(), shown.language.as_deref()),
            (Some("mast"), 1, Some("en"))
        );
    }

    #[test]
    fn a_title_is_all_that_is_needed_and_line_ends_and_marks_do_not_matter() {
        let file = "\u{feff}---\r\ntitle: 1984\r\nauthor: Ada\r\n---\r\nText.\r\n---\r\nMore.\r\n";
        let read = read(file.as_bytes()).expect("an article");
        assert_eq!(
            (read.title.as_str(), read.authors, read.body),
            ("1984", vec!["Ada".into()], Body::Markdown("Text.\n---\nMore.\n".into()))
        );
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (file, expected) in [
            ("# Title\n\nText.", "must begin with a line `---`"),
            ("---\ntitle: x\n\nText.", "must begin with a line `---`"),
            ("---\nauthor: Ada\n---\nText.", "title"),
            ("---\ntitle: ' '\n---\nText.", "`title` is empty"),
            ("---\ntitle: x\n---\n\n", "no text below"),
            ("---\ntitle: x\nsumary: y\n---\nText.", "sumary"),
            (
                "---\ntitle: Station: on air\n---\nText.",
                "line 2, column 15; put a value that has a colon",
            ),
            (
                "---\ntitle: x\ndate: soon\n---\nText.",
                "the date is \"soon\"; write it like 2026-11-23",
            ),
            (
                "---\ntitle: x\ndate: \"+262142-12-31\"\n---\nText.",
                "the date is \"+262142-12-31\"",
            ),
            (
                "---\ntitle: x\ntitle: y\n---\nText.",
                "the key stands there twice: title at line 3",
            ),
            ("---\ntitle: [x]\n---\nText.", "one text is expected"),
            (
                "---\ntitle: x\nlanguage: English\n---\nText.",
                "`language` is \"English\"",
            ),
            (
                "---\ntitle: x\nimage: http://a.example/b.jpg\n---\nText.",
                "must be an https address",
            ),
        ] {
            let told = reason(file);
            assert!(told.contains(expected) && !told.contains('\n'), "{file}: {told}");
        }
        assert_eq!(
            read("a".repeat(MAX_BYTES + 1).as_bytes()),
            Err(ManuscriptError::TooLarge)
        );
        assert_eq!(read(b"---\n\xff"), Err(ManuscriptError::NotUtf8));
    }

    #[test]
    fn aliases_expand_within_bounds() {
        let mut bomb = String::from("---\ntitle: x\nauthors:\n  - &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
        for n in 1..12 {
            let ten = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.extend([&format!("  - &a{n} ["), ten.as_str(), "]\n"]);
        }
        assert!(read(format!("{bomb}---\nText.").as_bytes()).is_err());
    }

    #[test]
    fn markdown_becomes_clean_html() {
        let base = Url::parse("https://news.example").ok();
        let html = to_html(
            "# Head\n\nA [page](/archive) and <script>alert(1)</script> <b onclick=x>bold</b> ~~gone~~\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[x](javascript:alert(1))",
            base.as_ref(),
        );
        assert!(
            html.contains("<h1>Head</h1>") && html.contains("href=\"https://news.example/archive\""),
            "{html}"
        );
        assert!(
            html.contains("<td>1</td>") && html.contains("<del>gone</del>") && html.contains("<b>bold</b>"),
            "{html}"
        );
        assert!(!html.contains("script") && !html.contains("onclick"), "{html}");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>(), yaml in "[a-z:&*\\[\\]{}|>\n\" -]{0,80}") {
            let _ = read(text.as_bytes());
            let _ = read(format!("---\n{yaml}\n---\n{text}").as_bytes());
            let _ = to_html(&text, None);
        }
    }
}
