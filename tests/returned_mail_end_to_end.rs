//! An issue to a thousand readers, of whom some are refused at once and some bounce later.

use std::collections::BTreeMap;

use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;

use crate::support::issues::{number, reply};
use crate::support::reports::{ingest_all, program, report, return_path, set_return_path};
use crate::support::{Engine, TestApp};

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
    let mut app = TestApp::with(engine, set_return_path).await;
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
    let bounces = (REFUSED..REFUSED + BOUNCED).map(|n| {
        let reader = format!("reader{n}@reader.example");
        report(&return_path(&app, &reader), &reader, "5.1.1", "550 5.1.1 User unknown")
    });
    ingest_all(&program(&app), &bounces.collect::<Vec<_>>());

    let suppressions = app.rows("suppressions").await;
    assert_eq!(suppressions.len(), REFUSED + BOUNCED);
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
