//! An operator settles deliveries for which it is unknown whether the relay accepted them.

use chrono::TimeDelta;
use daywire::config::{Config, InDoubt};
use daywire::delivery::control;
use daywire::delivery::settlement::{SETTLED_AS_ACCEPTED, Settlement, settle};
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::worker::Role;

use crate::support::program::Program;
use crate::support::{Engine, TestApp};

/// Sends an issue to ten readers. For three of them the relay hangs up after the final dot, so their deliveries are held.
async fn held(engine: Engine) -> (TestApp, IssueId) {
    let hold = |config: &mut Config| config.delivery.in_doubt = InDoubt::Hold;
    let mut app = TestApp::with(engine, hold).await;
    let daily = app.daily().await;
    app.readers(&daily, 10).await;
    app.relay
        .answer(|stage, transaction, attempt| match transaction.recipients.last() {
            Some(to) if stage == Stage::AfterAccept && attempt == 1 && to.as_str() < "reader3" => Verdict::HangUp,
            _ => Verdict::Continue,
        });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.delivery_report(issue).await.deliveries[&DeliveryState::InDoubt], 3);
    (app, issue)
}

#[apply(on_both_databases)]
async fn deliveries_in_doubt_can_be_settled_as_accepted(engine: Engine) {
    let (app, issue) = held(engine).await;
    let teardown = app.teardown();
    control::send(&app.app, issue)
        .await
        .expect_err("only a settlement continues a sent issue");
    let shown = Program::of(&app).json(&["issue", "settle", &issue.to_string(), "--accepted"]);
    assert_eq!(
        (&shown["state"], &shown["deliveries"]["accepted"]),
        (&"sent".into(), &10.into())
    );
    let report = app.delivery_report(issue).await;
    let settled = report
        .reasons
        .iter()
        .find(|reason| reason.reason == SETTLED_AS_ACCEPTED);
    assert_eq!(settled.expect("the report names the settlement").count, 3);
    assert_eq!(app.relay.received().len(), 10, "a settlement as accepted sends nothing");
    assert_eq!(
        settle(&app.app, issue, Settlement::Resend)
            .await
            .expect("the query succeeds"),
        0
    );
    assert_eq!(
        app.state(issue).await,
        IssueState::Sent,
        "no delivery is in doubt any more"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn deliveries_in_doubt_can_be_sent_again_days_later(engine: Engine) {
    let (app, issue) = held(engine).await;
    let teardown = app.teardown();
    app.advance(TimeDelta::days(3));
    app.leave("reader2@reader.example").await;
    assert_eq!(
        settle(&app.app, issue, Settlement::Resend)
            .await
            .expect("the deliveries are settled"),
        3
    );
    app.until(issue, IssueState::Sent).await;
    let report = app.delivery_report(issue).await;
    assert_eq!(report.deliveries[&DeliveryState::Accepted], 9);
    assert_eq!(
        report.deliveries[&DeliveryState::Cancelled],
        1,
        "a subscriber who left meanwhile gets nothing"
    );
    let copies = app.relay.received_for("reader1@reader.example");
    assert_eq!(copies.len(), 2);
    assert_eq!(
        copies[0].bytes, copies[1].bytes,
        "the second copy has the same date and Message-ID"
    );
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn deliveries_of_a_cancelled_issue_are_not_sent_again(engine: Engine) {
    let (app, issue) = held(engine).await;
    let teardown = app.teardown();
    app.execute("UPDATE issues SET state = 'cancelled'").await;
    settle(&app.app, issue, Settlement::Resend)
        .await
        .expect_err("the issue was cancelled");
    assert_eq!(app.count(issue, DeliveryState::InDoubt).await, 3);
    assert_eq!(
        settle(&app.app, issue, Settlement::Accepted)
            .await
            .expect("the deliveries are settled"),
        3
    );
    app.delivery_report(issue).await;
    teardown.finish().await;
}
