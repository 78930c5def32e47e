//! An issue as it was sent, for the pages of the archive, and the corrections since then.
//!
//! Texts come from the issue's stored inputs; positions, headings and reports come from its stored stories. Nothing is selected again,
//! so a later version of the program cannot change a past issue.

use super::compile::{combined_issues_line, date_line, intro, story_view};
use super::entry::{Heading, headings};
use super::error::CompileError;
use super::inputs::{Candidate, Inputs};
use super::safe_text::{safe_line, safe_name, safe_url};
use super::stored_inputs::read_inputs;
use super::view::{CorrectionView, ImageView};
use crate::domain::ids::IssueId;
use crate::domain::states::CorrectionKind;
use crate::domain::time_zone::TimeZone;
use crate::store::Tx;
use crate::store::corrections::Correction;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::text::excerpt::excerpt;
use crate::text::plain::is_same_name;
use crate::words::Words;

/// An excerpt has at most this many characters: as many as in the richest layout of a mail.
const MAX_EXCERPT_CHARS: usize = 600;

/// An issue as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Archived {
    /// The language of most stories (BCP 47).
    pub(crate) language: String,
    /// Such as `Sunday 23 November 2025`.
    pub(crate) date_line: String,
    /// Which issues an edition combines.
    pub(crate) combined: Option<String>,
    pub(crate) intro: Option<String>,
    pub(crate) stories: Vec<ArchivedStory>,
    /// The corrections of earlier issues that it listed.
    pub(crate) corrections: Vec<CorrectionView>,
}

/// One story of a past issue. The mail can have shown less of it, because its size is limited.
#[derive(Clone, Debug)]
pub(crate) struct ArchivedStory {
    /// The public id of its lead.
    pub(crate) public_id: String,
    /// The topic of its lead.
    pub(crate) topic: Option<String>,
    pub(crate) title: String,
    /// The language of headline and excerpt (BCP 47), if known.
    pub(crate) language: Option<String>,
    /// The excerpt; empty if the lead was retracted.
    pub(crate) excerpt: String,
    /// `None` also if the lead or the report with the picture was retracted.
    pub(crate) image: Option<ImageView>,
    /// A line about the number of sources and the time of the first report.
    pub(crate) note: Option<String>,
    /// The heading printed before it.
    pub(crate) heading: Option<String>,
    /// The language of that heading (BCP 47).
    pub(crate) heading_language: String,
    /// The level of the headline's HTML heading: 3 under a topic's heading, else 2.
    pub(crate) level: u8,
    /// The sources of its reports, the lead's first; each name once, or twice if only one of its reports was retracted.
    pub(crate) sources: Vec<ArchivedSource>,
    /// Whether its lead was retracted.
    pub(crate) retracted: bool,
    /// The corrections of its reports, the oldest first. For a retracted report only the retraction.
    pub(crate) corrections: Vec<Correction>,
}

/// The source of a report.
#[derive(Clone, Debug)]
pub(crate) struct ArchivedSource {
    pub(crate) name: String,
    /// The address of its report; `None` if it is neither `http` nor `https`.
    pub(crate) url: Option<String>,
    /// Whether its report was retracted.
    pub(crate) retracted: bool,
}

/// Reads an issue as it was sent; `None` if its inputs are not stored.
/// `words` are the fixed texts of the page.
pub(crate) async fn read(tx: &mut Tx, issue: IssueId, words: &Words) -> Result<Option<Archived>, CompileError> {
    let Some(inputs) = read_inputs(tx, issue).await? else {
        return Ok(None);
    };
    let corrections = tx.corrections_of_issue(issue).await?;
    let in_issue = tx.issue_stories(issue).await?;
    Ok(Some(assemble(&inputs, in_issue, &corrections, words)))
}

/// Reads an edition as it was sent; `None` if its inputs are not stored. Its stories are not stored, so they are selected again from its
/// inputs, which `stories` did.
pub(crate) async fn read_edition(
    tx: &mut Tx,
    edition: &Issue,
    stories: &[IssueStory],
    words: &Words,
) -> Result<Option<Archived>, CompileError> {
    let Some(inputs) = read_inputs(tx, edition.id).await? else {
        return Ok(None);
    };
    let mut corrections = Vec::new();
    let in_edition = stories.iter().filter(|row| row.position.is_some());
    let reports = in_edition.flat_map(|row| row.reports.lines());
    for report in reports {
        let article = inputs.candidates.iter().find(|candidate| candidate.public_id == report);
        if let Some(article) = article {
            // Its readers have the text of the time when sending began.
            let since = edition.started_at.unwrap_or(edition.created_at);
            corrections.extend(tx.corrections_since(article.id, since).await?);
        }
    }
    corrections.sort_by_key(|correction| correction.at);
    Ok(Some(assemble(&inputs, stories.to_vec(), &corrections, words)))
}

fn assemble(inputs: &Inputs, mut in_issue: Vec<IssueStory>, corrections: &[Correction], words: &Words) -> Archived {
    in_issue.retain(|row| row.position.is_some());
    let headings = headings(in_issue.iter().map(|row| row.heading.as_deref().map(safe_name)));
    let stories = in_issue.iter().zip(headings).filter_map(|(row, (level, heading))| {
        let story = story(inputs, row, corrections, words)?;
        let (heading, heading_language) = match heading {
            Some(Heading::Topic(topic)) => (Some(topic), story.heading_language),
            Some(Heading::Other) => (Some(words.other_topic()), words.language().to_string()),
            None => (None, story.heading_language),
        };
        Some(ArchivedStory {
            heading,
            heading_language,
            level,
            ..story
        })
    });
    Archived {
        language: inputs.rules.language.clone(),
        date_line: date_line(inputs, words),
        combined: inputs
            .combined_issues
            .as_ref()
            .map(|combined| combined_issues_line(combined, words)),
        intro: intro(inputs),
        stories: stories.collect(),
        corrections: inputs.corrections.clone(),
    }
}

/// A story from its row, without a heading. `None` if the inputs contain none of its reports.
fn story(inputs: &Inputs, row: &IssueStory, corrections: &[Correction], words: &Words) -> Option<ArchivedStory> {
    let candidate = |id: &str| inputs.candidates.iter().find(|candidate| candidate.public_id == id);
    let reports: Vec<&Candidate> = row.reports.lines().filter_map(candidate).collect();
    let lead = *reports.first()?;
    let TimeZone(zone) = inputs.timezone;
    let view = story_view(inputs, &reports, row.heading.clone(), zone, words);
    let is_of = |correction: &Correction, report: &Candidate| correction.article_id == report.id;
    let was_retracted = |report: &Candidate| {
        corrections
            .iter()
            .any(|correction| correction.kind == CorrectionKind::Retracted && is_of(correction, report))
    };
    // After a retraction, earlier corrections of the same report do not matter.
    let later_corrections = corrections.iter().filter(|correction| {
        reports.iter().any(|report| {
            is_of(correction, report) && (correction.kind == CorrectionKind::Retracted || !was_retracted(report))
        })
    });
    let mut sources: Vec<ArchivedSource> = Vec::new();
    for report in &reports {
        let name = safe_name(&report.source_name);
        let retracted = was_retracted(report);
        let is_listed = |source: &ArchivedSource| is_same_name(&source.name, &name) && source.retracted == retracted;
        if !name.is_empty() && !sources.iter().any(is_listed) {
            sources.push(ArchivedSource {
                name,
                url: safe_url(&report.url),
                retracted,
            });
        }
    }
    let retracted = was_retracted(lead);
    let picture = reports.iter().find(|report| report.image.is_some());
    let has_picture = !retracted && picture.is_some_and(|report| !was_retracted(report));
    Some(ArchivedStory {
        public_id: view.public_id,
        topic: view.lead_topic.as_deref().map(safe_name),
        title: safe_line(&view.title),
        // Editorial articles are in the newsletter's language, unless the article says otherwise.
        language: lead
            .language
            .clone()
            .filter(|language| !language.is_empty())
            .or_else(|| lead.is_editorial.then(|| inputs.rules.language.clone())),
        excerpt: if retracted {
            String::new()
        } else {
            excerpt(&safe_line(&view.excerpt), MAX_EXCERPT_CHARS)
        },
        image: view.image.filter(|_| has_picture),
        note: view.note,
        heading: None,
        heading_language: view.heading_language.unwrap_or_else(|| inputs.rules.language.clone()),
        level: 2,
        sources,
        retracted,
        corrections: later_corrections.cloned().collect(),
    })
}
