//! Editions: variants of an issue for subscribers who chose topics or another language, want one mail a week, or missed issues in a pause.
//!
//! Each distinct content is compiled once from the issue's stored inputs, when sending starts. An edition is stored as a row of
//! `issues` with `edition_of`, so the delivery treats it like any issue. A content that equals the issue gets no edition.

mod combined;
mod content;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use self::combined::combined_inputs;
pub use self::content::WithoutEdition;
use self::content::{Content, content_of, first_of_week, limit_editions};
use super::compile::compile_grouped;
use super::error::CompileError;
use super::grouping::Grouping;
use super::inputs::{CombinedFor, CombinedIssues, Inputs};
use super::placeholders::{page_of_edition, with_page};
use super::rules::language_of;
use super::stored_inputs::{StoredInputs, read_inputs};
use crate::app::App;
use crate::domain::delta;
use crate::domain::ids::IssueId;
use crate::domain::states::{Cadence, IssueState};
use crate::store::Tx;
use crate::store::editions::EditionContent;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::subscriber_groups::{PreferenceKey, SubscriberGroup};
use crate::words::Language;

/// What a group of subscribers gets with an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// The issue itself, not an edition.
    Issue,
    /// The edition with this index in [`EditionPlan::editions`].
    Edition(usize),
    /// No mail with this issue.
    NoMail,
}

/// Why a group of subscribers gets no mail with an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMail {
    /// The issue has no story of their topics.
    NoStory,
    /// They chose one mail a week, and the weekly digest is not due.
    WeeklyLater,
    /// Their pause has ended, and this issue has corrections only. They get what they missed with the next stories.
    NextStories,
}

/// Everything that the editions of an issue depend on, read in one transaction.
#[derive(Debug)]
pub struct EditionSnapshot {
    /// The content of each group; `None` if it gets no mail.
    groups: Vec<(SubscriberGroup, Option<Content>)>,
    /// The inputs by [`Content::first_issue`]: those of the issue itself under `None`.
    inputs: HashMap<Option<i64>, Inputs>,
    without_edition: WithoutEdition,
    /// The language of the issue.
    language: Language,
}

/// An edition that was compiled and is not stored yet.
#[derive(Debug)]
pub struct Edition {
    /// The row of the edition, with complete HTML and text.
    pub issue: Issue,
    /// HTML and text as differences from those of the issue, which take a fraction of the space.
    stored_html: String,
    stored_text: String,
    /// Its inputs as JSON.
    stored_inputs: String,
    /// The hash of its subject and of its HTML without the link to its page.
    pub(crate) content: EditionContent,
}

/// The editions of an issue, and which group gets which.
#[derive(Debug)]
pub struct EditionPlan {
    /// The editions that differ from the issue.
    pub editions: Vec<Edition>,
    /// The groups that get the issue, or the weekly edition with all topics, in place of an edition of their own.
    pub without_edition: WithoutEdition,
    assignments: HashMap<PreferenceKey, Assignment>,
    /// The language of the issue.
    language: Language,
}

impl EditionPlan {
    /// What a group gets; `None` if the group did not exist when the plan was made.
    #[must_use]
    pub fn assignment(&self, group: &SubscriberGroup) -> Option<Assignment> {
        if self.is_plain(group) {
            return Some(Assignment::Issue);
        }
        self.assignments.get(&group.key).copied()
    }

    /// Whether a group wants every issue unchanged.
    pub(crate) fn is_plain(&self, group: &SubscriberGroup) -> bool {
        group.is_plain(self.language)
    }

    /// The index of the edition that a group gets, if it has stories.
    pub(crate) fn edition_of(&self, group: &PreferenceKey) -> Option<usize> {
        match self.assignments.get(group)? {
            Assignment::Edition(index) => self.editions.get(*index)?.has_stories().then_some(*index),
            Assignment::Issue | Assignment::NoMail => None,
        }
    }

    /// Skips the editions that are not among the approved ones. Their readers get the approved issue; those who want one mail a week wait
    /// for the next issue. Returns how many are skipped.
    pub(crate) fn skip_unapproved(&mut self, approved: &HashSet<Vec<u8>>, now: DateTime<Utc>) -> usize {
        let mut skipped = HashMap::new();
        for (index, edition) in self.editions.iter_mut().enumerate() {
            if !edition.has_stories() || approved.contains(&edition.content[..]) {
                continue;
            }
            skipped.insert(index, edition.issue.weekly);
            // Others can be stored as differences from it, so it is stored.
            edition.issue.state = IssueState::Skipped;
            edition.issue.reason = Some("nobody approved this edition".into());
            edition.issue.finished_at = Some(now);
            // The mail of the week was not sent.
            edition.issue.weekly = false;
        }
        for assignment in self.assignments.values_mut() {
            let Assignment::Edition(index) = assignment else {
                continue;
            };
            match skipped.get(index) {
                Some(true) => *assignment = Assignment::NoMail,
                Some(false) => *assignment = Assignment::Issue,
                None => {}
            }
        }
        skipped.len()
    }

    /// Why a group gets no mail. `None` if it gets one, or if the group did not exist when the plan was made.
    pub(crate) fn no_mail(&self, group: &PreferenceKey) -> Option<NoMail> {
        match self.assignments.get(group)? {
            Assignment::Issue => None,
            Assignment::Edition(index) => {
                let has_stories = self.editions.get(*index).is_some_and(Edition::has_stories);
                (!has_stories).then_some(NoMail::NoStory)
            }
            Assignment::NoMail if group.cadence == Cadence::Weekly => Some(NoMail::WeeklyLater),
            Assignment::NoMail => Some(NoMail::NextStories),
        }
    }
}

impl Edition {
    /// Whether it has a story and is sent. An edition without a story is stored as skipped.
    #[must_use]
    pub fn has_stories(&self) -> bool {
        self.issue.state == IssueState::Draft
    }

    /// Stores the edition's row and inputs.
    pub async fn store(&self, tx: &mut Tx) -> Result<(), CompileError> {
        tx.add_issue(&Issue {
            html: self.stored_html.clone(),
            text: self.stored_text.clone(),
            ..self.issue.clone()
        })
        .await?;
        Ok(tx.put_issue_inputs(self.issue.id, &self.stored_inputs).await?)
    }
}

impl EditionSnapshot {
    /// Reads the groups of a newsletter's subscribers, and what each gets with an issue that is about to start.
    pub async fn read(tx: &mut Tx, app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<Self, CompileError> {
        Self::read_with(tx, app, newsletter, issue, None).await
    }

    /// [`Self::read`] for an issue that is not stored, from its inputs.
    pub(crate) async fn read_with(
        tx: &mut Tx,
        app: &App,
        newsletter: &Newsletter,
        issue: &Issue,
        inputs: Option<Inputs>,
    ) -> Result<Self, CompileError> {
        let mut snapshot = Self {
            groups: Vec::new(),
            inputs: HashMap::new(),
            without_edition: WithoutEdition::default(),
            language: language_of(app, newsletter),
        };
        let groups = tx.subscriber_groups(newsletter.id).await?;
        // The usual case. A draft that was compiled before the newsletter's language changed is sent as it is.
        if groups.iter().all(|group| group.is_plain(snapshot.language)) {
            return Ok(snapshot);
        }
        let inputs = match inputs {
            Some(inputs) => Some(inputs),
            None => read_inputs(tx, issue.id).await?,
        };
        // Without inputs nothing can be compiled. Then all groups get the issue itself.
        let Some(inputs) = inputs else {
            let whole_issue = |group: SubscriberGroup| (group, Some(Content::whole_issue()));
            snapshot.groups = groups.into_iter().map(whole_issue).collect();
            return Ok(snapshot);
        };
        snapshot.language = inputs.language;
        let max = app.config.digest.max_editions;
        // An issue of corrections has no stories to choose from.
        if inputs.corrections_only {
            let corrections = |group: SubscriberGroup| {
                // After a pause, the missed stories come with the next issue that has stories. They include these corrections.
                let waits = group.key.missed_since.is_some();
                let content = (!waits).then(|| Content::in_language_of(&group, inputs.language));
                (group, content)
            };
            snapshot.groups = groups.into_iter().map(corrections).collect();
            snapshot.without_edition = limit_editions(&mut snapshot.groups, max, issue, None);
            snapshot.inputs.insert(None, inputs);
            return Ok(snapshot);
        }
        let week = first_of_week(tx, newsletter, issue, &inputs).await?;
        for group in groups {
            let content = content_of(tx, newsletter, issue, &group, inputs.language, week).await?;
            snapshot.groups.push((group, content));
        }
        snapshot.without_edition = limit_editions(&mut snapshot.groups, max, issue, week);
        for first in snapshot.first_issues() {
            let combined = combined_inputs(tx, app, newsletter, issue, &inputs, first).await?;
            snapshot.inputs.insert(Some(first), combined);
        }
        snapshot.inputs.insert(None, inputs);
        Ok(snapshot)
    }

    /// The distinct first issues of the contents that combine issues.
    fn first_issues(&self) -> Vec<i64> {
        let contents = self.groups.iter().filter_map(|(_, content)| content.as_ref());
        let mut firsts: Vec<i64> = contents.filter_map(Content::first_issue).collect();
        firsts.sort_unstable();
        firsts.dedup();
        firsts
    }

    /// Compiles each distinct content once. Editions without a story are kept as skipped.
    pub fn compile_editions(mut self, app: &App, issue: &Issue) -> Result<EditionPlan, CompileError> {
        let mut compiled: Vec<(Content, Assignment)> = Vec::new();
        // The grouping depends on the articles and not on topics, so all editions from the same inputs share it.
        let mut groupings: HashMap<Option<i64>, Grouping> = HashMap::new();
        // The issue or edition with which those inputs are stored completely. Further editions store only the difference.
        let mut bases: HashMap<Option<i64>, IssueId> = HashMap::from([(None, issue.id)]);
        let mut plan = EditionPlan {
            editions: Vec::new(),
            without_edition: self.without_edition,
            assignments: HashMap::new(),
            language: self.language,
        };
        for (group, content) in self.groups {
            let Some(content) = content else {
                plan.assignments.insert(group.key.clone(), Assignment::NoMail);
                continue;
            };
            if let Some((_, assignment)) = compiled.iter().find(|(known, _)| *known == content) {
                plan.assignments.insert(group.key.clone(), *assignment);
                continue;
            }
            let first = content.first_issue();
            if content == Content::whole_issue() {
                plan.assignments.insert(group.key.clone(), Assignment::Issue);
                continue;
            }
            // Without inputs nothing can be compiled.
            let Some(inputs) = self.inputs.get_mut(&first) else {
                plan.assignments.insert(group.key.clone(), Assignment::Issue);
                continue;
            };
            let number = i64::try_from(compiled.len()).unwrap_or(i64::MAX) + 1;
            // Changed in place: a copy of the inputs for each edition would take megabytes.
            inputs.topics.clone_from(&content.topics);
            inputs.combined_issues.clone_from(&content.combined_issues);
            inputs.language = content.language.unwrap_or(self.language);
            let grouping = groupings.entry(first).or_insert_with(|| Grouping::of(inputs));
            let head = Head {
                number,
                base: bases.get(&first).copied(),
                page_of_issue: inputs.page_url.take(),
                language_of_issue: self.language,
            };
            inputs.page_url = page_of_edition(head.page_of_issue.as_deref());
            let edition = compile_edition(app, issue, inputs, grouping, &head)?;
            inputs.page_url = head.page_of_issue;
            let assignment = match edition {
                Some(edition) => {
                    bases.entry(first).or_insert(edition.issue.id);
                    plan.editions.push(edition);
                    Assignment::Edition(plan.editions.len() - 1)
                }
                None => Assignment::Issue,
            };
            compiled.push((content, assignment));
            plan.assignments.insert(group.key.clone(), assignment);
        }
        Ok(plan)
    }
}

/// What an edition has before it is compiled.
struct Head {
    number: i64,
    /// An issue or edition that is stored with the complete inputs: this edition then stores only its topics, combined issues and language.
    base: Option<IssueId>,
    /// The address of the issue's page. The edition has a page of its own.
    page_of_issue: Option<String>,
    language_of_issue: Language,
}

/// Compiles an edition; `None` if it equals the issue.
fn compile_edition(
    app: &App,
    issue: &Issue,
    inputs: &Inputs,
    grouping: &Grouping,
    head: &Head,
) -> Result<Option<Edition>, CompileError> {
    let compilation = compile_grouped(inputs, grouping, &app.mail_design())?;
    // Apart from the link to its page.
    let content = match &head.page_of_issue {
        Some(of_issue) => with_page(&compilation.html, of_issue),
        None => compilation.html.clone(),
    };
    // The text is not compared: it is rendered from the same view and plan as the HTML.
    if content == issue.html && compilation.subject == issue.subject {
        return Ok(None);
    }
    let now = app.clock.now();
    let empty = compilation.story_count() == 0 && !inputs.corrections_only;
    let edition = Issue {
        id: IssueId(app.rng.uuid(now)),
        state: if empty { IssueState::Skipped } else { IssueState::Draft },
        reason: empty.then(|| "no story for the subscribers of this edition".into()),
        subject: compilation.subject.clone(),
        html: compilation.html.clone(),
        text: compilation.text.clone(),
        edition: head.number,
        edition_of: Some(issue.id),
        edition_name: edition_name(inputs, head.language_of_issue),
        weekly: inputs.combined_issues.as_ref().is_some_and(CombinedIssues::is_weekly),
        created_at: now,
        started_at: None,
        finished_at: empty.then_some(now),
        recipients: None,
        revision: 0,
        groups_without_edition: 0,
        ..issue.clone()
    };
    let stored_inputs = match head.base {
        Some(base) => StoredInputs::Difference {
            base,
            topics: inputs.topics.clone(),
            combined_issues: inputs.combined_issues.clone(),
            language: inputs.language,
        },
        None => inputs.into(),
    };
    let difference = |of_issue: &str, of_edition: &str| {
        delta::encode(of_issue, of_edition)
            .map_err(|error| CompileError::Unreadable(format!("issue {}", edition.id), error))
    };
    Ok(Some(Edition {
        stored_html: difference(&issue.html, &edition.html)?,
        stored_text: difference(&issue.text, &edition.text)?,
        stored_inputs: stored_inputs.to_json(edition.id)?,
        content: Sha256::digest(format!("{}\n{content}", compilation.subject)).into(),
        issue: edition,
    }))
}

/// What operators see as the edition's name.
fn edition_name(inputs: &Inputs, of_issue: Language) -> String {
    let language = (inputs.language != of_issue).then(|| format!("language: {}", inputs.language));
    let topics = (!inputs.topics.is_empty()).then(|| format!("topics: {}", inputs.topics.join(", ")));
    let combined = inputs.combined_issues.as_ref().map(|combined| match combined.reason {
        CombinedFor::WeeklyDigest => "weekly".to_owned(),
        CombinedFor::EndedPause => format!("what you missed since no. {}", combined.first),
    });
    [combined, topics, language]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("; ")
}
