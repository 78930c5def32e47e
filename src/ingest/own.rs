//! Articles of the newsroom's own, from Markdown files: a file that is added again edits its article.

use std::collections::BTreeSet;

use super::edit::{Change, change, lock};
use super::identity::{Key, keys};
use super::{Origin, add, content};
use crate::app::App;
use crate::digest::CompileError;
use crate::domain::html::{excerpt, plain_line, strip};
use crate::domain::ids::NewsletterId;
use crate::domain::language;
use crate::domain::markdown::{Manuscript, to_html};
use crate::feeds::image::Image;
use crate::feeds::parse::{Entry, MAX_SUMMARY};
use crate::store::articles::Article;
use crate::store::{StoreError, Tx};

/// Within what the ids of own articles mean something.
const SCOPE: &str = "own";

/// Why a file was not added.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A draft that has the article could not be compiled again.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// Its article was taken back.
    #[error("{0} was retracted and stays so; give the file another `id` to publish it as a new article")]
    Retracted(String),
    /// The file's name is that of an article about something else.
    #[error(
        "a file of this name was added before as {public_id}, \"{title}\", and headline and text are both different now. \
         If it is the same article, write `id: {key}` into the front matter; if it is another, give it an id of its own"
    )]
    Another {
        /// The article of that name.
        public_id: String,
        /// Its headline.
        title: String,
        /// The file's name without its ending.
        key: String,
    },
}

/// Characters of a lede that is taken from the text.
const LEDE: usize = 500;

/// What adding a file came to.
#[derive(Clone, Debug)]
pub struct Added {
    /// The article as it is now.
    pub article: Article,
    /// Whether it was not there before.
    pub is_new: bool,
    /// What the file changed in one that was there.
    pub change: Change,
}

/// Stores an article from a file, or changes the one that it was stored as. It is known again by the `id` in its front
/// matter, else by `file_name` without its ending.
///
/// # Errors
/// [`OwnError`].
pub async fn add_manuscript(
    app: &App,
    manuscript: &Manuscript,
    file_name: &str,
    newsletters: &[NewsletterId],
    note: &str,
) -> Result<Added, OwnError> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let key = manuscript.id.as_deref().unwrap_or(stem);
    let entry = entry(app, manuscript, key);
    let origin = Origin {
        feed: None,
        scope: SCOPE.into(),
        source_name: plain_line(manuscript.source.as_deref().unwrap_or(&app.config.site.name)),
        newsletters: newsletters.to_vec(),
    };
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let mut locked = newsletters.to_vec();
    // Always in the same order, so that nobody waits for one who waits for us.
    locked.sort_unstable();
    for newsletter in locked {
        tx.lock_newsletter(newsletter).await?;
    }
    let keys = keys(&origin.scope, &entry, &BTreeSet::new());
    let known = known(&mut tx, &keys).await?;
    let is_new = known.is_none();
    let (article, change) = if let Some(before) = known {
        if before.retracted_at.is_some() {
            return Err(OwnError::Retracted(before.public_id));
        }
        let after = Article {
            id: before.id,
            public_id: before.public_id.clone(),
            feed_id: before.feed_id,
            arrived_at: before.arrived_at,
            edited_at: before.edited_at,
            ..content(before.id, &origin, &entry, now)
        };
        let differs = before.title != after.title && before.content_html != after.content_html;
        if manuscript.id.is_none() && differs {
            return Err(OwnError::Another {
                public_id: before.public_id,
                title: before.title,
                key: key.to_owned(),
            });
        }
        let change = change(&mut tx, app, &before, &after, note).await?;
        (after, change)
    } else {
        (add(&mut tx, app, &origin, &entry, now).await?, Change::default())
    };
    for key in &keys {
        tx.add_article_key(&key.hash, article.id).await?;
    }
    for newsletter in newsletters {
        tx.arrive(*newsletter, article.id, None, now).await?;
    }
    tx.commit().await?;
    Ok(Added {
        article,
        is_new,
        change,
    })
}

/// A change to an article; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The headline.
    pub title: Option<String>,
    /// The lede, plain text.
    pub summary: Option<String>,
    /// The text, as Markdown.
    pub text: Option<String>,
    /// Who wrote it.
    pub authors: Option<Vec<String>>,
    /// Its category; empty: none.
    pub category: Option<String>,
    /// The tag of its language, as [`language::tag`] gives it.
    pub language: Option<String>,
}

/// Changes an article, whether it is the newsroom's own or came from a feed.
///
/// # Errors
/// [`OwnError`].
pub async fn edit(app: &App, article: &Article, edit: &Edit, note: &str) -> Result<Change, OwnError> {
    let mut tx = app.store.write().await?;
    lock(&mut tx, article.id).await?;
    // Somebody else may have changed it meanwhile.
    let before = tx.article(article.id).await?.unwrap_or_else(|| article.clone());
    if before.retracted_at.is_some() {
        return Err(OwnError::Retracted(before.public_id));
    }
    let mut after = before.clone();
    let line = |text: &String| plain_line(&text.replace('\0', ""));
    if let Some(title) = edit.title.as_ref().map(line).filter(|title| !title.is_empty()) {
        after.title = title;
    }
    if let Some(text) = &edit.text {
        after.content_html = to_html(text, Some(app.config.site.url.as_url()));
        // A lede that was the text's beginning stays that.
        if before.summary == lede(&before.content_html) {
            after.summary = lede(&after.content_html);
        }
    }
    if let Some(summary) = &edit.summary {
        after.summary = excerpt(&line(summary), MAX_SUMMARY);
    }
    if let Some(authors) = &edit.authors {
        after.authors = names(authors);
    }
    if let Some(category) = &edit.category {
        after.category = Some(line(category)).filter(|category| !category.is_empty());
    }
    if let Some(language) = &edit.language {
        after.language = Some(language.clone());
    }
    let change = change(&mut tx, app, &before, &after, note).await?;
    tx.commit().await?;
    Ok(change)
}

/// The article that has one of the keys, the most telling first. Unlike a feed's guid, an id that a newsroom gives is one
/// article's whatever becomes of its text.
async fn known(tx: &mut Tx, keys: &[Key]) -> Result<Option<Article>, StoreError> {
    for key in keys {
        if let Some(known) = tx.article_by_key(&key.hash).await? {
            lock(tx, known.id).await?;
            return tx.article(known.id).await;
        }
    }
    Ok(None)
}

fn entry(app: &App, manuscript: &Manuscript, key: &str) -> Entry {
    let content_html = to_html(&manuscript.text, Some(app.config.site.url.as_url()));
    let summary = manuscript.summary.as_deref().map(|text| excerpt(text, MAX_SUMMARY));
    let language = manuscript.language.clone();
    let image = manuscript
        .image
        .as_deref()
        .and_then(|address| Image::new(address, None));
    Entry {
        id: Some(key.to_owned()),
        title: manuscript.title.clone(),
        own_title: manuscript.title.clone(),
        url: None,
        own_link: None,
        published: manuscript.date,
        summary: summary.unwrap_or_else(|| lede(&content_html)),
        authors: manuscript.authors.clone(),
        category: manuscript.category.clone(),
        language: language.or_else(|| {
            let text = format!("{}. {}", manuscript.title, strip(&content_html));
            language::detect(&text).map(str::to_owned)
        }),
        image: image.map(|image| Image {
            alt: manuscript.image_alt.clone().unwrap_or_default(),
            ..image
        }),
        content_html,
    }
}

/// What stands for the summary of an article that has none: the beginning of its text.
fn lede(content_html: &str) -> String {
    excerpt(&strip(content_html), LEDE)
}

/// Names as an article keeps them.
fn names(names: &[String]) -> String {
    let lines = names
        .iter()
        .map(|name| plain_line(name))
        .filter(|name| !name.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
