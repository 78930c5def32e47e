//! `daywire subscriber show`: everything on record about one address: subscriptions, preferences, consent, deliveries, suppression.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::list::document;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::domain::address::EmailAddress;
use crate::domain::topics::Topics;
use crate::store::Tx;
use crate::store::consent_records::ConsentRecord;
use crate::store::delivery_lists::DeliveryWithIssue;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::suppressions::Suppression;

/// How many deliveries of each subscription are shown, the latest first.
const MAX_DELIVERIES: i64 = 50;

/// A subscription with its preferences, consent record and deliveries.
struct SubscriptionDetails {
    subscription: Subscription,
    topics: Topics,
    cadence: String,
    paused_until: Option<chrono::DateTime<chrono::Utc>>,
    consent: Vec<ConsentRecord>,
    deliveries: Vec<DeliveryWithIssue>,
}

pub(crate) async fn run(context: &Context, name: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let address = if name.contains('@') {
        EmailAddress::parse(name)?
    } else {
        names::subscription(&mut tx, name).await?.address
    };
    let suppressed = tx.suppression(&app.keys.address_hash(address.key())).await?;
    let Some(subscriber) = tx.subscriber_by_address(&address).await? else {
        let reason = suppressed
            .context("nobody with that address has subscribed")?
            .to_string();
        if context.json {
            return output::json(&json!({ "suppressed": reason, "subscriptions": [] }));
        }
        return output::text(&format!("suppressed: {reason}\nno subscription"));
    };
    let mut details = Vec::new();
    for subscription in tx.subscriptions_of(subscriber.id).await? {
        details.push(read(&mut tx, subscription).await?);
    }
    if context.json {
        return output::json(&json!({
            "address": subscriber.address.as_typed(),
            "name": subscriber.name,
            "timezone": subscriber.timezone,
            "created_at": subscriber.created_at,
            "suppressed": suppressed.as_ref().map(ToString::to_string),
            "subscriptions": details.iter().map(as_json).collect::<Vec<_>>(),
        }));
    }
    print(&subscriber, suppressed.as_ref(), details)
}

async fn read(tx: &mut Tx, subscription: Subscription) -> anyhow::Result<SubscriptionDetails> {
    let preferences = tx.preferences(subscription.id).await?;
    Ok(SubscriptionDetails {
        topics: preferences.topics,
        cadence: preferences.cadence.to_string(),
        paused_until: preferences.paused_until,
        consent: tx.consent_of(subscription.id).await?,
        deliveries: tx
            .deliveries_to(subscription.id, subscription.newsletter_id, MAX_DELIVERIES)
            .await?,
        subscription,
    })
}

fn as_json(details: &SubscriptionDetails) -> Value {
    let mut document = document(&details.subscription);
    document["topics"] = json!(details.topics.to_vec());
    document["cadence"] = json!(details.cadence);
    document["paused_until"] = json!(details.paused_until);
    let consent = details.consent.iter().map(|record| {
        json!({
            "event": record.event,
            "at": record.at,
            "network_address": record.network_address,
            "source": record.source.to_string(),
            "words": record.words,
            "mail_text": record.mail_text,
        })
    });
    document["consent"] = consent.collect();
    let deliveries = details.deliveries.iter().map(|delivery| {
        json!({
            "issue": delivery.issue_id,
            "name": delivery.name(),
            "state": delivery.state,
            "attempts": delivery.attempts,
            "reply": delivery.last_reply,
            "at": delivery.updated_at,
        })
    });
    document["deliveries"] = deliveries.collect();
    document
}

fn print(
    subscriber: &Subscriber,
    suppressed: Option<&Suppression>,
    subscriptions: Vec<SubscriptionDetails>,
) -> anyhow::Result<()> {
    let mut lines = vec![subscriber.address.as_typed().to_owned()];
    lines.extend(subscriber.name.iter().map(|name| format!("name: {name}")));
    lines.extend(subscriber.timezone.iter().map(|zone| format!("time zone: {zone}")));
    lines.push(format!("known since: {}", output::time(subscriber.created_at)));
    lines.extend(suppressed.map(|reason| format!("SUPPRESSED, never mailed: {reason}")));
    output::text(&lines.join("\n"))?;
    for details in subscriptions {
        let SubscriptionDetails { subscription, .. } = &details;
        let mut lines = vec![
            String::new(),
            format!("{}: {}", subscription.newsletter_slug, subscription.state),
            format!("  subscription {}", subscription.id),
        ];
        let mut time = |label: &str, at: Option<chrono::DateTime<chrono::Utc>>| {
            lines.extend(at.map(|at| format!("  {label} {}", output::time(at))));
        };
        time("requested", Some(subscription.requested_at));
        time("confirmed", subscription.confirmed_at);
        time("ended", subscription.ended_at);
        time("paused until", details.paused_until);
        lines.extend(
            subscription
                .pause_reason
                .iter()
                .map(|reason| format!("  paused: {reason}")),
        );
        let topics = if details.topics.is_empty() {
            "all".to_owned()
        } else {
            details.topics.to_string()
        };
        lines.push(format!("  topics: {topics}; issues: {}", details.cadence));
        output::text(&lines.join("\n"))?;
        let consent = details.consent.into_iter().map(|record| {
            let from = record.network_address.unwrap_or_default();
            vec![
                format!("  {}", record.event),
                output::time(record.at),
                record.source.to_string(),
                from,
            ]
        });
        output::table(
            &["  consent", "at", "source", "from"],
            consent.collect(),
            "  no consent on record",
        )?;
        let deliveries = details.deliveries.into_iter().map(|delivery| {
            let reply = delivery.last_reply.clone().unwrap_or_default();
            let name = format!("  {}", delivery.name());
            vec![
                name,
                delivery.state.to_string(),
                output::time(delivery.updated_at),
                reply,
            ]
        });
        output::table(
            &["  delivery", "state", "since", "reply"],
            deliveries.collect(),
            "  no delivery on record",
        )?;
    }
    output::text("\nThe words and mails of the consent record are in the output of --json.")
}
