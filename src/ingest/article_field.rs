//! Compares and copies the fields of an article that a person can change.

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
