//! `daywire bounce rates`: how many of the accepted messages came back, for each newsletter, each issue and each recipient domain.

use serde_json::{Value, json};

use crate::bounce::rates;
use crate::cli::context::Context;
use crate::cli::output;
use crate::store::returned_counts::RatesOf;
use crate::text::plain::{in_days, percent};

/// How many issues and domains are shown unless told otherwise.
const DEFAULT_LIMIT: i64 = 20;

/// `daywire bounce rates`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many issues, the newest first, and how many domains, those with the most reports first.
    #[arg(long, default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let since = rates::count_accepted(&app).await?;
    let mut tx = app.store.read().await?;
    let newsletters = tx.rates_by_newsletter(since).await?;
    let issues = tx.rates_by_issue(since, args.limit).await?;
    let domains = tx.rates_by_domain(since, args.limit).await?;
    drop(tx);
    if context.json {
        let documents = |rates: &[RatesOf]| rates.iter().map(document).collect::<Vec<_>>();
        return output::json(&json!({
            "since": since,
            "newsletters": documents(&newsletters),
            "issues": documents(&issues),
            "domains": documents(&domains),
        }));
    }
    let settings = &app.config.bounces;
    output::text(&format!(
        "issues that started in the last {} (bounces.rate_window); limits apply from {} accepted messages on (bounces.min_accepted)",
        in_days(settings.rate_window),
        settings.min_accepted
    ))?;
    for (subject, rates, if_empty) in [
        ("newsletter", newsletters, "no issue started in this time"),
        ("issue", issues, ""),
        (
            "domain",
            domains,
            "no domain had enough recipients in an issue to be counted by itself",
        ),
    ] {
        if rates.is_empty() && if_empty.is_empty() {
            continue;
        }
        let rows = rates.iter().map(|rates| {
            vec![
                rates.name.clone(),
                rates.accepted.to_string(),
                share(rates.hard_bounces, rates.accepted),
                share(rates.complaints, rates.accepted),
            ]
        });
        output::text("")?;
        output::table(
            &[subject, "accepted", "hard bounces", "complaints"],
            rows.collect(),
            if_empty,
        )?;
    }
    Ok(())
}

/// Such as: 12 (1.20 %).
fn share(part: i64, accepted: i64) -> String {
    if accepted == 0 {
        return part.to_string();
    }
    format!("{part} ({})", percent(part, accepted))
}

fn document(rates: &RatesOf) -> Value {
    json!({
        "name": rates.name,
        "accepted": rates.accepted,
        "hard_bounces": rates.hard_bounces,
        "complaints": rates.complaints,
    })
}
