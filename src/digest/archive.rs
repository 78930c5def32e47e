//! An issue as it was sent, for the archive: the words that were frozen, in the places that are on record, whatever the program
//! would choose today; and what was corrected since.

use super::compile::{date_line, intro, story_view};
use super::entry::{headings, name, outside};
use super::inputs::{Candidate, Inputs};
use super::view::{CorrectionView, ImageView};
use super::{CompileError, stored_inputs};
use crate::domain::ids::IssueId;
use crate::domain::states::CorrectionKind;
use crate::domain::time_zone::TimeZone;
use crate::store::Tx;
use crate::store::corrections::Correction;
use crate::store::issue_stories::IssueStory;
use crate::text::excerpt::excerpt;

/// Characters of a lede: as many as a mail with room for them has.
const LEDE: usize = 600;

/// An issue as it was sent. Text in it is plain, and was frozen with the issue.
#[derive(Clone, Debug)]
pub struct Archived {
    /// The language of the frame and of most stories (BCP 47).
    pub language: String,
    /// The day of the issue as people read it.
    pub date_line: String,
    /// A word from the editor.
    pub intro: Option<String>,
    /// The stories in their order.
    pub stories: Vec<ArchivedStory>,
    /// What it corrected in earlier issues.
    pub corrections: Vec<CorrectionView>,
}

/// One story of it. A mail that was too large had shorter ledes, or left some out.
#[derive(Clone, Debug)]
pub struct ArchivedStory {
    /// The id that readers see of the report that leads it.
    pub public_id: String,
    /// Its topic.
    pub category: Option<String>,
    /// The headline.
    pub title: String,
    /// The language of headline and lede, if known (BCP 47).
    pub language: Option<String>,
    /// The first lines; empty if its leading report was retracted.
    pub lede: String,
    /// Its picture; none if its leading report was retracted, or the one that brought it.
    pub image: Option<ImageView>,
    /// How it was reported.
    pub note: Option<String>,
    /// The heading that stands before it.
    pub heading: Option<String>,
    /// The language of that heading (BCP 47).
    pub heading_language: String,
    /// Of its headline: 3 under a heading, else 2.
    pub level: u8,
    /// Who reported it, the leading report first; each name once.
    pub sources: Vec<ArchivedSource>,
    /// Whether its leading report was taken back.
    pub retracted: bool,
    /// What was corrected in its reports since, the oldest first; of one that was taken back, that alone.
    pub corrections: Vec<Correction>,
}

/// Who reported it.
#[derive(Clone, Debug)]
pub struct ArchivedSource {
    /// The name.
    pub name: String,
    /// Where the report is, or was.
    pub url: String,
    /// Whether the report was taken back here.
    pub retracted: bool,
}

/// The path of an issue's page on this site.
#[must_use]
pub fn path(newsletter_slug: &str, number: i64) -> String {
    format!("/archive/{newsletter_slug}/{number}")
}

/// Reads an issue as it was sent; none if it is not on record what it was compiled from.
///
/// # Errors
/// [`CompileError`].
pub async fn read(tx: &mut Tx, issue: IssueId) -> Result<Option<Archived>, CompileError> {
    let Some(inputs) = stored_inputs(tx, issue).await? else {
        return Ok(None);
    };
    let corrections = tx.corrections_of_issue(issue).await?;
    let mut placed = tx.issue_stories(issue).await?;
    placed.retain(|row| row.position.is_some());
    let other = inputs.site.voice.words().other_topic;
    let headings = headings(placed.iter().map(|row| row.heading.as_deref().map(name)), other);
    let stories = placed.iter().zip(headings).filter_map(|(row, (level, heading))| {
        let told = story(&inputs, row, &corrections)?;
        Some(ArchivedStory { heading, level, ..told })
    });
    Ok(Some(Archived {
        language: inputs.rules.language.clone(),
        date_line: date_line(&inputs),
        intro: intro(&inputs),
        stories: stories.collect(),
        corrections: inputs.corrections.clone(),
    }))
}

/// A story from its place on record, without regard to what stands before it.
fn story(inputs: &Inputs, row: &IssueStory, corrections: &[Correction]) -> Option<ArchivedStory> {
    let known = |id: &str| inputs.candidates.iter().find(|candidate| candidate.public_id == id);
    let reports: Vec<&Candidate> = row.reports.lines().filter_map(known).collect();
    let lead = *reports.first()?;
    let TimeZone(zone) = inputs.timezone;
    let view = story_view(inputs, &reports, row.heading.clone(), zone);
    let is_of = |correction: &Correction, report: &Candidate| correction.article_id == report.id;
    let was_retracted = |report: &Candidate| {
        corrections
            .iter()
            .any(|correction| correction.kind == CorrectionKind::Retracted && is_of(correction, report))
    };
    let since = corrections.iter().filter(|correction| {
        reports.iter().any(|report| {
            is_of(correction, report) && (correction.kind == CorrectionKind::Retracted || !was_retracted(report))
        })
    });
    let mut sources: Vec<ArchivedSource> = Vec::new();
    for report in &reports {
        let name = name(&report.source_name);
        let retracted = was_retracted(report);
        let is_there = |source: &ArchivedSource| source.name == name && source.retracted == retracted;
        if !name.is_empty() && !sources.iter().any(is_there) {
            sources.push(ArchivedSource {
                name,
                url: report.url.clone(),
                retracted,
            });
        }
    }
    let retracted = was_retracted(lead);
    let picture = reports.iter().find(|report| report.image.is_some());
    let has_picture = !retracted && picture.is_some_and(|report| !was_retracted(report));
    Some(ArchivedStory {
        public_id: view.public_id,
        category: view.category.as_deref().map(name),
        title: outside(&view.title),
        // The newsroom writes in the newsletter's language, unless an article's language was found or given.
        language: lead
            .language
            .clone()
            .filter(|language| !language.is_empty())
            .or_else(|| lead.own.then(|| inputs.rules.language.clone())),
        lede: if retracted {
            String::new()
        } else {
            excerpt(&outside(&view.lede), LEDE)
        },
        image: view.image.filter(|_| has_picture),
        note: view.note,
        heading: None,
        heading_language: view.topic_language.unwrap_or_else(|| inputs.rules.language.clone()),
        level: 2,
        sources,
        retracted,
        corrections: since.cloned().collect(),
    })
}
