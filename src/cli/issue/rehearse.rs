//! `daywire issue send --dry-run`: sends a copy of an issue to a simulated relay.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::super::scratch::Scratch;
use super::super::serve::until_told_to_stop;
use super::super::{Context, output, start_log};
use super::account;
use crate::app::App;
use crate::delivery::rehearsal::{Options, RehearsalReport, rehearse};
use crate::domain::ids::IssueId;
use crate::text::plain::counted;

/// Rehearses an issue; fails if it could not be sent so.
pub async fn run(context: &Context, app: &Arc<App>, id: IssueId, options: Options) -> anyhow::Result<()> {
    start_log(LevelFilter::WARN, app.config.log.format);
    let scratch = Scratch::new("rehearsal")?;
    let stop = CancellationToken::new();
    let told = tokio::spawn({
        let stop = stop.clone();
        async move {
            if until_told_to_stop().await.is_ok() {
                stop.cancel();
            }
        }
    });
    let report = rehearse(app, id, scratch.path(), options, stop).await;
    told.abort();
    let report = report?;
    let name = app.store.read().await?.issue_name(id).await?;
    if context.json {
        output::json(&report)?;
    } else {
        tell(&report)?;
    }
    anyhow::ensure!(
        report.problems.is_empty(),
        "the rehearsal of issue {name} found: {}",
        report.problems.join("; ")
    );
    Ok(())
}

fn tell(report: &RehearsalReport) -> anyhow::Result<()> {
    let (taken, readers) = (report.taken, report.expected.mailed);
    output::text(&format!(
        "rehearsed on a copy; nothing was sent, and nothing is changed\n\
         {taken} of {} got their message, {:.0} a second, {} octets each",
        counted(readers, "reader", "readers"),
        report.per_second,
        report.octets_per_message
    ))?;
    let not_mailed = report.expected.not_mailed();
    if !not_mailed.is_empty() {
        output::text(&format!("not mailed: {not_mailed}"))?;
    }
    if report.groups > 0 {
        output::text(&match report.groups {
            1 => "1 group of readers gets its own edition (such as topics); this rehearsal sent them the full issue"
                .into(),
            groups => {
                format!(
                    "{groups} groups of readers get their own editions (such as topics); this rehearsal sent them the full issue"
                )
            }
        })?;
    }
    if let Some(sample) = &report.sample {
        output::text(&format!(
            "the first: “{}”, {} octets, {}, {}, {} by one click",
            sample.subject,
            sample.octets,
            counted(sample.parts, "part", "parts"),
            counted(sample.signatures, "DKIM signature", "DKIM signatures"),
            if sample.one_click { "left" } else { "NOT left" }
        ))?;
    }
    let done = report.faults;
    if (done.deferred, done.refused, done.hung_up) != (0, 0, 0) {
        output::text(&format!(
            "done wrong on purpose: {} deferred, {} refused, {} hung up on; with the waits it takes {}",
            done.deferred,
            done.refused,
            done.hung_up,
            humantime::format_duration(Duration::from_secs(report.seconds_with_waits.unsigned_abs()))
        ))?;
    }
    output::text("")?;
    account::table(&report.delivery_report)?;
    let forecast = &report.forecast;
    output::text(&format!(
        "\nestimate: at least {} under the current limits, because of {} (assuming {} ms per message and connection)",
        duration(forecast.seconds),
        forecast.governed_by,
        forecast.assumed_ms_per_message
    ))?;
    let rows = forecast.limits.iter().map(|limit| {
        let recipients = limit.recipients.to_string();
        vec![limit.what.clone(), recipients, duration(limit.seconds)]
    });
    output::table(&["limit", "recipients", "takes"], rows.collect(), "")
}

/// Whole seconds, upwards.
fn duration(seconds: f64) -> String {
    let seconds = Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX);
    humantime::format_duration(seconds).to_string()
}
