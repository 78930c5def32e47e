//! A draft as an editor sees it: every story with its reports, its place and the reason for it, and the editor's changes so far.

use std::collections::HashMap;

use super::decisions::stored_terms;
use super::drafts::{EditError, inputs};
use super::inputs::{Candidate, Inputs};
use super::ranking::Terms;
use crate::domain::ids::IssueId;
use crate::domain::issue_action::DraftVersion;
use crate::store::Tx;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// A draft with everything that an editor decides about.
#[derive(Debug)]
pub(crate) struct DraftView {
    pub(crate) issue: Issue,
    pub(crate) newsletter: Newsletter,
    /// The stories in the issue, in their order.
    pub(crate) stories: Vec<DraftStory>,
    /// The stories that are left out, those with the highest score first.
    pub(crate) left_out: Vec<DraftStory>,
    /// The subject with its variables, the editor's or the newsletter's.
    pub(crate) subject_template: String,
    /// Whether an editor wrote the subject.
    pub(crate) has_own_subject: bool,
    /// The text before the stories, the editor's or the newsletter's.
    pub(crate) intro: String,
    /// Whether an editor changed anything.
    pub(crate) is_edited: bool,
}

/// A story of a draft.
#[derive(Debug)]
pub(crate) struct DraftStory {
    /// 1-based position in the issue; `None` if the story is left out.
    pub(crate) position: Option<i64>,
    /// The rule that decided, in words.
    pub(crate) reason: String,
    pub(crate) terms: Terms,
    pub(crate) heading: Option<String>,
    pub(crate) topic: Option<String>,
    /// The headline in the issue: the editor's, or that of the lead.
    pub(crate) title: String,
    /// Whether an editor wrote the headline.
    pub(crate) has_own_title: bool,
    pub(crate) is_pinned: bool,
    /// Whether an editor left it out.
    pub(crate) is_dropped: bool,
    /// The lead first; never empty.
    pub(crate) reports: Vec<DraftReport>,
}

/// An article of a story.
#[derive(Debug)]
pub(crate) struct DraftReport {
    pub(crate) public_id: String,
    pub(crate) title: String,
    pub(crate) source: String,
    pub(crate) url: String,
    pub(crate) language: Option<String>,
}

impl DraftView {
    /// Reads a draft in one transaction, which should be a snapshot.
    ///
    /// # Errors
    /// [`EditError::Unknown`] if the issue does not exist, [`EditError::NoInputs`] if its inputs are not stored.
    pub(crate) async fn read(tx: &mut Tx, id: IssueId) -> Result<Self, EditError> {
        let issue = tx.issue(id).await?.ok_or(EditError::Unknown(id))?;
        let newsletter = tx.newsletter(issue.newsletter_id).await?;
        let inputs = inputs(tx, id).await?;
        let rows = tx.issue_stories(id).await?;
        let candidates: HashMap<&str, &Candidate> = inputs
            .candidates
            .iter()
            .map(|candidate| (candidate.public_id.as_str(), candidate))
            .collect();
        let (mut stories, mut left_out) = (Vec::new(), Vec::new());
        for row in &rows {
            let Some(story) = draft_story(&inputs, &candidates, row)? else {
                continue;
            };
            match story.position {
                Some(_) => stories.push(story),
                None => left_out.push(story),
            }
        }
        let edits = &inputs.edits;
        let subject = edits.subject.clone().unwrap_or_else(|| inputs.rules.subject.clone());
        Ok(Self {
            has_own_subject: edits.subject.is_some(),
            subject_template: subject.into(),
            intro: edits
                .intro
                .as_ref()
                .or(inputs.rules.intro.as_ref())
                .cloned()
                .unwrap_or_default(),
            is_edited: *edits != super::inputs::Edits::default(),
            stories,
            left_out,
            issue,
            newsletter,
        })
    }

    /// The version of the draft, which the forms of a page carry.
    pub(crate) const fn version(&self) -> DraftVersion {
        DraftVersion {
            revision: self.issue.revision,
            state: self.issue.state,
        }
    }
}

/// The story of a row; `None` if none of its reports is a candidate.
fn draft_story(
    inputs: &Inputs,
    candidates: &HashMap<&str, &Candidate>,
    row: &IssueStory,
) -> Result<Option<DraftStory>, EditError> {
    let reports: Vec<&Candidate> = row
        .reports
        .lines()
        .filter_map(|id| candidates.get(id).copied())
        .collect();
    let Some(lead) = reports.first() else {
        return Ok(None);
    };
    let edits = &inputs.edits;
    let has = |id: &str| reports.iter().any(|report| report.public_id == id);
    let own_title = edits.titles.iter().find_map(|(id, title)| has(id).then_some(title));
    Ok(Some(DraftStory {
        position: row.position,
        reason: row.reason.clone(),
        terms: stored_terms(row)?,
        heading: row.heading.clone(),
        topic: reports.iter().find_map(|report| report.category.clone()),
        title: own_title.unwrap_or(&lead.title).clone(),
        has_own_title: own_title.is_some(),
        is_pinned: edits.pinned.iter().any(|id| has(id)) || reports.iter().any(|report| report.pinned),
        is_dropped: edits.dropped.keys().any(|id| has(id)),
        reports: reports
            .iter()
            .map(|report| DraftReport {
                public_id: report.public_id.clone(),
                title: report.title.clone(),
                source: report.source_name.clone(),
                url: report.url.clone(),
                language: report.language.clone(),
            })
            .collect(),
    }))
}
