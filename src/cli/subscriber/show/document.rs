//! The record of an address as JSON.

use serde_json::{Value, json};

use crate::cli::bounce;
use crate::cli::subscriber::list;
use crate::cli::suppression::ended_document;
use crate::readers::{Record, SubscriptionDetails};

pub(super) fn document(record: &Record) -> Value {
    let subscriber = record.subscriber.as_ref();
    json!({
        "address": subscriber.map_or(&record.address, |subscriber| &subscriber.address).as_typed(),
        "known": record.is_known(),
        "name": subscriber.and_then(|subscriber| subscriber.name.as_ref()),
        "timezone": subscriber.and_then(|subscriber| subscriber.timezone),
        "created_at": subscriber.map(|subscriber| subscriber.created_at),
        "suppressed": record.suppression.as_ref().map(ToString::to_string),
        "suppression": record.suppression.as_ref().map(|suppression| json!({
            "reason": suppression.reason,
            "since": suppression.created_at,
            "evidence": suppression.evidence,
            "complaint": suppression.complaint,
            "complained_at": suppression.complained_at,
            "confirmation_from": record.confirmation_from,
            "confirmation_mailed_at": suppression.confirmation_mailed_at,
        })),
        "ended_suppressions": record.ended_suppressions.iter().map(ended_document).collect::<Vec<_>>(),
        "returned": record.returned.iter().map(bounce::document).collect::<Vec<_>>(),
        "mails": record.mails.iter().map(|mail| json!({
            "kind": mail.kind,
            "state": mail.state,
            "created_at": mail.created_at,
            "at": mail.updated_at,
            "attempts": mail.attempts,
            "reply": mail.last_reply,
        })).collect::<Vec<_>>(),
        "subscriptions": record.subscriptions.iter().map(subscription).collect::<Vec<_>>(),
    })
}

fn subscription(details: &SubscriptionDetails) -> Value {
    let mut document = list::document(&details.subscription);
    document["topics"] = json!(details.topics.to_vec());
    document["cadence"] = json!(details.cadence);
    document["language"] = json!(details.subscription.language);
    document["paused_until"] = json!(details.paused_until);
    document["soft_bounces"] = json!(details.soft_bounces.as_ref().map(|soft| json!({
        "issues_in_a_row": soft.issues,
        "since": soft.since,
        "last_reason": soft.last_reason,
    })));
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
