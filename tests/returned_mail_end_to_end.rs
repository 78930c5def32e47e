//! An issue to a thousand readers: some are refused by the relay, and the messages of others come back to the listener later.

use std::collections::BTreeMap;

use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;

use crate::support::issues::{number, reply};
use crate::support::raw_smtp::deliver;
use crate::support::reports::{program, report, return_path, set_return_path};
use crate::support::{Engine, TestApp, eventually};

const READERS: usize = 1_000;
/// The relay refuses the first ones, and accepts the next ones, whose messages come back.
const REFUSED: usize = 50;
const BOUNCED: usize = 50;

async fn send(app: &mut TestApp, newsletter: &Newsletter) -> IssueId {
    let issue = app.send(newsletter).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    issue
}

/// The deliveries of an issue by state, without states that have none. Fails unless each recipient is in exactly one state.
async fn balanced(app: &TestApp, issue: IssueId) -> BTreeMap<DeliveryState, i64> {
    let report = app.delivery_report(issue).await;
    report.deliveries.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[apply(on_both_databases)]
async fn a_hundred_dead_addresses_of_a_thousand_are_not_mailed_again(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        set_return_path(config);
        config.intake.listen = Some("127.0.0.1:0".parse().expect("the address is valid"));
    })
    .await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    app.relay
        .answer(|stage, transaction, _| match transaction.recipients.last() {
            Some(recipient) if stage == Stage::Rcpt && number(recipient) < REFUSED => reply(550, "5.1.1 User unknown"),
            _ => Verdict::Continue,
        });
    let first = send(&mut app, &daily).await;
    assert_eq!(
        balanced(&app, first).await,
        [(DeliveryState::Accepted, 950), (DeliveryState::Rejected, 50)].into()
    );
    app.serve_roles(&[Role::Intake]).await;
    let listener = app.intake.expect("the listener runs");
    for n in REFUSED..REFUSED + BOUNCED {
        let reader = format!("reader{n}@reader.example");
        let to = return_path(&app, &reader);
        let bounce = report(&to, &reader, "5.1.1", "550 5.1.1 User unknown");
        let reply = deliver(listener, &to, &bounce).await;
        assert!(reply.starts_with("250 "), "{reply}");
    }
    eventually("every refused or bounced address is suppressed", || async {
        app.rows("suppressions").await.len() == REFUSED + BOUNCED
    })
    .await;
    app.stop_serving().await;

    let suppressions = app.rows("suppressions").await;
    for suppression in &suppressions {
        assert!(
            suppression.contains("hard_bounce") && suppression.contains("5.1.1"),
            "each has its evidence: {suppression}"
        );
    }
    let shown = program(&app).json(&["issue", "show", "daily/1"]);
    assert_eq!(shown["bounces"]["hard"], 50);
    assert_eq!(
        balanced(&app, first).await,
        [(DeliveryState::Accepted, 950), (DeliveryState::Rejected, 50)].into(),
        "what comes back later changes no delivery"
    );

    let second = send(&mut app, &daily).await;
    assert_eq!(
        balanced(&app, second).await,
        [(DeliveryState::Accepted, 900), (DeliveryState::Suppressed, 100)].into()
    );
    let copies = app.relay.copies();
    assert_eq!(copies.values().sum::<usize>(), 950 + 900);
    teardown.finish().await;
}
