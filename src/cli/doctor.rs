//! `daywire doctor`: examines the installation, and says for each finding what to do.

use serde_json::json;

use super::context::Context;
use super::output;
use crate::clock::{Clock, Rng};
use crate::doctor::{Check, Examination, Report, State};
use crate::domain::address::EmailAddress;
use crate::text::plain::counted;

/// Options of `daywire doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also send one message by each relay to this address.
    #[arg(long, value_name = "ADDRESS")]
    probe: Option<String>,
}

/// Prints the report. Fails if something must be mended.
pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let probe = args.probe.as_deref().map(EmailAddress::parse).transpose();
    let probe = probe.map_err(|error| anyhow::anyhow!("--probe: {error}"))?;
    let report = match context.config() {
        Ok(config) => {
            let examination = Examination {
                config: &config,
                clock: &Clock::System,
                rng: &Rng::System,
                probe: probe.as_ref(),
            };
            Box::pin(examination.run()).await
        }
        Err(error) => Report::of_unreadable_settings(&error),
    };
    if context.json {
        output::json(&document(&report))?;
    } else {
        output::text(&text(&report))?;
    }
    anyhow::ensure!(
        report.is_sound(),
        "{} failed; do what is advised there, and run `daywire doctor` again",
        counted(report.count(State::Failed), "check", "checks")
    );
    Ok(())
}

fn document(report: &Report) -> serde_json::Value {
    json!({
        "sound": report.is_sound(),
        "ok": report.count(State::Ok),
        "warnings": report.count(State::Warning),
        "failed": report.count(State::Failed),
        "skipped": report.count(State::Skipped),
        "checks": report.checks,
    })
}

fn text(report: &Report) -> String {
    let mut lines: Vec<String> = report.checks.iter().flat_map(lines).collect();
    lines.push(String::new());
    lines.push(format!(
        "{} ok, {}, {} failed, {} skipped",
        report.count(State::Ok),
        counted(report.count(State::Warning), "warning", "warnings"),
        report.count(State::Failed),
        report.count(State::Skipped)
    ));
    lines.join("\n")
}

/// A check in one line, and what to do in a second one.
fn lines(check: &Check) -> Vec<String> {
    let subject = check
        .subject
        .as_ref()
        .map(|subject| format!("{subject}: "))
        .unwrap_or_default();
    let mut lines = vec![format!(
        "{:8} {:24} {subject}{}",
        check.state.as_str(),
        check.name,
        check.found
    )];
    lines.extend(check.advice.as_ref().map(|advice| format!("{:33} -> {advice}", "")));
    lines
}
