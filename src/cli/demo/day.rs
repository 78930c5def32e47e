//! The demo's day, step by step: feeds are read, a reader signs up and confirms, the digest is compiled and sent, the reader leaves. Each
//! step is checked before the next begins.

use std::sync::Arc;

use anyhow::{Context, ensure};
use reqwest::StatusCode;
use serde_json::json;
use url::Url;

use super::browser::Browser;
use super::feed_server::FeedServer;
use crate::app::App;
use crate::cli::output;
use crate::delivery::control;
use crate::delivery::report::delivery_report;
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

/// Prints steps as they happen. With `--json` it collects them for the one document.
struct StepLog {
    json: bool,
    steps: Vec<serde_json::Value>,
}

impl StepLog {
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

/// Runs the day. An error says which step did not happen.
pub(crate) async fn run(app: &Arc<App>, feed: &FeedServer, json: bool) -> anyhow::Result<()> {
    let mut log = StepLog {
        json,
        steps: Vec::new(),
    };
    let browser = Browser::new(&app.link("/"))?;

    let (_, _) = newsletter::apply(app, &newsletter::parse(NEWSLETTER)?).await?;
    let front = browser.open("/").await.context("the service does not answer")?;
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

    sign_up(app, &browser, &mut log).await?;

    let broadcast = app.store.read().await?.newsletter_by_slug("broadcast").await?;
    let broadcast = broadcast.context("the newsletter does not exist any more")?;
    let draft = match build(app, broadcast.id, app.clock.now(), None).await? {
        Compiled::Issue(draft) => draft,
        Compiled::Nothing(nothing) => anyhow::bail!("there is no digest: {}", nothing.reason),
    };
    let placed = draft.decisions.iter().filter_map(|decision| decision.position).max();
    let placed = placed.context("the digest has no story")?;
    let detail = format!(
        "{}\n{placed} stories of {} articles",
        draft.issue.subject,
        draft.decisions.len()
    );
    log.step("The digest is compiled", &detail)?;

    let id = draft.issue.id;
    control::send(app, id).await?;
    let (mail, unsubscribe) = browser.wait_for_mail("/unsubscribe/").await?;
    wait_until_sent(app, id).await?;
    let report = delivery_report(app, id).await?;
    let accepted = report.deliveries.get(&DeliveryState::Accepted).copied().unwrap_or(0);
    ensure!(
        report.balanced && accepted == 1 && report.recipients == 1,
        "the delivery report does not balance"
    );
    log.step(
        "The digest is sent by SMTP",
        "1 recipient, 1 accepted; the delivery report balances",
    )?;
    let text = browser.open(&format!("{mail}?show=text")).await?;
    let missing = draft
        .decisions
        .iter()
        .find(|d| d.position == Some(1))
        .filter(|d| !text.contains(&d.id));
    ensure!(missing.is_none(), "the first story is not in the mail");
    let digest = draft.issue.text.lines().take(24).collect::<Vec<_>>().join("\n");
    log.step("The reader reads it", &format!("{}{mail}\n\n{digest}\n…", app.link("")))?;

    leave(app, &browser, &unsubscribe, &mut log).await?;

    if json {
        return output::json(&json!({ "done": true, "steps": log.steps }));
    }
    output::text("\nThe whole day happened.")
}

/// Signs the reader up and confirms with the mailed link.
async fn sign_up(app: &App, browser: &Browser, log: &mut StepLog) -> anyhow::Result<()> {
    let token = browser.form_token("/subscribe").await?;
    let form = [
        ("email", READER),
        ("newsletter", "broadcast"),
        ("name", "Ada"),
        ("form", &token),
    ];
    let sent = browser.post("/subscribe", &form).await?;
    ensure!(
        sent.status == StatusCode::SEE_OTHER && sent.location.as_deref() == Some("/subscribe/sent"),
        "the sign-up returned {}",
        sent.status
    );
    log.step(
        "A reader signs up",
        &format!("POST /subscribe for {READER}: 303 to /subscribe/sent"),
    )?;

    let (mail, link) = browser.wait_for_mail("/confirm/").await?;
    log.step(
        "The confirmation mail arrived by SMTP",
        &format!("{}{mail}", app.link("")),
    )?;
    let shown = browser.open(&link).await?;
    ensure!(shown.contains("<button"), "the confirmation page has no button");
    ensure!(
        state(app).await? == Some(SubscriptionState::Pending),
        "a GET of the link changed the subscription"
    );
    let confirmed = browser.post(&link, &[]).await?;
    ensure!(
        confirmed.status == StatusCode::OK,
        "the confirmation returned {}",
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

/// Ends the subscription with the link in the digest, in one click ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)).
async fn leave(app: &App, browser: &Browser, link: &str, log: &mut StepLog) -> anyhow::Result<()> {
    let page = browser.open(link).await?;
    ensure!(page.contains("<button"), "the unsubscribe page has no button");
    ensure!(
        state(app).await? == Some(SubscriptionState::Confirmed),
        "a GET of the link ended the subscription"
    );
    let left = browser.post(link, &[("List-Unsubscribe", "One-Click")]).await?;
    ensure!(
        left.status == StatusCode::OK,
        "the one-click unsubscribe returned {}",
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
        .context("the newsletter does not exist any more")?;
    // A feed that is not due for an hour is not fetched by the running service, too.
    let (mut feed, _) = add_feed(&mut tx, app, broadcast.id, url, "").await?;
    feed.next_fetch_at = now + chrono::TimeDelta::hours(1);
    tx.record_fetch(&feed).await?;
    tx.commit().await?;
    match fetch(app, feed).await? {
        FetchOutcome::Read(tally) => {
            ensure!(tally.new > 0, "{}: it has no article", from.name);
            Ok(tally.new)
        }
        FetchOutcome::Unchanged => anyhow::bail!("{}: its server reports that it has not changed", from.name),
        FetchOutcome::Failed(reason) | FetchOutcome::Incomplete(_, reason) => anyhow::bail!("{}: {reason}", from.name),
    }
}

/// The state of the reader's subscription; `None` before the sign-up.
async fn state(app: &App) -> anyhow::Result<Option<SubscriptionState>> {
    let mut tx = app.store.read().await?;
    let Some(subscriber) = tx
        .subscriber_by_address(&app.keys, &EmailAddress::parse(READER)?)
        .await?
    else {
        return Ok(None);
    };
    Ok(tx
        .subscriptions_of(subscriber.id)
        .await?
        .first()
        .map(|subscription| subscription.state))
}

/// Waits until the sender has recorded that the relay accepted the message, which can be a moment after the mail arrives.
async fn wait_until_sent(app: &App, id: crate::domain::ids::IssueId) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let issue = control::require_issue(&mut app.store.read().await?, id).await?;
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
