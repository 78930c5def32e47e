//! A reader's comment: its states, and which texts are accepted.

use super::person_name::is_person_name;
use super::state_words::states;
use crate::text::plain::{plain_line, printable, shows_nothing};

states! {
    /// How far a comment is. Only approved comments are shown.
    CommentState {
        /// No operator has decided yet.
        Held = "held",
        /// The article's page shows it.
        Approved = "approved",
        /// An operator decided against it. Its author still sees it.
        Rejected = "rejected",
    }
}

/// The most characters of the name under a comment.
pub const MAX_NAME_CHARS: usize = 60;
/// The most lines of a comment.
const MAX_LINES: usize = 200;

/// What is wrong with a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentError {
    /// The name is empty, too long, or contains a web address.
    Name,
    /// The text is empty.
    Empty,
    /// The text has more characters than `comments.max_length`, or more than 200 lines.
    TooLong,
}

/// A name and a text that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentText {
    name: String,
    body: String,
}

impl CommentText {
    /// Accepts plain text: control characters are removed, and several empty lines become one.
    ///
    /// # Errors
    /// All that is wrong with name and text.
    pub fn parse(name: &str, body: &str, max_chars: usize) -> Result<Self, Vec<CommentError>> {
        let mut errors = Vec::new();
        let name = plain_line(name);
        let has_letters = name.chars().any(char::is_alphanumeric);
        if !has_letters || !is_person_name(&name, MAX_NAME_CHARS) {
            errors.push(CommentError::Name);
        }
        let body = paragraphs(body).join("\n\n");
        if shows_nothing(&body) {
            errors.push(CommentError::Empty);
        } else if body.chars().count() > max_chars || body.lines().count() > MAX_LINES {
            errors.push(CommentError::TooLong);
        }
        if errors.is_empty() {
            Ok(Self { name, body })
        } else {
            Err(errors)
        }
    }

    /// The name on one line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Paragraphs, separated by one empty line. A paragraph can have several lines.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}

/// The paragraphs of a text, without empty ones.
fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| printable(line).trim_end().to_owned())
        .collect();
    lines
        .split(|line| shows_nothing(line))
        .filter(|lines| !lines.is_empty())
        .map(|lines| lines.join("\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, body: &str) -> Result<CommentText, Vec<CommentError>> {
        CommentText::parse(name, body, 50)
    }

    #[test]
    fn a_comment_keeps_its_lines_and_paragraphs() {
        let comment =
            parse("  Ada \t Lovelace ", "\r\n\r\n One\r\ntwo  \r\n\r\n\r\n \r\nthree\n").expect("it is accepted");
        assert_eq!(comment.name(), "Ada Lovelace");
        assert_eq!(comment.body(), " One\ntwo\n\nthree");
    }

    #[test]
    fn invisible_characters_are_removed() {
        let comment = parse("A\u{202e}da", "on\u{0}e\u{1b}[31m \u{2066}two\u{feff}").expect("it is accepted");
        assert_eq!((comment.name(), comment.body()), ("Ada", "one[31m two"));
        assert_eq!(parse("Ada", "\u{202e}\u{0}\n\u{feff}"), Err(vec![CommentError::Empty]));
        for nothing in [
            "\u{200b}",
            "\u{200d}\u{200d}",
            "\u{2800} \u{3164}",
            "\u{e0041}\n\u{34f}",
        ] {
            assert_eq!(parse("Ada", nothing), Err(vec![CommentError::Empty]), "{nothing:?}");
            assert_eq!(parse(nothing, "text"), Err(vec![CommentError::Name]), "{nothing:?}");
        }
        assert_eq!(parse("\u{2067}", "text"), Err(vec![CommentError::Name]));
    }

    #[test]
    fn texts_beyond_the_limits_are_refused() {
        assert!(parse(&"é".repeat(MAX_NAME_CHARS), &"é".repeat(50)).is_ok());
        assert_eq!(
            parse(&"é".repeat(MAX_NAME_CHARS + 1), "text"),
            Err(vec![CommentError::Name])
        );
        assert_eq!(parse("Ada", &"é".repeat(51)), Err(vec![CommentError::TooLong]));
        let lines = "a\n".repeat(MAX_LINES + 1);
        assert_eq!(
            CommentText::parse("Ada", &lines, 10_000),
            Err(vec![CommentError::TooLong])
        );
    }

    #[test]
    fn all_that_is_wrong_is_reported_at_once() {
        assert_eq!(parse("", " "), Err(vec![CommentError::Name, CommentError::Empty]));
        assert_eq!(
            parse("***", &"é".repeat(51)),
            Err(vec![CommentError::Name, CommentError::TooLong])
        );
    }

    #[test]
    fn a_name_is_no_advertisement() {
        for name in ["", "   ", "https://shop.example", "visit WWW.shop.example", "***"] {
            assert_eq!(parse(name, "text"), Err(vec![CommentError::Name]), "{name}");
        }
    }
}
