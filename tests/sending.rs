//! An issue goes to every reader who confirmed, once, whatever happens to the processes that send it.

use chrono::TimeDelta;
use daywire::config::InDoubt;
use daywire::delivery::control;
use daywire::domain::ids::{IssueId, NodeId};
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::import::{Options, import};
use daywire::store::Store;
use daywire::store::deliveries::{DeliveryOutcome, LeasedDelivery};
use daywire::worker::Role;
use uuid::Uuid;

use crate::support::post::parse;
use crate::support::{Engine, TestApp, eventually};

stories! {
    async fn each_of_a_thousand_readers_gets_one_copy(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 1000).await;
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        each_got_one(&app, 1000);
        assert_eq!(app.proven(issue).await.deliveries[&DeliveryState::Accepted], 1000);
    }

    async fn two_processes_send_one_issue_together(app: TestApp) {
        let (mut app, mut other) = (app.another().await, app);
        let daily = app.daily().await;
        app.readers(&daily, 400).await;
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        other.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        each_got_one(&app, 400);
        assert_eq!(app.proven(issue).await.recipients, 400);
    }

    async fn a_process_that_is_told_to_end_leaves_the_rest_to_the_next(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 100).await;
        app.post.hold_after(20);
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        eventually("20 are taken and 4 are on the wire", || async {
            app.count(issue, DeliveryState::Accepted).await == 20 && app.count(issue, DeliveryState::Sending).await == 4
        })
        .await;
        tokio::join!(app.stop_serving(), async { app.post.let_go() });
        // What was on the wire ended, and nothing else was begun.
        assert_eq!(app.count(issue, DeliveryState::Accepted).await, 24);
        assert_eq!(app.count(issue, DeliveryState::Queued).await, 76);
        assert_eq!(app.state(issue).await, IssueState::Sending);

        app.another().await.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        each_got_one(&app, 100);
        app.proven(issue).await;
    }

    async fn what_a_dead_process_had_taken_is_sent_by_another(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 40).await;
        let issue = app.send(&daily).await;
        let taken = lease(&app, issue, dead(), 30).await;
        assert_eq!(taken.len(), 30);
        app.advance(TimeDelta::seconds(61));
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        each_got_one(&app, 40);
    }

    async fn what_a_living_process_has_taken_is_left_to_it(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 10).await;
        let issue = app.send(&daily).await;
        let theirs = lease(&app, issue, dead(), 4).await;
        app.serve_roles(&[Role::Sender]).await;
        eventually("the others are sent", || async { app.post.taken().len() >= 6 }).await;
        app.stop_serving().await;
        assert_eq!(app.post.taken().len(), 6);
        let addresses: Vec<_> = theirs.iter().map(|delivery| &delivery.address).collect();
        assert!(app.post.copies().keys().all(|to| !addresses.contains(&to)));
        app.advance(TimeDelta::seconds(61));
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        each_got_one(&app, 10);
    }

    async fn what_a_dead_process_had_on_the_wire_is_sent_again(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 5).await;
        let issue = app.send(&daily).await;
        let taken = lease(&app, issue, dead(), 3).await;
        assert!(begin(&app, &taken[0], dead()).await);
        app.advance(TimeDelta::seconds(61));
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        each_got_one(&app, 5);
    }

    async fn a_delivery_is_handed_out_once(app: TestApp) {
        let daily = app.daily().await;
        app.readers(&daily, 5).await;
        let issue = app.send(&daily).await;
        // Two looks in the same instant.
        assert_eq!(lease(&app, issue, app.app.node, 3).await.len(), 3);
        assert_eq!(lease(&app, issue, app.app.node, 3).await.len(), 2);
        control::cancel(&app.app, issue).await.expect("it is cancelled");
    }

    async fn nobody_unconfirmed_is_mailed(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 3).await;
        let waiting = Options { confirmed: false, provenance: None };
        import(&app.app, &daily, "email\npending@reader.example".as_bytes(), &waiting).await.expect("imported");
        app.leave("reader1@reader.example").await;
        app.suppress("reader2@reader.example", "complained").await;
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        assert_eq!(app.post.copies().into_keys().collect::<Vec<_>>(), ["reader0@reader.example"]);

        let proof = app.proven(issue).await;
        assert_eq!(proof.recipients, 2);
        assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
        let suppressed = app.deliveries(issue).await.into_iter().find(|line| line.state == DeliveryState::Suppressed);
        assert_eq!(suppressed.expect("it is accounted for").last_reply.as_deref(), Some("complained"));
    }

    async fn a_reader_who_leaves_while_queued_gets_nothing(app: TestApp) {
        let mut app = app;
        let daily = app.daily().await;
        app.readers(&daily, 12).await;
        app.post.hold_after(0);
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        eventually("4 are on the wire", || async { app.count(issue, DeliveryState::Sending).await == 4 }).await;
        let mut queued = Vec::new();
        for line in app.deliveries(issue).await.into_iter().filter(|line| line.state == DeliveryState::Queued) {
            let mut tx = app.app.store.read().await.expect("the database answers");
            queued.push(tx.subscription(line.subscription_id).await.expect("an answer").expect("a row").address);
        }
        app.leave(&queued[0]).await;
        app.suppress(&queued[1], "complained").await;
        app.post.let_go();
        app.until(issue, IssueState::Sent).await;
        let copies = app.post.copies();
        assert_eq!(copies.len(), 10);
        assert!(!copies.contains_key(&queued[0]) && !copies.contains_key(&queued[1]));
        let proof = app.proven(issue).await;
        assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 1);
        assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
    }

    async fn a_reader_who_leaves_while_recipients_are_frozen_gets_nothing(app: TestApp) {
        let mut app = app;
        // On SQLite one transaction writes at a time, and this cannot happen.
        if matches!(app.app.store, Store::Postgres(_)) {
            let daily = app.daily().await;
            app.readers(&daily, 3).await;
            app.articles(&daily, 1).await;
            let issue = app.build(&daily).await;
            let mut tx = app.app.store.write().await.expect("the database answers");
            control::send_in(&mut tx, issue, app.now()).await.expect("it is begun");
            app.leave("reader0@reader.example").await;
            app.suppress("reader1@reader.example", "complained").await;
            tx.commit().await.expect("it is stored");
            app.serve_roles(&[Role::Sender]).await;
            app.until(issue, IssueState::Sent).await;
            assert_eq!(app.post.copies().into_keys().collect::<Vec<_>>(), ["reader2@reader.example"]);
            let proof = app.proven(issue).await;
            assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 1);
            assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
        }
    }

    async fn what_ends_while_on_the_wire_is_not_tried_again(app: TestApp) {
        let daily = app.daily().await;
        app.readers(&daily, 3).await;
        let issue = app.send(&daily).await;
        let taken = lease(&app, issue, dead(), 3).await;
        for delivery in &taken {
            assert!(begin(&app, delivery, dead()).await);
        }
        app.leave(&taken[0].address).await;
        app.suppress(&taken[1].address, "complained").await;
        defer(&app, &taken[0]).await;
        defer(&app, &taken[1]).await;
        control::cancel(&app.app, issue).await.expect("it is cancelled");
        defer(&app, &taken[2]).await;
        let proof = app.proven(issue).await;
        assert_eq!(proof.deliveries[&DeliveryState::Cancelled], 2);
        assert_eq!(proof.deliveries[&DeliveryState::Suppressed], 1);
    }

    async fn a_test_copy_is_outside_the_account(app: TestApp) {
        let daily = app.daily().await;
        app.readers(&daily, 2).await;
        app.articles(&daily, 1).await;
        let issue = app.build(&daily).await;
        control::test(&app.app, issue, "editor@station.example").await.expect("it is sent");
        let taken = app.post.taken_for("editor@station.example");
        assert_eq!(taken.len(), 1);
        assert!(parse(&taken[0].bytes).subject().expect("a subject").starts_with("[test] "));
        assert_eq!(app.post.taken().len(), 1);
        assert_eq!(app.proven(issue).await.recipients, 0);
        assert_eq!(app.state(issue).await, IssueState::Draft);
    }
}

mod what_a_dead_process_had_on_the_wire_is_held_if_set_so {
    use super::*;

    async fn story(engine: Engine) {
        let hold = |config: &mut daywire::config::Config| config.delivery.in_doubt = InDoubt::Hold;
        let Some(mut app) = TestApp::with(engine, hold).await else {
            return;
        };
        let kept = app.keep();
        let daily = app.daily().await;
        app.readers(&daily, 5).await;
        let issue = app.send(&daily).await;
        let taken = lease(&app, issue, dead(), 3).await;
        assert!(begin(&app, &taken[0], dead()).await);
        app.advance(TimeDelta::seconds(61));
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        let proof = app.proven(issue).await;
        assert_eq!(proof.deliveries[&DeliveryState::InDoubt], 1);
        assert_eq!(proof.deliveries[&DeliveryState::Accepted], 4);
        assert!(app.post.taken_for(&taken[0].address).is_empty());
        kept.finish().await;
    }

    both!(story);
}

/// A node that is not there any more.
fn dead() -> NodeId {
    NodeId(Uuid::from_u128(0xdead))
}

async fn lease(app: &TestApp, issue: IssueId, node: NodeId, limit: i64) -> Vec<LeasedDelivery> {
    let (now, until) = (app.now(), app.now() + TimeDelta::seconds(60));
    let mut tx = app.app.store.write().await.expect("the database answers");
    let taken = tx
        .lease_deliveries(issue, node, now, until, limit)
        .await
        .expect("a lease");
    tx.commit().await.expect("it is stored");
    taken
}

async fn begin(app: &TestApp, delivery: &LeasedDelivery, node: NodeId) -> bool {
    let mut tx = app.app.store.write().await.expect("the database answers");
    let begun = tx
        .begin_delivery(delivery.issue_id, delivery.subscription_id, node, app.now())
        .await;
    tx.commit().await.expect("it is stored");
    begun.expect("an answer")
}

async fn defer(app: &TestApp, delivery: &LeasedDelivery) {
    let outcome = DeliveryOutcome {
        state: DeliveryState::Deferred,
        next_attempt_at: app.now() + TimeDelta::minutes(5),
        attempted: true,
        reply: "451 later".into(),
    };
    let mut tx = app.app.store.write().await.expect("the database answers");
    let (issue, subscription) = (delivery.issue_id, delivery.subscription_id);
    assert!(
        tx.record_delivery(issue, subscription, dead(), &outcome, app.now())
            .await
            .expect("an answer")
    );
    tx.commit().await.expect("it is stored");
}

fn each_got_one(app: &TestApp, readers: usize) {
    let copies = app.post.copies();
    let doubled: Vec<_> = copies.iter().filter(|(_, copies)| **copies != 1).collect();
    assert!(doubled.is_empty(), "more than one copy: {doubled:?}");
    assert_eq!(copies.len(), readers);
}
