//! Compaction counts every delivery of an old issue once, with several processes and after a crash at any point.

use chrono::{DateTime, TimeDelta, Utc};
use daywire::delivery::compaction::compact_due;
use daywire::delivery::report::write_report;
use daywire::delivery::report_file;
use daywire::domain::ids::{IssueId, SubscriptionId};
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{TestApp, eventually};

/// Sends an issue to all of these readers but one, who is suppressed.
async fn sent_issue(app: &mut TestApp, readers: usize) -> (Newsletter, IssueId) {
    let daily = app.daily().await;
    app.readers(&daily, readers).await;
    app.suppress("reader0@reader.example", "complained").await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    (daily, issue)
}

/// Compacts in one process, seven rows a transaction.
async fn compact(app: &TestApp) -> u64 {
    compact_due(&app.app, 7, &CancellationToken::new())
        .await
        .expect("compaction succeeds")
}

fn long_before(app: &TestApp) -> DateTime<Utc> {
    app.now() - TimeDelta::days(90)
}

#[apply(on_both_databases)]
async fn old_deliveries_become_totals_and_the_report_still_balances(mut app: TestApp) {
    let (daily, old) = sent_issue(&mut app, 20).await;
    let before = app.delivery_report(old).await;
    app.advance(TimeDelta::days(60));
    let young = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(young, IssueState::Sent).await;
    assert_eq!(compact(&app).await, 0, "60 days are not long enough");
    app.advance(TimeDelta::days(31));
    assert_eq!(compact(&app).await, 20);
    assert_eq!(compact(&app).await, 0, "a second compaction finds nothing");
    assert!(app.deliveries(old).await.is_empty());
    assert_eq!(app.deliveries(young).await.len(), 20);

    let after = app.delivery_report(old).await;
    assert_eq!(after.deliveries, before.deliveries);
    assert_eq!((after.recipients, after.compacted), (20, 20));
    assert_eq!(app.count(old, DeliveryState::Accepted).await, 19);
    assert_eq!(app.count(old, DeliveryState::Suppressed).await, 1);
    let file = app.folder().join("account.jsonl");
    write_report(&app.app, old, &file, false)
        .await
        .expect("the report is written");
    let (header, sums, _) = report_file::check(&file).expect("the report is intact");
    assert_eq!((header.compacted[&DeliveryState::Accepted], sums.recipients), (19, 20));
}

#[apply(on_both_databases)]
async fn compaction_continues_after_a_crash_at_any_transaction(mut app: TestApp) {
    let (_, issue) = sent_issue(&mut app, 20).await;
    app.advance(TimeDelta::days(91));
    let before_all = SubscriptionId(Uuid::nil());
    // One process dies before its commit, and another one after it.
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.compact_deliveries(issue, long_before(&app), before_all, 5)
        .await
        .expect("compaction succeeds");
    drop(tx);
    assert_eq!(app.delivery_report(issue).await.compacted, 0);
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.compact_deliveries(issue, long_before(&app), before_all, 5)
        .await
        .expect("compaction succeeds");
    tx.commit().await.expect("the transaction commits");
    let report = app.delivery_report(issue).await;
    assert_eq!((report.recipients, report.compacted), (20, 5));
    assert_eq!(compact(&app).await, 15);
    let report = app.delivery_report(issue).await;
    assert_eq!(
        (report.compacted, report.deliveries[&DeliveryState::Accepted]),
        (20, 19)
    );
}

#[apply(on_both_databases)]
async fn several_processes_compact_each_delivery_once(mut app: TestApp) {
    let (_, issue) = sent_issue(&mut app, 60).await;
    let others = [app.another().await, app.another().await];
    app.advance(TimeDelta::days(91));
    let (a, b, c) = tokio::join!(compact(&app), compact(&others[0]), compact(&others[1]));
    assert_eq!(a + b + c, 60);
    let report = app.delivery_report(issue).await;
    assert_eq!(
        (report.compacted, report.deliveries[&DeliveryState::Accepted]),
        (60, 59)
    );
}

#[apply(on_both_databases)]
async fn the_service_compacts_old_deliveries_by_itself(mut app: TestApp) {
    let (_, issue) = sent_issue(&mut app, 20).await;
    app.advance(TimeDelta::days(91));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the deliveries are compacted", || async {
        app.delivery_report(issue).await.compacted == 20
    })
    .await;
}

#[apply(on_both_databases)]
async fn open_deliveries_and_running_issues_are_not_compacted(mut app: TestApp) {
    let (daily, issue) = sent_issue(&mut app, 4).await;
    app.execute("UPDATE deliveries SET state = 'queued' WHERE state = 'suppressed'")
        .await;
    let waiting = app.send(&daily).await;
    app.advance(TimeDelta::days(91));
    assert_eq!(compact(&app).await, 3);
    assert_eq!(app.deliveries(issue).await.len(), 1);
    assert_eq!(app.deliveries(waiting).await.len(), 4);
    app.execute("UPDATE deliveries SET state = 'suppressed' WHERE state = 'queued'")
        .await;
}

#[apply(on_both_databases)]
async fn nothing_is_compacted_without_the_setting(mut app: TestApp) {
    let (_, issue) = sent_issue(&mut app, 4).await;
    app.restart(|config| config.delivery.compact_after = None).await;
    app.advance(TimeDelta::days(9_000));
    assert_eq!(compact(&app).await, 0);
    assert_eq!(app.deliveries(issue).await.len(), 4);
}
