//! How many subscribers would get an issue if it started now, and why the others would not.

use serde::Serialize;

use super::issue_state::ControlError;
use crate::app::App;
use crate::digest::editions::{EditionPlan, EditionSnapshot, NoMail};
use crate::domain::states::Cadence;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

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

impl ExpectedAudience {
    /// Counts a newsletter's subscribers for an issue that has not started. It compiles the editions, which takes processor time.
    pub async fn read(tx: &mut Tx, app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<Self, ControlError> {
        let plan = EditionSnapshot::read(tx, app, newsletter, issue)
            .await?
            .compile_editions(app, issue)?;
        Self::from_plan(tx, newsletter, &plan).await
    }

    /// The same with editions that are already compiled.
    pub(super) async fn from_plan(
        tx: &mut Tx,
        newsletter: &Newsletter,
        plan: &EditionPlan,
    ) -> Result<Self, ControlError> {
        let mut expected = Self {
            paused: tx.count_paused(newsletter.id).await?,
            ..Self::default()
        };
        for group in tx.group_audiences(newsletter.id).await? {
            expected.suppressed += group.suppressed;
            let is_weekly = group.key.cadence == Cadence::Weekly;
            *match plan.no_mail(&group.key) {
                None => {
                    expected.mailed_weekly += if is_weekly { group.mailable } else { 0 };
                    &mut expected.mailed
                }
                Some(NoMail::NoStory) => &mut expected.no_story,
                Some(NoMail::WeeklyLater) => &mut expected.weekly_later,
                Some(NoMail::NextStories) => &mut expected.next_stories,
            } += group.mailable;
        }
        Ok(expected)
    }

    /// Who is not mailed and why, such as `3 on the suppression list, 2 paused`; empty if everybody is mailed.
    #[must_use]
    pub fn not_mailed(&self) -> String {
        let reasons = [
            (self.suppressed, "on the suppression list"),
            (self.paused, "paused"),
            (self.no_story, "without a story of their topics"),
            (self.weekly_later, "with the weekly edition on another day"),
            (self.next_stories, "back from a pause, until an issue with stories"),
        ];
        let reasons = reasons.iter().filter(|(count, _)| *count > 0);
        let reasons = reasons.map(|(count, reason)| format!("{count} {reason}"));
        reasons.collect::<Vec<_>>().join(", ")
    }
}
