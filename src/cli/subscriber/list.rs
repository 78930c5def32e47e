//! `daywire subscriber list`: subscriptions with their states, or how many are in each state.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::domain::states::SubscriptionState;
use crate::store::subscriptions::Subscription;

/// How many subscriptions are read at once.
const PAGE_SIZE: i64 = 1_000;

/// `daywire subscriber list`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only of this newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Only in this state: pending, confirmed, paused or unsubscribed; may be given more than once.
    #[arg(long, value_name = "STATE")]
    state: Vec<SubscriptionState>,
    /// Print how many there are in each state instead.
    #[arg(long)]
    count: bool,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = match &args.newsletter {
        Some(slug) => Some(names::newsletter_or_removed(&mut tx, slug).await?.id),
        None => None,
    };
    let is_listed = |state: SubscriptionState| args.state.is_empty() || args.state.contains(&state);
    if args.count {
        let is_counted = |id| newsletter.is_none_or(|newsletter| newsletter == id);
        let mut counts = BTreeMap::new();
        for (id, state, count) in tx.count_subscriptions().await? {
            if is_counted(id) && is_listed(state) {
                *counts.entry(state).or_insert(0) += count;
            }
        }
        let suppressed = if is_listed(SubscriptionState::Confirmed) {
            let suppressed = tx.count_suppressed_readers().await?.into_iter();
            suppressed
                .filter(|(id, _)| is_counted(*id))
                .map(|(_, count)| count)
                .sum()
        } else {
            0
        };
        if context.json {
            let states = SubscriptionState::ALL.iter().filter(|state| is_listed(**state));
            let mut counts: BTreeMap<_, _> = states
                .map(|state| (state.as_str(), counts.get(state).copied().unwrap_or(0)))
                .collect();
            if is_listed(SubscriptionState::Confirmed) {
                counts.insert("confirmed_and_suppressed", suppressed);
            }
            return output::json(&counts);
        }
        return output::text(&output::subscription_counts(&counts, suppressed));
    }
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = tx.subscriptions_after(newsletter, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let listed: Vec<_> = page
            .into_iter()
            .filter(|subscription| is_listed(subscription.state))
            .collect();
        let subscribers: Vec<_> = listed.iter().map(|subscription| subscription.subscriber_id).collect();
        let suppressed = tx.suppressed_subscribers(&subscribers).await?;
        all.extend(listed.into_iter().map(|subscription| {
            let is_suppressed = suppressed.contains(&subscription.subscriber_id);
            (subscription, is_suppressed)
        }));
    }
    if context.json {
        let documents = all.iter().map(|(subscription, is_suppressed)| {
            let mut document = document(subscription);
            document["suppressed"] = json!(is_suppressed);
            document
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = all.into_iter().map(|(subscription, is_suppressed)| {
        let note = if is_suppressed { ", suppressed" } else { "" };
        vec![
            subscription.address.as_typed().to_owned(),
            subscription.newsletter_slug,
            format!("{}{note}", subscription.state),
        ]
    });
    let nothing = match args.state.as_slice() {
        [] => "nobody has subscribed yet",
        _ => "no subscription is in this state",
    };
    output::table(&["address", "newsletter", "state"], rows.collect(), nothing)
}

/// A subscription as JSON.
pub(crate) fn document(subscription: &Subscription) -> serde_json::Value {
    json!({
        "id": subscription.id,
        "address": subscription.address.as_typed(),
        "newsletter": subscription.newsletter_slug,
        "state": subscription.state,
        "requested_at": subscription.requested_at,
        "confirmed_at": subscription.confirmed_at,
        "ended_at": subscription.ended_at,
        "pause_reason": subscription.pause_reason,
    })
}
