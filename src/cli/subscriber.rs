//! `daywire subscriber`.

mod import;
mod prefer;
mod show;

use std::collections::BTreeMap;

use serde_json::json;

use super::{Context, output, some_newsletter};
use crate::domain::address::EmailAddress;
use crate::domain::states::SubscriptionState;
use crate::store::Tx;
use crate::store::subscriptions::Subscription;

/// Subscriptions read at once.
const PAGE: i64 = 1_000;

/// What to do with subscribers.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Import a CSV file; columns are found by name.
    Import(import::Args),
    /// List subscriptions, or count them.
    List {
        /// Only of this newsletter.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
        /// Only in this state: pending, confirmed, paused or unsubscribed; may be given more than once.
        #[arg(long, value_name = "STATE")]
        state: Vec<SubscriptionState>,
        /// Print how many there are in each state instead.
        #[arg(long)]
        count: bool,
    },
    /// Show one subscriber, with the consent record and the latest deliveries with the relay's replies.
    Show {
        /// The address; or a subscription's id or the beginning of it, as `issue proof --out` writes it.
        address: String,
    },
    /// Change what a reader wants: topics, how often, time zone, a pause.
    Prefer(prefer::Args),
    /// Never mail an address again.
    Suppress {
        /// The address.
        address: String,
        /// Why.
        #[arg(long, default_value = "by an operator")]
        reason: String,
    },
    /// Take an address off the suppression list.
    Unsuppress {
        /// The address.
        address: String,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Import(args) => import::run(context, args).await,
        Command::List {
            newsletter,
            state,
            count,
        } => list(context, newsletter.as_deref(), &state, count).await,
        Command::Show { address } => show::run(context, &address).await,
        Command::Prefer(args) => prefer::run(context, &args).await,
        Command::Suppress { address, reason } => {
            let app = context.app().await?;
            let address = EmailAddress::parse(&address)?;
            let mut tx = app.store.write().await?;
            let hash = app.keys.address_hash(address.key());
            let added = tx.suppress(&hash, &reason, app.clock.now()).await?;
            tx.commit().await?;
            changed(context, added, "suppressed", "was suppressed before")
        }
        Command::Unsuppress { address } => {
            let app = context.app().await?;
            let address = EmailAddress::parse(&address)?;
            let mut tx = app.store.write().await?;
            let removed = tx.unsuppress(&app.keys.address_hash(address.key())).await?;
            tx.commit().await?;
            changed(context, removed, "no longer suppressed", "was not suppressed")
        }
    }
}

fn changed(context: &Context, changed: bool, yes: &str, no: &str) -> anyhow::Result<()> {
    if context.json {
        return output::json(&json!({ "changed": changed }));
    }
    output::text(if changed { yes } else { no })
}

async fn list(
    context: &Context,
    newsletter: Option<&str>,
    states: &[SubscriptionState],
    count: bool,
) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx: Tx = app.store.read().await?;
    let newsletter = match newsletter {
        Some(slug) => Some(some_newsletter(&mut tx, slug).await?.id),
        None => None,
    };
    let wanted = |state: SubscriptionState| states.is_empty() || states.contains(&state);
    if count {
        let mut counts = BTreeMap::new();
        for (id, state, count) in tx.count_subscriptions().await? {
            if newsletter.is_none_or(|wanted| wanted == id) && wanted(state) {
                *counts.entry(state).or_insert(0) += count;
            }
        }
        if context.json {
            let all = SubscriptionState::ALL.iter().filter(|state| wanted(**state));
            let counts: BTreeMap<_, _> = all
                .map(|state| (state.as_str(), counts.get(state).copied().unwrap_or(0)))
                .collect();
            return output::json(&counts);
        }
        return output::text(&super::newsletter::counted(&counts));
    }
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = tx.subscriptions_after(newsletter, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        all.extend(page.into_iter().filter(|subscription| wanted(subscription.state)));
    }
    if context.json {
        return output::json(&all.iter().map(document).collect::<Vec<_>>());
    }
    let rows = all.into_iter().map(|subscription| {
        vec![
            subscription.address.as_typed().to_owned(),
            subscription.newsletter_slug,
            subscription.state.to_string(),
        ]
    });
    let nothing = match states {
        [] => "nobody has subscribed yet",
        _ => "no subscription is in this state",
    };
    output::table(&["address", "newsletter", "state"], rows.collect(), nothing)
}

fn document(subscription: &Subscription) -> serde_json::Value {
    json!({
        "id": subscription.id,
        "address": subscription.address.as_typed(),
        "newsletter": subscription.newsletter_slug,
        "state": subscription.state,
        "requested_at": subscription.requested_at,
        "confirmed_at": subscription.confirmed_at,
        "ended_at": subscription.ended_at,
    })
}
