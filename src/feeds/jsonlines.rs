//! Parses articles from JSON lines: one object on each line, as other programs export them.

use serde_json::Value;

use super::entry::{Entry, RawEntry, Text};
use super::json_feed::authors;
use super::json_text::{scalar, string};
use super::links::web_address;
use super::{date, image, json_text};
use crate::domain::json;
use crate::text::plain::plain_line;

/// The most bytes of a line.
const MAX_LINE: usize = 1024 * 1024;

/// Parses one entry from each line that is not blank. For an invalid line, returns its number from 1 and the reason.
///
/// The object's keys are `id`, `title` (required), `url`, `published` (a date with time, or seconds since 1970), `summary`,
/// `content` (HTML), `text` (plain), `authors` (strings), `category`, `language`, `image`; others are ignored.
#[must_use]
pub fn parse_json_lines(bytes: &[u8]) -> Vec<Result<Entry, (usize, String)>> {
    let lines = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .enumerate();
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| read_line(line).map_err(|reason| (index + 1, reason)))
        .collect()
}

fn read_line(line: &[u8]) -> Result<Entry, String> {
    if line.len() > MAX_LINE {
        return Err("the line is longer than 1 MiB".to_owned());
    }
    let text = String::from_utf8_lossy(line);
    let text = json_text::repaired(&text).ok_or("the line has too many values")?;
    let value = json::parse(text.as_bytes()).map_err(|error| json::line_error(&error))?;
    let Value::Object(object) = value else {
        return Err(
            "it is JSON, but not an object; write an object such as {\"title\": \"…\"} on each line".to_owned(),
        );
    };
    let title = string(&object, "title")
        .map(|title| plain_line(&title))
        .unwrap_or_default();
    if title.is_empty() {
        return Err("`title` is missing or empty".to_owned());
    }
    let address = string(&object, "url");
    if let Some(invalid) = address.as_ref().filter(|text| web_address(text.trim()).is_none()) {
        return Err(format!(
            "`url` is {}, which is not an http or https address",
            plain_line(&format!("{invalid:?}"))
        ));
    }
    let published = match object.get("published").filter(|value| !value.is_null()) {
        Some(_) => {
            let date = scalar(&object, "published").and_then(|text| date::parse(&text));
            Some(date.ok_or("`published` is not a date; write it like 2026-01-31T06:00:00Z")?)
        }
        None => None,
    };
    let html = string(&object, "content").map(Text::Html);
    let text = string(&object, "text").map(Text::Plain);
    let entry = RawEntry {
        id: scalar(&object, "id"),
        title,
        link: address,
        enclosure: None,
        published,
        summary: string(&object, "summary").map(Text::Plain),
        content: html.or(text),
        authors: authors(&object),
        category: string(&object, "category"),
        language: string(&object, "language"),
        image: image::of_item(&object, None),
        base: None,
    };
    Ok(entry.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_gives_an_entry_or_a_numbered_reason() {
        let input = concat!(
            "\u{feff}{\"title\": \"One\", \"url\": \"https://example.org/1\", \"published\": \"2026-01-31T06:00:00Z\"}\r\n",
            "\n",
            "{\"title\": \"  \"}\n",
            "not json\n",
            "{\"title\": \"Two\", \"url\": \"javascript:alert(1)\"}\n",
            "{\"title\": \"Three\", \"published\": \"soon\"}\n",
            "{\"title\": \"Four & <b>\", \"id\": 4, \"text\": \"a < b\", \"authors\": [\"Ada\"], \"extra\": {}}",
        );
        let lines = parse_json_lines(input.as_bytes());
        assert_eq!(lines.len(), 6);
        let one = lines[0].as_ref().expect("the first line is whole");
        assert_eq!(
            (one.title.as_str(), one.url.as_deref()),
            ("One", Some("https://example.org/1"))
        );
        assert_eq!(
            one.published.map(|date| date.to_rfc3339()).as_deref(),
            Some("2026-01-31T06:00:00+00:00")
        );
        let numbers: Vec<usize> = lines
            .iter()
            .filter_map(|line| line.as_ref().err().map(|error| error.0))
            .collect();
        assert_eq!(numbers, [3, 4, 5, 6]);
        let four = lines[5].as_ref().expect("the last line is whole");
        assert_eq!((four.id.as_deref(), four.title.as_str()), (Some("4"), "Four & <b>"));
        assert_eq!(
            (four.content_html.as_str(), four.summary.as_str()),
            ("<p>a &lt; b</p>\n", "a < b")
        );
        assert_eq!(four.authors, ["Ada"]);
    }

    #[test]
    fn a_line_that_is_not_a_json_object_is_refused_in_plain_words() {
        let reason = |line: &str| {
            let parsed = parse_json_lines(line.as_bytes());
            parsed[0].as_ref().expect_err("it has no article").1.clone()
        };
        assert_eq!(
            reason("not json"),
            "it is not JSON, as column 2 shows; write an object such as {\"title\": \"…\"} on each line"
        );
        assert_eq!(
            reason("[1]"),
            "it is JSON, but not an object; write an object such as {\"title\": \"…\"} on each line"
        );
        assert_eq!(reason("{\"title\": \"cut"), "the line ends before its JSON object does");
        let twice = reason("{\"title\": \"one\", \"title\": \"two\"}");
        assert!(twice.contains("title") && !twice.contains("line 1"), "{twice}");
    }
}
