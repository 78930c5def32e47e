//! Compares and copies the fields of an article that a person can change.

use serde_json::{Map, Value};

use crate::domain::states::ArticleField;
use crate::store::articles::Article;

/// The fields in which two versions of an article differ.
pub(super) fn differing_fields(before: &Article, after: &Article) -> Vec<ArticleField> {
    let all = ArticleField::ALL.iter().copied();
    all.filter(|field| differs(*field, before, after)).collect()
}

pub(super) fn differs(field: ArticleField, before: &Article, after: &Article) -> bool {
    match field {
        ArticleField::Headline => before.title != after.title,
        ArticleField::Address => before.url != after.url,
        ArticleField::Summary => before.summary != after.summary,
        ArticleField::Text => before.content_html != after.content_html,
        ArticleField::Authors => before.authors != after.authors,
        ArticleField::Category => before.category != after.category,
        ArticleField::Language => before.language != after.language,
        ArticleField::Source => before.source_name != after.source_name,
        ArticleField::Date => before.published_at != after.published_at,
        ArticleField::Picture => (&before.image_url, &before.image_alt) != (&after.image_url, &after.image_alt),
    }
}

/// The values of some fields, for the audit log.
pub(super) fn field_values(article: &Article, fields: &[ArticleField]) -> Map<String, Value> {
    let value = |field: ArticleField| -> Value {
        match field {
            ArticleField::Headline => article.title.as_str().into(),
            ArticleField::Address => article.url.as_deref().into(),
            ArticleField::Summary => article.summary.as_str().into(),
            ArticleField::Text => article.content_html.as_str().into(),
            ArticleField::Authors => article.authors.as_str().into(),
            ArticleField::Category => article.category.as_deref().into(),
            ArticleField::Language => article.language.as_deref().into(),
            ArticleField::Source => article.source_name.as_str().into(),
            ArticleField::Date => article.published_at.map(|at| at.to_rfc3339()).into(),
            ArticleField::Picture => article.image_url.as_deref().into(),
        }
    };
    fields
        .iter()
        .map(|field| (field.as_str().to_owned(), value(*field)))
        .collect()
}

/// Copies this field from `from` to `to`.
pub(super) fn copy(field: ArticleField, from: &Article, to: &mut Article) {
    match field {
        ArticleField::Headline => to.title.clone_from(&from.title),
        ArticleField::Address => {
            to.url.clone_from(&from.url);
            to.canonical_url.clone_from(&from.canonical_url);
        }
        ArticleField::Summary => to.summary.clone_from(&from.summary),
        ArticleField::Text => to.content_html.clone_from(&from.content_html),
        ArticleField::Authors => to.authors.clone_from(&from.authors),
        ArticleField::Category => to.category.clone_from(&from.category),
        ArticleField::Language => to.language.clone_from(&from.language),
        ArticleField::Source => to.source_name.clone_from(&from.source_name),
        ArticleField::Date => to.published_at = from.published_at,
        ArticleField::Picture => {
            to.image_url.clone_from(&from.image_url);
            to.image_alt.clone_from(&from.image_alt);
            (to.image_width, to.image_height) = (from.image_width, from.image_height);
        }
    }
}
