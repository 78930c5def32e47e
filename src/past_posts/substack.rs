//! The ZIP archive of Substack: `posts.csv`, and an HTML file for each post.

use std::collections::HashMap;

use serde::Deserialize;
use tokio::sync::mpsc;

use super::error::PastPostsError;
use super::html_page::read_text;
use super::limited_file::read_table;
use super::post::{Post, Read, Visibility, non_empty, time};
use crate::import::ArchivedFile;

/// A row of `posts.csv`. Further columns are not needed.
#[derive(Debug, Deserialize)]
struct Row {
    /// The number and the slug, such as `12345.our-first-post`.
    post_id: String,
    #[serde(default)]
    post_date: String,
    #[serde(default)]
    is_published: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    audience: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    subtitle: String,
}

pub(super) fn read(files: Vec<ArchivedFile>, posts: &mpsc::Sender<Read>) -> Result<(), PastPostsError> {
    let mut table = None;
    let mut texts = HashMap::new();
    for file in files {
        if file.base_name() == "posts.csv" {
            table = Some(file);
        } else if let Some(id) = file.base_name().strip_suffix(".html") {
            texts.insert(id.to_owned(), file);
        }
    }
    let Some(table) = table else {
        return Ok(());
    };
    let table = read_table(table)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&table[..]);
    for (index, row) in reader.deserialize::<Row>().enumerate() {
        let place = format!("posts.csv, row {}", index + 1);
        let post = match row {
            Ok(row) => match texts.remove(&row.post_id) {
                Some(text) => read_text(text)
                    .map(|html| parsed(row, place.clone(), html))
                    .map_err(|why| (place, why)),
                None => Err((place, format!("the archive has no text of the post {:?}", row.post_id))),
            },
            Err(error) => Err((place, format!("the row cannot be read: {error}"))),
        };
        if posts.blocking_send(post).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn parsed(row: Row, place: String, html: String) -> Post {
    let (number, slug) = row.post_id.split_once('.').unwrap_or((row.post_id.as_str(), ""));
    let visibility = match (row.kind.as_str(), row.audience.as_str()) {
        ("page" | "thread" | "restack", _) => Visibility::NoPost(row.kind.clone()),
        _ if row.is_published != "true" => Visibility::Unpublished("draft".to_owned()),
        (_, "everyone" | "") => Visibility::Public,
        (_, audience) => Visibility::Members(audience.to_owned()),
    };
    Post {
        place,
        id: format!("substack:{number}"),
        title: row.title,
        published: time(&row.post_date),
        authors: Vec::new(),
        category: None,
        language: None,
        summary: non_empty(row.subtitle),
        image: None,
        image_alt: None,
        html,
        old_paths: non_empty(slug).map(|slug| format!("/p/{slug}")).into_iter().collect(),
        visibility,
    }
}
