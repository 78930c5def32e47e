//! Stores the posts of an export as editorial articles of this site.

use std::path::Path;

use serde::Serialize;
use tokio::sync::mpsc;

use super::error::PastPostsError;
use super::export::{ExportFormat, read};
use super::post::{Post, Visibility};
use crate::app::App;
use crate::domain::article_input::{ArticleInput, Body, MAX_AUTHORS, language_of};
use crate::domain::ids::NewsletterId;
use crate::domain::old_path::normal_path;
use crate::feeds::date;
use crate::ingest::change::ChangeError;
use crate::ingest::editorial::{Submission, Submitted, submit};
use crate::text::plain::plain_line;

/// Posts that are read ahead while one is stored. Each can have some megabytes.
const READ_AHEAD: usize = 4;
/// At most this many posts that are not imported are kept for the report; further ones are only counted.
const MAX_REPORTED: usize = 10_000;

/// Which posts are imported, and where they arrive.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The newsletters whose pages list them. No issue contains them.
    pub newsletters: Vec<NewsletterId>,
    /// Whether posts that only members could read are published too.
    pub with_members_only: bool,
    /// Whether to report what would happen and write nothing.
    pub dry_run: bool,
}

/// The result of an import; after a dry run, the result that the import would have.
#[derive(Debug, Serialize)]
pub struct ImportReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The system that made the export.
    pub system: &'static str,
    /// The number of posts in the export.
    pub posts: usize,
    /// New articles. In a dry run, posts that are already here count too.
    pub new: usize,
    /// Articles that were here and have changed.
    pub changed: usize,
    /// Articles that were here as they are.
    pub known: usize,
    /// New redirects of old addresses.
    pub redirects: usize,
    /// Posts that are not public, or are no posts.
    pub left_out: usize,
    /// Posts that cannot be used.
    pub refused: usize,
    /// Each post that was left out or refused, the first ones.
    pub not_imported: Vec<ReportedPost>,
}

/// A post that was not imported.
#[derive(Debug, Serialize)]
pub struct ReportedPost {
    /// Where it is in the export.
    pub place: String,
    /// Its title; empty if it could not be read.
    pub title: String,
    /// Why it was not imported.
    pub reason: String,
}

/// Imports the posts of an export. An article of an earlier import of the same post is changed if the post has changed.
///
/// # Errors
/// [`PastPostsError`]. What was stored before stays, and importing the export again adds the rest.
pub async fn import(
    app: &App,
    path: &Path,
    format: ExportFormat,
    options: &ImportOptions,
) -> Result<ImportReport, PastPostsError> {
    let mut report = ImportReport {
        dry_run: options.dry_run,
        system: format.name(),
        posts: 0,
        new: 0,
        changed: 0,
        known: 0,
        redirects: 0,
        left_out: 0,
        refused: 0,
        not_imported: Vec::new(),
    };
    let (sender, mut posts) = mpsc::channel(READ_AHEAD);
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || read(&path, format, &sender));
    while let Some(post) = posts.recv().await {
        report.posts += 1;
        match post {
            Err((place, reason)) => report.refuse(place, String::new(), reason),
            Ok(post) => import_post(app, post, options, &mut report).await?,
        }
    }
    match reading.await {
        Ok(read) => read?,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
    Ok(report)
}

impl ImportReport {
    fn refuse(&mut self, place: String, title: String, reason: String) {
        self.refused += 1;
        self.report(place, title, reason);
    }

    fn report(&mut self, place: String, title: String, reason: String) {
        if self.not_imported.len() < MAX_REPORTED {
            self.not_imported.push(ReportedPost { place, title, reason });
        }
    }
}

async fn import_post(
    app: &App,
    post: Post,
    options: &ImportOptions,
    report: &mut ImportReport,
) -> Result<(), PastPostsError> {
    let title = plain_line(&post.title);
    let left_out = match &post.visibility {
        Visibility::Public => None,
        Visibility::Members(_) if options.with_members_only => None,
        Visibility::Members(readers) => Some(format!(
            "only for {readers} at the other system; --with-members-only publishes such posts for everybody"
        )),
        Visibility::Unpublished(state) => Some(format!("not published at the other system ({state})")),
        Visibility::NoPost(kind) => Some(format!("a {kind} and no post")),
    };
    if let Some(reason) = left_out {
        report.left_out += 1;
        report.report(post.place, title, reason);
        return Ok(());
    }
    let (place, old_paths) = (post.place.clone(), post.old_paths.clone());
    let input = match article_input(post, title.clone()) {
        Ok(input) => input,
        Err(reason) => {
            report.refuse(place, title, reason);
            return Ok(());
        }
    };
    let paths: Vec<_> = old_paths.iter().filter_map(|path| normal_path(path)).collect();
    if options.dry_run {
        report.new += 1;
        report.redirects += paths.len();
        return Ok(());
    }
    let submission = Submission {
        input,
        newsletters: options.newsletters.clone(),
        back_catalogue: Some("imported from an earlier site".to_owned()),
        ..Submission::default()
    };
    let submitted = match Box::pin(submit(app, &submission)).await {
        Ok(submitted) => submitted,
        Err(ChangeError::Retracted(id)) => {
            report.left_out += 1;
            report.report(place, title, format!("{id}, which it became, is retracted here"));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    report.redirects += add_redirects(app, &submitted, &paths).await?;
    if submitted.is_new {
        report.new += 1;
    } else if submitted.change.fields.is_empty() {
        report.known += 1;
    } else {
        report.changed += 1;
    }
    Ok(())
}

async fn add_redirects(app: &App, submitted: &Submitted, paths: &[String]) -> Result<usize, PastPostsError> {
    let mut added = 0;
    let mut tx = app.store.write().await?;
    for path in paths {
        added += usize::from(tx.add_redirect(path, submitted.article.id, app.clock.now()).await?);
    }
    tx.commit().await?;
    Ok(added)
}

/// The article that a post becomes, or why it cannot be one.
fn article_input(post: Post, title: String) -> Result<ArticleInput, String> {
    if title.is_empty() {
        return Err("it has no title".to_owned());
    }
    let body = Body::Html(post.html);
    body.check()
        .map_err(|error| error.detail.replace("`content_html`", "its text"))?;
    let line = |text: Option<String>| text.map(|text| plain_line(&text)).filter(|text| !text.is_empty());
    Ok(ArticleInput {
        id: Some(post.id),
        title,
        url: None,
        published: post.published.and_then(date::in_range),
        authors: post
            .authors
            .into_iter()
            .filter_map(|name| line(Some(name)))
            .take(MAX_AUTHORS)
            .collect(),
        category: line(post.category),
        language: post.language.and_then(|tag| language_of(&tag).ok()),
        summary: line(post.summary),
        source: None,
        image: post.image.filter(|image| image.starts_with("https://")),
        image_alt: line(post.image_alt),
        body,
    })
}
