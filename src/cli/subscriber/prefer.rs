//! `daywire subscriber prefer`: an operator sets a subscriber's preferences for a newsletter.

use anyhow::Context as _;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::json;

use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::domain::address::EmailAddress;
use crate::domain::seen::Seen;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::preferences::{ChangedBy, Pause, PreferenceChange, save};
use crate::words::Language;

/// `daywire subscriber prefer`; what is not given stays unchanged.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The reader's address.
    address: String,
    /// The newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// Only stories of these topics of the newsletter, separated by commas; empty for all.
    #[arg(long, value_name = "TOPICS", value_delimiter = ',')]
    topics: Option<Vec<String>>,
    /// Every issue, or one a week of the week's best: every, weekly.
    #[arg(long)]
    cadence: Option<Cadence>,
    /// The subscriber's time zone, for all newsletters with `local_time`.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    timezone: Option<Tz>,
    /// The language of the fixed texts in mails: en, de, fr, es, pt, it, pl, zh-Hans, ja, ar.
    #[arg(long, value_name = "LANG")]
    language: Option<Language>,
    /// Send nothing until this day begins, at most a year from now; the first issue after it includes what was missed.
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

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(&args.address)?;
    let mut tx = app.store.read().await?;
    let newsletter = names::newsletter(&mut tx, &args.newsletter).await?;
    let subscriber = tx.subscriber_by_address(&app.keys, &address).await?;
    let subscriber = subscriber
        .context("no subscriber has that address; `daywire subscriber list --search TEXT` finds similar ones")?;
    let subscriptions = tx.subscriptions_of(subscriber.id).await?;
    let subscription = subscriptions
        .into_iter()
        .find(|subscription| subscription.newsletter_id == newsletter.id);
    let subscription = subscription.with_context(|| {
        format!(
            "that address never subscribed to {}; only a sign-up or an import starts a subscription",
            newsletter.slug
        )
    })?;
    drop(tx);
    // Preferences would have no effect: only a new sign-up or import starts the subscription again, with its own preferences.
    anyhow::ensure!(
        subscription.state != SubscriptionState::Unsubscribed,
        "{} is unsubscribed from {}, so nothing was changed; only a new sign-up can start the subscription again",
        subscription.address.as_typed(),
        newsletter.slug
    );
    let pause = args.pause_until.map(Pause::Until).or(args.resume.then_some(Pause::End));
    let change = PreferenceChange {
        topics: args.topics.clone(),
        cadence: args.cadence,
        timezone: args.timezone,
        language: args.language,
        pause,
        seen: Seen::Any,
    };
    let saved = save(&app, &subscription, &change, ChangedBy::Operator(command_actor())).await?;
    let document = json!({
        "state": saved.state,
        "topics": saved.topics.to_vec(),
        "cadence": saved.cadence,
        "language": saved.language,
        "paused_until": saved.paused_until,
    });
    if context.json {
        return output::json(&document);
    }
    let topics = if saved.topics.is_empty() {
        "all topics".to_owned()
    } else {
        saved.topics.to_string()
    };
    let paused = saved
        .paused_until
        .map(|until| format!(" until {}", output::time(until)));
    output::text(&format!(
        "{}{}: {topics}, {}",
        saved.state,
        paused.unwrap_or_default(),
        saved.cadence
    ))
}
