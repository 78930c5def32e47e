//! `daywire stats`: what happened to the subscriptions of each newsletter, by day. Nobody is tracked for it: all of it is counted when it
//! is recorded, and no count names a person.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::context::Context;
use super::{names, output};
use crate::domain::counted::CountedEvent;
use crate::domain::ids::NewsletterId;

/// Options of `daywire stats`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only this newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// How many days to show, including today (UTC).
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    days: u16,
}

/// The counts of one day and newsletter.
#[derive(Default)]
struct Counts {
    events: BTreeMap<CountedEvent, i64>,
    /// The reasons that subscribers gave for leaving.
    reasons: BTreeMap<String, i64>,
}

impl Counts {
    fn of(&self, event: CountedEvent) -> i64 {
        self.events.get(&event).copied().unwrap_or(0)
    }

    /// How many left, by way.
    fn left(&self) -> impl Iterator<Item = (&'static str, i64)> {
        let ways = CountedEvent::ALL
            .iter()
            .filter_map(|event| Some((event.way_of_leaving()?, self.of(*event))));
        ways.filter(|(_, count)| *count > 0)
    }
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let since = app.clock.now() - TimeDelta::days(i64::from(args.days) - 1);
    let mut tx = app.store.read_snapshot().await?;
    let only = match &args.newsletter {
        Some(slug) => Some(names::newsletter_or_removed(&mut tx, slug).await?.id),
        None => None,
    };
    let slugs: BTreeMap<NewsletterId, String> = tx.newsletter_slugs().await?.into_iter().collect();
    let mut days: BTreeMap<(String, String), Counts> = BTreeMap::new();
    let is_shown = |id: NewsletterId| only.is_none_or(|only| only == id);
    // Without a known newsletter: an event of a mail provider that names only an address.
    let slug = |id: NewsletterId| slugs.get(&id).cloned().unwrap_or_default();
    for count in tx.daily_counts(since).await? {
        if is_shown(count.newsletter_id) {
            let day = days.entry((count.day, slug(count.newsletter_id))).or_default();
            *day.events.entry(count.event).or_default() += count.count;
        }
    }
    for count in tx.leaving_reasons_by_day(since).await? {
        if is_shown(count.newsletter_id) {
            let day = days.entry((count.day, slug(count.newsletter_id))).or_default();
            *day.reasons.entry(count.reason).or_default() += count.count;
        }
    }
    drop(tx);
    if context.json {
        let days: Vec<Value> = days
            .iter()
            .map(|((day, newsletter), counts)| document(day, newsletter, counts))
            .collect();
        return output::json(&json!({ "days": days }));
    }
    let rows = days
        .iter()
        .map(|((day, newsletter), counts)| row(day, newsletter, counts));
    output::table(
        &[
            "day (UTC)",
            "newsletter",
            "asked",
            "confirmed",
            "imported",
            "expired",
            "left",
            "restored",
            "delivered",
            "bounced",
            "complained",
            "reasons for leaving",
        ],
        rows.collect(),
        "nothing happened in this time",
    )
}

fn document(day: &str, newsletter: &str, counts: &Counts) -> Value {
    let left: serde_json::Map<_, _> = counts
        .left()
        .map(|(way, count)| (way.to_owned(), json!(count)))
        .collect();
    json!({
        "day": day,
        "newsletter": Some(newsletter).filter(|slug| !slug.is_empty()),
        "asked": counts.of(CountedEvent::Asked),
        "confirmed": counts.of(CountedEvent::Confirmed),
        "imported": counts.of(CountedEvent::Imported),
        "expired": counts.of(CountedEvent::Expired),
        "left": left,
        "restored": counts.of(CountedEvent::Restored),
        "delivered": counts.of(CountedEvent::Delivered),
        "bounced": counts.of(CountedEvent::Bounced),
        "complained": counts.of(CountedEvent::Complained),
        "reasons": counts.reasons,
    })
}

fn row(day: &str, newsletter: &str, counts: &Counts) -> Vec<String> {
    let listed = |counts: Vec<(&str, i64)>| {
        let parts = counts.into_iter().map(|(name, count)| format!("{count} {name}"));
        parts.collect::<Vec<_>>().join(", ")
    };
    let number = |event| counts.of(event).to_string();
    vec![
        day.to_owned(),
        newsletter.to_owned(),
        number(CountedEvent::Asked),
        number(CountedEvent::Confirmed),
        number(CountedEvent::Imported),
        number(CountedEvent::Expired),
        listed(counts.left().collect()),
        number(CountedEvent::Restored),
        number(CountedEvent::Delivered),
        number(CountedEvent::Bounced),
        number(CountedEvent::Complained),
        listed(
            counts
                .reasons
                .iter()
                .map(|(reason, count)| (reason.as_str(), *count))
                .collect(),
        ),
    ]
}
