//! An operator settles deliveries of which nobody knows whether the relay accepted them.

use chrono::TimeDelta;
use daywire::config::{Config, InDoubt};
use daywire::delivery::control;
use daywire::delivery::settlement::{SETTLED_AS_ACCEPTED, Settlement, settle};
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::sink::{Stage, Verdict};
use daywire::worker::Role;

use crate::support::program::Program;
use crate::support::{Engine, TestApp};

/// The relay hangs up after the final dot at the first attempt for three of ten readers, and they are held.
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
        .expect_err("only settling takes it up again");
    let shown = Program::of(&app).json(&["issue", "settle", &issue.to_string(), "--accepted"]);
    assert_eq!(
        (&shown["state"], &shown["deliveries"]["accepted"]),
        (&"sent".into(), &10.into())
    );
    let proof = app.delivery_report(issue).await;
    let settled = proof.reasons.iter().find(|reason| reason.reason == SETTLED_AS_ACCEPTED);
    assert_eq!(settled.expect("it is named").count, 3);
    assert_eq!(app.relay.received().len(), 10, "nothing more was sent");
    assert_eq!(settle(&app.app, issue, Settlement::Resend).await.expect("an answer"), 0);
    assert_eq!(
        app.state(issue).await,
        IssueState::Sent,
        "nothing was in doubt any more"
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
            .expect("it is settled"),
        3
    );
    app.until(issue, IssueState::Sent).await;
    let proof = app.delivery_report(issue).await;
    assert_eq!(proof.deliveries[&DeliveryState::Accepted], 9);
    assert_eq!(
        proof.deliveries[&DeliveryState::Cancelled],
        1,
        "a subscriber who left meanwhile gets nothing"
    );
    let copies = app.relay.received_for("reader1@reader.example");
    assert_eq!(copies.len(), 2);
    assert_eq!(
        copies[0].bytes, copies[1].bytes,
        "the same mail, day and Message-ID included"
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
        .expect_err("it was cancelled");
    assert_eq!(app.count(issue, DeliveryState::InDoubt).await, 3);
    assert_eq!(
        settle(&app.app, issue, Settlement::Accepted)
            .await
            .expect("it is settled"),
        3
    );
    app.delivery_report(issue).await;
    teardown.finish().await;
}
