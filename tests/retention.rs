//! What is deleted by age, and only then.

use std::time::Duration;

use chrono::TimeDelta;
use daywire::bounce::retention::drop_evidence;
use daywire::domain::states::IssueState;
use daywire::mail::server::{Stage, Verdict};
use daywire::privacy::forget_mails;
use daywire::worker::Role;
use tokio_util::sync::CancellationToken;

use crate::support::issues::reply;
use crate::support::{Engine, TestApp, eventually};

#[apply(on_both_databases)]
async fn the_record_of_a_mail_is_deleted_after_its_time(mut app: TestApp) {
    app.daily().await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    app.sign_up("ada@reader.example").await;
    eventually("the mail is on record as accepted", || async {
        app.count_rows("transactional_mails WHERE state = 'accepted'").await == 1
    })
    .await;
    app.stop_serving().await;
    app.advance(TimeDelta::days(89));
    assert_eq!(forget_mails(&app.app).await.expect("the database answers"), 0);
    app.serve_site().await;
    app.site().post("/subscribe", &[("email", "bob@reader.example")]).await;
    app.advance(TimeDelta::days(100));
    assert_eq!(forget_mails(&app.app).await.expect("the database answers"), 1);
    assert_eq!(
        app.count_rows("transactional_mails WHERE recipient = 'bob@reader.example'")
            .await,
        1,
        "a mail that waits stays, however old it is"
    );
}

#[apply(on_both_databases)]
async fn the_evidence_of_a_bounce_is_deleted_after_its_time(engine: Engine) {
    for (keep, expected) in [(Some(Duration::from_hours(24 * 365)), 1), (None, 0)] {
        let mut app = TestApp::with(engine, |config| config.bounces.keep_evidence = keep).await;
        let daily = app.daily().await;
        app.readers(&daily, 2).await;
        app.relay.answer(|stage, transaction, _| {
            let is_full = transaction.recipients.iter().any(|to| to.starts_with("reader0@"));
            if is_full && stage == Stage::Rcpt {
                reply(552, "5.2.2 the mailbox is full")
            } else {
                Verdict::Continue
            }
        });
        let issue = app.send(&daily).await;
        app.serve_roles(&[Role::Sender]).await;
        app.until(issue, IssueState::Sent).await;
        app.stop_serving().await;
        let with_evidence = "bounces WHERE evidence <> ''";
        assert_eq!(app.count_rows(with_evidence).await, 1);
        for (days, dropped) in [(364, 0), (2, expected)] {
            app.advance(TimeDelta::days(days));
            let done = drop_evidence(&app.app, &CancellationToken::new()).await;
            assert_eq!(done.expect("the database answers"), dropped, "{keep:?}");
        }
        assert_eq!(app.count_rows("bounces").await, 1);
        assert_eq!(app.count_rows(with_evidence).await as u64, 1 - expected);
        app.teardown().finish().await;
    }
}
