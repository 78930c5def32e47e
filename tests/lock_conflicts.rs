//! Edits of a draft, corrections of its articles and the schedule change one issue at the same time: no deadlock, and no change is
//! lost. On PostgreSQL only, because SQLite has one writer.

use daywire::delivery::control;
use daywire::digest::drafts;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{Cadence, IssueState};
use daywire::domain::topics::Topics;
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::schedule::RunOutcome;
use daywire::store::Store;
use daywire::store::articles::Article;
use daywire::store::preferences::PreferencesUpdate;
use sqlx::{Postgres, Transaction};

use crate::nodes::blocked_by;
use crate::support::{Engine, TestApp};

const SCHEDULED: &str = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\nlead_time = \"30m\"\n";

#[tokio::test]
async fn a_draft_that_is_due_and_a_correction_of_it_do_not_wait_for_each_other() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.apply(SCHEDULED).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T06:30:00Z");
    app.make_due().await.expect("it is drafted");
    move_to(&app, "2026-11-23T07:00:00Z");
    // Who corrects an article has the newsletter, and then the drafts.
    let (mut gate, process) = gate(&app).await;
    let locked = sqlx::query("UPDATE newsletters SET slug = slug")
        .execute(&mut *gate)
        .await;
    locked.expect("nobody has it");
    let correcting = async {
        blocked_by(&app, process).await;
        let locked = sqlx::query("UPDATE issues SET state = state").execute(&mut *gate).await;
        locked.expect("nobody has the draft who waits for us");
        gate.commit().await.expect("it is corrected");
    };
    let (made, ()) = tokio::join!(app.make_due(), correcting);
    let made = made.expect("it is sent");
    assert_eq!((made.len(), &made[0].2), (1, &RunOutcome::Made(1)));
    teardown.finish().await;
}

#[tokio::test]
async fn what_an_editor_and_a_corrector_change_at_once_is_both_in_the_draft() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await;
    let (gate, process) = held(&app, issue).await;
    let editing = drafts::edit(&app.app, issue, |edits| {
        edits.subject = "The editor's".to_owned().try_into().ok();
    });
    let meanwhile = async {
        let editor = blocked_by(&app, process).await;
        let article = only_article(&app).await;
        let wanted = ArticleEdit {
            title: Some("The corrector's".into()),
            ..ArticleEdit::default()
        };
        let correcting = edit(&app.app, &article, &wanted, "");
        let opening = async {
            blocked_by(&app, editor).await;
            gate.rollback().await.expect("it is opened");
        };
        tokio::join!(correcting, opening).0
    };
    let (edited, corrected) = tokio::join!(editing, meanwhile);
    edited.expect("it is edited");
    assert_eq!(corrected.expect("it is corrected").drafts, [issue]);
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stored = tx.issue(issue).await.expect("an answer").expect("it is there");
    assert_eq!(stored.subject, "The editor's");
    assert!(stored.html.contains("The corrector's") || stored.html.contains("The corrector&#"));
    drop(tx);
    teardown.finish().await;
}

#[tokio::test]
async fn what_is_sent_while_it_is_edited_is_sent_as_edited_and_to_all_as_one_issue() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 1).await;
    let chosen = PreferencesUpdate {
        topics: Some(Topics::normalised(&["Nothing of the kind".to_owned()])),
        cadence: None,
    };
    let reader = app.subscription("reader1@reader.example").await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    tx.set_preferences(reader, &chosen).await.expect("it is set");
    tx.commit().await.expect("it is set");
    let issue = app.build(&daily).await;
    let (gate, process) = held(&app, issue).await;
    let editing = drafts::edit(&app.app, issue, |edits| {
        edits.subject = "As edited".to_owned().try_into().ok();
    });
    let meanwhile = async {
        let editor = blocked_by(&app, process).await;
        let opening = async {
            blocked_by(&app, editor).await;
            gate.rollback().await.expect("it is opened");
        };
        tokio::join!(control::send(&app.app, issue), opening).0
    };
    let (edited, sent) = tokio::join!(editing, meanwhile);
    edited.expect("it is edited");
    assert_eq!(sent.expect("it is sent"), 1);
    let mut tx = app.app.store.read().await.expect("the database answers");
    let stored = tx.issue(issue).await.expect("an answer").expect("it is there");
    assert_eq!((stored.subject.as_str(), stored.recipients), ("As edited", Some(1)));
    assert_eq!(
        tx.editions_of(issue).await.expect("an answer").len(),
        1,
        "the reader's who wants no such topic"
    );
    drop(tx);
    control::cancel(&app.app, issue).await.expect("it ends");
    teardown.finish().await;
}

#[tokio::test]
async fn what_is_cancelled_while_it_begins_is_cancelled_with_its_editions() {
    let app = TestApp::new(Engine::Postgres).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 2).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    for reader in ["reader0@reader.example", "reader1@reader.example"] {
        let id = app.subscription(reader).await;
        let weekly = PreferencesUpdate {
            topics: None,
            cadence: Some(Cadence::Weekly),
        };
        tx.set_preferences(id, &weekly).await.expect("it is set");
    }
    tx.commit().await.expect("it is set");
    let issue = app.build(&daily).await;
    let (gate, process) = held(&app, issue).await;
    let meanwhile = async {
        let sender = blocked_by(&app, process).await;
        let opening = async {
            blocked_by(&app, sender).await;
            gate.rollback().await.expect("it is opened");
        };
        tokio::join!(control::cancel(&app.app, issue), opening).0
    };
    let (sent, cancelled) = tokio::join!(control::send(&app.app, issue), meanwhile);
    assert_eq!(sent.expect("it is sent"), 2);
    cancelled.expect("it is cancelled");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let editions = tx.editions_of(issue).await.expect("an answer");
    assert_eq!(editions.len(), 1);
    for id in [issue, editions[0].id] {
        let stored = tx.issue(id).await.expect("an answer").expect("it is there");
        assert_eq!(stored.state, IssueState::Cancelled);
    }
    drop(tx);
    teardown.finish().await;
}

/// A transaction of somebody else's, and the process of PostgreSQL it is in.
async fn gate(app: &TestApp) -> (Transaction<'static, Postgres>, i32) {
    let Store::Postgres(cluster) = &app.app.store else {
        panic!("it is PostgreSQL")
    };
    let mut gate = cluster.pool().begin().await.expect("a transaction");
    let process = sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut *gate).await;
    let (process,): (i32,) = process.expect("an answer");
    (gate, process)
}

/// [`gate`], which has an issue.
async fn held(app: &TestApp, issue: IssueId) -> (Transaction<'static, Postgres>, i32) {
    let (mut gate, process) = gate(app).await;
    let locked = sqlx::query("UPDATE issues SET state = state WHERE id = $1").bind(issue.0);
    locked.execute(&mut *gate).await.expect("nobody has it");
    (gate, process)
}

async fn only_article(app: &TestApp) -> Article {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.articles_after(None, None, false, 1)
        .await
        .expect("an answer")
        .remove(0)
}

fn move_to(app: &TestApp, time: &str) {
    let time: chrono::DateTime<chrono::Utc> = time.parse().expect("a time");
    app.advance(time - app.now());
}
