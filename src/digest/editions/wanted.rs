//! What the groups of a newsletter's readers want of an issue, and which of it becomes an edition.

use chrono::{Datelike, TimeDelta, Weekday};
use chrono_tz::Tz;

use crate::digest::CompileError;
use crate::digest::inputs::{Inputs, Recap};
use crate::domain::states::Cadence;
use crate::store::Tx;
use crate::store::editions::ReaderGroup;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// What an edition has of its issue. Groups that want the same get the same edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) topics: Vec<String>,
    pub(super) recap: Option<Recap>,
}

/// Groups that get the whole issue because it may have no more editions.
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

/// What a group of readers is to get, if anything; `week` is the first issue of the week's readers, if it is their turn.
pub(super) async fn wanted(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    group: &ReaderGroup,
    week: Option<i64>,
) -> Result<Option<Wanted>, CompileError> {
    let weekly = group.cadence == Cadence::Weekly;
    if weekly && week.is_none() {
        return Ok(None);
    }
    let missed = match group.missed_since {
        Some(since) => tx.first_begun_since(newsletter.id, since).await?,
        None => None,
    };
    // A reader who comes back gets all that was missed; a week's reader at least the week.
    let from = [missed, week.filter(|_| weekly)].into_iter().flatten().min();
    let from = from.unwrap_or(issue.number).min(issue.number);
    // A week's edition is one even if the week had one issue: it is on record by it that the week's readers had theirs.
    let recap = (weekly || from < issue.number).then_some(Recap {
        weekly,
        from,
        to: issue.number,
    });
    Ok(Some(Wanted {
        topics: group.topics(),
        recap,
    }))
}

/// Leaves at most so many distinct editions: those that most readers want. The others get the whole issue; a week's readers the
/// edition of the week without topics, so that it stays one mail a week.
pub(super) fn limit(
    groups: &mut [(ReaderGroup, Option<Wanted>)],
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
    // The sort is stable, and the groups come in the order of what they want: the same readers, the same editions.
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

/// The number of the first issue that the week's readers are told of, if this one is the first since the newsletter's day of
/// the week began.
pub(super) async fn week_due(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    inputs: &Inputs,
) -> Result<Option<i64>, CompileError> {
    let zone: Tz = newsletter.timezone.parse().unwrap_or(Tz::UTC);
    let day: Weekday = newsletter.weekly_day.parse().unwrap_or(Weekday::Mon);
    let today = inputs.at.with_timezone(&zone).date_naive();
    let began = today - TimeDelta::days(i64::from(today.weekday().days_since(day)));
    let last = tx.last_weekly(newsletter.id, issue.number).await?;
    if last.is_some_and(|(at, _)| at.with_timezone(&zone).date_naive() >= began) {
        return Ok(None);
    }
    let after_last = last.map_or(0, |(_, number)| number + 1);
    // Nobody wants to be told of months, when there was no reader of the week for as long.
    let long_ago = TimeDelta::days(if last.is_some() { 14 } else { 7 });
    let lately = tx.first_begun_since(newsletter.id, inputs.at - long_ago).await?;
    let first = lately.unwrap_or(issue.number).min(issue.number);
    Ok(Some(first.max(after_last).min(issue.number)))
}
