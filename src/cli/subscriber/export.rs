//! `daywire subscriber export`: everything on record about one address, as the reader gets it; or all subscriptions as CSV.

use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::import::Cells;
use crate::readers;
use crate::store::Tx;

/// How many subscriptions are read at once.
const PAGE_SIZE: i64 = 1_000;

/// The columns of the CSV. `subscriber import` finds them by these names.
const COLUMNS: [&str; 11] = [
    "email",
    "newsletter",
    "status",
    "suppressed",
    "name",
    "timezone",
    "language",
    "topics",
    "requested_at",
    "confirmed_at",
    "ended_at",
];

pub(crate) async fn run(context: &Context, address: Option<&str>) -> anyhow::Result<()> {
    let app = context.app().await?;
    let Some(address) = address else {
        anyhow::ensure!(
            !context.json,
            "`subscriber export` without an address writes CSV; for JSON use `daywire --json subscriber list`, or name an address"
        );
        return all(&mut app.store.read().await?, std::io::stdout().lock()).await;
    };
    let address = EmailAddress::parse(address)?;
    output::json(&readers::export(&app, &command_actor(), &address).await?)
}

/// Writes the rows of all subscriptions, page by page.
async fn all(tx: &mut Tx, out: impl Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    let mut after = None;
    loop {
        let page = tx.subscriptions_after(None, after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let subscribers: Vec<_> = page.iter().map(|subscription| subscription.subscriber_id).collect();
        let suppressed = tx.suppressed_subscribers(&subscribers).await?;
        for subscription in page {
            let subscriber = tx.subscriber(subscription.subscriber_id).await?;
            let topics = tx.preferences(subscription.id).await?.topics;
            let (name, timezone) = subscriber.map_or((None, None), |found| (found.name, found.timezone));
            let is_suppressed = suppressed.contains(&subscription.subscriber_id);
            csv.write_record([
                Cells::guarded(subscription.address.as_typed()).as_str(),
                &subscription.newsletter_slug,
                subscription.state.as_str(),
                if is_suppressed { "yes" } else { "no" },
                &Cells::guarded(&name.unwrap_or_default()),
                &timezone.map(|zone| zone.to_string()).unwrap_or_default(),
                subscription.language.map_or("", |language| language.tag()),
                &Cells::guarded(&topics.to_string()),
                &time(Some(subscription.requested_at)),
                &time(subscription.confirmed_at),
                &time(subscription.ended_at),
            ])?;
        }
    }
    csv.flush()?;
    Ok(())
}

fn time(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
        .unwrap_or_default()
}
