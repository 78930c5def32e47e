//! The fields of an article that a person can change.

use crate::store::articles::Article;

/// A field of an article, or fields that readers see as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Headline,
    Address,
    Summary,
    Text,
    Authors,
    Category,
    Language,
    Source,
    Date,
    Picture,
}

impl Field {
    pub(super) const ALL: [Self; 10] = [
        Self::Headline,
        Self::Address,
        Self::Summary,
        Self::Text,
        Self::Authors,
        Self::Category,
        Self::Language,
        Self::Source,
        Self::Date,
        Self::Picture,
    ];

    /// Its name in corrections, in messages and in the database.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Address => "address",
            Self::Summary => "summary",
            Self::Text => "text",
            Self::Authors => "authors",
            Self::Category => "category",
            Self::Language => "language",
            Self::Source => "source",
            Self::Date => "date",
            Self::Picture => "picture",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    pub(super) fn differs(self, before: &Article, after: &Article) -> bool {
        match self {
            Self::Headline => before.title != after.title,
            Self::Address => before.url != after.url,
            Self::Summary => before.summary != after.summary,
            Self::Text => before.content_html != after.content_html,
            Self::Authors => before.authors != after.authors,
            Self::Category => before.category != after.category,
            Self::Language => before.language != after.language,
            Self::Source => before.source_name != after.source_name,
            Self::Date => before.published_at != after.published_at,
            Self::Picture => (&before.image_url, &before.image_alt) != (&after.image_url, &after.image_alt),
        }
    }

    /// Gives `to` this field of `from`.
    pub(super) fn copy(self, from: &Article, to: &mut Article) {
        match self {
            Self::Headline => to.title.clone_from(&from.title),
            Self::Address => {
                to.url.clone_from(&from.url);
                to.canonical_url.clone_from(&from.canonical_url);
            }
            Self::Summary => to.summary.clone_from(&from.summary),
            Self::Text => to.content_html.clone_from(&from.content_html),
            Self::Authors => to.authors.clone_from(&from.authors),
            Self::Category => to.category.clone_from(&from.category),
            Self::Language => to.language.clone_from(&from.language),
            Self::Source => to.source_name.clone_from(&from.source_name),
            Self::Date => to.published_at = from.published_at,
            Self::Picture => {
                to.image_url.clone_from(&from.image_url);
                to.image_alt.clone_from(&from.image_alt);
                (to.image_width, to.image_height) = (from.image_width, from.image_height);
            }
        }
    }
}
