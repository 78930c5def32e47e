//! `daywire issue send --dry-run`: sends a copy of an issue to a simulated relay.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::tables;
use crate::app::App;
use crate::cli::context::{Context, start_log};
use crate::cli::scratch_folder::ScratchFolder;
use crate::cli::{output, signals};
use crate::delivery::control;
use crate::delivery::rehearsal::{Options, RehearsalReport, rehearse};
use crate::domain::ids::IssueId;
use crate::text::plain::counted;

/// Rehearses an issue and prints the report. Fails if the issue could not be sent.
pub(crate) async fn run(context: &Context, app: &Arc<App>, id: IssueId, options: Options) -> anyhow::Result<()> {
    control::require_confirmed_subscribers(&mut app.store.read().await?, id).await?;
    start_log(LevelFilter::WARN, app.config.log.format);
    let folder = ScratchFolder::new("rehearsal")?;
    let stop = CancellationToken::new();
    let signals = signals::cancel_at_stop(&stop);
    let report = Box::pin(rehearse(app, id, folder.path(), options, stop)).await;
    signals.abort();
    let report = report?;
    let name = app.store.read().await?.issue_name(id).await?;
    if context.json {
        output::json(&report)?;
    } else {
        print(&report)?;
        if let Some(note) = output::captured_mail(app) {
            output::text(&format!("\nnote: {note}"))?;
        }
    }
    anyhow::ensure!(
        report.problems.is_empty(),
        "the rehearsal of issue {name} found: {}",
        report.problems.join("; ")
    );
    Ok(())
}

fn print(report: &RehearsalReport) -> anyhow::Result<()> {
    let (accepted, readers) = (report.accepted, report.expected.mailed);
    output::text(&format!(
        "rehearsed on a copy; nothing was sent, and nothing is changed\n\
         {accepted} of {} got their message, {:.0} a second, {} bytes each",
        counted(readers, "reader", "readers"),
        report.per_second,
        report.bytes_per_message
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
            "the first: “{}”, {} bytes, {}, {}, {}",
            sample.subject,
            sample.bytes,
            counted(sample.parts, "part", "parts"),
            match sample.signatures {
                0 => "not signed".to_owned(),
                signatures => counted(signatures, "DKIM signature", "DKIM signatures"),
            },
            if sample.one_click {
                "one-click unsubscribe"
            } else {
                "NO one-click unsubscribe"
            }
        ))?;
    }
    let faults = report.faults;
    if (faults.deferred, faults.refused, faults.hung_up) != (0, 0, 0) {
        output::text(&format!(
            "done wrong on purpose: {} deferred, {} refused, {} hung up on; with the waits it takes {}",
            faults.deferred,
            faults.refused,
            faults.hung_up,
            humantime::format_duration(Duration::from_secs(report.seconds_with_waits.unsigned_abs()))
        ))?;
    }
    output::text("")?;
    tables::delivery_report(&report.delivery_report)?;
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

/// A duration in whole seconds, rounded up.
fn duration(seconds: f64) -> String {
    let seconds = Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(Duration::MAX);
    humantime::format_duration(seconds).to_string()
}
