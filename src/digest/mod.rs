//! The digest: articles that wait, as stories, ranked, rendered and frozen into an issue.

pub mod ranking;
pub mod render;
pub mod stories;

mod entry;
mod fit;
mod view;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::app::App;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::slug::slugify;
use crate::domain::states::IssueState;
use crate::store::articles::Article;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};
use render::{DigestView, RenderError, SourceView, StoryView, UNSUBSCRIBE_PLACEHOLDER};
use stories::Story;

/// Why an issue could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The digest could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// What compiling came to.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// An issue.
    Issue(Box<Draft>),
    /// Nothing to send, for this reason.
    Nothing(String),
}

/// A compiled issue and what became of each article that waited.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The issue, in state `draft`.
    pub issue: Issue,
    /// Every article that waited, those in the issue first.
    pub decisions: Vec<Decision>,
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
    /// Its place from 1; none: left out.
    pub position: Option<i64>,
    /// The rule that decided.
    pub reason: String,
}

/// Compiles the articles that arrived before `window_to` and are in no issue yet, and stores nothing.
///
/// The window is half-open and has no gap: an article whose arrival was committed late still waits, and is in the next.
///
/// # Errors
/// [`CompileError`].
pub async fn compile(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Compiled, CompileError> {
    let latest = tx.latest_issue(newsletter.id).await?;
    let (number, window_from) = latest.map_or((1, newsletter.created_at), |(number, to)| (number + 1, to));
    let waiting = tx.waiting_articles(newsletter.id, window_to).await?;
    let (retracted, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|a| a.retracted_at.is_some());
    let mut decisions = Vec::new();
    let ranked = ranking::rank(stories::group(waiting));
    let max = usize::try_from(newsletter.max_stories).unwrap_or(usize::MAX);
    let (chosen, beyond) = ranked.split_at(ranked.len().min(max));
    if chosen.is_empty() {
        let since = window_from.format("%Y-%m-%d %H:%M UTC");
        let mut reason = format!("no new article has arrived since {since}");
        for (draft, articles) in tx.drafts(newsletter.id).await? {
            reason = format!(
                "{reason}; {articles} of those that had wait in the unsent issue {draft}: send it, or cancel it to free them"
            );
        }
        return Ok(Compiled::Nothing(reason));
    }
    for (story, position) in chosen.iter().zip(1..) {
        decide(
            &mut decisions,
            story,
            Some(position),
            "among the first: more sources come first, then the newest",
        );
    }
    for story in beyond {
        let reason = format!("beyond the {max} stories of an issue (max_stories)");
        decide(&mut decisions, story, None, &reason);
    }
    for article in &retracted {
        decisions.push(decision(article, None, "retracted"));
    }

    let view = view(app, newsletter, number, window_to, chosen);
    let rendered = render::render(&view)?;
    let now = app.clock.now();
    let issue = Issue {
        id: IssueId(app.chance.uuid(now)),
        newsletter_id: newsletter.id,
        number,
        state: IssueState::Draft,
        reason: None,
        subject: subject(newsletter, chosen),
        html: rendered.html,
        text: rendered.text,
        sender: newsletter
            .sender
            .clone()
            .unwrap_or_else(|| app.config.mail.from.to_string()),
        window_from,
        window_to,
        due_at,
        created_at: now,
        started_at: None,
        finished_at: None,
        reopened_at: None,
        recipients: None,
    };
    Ok(Compiled::Issue(Box::new(Draft { issue, decisions })))
}

/// Compiles, and freezes the result as a draft: its articles are in no other issue from here on.
///
/// # Errors
/// [`CompileError`].
pub async fn build(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    window_to: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
) -> Result<Compiled, CompileError> {
    // Two nodes that compile at once would take the same number: the second waits here for the first.
    tx.lock_newsletter(newsletter.id).await?;
    let compiled = compile(tx, app, newsletter, window_to, due_at).await?;
    if let Compiled::Issue(draft) = &compiled {
        tx.add_issue(&draft.issue).await?;
        for decision in &draft.decisions {
            let reason = Some(decision.reason.as_str());
            tx.place_article(
                newsletter.id,
                decision.article,
                draft.issue.id,
                decision.position,
                reason,
            )
            .await?;
        }
    }
    Ok(compiled)
}

fn decide(decisions: &mut Vec<Decision>, story: &Story, position: Option<i64>, reason: &str) {
    for article in &story.articles {
        decisions.push(decision(article, position, reason));
    }
}

fn decision(article: &Article, position: Option<i64>, reason: &str) -> Decision {
    Decision {
        article: article.id,
        id: article.public_id.clone(),
        title: article.title.clone(),
        position,
        reason: reason.to_owned(),
    }
}

/// The newsletter's name and the first story's headline, on one line that a list of mails can show.
fn subject(newsletter: &Newsletter, chosen: &[Story]) -> String {
    const LONGEST: usize = 120;
    let lead = chosen.first().map_or("", |story| story.lead().title.as_str());
    let subject = format!("{}: {lead}", newsletter.name);
    if subject.chars().count() <= LONGEST {
        return subject;
    }
    let cut: String = subject.chars().take(LONGEST - 1).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", cut.trim_end_matches([',', ';', ':', '-', ' ']))
}

fn view(app: &App, newsletter: &Newsletter, number: i64, at: DateTime<Utc>, chosen: &[Story]) -> DigestView {
    let zone: Tz = newsletter.timezone.parse().unwrap_or(Tz::UTC);
    let stories = chosen.iter().map(|story| {
        let lead = story.lead();
        StoryView {
            public_id: lead.public_id.clone(),
            category: lead.category.clone(),
            title: lead.title.clone(),
            url: lead.url.clone().unwrap_or_else(|| app.link(&article_path(lead))),
            lede: lead.summary.clone(),
            sources: story
                .sources()
                .into_iter()
                .map(|name| SourceView {
                    name,
                    url: None,
                    title: String::new(),
                })
                .collect(),
            note: None,
            topic: None,
            image: None,
        }
    });
    DigestView {
        language: "en".to_owned(),
        site_name: app.config.site.name.clone(),
        site_url: app.link("/"),
        newsletter_name: newsletter.name.clone(),
        issue_number: number,
        date_line: at.with_timezone(&zone).format("%A %-d %B %Y").to_string(),
        intro: None,
        stories: stories.collect(),
        by_topic: false,
        corrections: Vec::new(),
        unsubscribe_url: UNSUBSCRIBE_PLACEHOLDER.to_owned(),
        postal_address: app.config.site.postal_address.clone(),
    }
}

/// The path of an article's page on this site.
#[must_use]
pub fn article_path(article: &Article) -> String {
    format!("/articles/{}/{}", article.public_id, slugify(&article.title))
}
