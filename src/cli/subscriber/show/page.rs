//! The record of an address as a page of text: what is mailed to it and why, and then the records.

use crate::bounce::soft_bounces::SoftBounces;
use crate::bounce::sources::source_words;
use crate::cli::output;
use crate::cli::suppression::complaint_words;
use crate::config::Bounces;
use crate::domain::states::{SubscriptionState, SuppressionReason};
use crate::readers::{Record, SubscriptionDetails};
use crate::store::suppressions::Suppression;
use crate::text::plain::{counted, in_days};

pub(super) fn print(record: &Record) -> anyhow::Result<()> {
    let Some(subscriber) = &record.subscriber else {
        return print_without_subscriber(record);
    };
    let mut lines = vec![subscriber.address.as_typed().to_owned()];
    lines.extend(subscriber.name.iter().map(|name| format!("name: {name}")));
    lines.extend(subscriber.timezone.iter().map(|zone| format!("time zone: {zone}")));
    lines.push(format!("known since: {}", output::time(subscriber.created_at)));
    output::text(&lines.join("\n"))?;
    print_suppression(record)?;
    for details in &record.subscriptions {
        print_subscription(record, details)?;
    }
    if record.subscriptions.is_empty() {
        output::text("\nno subscription")?;
    }
    print_returned(record)?;
    let mails = record.mails.iter().map(|mail| {
        vec![
            format!("  {}", mail.kind),
            mail.state.to_string(),
            output::time(mail.updated_at),
            mail.last_reply.clone().unwrap_or_default(),
        ]
    });
    output::text("")?;
    output::table(
        &["other mails", "state", "since", "reply"],
        mails.collect(),
        "no other mail on record",
    )?;
    output::text("\nThe words and mails of the consent record are in the output of --json.")
}

/// The page of an address that no subscriber has. It names no address that is only similar.
fn print_without_subscriber(record: &Record) -> anyhow::Result<()> {
    output::text(record.address.as_typed())?;
    if !record.is_known() {
        return output::text(&format!(
            "Nothing is on record about this address: no subscription, no suppression, no returned mail. It gets no mail until \
             somebody signs it up or imports it. A sign-up that was not confirmed is erased after {}.",
            in_days(record.purge_pending_after)
        ));
    }
    output::text(
        "No subscriber has this address now, so it gets no issue. What is on record is known by a keyed hash of it.",
    )?;
    print_suppression(record)?;
    print_returned(record)
}

fn print_suppression(record: &Record) -> anyhow::Result<()> {
    if let Some(suppression) = &record.suppression {
        output::text(&format!(
            "\nSUPPRESSED, never mailed: {}\n  since {}\n  evidence: {}",
            suppression.reason,
            output::time(suppression.created_at),
            suppression.evidence
        ))?;
        let complaint = complaint_words(suppression.complaint.as_deref(), suppression.complained_at);
        if let Some(complaint) = complaint {
            output::text(&format!("  {complaint}"))?;
        }
        if let Some(mailed) = suppression.confirmation_mailed_at {
            output::text(&format!(
                "  a sign-up caused a confirmation mail at {}; its link was not used yet",
                output::time(mailed)
            ))?;
        }
        output::text(&format!("  {}", how_it_ends(record, suppression)))?;
    }
    if record.ended_suppressions.is_empty() {
        return Ok(());
    }
    let rows = record.ended_suppressions.iter().map(|ended| {
        vec![
            format!("  {}", ended.reason),
            output::time(ended.created_at),
            output::time(ended.ended_at),
            ended.note.clone(),
            ended.evidence.clone(),
        ]
    });
    output::text("")?;
    output::table(
        &["ended suppressions", "since", "until", "how it ended", "evidence"],
        rows.collect(),
        "",
    )
}

fn how_it_ends(record: &Record, suppression: &Suppression) -> String {
    let lift = format!("daywire suppression lift {} --reason TEXT", record.address.as_typed());
    // An address that bounces again soon is no reader's; so a sign-up alone causes no mail for a while.
    let from = match record.confirmation_from {
        Some(from) if from > record.now => {
            format!(" A sign-up causes a confirmation mail from {} on.", output::time(from))
        }
        _ => String::new(),
    };
    match (suppression.reason, suppression.complaint.is_some()) {
        (SuppressionReason::Operator, false) => format!("it ends when an operator lifts it: {lift}"),
        (SuppressionReason::Operator, true) => {
            format!("it ends when an operator lifts it, and then the reader signs up again and confirms: {lift}")
        }
        (SuppressionReason::Complaint, _) => {
            format!("it ends when the reader signs up again and confirms; no operator can lift it.{from}")
        }
        (SuppressionReason::HardBounce | SuppressionReason::Import, _) => {
            format!("it ends when the reader signs up again and confirms, or an operator lifts it: {lift}.{from}")
        }
    }
}

/// How far a subscription is from a pause after soft bounces.
fn soft_bounces(soft: &SoftBounces, rule: &Bounces) -> String {
    let (count, rule) = match rule.soft_issues {
        0 => (counted(soft.issues, "issue", "issues"), String::new()),
        limit => (
            format!("{} of {}", soft.issues, counted(limit, "issue", "issues")),
            format!("; paused after {limit} over at least {}", in_days(rule.soft_period)),
        ),
    };
    format!(
        "  soft bounces: {count} in a row since {}, the last for {}{rule}",
        soft.since.date_naive(),
        soft.last_reason
    )
}

fn print_subscription(record: &Record, details: &SubscriptionDetails) -> anyhow::Result<()> {
    let SubscriptionDetails { subscription, .. } = details;
    let mut lines = vec![
        String::new(),
        format!("{}: {}", subscription.newsletter_slug, subscription.state),
        format!("  {}", next_issue(record, details)),
        format!("  subscription {}", subscription.id),
    ];
    let mut time = |label: &str, at: Option<chrono::DateTime<chrono::Utc>>| {
        lines.extend(at.map(|at| format!("  {label} {}", output::time(at))));
    };
    time("requested", Some(subscription.requested_at));
    time("confirmed", subscription.confirmed_at);
    time("ended", subscription.ended_at);
    time("paused until", details.paused_until);
    let pause = subscription.pause_reason.iter();
    lines.extend(pause.map(|reason| format!("  paused: {reason}")));
    if subscription.state == SubscriptionState::Paused {
        lines.push(format!(
            "  to end the pause: daywire subscriber prefer {} --newsletter {} --resume",
            subscription.address.as_typed(),
            subscription.newsletter_slug
        ));
    }
    lines.extend(
        details
            .soft_bounces
            .as_ref()
            .map(|soft| soft_bounces(soft, &record.bounces)),
    );
    let topics = if details.topics.is_empty() {
        "all".to_owned()
    } else {
        details.topics.to_string()
    };
    let language = subscription.language.map(|language| format!("; language: {language}"));
    let language = language.unwrap_or_default();
    lines.push(format!("  topics: {topics}; issues: {}{language}", details.cadence));
    output::text(&lines.join("\n"))?;
    let consent = details.consent.iter().map(|record| {
        vec![
            format!("  {}", record.event),
            output::time(record.at),
            record.source.to_string(),
            record.network_address.clone().unwrap_or_default(),
        ]
    });
    output::table(
        &["  consent", "at", "source", "from"],
        consent.collect(),
        "  no consent on record",
    )?;
    let deliveries = details.deliveries.iter().map(|delivery| {
        vec![
            format!("  {}", delivery.name()),
            delivery.state.to_string(),
            output::time(delivery.updated_at),
            delivery.last_reply.clone().unwrap_or_default(),
        ]
    });
    output::table(
        &["  delivery", "state", "since", "reply"],
        deliveries.collect(),
        "  no delivery on record",
    )
}

/// Whether the next issue of the newsletter is mailed, and why not.
fn next_issue(record: &Record, details: &SubscriptionDetails) -> String {
    let is_suppressed = record.suppression.is_some();
    let reason = match details.subscription.state {
        SubscriptionState::Confirmed if !is_suppressed => return "gets the next issue".to_owned(),
        SubscriptionState::Confirmed => return "gets no issue: the address is suppressed".to_owned(),
        SubscriptionState::Pending if details.subscription.mailed_at.is_some() => {
            "the link of the confirmation mail was not used"
        }
        SubscriptionState::Pending => "it is not confirmed, and no confirmation mail with a valid link was sent",
        SubscriptionState::Unsubscribed => "the subscription ended",
        SubscriptionState::Paused => "it is paused",
    };
    let suppressed = if is_suppressed {
        ", and the address is suppressed"
    } else {
        ""
    };
    format!("gets no issue: {reason}{suppressed}")
}

fn print_returned(record: &Record) -> anyhow::Result<()> {
    let returned = record.returned.iter().map(|returned| {
        vec![
            format!("  {}", output::time(returned.at)),
            returned.kind.to_string(),
            returned.reason.clone(),
            returned.action.clone(),
            returned.issue_name().unwrap_or_default(),
            source_words(&returned.source).to_owned(),
            returned.evidence.clone(),
        ]
    });
    output::text("")?;
    output::table(
        &[
            "what came back",
            "kind",
            "reason",
            "action",
            "issue",
            "from",
            "evidence",
        ],
        returned.collect(),
        "nothing came back",
    )
}
