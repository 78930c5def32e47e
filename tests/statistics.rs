//! The statistics: what happened to the subscriptions of each newsletter by day. The counts outlive the rows of the events.

use chrono::TimeDelta;
use daywire::delivery::compaction::compact_due;
use daywire::domain::address::EmailAddress;
use daywire::domain::counted::CountedEvent;
use daywire::domain::states::IssueState;
use daywire::worker::Role;
use reqwest::StatusCode;
use tokio_util::sync::CancellationToken;

use crate::support::operators::actor;
use crate::support::program::Program;
use crate::support::reports::{complaint, ingest, report, return_path, set_return_path};
use crate::support::{Engine, TestApp, eventually};

async fn counts(app: &TestApp) -> Vec<(String, CountedEvent, i64)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let counts = tx.daily_counts(app.now() - TimeDelta::days(365)).await;
    let counts = counts.expect("the counts are read").into_iter();
    counts.map(|count| (count.day, count.event, count.count)).collect()
}

#[apply(on_both_databases)]
async fn every_event_is_counted_once_and_outlives_compaction_and_erasure(engine: Engine) {
    let mut app = TestApp::with(engine, |config| {
        set_return_path(config);
        config.delivery.compact_after = Some(std::time::Duration::from_mins(1));
    })
    .await;
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    let site = app.site().clone();
    let link = app.sign_up("ada@reader.example").await;
    for _ in 0..2 {
        assert_eq!(site.post(&link, &[]).await.status, StatusCode::OK);
    }
    app.sign_up("never@reader.example").await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    eventually("all got it", || async {
        app.relay.received_for("ada@reader.example").len() == 2
    })
    .await;
    ingest(
        &app,
        &report(
            &return_path(&app, "reader0@reader.example"),
            "reader0@reader.example",
            "5.1.1",
            "550 5.1.1 unknown",
        ),
    );
    ingest(&app, &complaint(&return_path(&app, "reader1@reader.example"), "abuse"));
    for _ in 0..2 {
        site.post(
            &app.unsubscribe_path("reader2@reader.example").await,
            &[("List-Unsubscribe", "One-Click")],
        )
        .await;
    }
    let today: Vec<_> = counts(&app).await;
    let of = |event: CountedEvent| {
        today
            .iter()
            .filter(|(_, found, _)| *found == event)
            .map(|(_, _, count)| count)
            .sum::<i64>()
    };
    for (event, count) in [
        (CountedEvent::Imported, 3),
        (CountedEvent::Asked, 2),
        (CountedEvent::Confirmed, 1),
        (CountedEvent::Delivered, 4),
        (CountedEvent::Bounced, 1),
        (CountedEvent::Complained, 1),
        (CountedEvent::LeftByComplaint, 1),
        (CountedEvent::LeftByOneClick, 1),
        (CountedEvent::LeftByPage, 0),
    ] {
        assert_eq!(of(event), count, "{event}: {today:?}");
    }
    app.advance(TimeDelta::hours(1));
    let compacted = compact_due(&app.app, 2, &CancellationToken::new()).await;
    assert_eq!(compacted.expect("the database answers"), 4);
    assert_eq!(counts(&app).await, today, "compaction changes no count");
    let address = EmailAddress::parse("ada@reader.example").expect("an address");
    daywire::privacy::erase(&app.app, &actor(), &address)
        .await
        .expect("it is erased");
    let after = counts(&app).await;
    let mut expected = today;
    expected.push(("2026-11-23".to_owned(), CountedEvent::LeftByErasure, 1));
    expected.sort();
    let mut after_sorted = after;
    after_sorted.sort();
    assert_eq!(after_sorted, expected);
    let document = Program::of(&app).json(&["stats", "--newsletter", "daily", "--days", "60"]);
    let days = document["days"].as_array().expect("a list");
    let day = days
        .iter()
        .find(|day| day["day"] == "2026-11-23")
        .expect("the day is listed");
    assert_eq!((&day["delivered"], &day["asked"]), (&4.into(), &2.into()), "{day}");
    assert_eq!(day["left"]["one_click"], 1);
}

#[apply(on_both_databases)]
async fn sign_ups_that_nobody_confirms_expire_and_are_counted(mut app: TestApp) {
    app.daily().await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    app.sign_up("never@reader.example").await;
    app.advance(TimeDelta::days(31));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the sign-up is purged", || async {
        app.rows("subscriptions").await.is_empty()
    })
    .await;
    let expired = ("2026-12-24".to_owned(), CountedEvent::Expired, 1);
    assert!(counts(&app).await.contains(&expired), "{:?}", counts(&app).await);
}
