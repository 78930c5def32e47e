//! Every confirmed reader gets an issue once, even if processes that send it stop or die.

use crate::support::mock_relay::parse;
use crate::support::node::{self, OtherNode};
use crate::support::{Engine, TestApp, eventually};
use chrono::TimeDelta;
use daywire::config::InDoubt;
use daywire::delivery::{control, start, test_mail};
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::import::{Options, import};
use daywire::store::Store;
use daywire::worker::Role;

#[apply(on_both_databases)]
async fn each_of_a_thousand_readers_gets_one_copy(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1000).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(1000);
    assert_eq!(
        app.delivery_report(issue).await.deliveries[&DeliveryState::Accepted],
        1000
    );
}

#[apply(on_both_databases)]
async fn two_processes_send_one_issue_together(app: TestApp) {
    let (mut app, mut other) = (app.another().await, app);
    let daily = app.daily().await;
    app.readers(&daily, 400).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    other.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(400);
    assert_eq!(app.delivery_report(issue).await.recipients, 400);
}

#[apply(on_both_databases)]
async fn a_stopped_process_leaves_the_rest_to_the_next(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 100).await;
    app.relay.hold_after(20);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("20 mails are accepted and 4 are in flight", || async {
        app.count(issue, DeliveryState::Accepted).await == 20 && app.count(issue, DeliveryState::Sending).await == 4
    })
    .await;
    tokio::join!(app.stop_serving(), async { app.relay.release() });
    // The messages in flight were finished, and no other was started.
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 24);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 76);
    assert_eq!(app.state(issue).await, IssueState::Sending);

    app.another().await.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(100);
    app.delivery_report(issue).await;
}

#[apply(on_both_databases)]
async fn deliveries_leased_by_a_dead_process_are_sent_by_another(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 40).await;
    let issue = app.send(&daily).await;
    assert_eq!(OtherNode::dead(&app).lease(issue, 30).await.len(), 30);
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(40);
}

#[apply(on_both_databases)]
async fn deliveries_leased_by_a_living_process_are_left_to_it(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 10).await;
    let issue = app.send(&daily).await;
    let theirs = OtherNode::alive(&app, 1).lease(issue, 4).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("the others are sent", || async { app.relay.received().len() >= 6 }).await;
    app.stop_serving().await;
    assert_eq!(app.relay.received().len(), 6);
    let addresses: Vec<_> = theirs.iter().map(node::address).collect();
    assert!(app.relay.copies().keys().all(|to| !addresses.contains(&to.as_str())));
    OtherNode::alive(&app, 1).reclaim(true).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(10);
}

#[apply(on_both_databases)]
async fn deliveries_in_flight_when_a_process_dies_are_sent_again(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 5).await;
    let issue = app.send(&daily).await;
    let dead = OtherNode::dead(&app);
    let taken = dead.lease(issue, 3).await;
    assert!(dead.begin(&taken[0]).await);
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.assert_one_copy_each(5);
}

#[apply(on_both_databases)]
async fn a_delivery_is_leased_once(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 5).await;
    let issue = app.send(&daily).await;
    // Both leases are taken at the same time of the clock.
    let node = OtherNode::alive(&app, 1);
    assert_eq!(node.lease(issue, 3).await.len(), 3);
    assert_eq!(node.lease(issue, 3).await.len(), 2);
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
}

#[apply(on_both_databases)]
async fn only_confirmed_subscribers_are_mailed(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let waiting = Options::default();
    import(
        &app.app,
        &daily,
        std::io::Cursor::new("email\npending@reader.example"),
        &waiting,
    )
    .await
    .expect("the readers are imported");
    app.leave("reader1@reader.example").await;
    app.suppress("reader2@reader.example", "complained").await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(
        app.relay.copies().into_keys().collect::<Vec<_>>(),
        ["reader0@reader.example"]
    );

    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.recipients, 2);
    assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
    let suppressed = app
        .deliveries(issue)
        .await
        .into_iter()
        .find(|line| line.state == DeliveryState::Suppressed);
    assert_eq!(
        suppressed
            .expect("the suppressed delivery is listed")
            .last_reply
            .as_deref(),
        Some("operator: complained")
    );
}

#[apply(on_both_databases)]
async fn a_reader_who_leaves_while_queued_gets_nothing(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 12).await;
    app.relay.hold_after(0);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("4 are on the wire", || async {
        app.count(issue, DeliveryState::Sending).await == 4
    })
    .await;
    let mut queued = Vec::new();
    for line in app
        .deliveries(issue)
        .await
        .into_iter()
        .filter(|line| line.state == DeliveryState::Queued)
    {
        let mut tx = app.app.store.read().await.expect("the database answers");
        queued.push(
            tx.subscription(line.subscription_id)
                .await
                .expect("the database answers")
                .expect("the row exists")
                .address
                .as_typed()
                .to_owned(),
        );
    }
    app.leave(&queued[0]).await;
    app.suppress(&queued[1], "complained").await;
    app.relay.release();
    app.until(issue, IssueState::Sent).await;
    let copies = app.relay.copies();
    assert_eq!(copies.len(), 10);
    assert!(!copies.contains_key(&queued[0]) && !copies.contains_key(&queued[1]));
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 1);
    assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
}

#[apply(on_both_databases)]
async fn a_reader_who_leaves_while_recipients_are_frozen_gets_nothing(mut app: TestApp) {
    // On SQLite one transaction writes at a time, and this cannot happen.
    if matches!(app.app.store, Store::Postgres(_)) {
        let daily = app.daily().await;
        app.readers(&daily, 3).await;
        app.articles(&daily, 1).await;
        let issue = app.build(&daily).await;
        let ready = start::prepare(&app.app, issue, None)
            .await
            .expect("preflight passes")
            .expect("the issue can start");
        let mut tx = app.app.store.write().await.expect("the database answers");
        assert_eq!(
            start::freeze(&mut tx, &ready, app.now())
                .await
                .expect("the issue can start"),
            Some(3)
        );
        app.leave("reader0@reader.example").await;
        app.suppress("reader1@reader.example", "complained").await;
        tx.commit().await.expect("the transaction commits");
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        assert_eq!(
            app.relay.copies().into_keys().collect::<Vec<_>>(),
            ["reader2@reader.example"]
        );
        let proof = app.delivery_report(issue).await;
        assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 1);
        assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
    }
}

#[apply(on_both_databases)]
async fn a_deferred_delivery_whose_reader_left_meanwhile_is_not_retried(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 4).await;
    let issue = app.send(&daily).await;
    let node = OtherNode::alive(&app, 1);
    let taken = node.lease(issue, 3).await;
    for delivery in &taken {
        assert!(node.begin(delivery).await);
    }
    app.leave(node::address(&taken[0])).await;
    app.suppress(node::address(&taken[1]), "complained").await;
    for delivery in &taken {
        assert!(node.record(delivery, DeliveryState::Deferred).await);
    }
    node.reclaim(true).await;
    app.advance(TimeDelta::minutes(6));
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 1);
    assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 2);
    assert_eq!(app.relay.received().len(), 2);
}

#[apply(on_both_databases)]
async fn a_test_mail_is_not_in_the_delivery_report(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    test_mail::send_test(&app.app, issue, None, "editor@station.example")
        .await
        .expect("the test mail is sent");
    let taken = app.relay.received_for("editor@station.example");
    assert_eq!(taken.len(), 1);
    assert!(
        parse(&taken[0].bytes)
            .subject()
            .expect("the mail has a subject")
            .starts_with("[test] ")
    );
    assert_eq!(app.relay.received().len(), 1);
    assert_eq!(app.delivery_report(issue).await.recipients, 0);
    assert_eq!(app.state(issue).await, IssueState::Draft);
}

#[apply(on_both_databases)]
async fn with_in_doubt_hold_deliveries_of_a_dead_process_are_not_sent_again(engine: Engine) {
    let hold = |config: &mut daywire::config::Config| config.delivery.in_doubt = InDoubt::Hold;
    let mut app = TestApp::with(engine, hold).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 5).await;
    let issue = app.send(&daily).await;
    let dead = OtherNode::dead(&app);
    let taken = dead.lease(issue, 3).await;
    assert!(dead.begin(&taken[0]).await);
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::InDoubt], 1);
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 4);
    assert!(app.relay.received_for(node::address(&taken[0])).is_empty());
    teardown.finish().await;
}
