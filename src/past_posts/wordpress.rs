//! The WXR file of `WordPress`: an RSS document with an item for each post, page and file. It is read item by item.

use std::fs::File;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use tokio::sync::mpsc;
use url::Url;

use super::error::PastPostsError;
use super::post::{Post, Read, Visibility, non_empty, time};
use super::short_texts::ShortTexts;
use crate::text::html::paragraphs;

/// The most bytes of one element. An article has less text than this.
const MAX_TEXT_BYTES: usize = 8 << 20;

/// Whether the beginning of an XML file is that of a WXR file.
pub(super) fn looks_like(beginning: &str) -> bool {
    beginning.contains("wordpress.org/export/")
}

/// The elements of an item that are needed.
#[derive(Debug, Default)]
struct Item {
    title: String,
    link: String,
    published: String,
    published_gmt: String,
    creator: String,
    content: String,
    excerpt: String,
    id: String,
    status: String,
    kind: String,
    password: String,
    category: Option<String>,
    is_too_long: bool,
}

pub(super) fn read(file: File, posts: &mpsc::Sender<Read>) -> Result<(), PastPostsError> {
    let mut reader = Reader::from_reader(ShortTexts::new(file, MAX_TEXT_BYTES));
    reader.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    let mut item: Option<Item> = None;
    let mut name = String::new();
    let mut is_category = false;
    let mut text = String::new();
    let mut language = None;
    let mut index = 0;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|error| {
            PastPostsError::Damaged(format!(
                "it is no WXR file, or it is damaged at byte {} ({error}); export again in WordPress under Tools, Export",
                reader.error_position()
            ))
        })?;
        match event {
            Event::Start(tag) => {
                tag.name().as_ref().clone_into(&mut name);
                text.clear();
                if name == "item" {
                    item = Some(Item::default());
                    index += 1;
                }
                is_category = name == "category" && is_of_categories(&tag);
            }
            Event::Text(part) => push(&mut text, &mut item, &part),
            Event::CData(part) => push(&mut text, &mut item, &part),
            Event::GeneralRef(reference) => {
                let entity = format!("&{};", &*reference);
                let decoded =
                    quick_xml::escape::unescape(&entity).map_or_else(|_| entity.clone(), std::borrow::Cow::into_owned);
                push(&mut text, &mut item, &decoded);
            }
            Event::End(tag) => {
                let ended = tag.name().as_ref().to_owned();
                if ended == "item" {
                    if let Some(item) = item.take()
                        && posts.blocking_send(parsed(item, index, language.as_deref())).is_err()
                    {
                        return Ok(());
                    }
                } else if ended == name {
                    match &mut item {
                        Some(item) => item.set(&name, is_category, std::mem::take(&mut text)),
                        None if name == "language" => language = non_empty(text.trim()),
                        None => {}
                    }
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn push(text: &mut String, item: &mut Option<Item>, part: &str) {
    if text.len() + part.len() <= MAX_TEXT_BYTES {
        text.push_str(part);
    } else if let Some(item) = item {
        item.is_too_long = true;
    }
}

/// Whether a `category` element names a category, and not a tag.
fn is_of_categories(tag: &BytesStart<'_>) -> bool {
    let domain = tag.try_get_attribute("domain").ok().flatten();
    domain.is_some_and(|domain| domain.value.as_ref() == "category")
}

impl Item {
    fn set(&mut self, name: &str, is_category: bool, text: String) {
        match name {
            "title" => self.title = text,
            "link" => self.link = text,
            "pubDate" => self.published = text,
            "wp:post_date_gmt" => self.published_gmt = text,
            "dc:creator" => self.creator = text,
            "content:encoded" => self.content = text,
            "excerpt:encoded" => self.excerpt = text,
            "wp:post_id" => text.trim().clone_into(&mut self.id),
            "wp:status" => text.trim().clone_into(&mut self.status),
            "wp:post_type" => text.trim().clone_into(&mut self.kind),
            "wp:post_password" => self.password = text,
            "category" if is_category && self.category.is_none() => self.category = non_empty(text),
            _ => {}
        }
    }
}

fn parsed(item: Item, index: usize, language: Option<&str>) -> Read {
    let place = format!("item {index}");
    if item.is_too_long {
        return Err((place, format!("its text has more than {} MiB", MAX_TEXT_BYTES >> 20)));
    }
    let visibility = match (item.kind.as_str(), item.status.as_str()) {
        ("post" | "", "publish") if item.password.is_empty() => Visibility::Public,
        ("post" | "", "publish") => Visibility::Members("a password".to_owned()),
        ("post" | "", "private") => Visibility::Members("private".to_owned()),
        ("post" | "", status) => Visibility::Unpublished(status.to_owned()),
        (kind, _) => Visibility::NoPost(kind.to_owned()),
    };
    let url = Url::parse(item.link.trim()).ok();
    let is_path = |path: &String| path.len() > 1;
    Ok(Post {
        place,
        id: format!("wordpress:{}", item.id),
        title: item.title,
        published: time(&item.published_gmt).or_else(|| time(&item.published)),
        authors: non_empty(item.creator).into_iter().collect(),
        category: item.category,
        language: language.map(str::to_owned),
        summary: non_empty(item.excerpt),
        image: None,
        image_alt: None,
        html: with_paragraphs(item.content),
        old_paths: url
            .map(|url| url.path().to_owned())
            .filter(is_path)
            .into_iter()
            .collect(),
        visibility,
    })
}

/// The classic editor of `WordPress` separates paragraphs by empty lines, and writes no elements for them.
fn with_paragraphs(content: String) -> String {
    if content.contains("<p>") || content.contains("<p ") || !content.contains("\n\n") {
        return content;
    }
    if !content.contains('<') {
        return paragraphs(&content).to_string();
    }
    let parts = content.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let is_block = |part: &str| {
        ["<h", "<ul", "<ol", "<block", "<pre", "<table", "<div", "<fig"]
            .iter()
            .any(|tag| part.starts_with(tag))
    };
    let parts = parts.map(|part| {
        if is_block(part) {
            part.to_owned()
        } else {
            format!("<p>{part}</p>")
        }
    });
    parts.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_of_the_classic_editor_become_paragraphs() {
        let text = "One <b>bold</b> line.\n\n<h2>Two</h2>\n\nThree.".to_owned();
        assert_eq!(
            with_paragraphs(text),
            "<p>One <b>bold</b> line.</p>\n<h2>Two</h2>\n<p>Three.</p>"
        );
        let written = "<p>One.</p>\n\n<p>Two.</p>".to_owned();
        assert_eq!(with_paragraphs(written.clone()), written);
    }
}
