//! A process whose heartbeat stops loses its leases. A process whose heartbeat continues keeps them, even if clocks jump.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use daywire::config::Config;
use daywire::delivery::control;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::store::Store;
use daywire::worker::Role;

use crate::support::node::{self, OtherNode};
use crate::support::{Engine, TestApp, eventually};

const LEASE: Duration = Duration::from_millis(300);
/// Longer than the time between two heartbeats on a busy machine.
const LONG_LEASE: Duration = Duration::from_secs(2);

#[apply(on_both_databases)]
async fn deliveries_of_a_process_without_heartbeat_are_sent_by_another_after_a_lease(mut app: TestApp) {
    app.restart(|config| lease(config, LEASE)).await;
    let issue = issue_to_forty_readers(&app).await;
    let elsewhere = app.another().await;
    let silent = OtherNode::alive(&elsewhere, 1);
    let held = silent.lease(issue, 30).await;
    assert!(silent.begin(&held[0]).await);
    let begun = tokio::time::Instant::now();
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert!(begun.elapsed() >= LEASE);
    app.assert_one_copy_each(40);
    assert!(!listed(&app, &silent).await);
    let line = app
        .deliveries(issue)
        .await
        .into_iter()
        .find(|line| line.subscription_id == held[0].subscription_id);
    assert_eq!(
        line.expect("the row exists").attempts,
        2,
        "the attempt of the silent process counts"
    );
    app.delivery_report(issue).await;
}

#[apply(on_both_databases)]
async fn a_process_with_a_heartbeat_keeps_its_leases_when_clocks_jump(mut app: TestApp) {
    app.restart(|config| {
        lease(config, LONG_LEASE);
        config.delivery.expire_after = Duration::from_hours(24 * 30);
    })
    .await;
    let issue = issue_to_forty_readers(&app).await;
    let elsewhere = app.another().await;
    let (alive, silent) = (OtherNode::alive(&elsewhere, 1), OtherNode::alive(&elsewhere, 2));
    let held = alive.lease(issue, 10).await;
    assert!(alive.begin(&held[0]).await);
    silent.heartbeat().await;
    app.serve_roles(&[Role::Sender]).await;
    // The silent process is reclaimed after the length of a lease, so by then the other one has outlived its first lease.
    let jump = AtomicBool::new(false);
    eventually("the silent process is reclaimed and the rest is sent", || async {
        alive.heartbeat().await;
        let days = if jump.fetch_not(Ordering::Relaxed) { -2 } else { 2 };
        app.advance(TimeDelta::days(days));
        app.relay.received().len() >= 30 && !listed(&app, &silent).await
    })
    .await;
    assert_eq!(app.relay.received().len(), 30);
    assert!(
        app.relay
            .copies()
            .keys()
            .all(|to| held.iter().all(|delivery| node::address(delivery) != *to))
    );
    assert!(listed(&app, &alive).await);
    assert!(
        alive.record(&held[0], DeliveryState::Accepted).await,
        "the process still holds its lease"
    );
    // From here on, this process sends no heartbeat either.
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 39);
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        40
    );
}

#[apply(on_both_databases)]
async fn a_process_that_ended_on_this_machine_is_reclaimed_at_once(mut app: TestApp) {
    app.restart(|config| lease(config, Duration::from_hours(1))).await;
    let issue = issue_to_forty_readers(&app).await;
    let elsewhere = app.another().await;
    let dead = OtherNode::dead(&elsewhere);
    let held = dead.lease(issue, 30).await;
    assert!(dead.begin(&held[0]).await);
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(40);
    assert!(!listed(&app, &dead).await);
}

#[apply(on_both_databases)]
async fn a_reclaimed_process_that_returns_starts_nothing_and_its_late_outcome_is_recorded(mut app: TestApp) {
    let issue = issue_to_forty_readers(&app).await;
    let elsewhere = app.another().await;
    let (slow, quick) = (OtherNode::alive(&elsewhere, 1), OtherNode::alive(&elsewhere, 2));
    let held = slow.lease(issue, 4).await;
    for delivery in &held[..3] {
        assert!(slow.begin(delivery).await);
    }
    slow.reclaim(true).await;
    assert!(!listed(&app, &slow).await);
    // It may start none of its deliveries, and least of all those that it had started before.
    slow.heartbeat().await;
    for delivery in &held {
        assert!(!slow.begin(delivery).await);
    }
    // The relay had accepted the first one before another process leased it, so it is not sent again.
    assert!(slow.record(&held[0], DeliveryState::Accepted).await);
    let theirs = quick.lease(issue, 100).await;
    assert!(
        theirs
            .iter()
            .all(|delivery| delivery.subscription_id != held[0].subscription_id)
    );
    // The second is leased by another process, and the third is in flight there. That process decides their outcomes.
    assert!(quick.begin(&held[2]).await);
    assert!(!slow.record(&held[1], DeliveryState::Accepted).await);
    assert!(!slow.record(&held[2], DeliveryState::Rejected).await);
    assert!(quick.record(&held[2], DeliveryState::Accepted).await);
    assert!(
        !slow.record(&held[2], DeliveryState::Deferred).await,
        "an accepted delivery stays accepted"
    );
    quick.reclaim(true).await;
    slow.reclaim(true).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 38);
    for delivery in [&held[0], &held[2]] {
        assert!(app.relay.received_for(node::address(delivery)).is_empty());
    }
    app.delivery_report(issue).await;
}

#[apply(on_both_databases)]
async fn a_process_reclaimed_while_it_sends_loses_and_duplicates_nothing(mut app: TestApp) {
    let issue = issue_to_forty_readers(&app).await;
    app.relay.hold_after(10);
    app.serve_roles(&[Role::Sender]).await;
    eventually("10 are taken and 4 are on the wire", || async {
        app.count(issue, DeliveryState::Accepted).await == 10 && app.count(issue, DeliveryState::Sending).await == 4
    })
    .await;
    // Another process takes it for dead.
    let itself = OtherNode::alive(&app, app.app.node.0.as_u128());
    eventually("its deliveries are reclaimed", || async {
        itself.reclaim(true).await;
        app.count(issue, DeliveryState::Sending).await == 0
    })
    .await;
    app.relay.release();
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(40);
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        40
    );
}

#[apply(on_both_databases)]
async fn a_process_that_stops_in_order_is_removed_from_the_list(mut app: TestApp) {
    let issue = issue_to_forty_readers(&app).await;
    let elsewhere = app.another().await;
    let itself = OtherNode::alive(&elsewhere, app.app.node.0.as_u128());
    app.serve_roles(&[Role::Sender]).await;
    eventually("the process is listed", || listed(&app, &itself)).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    assert!(!listed(&app, &itself).await);
}

fn lease(config: &mut Config, lease: Duration) {
    config.delivery.lease = lease;
}

/// A commit continues after its client has died. This happens on PostgreSQL only. Here it ends after another process has begun to
/// reclaim the dead one.
#[apply(on_postgres)]
async fn deliveries_started_by_the_last_commit_of_a_dead_process_are_in_doubt() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let issue = issue_to_forty_readers(&app).await;
    let dying = OtherNode::alive(&app, 1);
    let held = dying.lease(issue, 10).await;
    app.execute(
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.state = 'sending' THEN \
         PERFORM pg_advisory_xact_lock(hashtext(current_schema())); END IF; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON deliveries DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION wait()",
    )
    .await;
    let Store::Postgres(cluster) = &app.app.store else {
        panic!("the test runs on PostgreSQL")
    };
    let mut gate = cluster.pool().begin().await.expect("a transaction can begin");
    let lock = "SELECT pg_backend_pid() FROM pg_advisory_xact_lock(hashtext(current_schema()))";
    let (keeper,): (i32,) = sqlx::query_as(lock)
        .fetch_one(&mut *gate)
        .await
        .expect("the lock is free");
    let commit = dying.begin(&held[0]);
    let reclaim = async {
        let committing = blocked_by(&app, keeper).await;
        let reclaim = dying.reclaim(false);
        let opening = async {
            blocked_by(&app, committing).await;
            gate.rollback().await.expect("the lock is released");
        };
        tokio::join!(reclaim, opening);
    };
    tokio::join!(commit, reclaim);
    assert_eq!(app.count(issue, DeliveryState::InDoubt).await, 1);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 39);
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
    teardown.finish().await;
}

/// Waits until a server process of PostgreSQL is blocked by `process`, and returns its id.
pub(crate) async fn blocked_by(app: &TestApp, process: i32) -> i32 {
    let Store::Postgres(cluster) = &app.app.store else {
        panic!("the test runs on PostgreSQL")
    };
    let sql = "SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))";
    loop {
        let waits = sqlx::query_as(sql).bind(process).fetch_optional(&cluster.pool()).await;
        if let Some((pid,)) = waits.expect("the database answers") {
            return pid;
        }
        tokio::task::yield_now().await;
    }
}

/// Starts an issue to forty readers.
async fn issue_to_forty_readers(app: &TestApp) -> IssueId {
    let daily = app.daily().await;
    app.readers(&daily, 40).await;
    app.send(&daily).await
}

async fn listed(app: &TestApp, node: &OtherNode<'_>) -> bool {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let nodes = tx.nodes().await.expect("the value is a list");
    nodes.iter().any(|listed| listed.id == node.id)
}
