//! The JSON export of Ghost: its tables `posts`, `users`, `tags`, and those that connect them.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::error::PastPostsError;
use super::post::{Post, Read, Visibility, non_empty, time};

/// What Ghost writes instead of the address of the site.
const SITE_MARK: &str = "__GHOST_URL__";

/// Whether the beginning of a JSON file is that of an export of Ghost.
pub(super) fn looks_like(beginning: &str) -> bool {
    ["\"db\"", "\"data\"", "\"meta\""]
        .iter()
        .any(|key| beginning.contains(key))
        && beginning.contains("\"posts")
        || beginning.contains("\"db\"") && beginning.contains("\"exported_on\"")
}

/// Not an enum: serde reads a document into memory before it tries the variants of one.
#[derive(Deserialize)]
struct Export {
    #[serde(default)]
    db: Vec<Database>,
    /// In exports of the administration's own API.
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Database {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    posts: Vec<GhostPost>,
    #[serde(default)]
    posts_authors: Vec<Link>,
    #[serde(default)]
    posts_tags: Vec<Link>,
    #[serde(default)]
    posts_meta: Vec<Meta>,
    #[serde(default)]
    users: Vec<Named>,
    #[serde(default)]
    tags: Vec<Named>,
}

#[derive(Deserialize)]
struct GhostPost {
    id: Value,
    uuid: Option<String>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    slug: String,
    html: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Of older versions: 1 or true for a page.
    page: Option<Value>,
    #[serde(default)]
    status: String,
    visibility: Option<String>,
    published_at: Option<Value>,
    custom_excerpt: Option<String>,
    feature_image: Option<String>,
    locale: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    post_id: Value,
    author_id: Option<Value>,
    tag_id: Option<Value>,
    sort_order: Option<i64>,
}

#[derive(Deserialize)]
struct Meta {
    post_id: Value,
    feature_image_alt: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: Value,
    name: String,
    visibility: Option<String>,
}

/// Ids are texts in new versions and numbers in old ones.
fn key(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

pub(super) fn read(file: File, posts: &mpsc::Sender<Read>) -> Result<(), PastPostsError> {
    let damaged = |error: serde_json::Error| {
        PastPostsError::Damaged(format!(
            "it is no JSON export of Ghost, or it is damaged ({error}); export again in Ghost under Settings, Import/Export"
        ))
    };
    let export: Export = serde_json::from_reader(BufReader::new(file)).map_err(damaged)?;
    let databases: Vec<_> = export
        .db
        .into_iter()
        .map(|database| database.data)
        .chain(export.data)
        .collect();
    if databases.is_empty() {
        return Err(damaged(serde::de::Error::missing_field("db")));
    }
    for data in databases {
        let authors = names_by_post(&data.posts_authors, &data.users, |link| link.author_id.as_ref());
        let tags = names_by_post(&data.posts_tags, &data.tags, |link| link.tag_id.as_ref());
        let alts: HashMap<_, _> = data
            .posts_meta
            .into_iter()
            .filter_map(|meta| Some((key(&meta.post_id), meta.feature_image_alt?)))
            .collect();
        for (index, post) in data.posts.into_iter().enumerate() {
            let id = key(&post.id);
            let post = parsed(
                post,
                index,
                authors.get(&id).cloned().unwrap_or_default(),
                tags.get(&id).and_then(|tags| tags.first().cloned()),
                alts.get(&id).cloned(),
            );
            if posts.blocking_send(Ok(post)).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The names that are linked with each post, in the order that Ghost shows. Internal tags are left out.
fn names_by_post(
    links: &[Link],
    records: &[Named],
    id_of: impl Fn(&Link) -> Option<&Value>,
) -> HashMap<String, Vec<String>> {
    let is_public = |record: &&Named| record.visibility.as_deref() != Some("internal") && !record.name.starts_with('#');
    let names: HashMap<_, _> = records
        .iter()
        .filter(is_public)
        .map(|record| (key(&record.id), &record.name))
        .collect();
    let mut sorted: Vec<_> = links.iter().collect();
    sorted.sort_by_key(|link| link.sort_order.unwrap_or(0));
    let mut by_post: HashMap<String, Vec<String>> = HashMap::new();
    for link in sorted {
        if let Some(name) = id_of(link).and_then(|id| names.get(&key(id))) {
            by_post.entry(key(&link.post_id)).or_default().push((*name).clone());
        }
    }
    by_post
}

fn parsed(post: GhostPost, index: usize, authors: Vec<String>, category: Option<String>, alt: Option<String>) -> Post {
    let without_mark = |text: String| text.replace(SITE_MARK, "");
    let is_page = post.kind.as_deref() == Some("page")
        || post
            .page
            .as_ref()
            .is_some_and(|page| page == &Value::Bool(true) || page == &Value::from(1));
    let visibility = match (post.status.as_str(), post.visibility.as_deref()) {
        _ if is_page => Visibility::NoPost("page".to_owned()),
        ("published" | "sent", None | Some("public")) => Visibility::Public,
        ("published" | "sent", Some(readers)) => Visibility::Members(readers.to_owned()),
        (status, _) => Visibility::Unpublished(status.to_owned()),
    };
    Post {
        place: format!("post {}", index + 1),
        id: format!("ghost:{}", post.uuid.unwrap_or_else(|| key(&post.id))),
        title: post.title,
        published: post.published_at.as_ref().and_then(published),
        authors,
        category,
        language: post.locale.and_then(non_empty),
        summary: post.custom_excerpt.and_then(non_empty),
        // A picture on the old site has an address only while that site is there.
        image: post.feature_image.filter(|image| !image.contains(SITE_MARK)),
        image_alt: alt,
        html: without_mark(post.html.unwrap_or_default()),
        old_paths: non_empty(post.slug)
            .map(|slug| format!("/{slug}/"))
            .into_iter()
            .collect(),
        visibility,
    }
}

/// New versions write times as text, old ones as milliseconds since 1970.
fn published(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => time(text),
        Value::Number(millis) => DateTime::from_timestamp_millis(millis.as_i64()?),
        _ => None,
    }
}
