//! The digest: articles that wait, as stories, ranked, rendered and frozen into an issue.

pub mod archive;
pub mod build;
pub mod compile;
pub mod drafts;
pub mod editions;
pub(crate) mod front;
pub mod inputs;
pub mod ranking;
pub mod render;
pub mod revision;
pub mod rules;
pub mod selection;
pub mod stories;
pub mod subject;
pub mod topics;
pub mod view;

mod caps;
mod entry;
mod fit;
mod left_out;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::app::App;
use crate::domain::ids::{ArticleId, CorrectionId, IssueId};
use crate::domain::slug::slugify;
use crate::domain::time::time_delta;
use crate::notices::NoticeError;
use crate::store::arrivals::Placement;
use crate::store::articles::{Article, ArticleHead};
use crate::store::corrections::Correction;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};
use compile::Compilation;
use inputs::{Candidate, Edits, Inputs, Site, Stored, Told};
use ranking::Terms;
use render::RenderError;
use rules::Rules;
use selection::Story;
use view::{CorrectionView, ImageView};

/// How often work is tried outside a transaction. Each attempt fails if its snapshot changes meanwhile. After that the work is
/// done once inside the transaction, where the snapshot cannot change.
pub(crate) const MAX_ATTEMPTS: usize = 4;

/// At most this many times `digest.max_candidates` waiting articles are looked at, however many of them the rules exclude.
const MAX_PAGES: usize = 10;

/// Why an issue could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The digest could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The notice to the operators could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// What is stored cannot be read.
    #[error("what is stored with {0} cannot be read: {1}; apply the newsletter's file again, or cancel the issue")]
    Stored(String, serde_json::Error),
    /// Another issue already has an article of the draft.
    #[error("issue {0} would have an article that a later issue has taken; cancel one of the two first")]
    Taken(String),
    /// A draft was changed concurrently, or must first be compiled outside the transaction: see [`revision::Revisions`].
    #[error("the draft was changed while it was compiled; run the command again")]
    Outdated,
}

/// What compiling came to.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// An issue.
    Issue(Box<Draft>),
    /// There is nothing to send.
    Nothing(NothingToSend),
}

/// Why there is no issue, and what became of each article that waited.
#[derive(Clone, Debug)]
pub struct NothingToSend {
    /// For the operator, with what to do next.
    pub reason: String,
    /// Every article that was considered, with the rule that decided. A position is that in an issue without `min_stories`.
    pub decisions: Vec<Decision>,
}

/// A compiled issue and what became of each article that waited.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The issue, in state `draft`.
    pub issue: Issue,
    /// What it was compiled from.
    pub inputs: Inputs,
    /// Every article that it was compiled from, those in the issue first.
    pub decisions: Vec<Decision>,
    /// What it corrects in earlier issues.
    pub corrections: Vec<CorrectionId>,
    /// The articles that waited and that it was not compiled from, each with the reason.
    pub beyond_candidates: Vec<(ArticleId, Arc<str>)>,
}

/// One article, in or out.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Decision {
    /// Its id.
    #[serde(skip)]
    pub article: ArticleId,
    /// The id that readers see.
    pub id: String,
    /// Its headline.
    pub title: String,
    /// Number of its story, from 1: those in the issue first. The first article of a story leads it.
    pub story: i64,
    /// 1-based position of its story in the issue; `None` if it was left out.
    pub position: Option<i64>,
    /// The rule that decided.
    pub reason: String,
    /// Its story's score.
    pub score: f64,
    /// The terms that the score is the sum of.
    pub terms: Terms,
    /// The heading that its story stands under.
    #[serde(skip)]
    pub heading: Option<String>,
}

/// The rules of a newsletter.
///
/// # Errors
/// [`CompileError::Stored`].
pub fn rules_of(newsletter: &Newsletter) -> Result<Rules, CompileError> {
    serde_json::from_str(&newsletter.rules)
        .map_err(|error| CompileError::Stored(format!("the newsletter {}", newsletter.slug), error))
}

/// Everything that the next issue of a newsletter is compiled from, and the other articles that wait for it, with the reason why it is
/// not compiled from them.
async fn gather(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    number: i64,
    window_to: DateTime<Utc>,
    at: DateTime<Utc>,
    listed: &[Correction],
) -> Result<(Inputs, Vec<(ArticleId, Arc<str>)>), CompileError> {
    let rules = rules_of(newsletter)?;
    let (candidates, beyond) = candidates(tx, app, newsletter, &rules, window_to).await?;
    let told = tx
        .articles_in_issues_since(newsletter.id, at - time_delta(rules.ranking.memory))
        .await?;
    let inputs = Inputs {
        site: Site {
            voice: app.config.site.voice,
            name: app.config.site.name.clone(),
            url: app.link("/"),
            postal_address: app.config.site.postal_address.clone(),
        },
        newsletter: newsletter.name.clone(),
        timezone: newsletter.timezone,
        rules,
        number,
        at,
        candidates,
        told: told
            .into_iter()
            .map(|(issue, article)| told_of(app, issue, article))
            .collect(),
        corrections: listed.iter().cloned().map(|listed| correction(app, listed)).collect(),
        corrections_only: false,
        edits: Edits::default(),
        topics: Vec::new(),
        recap: None,
        page: (newsletter.archive && newsletter.public).then(|| app.link(&archive::path(&newsletter.slug, number))),
    };
    Ok((inputs, beyond))
}

/// The articles that an issue is compiled from, in the order of arrival, and the others that wait, with the reason why it is not
/// compiled from them.
///
/// The newest `digest.max_candidates` are candidates, also those that the rules exclude, so that a preview shows why. Older ones
/// take the places of these: otherwise a feed whose articles are all excluded would keep other feeds' articles out.
async fn candidates(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    rules: &Rules,
    window_to: DateTime<Utc>,
) -> Result<(Vec<Candidate>, Vec<(ArticleId, Arc<str>)>), CompileError> {
    let rated: HashMap<ArticleId, (bool, i64)> = tx.rated_articles(newsletter.id).await?;
    let max = app.config.digest.max_candidates;
    let limit = i64::try_from(max).unwrap_or(i64::MAX);
    let too_many: Arc<str> =
        format!("beyond the {max} newest articles that an issue is compiled from (digest.max_candidates)").into();
    let (mut chosen, mut beyond): (Vec<Candidate>, Vec<(ArticleId, Arc<str>)>) = (Vec::new(), Vec::new());
    let (mut let_in, mut offset) = (0, 0);
    for page in 0..MAX_PAGES {
        let waiting = tx.waiting_articles(newsletter.id, window_to, limit, offset).await?;
        offset = offset.saturating_add(limit);
        let is_last = waiting.len() < max;
        let mut of_page = Vec::new();
        // The newest first.
        for article in waiting.into_iter().rev() {
            let (pinned, percent) = rated.get(&article.id).copied().unwrap_or((false, 100));
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let weight = percent as f64 / 100.0;
            let candidate = candidate(app, article, pinned, weight);
            match selection::exclusion(rules, &candidate) {
                None if let_in == max => beyond.push((candidate.id, Arc::clone(&too_many))),
                Some(reason) if page > 0 => beyond.push((candidate.id, reason.into())),
                exclusion => {
                    let_in += usize::from(exclusion.is_none());
                    of_page.push(candidate);
                }
            }
        }
        of_page.reverse();
        chosen.splice(0..0, of_page);
        if is_last || let_in == max {
            break;
        }
    }
    let rest = tx.waiting_article_ids_from(newsletter.id, window_to, offset).await?;
    beyond.extend(rest.into_iter().map(|article| (article, Arc::clone(&too_many))));
    Ok((chosen, beyond))
}

fn candidate(app: &App, article: ArticleHead, pinned: bool, weight: f64) -> Candidate {
    Candidate {
        image: image(app, &article),
        source_name: source_name(app, &article),
        url: link(app, &article),
        own: article.is_own(),
        closeness: article.closeness,
        feed: article.feed_id,
        id: article.id,
        public_id: article.public_id,
        title: article.title,
        summary: article.summary,
        category: article.category.filter(|category| !category.is_empty()),
        language: article.language,
        published_at: article.published_at,
        arrived_at: article.arrived_at,
        retracted: article.retracted_at.is_some(),
        pinned,
        weight,
    }
}

fn told_of(app: &App, issue: i64, article: ArticleHead) -> Told {
    Told {
        url: link(app, &article),
        feed: article.feed_id,
        public_id: article.public_id,
        title: article.title,
        summary: article.summary,
        language: article.language,
        issue,
    }
}

/// Where its headline leads: to its address, or to its page on the site.
fn link(app: &App, article: &ArticleHead) -> String {
    let page = || app.link(&page_path(&article.public_id, &article.title));
    article.url.clone().unwrap_or_else(page)
}

/// The publisher: the name in the article, else the host of its address.
pub(crate) fn source_name(app: &App, article: &ArticleHead) -> String {
    if !article.source_name.is_empty() {
        return article.source_name.clone();
    }
    let Some(url) = &article.url else {
        return app.config.site.name.clone();
    };
    let host = Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

/// Its picture, if the settings let digests show some and its size is known, without which mail programs cannot keep its place.
fn image(app: &App, article: &ArticleHead) -> Option<ImageView> {
    let size = |pixels: Option<i64>| {
        pixels
            .and_then(|pixels| u32::try_from(pixels).ok())
            .filter(|pixels| *pixels > 0)
    };
    let url = article.image_url.as_ref().filter(|_| app.config.digest.images)?;
    Some(ImageView {
        url: url.clone(),
        alt: article.image_alt.clone(),
        width: size(article.image_width)?,
        height: size(article.image_height)?,
    })
}

fn correction(app: &App, correction: Correction) -> CorrectionView {
    CorrectionView {
        url: Some(app.link(&page_path(&correction.public_id, &correction.title))),
        title: correction.title,
        note: correction.note,
        kind: correction.kind,
    }
}

/// What became of each article, story by story.
#[must_use]
pub fn decisions(compilation: &Compilation<'_>) -> Vec<Decision> {
    let of = |(story, number): (&Story<'_>, i64)| -> Vec<Decision> {
        let decision = |report: &&Candidate| Decision {
            article: report.id,
            id: report.public_id.clone(),
            title: report.title.clone(),
            story: number,
            position: story.position.and_then(|position| i64::try_from(position).ok()),
            reason: story.reason.clone(),
            score: story.terms.score(),
            terms: story.terms,
            heading: story.heading.clone(),
        };
        story.reports.iter().map(decision).collect()
    };
    compilation.stories.iter().zip(1..).flat_map(of).collect()
}

/// The rows of the stories that decisions are about.
fn story_rows(issue: IssueId, decisions: &[Decision]) -> Vec<IssueStory> {
    let mut rows: Vec<IssueStory> = Vec::new();
    for decision in decisions {
        if let Some(row) = rows.last_mut().filter(|row| row.story == decision.story) {
            row.reports.push('\n');
            row.reports.push_str(&decision.id);
            continue;
        }
        rows.push(IssueStory {
            issue_id: issue,
            story: decision.story,
            position: decision.position,
            lead_article_id: decision.article,
            reports: decision.id.clone(),
            heading: decision.heading.clone(),
            terms: serde_json::to_string(&decision.terms).unwrap_or_default(),
            reason: decision.reason.clone(),
        });
    }
    rows
}

/// The place of each article.
fn placements(decisions: &[Decision]) -> Vec<Placement<'_>> {
    fn of(decision: &Decision) -> Placement<'_> {
        Placement {
            article: decision.article,
            story: Some(decision.story),
            position: decision.position,
            reason: &decision.reason,
        }
    }
    decisions.iter().map(of).collect()
}

/// The stored form of an issue's inputs.
fn freeze(issue: IssueId, inputs: &Stored<'_>) -> Result<String, CompileError> {
    serde_json::to_string(inputs).map_err(|error| CompileError::Stored(format!("issue {issue}"), error))
}

/// The inputs of an issue or edition; `None` if they are not stored.
async fn stored_inputs(tx: &mut Tx, issue: IssueId) -> Result<Option<Inputs>, CompileError> {
    let (mut id, mut difference) = (issue, None);
    while let Some(frozen) = tx.issue_inputs(id).await? {
        let stored = serde_json::from_str(&frozen);
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                return Err(CompileError::Stored(
                    format!("issue {}", tx.issue_name(id).await?),
                    error,
                ));
            }
        };
        match stored {
            Stored::Whole(inputs) => {
                let mut inputs = inputs.into_owned();
                if let Some((topics, recap)) = difference {
                    (inputs.topics, inputs.recap) = (topics, recap);
                }
                return Ok(Some(inputs));
            }
            Stored::Like { base, topics, recap } => {
                difference = difference.or(Some((topics, recap)));
                id = base;
            }
        }
    }
    Ok(None)
}

/// The path of an article's page on this site.
#[must_use]
pub fn article_path(article: &Article) -> String {
    page_path(&article.public_id, &article.title)
}

/// The path of the page of the article with this id and headline.
pub(crate) fn page_path(public_id: &str, title: &str) -> String {
    format!("/articles/{public_id}/{}", slugify(title))
}
