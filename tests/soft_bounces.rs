//! Soft bounces of several issues in a row pause a subscription.

use chrono::TimeDelta;
use daywire::config::Config;
use daywire::delivery::compaction::compact_due;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{ConsentEvent, DeliveryState, IssueState, SubscriptionState};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use tokio_util::sync::CancellationToken;

use crate::support::issues::reply;
use crate::support::reports::{ingest, program, report, return_path, set_return_path};
use crate::support::{Engine, TestApp};

const FULL: &str = "reader0@reader.example";

/// Sends an issue to its end, four days after the one before. The relay refuses [`FULL`] if `is_full`.
async fn send(app: &mut TestApp, newsletter: &Newsletter, is_full: bool) -> IssueId {
    app.relay.answer(move |stage, transaction, _| {
        let is_recipient = transaction.recipients.last().is_some_and(|recipient| recipient == FULL);
        if is_full && stage == Stage::Rcpt && is_recipient {
            reply(552, "5.2.2 the mailbox is full")
        } else {
            Verdict::Continue
        }
    });
    app.advance(TimeDelta::days(4));
    let issue = app.send(newsletter).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    issue
}

/// A newsletter with two readers, and four issues that one of them did not get.
async fn with_four_failures(engine: Engine, change: impl FnOnce(&mut Config)) -> (TestApp, Newsletter) {
    let mut app = TestApp::with(engine, |config| {
        set_return_path(config);
        change(config);
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    for _ in 0..4 {
        send(&mut app, &daily, true).await;
    }
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    (app, daily)
}

async fn pause_reason(app: &TestApp) -> Option<String> {
    app.subscriptions(FULL).await.remove(0).pause_reason
}

#[apply(on_both_databases)]
async fn the_fifth_issue_in_a_row_pauses_the_subscription(engine: Engine) {
    let (mut app, daily) = with_four_failures(engine, |_| {}).await;
    let teardown = app.teardown();
    send(&mut app, &daily, true).await;
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Paused));
    let reason = pause_reason(&app).await.expect("the pause has a reason");
    assert!(
        reason.starts_with("the messages of 5 issues in a row") && reason.ends_with("mailbox_full"),
        "{reason}"
    );
    let consent = app.consent(FULL).await;
    let last = consent.last().expect("the pause is on record");
    assert_eq!(
        (last.event, last.source.to_string()),
        (ConsentEvent::Paused, format!("soft-bounces: {reason}"))
    );
    let next = send(&mut app, &daily, false).await;
    assert_eq!(app.delivery_report(next).await.recipients, 1);
    assert_eq!(
        app.subscription_state("reader1@reader.example").await,
        Some(SubscriptionState::Confirmed)
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_accepted_issue_begins_the_count_again(engine: Engine) {
    let (mut app, daily) = with_four_failures(engine, |_| {}).await;
    let teardown = app.teardown();
    send(&mut app, &daily, false).await;
    for _ in 0..4 {
        send(&mut app, &daily, true).await;
    }
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    send(&mut app, &daily, true).await;
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Paused));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_accepted_issue_that_comes_back_later_counts_as_failed(engine: Engine) {
    let (mut app, daily) = with_four_failures(engine, |_| {}).await;
    let teardown = app.teardown();
    send(&mut app, &daily, false).await;
    let accepted_at = return_path(&app, FULL);
    send(&mut app, &daily, true).await;
    assert_eq!(
        app.subscription_state(FULL).await,
        Some(SubscriptionState::Confirmed),
        "one failure after an accepted issue"
    );
    ingest(
        &app,
        &report(&accepted_at, FULL, "4.2.2", "452 4.2.2 the mailbox is full"),
    );
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Paused));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_accepted_issue_begins_the_count_again_after_its_deliveries_were_compacted(engine: Engine) {
    let compact_soon = |config: &mut Config| {
        config.delivery.compact_after = Some(std::time::Duration::from_hours(24));
    };
    let (mut app, daily) = with_four_failures(engine, compact_soon).await;
    let teardown = app.teardown();
    send(&mut app, &daily, false).await;
    app.advance(TimeDelta::days(2));
    let compacted = compact_due(&app.app, 3, &CancellationToken::new()).await;
    assert_eq!(compacted.expect("the database answers"), 10);
    for _ in 0..4 {
        send(&mut app, &daily, true).await;
    }
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn an_operator_ends_the_pause_and_the_count_begins_again(engine: Engine) {
    let (mut app, daily) = with_four_failures(engine, |_| {}).await;
    let teardown = app.teardown();
    send(&mut app, &daily, true).await;
    let program = program(&app);
    let shown = program.json(&["subscriber", "show", FULL]);
    assert!(shown.to_string().contains("mailbox_full"), "{shown}");
    program.ok(&["subscriber", "prefer", FULL, "--newsletter", "daily", "--resume"]);
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    // The program's clock is not that of the test, so the entry may not be the last.
    let consent = app.consent(FULL).await;
    let by_operator = consent.iter().find(|record| record.event == ConsentEvent::Resumed);
    assert_eq!(
        by_operator.map(|record| record.source.to_string()).as_deref(),
        Some("operator")
    );
    assert_eq!(pause_reason(&app).await, None);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_readers_link_shows_the_pause_and_ends_it(engine: Engine) {
    let (mut app, daily) = with_four_failures(engine, |_| {}).await;
    let teardown = app.teardown();
    send(&mut app, &daily, true).await;
    let page = app
        .unsubscribe_path(FULL)
        .await
        .replace("/unsubscribe/", "/preferences/");
    app.serve_roles(&[Role::Web]).await;
    let shown = app.site().get(&page).await;
    assert!(
        shown.body.contains("your mailbox refused our last emails"),
        "{}",
        shown.body
    );
    app.site().post(&page, &[("resume", "yes")]).await;
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    app.stop_serving().await;
    send(&mut app, &daily, true).await;
    assert_eq!(
        app.subscription_state(FULL).await,
        Some(SubscriptionState::Confirmed),
        "the failures before the end of the pause do not count"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_fresh_confirmation_ends_the_pause(engine: Engine) {
    let (mut app, daily) = with_four_failures(engine, |_| {}).await;
    let teardown = app.teardown();
    send(&mut app, &daily, true).await;
    app.relay.answer(|_, _, _| Verdict::Continue);
    app.serve().await;
    let link = app.sign_up(FULL).await;
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Paused));
    app.site().post(&link, &[]).await;
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    app.stop_serving().await;
    send(&mut app, &daily, true).await;
    assert_eq!(app.subscription_state(FULL).await, Some(SubscriptionState::Confirmed));
    let issue = send(&mut app, &daily, false).await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 2);
    teardown.finish().await;
}
