//! The expected audience of an issue: how many subscribers would get it if it started now, and why the others would not.

use serde::Serialize;

use super::issue_state::ControlError;
use crate::app::App;
use crate::digest::editions::{EditionPlan, EditionSnapshot, NoMail};
use crate::domain::states::Cadence;
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
    /// Counts a newsletter's subscribers for an issue that has not started. It compiles the editions on this thread, which takes processor
    /// time, while no transaction is open.
    ///
    /// # Errors
    /// If the database fails or an edition cannot be compiled.
    pub async fn read(app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<Self, ControlError> {
        let mut tx = app.store.read_snapshot().await?;
        let snapshot = EditionSnapshot::read(&mut tx, app, newsletter, issue).await?;
        let counts = AudienceCounts::read(&mut tx, newsletter).await?;
        drop(tx);
        Ok(Self::new(&counts, &snapshot.compile_editions(app, issue)?))
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
