//! Operators pause, resume and cancel an issue while it is being sent.

use daywire::delivery::control;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::store::Store;
use daywire::worker::Role;

use crate::support::node::OtherNode;
use crate::support::{TestApp, eventually};

#[apply(on_both_databases)]
async fn a_resumed_issue_sends_the_rest(mut app: TestApp) {
    let issue = half_sent_issue(&mut app).await;
    control::pause(&app.app, issue, "lunch")
        .await
        .expect("the issue can be paused");
    app.relay.release();
    eventually("no message is in flight", || async {
        app.count(issue, DeliveryState::Sending).await == 0
    })
    .await;
    assert_eq!(app.relay.received().len(), 14);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 26);
    let found = control::require_issue(&mut app.app.store.read().await.expect("the database answers"), issue).await;
    assert_eq!(found.expect("the issue exists").reason.as_deref(), Some("lunch"));
    app.delivery_report(issue).await;

    control::resume(&app.app, issue)
        .await
        .expect("the issue can be resumed");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.copies().len(), 40);
    assert!(app.relay.copies().values().all(|copies| *copies == 1));
    app.delivery_report(issue).await;
}

#[apply(on_both_databases)]
async fn a_paused_issue_stays_paused_after_a_restart(mut app: TestApp) {
    let issue = half_sent_issue(&mut app).await;
    control::pause(&app.app, issue, "lunch")
        .await
        .expect("the issue can be paused");
    tokio::join!(app.stop_serving(), async { app.relay.release() });
    let taken = app.relay.received().len();
    app.serve_roles(&[Role::Sender]).await;
    // A second issue is sent, so the service has looked for work and left the paused issue alone.
    let daily = app.daily().await;
    let next = app.send(&daily).await;
    app.until(next, IssueState::Sent).await;
    assert_eq!(app.state(issue).await, IssueState::Paused);
    assert_eq!(app.relay.received().len(), taken + 40);
}

#[apply(on_both_databases)]
async fn a_cancelled_issue_accounts_for_every_recipient(mut app: TestApp) {
    let issue = half_sent_issue(&mut app).await;
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
    app.relay.release();
    eventually("no message is in flight", || async {
        app.count(issue, DeliveryState::Sending).await == 0
    })
    .await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 14);
    assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 26);
    assert_eq!(app.relay.received().len(), 14);
    assert_eq!(app.state(issue).await, IssueState::Cancelled);
}

#[apply(on_both_databases)]
async fn a_delivery_deferred_while_its_issue_is_cancelled_ends_too(mut app: TestApp) {
    // On SQLite one transaction writes at a time, and this cannot happen.
    if matches!(app.app.store, Store::Postgres(_)) {
        let daily = app.daily().await;
        app.readers(&daily, 1).await;
        let issue = app.send(&daily).await;
        let node = OtherNode::alive(&app, 1);
        let delivery = node.lease(issue, 1).await.remove(0);
        assert!(node.begin(&delivery).await);
        // The outcome is recorded while the transaction that cancels the issue is open.
        let mut tx = app.app.store.write().await.expect("the database answers");
        let now = app.now();
        assert!(
            tx.move_issue(issue, IssueState::Sending, IssueState::Cancelled, None, now)
                .await
                .expect("the database answers")
        );
        assert_eq!(tx.cancel_deliveries(issue, now).await.expect("the database answers"), 0);
        assert!(node.record(&delivery, DeliveryState::Deferred).await);
        tx.commit().await.expect("the transaction commits");
        app.serve_roles(&[Role::Sender]).await;
        eventually("the delivery is cancelled", || async {
            app.count(issue, DeliveryState::Cancelled).await == 1
        })
        .await;
        app.delivery_report(issue).await;
    }
}

#[apply(on_both_databases)]
async fn a_paused_issue_can_be_cancelled(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let issue = app.send(&daily).await;
    control::pause(&app.app, issue, "lunch")
        .await
        .expect("the issue can be paused");
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Cancelled],
        3
    );
}

#[apply(on_both_databases)]
async fn recipients_are_frozen_once(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    control::approve(&app.app, issue)
        .await
        .expect("the issue can be approved");
    assert_eq!(control::send(&app.app, issue).await.expect("the issue can be sent"), 3);
    assert_eq!(
        control::send(&app.app, issue).await.expect("the issue is being sent"),
        0
    );
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.relay.received().len(), 3);
}

#[apply(on_both_databases)]
async fn an_issue_that_has_ended_cannot_be_started_again(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let refused = control::send(&app.app, issue)
        .await
        .expect_err("it was sent")
        .to_string();
    assert_eq!(refused, "issue daily/1 has already been sent");
    control::resume(&app.app, issue).await.expect_err("it was sent");
    control::pause(&app.app, issue, "late").await.expect_err("it was sent");
    control::cancel(&app.app, issue).await.expect_err("it was sent");
    assert_eq!(app.relay.received().len(), 1);
}

#[apply(on_both_databases)]
async fn an_issue_without_readers_is_sent_at_once(mut app: TestApp) {
    let daily = app.daily().await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.delivery_report(issue).await.recipients, 0);
}

/// An issue to 40 readers: 10 mails are accepted, and 4 are in flight without a reply of the relay.
async fn half_sent_issue(app: &mut TestApp) -> IssueId {
    let daily = app.daily().await;
    app.readers(&daily, 40).await;
    app.relay.hold_after(10);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("10 are taken and 4 are on the wire", || async {
        app.count(issue, DeliveryState::Accepted).await == 10 && app.count(issue, DeliveryState::Sending).await == 4
    })
    .await;
    issue
}
