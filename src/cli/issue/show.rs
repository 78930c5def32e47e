//! `daywire issue show` and `issue list`.

use std::collections::HashMap;

use serde_json::json;

use crate::app::App;
use crate::cli::{Context, output, some_newsletter};
use crate::delivery::expected::ExpectedAudience;
use crate::delivery::{control, preflight, report};
use crate::digest::ranking::Terms;
use crate::digest::render::with_links;
use crate::digest::{CompileError, Decision, drafts, stored_terms};
use crate::domain::ids::IssueId;
use crate::domain::states::IssueState;
use crate::domain::time::due;
use crate::store::Tx;
use crate::store::editions::Edition;
use crate::store::issue_lists::issue_name;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::placements::IssueArticle;
use crate::text::plain::counted;

pub async fn list(context: &Context, app: &App, slug: Option<&str>) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let newsletter = match slug {
        Some(slug) => Some(some_newsletter(&mut tx, slug).await?.id),
        None => None,
    };
    let issues = tx.issues(newsletter, 100).await?;
    if context.json {
        let documents = issues.iter().map(|issue| {
            json!({
                "id": issue.id,
                "name": issue.name(),
                "newsletter": issue.newsletter_slug,
                "number": issue.number,
                "edition": issue.edition_name,
                "state": issue.state,
                "subject": issue.subject,
                "created_at": issue.created_at,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = issues.into_iter().map(|issue| {
        let name = match issue.edition_name.as_str() {
            "" => issue.name(),
            edition => format!("{} ({edition})", issue.name()),
        };
        vec![name, issue.state.to_string(), issue.subject, issue.id.to_string()]
    });
    let nothing = "no issue yet; `daywire issue build --newsletter SLUG` compiles one";
    output::table(&["issue", "state", "subject", "id"], rows.collect(), nothing)
}

fn story_document(story: &IssueStory) -> Result<serde_json::Value, CompileError> {
    let terms = stored_terms(story)?;
    Ok(json!({
        "story": story.story,
        "position": story.position,
        "reason": story.reason,
        "score": terms.score(),
        "terms": terms,
    }))
}

pub async fn show(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let issue = control::find(&mut tx, id).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let (mut articles, stories) = considered(&mut tx, app, &issue).await?;
    let editions = tx.editions_of(id).await?;
    // An editor's headlines are the issue's, not the articles'.
    let retitled = drafts::inputs(&mut tx, id).await?.edits.titles;
    let open = matches!(issue.state, IssueState::Draft | IssueState::Approved);
    let expected = if open {
        Some(ExpectedAudience::read(&mut tx, app, &newsletter, &issue).await?)
    } else {
        None
    };
    drop(tx);
    for article in &mut articles {
        if let Some(edited) = retitled.get(&article.public_id) {
            article.title.clone_from(edited);
        }
    }
    // Once it goes out, what preflight would say comes too late.
    let findings = open.then(|| preflight::check(app, &newsletter, &issue));
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    let deliveries = report::count(app, id).await?;
    let recipients: i64 = deliveries.values().sum();
    if context.json {
        let articles = articles.iter().map(article_json);
        let stories: Vec<_> = stories.iter().map(story_document).collect::<Result<_, _>>()?;
        return output::json(&json!({
            "id": issue.id,
            "name": name,
            "newsletter": newsletter.slug,
            "number": issue.number,
            "state": issue.state,
            "reason": issue.reason,
            "subject": issue.subject,
            "window": { "from": issue.window_from, "to": issue.window_to },
            "due_at": issue.due_at,
            "created_at": issue.created_at,
            "started_at": issue.started_at,
            "finished_at": issue.finished_at,
            "overdue": open && issue.due_at.is_some_and(|due| due <= app.clock.now()),
            "would_be_mailed": expected.map(|expected| expected.mailed),
            "expected": expected,
            "recipients": recipients,
            "deliveries": deliveries,
            "edition": issue.edition_name,
            "editions": editions,
            "groups_without_edition": issue.groups_without_edition,
            "stories": stories,
            "articles": articles.collect::<Vec<_>>(),
            "findings": findings,
        }));
    }
    let reason = issue.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let mut lines = vec![format!("{name}: {}{reason}", issue.state), issue.subject];
    if let Some(at) = issue.due_at.filter(|_| open) {
        lines.push(format!("due {}", due(at, newsletter.timezone, app.clock.now())));
    }
    lines.push(match expected {
        Some(expected) => would_be_mailed(&expected),
        None => recipients_of(
            recipients,
            editions.iter().filter_map(|edition| edition.recipients).sum(),
        ),
    });
    lines.push(format!("id {}", issue.id));
    output::text(&lines.join("\n"))?;
    editions_table(
        &name,
        editions,
        issue.groups_without_edition,
        app.config.digest.max_editions,
    )?;
    let terms = stories.iter().map(|row| Ok((Some(row.story), stored_terms(row)?)));
    let terms = terms.collect::<Result<HashMap<_, _>, CompileError>>()?;
    articles_table(articles.into_iter().map(|article| {
        let terms = terms.get(&article.story).copied();
        (article, terms)
    }))?;
    let rows = deliveries.into_iter().filter(|(_, count)| *count > 0);
    let rows = rows
        .map(|(state, count)| vec![state.to_string(), count.to_string()])
        .collect();
    output::table(
        &["delivery", "count"],
        rows,
        if open { "not sent yet" } else { "sent to nobody" },
    )?;
    findings.as_ref().map_or(Ok(()), output::findings)
}

/// The editions of an issue, and the number of groups of readers that get no edition because of `digest.max_editions`.
fn editions_table(issue: &str, editions: Vec<Edition>, without: i64, most: usize) -> anyhow::Result<()> {
    if !editions.is_empty() {
        let rows = editions.into_iter().map(|edition| {
            let recipients = edition.recipients.map(|count| count.to_string());
            vec![
                format!("{issue}/{}", edition.number),
                edition.edition,
                edition.state.to_string(),
                recipients.unwrap_or_default(),
            ]
        });
        output::table(&["edition", "of", "state", "recipients"], rows.collect(), "")?;
    }
    if without > 0 {
        output::text(&format!(
            "{} of readers would also get an edition of their own; they get the whole issue, because an issue has at most {} \
             (digest.max_editions)",
            counted(without, "more group", "more groups"),
            counted(most, "edition", "editions")
        ))?;
    }
    Ok(())
}

/// The articles and stories that were considered for an issue or edition.
async fn considered(tx: &mut Tx, app: &App, issue: &Issue) -> anyhow::Result<(Vec<IssueArticle>, Vec<IssueStory>)> {
    if issue.edition_of.is_none() {
        return Ok((tx.articles_of_issue(issue.id).await?, tx.issue_stories(issue.id).await?));
    }
    let (decisions, stories) = drafts::considered(app, issue.id).await?;
    let articles = decisions.into_iter().map(|decision| decided_article(decision).0);
    Ok((articles.collect(), stories))
}

fn article_json(article: &IssueArticle) -> serde_json::Value {
    json!({
        "id": article.public_id,
        "title": article.title,
        "story": article.story,
        "position": article.position,
        "reason": article.reason,
    })
}

/// The article that a decision is about, and the terms of its story's score.
pub fn decided_article(decision: Decision) -> (IssueArticle, Terms) {
    let article = IssueArticle {
        public_id: decision.id,
        title: decision.title,
        story: Some(decision.story),
        position: decision.position,
        reason: Some(decision.reason),
    };
    (article, decision.terms)
}

/// What is in, by places, and what is out: each story with the rule that decided and its terms.
pub fn articles_table(articles: impl Iterator<Item = (IssueArticle, Option<Terms>)>) -> anyhow::Result<()> {
    let mut last = None;
    let rows = articles.map(|(article, terms)| {
        let leads = std::mem::replace(&mut last, article.story) != article.story;
        let place = match article.position {
            _ if !leads => String::new(),
            Some(position) => position.to_string(),
            None => "out".into(),
        };
        let why = if leads {
            article.reason.unwrap_or_default()
        } else {
            "the same story".into()
        };
        let score = terms.filter(|_| leads).map(|terms| terms.to_string());
        vec![place, article.public_id, article.title, why, score.unwrap_or_default()]
    });
    output::table(&["place", "article", "title", "why", "score"], rows.collect(), "")
}

/// Prints one part of an issue's message, with `TOKEN` where the reader's own is.
pub async fn part(app: &App, id: IssueId, of: impl Fn(&Issue) -> &str) -> anyhow::Result<()> {
    let issue = control::find(&mut app.store.read().await?, id).await?;
    output::text(&with_links(of(&issue), &app.link(""), "TOKEN"))
}

/// How many readers would get an issue that is not sent yet, and why the others would not.
fn would_be_mailed(expected: &ExpectedAudience) -> String {
    let not_mailed = expected.not_mailed();
    if expected.mailed == 0 && not_mailed.is_empty() {
        return "it has no reader: nobody has a confirmed subscription".to_owned();
    }
    let mut shown = format!("{} would be mailed now", counted(expected.mailed, "reader", "readers"));
    if expected.mailed_weekly > 0 {
        shown = format!("{shown}, {} of them with the weekly edition", expected.mailed_weekly);
    }
    if !not_mailed.is_empty() {
        shown = format!("{shown}; not mailed: {not_mailed}");
    }
    shown
}

/// `3 recipients`, and how many more the editions have.
fn recipients_of(recipients: i64, of_editions: i64) -> String {
    let people = |count: i64| counted(count, "recipient", "recipients");
    if of_editions == 0 {
        people(recipients)
    } else {
        format!(
            "{} of the issue itself, {} of its editions",
            people(recipients),
            people(of_editions)
        )
    }
}
