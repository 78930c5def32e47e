//! What is wrong with a field that serde cannot read, in a sentence of the API: serde names types of the program instead.

use serde_path_to_error::{Path, Segment};

use crate::text::plain::plain_line;

/// The sentence for an error at `path`, which begins with the name of the field.
pub(super) fn detail(path: &Path, message: &str) -> String {
    let segments: Vec<&Segment> = path.iter().collect();
    if let Some((field, known)) = named(message, "unknown field `") {
        let field = plain_line(field);
        let known = known.trim_start_matches("one of ");
        return match segments.split_last() {
            Some((_, outer)) if !outer.is_empty() => format!("there is no `{field}` in {}, only {known}", place(outer)),
            _ => format!("there is no `{field}` here, only {known}"),
        };
    }
    let place = place(&segments);
    if let Some((found, known)) = named(message, "unknown variant `") {
        let words: Vec<_> = known.split('`').skip(1).step_by(2).collect();
        return format!("{place} “{}” is none of {}", plain_line(found), words.join(", "));
    }
    if let Some(field) = message.strip_prefix("missing field ") {
        return format!("{place} has no {field}");
    }
    let is_of_type = message.starts_with("invalid type: ") || message.starts_with("invalid value: ");
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if is_of_type => format!("{place} must be {}", kind(expected)),
        _ => format!("{place} {message}"),
    }
}

/// The quoted name after `start`, and the names that are known.
fn named<'a>(message: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    message.strip_prefix(start)?.rsplit_once("`, expected ")
}

/// The place in the document, such as "`place` of item 1 of `move`".
fn place(segments: &[&Segment]) -> String {
    let names = segments.iter().rev().map(|segment| match segment {
        Segment::Seq { index } => format!("item {}", index + 1),
        Segment::Map { key } => format!("`{}`", plain_line(key)),
        Segment::Enum { variant } => format!("`{}`", plain_line(variant)),
        Segment::Unknown => "a value".to_owned(),
    });
    names.collect::<Vec<_>>().join(" of ")
}

/// A type of JSON in the words of the API.
fn kind(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" | "string or map" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative",
        "f32" | "f64" => "a number",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        answer: Option<Answer>,
        moves: Option<Vec<Move>>,
        edition: Option<i64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Answer {
        Yes,
        No,
        Later,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "the errors matter, not the values")]
    struct Move {
        story: String,
        place: usize,
    }

    fn detail_of(document: Value) -> String {
        let error = serde_path_to_error::deserialize::<_, Sample>(document).expect_err("the document is wrong");
        detail(error.path(), &error.inner().to_string())
    }

    #[test]
    fn every_error_of_serde_is_a_sentence_about_a_field() {
        for (document, expected) in [
            (
                json!({ "answer": "may\nbe" }),
                "`answer` “may be” is none of yes, no, later",
            ),
            (json!({ "answer": 5 }), "`answer` must be text"),
            (json!({ "edition": "two" }), "`edition` must be a whole number"),
            (json!({ "edition": 1.5 }), "`edition` must be a whole number"),
            (json!({ "moves": "a" }), "`moves` must be a list"),
            (json!({ "moves": ["a"] }), "item 1 of `moves` must be an object"),
            (
                json!({ "moves": [{ "story": "a", "place": 1 }, { "story": "b" }] }),
                "item 2 of `moves` has no `place`",
            ),
            (
                json!({ "moves": [{ "story": "a", "place": -1 }] }),
                "`place` of item 1 of `moves` must be a whole number that is not negative",
            ),
            (
                json!({ "moves": [{ "stories": "a" }] }),
                "there is no `stories` in item 1 of `moves`, only `story` or `place`",
            ),
            (
                json!({ "colour": 1 }),
                "there is no `colour` here, only `answer`, `moves`, `edition`",
            ),
        ] {
            assert_eq!(detail_of(document), expected);
        }
    }
}
