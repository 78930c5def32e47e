//! What the groups of a newsletter's readers want of an issue, and which groups get an edition.

use chrono::{Datelike, TimeDelta};

use crate::digest::CompileError;
use crate::digest::inputs::{Inputs, Recap};
use crate::domain::states::Cadence;
use crate::domain::time_zone::TimeZone;
use crate::domain::weekly_day::WeeklyDay;
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::subscriber_groups::SubscriberGroup;

/// The content of an edition. Groups that want the same get the same edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) topics: Vec<String>,
    pub(super) recap: Option<Recap>,
}

/// Groups that get the whole issue because `digest.max_editions` is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithoutEdition {
    /// How many groups.
    pub groups: i64,
    /// How many readers they have together.
    pub readers: i64,
}

impl Wanted {
    /// The issue as it is.
    pub(super) fn whole() -> Self {
        Self {
            topics: Vec::new(),
            recap: None,
        }
    }

    /// The number of the first issue that it gathers, if it is a recap.
    pub(super) fn first(&self) -> Option<i64> {
        self.recap.as_ref().map(|recap| recap.from)
    }
}

/// What a group of readers gets, if anything. `week` is the number of the first issue of the weekly digest if it is due.
pub(super) async fn wanted(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    group: &SubscriberGroup,
    week: Option<i64>,
) -> Result<Option<Wanted>, CompileError> {
    let weekly = group.cadence == Cadence::Weekly;
    if weekly && week.is_none() {
        return Ok(None);
    }
    let missed = match group.missed_since {
        Some(since) => tx.first_started_since(newsletter.id, since).await?,
        None => None,
    };
    // A reader who comes back gets everything since the pause began; a weekly reader at least the week.
    let from = [missed, week.filter(|_| weekly)].into_iter().flatten().min();
    let from = from.unwrap_or(issue.number).min(issue.number);
    // The weekly edition is made even if the week had a single issue: it records that the weekly readers got their mail.
    let recap = (weekly || from < issue.number).then_some(Recap {
        weekly,
        from,
        to: issue.number,
    });
    Ok(Some(Wanted {
        topics: group.topics.to_vec(),
        recap,
    }))
}

/// Keeps at most `most` distinct editions, those with the most readers. The other readers get the whole issue; weekly readers
/// get the weekly edition without topics, so that they still get one mail a week.
pub(super) fn limit(
    groups: &mut [(SubscriberGroup, Option<Wanted>)],
    most: usize,
    issue: &Issue,
    week: Option<i64>,
) -> WithoutEdition {
    let mut distinct: Vec<(Wanted, i64)> = Vec::new();
    for (group, wanted) in groups.iter() {
        let Some(wanted) = wanted.as_ref().filter(|wanted| **wanted != Wanted::whole()) else {
            continue;
        };
        match distinct.iter_mut().find(|(known, _)| known == wanted) {
            Some((_, readers)) => *readers += group.readers,
            None => distinct.push((wanted.clone(), group.readers)),
        }
    }
    if distinct.len() <= most {
        return WithoutEdition::default();
    }
    let of_the_week = week.map(|from| Wanted {
        topics: Vec::new(),
        recap: Some(Recap {
            weekly: true,
            from,
            to: issue.number,
        }),
    });
    let is_weekly = |wanted: &Wanted| wanted.recap.as_ref().is_some_and(|recap| recap.weekly);
    let anybody_weekly = distinct.iter().any(|(wanted, _)| is_weekly(wanted));
    let reserved = of_the_week.filter(|_| anybody_weekly);
    // The sort is stable and the groups are ordered by what they want, so the result is the same for the same readers.
    distinct.retain(|(wanted, _)| Some(wanted) != reserved.as_ref());
    distinct.sort_by_key(|(_, readers)| std::cmp::Reverse(*readers));
    distinct.truncate(most.saturating_sub(usize::from(reserved.is_some())));
    let kept: Vec<Wanted> = distinct
        .into_iter()
        .map(|(wanted, _)| wanted)
        .chain(reserved.clone())
        .collect();
    let mut without_edition = WithoutEdition::default();
    for (group, wanted) in groups {
        let Some(one) = wanted
            .as_ref()
            .filter(|one| **one != Wanted::whole() && !kept.contains(one))
        else {
            continue;
        };
        without_edition.groups += 1;
        without_edition.readers += group.readers;
        *wanted = match &reserved {
            Some(reserved) if is_weekly(one) => Some(reserved.clone()),
            _ => Some(Wanted::whole()),
        };
    }
    without_edition
}

/// The number of the first issue in the weekly digest, if this issue is the first since the newsletter's `weekly_day` began.
pub(super) async fn week_due(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    inputs: &Inputs,
) -> Result<Option<i64>, CompileError> {
    let (TimeZone(zone), WeeklyDay(day)) = (newsletter.timezone, newsletter.weekly_day);
    let today = inputs.at.with_timezone(&zone).date_naive();
    let began = today - TimeDelta::days(i64::from(today.weekday().days_since(day)));
    let last = tx.last_weekly(newsletter.id, issue.number).await?;
    if last.is_some_and(|(at, _)| at.with_timezone(&zone).date_naive() >= began) {
        return Ok(None);
    }
    let after_last = last.map_or(0, |(_, number)| number + 1);
    // If there was no weekly reader for months, the digest does not reach back that far.
    let long_ago = TimeDelta::days(if last.is_some() { 14 } else { 7 });
    let lately = tx.first_started_since(newsletter.id, inputs.at - long_ago).await?;
    let first = lately.unwrap_or(issue.number).min(issue.number);
    Ok(Some(first.max(after_last).min(issue.number)))
}
