//! The page with the form of an article.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

use super::super::console::Console;
use super::super::field_texts::Problem;
use super::conflict::Conflict;
use super::form::ArticleForm;
use crate::store::articles::Article;
use crate::text::html::SanitizedHtml;
use crate::text::language::direction;
use crate::web::error::{WebError, page as render};

#[derive(Debug, Template)]
#[template(path = "admin/article_form.html")]
pub(super) struct FormPage {
    console: Console,
    /// The address of the form.
    action: String,
    /// The article that is changed: its id and its headline. `None` for a new one.
    article: Option<(String, String)>,
    form: ArticleForm,
    /// What the form carries of the content that it shows; see [`ArticleForm::seen`].
    seen: String,
    /// When it was loaded, in seconds since 1970.
    loaded: i64,
    /// Slug and name of each newsletter.
    newsletters: Vec<(String, String)>,
    problems: Vec<Problem>,
    conflict: Option<Conflict>,
    /// The preview, as the document of a frame.
    preview: Option<String>,
}

impl FormPage {
    /// The form of a new article.
    pub(super) fn new_article(
        console: Console,
        form: ArticleForm,
        newsletters: Vec<(String, String)>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            console,
            action: "/admin/articles".to_owned(),
            article: None,
            seen: String::new(),
            form,
            loaded: now.timestamp(),
            newsletters,
            problems: Vec::new(),
            conflict: None,
            preview: None,
        }
    }

    /// The form of a stored article, whose content is `seen` now.
    pub(super) fn of_article(
        console: Console,
        article: &Article,
        form: ArticleForm,
        seen: String,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            action: format!("/admin/articles/{}/edit", article.public_id),
            article: Some((article.public_id.clone(), article.title.clone())),
            seen,
            ..Self::new_article(console, form, Vec::new(), now)
        }
    }

    pub(super) fn with_problems(self, problems: Vec<Problem>) -> Self {
        Self { problems, ..self }
    }

    pub(super) fn with_conflict(self, conflict: Conflict) -> Self {
        Self {
            conflict: Some(conflict),
            ..self
        }
    }

    pub(super) fn with_preview(self, preview: String) -> Self {
        Self {
            preview: Some(preview),
            ..self
        }
    }

    /// Keeps the values of the form that was posted.
    pub(super) fn loaded_at(self, loaded: i64) -> Self {
        Self { loaded, ..self }
    }

    pub(super) fn answer(self, status: StatusCode) -> Result<Response, WebError> {
        Ok((status, render(&self)?).into_response())
    }

    fn problem_at(&self, field: &str) -> Option<&str> {
        let found = self.problems.iter().find(|problem| problem.field == field);
        found.map(|problem| problem.text.as_str())
    }

    /// Whether a field of the further fields has something to show.
    fn opens_more(&self) -> bool {
        let form = &self.form;
        let further = ["url", "published", "source", "image", "image_alt"];
        let typed = [&form.url, &form.published, &form.source, &form.image, &form.image_alt];
        typed.iter().any(|text| !text.is_empty()) || further.iter().any(|field| self.problem_at(field).is_some())
    }

    /// The further fields of a new article: name, label, note and type.
    fn further(&self) -> [(&'static str, String, String, &'static str); 5] {
        let words = &self.console.words;
        [
            ("url", words.article_url(), words.article_url_note(), "url"),
            (
                "published",
                words.article_published(),
                words.article_published_note(),
                "datetime-local",
            ),
            ("source", words.article_source(), words.article_source_note(), "text"),
            ("image", words.article_image(), words.article_image_note(), "url"),
            (
                "image_alt",
                words.article_image_alt(),
                words.article_image_alt_note(),
                "text",
            ),
        ]
    }

    /// The value of a further field.
    fn value_of(&self, name: &str) -> &str {
        let form = &self.form;
        match name {
            "url" => &form.url,
            "published" => &form.published,
            "source" => &form.source,
            "image" => &form.image,
            _ => &form.image_alt,
        }
    }

    fn is_chosen(&self, newsletter: &str) -> bool {
        self.form.newsletters.iter().any(|slug| slug == newsletter)
    }
}

/// An article's text as a document for a frame. The frame's content cannot run scripts or change the page around it.
#[derive(Debug, Template)]
#[template(path = "admin/article_text.html")]
struct TextDocument<'a> {
    title: String,
    language: &'a str,
    direction: &'a str,
    html: &'a SanitizedHtml,
}

/// The document of a frame with an article's text.
pub(super) fn text_document(console: &Console, html: &SanitizedHtml, language: &str) -> Result<String, WebError> {
    let document = TextDocument {
        title: console.words.article_text(),
        language,
        direction: direction(language),
        html,
    };
    Ok(document.render()?)
}
