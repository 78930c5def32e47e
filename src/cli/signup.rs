//! `daywire signup`: how many sign-ups were accepted, and how many were refused for each reason.

use chrono::{DateTime, Days, Utc};
use serde_json::json;

use super::context::Context;
use super::output;
use crate::domain::states::SignupOutcome;

/// What to show of sign-ups.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Count sign-ups by day: the accepted ones, and those that were refused, with the reason. Requests for a lost link are counted too.
    Report {
        /// How many days to show, including today (UTC).
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
        days: u16,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Report { days } => report(context, days).await,
    }
}

async fn report(context: &Context, days: u16) -> anyhow::Result<()> {
    let app = context.app().await?;
    let first = first_day(app.clock.now(), days);
    let counts = app.store.read().await?.signup_counts(&first).await?;
    if context.json {
        let documents = counts
            .iter()
            .map(|count| json!({ "day": count.day, "outcome": count.outcome, "count": count.count }));
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = counts.into_iter().map(|count| {
        let reason = reason(count.outcome).to_owned();
        vec![count.day, count.count.to_string(), count.outcome.to_string(), reason]
    });
    output::table(
        &["day", "count", "outcome", "meaning"],
        rows.collect(),
        "nobody has signed up in these days",
    )
}

/// The first of the last `days` days, such as `2026-11-23`.
fn first_day(now: DateTime<Utc>, days: u16) -> String {
    let today = now.date_naive();
    let first = today.checked_sub_days(Days::new(u64::from(days) - 1));
    first.unwrap_or(today).format("%Y-%m-%d").to_string()
}

const fn reason(outcome: SignupOutcome) -> &'static str {
    match outcome {
        SignupOutcome::Accepted => "stored",
        SignupOutcome::MailboxFull => "the mailbox has got its mails of this day",
        SignupOutcome::Invalid => "a field is invalid",
        SignupOutcome::LostLink => "somebody asked for a lost link",
        SignupOutcome::NetworkLimit => "too many from one network",
        SignupOutcome::DomainLimit => "too many for one domain",
        SignupOutcome::OverallLimit => "too many in all",
        SignupOutcome::BlockedDomain => "signup.blocked_domains has the domain",
        SignupOutcome::Honeypot => "the field that people do not see was filled in",
        SignupOutcome::FormWithoutToken => "the form had no token",
        SignupOutcome::FormForged => "the token of the form is not ours",
        SignupOutcome::FormTooFast => "the form was sent sooner than signup.form_min_age",
        SignupOutcome::FormTooOld => "the form was sent later than signup.form_max_age",
        SignupOutcome::FormRepeated => "the form was sent before from the same network",
        SignupOutcome::ProofMissing => "a proof of work was needed",
        SignupOutcome::ProofWrong => "the proof of work or the answer was wrong, late or used",
    }
}
