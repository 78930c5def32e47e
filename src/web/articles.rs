//! The front page, and the page of one article; of one that was taken back, the page that says so.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::Shared;
use super::error::{WebError, page};
use super::pages::{ArticlePage, CorrectionLine, ErrorPage, FrontPage, LatestArticle, Picture, Source, Stamp};
use super::signup::box_form;
use crate::digest::article_path;
use crate::domain::html::{excerpt, without_pictures};
use crate::domain::public_id::PublicId;
use crate::store::articles::Article;

/// Articles on the front page, and in the site's feed.
pub const FRONT_PAGE: i64 = 30;
/// Characters of a lede on the front page.
pub const LEDE: usize = 280;

/// GET `/`
pub async fn front(State(web): Shared) -> Result<Html<String>, WebError> {
    let articles = web.app.store.read().await?.latest_articles(FRONT_PAGE).await?;
    let latest = articles.iter().map(|article| LatestArticle {
        public_id: article.public_id.clone(),
        category: article.category.clone(),
        language: article.language.clone().unwrap_or_default(),
        headline: article.title.clone(),
        href: article_path(article),
        lede: excerpt(&article.summary, LEDE),
        time: time(article),
        source: Some(article.source_name.clone()).filter(|name| !name.is_empty()),
    });
    page(&FrontPage {
        site: web.site(),
        articles: latest.collect(),
        form: box_form(&web).await?,
    })
}

/// GET `/articles/{id}`: to the full address.
pub async fn article_without_slug(State(web): Shared, Path(id): Path<String>) -> Result<Response, WebError> {
    let article = find(&web, &id).await?;
    if article.retracted_at.is_some() {
        return retracted(&web, &article).await;
    }
    Ok(Redirect::permanent(&article_path(&article)).into_response())
}

/// GET `/articles/{id}/{slug}`; a slug that is out of date leads to the one that is not.
pub async fn article(State(web): Shared, Path((id, slug)): Path<(String, String)>) -> Result<Response, WebError> {
    let article = find(&web, &id).await?;
    if article.retracted_at.is_some() {
        return retracted(&web, &article).await;
    }
    let path = article_path(&article);
    if path.rsplit('/').next() != Some(slug.as_str()) {
        return Ok(Redirect::permanent(&path).into_response());
    }
    let sources = article.url.clone().map(|url| Source {
        name: article.source_name.clone(),
        url,
    });
    let authors = article.authors.lines().collect::<Vec<_>>().join(", ");
    let lede = excerpt(&article.summary, LEDE);
    let corrections = web.app.store.read().await?.corrections_of_article(article.id).await?;
    let shown = ArticlePage {
        site: web.site(),
        public_id: article.public_id.clone(),
        category: article.category.clone(),
        language: article.language.clone().unwrap_or_default(),
        headline: article.title.clone(),
        lede: Some(lede).filter(|lede| !lede.is_empty() && !begins_with(&article.content_html, lede)),
        byline: Some(authors).filter(|authors| !authors.is_empty()),
        time: time(&article),
        picture: picture(&web, &article),
        corrections: corrections
            .into_iter()
            .map(|correction| CorrectionLine {
                time: Stamp::utc(correction.at),
                note: correction.note,
            })
            .collect(),
        body_html: body(&web, &article),
        sources: sources.into_iter().collect(),
        form: box_form(&web).await?,
    };
    Ok(page(&shown)?.into_response())
}

async fn find(web: &super::Web, id: &str) -> Result<Article, WebError> {
    let id = PublicId::parse(id).map_err(|_| WebError::NotFound)?;
    let found = web.app.store.read().await?.article_by_public_id(id.as_str()).await?;
    found.ok_or(WebError::NotFound)
}

/// What stands in the place of an article that was taken back: that it was, when and why, and none of its words.
async fn retracted(web: &super::Web, article: &Article) -> Result<Response, WebError> {
    let note = web.app.store.read().await?.retraction_note(article.id).await?;
    let when = article.retracted_at.map(|at| Stamp::utc(at).shown).unwrap_or_default();
    let why = note.filter(|note| !note.is_empty());
    let page = ErrorPage {
        site: web.site(),
        status: StatusCode::GONE.as_u16(),
        title: "Retracted".into(),
        happened: format!("{} was retracted on {when}.", article.public_id),
        next: why.map_or_else(
            || "No reason was given.".into(),
            |why| format!("The reason given: {why}"),
        ),
    };
    Ok((StatusCode::GONE, Html(page.render()?)).into_response())
}

/// The article's text; if pages show no pictures, it has none either: each would tell its server who reads.
fn body(web: &super::Web, article: &Article) -> String {
    if web.app.config.digest.images {
        article.content_html.clone()
    } else {
        without_pictures(&article.content_html)
    }
}

/// The article's picture, if the settings let pages show any.
fn picture(web: &super::Web, article: &Article) -> Option<Picture> {
    let url = article.image_url.clone().filter(|_| web.app.config.digest.images)?;
    Some(Picture {
        url,
        alt: article.image_alt.clone(),
        size: article.image_width.zip(article.image_height),
    })
}

fn time(article: &Article) -> Stamp {
    Stamp::utc(article.published_at.unwrap_or(article.arrived_at))
}

/// Whether a body begins with the same words as the lede, which would then be read twice.
fn begins_with(html: &str, lede: &str) -> bool {
    let fold = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).take(60).collect() };
    fold(&crate::domain::html::clean_line(html)) == fold(lede)
}
