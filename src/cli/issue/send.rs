//! `daywire issue send`, and how it shows its progress.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::show::show;
use crate::app::App;
use crate::cli::{Context, serve, start_log};
use crate::delivery::sender::StopCondition;
use crate::delivery::{control, nodes, report, sender};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::inbox;
use crate::store::Tx;

/// How often a line of progress is written where standard error is not a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

pub async fn run(context: &Context, app: &Arc<App>, id: IssueId, wait: bool) -> anyhow::Result<()> {
    super::require_identity(app, id).await?;
    if !wait {
        control::send(app, id).await?;
        return show(context, app, id).await;
    }
    start_log(LevelFilter::WARN, app.config.log.format);
    let stop = CancellationToken::new();
    let inbox_stop = CancellationToken::new();
    let inbox = inbox::start(app, inbox_stop.clone()).await?;
    control::send(app, id).await?;
    let alive = CancellationToken::new();
    let keeper = tokio::spawn(nodes::run_heartbeat(Arc::clone(app), alive.clone()));
    let told = tokio::spawn({
        let stop = stop.clone();
        async move {
            if serve::until_told_to_stop().await.is_ok() {
                stop.cancel();
            }
        }
    });
    for id in parts(&mut app.store.read().await?, id).await? {
        let sending = tokio::spawn(sender::run(
            Arc::clone(app),
            StopCondition::NothingDue(id),
            stop.clone(),
        ));
        progress(app, id, &sending).await?;
        sending.await?;
    }
    alive.cancel();
    keeper.await?;
    told.abort();
    inbox_stop.cancel();
    if let Some(inbox) = inbox {
        inbox.await?;
    }
    show(context, app, id).await?;
    conclude(app, id, stop.is_cancelled()).await
}

/// Prints which deliveries of an issue and its editions are left, and which process continues them. A paused or interrupted
/// issue is an error; deferred deliveries are not.
async fn conclude(app: &App, id: IssueId, interrupted: bool) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let name = tx.issue_name(id).await?;
    let (mut deferred, mut waiting, mut next) = (0, 0, None);
    for part in parts(&mut tx, id).await? {
        let issue = control::find(&mut tx, part).await?;
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
    eprintln!(
        "{}{}. `daywire serve` goes on with them; without it, run `daywire issue send {name} --wait` again then.",
        left.join(", "),
        next.unwrap_or_default()
    );
    Ok(())
}

/// An issue and its editions.
async fn parts(tx: &mut Tx, id: IssueId) -> anyhow::Result<Vec<IssueId>> {
    let editions = tx.editions_of(id).await?.into_iter().map(|edition| edition.id);
    Ok(std::iter::once(id).chain(editions).collect())
}

/// The progress of an issue that is being sent.
#[derive(Default, PartialEq, Eq)]
struct Progress {
    total: i64,
    done: i64,
    /// What is deferred, and what keeps the relay from taking mail.
    notes: String,
}

impl Progress {
    /// `None` while the database is unavailable; the sending goes on.
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
async fn progress(app: &App, id: IssueId, sending: &JoinHandle<()>) -> anyhow::Result<()> {
    let name = app.store.read().await?.issue_name(id).await?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {msg}")?;
    let bar = std::io::stderr()
        .is_terminal()
        .then(|| ProgressBar::new(0).with_style(style));
    let mut line = (Progress::default(), Instant::now());
    loop {
        let since = Instant::now();
        let ended = sending.is_finished();
        if let Some(now) = Progress::of(app, id).await {
            match &bar {
                Some(bar) => {
                    bar.set_length(u64::try_from(now.total).unwrap_or(0));
                    bar.set_position(u64::try_from(now.done).unwrap_or(0));
                    bar.set_message(now.notes);
                }
                None if now != line.0 && (ended || line.0.total == 0 || line.1.elapsed() >= LINE_INTERVAL) => {
                    eprintln!("{name}: {} of {} done, {}", now.done, now.total, now.notes);
                    line = (now, Instant::now());
                }
                None => {}
            }
        }
        if ended {
            break;
        }
        // Counting a million rows takes a while; the sending comes first.
        let pause = since.elapsed() * 20;
        while !sending.is_finished() && since.elapsed() < pause.max(Duration::from_millis(100)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(())
}
