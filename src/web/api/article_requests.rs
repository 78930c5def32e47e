//! What programs send to `/api/v1/articles`: the parameters and documents, and their conversion to the types of `ingest`.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::failure::Failure;
use super::input::{self, FieldErrors, boolean, flag, id, id_schema, nullable_text, number, text, texts, texts_schema};
use super::paging::{TimePosition, page_size, position};
use crate::domain::article_input::{ArticleInput, Body, FrontMatter, language_of};
use crate::domain::ids::NewsletterId;
use crate::ingest::edit::ArticleEdit;
use crate::ingest::editorial::Submission;
use crate::ingest::rating::{Rating, weight_percent};
use crate::store::{StoreError, Tx};
use crate::text::plain::shows_nothing;
use crate::web::state::Web;

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only articles that arrived in the newsletter with this slug
    #[serde(deserialize_with = "text")]
    pub(super) newsletter: Option<String>,
    /// true: only articles that wait for an issue
    #[serde(deserialize_with = "flag")]
    #[param(default = false)]
    pub(super) waiting: Option<bool>,
    /// The number of articles on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,16}_[0-9a-f]{32}$")]
    pub(super) after: Option<TimePosition>,
}

/// The parameters of adding articles.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AddQuery {
    /// With JSON lines: the slug of the newsletter; default: all newsletters
    #[serde(deserialize_with = "text")]
    pub(super) newsletter: Option<String>,
}

/// The parameters of retracting an article.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RetractQuery {
    /// The reason, for readers
    #[serde(deserialize_with = "text")]
    pub(super) note: Option<String>,
}

/// An article to add. It needs `text`, `content_html` or `url`.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewArticle {
    /// The headline
    #[serde(deserialize_with = "text")]
    #[schema(required, nullable = false)]
    title: Option<String>,
    /// The text in Markdown, at most 200 KiB
    #[serde(deserialize_with = "text")]
    text: Option<String>,
    /// The text in HTML instead of `text`, at most 200 KiB; it is sanitised like a feed's
    #[serde(deserialize_with = "text")]
    content_html: Option<String>,
    /// Your own id of the article. The same id again changes the same article
    #[serde(deserialize_with = "id")]
    #[schema(schema_with = id_schema)]
    id: Option<String>,
    /// The http or https address of the page that the article reports on
    #[serde(deserialize_with = "text")]
    url: Option<String>,
    /// The lede; default: the beginning of the text
    #[serde(deserialize_with = "text")]
    summary: Option<String>,
    /// The names of the authors
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    authors: Option<Vec<String>>,
    /// The category. Readers choose topics by it
    #[serde(deserialize_with = "text")]
    category: Option<String>,
    /// The tag of the language, such as en or pt-BR; default: detected from the text
    #[serde(deserialize_with = "text")]
    language: Option<String>,
    /// Such as 2026-11-23, 2026-11-23 07:30 (UTC) or 2026-11-23T07:30:00+01:00
    #[serde(deserialize_with = "text")]
    published: Option<String>,
    /// The publisher; default: the site's name
    #[serde(deserialize_with = "text")]
    source: Option<String>,
    /// The https address of the picture
    #[serde(deserialize_with = "text")]
    image: Option<String>,
    /// The text alternative of the picture
    #[serde(deserialize_with = "text")]
    image_alt: Option<String>,
    /// Slugs of newsletters; default: all newsletters
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    newsletters: Option<Vec<String>>,
    /// Whether its story comes first in the next issue
    #[serde(deserialize_with = "boolean")]
    pinned: Option<bool>,
    /// Its weight in the next issue; default: 1
    #[serde(deserialize_with = "number")]
    #[schema(minimum = 0.01, maximum = 100)]
    weight: Option<f64>,
    /// What was corrected, for readers who have the earlier text
    #[serde(deserialize_with = "text")]
    note: Option<String>,
    /// Whether to replace fields that an editor changed since; default: false
    #[serde(deserialize_with = "boolean")]
    overwrite: Option<bool>,
}

/// A change of an article. Fields that are not given stay as they are.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ArticleChange)]
pub(super) struct ArticlePatch {
    /// The headline
    #[serde(deserialize_with = "text")]
    title: Option<String>,
    /// The lede
    #[serde(deserialize_with = "text")]
    summary: Option<String>,
    /// The text in Markdown, at most 200 KiB
    #[serde(deserialize_with = "text")]
    text: Option<String>,
    /// The text in HTML instead of `text`, at most 200 KiB; it is sanitised like a feed's
    #[serde(deserialize_with = "text")]
    content_html: Option<String>,
    /// The names of the authors
    #[serde(deserialize_with = "texts")]
    #[schema(schema_with = texts_schema)]
    authors: Option<Vec<String>>,
    /// The category; null or empty text removes it
    #[serde(deserialize_with = "nullable_text")]
    #[schema(value_type = Option<String>)]
    #[expect(
        clippy::option_option,
        reason = "null removes the value, an absent field leaves it unchanged"
    )]
    category: Option<Option<String>>,
    /// The tag of the language
    #[serde(deserialize_with = "text")]
    language: Option<String>,
    /// What was corrected, for readers who have the earlier text
    #[serde(deserialize_with = "text")]
    note: Option<String>,
}

/// Reads an article to add.
pub(super) async fn submission(web: &Web, bytes: &[u8]) -> Result<Submission, Failure> {
    let mut errors = FieldErrors::default();
    let article: NewArticle = input::document(bytes, &mut errors)?;
    let body = article_body(article.text, article.content_html, &mut errors);
    // An article about another page needs no text.
    if body.is_none() && article.url.is_none() {
        errors.add(
            "text",
            "give the `text` in Markdown, or as `content_html`, or the `url` of its page",
        );
    }
    let weight = article.weight.map(weight_percent);
    if weight == Some(None) {
        errors.add("weight", "`weight` is a number from 0.01 to 100; 1 is the usual");
    }
    let mut tx = web.app.store.read().await?;
    let newsletters = newsletters_or_all(&mut tx, &mut errors, "newsletters", article.newsletters).await?;
    drop(tx);
    let front = FrontMatter {
        title: article.title.unwrap_or_default(),
        id: article.id,
        url: article.url,
        published: article.published,
        authors: article.authors.unwrap_or_default(),
        category: article.category,
        language: article.language,
        summary: article.summary,
        source: article.source,
        image: article.image,
        image_alt: article.image_alt,
    };
    let input = match front.check(body) {
        Ok(input) => input,
        Err(wrong) => {
            errors.add_all(wrong);
            ArticleInput::default()
        }
    };
    errors.finish()?;
    Ok(Submission {
        input,
        file_name: None,
        newsletters,
        note: article.note.unwrap_or_default(),
        rating: Rating {
            pinned: article.pinned,
            weight_percent: weight.flatten(),
        },
        overwrite: article.overwrite.unwrap_or(false),
        actor: None,
        back_catalogue: None,
    })
}

/// Reads a change: what becomes different, and the note for readers.
pub(super) fn requested_edit(change: ArticlePatch, mut errors: FieldErrors) -> Result<(ArticleEdit, String), Failure> {
    let language = change.language.as_deref().map(language_of).transpose();
    let edit = ArticleEdit {
        title: change.title,
        summary: change.summary,
        body: article_body(change.text, change.content_html, &mut errors),
        authors: change.authors,
        category: change.category.map(Option::unwrap_or_default),
        language: language.unwrap_or_else(|detail| {
            errors.add("language", detail);
            None
        }),
    };
    if edit.title.as_deref().is_some_and(shows_nothing) {
        errors.add("title", "`title` is empty");
    }
    if let Some(Err(error)) = edit.body.as_ref().map(Body::check) {
        errors.add_all(vec![error]);
    }
    if errors.is_empty() && edit == ArticleEdit::default() {
        errors.add("", "the document names nothing to change");
    }
    errors.finish()?;
    Ok((edit, change.note.unwrap_or_default()))
}

/// The text of an article, in one of its two forms.
fn article_body(text: Option<String>, html: Option<String>, errors: &mut FieldErrors) -> Option<Body> {
    match (text, html) {
        (Some(_), Some(html)) => {
            errors.add("content_html", "give `text` or `content_html`, not both");
            Some(Body::Html(html))
        }
        (Some(text), None) => Some(Body::Markdown(text.replace("\r\n", "\n"))),
        (None, html) => html.map(Body::Html),
    }
}

/// The newsletters with these slugs; `None` for all newsletters.
pub(super) async fn newsletters_or_all(
    tx: &mut Tx,
    errors: &mut FieldErrors,
    field: &str,
    slugs: Option<Vec<String>>,
) -> Result<Vec<NewsletterId>, StoreError> {
    match slugs {
        None => Ok(tx.newsletters().await?.iter().map(|newsletter| newsletter.id).collect()),
        Some(slugs) if slugs.is_empty() => {
            errors.add(field, format!("`{field}` is empty; leave it out for every newsletter"));
            Ok(Vec::new())
        }
        Some(slugs) => find_newsletters(tx, errors, field, &slugs).await,
    }
}

pub(super) async fn find_newsletters(
    tx: &mut Tx,
    errors: &mut FieldErrors,
    field: &str,
    slugs: &[String],
) -> Result<Vec<NewsletterId>, StoreError> {
    let existing = tx.newsletters().await?;
    let mut found = Vec::new();
    for slug in slugs {
        match existing.iter().find(|newsletter| newsletter.slug == *slug) {
            Some(newsletter) if found.contains(&newsletter.id) => {}
            Some(newsletter) => found.push(newsletter.id),
            None => errors.add(field, format!("there is no newsletter {slug:?}")),
        }
    }
    Ok(found)
}
