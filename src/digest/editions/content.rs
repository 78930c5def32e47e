//! Which content each group of subscribers gets with an issue: the issue itself, an edition, or nothing this time.

use std::cmp::Reverse;

use chrono::{Datelike, TimeDelta};

use crate::digest::error::CompileError;
use crate::digest::inputs::{CombinedFor, CombinedIssues, Inputs};
use crate::domain::states::Cadence;
use crate::domain::time_zone::TimeZone;
use crate::domain::weekly_day::WeeklyDay;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::subscriber_groups::SubscriberGroup;
use crate::words::Language;

/// The content that a group gets. Groups with equal contents share one edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// Empty: stories of all topics.
    pub(super) topics: Vec<String>,
    pub(super) combined_issues: Option<CombinedIssues>,
    /// The language of the fixed texts; `None` for the issue's.
    pub(super) language: Option<Language>,
}

/// Groups that get no edition of their own because `digest.max_editions` is reached. They get the whole issue, or the weekly edition with
/// all topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithoutEdition {
    /// The number of these groups.
    pub groups: i64,
    /// How many subscribers they have together.
    pub subscribers: i64,
}

impl Content {
    /// The content of groups that get the issue itself.
    pub(super) fn whole_issue() -> Self {
        Self {
            topics: Vec::new(),
            combined_issues: None,
            language: None,
        }
    }

    /// The issue's own stories and corrections with the fixed texts that a group wants.
    pub(super) fn in_language_of(group: &SubscriberGroup, of_issue: Language) -> Self {
        Self {
            language: group.key.language.filter(|own| *own != of_issue),
            ..Self::whole_issue()
        }
    }

    /// The number of the first issue that it combines.
    pub(super) fn first_issue(&self) -> Option<i64> {
        self.combined_issues.as_ref().map(|combined| combined.first)
    }

    fn is_weekly(&self) -> bool {
        self.combined_issues.as_ref().is_some_and(CombinedIssues::is_weekly)
    }
}

/// The content that a group gets with an issue; `None` if it gets no mail. `language` is that of the issue, and
/// `first_issue_of_week` the result of [`first_of_week`].
pub(super) async fn content_of(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    group: &SubscriberGroup,
    language: Language,
    first_issue_of_week: Option<i64>,
) -> Result<Option<Content>, CompileError> {
    let is_weekly = group.key.cadence == Cadence::Weekly;
    if is_weekly && first_issue_of_week.is_none() {
        return Ok(None);
    }
    let missed = match group.key.missed_since {
        Some(since) => tx.first_started_since(newsletter.id, since).await?,
        None => None,
    };
    // After a pause, a weekly subscriber gets everything since it began, and at least the week.
    let first = [missed, first_issue_of_week.filter(|_| is_weekly)]
        .into_iter()
        .flatten()
        .min();
    let first = first.unwrap_or(issue.number).min(issue.number);
    // The weekly edition is made even if the week had a single issue: its row records that the week's mail was sent.
    let combined_issues = (is_weekly || first < issue.number).then_some(CombinedIssues {
        reason: if is_weekly {
            CombinedFor::WeeklyDigest
        } else {
            CombinedFor::EndedPause
        },
        first,
        last: issue.number,
    });
    Ok(Some(Content {
        topics: group.key.topics.to_vec(),
        combined_issues,
        ..Content::in_language_of(group, language)
    }))
}

/// Keeps at most `max` distinct editions, those with the most subscribers. The other groups get the whole issue. Weekly groups get the
/// weekly edition with all topics instead, so that they still get one mail a week. That edition is kept even if `max` is 0.
///
/// The whole issue contains only its own stories. So subscribers back from a pause who lose their edition do not get what they missed.
pub(super) fn limit_editions(
    groups: &mut [(SubscriberGroup, Option<Content>)],
    max: usize,
    issue: &Issue,
    first_issue_of_week: Option<i64>,
) -> WithoutEdition {
    let whole_issue = Content::whole_issue();
    let mut editions: Vec<(Content, i64)> = Vec::new();
    for (group, content) in groups.iter() {
        let Some(content) = content.as_ref().filter(|content| **content != whole_issue) else {
            continue;
        };
        match editions.iter_mut().find(|(known, _)| known == content) {
            Some((_, subscribers)) => *subscribers += group.subscribers,
            None => editions.push((content.clone(), group.subscribers)),
        }
    }
    if editions.len() <= max {
        return WithoutEdition::default();
    }
    // The edition that weekly groups fall back to takes one of the `max` places.
    let weekly_fallback = first_issue_of_week
        .map(|first| Content {
            topics: Vec::new(),
            combined_issues: Some(CombinedIssues {
                reason: CombinedFor::WeeklyDigest,
                first,
                last: issue.number,
            }),
            language: None,
        })
        .filter(|_| editions.iter().any(|(content, _)| content.is_weekly()));
    editions.retain(|(content, _)| Some(content) != weekly_fallback.as_ref());
    // The sort is stable and groups are read in a fixed order, so the same subscribers give the same result.
    editions.sort_by_key(|(_, subscribers)| Reverse(*subscribers));
    editions.truncate(max.saturating_sub(usize::from(weekly_fallback.is_some())));
    let kept: Vec<Content> = editions
        .into_iter()
        .map(|(content, _)| content)
        .chain(weekly_fallback.clone())
        .collect();
    let mut without_edition = WithoutEdition::default();
    for (group, content) in groups {
        let is_dropped = |content: &&mut Content| **content != whole_issue && !kept.contains(content);
        let Some(content) = content.as_mut().filter(is_dropped) else {
            continue;
        };
        without_edition.groups += 1;
        without_edition.subscribers += group.subscribers;
        *content = match &weekly_fallback {
            Some(fallback) if content.is_weekly() => fallback.clone(),
            _ => whole_issue.clone(),
        };
    }
    without_edition
}

/// The number of the first issue in the weekly digest; `None` if the digest is not due with this issue. It is due with the first issue
/// since the newsletter's `weekly_day` began.
pub(super) async fn first_of_week(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    inputs: &Inputs,
) -> Result<Option<i64>, CompileError> {
    let (TimeZone(zone), WeeklyDay(day)) = (newsletter.timezone, newsletter.weekly_day);
    let today = inputs.at.with_timezone(&zone).date_naive();
    let week_began = today - TimeDelta::days(i64::from(today.weekday().days_since(day)));
    let last_weekly = tx.last_weekly(newsletter.id, issue.number).await?;
    if last_weekly.is_some_and(|(at, _)| at.with_timezone(&zone).date_naive() >= week_began) {
        return Ok(None);
    }
    let after_last = last_weekly.map_or(0, |(_, number)| number + 1);
    // The digest starts after the last one, but goes back at most two weeks: if nobody chose weekly mails for months, the last one is
    // old. Without an earlier digest it covers one week.
    let max_age = TimeDelta::days(if last_weekly.is_some() { 14 } else { 7 });
    let recent = tx.first_started_since(newsletter.id, inputs.at - max_age).await?;
    let first = recent.unwrap_or(issue.number).min(issue.number);
    Ok(Some(first.max(after_last).min(issue.number)))
}
