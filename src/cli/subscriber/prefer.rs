//! `daywire subscriber prefer`: what a reader wants of a newsletter, set by an operator.

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::json;

use crate::cli::{Context, find_newsletter, output};
use crate::domain::address::EmailAddress;
use crate::domain::states::Cadence;
use crate::signup::topics;
use crate::store::editions::Preferences;

/// What to change; the rest stays as it is.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The reader's address.
    address: String,
    /// The newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// Only stories of these topics, with commas between them; empty for all.
    #[arg(long, value_name = "TOPICS", value_delimiter = ',')]
    topics: Option<Vec<String>>,
    /// Every issue, or one a week of the week's best: every, weekly.
    #[arg(long)]
    cadence: Option<Cadence>,
    /// The reader's time zone, for newsletters with `local_time`; it holds for all of them.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Tz>,
    /// Send nothing until this day begins; the first issue after tells what was missed.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pause_until: Option<NaiveDate>,
    /// End a pause now.
    #[arg(long, conflicts_with = "pause_until")]
    resume: bool,
}

pub async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(&args.address)?;
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let newsletter = find_newsletter(&mut tx, &args.newsletter).await?;
    let subscriber = tx.subscriber_by_address(&address).await?;
    let subscriber = subscriber.context("nobody with that address has subscribed")?;
    let subscriptions = tx.subscriptions_of(subscriber.id).await?;
    let subscription = subscriptions
        .into_iter()
        .find(|there| there.newsletter_id == newsletter.id);
    let subscription = subscription.with_context(|| format!("that address never subscribed to {}", newsletter.slug))?;
    let wanted = Preferences {
        topics: args.topics.as_ref().map(|wanted| topics(wanted)),
        cadence: args.cadence,
    };
    // An issue that is just being sent is sent by what was wanted before, or by what is wanted now.
    tx.lock_newsletter(newsletter.id).await?;
    tx.set_preferences(subscription.id, &wanted).await?;
    let zone = args.timezone.map(|zone| zone.to_string());
    if let Some(zone) = &zone {
        tx.set_timezone(subscriber.id, zone).await?;
    }
    if let Some(day) = args.pause_until {
        let reader: Option<Tz> = zone.or(subscriber.timezone).and_then(|zone| zone.parse().ok());
        let zone = reader.or_else(|| newsletter.timezone.parse().ok()).unwrap_or(Tz::UTC);
        let until = begins(day, zone).context("--pause-until: that day has no beginning there")?;
        anyhow::ensure!(until > now, "--pause-until: {day} has begun already");
        anyhow::ensure!(
            tx.pause_subscription(subscription.id, until, now).await?,
            "the subscription is {}; only a confirmed one can be paused",
            subscription.state
        );
    }
    if args.resume {
        anyhow::ensure!(
            tx.end_pause(subscription.id).await?,
            "the subscription is {}, not paused",
            subscription.state
        );
    }
    tx.commit().await?;
    let wants = app.store.read().await?.preferences(subscription.id).await?;
    let shown = json!({
        "state": wants.state,
        "topics": wants.topics.lines().collect::<Vec<_>>(),
        "cadence": wants.cadence,
        "paused_until": wants.paused_until,
    });
    if context.json {
        return output::json(&shown);
    }
    let topics = match wants.topics.as_str() {
        "" => "all topics".to_owned(),
        some => some.replace('\n', ", "),
    };
    let paused = wants
        .paused_until
        .map(|until| format!(" until {}", output::time(until)));
    output::text(&format!(
        "{}{}: {topics}, {}",
        wants.state,
        paused.unwrap_or_default(),
        wants.cadence
    ))
}

/// The first moment of a day.
fn begins(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0)?;
    let mut minutes = (0..=180).map(|minutes| midnight + chrono::TimeDelta::minutes(minutes));
    minutes
        .find_map(|local| local.and_local_timezone(zone).earliest())
        .map(|at| at.with_timezone(&Utc))
}
