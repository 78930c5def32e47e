//! `daywire bounce list`: bounces and complaints that match a filter, or every returned mail with what it led to.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use crate::bounce::read::FeedbackType;
use crate::bounce::reason::Reason;
use crate::bounce::sources::is_source;
use crate::cli::context::Context;
use crate::cli::names::{self, IssueName};
use crate::cli::output;
use crate::cli::suppression::shown_address;
use crate::domain::address::EmailAddress;
use crate::store::bounce_lists::{BounceFilter, ListedBounce};

/// How many entries are shown unless told otherwise.
const DEFAULT_LIMIT: i64 = 50;

/// Every reason of a bounce.
const REASONS: [Reason; 15] = [
    Reason::NoMailbox,
    Reason::NoDomain,
    Reason::AcceptsNoMail,
    Reason::Moved,
    Reason::MailboxClosed,
    Reason::MailboxDisabled,
    Reason::MailboxFull,
    Reason::Refused,
    Reason::Expired,
    Reason::ServerFailure,
    Reason::RateLimited,
    Reason::Authentication,
    Reason::Policy,
    Reason::Message,
    Reason::Unclear,
];

/// `daywire bounce list`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// List every returned mail and every event of a mail provider, each with what it led to or why it changed nothing.
    #[arg(long, conflicts_with_all = ["issue", "newsletter", "reason", "domain"])]
    all: bool,
    /// Only about this issue and its editions: an id, or a name such as morning/7 or `last`.
    #[arg(long, value_name = "ISSUE")]
    issue: Option<IssueName>,
    /// Only about issues of this newsletter.
    #[arg(long, value_name = "SLUG")]
    newsletter: Option<String>,
    /// Only with this reason, such as `no_mailbox` or `abuse`; docs/reference/returned-mail.md lists them.
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Option<String>,
    /// Only what came this way: `listener`, `imap`, `file`, `relay` for the relay's replies, or the name of a mail provider.
    #[arg(long, value_name = "SOURCE", value_parser = source)]
    source: Option<String>,
    /// Only about addresses at this domain.
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    domain: Option<String>,
    /// Only since this day (UTC) or time, such as 2027-01-31 or 2027-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<DateTime<Utc>>,
    /// How many entries to list.
    #[arg(long, default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

fn reason(text: &str) -> Result<String, String> {
    let mut known = REASONS.iter().map(|reason| reason.name());
    if known.any(|name| name == text) || FeedbackType::ALL.iter().any(|feedback| feedback.name() == text) {
        Ok(text.to_owned())
    } else {
        Err("it is not a reason; docs/reference/returned-mail.md lists them, such as no_mailbox or abuse".to_owned())
    }
}

fn source(text: &str) -> Result<String, String> {
    if is_source(text) {
        Ok(text.to_owned())
    } else {
        Err(
            "it is not a source; write listener, imap, file, relay, or the name of a mail provider such as postmark"
                .to_owned(),
        )
    }
}

fn domain(text: &str) -> Result<String, String> {
    let address = EmailAddress::parse(&format!("a@{text}"));
    let address = address.map_err(|_| "it is not a domain; write one such as reader.example".to_owned())?;
    Ok(address.domain().to_owned())
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(day.and_time(NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc())
        .map_err(|_| "write a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z".to_owned())
}

impl Args {
    /// Whether any filter is given.
    const fn is_filtered(&self) -> bool {
        self.issue.is_some()
            || self.newsletter.is_some()
            || self.reason.is_some()
            || self.source.is_some()
            || self.domain.is_some()
            || self.since.is_some()
    }
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    if args.all {
        return list_mails(context, args).await;
    }
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let filter = BounceFilter {
        issue: match &args.issue {
            Some(name) => Some(names::issue(&mut tx, name).await?),
            None => None,
        },
        newsletter: match &args.newsletter {
            Some(slug) => Some(names::newsletter_or_removed(&mut tx, slug).await?.id),
            None => None,
        },
        domain: args.domain.clone(),
        source: args.source.clone(),
        reason: args.reason.clone(),
        since: args.since,
        before: None,
    };
    let bounces = tx.listed_bounces(&filter, args.limit).await?;
    drop(tx);
    if context.json {
        return output::json(&bounces.iter().map(document).collect::<Vec<_>>());
    }
    let nothing = if args.is_filtered() {
        "no bounce or complaint on record matches"
    } else {
        "no bounce or complaint is on record"
    };
    print(bounces, nothing)
}

/// Prints bounces and complaints as a table.
pub(super) fn print(bounces: Vec<ListedBounce>, nothing: &str) -> anyhow::Result<()> {
    let rows = bounces.into_iter().map(|bounce| {
        vec![
            output::time(bounce.at),
            shown_address(bounce.address.as_ref(), &bounce.address_hash),
            bounce.issue_name().unwrap_or_default(),
            bounce.kind.to_string(),
            bounce.reason,
            bounce.action,
            bounce.source,
            bounce.evidence,
        ]
    });
    output::table(
        &["at", "address", "issue", "kind", "reason", "action", "from", "evidence"],
        rows.collect(),
        nothing,
    )
}

/// A bounce or complaint as JSON.
pub(crate) fn document(bounce: &ListedBounce) -> Value {
    json!({
        "id": bounce.id,
        "at": bounce.at,
        "address": bounce.address.as_ref().map(EmailAddress::as_typed),
        "address_hash": HEXLOWER.encode(&bounce.address_hash),
        "issue": bounce.issue_id,
        "name": bounce.issue_name(),
        "subscription": bounce.subscription_id,
        "kind": bounce.kind,
        "reason": bounce.reason,
        "action": bounce.action,
        "status": bounce.status,
        "source": bounce.source,
        "returned_mail": bounce.returned_mail_id,
        "evidence": bounce.evidence,
    })
}

async fn list_mails(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let source = args.source.as_deref();
    let mut tx = app.store.read().await?;
    let mails = tx.latest_returned_mails(source, args.since, args.limit).await?;
    drop(tx);
    if context.json {
        let documents = mails.iter().map(|mail| {
            json!({
                "id": mail.id,
                "received_at": mail.received_at,
                "processed_at": mail.processed_at,
                "source": mail.source,
                "kind": mail.kind,
                "effect": mail.effect,
                "note": mail.note,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let is_empty = mails.is_empty();
    let rows = mails.into_iter().map(|mail| {
        vec![
            mail.id.to_string(),
            output::time(mail.received_at),
            mail.source,
            mail.kind.map(|kind| kind.to_string()).unwrap_or_default(),
            mail.note.unwrap_or_else(|| "waits to be processed".to_owned()),
        ]
    });
    output::table(
        &["id", "received", "from", "kind", "what it led to"],
        rows.collect(),
        "no returned mail is on record",
    )?;
    if is_empty {
        return Ok(());
    }
    output::text("\n`daywire bounce show ID` shows one of them whole.")
}
