//! What follows when a rate of returned mail reaches a limit: issues are paused, and the operators get one notice about all limits that
//! were reached at the same time.

use std::collections::BTreeSet;

use crate::app::App;
use crate::config::Share;
use crate::domain::ids::IssueId;
use crate::domain::states::{AlertLevel, AlertMeasure, AlertScope, IssueState};
use crate::notices::{NoticeError, notify};
use crate::store::rate_alerts::RateAlert;
use crate::store::{StoreError, Tx, retry_on_conflict};
use crate::text::plain::{counted, in_days, percent};

/// A limit that a rate has reached.
#[derive(Clone, Debug)]
pub(super) struct ReachedLimit {
    pub(super) alert: RateAlert,
    /// How many of the accepted messages came back.
    pub(super) returned: i64,
    pub(super) accepted: i64,
    pub(super) limit: Share,
    /// The issues whose messages came back. If they are still being sent, they are paused.
    pub(super) issues: BTreeSet<IssueId>,
}

/// Acts on the limits that are not on record yet, in one transaction with that record, so that one of several processes does it. Forgets
/// those of `cleared`.
pub(super) async fn act(app: &App, reached: &[ReachedLimit], cleared: &[RateAlert]) -> Result<(), NoticeError> {
    if reached.is_empty() && cleared.is_empty() {
        return Ok(());
    }
    let is_conflict = |error: &NoticeError| matches!(error, NoticeError::Store(error) if error.is_conflict());
    let paused = retry_on_conflict(is_conflict, || try_to_act(app, reached, cleared)).await?;
    for (issue, name, reason) in paused {
        tracing::error!(issue.id = %issue, issue.name = name, reason, "issue paused");
    }
    app.transactional_wakeup.notify_one();
    Ok(())
}

/// Returns the issues that were paused, with their names and the reasons.
async fn try_to_act(
    app: &App,
    reached: &[ReachedLimit],
    cleared: &[RateAlert],
) -> Result<Vec<(IssueId, String, String)>, NoticeError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    for alert in cleared {
        tx.clear_alert(alert).await?;
    }
    let mut new = Vec::new();
    for limit in reached {
        if tx.raise_alert(&limit.alert, now).await? {
            new.push(limit);
        }
    }
    let mut lines = Vec::new();
    let mut paused = Vec::new();
    for limit in &new {
        let line = limit.describe(&mut tx, app).await?;
        if limit.alert.level == AlertLevel::Pause {
            for issue in &limit.issues {
                paused.extend(pause(&mut tx, app, *issue, &line).await?);
            }
        }
        // The limit of a pause is usually the higher one. One line says enough.
        let is_said = |other: &&ReachedLimit| other.alert.level == AlertLevel::Pause && other.is_about_the_same(limit);
        if limit.alert.level == AlertLevel::Pause || !new.iter().any(is_said) {
            lines.push(line);
        }
    }
    if !lines.is_empty() {
        let names: Vec<_> = paused.iter().map(|(_, name, _)| name.as_str()).collect();
        let lists = list_commands(&mut tx, &new).await?;
        notify(&mut tx, app, &subject(&names), &text(&lines, &lists, &names)).await?;
    }
    tx.commit().await?;
    Ok(paused)
}

/// Pauses an issue and its editions, if they are being sent. Returns the name of the issue, and the reason.
async fn pause(
    tx: &mut Tx,
    app: &App,
    issue: IssueId,
    line: &str,
) -> Result<Option<(IssueId, String, String)>, StoreError> {
    let name = tx.issue_name(issue).await?;
    let reason = format!(
        "{line}; find out where these addresses come from, then run `daywire issue resume {name}` or `daywire issue cancel {name}`"
    );
    let editions = tx.editions_of(issue).await?;
    let mut is_paused = false;
    for id in std::iter::once(issue).chain(editions.into_iter().map(|edition| edition.id)) {
        is_paused |= tx
            .move_issue(
                id,
                IssueState::Sending,
                IssueState::Paused,
                Some(&reason),
                app.clock.now(),
            )
            .await?;
    }
    Ok(is_paused.then_some((issue, name, reason)))
}

fn subject(paused: &[&str]) -> String {
    match paused {
        [] => "Many messages come back".to_owned(),
        [name] => format!("{name} is paused: many messages come back"),
        [name, others @ ..] => format!("{name} and {} are paused: many messages come back", others.join(", ")),
    }
}

/// The commands that list what came back about the subjects of the limits, each once.
async fn list_commands(tx: &mut Tx, limits: &[&ReachedLimit]) -> Result<Vec<String>, StoreError> {
    let mut commands = Vec::new();
    for limit in limits {
        let name = match limit.issues.first() {
            Some(issue) => tx.issue_name(*issue).await?,
            None => continue,
        };
        let command = match limit.alert.scope {
            AlertScope::Issue => format!("daywire bounce list --issue {name}"),
            AlertScope::Newsletter => {
                let slug = name.split('/').next().unwrap_or_default();
                format!("daywire bounce list --newsletter {slug}")
            }
            AlertScope::Domain => format!("daywire bounce list --domain {}", limit.alert.subject),
        };
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    Ok(commands)
}

fn text(lines: &[String], lists: &[String], paused: &[&str]) -> String {
    let mut paragraphs = lines.to_vec();
    paragraphs.push(
        "The addresses that bounced and the readers who complained get no more mail. Find out where they came from: an \
         import, or one form."
            .to_owned(),
    );
    paragraphs.push(format!("See what came back:\n{}", lists.join("\n")));
    for name in paused {
        paragraphs.push(format!("{name} is paused. Send the rest:\ndaywire issue resume {name}"));
        paragraphs.push(format!("Or send no more of it:\ndaywire issue cancel {name}"));
    }
    paragraphs.join("\n\n")
}

impl ReachedLimit {
    fn is_about_the_same(&self, other: &Self) -> bool {
        let key = |limit: &Self| (limit.alert.scope, limit.alert.measure);
        key(self) == key(other) && self.alert.subject == other.alert.subject
    }

    /// Such as: issue daily/12: 12 of 3000 accepted messages were reported as spam (0.40 %; the limit is 0.3 %).
    async fn describe(&self, tx: &mut Tx, app: &App) -> Result<String, StoreError> {
        let window = in_days(app.config.bounces.rate_window);
        let about = match self.alert.scope {
            AlertScope::Issue => match self.issues.first() {
                Some(issue) => format!("issue {}", tx.issue_name(*issue).await?),
                None => "an issue".to_owned(),
            },
            AlertScope::Newsletter => {
                let newsletter = match self.issues.first() {
                    Some(issue) => tx.issue_name(*issue).await?,
                    None => String::new(),
                };
                let slug = newsletter.split('/').next().unwrap_or_default();
                format!("newsletter {slug}, issues of the last {window}")
            }
            AlertScope::Domain => format!("recipients at {}, issues of the last {window}", self.alert.subject),
        };
        let what = match self.alert.measure {
            AlertMeasure::Complaints => "reported as spam",
            AlertMeasure::HardBounces => "returned as hard bounces",
        };
        let verb = if self.returned == 1 { "was" } else { "were" };
        Ok(format!(
            "{about}: {} of {} {verb} {what} ({}; the limit is {})",
            self.returned,
            counted(self.accepted, "accepted message", "accepted messages"),
            percent(self.returned, self.accepted),
            self.limit
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_names_the_paused_issues() {
        assert_eq!(subject(&["daily/1"]), "daily/1 is paused: many messages come back");
        assert_eq!(
            subject(&["daily/1", "week/2"]),
            "daily/1 and week/2 are paused: many messages come back"
        );
    }
}
