//! Parses [JSON Feed](https://www.jsonfeed.org/version/1.1/) 1.0 and 1.1. A value of the wrong type counts as absent.

use serde_json::{Map, Value};
use url::Url;

use super::entry::{Feed, MAX_AUTHORS, RawEntry, Text, author_name};
use super::error::ParseError;
use super::json_text::{scalar, string};
use super::links::{resolve, web_address};
use super::{date, image, json_text};
use crate::text::plain::plain_line;

/// Parses a feed. `base` is the address from which it was fetched.
pub(super) fn read(text: &str, base: Option<&Url>) -> Result<Feed, ParseError> {
    let text = json_text::repaired(text).ok_or(ParseError::TooLarge)?;
    let (feed, ends_early) = match serde_json::from_str(&text) {
        Ok(feed) => (feed, false),
        Err(error) => {
            let whole = error.is_eof().then(|| json_text::whole_members(&text, "items"));
            let feed = whole.filter(|feed| {
                let items = feed.get("items").and_then(Value::as_array);
                items.is_some_and(|items| !items.is_empty())
            });
            (feed.ok_or_else(|| ParseError::Json(error.to_string()))?, true)
        }
    };
    let is_feed = string(&feed, "version").is_some_and(|version| version.contains("jsonfeed.org"));
    let Some(items) = feed.get("items").and_then(Value::as_array) else {
        return if is_feed {
            Ok(empty(&feed, base))
        } else {
            Err(ParseError::NotAFeed)
        };
    };
    let head = empty(&feed, base);
    // Addresses should be absolute. Relative ones are resolved against the site.
    let site = head.site_url.as_deref().and_then(|url| Url::parse(url).ok());
    let base = site.as_ref().or(base);
    let language = string(&feed, "language");
    let authors = authors(&feed);
    let entries = items.iter().filter_map(Value::as_object).map(|item| {
        let mut entry = read_item(item, base);
        entry.language = entry.language.or_else(|| language.clone());
        if entry.authors.is_empty() {
            entry.authors.clone_from(&authors);
        }
        entry.finish()
    });
    Ok(Feed {
        ends_early,
        entries: entries.collect(),
        ..head
    })
}

fn empty(feed: &Map<String, Value>, base: Option<&Url>) -> Feed {
    Feed {
        format: "json".to_owned(),
        title: string(feed, "title")
            .map(|title| plain_line(&title))
            .unwrap_or_default(),
        site_url: string(feed, "home_page_url").and_then(|url| web_address(&resolve(&url, base))),
        ttl: None,
        ends_early: false,
        entries: Vec::new(),
    }
}

fn read_item(item: &Map<String, Value>, base: Option<&Url>) -> RawEntry {
    let html = string(item, "content_html").map(Text::Html);
    let text = || string(item, "content_text").map(Text::Plain);
    RawEntry {
        id: scalar(item, "id"),
        title: string(item, "title")
            .map(|title| plain_line(&title))
            .unwrap_or_default(),
        link: string(item, "url")
            .or_else(|| string(item, "external_url"))
            .or_else(|| web_address(string(item, "id")?.trim())),
        enclosure: enclosure(item),
        base: base.cloned(),
        published: ["date_published", "date_modified"]
            .iter()
            .find_map(|key| date::parse(&scalar(item, key)?)),
        summary: string(item, "summary").map(Text::Plain),
        content: html.or_else(text),
        authors: authors(item),
        category: item
            .get("tags")
            .and_then(Value::as_array)
            .and_then(|tags| tags.first()?.as_str().map(str::to_owned)),
        language: string(item, "language"),
        image: image::of_item(item, base),
    }
}

/// The first attached file that is not a picture.
fn enclosure(item: &Map<String, Value>) -> Option<String> {
    let mut files = item.get("attachments")?.as_array()?.iter().filter_map(Value::as_object);
    let file =
        files.find(|file| string(file, "mime_type").is_none_or(|kind| !kind.trim_start().starts_with("image/")))?;
    string(file, "url")
}

/// The names in `authors` (1.1) or `author` (1.0); plain strings count too.
pub(super) fn authors(object: &Map<String, Value>) -> Vec<String> {
    let many = object
        .get("authors")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for author in many.iter().take(MAX_AUTHORS).chain(object.get("author")) {
        let name = author
            .as_str()
            .or_else(|| author.get("name")?.as_str())
            .and_then(author_name);
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names
}
