//! The archive: lists of past issues, and each issue as it was sent, with later corrections.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::error::{WebError, page};
use super::pages::{
    ArchivePage, IssueBody, IssuePage, NoIssuePage, PastCorrection, PastIssueLine, Picture, Report, Site, Source,
    Stamp, StoryCorrection, StoryLine,
};
use super::signup_form::{box_form, box_form_for};
use super::state::{Shared, Web};
use crate::digest::archive::{Archived, ArchivedStory, read};
use crate::digest::archived_issue_path;
use crate::domain::correction_note::shown_note;
use crate::domain::ids::IssueId;
use crate::domain::slug::slugify;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::is_same_topic;
use crate::store::archive::PastIssue;
use crate::store::corrections::Correction;
use crate::store::newsletters::Newsletter;
use crate::words::Words;

/// The number of issues on one page of a list.
const PAGE_SIZE: usize = 30;

/// Which page of a list is shown.
#[derive(Debug, Deserialize)]
pub(super) struct PageQuery {
    /// Only issues earlier than this one; `None` for the latest.
    before: Option<Uuid>,
}

/// GET `/archive`: the past issues of all newsletters.
pub(super) async fn all(
    State(web): Shared,
    site: Site,
    Query(query): Query<PageQuery>,
) -> Result<Html<String>, WebError> {
    list(&web, site, None, &query).await
}

/// GET `/archive/{newsletter}`: the past issues of one newsletter.
pub(super) async fn newsletter(
    State(web): Shared,
    site: Site,
    Path(slug): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, WebError> {
    match find(&web, &slug).await? {
        Some(newsletter) => Ok(list(&web, site, Some(newsletter), &query).await?.into_response()),
        None => no_archive(site),
    }
}

pub(super) async fn issue(
    State(web): Shared,
    site: Site,
    Path((slug, number)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let Some(newsletter) = find(&web, &slug).await? else {
        return no_archive(site);
    };
    // An issue has one address: `01` and `+1` are not found.
    let known = number.parse::<i64>().ok().filter(|known| known.to_string() == number);
    let mut tx = web.app.store.read_snapshot().await?;
    let past = match known {
        Some(number) => tx.past_issue(newsletter.id, number).await?,
        None => None,
    };
    let archived = match &past {
        Some(past) => read(&mut tx, past.id, &site.words).await?,
        None => None,
    };
    let (Some(past), Some(archived)) = (past, archived) else {
        drop(tx);
        let happened = site.words.no_issue_of_number(&newsletter.name);
        return no_issue(site, happened, Some((newsletter.slug, newsletter.name)));
    };
    let (previous, next) = tx.adjacent_past_issues(newsletter.id, past.number).await?;
    drop(tx);
    let shown = IssuePage {
        form: box_form_for(&web, &site, &newsletter.slug).await?,
        number: past.number,
        subject: past.subject,
        date_line: archived.date_line.clone(),
        canonical: web.app.link(&archived_issue_path(&newsletter.slug, past.number)),
        time: Stamp::in_zone(past.started_at, newsletter.timezone),
        issue: body(&web, &site.words, newsletter.timezone, archived, ""),
        edition: None,
        previous: previous.map(|issue| issue.number),
        next: next.map(|issue| issue.number),
        slug: newsletter.slug,
        newsletter: newsletter.name,
        site,
    };
    Ok(page(&shown)?.into_response())
}

/// The newsletter with this slug, if the site shows its past issues.
pub(super) async fn find(web: &Web, slug: &str) -> Result<Option<Newsletter>, WebError> {
    // PostgreSQL refuses a NUL in a text parameter.
    if slug.contains('\0') {
        return Ok(None);
    }
    let found = web.app.store.read().await?.newsletter_by_slug(slug).await?;
    Ok(found.filter(|newsletter| newsletter.archive && newsletter.public && newsletter.removed_at.is_none()))
}

/// The body of an issue. Links to articles begin with `base`.
pub(super) fn body(web: &Web, words: &Words, zone: TimeZone, archived: Archived, base: &str) -> IssueBody {
    let pictures = web.app.config.digest.images;
    let corrections = archived.corrections.into_iter().map(|correction| PastCorrection {
        kind: correction.kind,
        headline: correction.title,
        href: correction.url,
        note: shown_note(correction.note, words),
    });
    let mut heading: Option<String> = None;
    let stories = archived.stories.into_iter().map(|story| {
        heading = story.heading.clone().or(heading.take());
        let shown = line(story, words, zone, base, pictures);
        // A section's stories do not repeat its heading.
        let is_heading = |topic: &String| heading.as_deref().is_some_and(|heading| is_same_topic(heading, topic));
        StoryLine {
            category: shown.category.filter(|topic| !is_heading(topic)),
            ..shown
        }
    });
    IssueBody {
        words: words.clone(),
        language: archived.language,
        intro: archived.intro,
        stories: stories.collect(),
        corrections: corrections.collect(),
    }
}

fn line(story: ArchivedStory, words: &Words, zone: TimeZone, base: &str, pictures: bool) -> StoryLine {
    let picture = story
        .image
        .filter(|image| pictures && image.url.starts_with("https://"));
    let sources = story.sources.into_iter().map(|source| Report {
        source: Source {
            name: source.name,
            url: source.url.unwrap_or_default(),
        },
        retracted: source.retracted,
    });
    let corrections_since = story
        .corrections
        .into_iter()
        .map(|correction| story_correction(correction, words, zone, &story.public_id));
    StoryLine {
        heading: story.heading,
        heading_language: story.heading_language,
        level: story.level,
        href: format!("{base}/articles/{}/{}", story.public_id, slugify(&story.title)),
        category: story.topic.filter(|topic| !topic.is_empty()),
        language: story.language.unwrap_or_default(),
        headline: story.title,
        lede: story.excerpt,
        picture: picture.map(|image| Picture {
            url: image.url,
            alt: image.alt,
            size: Some((image.width.into(), image.height.into())),
        }),
        note: story.note,
        sources: sources.collect(),
        retracted: story.retracted,
        corrections: corrections_since.collect(),
        public_id: story.public_id,
    }
}

fn story_correction(correction: Correction, words: &Words, zone: TimeZone, lead: &str) -> StoryCorrection {
    StoryCorrection {
        kind: correction.kind,
        time: Stamp::in_zone(correction.at, zone),
        note: shown_note(correction.note, words),
        article: Some(correction.public_id).filter(|id| id != lead),
    }
}

async fn list(
    web: &Web,
    site: Site,
    newsletter: Option<Newsletter>,
    query: &PageQuery,
) -> Result<Html<String>, WebError> {
    let mut tx = web.app.store.read().await?;
    let newsletters = tx.public_newsletters().await?;
    let id = newsletter.as_ref().map(|newsletter| newsletter.id);
    // One issue more than the page shows says whether there is another page.
    let limit = i64::try_from(PAGE_SIZE).unwrap_or(i64::MAX).saturating_add(1);
    let mut issues = tx.past_issues(id, query.before.map(IssueId), limit).await?;
    drop(tx);
    let has_more = issues.len() > PAGE_SIZE;
    issues.truncate(PAGE_SIZE);
    let own = newsletter
        .as_ref()
        .map_or("/archive".to_owned(), |n| format!("/archive/{}", n.slug));
    let earlier = issues.last().filter(|_| has_more);
    let zone = |slug: &str| {
        let newsletter = newsletters.iter().find(|newsletter| newsletter.slug == slug);
        newsletter.map(|newsletter| newsletter.timezone).unwrap_or_default()
    };
    let lines: Vec<_> = issues
        .iter()
        .map(|issue| past_line(issue, zone(&issue.newsletter_slug)))
        .collect();
    page(&ArchivePage {
        form: match &newsletter {
            Some(newsletter) => box_form_for(web, &site, &newsletter.slug).await?,
            None => box_form(web, &site).await?,
        },
        description: newsletter.as_ref().map(|n| n.description.clone()).unwrap_or_default(),
        newsletter: newsletter.map(|newsletter| (newsletter.slug, newsletter.name)),
        newsletters: newsletters
            .into_iter()
            .filter(|newsletter| newsletter.archive)
            .map(|newsletter| (newsletter.slug, newsletter.name))
            .collect(),
        earlier: earlier.map(|issue| format!("{own}?before={}", issue.id)),
        months: by_month(lines, &site.words),
        canonical: web.app.link(&own),
        site,
    })
}

fn past_line(issue: &PastIssue, zone: TimeZone) -> PastIssueLine {
    PastIssueLine {
        href: archived_issue_path(&issue.newsletter_slug, issue.number),
        number: issue.number,
        newsletter: issue.newsletter_name.clone(),
        subject: issue.subject.clone(),
        time: Stamp::in_zone(issue.started_at, zone),
    }
}

/// The issues under the months in which they were sent.
fn by_month(issues: Vec<PastIssueLine>, words: &Words) -> Vec<(String, Vec<PastIssueLine>)> {
    let mut months: Vec<(String, Vec<PastIssueLine>)> = Vec::new();
    for issue in issues {
        let month = issue.time.month(words);
        match months.last_mut() {
            Some((last, issues)) if *last == month => issues.push(issue),
            _ => months.push((month, vec![issue])),
        }
    }
    months
}

/// The page for a newsletter that does not exist or does not publish its archive. It does not say which of the two.
pub(super) fn no_archive(site: Site) -> Result<Response, WebError> {
    let happened = site.words.no_archive();
    no_issue(site, happened, None)
}

fn no_issue(site: Site, happened: String, newsletter: Option<(String, String)>) -> Result<Response, WebError> {
    let shown = page(&NoIssuePage {
        site,
        happened,
        newsletter,
    })?;
    Ok((StatusCode::NOT_FOUND, shown).into_response())
}
