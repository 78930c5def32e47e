//! The expected audience of an issue: how many subscribers would get it if it started now, and why the others would not.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use super::issue_state::{ControlError, require_issue};
use crate::app::{App, on_blocking_pool};
use crate::digest::editions::{EditionPlan, EditionSnapshot, NoMail};
use crate::digest::inputs::Inputs;
use crate::domain::ids::IssueId;
use crate::domain::states::{Approval, Cadence, IssueState};
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::subscriber_groups::GroupAudience;
use crate::store::{StoreError, Tx};

/// The subscribers of a newsletter, each counted once: as mailed, or with the reason why not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExpectedAudience {
    /// They would get the issue or an edition of it.
    pub mailed: i64,
    /// Those of `mailed` who would get the weekly edition.
    pub mailed_weekly: i64,
    /// Their address is on the suppression list.
    pub suppressed: i64,
    /// Their subscription is paused.
    pub paused: i64,
    /// The issue has no story of the topics that they chose.
    pub no_story: i64,
    /// They get one issue a week, on another day.
    pub weekly_later: i64,
    /// They come back from a pause, and wait for an issue with stories.
    pub next_stories: i64,
}

/// An edition that an issue would have if it started now.
#[derive(Debug)]
pub(crate) struct PlannedEdition {
    /// Its row, with the HTML and text that its readers would get.
    pub(crate) issue: Issue,
    /// How many subscribers would get it.
    pub(crate) mailed: i64,
    /// Whether it was approved with the issue; `None` if the issue is not approved, or needs no approval.
    pub(crate) is_approved: Option<bool>,
}

/// An edition of an issue by its number: as it was sent, or as it would be sent now.
///
/// # Errors
/// [`ControlError::UnknownEdition`] if the issue has no such edition.
pub(crate) async fn edition_of_issue(app: &App, issue: IssueId, number: i64) -> Result<Issue, ControlError> {
    let mut tx = app.store.read().await?;
    let issue = require_issue(&mut tx, issue).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    let stored = tx.editions_of(issue.id).await?;
    if let Some(edition) = stored.iter().find(|edition| edition.number == number) {
        return require_issue(&mut tx, edition.id).await;
    }
    drop(tx);
    let planned = match issue.state {
        IssueState::Draft | IssueState::Approved => ExpectedAudience::read(app, &newsletter, &issue, None).await?.1,
        _ => Vec::new(),
    };
    let mut editions = planned.into_iter().map(|edition| edition.issue);
    editions
        .find(|edition| edition.edition == number)
        .ok_or(ControlError::UnknownEdition { name, number })
}

/// What the expected audience of an issue is computed from.
struct AudienceSnapshot {
    editions: EditionSnapshot,
    counts: AudienceCounts,
    /// The editions that operators approved; `None` if the issue is not approved or needs no approval.
    approved: Option<HashSet<Vec<u8>>>,
}

impl AudienceSnapshot {
    async fn read(
        app: &App,
        newsletter: &Newsletter,
        issue: &Issue,
        inputs: Option<Inputs>,
    ) -> Result<Self, ControlError> {
        let mut tx = app.store.read_snapshot().await?;
        let editions = EditionSnapshot::read_with(&mut tx, app, newsletter, issue, inputs).await?;
        let counts = AudienceCounts::read(&mut tx, newsletter).await?;
        let needs_approval = newsletter.approval == Approval::Required && issue.state == IssueState::Approved;
        let approved = if needs_approval {
            Some(tx.approved_editions(issue.id).await?)
        } else {
            None
        };
        Ok(Self {
            editions,
            counts,
            approved,
        })
    }

    fn compile(self, app: &App, issue: &Issue) -> Result<(ExpectedAudience, Vec<PlannedEdition>), ControlError> {
        let Self {
            editions,
            counts,
            approved,
        } = self;
        let plan = editions.compile_editions(app, issue)?;
        let audience = ExpectedAudience::new(&counts, &plan);
        let mailed = |index: usize| -> i64 {
            let groups = counts.groups.iter();
            let getting = groups.filter(|group| plan.edition_of(&group.key) == Some(index));
            getting.map(|group| group.mailable).sum()
        };
        let mailed: Vec<i64> = (0..plan.editions.len()).map(mailed).collect();
        let planned = plan
            .editions
            .into_iter()
            .zip(mailed)
            .filter(|(edition, _)| edition.has_stories());
        let planned = planned.map(|(edition, mailed)| PlannedEdition {
            mailed,
            is_approved: approved
                .as_ref()
                .map(|approved| approved.contains(&edition.content[..])),
            issue: edition.issue,
        });
        Ok((audience, planned.collect()))
    }
}

/// The subscribers of a newsletter, counted by the database.
pub(super) struct AudienceCounts {
    paused: i64,
    groups: Vec<GroupAudience>,
}

impl AudienceCounts {
    pub(super) async fn read(tx: &mut Tx, newsletter: &Newsletter) -> Result<Self, StoreError> {
        Ok(Self {
            paused: tx.count_paused(newsletter.id).await?,
            groups: tx.group_audiences(newsletter.id).await?,
        })
    }
}

impl ExpectedAudience {
    /// Counts a newsletter's subscribers for an issue that has not started, and compiles the editions that it would have. `inputs` are those
    /// of an issue that is not stored. It compiles on this thread, which takes processor time, while no transaction is open.
    ///
    /// # Errors
    /// If the database fails or an edition cannot be compiled.
    pub(crate) async fn read(
        app: &App,
        newsletter: &Newsletter,
        issue: &Issue,
        inputs: Option<Inputs>,
    ) -> Result<(Self, Vec<PlannedEdition>), ControlError> {
        let snapshot = AudienceSnapshot::read(app, newsletter, issue, inputs).await?;
        snapshot.compile(app, issue)
    }

    /// [`Self::read`] for a stored issue, which compiles on the blocking pool.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) async fn read_on_blocking_pool(
        app: &Arc<App>,
        newsletter: &Newsletter,
        issue: &Issue,
    ) -> Result<(Self, Vec<PlannedEdition>), ControlError> {
        let snapshot = AudienceSnapshot::read(app, newsletter, issue, None).await?;
        let (app, issue) = (Arc::clone(app), issue.clone());
        on_blocking_pool(move || snapshot.compile(&app, &issue)).await
    }

    /// Decides for each counted group whether it gets mail, by editions that are compiled.
    pub(super) fn new(counts: &AudienceCounts, plan: &EditionPlan) -> Self {
        let mut expected = Self {
            paused: counts.paused,
            ..Self::default()
        };
        for group in &counts.groups {
            expected.suppressed += group.suppressed;
            let count = match plan.no_mail(&group.key) {
                None => &mut expected.mailed,
                Some(NoMail::NoStory) => &mut expected.no_story,
                Some(NoMail::WeeklyLater) => &mut expected.weekly_later,
                Some(NoMail::NextStories) => &mut expected.next_stories,
            };
            *count += group.mailable;
            if group.key.cadence == Cadence::Weekly && plan.no_mail(&group.key).is_none() {
                expected.mailed_weekly += group.mailable;
            }
        }
        expected
    }

    /// Who is not mailed and why, such as `3 on the suppression list, 2 paused`; empty if everybody is mailed.
    #[must_use]
    pub fn not_mailed(&self) -> String {
        let reasons = [
            (self.suppressed, "on the suppression list"),
            (self.paused, "paused"),
            (self.no_story, "without a story of their topics"),
            (self.weekly_later, "with the weekly edition on another day"),
            (
                self.next_stories,
                "back from a pause, who wait for an issue with stories",
            ),
        ];
        let reasons = reasons.iter().filter(|(count, _)| *count > 0);
        let reasons = reasons.map(|(count, reason)| format!("{count} {reason}"));
        reasons.collect::<Vec<_>>().join(", ")
    }
}
