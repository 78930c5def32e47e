//! `daywire subscriber prefer`: what a reader preferences of a newsletter, set by an operator.

use anyhow::Context as _;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::json;

use crate::cli::{Context, find_newsletter, output};
use crate::domain::address::EmailAddress;
use crate::domain::states::Cadence;
use crate::preferences::{ChangedBy, Pause, PreferenceChange, save};

/// What to change; the rest stays as it is.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The reader's address.
    address: String,
    /// The newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// Only stories of these topics of the newsletter, with commas between them; empty for all.
    #[arg(long, value_name = "TOPICS", value_delimiter = ',')]
    topics: Option<Vec<String>>,
    /// Every issue, or one a week of the week's best: every, weekly.
    #[arg(long)]
    cadence: Option<Cadence>,
    /// The reader's time zone, for newsletters with `local_time`; it holds for all of them.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    timezone: Option<Tz>,
    /// Send nothing until this day begins, a year from now at most; the first issue after it tells what was missed.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pause_until: Option<NaiveDate>,
    /// End a pause now.
    #[arg(long, conflicts_with = "pause_until")]
    resume: bool,
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse()
        .map_err(|_| "it is not a time zone; write one such as Europe/Berlin".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "write a day such as 2027-01-31".to_owned())
}

pub async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(&args.address)?;
    let mut tx = app.store.read().await?;
    let newsletter = find_newsletter(&mut tx, &args.newsletter).await?;
    let subscriber = tx.subscriber_by_address(&address).await?;
    let subscriber = subscriber.context("nobody with that address has subscribed")?;
    let subscriptions = tx.subscriptions_of(subscriber.id).await?;
    let subscription = subscriptions
        .into_iter()
        .find(|there| there.newsletter_id == newsletter.id);
    let subscription = subscription.with_context(|| format!("that address never subscribed to {}", newsletter.slug))?;
    drop(tx);
    let pause = args.pause_until.map(Pause::Until).or(args.resume.then_some(Pause::End));
    let change = PreferenceChange {
        topics: args.topics.clone(),
        cadence: args.cadence,
        timezone: args.timezone,
        pause,
    };
    let preferences = save(&app, &subscription, &change, ChangedBy::Operator).await?;
    let shown = json!({
        "state": preferences.state,
        "topics": preferences.topics.to_vec(),
        "cadence": preferences.cadence,
        "paused_until": preferences.paused_until,
    });
    if context.json {
        return output::json(&shown);
    }
    let topics = if preferences.topics.is_empty() {
        "all topics".to_owned()
    } else {
        preferences.topics.to_string()
    };
    let paused = preferences
        .paused_until
        .map(|until| format!(" until {}", output::time(until)));
    output::text(&format!(
        "{}{}: {topics}, {}",
        preferences.state,
        paused.unwrap_or_default(),
        preferences.cadence
    ))
}
