//! Statistics as charts: growth, sign-ups, deliveries, and what came back. They are made of counts by day, so they are as fast with a
//! million readers as with ten.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::chart::{Chart, Series, Shape};
use super::console::Console;
use super::forms::field;
use super::rate_line::RateLine;
use crate::domain::counted::CountedEvent;
use crate::domain::ids::NewsletterId;
use crate::domain::states::SubscriptionState;
use crate::domain::time::time_delta;
use crate::store::daily_counts::DailyCount;
use crate::store::{StoreError, Tx};
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;
use crate::words::Words;

/// The numbers of days to choose from; the first is the default.
const DAYS: [u16; 4] = [30, 7, 90, 365];
/// How many domains are shown.
const MAX_DOMAINS: i64 = 20;

#[derive(Debug, Template)]
#[template(path = "admin/statistics.html")]
struct StatisticsPage {
    console: Console,
    /// The newsletters to choose from: slug and name.
    newsletters: Vec<(String, String)>,
    chosen: String,
    days: u16,
    charts: Vec<String>,
    rates: Vec<RateLine>,
}

impl StatisticsPage {
    #[expect(clippy::unused_self, reason = "a template calls methods only")]
    fn choices(&self) -> Vec<u16> {
        let mut choices = DAYS.to_vec();
        choices.sort_unstable();
        choices
    }

    fn is_chosen(&self, slug: &str) -> bool {
        self.chosen == slug
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn is_for(&self, days: &u16) -> bool {
        self.days == *days
    }
}

/// Counts by day and event.
struct Counts {
    days: Vec<String>,
    of_day: HashMap<(String, CountedEvent), i64>,
    recipients: HashMap<String, i64>,
    /// How many subscriptions are in force now.
    in_force: i64,
}

impl Counts {
    /// The counts of the last days, of one newsletter or of all.
    async fn read(tx: &mut Tx, only: Option<NewsletterId>, now: DateTime<Utc>, days: u16) -> Result<Self, StoreError> {
        let first = now.date_naive().checked_sub_days(Days::new(u64::from(days) - 1));
        let since = first.unwrap_or(NaiveDate::MIN).and_time(NaiveTime::MIN).and_utc();
        let is_counted = |id: NewsletterId| only.is_none_or(|only| only == id);
        let mut of_day: HashMap<(String, CountedEvent), i64> = HashMap::new();
        for DailyCount {
            day,
            newsletter_id,
            event,
            count,
        } in tx.written_daily_counts(since).await?
        {
            if is_counted(newsletter_id) {
                *of_day.entry((day, event)).or_default() += count;
            }
        }
        let mut recipients: HashMap<String, i64> = HashMap::new();
        for (day, newsletter, count) in tx.recipients_by_day(since).await? {
            if is_counted(newsletter) {
                *recipients.entry(day).or_default() += count;
            }
        }
        let in_force = tx.count_subscriptions().await?.into_iter();
        let in_force = in_force.filter(|(newsletter, state, _)| {
            is_counted(*newsletter) && matches!(state, SubscriptionState::Confirmed | SubscriptionState::Paused)
        });
        Ok(Self {
            days: days_until(now.date_naive(), days),
            of_day,
            recipients,
            in_force: in_force.map(|(_, _, count)| count).sum(),
        })
    }

    fn values(&self, events: &[CountedEvent]) -> Vec<u64> {
        let sum = |day: &String| {
            let counts = events
                .iter()
                .filter_map(|event| self.of_day.get(&(day.clone(), *event)));
            u64::try_from(counts.sum::<i64>()).unwrap_or(0)
        };
        self.days.iter().map(sum).collect()
    }

    /// How many subscriptions were in force at the end of each day: the present number without what was added and ended since.
    fn growth(&self) -> Vec<u64> {
        let mut number = self.in_force;
        let mut newest_first = Vec::new();
        for day in self.days.iter().rev() {
            newest_first.push(u64::try_from(number).unwrap_or(0));
            for event in CountedEvent::ALL {
                let count = self.of_day.get(&(day.clone(), *event)).copied().unwrap_or(0);
                number -= match event {
                    CountedEvent::Confirmed | CountedEvent::Imported | CountedEvent::Restored => count,
                    event if event.way_of_leaving().is_some() => -count,
                    _ => 0,
                };
            }
        }
        newest_first.reverse();
        newest_first
    }
}

fn leaving() -> Vec<CountedEvent> {
    let ways = CountedEvent::ALL.iter().copied();
    ways.filter(|event| event.way_of_leaving().is_some()).collect()
}

/// The days up to `today`, such as `2026-11-23`.
fn days_until(today: NaiveDate, count: u16) -> Vec<String> {
    let days = (0..u64::from(count)).rev();
    days.filter_map(|ago| today.checked_sub_days(Days::new(ago)))
        .map(|day| day.to_string())
        .collect()
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let chosen = field(query.as_bytes(), "newsletter");
    let days = field(query.as_bytes(), "days").parse().ok();
    let days = days.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
    let now = web.app.clock.now();
    let rates_since = now - time_delta(web.app.config.bounces.rate_window);
    let mut tx = web.app.store.read_snapshot().await?;
    let newsletters = tx.newsletters().await?;
    let only = newsletters
        .iter()
        .find(|found| found.slug == chosen)
        .map(|found| found.id);
    let counts = Counts::read(&mut tx, only, now, days).await?;
    let domains = if only.is_none() {
        tx.rates_by_domain(rates_since, MAX_DOMAINS).await?
    } else {
        Vec::new()
    };
    drop(tx);
    let mut charts = Vec::new();
    for chart in charts_of(&console.words, &counts) {
        charts.push(chart.render()?);
    }
    render(&StatisticsPage {
        newsletters: newsletters.into_iter().map(|found| (found.slug, found.name)).collect(),
        chosen,
        days,
        charts,
        rates: domains.into_iter().map(RateLine::from).collect(),
        console,
    })
}

/// The chart of a newsletter's subscriptions in force.
pub(super) async fn growth_of(
    tx: &mut Tx,
    words: &Words,
    newsletter: NewsletterId,
    now: DateTime<Utc>,
) -> Result<Chart, StoreError> {
    let counts = Counts::read(tx, Some(newsletter), now, DAYS[0]).await?;
    Ok(growth_chart(words, &counts))
}

fn growth_chart(words: &Words, counts: &Counts) -> Chart {
    let growth = Series {
        label: words.chart_growth(),
        values: counts.growth(),
    };
    let title = ("growth", words.chart_growth());
    Chart::new(words, title, Shape::Line, &counts.days, vec![growth])
}

fn charts_of(words: &Words, counts: &Counts) -> Vec<Chart> {
    let series = |label: String, events: &[CountedEvent]| Series {
        label,
        values: counts.values(events),
    };
    let recipients = counts.days.iter().map(|day| {
        let count = counts.recipients.get(day).copied().unwrap_or(0);
        u64::try_from(count).unwrap_or(0)
    });
    let days = &counts.days;
    vec![
        growth_chart(words, counts),
        Chart::new(
            words,
            ("signups", words.chart_signups()),
            Shape::Bars,
            days,
            vec![
                series(words.chart_asked(), &[CountedEvent::Asked]),
                series(words.chart_confirmed(), &[CountedEvent::Confirmed]),
                series(words.chart_left(), &leaving()),
            ],
        ),
        Chart::new(
            words,
            ("deliveries", words.chart_deliveries()),
            Shape::Bars,
            days,
            vec![Series {
                label: words.chart_recipients(),
                values: recipients.collect(),
            }],
        ),
        Chart::new(
            words,
            ("returned", words.chart_returned()),
            Shape::Bars,
            days,
            vec![
                series(words.chart_bounces(), &[CountedEvent::Bounced]),
                series(words.alert_complaints(), &[CountedEvent::Complained]),
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn growth_is_counted_back_from_the_present_number() {
        let days = days_until(NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day"), 3);
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
        let of_day = BTreeMap::from([
            (("2026-03-01".to_owned(), CountedEvent::Confirmed), 5),
            (("2026-03-01".to_owned(), CountedEvent::LeftByPage), 1),
            (("2026-02-28".to_owned(), CountedEvent::Imported), 10),
            (("2026-02-28".to_owned(), CountedEvent::Bounced), 7),
        ]);
        let counts = Counts {
            days,
            of_day: of_day.into_iter().collect(),
            recipients: HashMap::new(),
            in_force: 20,
        };
        assert_eq!(counts.growth(), [6, 16, 20]);
        assert_eq!(counts.values(&[CountedEvent::Bounced]), [0, 7, 0]);
    }
}
