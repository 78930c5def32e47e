//! `daywire issue send`: freezes and queues an issue. With `--wait` this process also sends it and shows the progress.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::show;
use crate::app::App;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{output, signals};
use crate::config::is_placeholder;
use crate::delivery::sender::StopCondition;
use crate::delivery::{control, nodes, report, sender};
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::domain::states::{DeliveryState, IssueState};
use crate::inbox;
use crate::store::Tx;

/// How often a line of progress is written if standard error is not a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

pub(crate) async fn run(context: &Context, app: &Arc<App>, id: IssueId, wait: bool) -> anyhow::Result<()> {
    control::require_confirmed_subscribers(&mut app.store.read().await?, id).await?;
    require_identity(app, id).await?;
    if !wait {
        context.start_traces(&app.config);
        control::send(app, IssueAction::by(command_actor(), id)).await?;
        if let Some(note) = output::captured_mail(app) {
            note!("note: {note}");
        }
        return show::run(context, app, id).await;
    }
    context.start_log_and_traces(LevelFilter::WARN, &app.config);
    let stop = CancellationToken::new();
    let inbox_stop = CancellationToken::new();
    let inbox = inbox::start(app, inbox_stop.clone()).await?;
    control::send(app, IssueAction::by(command_actor(), id)).await?;
    let heartbeat_stop = CancellationToken::new();
    let heartbeat = tokio::spawn(nodes::run_heartbeat(Arc::clone(app), heartbeat_stop.clone()));
    let signals = signals::cancel_at_stop(&stop);
    for id in issue_and_editions(&mut app.store.read().await?, id).await? {
        let sending = tokio::spawn(sender::run(
            Arc::clone(app),
            StopCondition::NothingDue(id),
            stop.clone(),
        ));
        show_progress(app, id, &sending).await?;
        sending.await?;
    }
    heartbeat_stop.cancel();
    heartbeat.await?;
    signals.abort();
    inbox_stop.cancel();
    if let Some(inbox) = inbox {
        inbox.await?;
    }
    show::run(context, app, id).await?;
    report_rest(app, id, stop.is_cancelled()).await
}

/// Refuses to mail an issue while the site's name, address or sender is not set.
pub(crate) async fn require_identity(app: &App, id: IssueId) -> anyhow::Result<()> {
    let issue = control::require_issue(&mut app.store.read().await?, id).await?;
    Ok(app.config.require_identity(!is_placeholder(&issue.sender))?)
}

/// Prints which deliveries of an issue and its editions are left, and which process continues them. A paused or interrupted
/// issue is an error; deferred deliveries are not.
async fn report_rest(app: &App, id: IssueId, interrupted: bool) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let name = tx.issue_name(id).await?;
    let (mut deferred, mut waiting, mut next) = (0, 0, None);
    for part in issue_and_editions(&mut tx, id).await? {
        let issue = control::require_issue(&mut tx, part).await?;
        let part_name = tx.issue_name(part).await?;
        match issue.state {
            IssueState::Sent | IssueState::Skipped => continue,
            IssueState::Sending if !interrupted => {}
            state => anyhow::bail!(
                "issue {part_name} is {state}: {}",
                issue.reason.unwrap_or_else(|| {
                    format!("not every delivery was sent; `daywire serve` or `daywire issue send {part_name} --wait` sends the rest")
                })
            ),
        }
        for (state, count) in tx.count_deliveries(part).await? {
            match state {
                DeliveryState::Deferred => deferred += count,
                state if state.is_open() => waiting += count,
                _ => {}
            }
        }
        let attempt = tx.next_attempt(part).await?;
        next = attempt.into_iter().chain(next).min();
    }
    if deferred + waiting == 0 {
        return Ok(());
    }
    let mut left = Vec::new();
    if deferred > 0 {
        left.push(format!("{deferred} deferred"));
    }
    if waiting > 0 {
        left.push(format!("{waiting} waiting for their turn"));
    }
    let next = next
        .filter(|next| *next > app.clock.now())
        .map(|next| format!("; the next attempt is due at {} UTC", next.format("%Y-%m-%d %H:%M")));
    note!(
        "{}{}. `daywire serve` continues with them; without it, run `daywire issue send {name} --wait` again then.",
        left.join(", "),
        next.unwrap_or_default()
    );
    Ok(())
}

/// The ids of an issue and its editions.
async fn issue_and_editions(tx: &mut Tx, id: IssueId) -> anyhow::Result<Vec<IssueId>> {
    let editions = tx.editions_of(id).await?.into_iter().map(|edition| edition.id);
    Ok(std::iter::once(id).chain(editions).collect())
}

/// Messages a second, as people read them: `988/s`, and `0.4/s` when it is slow.
fn rate(per_second: f64) -> String {
    let digits = usize::from(per_second < 10.0);
    format!("{per_second:.digits$}/s")
}

/// The progress of an issue that is being sent.
#[derive(Default, PartialEq, Eq)]
struct Progress {
    total: i64,
    done: i64,
    /// How many deliveries are deferred, and why the relay is unavailable, if it is.
    notes: String,
}

impl Progress {
    /// `None` while the database is unavailable; sending continues.
    async fn of(app: &App, id: IssueId) -> Option<Self> {
        let counts = report::count(app, id).await.ok()?;
        let total: i64 = counts.values().sum();
        let open: i64 = counts
            .iter()
            .filter(|(state, _)| state.is_open())
            .map(|(_, count)| count)
            .sum();
        let deferred = counts.get(&DeliveryState::Deferred).copied().unwrap_or(0);
        let trouble = app.health.trouble().map(|trouble| format!(" · {}", trouble.reason));
        Some(Self {
            total,
            done: total - open,
            notes: format!("{deferred} deferred{}", trouble.unwrap_or_default()),
        })
    }
}

/// Shows the progress on standard error until the sending has ended: as a bar on a terminal, else as lines.
async fn show_progress(app: &App, id: IssueId, sending: &JoinHandle<()>) -> anyhow::Result<()> {
    let name = app.store.read().await?.issue_name(id).await?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {rate} {msg}")?.with_key(
        "rate",
        |state: &ProgressState, out: &mut dyn fmt::Write| {
            // A bar that cannot be written is not worth an error.
            let _ = out.write_str(&rate(state.per_sec()));
        },
    );
    let bar = std::io::stderr()
        .is_terminal()
        .then(|| ProgressBar::new(0).with_style(style));
    let (mut printed, mut printed_at) = (Progress::default(), Instant::now());
    loop {
        let counting_since = Instant::now();
        let ended = sending.is_finished();
        if let Some(now) = Progress::of(app, id).await {
            match &bar {
                Some(bar) => {
                    bar.set_length(u64::try_from(now.total).unwrap_or(0));
                    bar.set_position(u64::try_from(now.done).unwrap_or(0));
                    bar.set_message(now.notes);
                }
                None if now != printed && (ended || printed.total == 0 || printed_at.elapsed() >= LINE_INTERVAL) => {
                    note!("{name}: {} of {} done, {}", now.done, now.total, now.notes);
                    (printed, printed_at) = (now, Instant::now());
                }
                None => {}
            }
        }
        if ended {
            break;
        }
        // Counting a million rows takes seconds of the database's time. At most a twentieth of the time goes into counting.
        let pause = counting_since.elapsed() * 20;
        while !sending.is_finished() && counting_since.elapsed() < pause.max(Duration::from_millis(100)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn a_rate_has_a_decimal_only_below_ten() {
        assert_eq!(rate(988.1815), "988/s");
        assert_eq!(rate(0.42), "0.4/s");
        assert_eq!(rate(0.0), "0.0/s");
    }
}
