//! Concurrent changes of one issue or one subscription: no deadlock, and no lost change. The tests run on
//! PostgreSQL only, because SQLite has one writer.

use daywire::delivery::control;
use daywire::digest::drafts;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{Cadence, IssueState, SubscriptionState};
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::schedule::RunOutcome;
use daywire::store::Store;
use reqwest::StatusCode;
use sqlx::{Postgres, Transaction};

use crate::nodes::blocked_by;
use crate::support::{Engine, TestApp};

const SCHEDULED: &str = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\nlead_time = \"30m\"\n";

#[apply(on_postgres)]
async fn sending_a_due_draft_and_correcting_it_do_not_deadlock() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.apply(SCHEDULED).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    app.advance_to("2026-11-23T06:30:00Z");
    app.make_due().await.expect("due runs are made");
    app.advance_to("2026-11-23T07:00:00Z");
    // A correction locks the newsletter first, and then its drafts.
    let (mut blocker, process) = begin_blocking(&app).await;
    let locked = sqlx::query("UPDATE newsletters SET slug = slug")
        .execute(&mut *blocker)
        .await;
    locked.expect("no other transaction holds the lock");
    let correcting = async {
        blocked_by(&app, process).await;
        let locked = sqlx::query("UPDATE issues SET state = state")
            .execute(&mut *blocker)
            .await;
        locked.expect("the waiting transaction does not hold the draft");
        blocker.commit().await.expect("the transaction commits");
    };
    let (made, ()) = tokio::join!(app.make_due(), correcting);
    let made = made.expect("due runs are made");
    assert_eq!((made.len(), &made[0].2), (1, &RunOutcome::Made(1)));
    teardown.finish().await;
}

#[apply(on_postgres)]
async fn concurrent_edits_and_corrections_are_both_in_the_draft() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    let (blocker, process) = lock_issue(&app, issue).await;
    let editing = drafts::edit(&app.app, issue, |edits| {
        edits.subject = "The editor's".to_owned().try_into().ok();
    });
    let meanwhile = async {
        let editor = blocked_by(&app, process).await;
        let article = app.only_article().await;
        let change = ArticleEdit {
            title: Some("The corrector's".into()),
            ..ArticleEdit::default()
        };
        let correcting = edit(&app.app, article.id, &change, "");
        let unblocking = async {
            blocked_by(&app, editor).await;
            blocker.rollback().await.expect("the lock is released");
        };
        tokio::join!(correcting, unblocking).0
    };
    let (edited, corrected) = tokio::join!(editing, meanwhile);
    edited.expect("the draft is edited");
    assert_eq!(corrected.expect("the article is edited").drafts, [issue]);
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stored = tx
        .issue(issue)
        .await
        .expect("the query succeeds")
        .expect("the issue exists");
    assert_eq!(stored.subject, "The editor's");
    assert!(stored.html.contains("The corrector's") || stored.html.contains("The corrector&#"));
    drop(tx);
    teardown.finish().await;
}

#[apply(on_postgres)]
async fn an_issue_sent_during_an_edit_is_sent_as_edited() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 1).await;
    app.prefer("reader1@reader.example", &["Another topic"], None).await;
    let issue = app.build(&daily).await;
    let (blocker, process) = lock_issue(&app, issue).await;
    let editing = drafts::edit(&app.app, issue, |edits| {
        edits.subject = "As edited".to_owned().try_into().ok();
    });
    let meanwhile = async {
        let editor = blocked_by(&app, process).await;
        let unblocking = async {
            blocked_by(&app, editor).await;
            blocker.rollback().await.expect("the lock is released");
        };
        tokio::join!(control::send(&app.app, issue), unblocking).0
    };
    let (edited, sent) = tokio::join!(editing, meanwhile);
    edited.expect("the draft is edited");
    assert_eq!(sent.expect("the issue can be sent"), 1);
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stored = tx
        .issue(issue)
        .await
        .expect("the query succeeds")
        .expect("the issue exists");
    assert_eq!((stored.subject.as_str(), stored.recipients), ("As edited", Some(1)));
    assert_eq!(
        tx.editions_of(issue).await.expect("the query succeeds").len(),
        1,
        "the edition of the reader with another topic"
    );
    drop(tx);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_postgres)]
async fn an_issue_cancelled_while_sending_begins_is_cancelled_with_its_editions() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 2).await;
    for reader in ["reader0@reader.example", "reader1@reader.example"] {
        app.prefer(reader, &[], Some(Cadence::Weekly)).await;
    }
    let issue = app.build(&daily).await;
    let (blocker, process) = lock_issue(&app, issue).await;
    let meanwhile = async {
        let sender = blocked_by(&app, process).await;
        let unblocking = async {
            blocked_by(&app, sender).await;
            blocker.rollback().await.expect("the lock is released");
        };
        tokio::join!(control::cancel(&app.app, issue), unblocking).0
    };
    let (sent, cancelled) = tokio::join!(control::send(&app.app, issue), meanwhile);
    assert_eq!(sent.expect("the issue can be sent"), 2);
    cancelled.expect("the issue is cancelled");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let editions = tx.editions_of(issue).await.expect("the query succeeds");
    assert_eq!(editions.len(), 1);
    for id in [issue, editions[0].id] {
        let stored = tx
            .issue(id)
            .await
            .expect("the query succeeds")
            .expect("the issue exists");
        assert_eq!(stored.state, IssueState::Cancelled);
    }
    drop(tx);
    teardown.finish().await;
}

#[apply(on_postgres)]
async fn confirming_and_signing_up_again_do_not_deadlock() {
    let mut app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    app.daily().await;
    let site = app.serve().await.clone();
    site.post("/subscribe", &[("email", "ada@reader.example")]).await;
    let link = app.relay.link_for("ada@reader.example", "/confirm/").await;
    // A sign-up locks the history of the mailbox first, and then tokens and subscriptions.
    let (mut blocker, process) = begin_blocking(&app).await;
    let locked = sqlx::query("UPDATE mailbox_histories SET sent = sent")
        .execute(&mut *blocker)
        .await;
    assert_eq!(locked.expect("no other transaction holds the lock").rows_affected(), 1);
    let signing_up_again = async {
        blocked_by(&app, process).await;
        for statement in [
            "UPDATE confirmation_tokens SET name = name",
            "UPDATE subscriptions SET state = state",
        ] {
            let locked = sqlx::query(statement).execute(&mut *blocker).await;
            locked.expect("the waiting transaction does not hold the row");
        }
        blocker.commit().await.expect("the transaction commits");
    };
    let (confirmed, ()) = tokio::join!(site.post(&link, &[]), signing_up_again);
    assert_eq!(confirmed.status, StatusCode::OK);
    let state = app.subscriptions("ada@reader.example").await[0].state;
    assert_eq!(state, SubscriptionState::Confirmed);
    teardown.finish().await;
}

/// Begins a transaction in which the test takes locks. Returns it with its PostgreSQL process.
async fn begin_blocking(app: &TestApp) -> (Transaction<'static, Postgres>, i32) {
    let Store::Postgres(cluster) = &app.app.store else {
        panic!("the test runs on PostgreSQL")
    };
    let mut blocker = cluster.pool().begin().await.expect("the transaction begins");
    let process = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut *blocker).await;
    let (process,): (i32,) = process.expect("the query succeeds");
    (blocker, process)
}

/// [`begin_blocking`], with a lock on an issue.
async fn lock_issue(app: &TestApp, issue: IssueId) -> (Transaction<'static, Postgres>, i32) {
    let (mut blocker, process) = begin_blocking(app).await;
    let locked = sqlx::query("UPDATE issues SET state = state WHERE id = $1").bind(issue.0);
    locked
        .execute(&mut *blocker)
        .await
        .expect("no other transaction holds the lock");
    (blocker, process)
}
