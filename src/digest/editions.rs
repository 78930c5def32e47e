//! Editions: what readers of one issue get who chose topics, want one digest a week, or come back from a pause. Each distinct
//! content is compiled once, from what the issue was frozen with, and is an issue of its own to the delivery.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use super::compile::compile_grouped;
use super::inputs::{Edits, Inputs, Recap};
use super::selection::Grouping;
use super::{CompileError, candidate, decisions, freeze, story_rows, thaw};
use crate::app::App;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::states::{Cadence, IssueState};
use crate::store::Tx;
use crate::store::editions::ReaderGroup;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// What a group of readers gets of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edition {
    /// The issue as it is.
    Same,
    /// An edition, stored as this draft.
    Other(IssueId),
    /// Nothing this time.
    None,
}

/// Compiles the editions of an issue that has just begun, and says what each group of its newsletter's readers gets.
/// Those that nothing is left for are on record as skipped.
///
/// # Errors
/// [`CompileError`].
pub async fn plan(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
) -> Result<Vec<(ReaderGroup, Edition)>, CompileError> {
    let groups = tx.reader_groups(newsletter.id).await?;
    if groups.iter().all(ReaderGroup::is_plain) {
        return Ok(groups.into_iter().map(|group| (group, Edition::Same)).collect());
    }
    let Some(frozen) = tx.issue_inputs(issue.id).await? else {
        return Ok(groups.into_iter().map(|group| (group, Edition::Same)).collect());
    };
    let inputs = thaw(issue.id, &frozen)?;
    let week = week_due(tx, newsletter, issue, &inputs).await?;
    let mut made: Vec<(Wanted, Edition)> = Vec::new();
    // By the first issue of the recap: what else editions differ in concerns no grouping.
    let mut gathered: HashMap<Option<i64>, (Inputs, Grouping)> = HashMap::new();
    let mut planned = Vec::new();
    for group in groups {
        if group.cadence == Cadence::Weekly && week.is_none() {
            planned.push((group, Edition::None));
            continue;
        }
        let wanted = wanted(tx, newsletter, issue, &group, week).await?;
        let known = made.iter().find(|(known, _)| *known == wanted);
        let edition = if let Some((_, edition)) = known {
            edition.clone()
        } else {
            let number = i64::try_from(made.len()).unwrap_or(i64::MAX) + 1;
            let from = wanted.recap.as_ref().map(|recap| recap.from);
            let (inputs, grouping) = match gathered.entry(from) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let inputs = match from {
                        Some(from) => gather(tx, app, newsletter, &inputs, from).await?,
                        None => inputs.clone(),
                    };
                    let grouping = Grouping::of(&inputs);
                    place.insert((inputs, grouping))
                }
            };
            inputs.topics.clone_from(&wanted.topics);
            inputs.recap.clone_from(&wanted.recap);
            let edition = make(tx, app, issue, inputs, grouping, number).await?;
            made.push((wanted, edition.clone()));
            edition
        };
        planned.push((group, edition));
    }
    Ok(planned)
}

/// What an edition has of its issue. Groups that want the same get the same edition.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    topics: Vec<String>,
    recap: Option<Recap>,
}

/// What a group of readers is to get, if `week` is the first issue of the week's readers.
async fn wanted(
    tx: &mut Tx,
    newsletter: &Newsletter,
    issue: &Issue,
    group: &ReaderGroup,
    week: Option<i64>,
) -> Result<Wanted, CompileError> {
    let missed = match group.missed_since {
        Some(since) => tx.first_begun_since(newsletter.id, since).await?,
        None => None,
    };
    let weekly = group.cadence == Cadence::Weekly;
    // Whoever comes back is told of all that was missed, a week's reader of the week at least.
    let from = [missed, week.filter(|_| weekly)].into_iter().flatten().min();
    let from = from.unwrap_or(issue.number);
    // A week's edition is one even if the week had one issue: it is on record by it that the week's readers had theirs.
    let recap = (weekly || from < issue.number).then_some(Recap {
        weekly,
        from,
        to: issue.number,
    });
    Ok(Wanted {
        topics: group.topics(),
        recap,
    })
}

/// What an edition is compiled from that gathers the issues from number `from` on. It is ranked anew; what an editor thought of
/// single articles holds: headlines, weights, and what is one story.
async fn gather(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Inputs,
    from: i64,
) -> Result<Inputs, CompileError> {
    let mut edits = Edits::default();
    let mut weights: HashMap<ArticleId, f64> = HashMap::new();
    // This issue is among them: it has just begun.
    for (id, _) in tx.issues_begun(newsletter.id, from).await? {
        let Some(frozen) = tx.issue_inputs(id).await? else {
            continue;
        };
        let past = thaw(id, &frozen)?;
        edits.titles.extend(past.edits.titles);
        edits.regrouped.extend(past.edits.regrouped);
        weights.extend(past.candidates.iter().map(|known| (known.id, known.weight)));
    }
    let sent = tx.articles_sent(newsletter.id, from).await?.into_iter();
    let candidates = sent.map(|(_, article)| {
        let now = issue.candidates.iter().find(|known| known.id == article.id);
        let weight = weights.get(&article.id).copied().unwrap_or(1.0);
        now.cloned().unwrap_or_else(|| candidate(app, article, false, weight))
    });
    Ok(Inputs {
        candidates: candidates.collect(),
        // Nothing in it was told to these readers.
        told: Vec::new(),
        edits,
        ..issue.clone()
    })
}

/// Compiles and stores an edition.
async fn make(
    tx: &mut Tx,
    app: &App,
    issue: &Issue,
    inputs: &Inputs,
    grouping: &Grouping,
    number: i64,
) -> Result<Edition, CompileError> {
    let compilation = compile_grouped(inputs, grouping)?;
    if compilation.html == issue.html && compilation.subject == issue.subject {
        return Ok(Edition::Same);
    }
    let now = app.clock.now();
    let empty = compilation.chosen() == 0;
    let edition = Issue {
        id: IssueId(app.chance.uuid(now)),
        state: if empty { IssueState::Skipped } else { IssueState::Draft },
        reason: empty.then(|| "no story for the readers of this edition".into()),
        subject: compilation.subject.clone(),
        html: compilation.html.clone(),
        text: compilation.text.clone(),
        edition: number,
        edition_of: Some(issue.id),
        edition_name: name(inputs),
        weekly: inputs.recap.as_ref().is_some_and(|recap| recap.weekly),
        created_at: now,
        started_at: None,
        finished_at: empty.then_some(now),
        recipients: None,
        ..issue.clone()
    };
    tx.add_issue(&edition).await?;
    tx.put_issue_inputs(edition.id, &freeze(edition.id, inputs)?).await?;
    tx.put_issue_stories(edition.id, &[], &story_rows(edition.id, &decisions(&compilation)))
        .await?;
    Ok(if empty {
        Edition::None
    } else {
        Edition::Other(edition.id)
    })
}

/// What operators know an edition by.
fn name(inputs: &Inputs) -> String {
    let topics = (!inputs.topics.is_empty()).then(|| format!("topics: {}", inputs.topics.join(", ")));
    let recap = inputs.recap.as_ref().map(|recap| {
        if recap.weekly {
            "weekly".to_owned()
        } else {
            format!("what you missed since no. {}", recap.from)
        }
    });
    [recap, topics].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The number of the first issue that the week's readers are told of, if this one is the first since the newsletter's day of
/// the week began.
async fn week_due(
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
    Ok(Some(lately.unwrap_or(issue.number).max(after_last).min(issue.number)))
}

/// When a reader's clock shows what the newsletter's clock shows at `due`, from then on.
#[must_use]
pub fn local_time(due: DateTime<Utc>, newsletter: Tz, reader: Tz) -> DateTime<Utc> {
    let time = due.with_timezone(&newsletter).time();
    let today = due.with_timezone(&reader).date_naive();
    // Where the hour is left out in spring, the first moment after it.
    let on = |date: chrono::NaiveDate| {
        (0..=180).find_map(|minutes| {
            let local = date.and_time(time) + TimeDelta::minutes(minutes);
            local
                .and_local_timezone(reader)
                .earliest()
                .map(|at| at.with_timezone(&Utc))
        })
    };
    let mut days = (0..=2).filter_map(|days| on(today + TimeDelta::days(days)));
    days.find(|at| *at >= due).unwrap_or(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readers_clock_shows_the_newsletters_time() {
        let at = |due: &str, reader: &str| {
            let due = due.parse().expect("a time");
            let zone = reader.parse().expect("a zone");
            local_time(due, chrono_tz::Europe::Berlin, zone).to_rfc3339()
        };
        // Berlin 07:00.
        assert_eq!(at("2026-03-02T06:00:00Z", "Europe/Berlin"), "2026-03-02T06:00:00+00:00");
        assert_eq!(
            at("2026-03-02T06:00:00Z", "America/New_York"),
            "2026-03-02T12:00:00+00:00"
        );
        // In Tokyo it is 15:00 by then: the next morning.
        assert_eq!(at("2026-03-02T06:00:00Z", "Asia/Tokyo"), "2026-03-02T22:00:00+00:00");
    }

    #[test]
    fn an_hour_that_is_left_out_or_comes_twice_is_taken_once() {
        let at = |due: &str, reader: chrono_tz::Tz| {
            local_time(due.parse().expect("a time"), chrono_tz::UTC, reader).to_rfc3339()
        };
        // 02:30 does not exist in New York on 8 March 2026, and comes twice in Berlin on 25 October.
        assert_eq!(
            at("2026-03-08T02:30:00Z", chrono_tz::America::New_York),
            "2026-03-08T07:00:00+00:00"
        );
        assert_eq!(
            at("2026-10-24T02:30:00Z", chrono_tz::Europe::Berlin),
            "2026-10-25T00:30:00+00:00"
        );
    }
}
