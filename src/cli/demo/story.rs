//! The day itself, step by step; each must happen before the next begins.

use std::sync::Arc;

use anyhow::{Context, ensure};
use reqwest::StatusCode;
use serde_json::json;
use url::Url;

use super::super::output;
use super::feed_server::FeedServer;
use super::reader::Reader;
use crate::app::App;
use crate::delivery::{control, report};
use crate::digest::Compiled;
use crate::digest::build::build;
use crate::domain::address::EmailAddress;
use crate::domain::states::{DeliveryState, IssueState, SubscriptionState};
use crate::ingest::adding_feeds::add_feed;
use crate::ingest::feed_fetch::{FetchOutcome, fetch};
use crate::newsletter;
use crate::text::plain::counted;

const NEWSLETTER: &str = r#"
slug = "broadcast"
name = "The Daily Broadcast"
description = "Daily digest of the day's most important tech news. No fluff. Engineering signal only."
schedule = "0 7 * * *"
timezone = "Europe/Berlin"
"#;

const READER: &str = "reader@reader.example";

/// Prints steps as they happen; with `--json`, keeps them for the one document.
struct Log {
    json: bool,
    steps: Vec<serde_json::Value>,
}

impl Log {
    fn step(&mut self, title: &str, detail: &str) -> anyhow::Result<()> {
        self.steps.push(json!({ "step": title, "detail": detail }));
        if self.json {
            return Ok(());
        }
        output::text(&format!(
            "{:>2}. {title}\n    {}",
            self.steps.len(),
            detail.replace('\n', "\n    ")
        ))
    }
}

/// Tells the day. An error names the step that did not happen.
pub async fn tell(app: &Arc<App>, feed: &FeedServer, json: bool) -> anyhow::Result<()> {
    let mut log = Log {
        json,
        steps: Vec::new(),
    };
    let reader = Reader::new(&app.link("/"))?;

    let (_, _) = newsletter::apply(app, &newsletter::parse(NEWSLETTER)?).await?;
    let front = reader.expect("/").await.context("the service does not answer")?;
    ensure!(front.contains("transmission_log"), "the front page has no sign-up box");
    log.step(
        "The service is running",
        &format!("{}/ (mail is captured at /inbox)", app.link("")),
    )?;

    let mut articles = 0;
    for url in &feed.urls {
        articles += Box::pin(read_feed(app, feed, url)).await?;
    }
    let from: Vec<&str> = feed.urls.iter().map(Url::as_str).collect();
    let detail = format!(
        "{} from {}",
        counted(articles, "article", "articles"),
        from.join(" and ")
    );
    log.step("The feed was read", &detail)?;

    sign_up(app, &reader, &mut log).await?;

    let broadcast = app.store.read().await?.newsletter_by_slug("broadcast").await?;
    let broadcast = broadcast.context("the newsletter is gone")?;
    let draft = match build(app, broadcast.id, app.clock.now(), None).await? {
        Compiled::Issue(draft) => draft,
        Compiled::Nothing(nothing) => anyhow::bail!("there is no digest: {}", nothing.reason),
    };
    let placed = draft.decisions.iter().filter_map(|decision| decision.position).max();
    let placed = placed.unwrap_or_default();
    let detail = format!(
        "{}\n{placed} stories of {} articles",
        draft.issue.subject,
        draft.decisions.len()
    );
    log.step("The digest is compiled", &detail)?;

    let id = draft.issue.id;
    control::send(app, id).await?;
    let (mail, unsubscribe) = reader.wait_for_mail("/unsubscribe/").await?;
    wait_until_sent(app, id).await?;
    let account = report::delivery_report(app, id).await?;
    let accepted = account.deliveries.get(&DeliveryState::Accepted).copied().unwrap_or(0);
    ensure!(
        account.balanced && accepted == 1 && account.recipients == 1,
        "the issue's account does not balance"
    );
    log.step(
        "The digest is sent by SMTP",
        "1 recipient, 1 accepted; the account balances",
    )?;
    let text = reader.expect(&format!("{mail}?show=text")).await?;
    let missing = draft
        .decisions
        .iter()
        .find(|d| d.position == Some(1))
        .filter(|d| !text.contains(&d.id));
    ensure!(missing.is_none(), "the first story is not in the mail");
    let digest = draft.issue.text.lines().take(24).collect::<Vec<_>>().join("\n");
    log.step("The reader reads it", &format!("{}{mail}\n\n{digest}\n…", app.link("")))?;

    leave(app, &reader, &unsubscribe, &mut log).await?;

    if json {
        return output::json(&json!({ "done": true, "steps": log.steps }));
    }
    output::text("\nThe whole day happened.")
}

/// Signs the reader up, and confirms by the mailed link.
async fn sign_up(app: &App, reader: &Reader, log: &mut Log) -> anyhow::Result<()> {
    let sent = reader
        .post(
            "/subscribe",
            &[("email", READER), ("newsletter", "broadcast"), ("name", "Ada")],
        )
        .await?;
    ensure!(
        sent.status == StatusCode::SEE_OTHER && sent.location.as_deref() == Some("/subscribe/sent"),
        "the sign-up was answered {}",
        sent.status
    );
    log.step(
        "A reader signs up",
        &format!("POST /subscribe for {READER}: 303 to /subscribe/sent"),
    )?;

    let (mail, link) = reader.wait_for_mail("/confirm/").await?;
    log.step("The confirmation mail came by SMTP", &format!("{}{mail}", app.link("")))?;
    let shown = reader.expect(&link).await?;
    ensure!(shown.contains("<button"), "the confirmation page has no button");
    ensure!(
        state(app).await? == Some(SubscriptionState::Pending),
        "a GET of the link changed the subscription"
    );
    let confirmed = reader.post(&link, &[]).await?;
    ensure!(
        confirmed.status == StatusCode::OK,
        "the confirmation was answered {}",
        confirmed.status
    );
    ensure!(
        state(app).await? == Some(SubscriptionState::Confirmed),
        "the reader is not confirmed"
    );
    log.step(
        "The reader confirms by the mailed link",
        "GET changed nothing, POST confirmed; both are on record",
    )
}

/// Ends the subscription by the link in the digest, in one click (RFC 8058).
async fn leave(app: &App, reader: &Reader, link: &str, log: &mut Log) -> anyhow::Result<()> {
    let page = reader.expect(link).await?;
    ensure!(page.contains("<button"), "the unsubscribe page has no button");
    ensure!(
        state(app).await? == Some(SubscriptionState::Confirmed),
        "a GET of the link ended the subscription"
    );
    let left = reader.post(link, &[("List-Unsubscribe", "One-Click")]).await?;
    ensure!(
        left.status == StatusCode::OK,
        "the one-click unsubscribe was answered {}",
        left.status
    );
    ensure!(
        state(app).await? == Some(SubscriptionState::Unsubscribed),
        "the reader is still subscribed"
    );
    log.step(
        "The reader leaves with one click",
        "GET changed nothing, POST ended the subscription",
    )
}

async fn read_feed(app: &App, from: &FeedServer, url: &Url) -> anyhow::Result<usize> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let broadcast = tx
        .newsletter_by_slug("broadcast")
        .await?
        .context("the newsletter is gone")?;
    // The running service must not fetch it as well: here it is fetched step by step.
    let (mut feed, _) = add_feed(&mut tx, app, broadcast.id, url, "").await?;
    feed.next_fetch_at = now + chrono::TimeDelta::hours(1);
    tx.record_fetch(&feed).await?;
    tx.commit().await?;
    match fetch(app, feed).await? {
        FetchOutcome::Read(tally) => {
            ensure!(tally.new > 0, "{}: there is no article in it", from.name);
            Ok(tally.new)
        }
        FetchOutcome::Unchanged => anyhow::bail!("{}: its server says that it has not changed", from.name),
        FetchOutcome::Failed(reason) | FetchOutcome::Incomplete(_, reason) => anyhow::bail!("{}: {reason}", from.name),
    }
}

async fn state(app: &App) -> anyhow::Result<Option<SubscriptionState>> {
    let mut tx = app.store.read().await?;
    let Some(subscriber) = tx.subscriber_by_address(&EmailAddress::parse(READER)?).await? else {
        return Ok(None);
    };
    Ok(tx
        .subscriptions_of(subscriber.id)
        .await?
        .first()
        .map(|subscription| subscription.state))
}

/// The relay has the mail before we know that it has: a moment may pass.
async fn wait_until_sent(app: &App, id: crate::domain::ids::IssueId) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let issue = control::find(&mut app.store.read().await?, id).await?;
        if issue.state == IssueState::Sent {
            return Ok(());
        }
        ensure!(
            tokio::time::Instant::now() < deadline,
            "the issue is {} and not sent",
            issue.state
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
