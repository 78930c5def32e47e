//! Parses article files: YAML front matter and, below it, text in Markdown.

use super::article_input::{ArticleInput, Body, FrontMatter, MAX_BYTES};
use crate::text::plain::{plain_line, without_nul};

/// Why a file is not an article.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ArticleFileError {
    /// The file has more than [`MAX_BYTES`].
    #[error("the file has more than {} KiB", MAX_BYTES / 1024)]
    TooLarge,
    /// The file has another encoding than UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// The file does not begin with front matter.
    #[error("the file must begin with a line `---`, then `title: …`, then another line `---`, and then the text")]
    NoFrontMatter,
    /// The front matter is not YAML, or a field is missing, unknown or invalid. Contains the reason.
    #[error("front matter: {0}")]
    FrontMatter(String),
    /// The front matter is complete, but no text follows it.
    #[error("there is no text below the front matter")]
    NoText,
}

/// Parses a file: front matter between two lines `---`, and below it the text.
pub fn read(bytes: &[u8]) -> Result<ArticleInput, ArticleFileError> {
    let text = decode(bytes)?;
    let (front, text) = split(&text).ok_or(ArticleFileError::NoFrontMatter)?;
    let options = serde_saphyr::options! { with_snippet: false };
    // YAML, because editors and site generators write it between the lines `---`. serde-saphyr limits how far aliases may expand.
    let front: FrontMatter = serde_saphyr::from_str_with_options(front, options).map_err(|error| explained(&error))?;
    if text.trim().is_empty() {
        return Err(ArticleFileError::NoText);
    }
    let checked = front.check(Some(Body::Markdown(text.to_owned())));
    checked.map_err(|errors| {
        let details: Vec<_> = errors.into_iter().map(|error| error.detail).collect();
        ArticleFileError::FrontMatter(details.join("; "))
    })
}

/// Parses only the text of a file. Front matter is optional and ignored.
pub fn read_text(bytes: &[u8]) -> Result<String, ArticleFileError> {
    let text = decode(bytes)?;
    let text = split(&text).map_or(text.as_str(), |(_, text)| text);
    if text.trim().is_empty() {
        return Err(ArticleFileError::NoText);
    }
    Ok(text.to_owned())
}

/// The text of a file with LF line ends, without byte order mark and NUL.
fn decode(bytes: &[u8]) -> Result<String, ArticleFileError> {
    if bytes.len() > MAX_BYTES {
        return Err(ArticleFileError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ArticleFileError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(without_nul(&text.replace("\r\n", "\n")))
}

/// Splits a file into front matter and text. The front matter includes the first `---`, which begins a YAML document, so that line
/// numbers in errors are those of the file.
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

/// Rewords an error about front matter for the author of the file.
fn explained(error: &serde_saphyr::Error) -> ArticleFileError {
    // The library addresses programmers.
    let replacements = [
        (", set DuplicateKeyPolicy in Options if acceptable", ""),
        ("duplicate mapping key:", "the key occurs twice:"),
        (
            "cannot deserialize null into string; use Option<String>",
            "a value is missing",
        ),
        ("expected string scalar", "one text is expected, perhaps in \"quotes\","),
    ];
    let reason = plain_line(&error.to_string());
    let mut reason = replacements
        .iter()
        .fold(reason, |reason, (from, to)| reason.replace(from, to));
    if reason.contains("mapping values are not allowed") {
        reason.push_str("; put a value that has a colon in it into \"quotes\"");
    }
    ArticleFileError::FrontMatter(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = "---\ntitle: \"Station: on air\"\nid: on-air\ndate: 2026-11-23 07:30\nauthors: [Ada, Bob]\n\
        category: Radio\nlanguage: no\nsummary: |\n  It is\n  on air.\nsource: Our desk\nimage: https://img.example/a.jpg\n\
        image_alt: A mast\n---\n\nThe *station* is on air.\n";

    fn reason(file: &str) -> String {
        read(file.as_bytes()).expect_err("the file is invalid").to_string()
    }

    #[test]
    fn every_field_of_front_matter_is_read() {
        let read = read(WHOLE.as_bytes()).expect("the file is valid");
        let expected = ArticleInput {
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
    fn the_example_in_the_documentation_is_valid() {
        let (_, rest) = include_str!("../../docs/how-to/newsletters.md")
            .split_once("```markdown\n")
            .expect("the documentation has an example");
        let (file, _) = rest.split_once("```").expect("the example ends");
        let shown = read(file.as_bytes()).expect("the file is valid");
        assert_eq!(
            (shown.id.as_deref(), shown.authors.len(), shown.language.as_deref()),
            (Some("mast"), 1, Some("en"))
        );
    }

    #[test]
    fn only_the_title_is_required_and_crlf_and_byte_order_mark_are_accepted() {
        let file = "\u{feff}---\r\ntitle: 1984\r\nauthor: Ada\r\n---\r\nText.\r\n---\r\nMore.\r\n";
        let read = read(file.as_bytes()).expect("the file is valid");
        assert_eq!(
            (read.title.as_str(), read.authors, read.body),
            ("1984", vec!["Ada".into()], Body::Markdown("Text.\n---\nMore.\n".into()))
        );
    }

    #[test]
    fn an_invalid_file_gives_a_one_line_reason() {
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
                "the key occurs twice: title at line 3",
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
            let reason = reason(file);
            assert!(reason.contains(expected) && !reason.contains('\n'), "{file}: {reason}");
        }
        assert_eq!(
            read("a".repeat(MAX_BYTES + 1).as_bytes()),
            Err(ArticleFileError::TooLarge)
        );
        assert_eq!(read(b"---\n\xff"), Err(ArticleFileError::NotUtf8));
    }

    #[test]
    fn the_expansion_of_aliases_is_limited() {
        let mut bomb = String::from("---\ntitle: x\nauthors:\n  - &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
        for n in 1..12 {
            let ten = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.extend([&format!("  - &a{n} ["), ten.as_str(), "]\n"]);
        }
        assert!(read(format!("{bomb}---\nText.").as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in any::<String>(), yaml in "[a-z:&*\\[\\]{}|>\n\" -]{0,80}") {
            let _ = read(text.as_bytes());
            let _ = read(format!("---\n{yaml}\n---\n{text}").as_bytes());
        }
    }
}
