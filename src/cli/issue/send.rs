//! `daywire issue send`, and its progress bar.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::show::show;
use crate::app::App;
use crate::cli::{Context, serve, start_log};
use crate::delivery::{control, nodes, proof, sender};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::inbox;
use crate::store::Tx;

pub async fn run(context: &Context, app: &Arc<App>, id: IssueId, wait: bool) -> anyhow::Result<()> {
    if wait {
        start_log(LevelFilter::WARN, app.config.log.format);
        let stop = CancellationToken::new();
        let inbox_stop = CancellationToken::new();
        let inbox = inbox::start(app, inbox_stop.clone()).await?;
        control::send(app, id).await?;
        let alive = CancellationToken::new();
        let keeper = tokio::spawn(nodes::keep(Arc::clone(app), alive.clone()));
        let told = tokio::spawn({
            let stop = stop.clone();
            async move {
                if serve::until_told_to_stop().await.is_ok() {
                    stop.cancel();
                }
            }
        });
        for id in parts(&mut app.store.read().await?, id).await? {
            let sending = tokio::spawn(sender::run(Arc::clone(app), Some(id), stop.clone()));
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
    } else {
        control::send(app, id).await?;
    }
    show(context, app, id).await?;
    if !wait {
        return Ok(());
    }
    let mut tx = app.store.read().await?;
    for id in parts(&mut tx, id).await? {
        let issue = control::find(&mut tx, id).await?;
        if !matches!(issue.state, IssueState::Sent | IssueState::Skipped) {
            anyhow::bail!(
                "issue {id} is {}: {}",
                issue.state,
                issue.reason.unwrap_or_else(|| {
                    format!("not everything went out; the rest waits for `daywire serve` or `issue send {id} --wait`")
                })
            );
        }
    }
    Ok(())
}

/// An issue and its editions.
async fn parts(tx: &mut Tx, id: IssueId) -> anyhow::Result<Vec<IssueId>> {
    let editions = tx.editions_of(id).await?.into_iter().map(|edition| edition.id);
    Ok(std::iter::once(id).chain(editions).collect())
}

/// Shows how far the sending is, on standard error, until it has ended.
async fn progress(app: &App, id: IssueId, sending: &tokio::task::JoinHandle<()>) -> anyhow::Result<()> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {msg}")?);
    while !sending.is_finished() {
        let since = Instant::now();
        // A database that is away for a moment ends no sending: the bar stands still until it is back.
        if let Ok(counts) = proof::count(app, id).await {
            let total: i64 = counts.values().sum();
            let open: i64 = counts
                .iter()
                .filter(|(state, _)| state.is_open())
                .map(|(_, count)| count)
                .sum();
            bar.set_length(u64::try_from(total).unwrap_or(0));
            bar.set_position(u64::try_from(total - open).unwrap_or(0));
            let deferred = counts.get(&DeliveryState::Deferred).copied().unwrap_or(0);
            let trouble = app
                .health
                .trouble()
                .map(|trouble| format!(" · {}", trouble.reason))
                .unwrap_or_default();
            bar.set_message(format!("{deferred} deferred{trouble}"));
        }
        // Counting a million rows takes a while; the sending comes first.
        let pause = since.elapsed() * 20;
        while !sending.is_finished() && since.elapsed() < pause.max(Duration::from_millis(100)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    bar.finish_and_clear();
    Ok(())
}
