//! `daywire subscriber list`: subscriptions with their states, or how many are in each state.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{names, output};
use crate::domain::states::SubscriptionState;
use crate::store::Tx;
use crate::store::subscriber_search::{MAX_COUNTED, SubscriberQuery};
use crate::store::subscriptions::Subscription;

/// How many subscriptions are read at once.
const PAGE_SIZE: i64 = 1_000;
/// At most this many subscribers of a search are listed.
const MAX_FOUND: i64 = 100;

/// `daywire subscriber list`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only of this newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Only in this state: pending, confirmed, paused or unsubscribed; may be given more than once.
    #[arg(long, value_name = "STATE")]
    state: Vec<SubscriptionState>,
    /// Only of subscribers whose address and name have words that begin with these.
    #[arg(long, value_name = "TEXT", conflicts_with = "count")]
    search: Option<String>,
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
    if let Some(text) = &args.search {
        let query = SubscriberQuery::parse(text);
        let query = query.context("--search needs a letter or a digit: a part of an address or of a name")?;
        let found = tx.find_subscribers(&query, None, MAX_FOUND).await?;
        for subscriber in &found.subscribers {
            let subscriptions = tx.subscriptions_of(subscriber.id).await?;
            let is_shown = |subscription: &Subscription| {
                newsletter.is_none_or(|id| id == subscription.newsletter_id) && is_listed(subscription.state)
            };
            let page = subscriptions.into_iter().filter(is_shown).collect();
            all.extend(with_suppression(&mut tx, page).await?);
        }
        if found.next.is_some() {
            note!("{}", more_found(tx.count_found_subscribers(&query).await?));
        }
    } else {
        let mut after = None;
        loop {
            let mut page = tx.subscriptions_after(newsletter, after, PAGE_SIZE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            page.retain(|subscription| is_listed(subscription.state));
            all.extend(with_suppression(&mut tx, page).await?);
        }
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
        _ if args.search.is_some() => "no subscriber has an address or a name with these words",
        [] => "nobody has subscribed yet",
        _ => "no subscription is in this state",
    };
    output::table(&["address", "newsletter", "state"], rows.collect(), nothing)
}

/// Each subscription, and whether its address is suppressed.
async fn with_suppression(tx: &mut Tx, page: Vec<Subscription>) -> anyhow::Result<Vec<(Subscription, bool)>> {
    let subscribers: Vec<_> = page.iter().map(|subscription| subscription.subscriber_id).collect();
    let suppressed = tx.suppressed_subscribers(&subscribers).await?;
    let with = page.into_iter().map(|subscription| {
        let is_suppressed = suppressed.contains(&subscription.subscriber_id);
        (subscription, is_suppressed)
    });
    Ok(with.collect())
}

/// The note about a search that finds more subscribers than are listed.
fn more_found(count: i64) -> String {
    let all = if count > MAX_COUNTED {
        format!("more than {MAX_COUNTED}")
    } else {
        count.to_string()
    };
    format!("These are {MAX_FOUND} of {all} subscribers with these words; add another word of the address or the name.")
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
