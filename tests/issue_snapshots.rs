//! Issues are compiled from a snapshot, and stored only if it is still current.

use chrono::TimeDelta;
use daywire::delivery::{control, start};
use daywire::digest::Compiled;
use daywire::digest::build::{Prepared, build, prepare};
use daywire::digest::drafts;
use daywire::digest::inputs::Edits;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{Cadence, DeliveryState};
use daywire::ingest::edit::{ArticleEdit, edit};
use daywire::ingest::rating::{Rating, rate};
use daywire::ingest::retraction::retract;
use daywire::store::newsletters::Newsletter;

use crate::support::TestApp;

#[apply(on_both_databases)]
async fn an_issue_is_not_stored_after_an_article_in_it_was_edited(app: TestApp) {
    let (daily, ready) = ready(&app).await;
    let wanted = ArticleEdit {
        title: Some("Another headline".into()),
        ..ArticleEdit::default()
    };
    edit(&app.app, app.newest_article().await.id, &wanted, "")
        .await
        .expect("the edit is stored");
    assert!(!stored(&app, &ready).await);
    assert!(
        app.issue(app.build(&daily).await)
            .await
            .html
            .contains("Another headline")
    );
}

#[apply(on_both_databases)]
async fn an_issue_is_not_stored_after_an_article_in_it_was_retracted(app: TestApp) {
    let (daily, ready) = ready(&app).await;
    let article = app.newest_article().await;
    retract(&app.app, article.id, "")
        .await
        .expect("the article is retracted");
    assert!(!stored(&app, &ready).await);
    assert!(
        !app.issue(app.build(&daily).await)
            .await
            .html
            .contains(&article.public_id)
    );
}

#[apply(on_both_databases)]
async fn an_issue_is_not_stored_after_an_editor_rated_an_article(app: TestApp) {
    let (daily, ready) = ready(&app).await;
    let mut tx = app.app.store.write().await.expect("the database answers");
    let pinned = Rating {
        pinned: Some(true),
        ..Rating::default()
    };
    rate(&mut tx, daily.id, app.newest_article().await.id, pinned)
        .await
        .expect("the rating is stored");
    tx.commit().await.expect("the transaction commits");
    assert!(!stored(&app, &ready).await);
}

#[apply(on_both_databases)]
async fn an_issue_is_not_stored_after_the_rules_changed(app: TestApp) {
    let (_, ready) = ready(&app).await;
    app.apply("slug = \"daily\"\nname = \"Daily Broadcast\"\nmax_stories = 1")
        .await;
    assert!(!stored(&app, &ready).await);
}

#[apply(on_both_databases)]
async fn an_issue_is_not_stored_after_another_one_took_its_articles(app: TestApp) {
    let (daily, ready) = ready(&app).await;
    let issue = app.build(&daily).await;
    assert!(!stored(&app, &ready).await);
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
    assert!(!stored(&app, &ready).await, "another issue has the number");
}

#[apply(on_both_databases)]
async fn an_issue_is_stored_although_articles_arrived_and_preferences_changed(app: TestApp) {
    let (daily, ready) = ready(&app).await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 2).await;
    app.prefer("reader0@reader.example", &["science"], None).await;
    assert!(stored(&app, &ready).await);
    let Compiled::Issue(draft) = &ready.compiled else {
        panic!("nothing to send")
    };
    assert_eq!(draft.decisions.len(), 3);
    assert_eq!(
        app.waiting(&daily).await.len(),
        2,
        "later articles wait for the next issue"
    );
}

#[apply(on_both_databases)]
async fn each_of_many_left_out_articles_has_a_reason(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 700).await;
    let issue = app.build(&daily).await;
    let mut tx = app.app.store.read().await.expect("the database answers");
    let lines = tx.articles_of_issue(issue).await.expect("the articles are listed");
    assert!(
        lines.len() == 700 && lines.iter().all(|article| article.reason.is_some()),
        "{}",
        lines.len()
    );
    assert_eq!(
        drafts::differences_from_stored(&app.app, issue)
            .await
            .expect("the issue compiles"),
        Vec::<String>::new()
    );
    drop(tx);
    assert_eq!(app.waiting(&daily).await.len(), 0);
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
    assert_eq!(app.waiting(&daily).await.len(), 700);
}

#[apply(on_both_databases)]
async fn articles_that_a_dead_process_had_not_recorded_as_left_out_wait(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 700).await;
    let ready = prepare(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles");
    assert!(stored(&app, &ready).await);
    let Compiled::Issue(draft) = &ready.compiled else {
        panic!("nothing to send")
    };
    let inside = draft
        .decisions
        .iter()
        .filter(|decision| decision.position.is_some())
        .count();
    assert_eq!(app.waiting(&daily).await.len(), 700 - inside);
    assert_eq!(
        drafts::differences_from_stored(&app.app, draft.issue.id)
            .await
            .expect("the issue compiles"),
        Vec::<String>::new()
    );
    // They are in the next issue, and an editor cannot add one of them to the first.
    let next = app.build(&daily).await;
    assert_eq!(app.waiting(&daily).await.len(), 0);
    let pin = |edits: &mut Edits| edits.pinned = vec![draft.decisions[inside].id.clone()];
    let error = drafts::edit(&app.app, draft.issue.id, pin)
        .await
        .expect_err("another issue has it");
    assert!(error.to_string().contains("a later issue has taken"), "{error}");
    control::cancel(&app.app, next)
        .await
        .expect("the issue can be cancelled");
    drafts::edit(&app.app, draft.issue.id, pin)
        .await
        .expect("no other issue has the article");
    assert_eq!(app.waiting(&daily).await.len(), 0, "an edit records every decision");
    control::cancel(&app.app, draft.issue.id)
        .await
        .expect("the issue can be cancelled");
}

#[apply(on_both_databases)]
async fn a_draft_that_is_edited_while_it_starts_is_sent_as_edited(app: TestApp) {
    let (issue, _) = with_a_reader(&app).await;
    let ready = start::prepare(&app.app, issue, None)
        .await
        .expect("preflight passes")
        .expect("the issue can start");
    drafts::edit(&app.app, issue, |edits| edits.intro = Some("As edited.".into()))
        .await
        .expect("the edit is stored");
    assert_eq!(frozen(&app, &ready).await, None);
    assert_eq!(control::send(&app.app, issue).await.expect("the issue can be sent"), 1);
    assert!(app.issue(issue).await.html.contains("As edited."));
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
}

#[apply(on_both_databases)]
async fn a_subscriber_who_changes_preferences_while_an_issue_starts_gets_an_edition(app: TestApp) {
    let (issue, reader) = with_a_reader(&app).await;
    let ready = start::prepare(&app.app, issue, None)
        .await
        .expect("preflight passes")
        .expect("the issue can start");
    app.prefer(&reader, &[], Some(Cadence::Weekly)).await;
    assert_eq!(
        frozen(&app, &ready).await,
        None,
        "the prepared issue has no edition for these preferences"
    );
    assert_eq!(control::send(&app.app, issue).await.expect("the issue can be sent"), 1);
    let editions = app.editions(issue).await;
    assert_eq!((editions.len(), editions[0].recipients), (1, Some(1)));
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
}

#[apply(on_both_databases)]
async fn two_processes_start_an_issue_once(app: TestApp) {
    let (issue, _) = with_a_reader(&app).await;
    let other = app.another().await;
    let (one, two) = tokio::join!(
        start::start_issue(&app.app, issue, None, app.now()),
        start::start_issue(&other.app, issue, None, app.now())
    );
    let mut started = [one.expect("the issue can be sent"), two.expect("the issue can be sent")];
    started.sort_unstable();
    assert_eq!(started, [None, Some(1)]);
    assert_eq!(app.count(issue, DeliveryState::Queued).await, 1);
    control::cancel(&app.app, issue)
        .await
        .expect("the issue can be cancelled");
}

/// An issue of three articles, compiled and not stored.
async fn ready(app: &TestApp) -> (Newsletter, Prepared) {
    let daily = app.daily().await;
    app.articles(&daily, 3).await;
    app.advance(TimeDelta::seconds(1));
    let ready = prepare(&app.app, daily.id, app.now(), None)
        .await
        .expect("the issue compiles");
    (daily, ready)
}

/// A draft, and its newsletter's only reader.
async fn with_a_reader(app: &TestApp) -> (IssueId, String) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 2).await;
    (app.build(&daily).await, "reader0@reader.example".into())
}

/// Stores the prepared issue if its snapshot is still current.
async fn stored(app: &TestApp, ready: &Prepared) -> bool {
    let mut tx = app.app.store.write().await.expect("the database answers");
    let stored = ready.store(&mut tx).await.expect("the database answers");
    if stored {
        tx.commit().await.expect("the transaction commits");
    }
    stored
}

async fn frozen(app: &TestApp, ready: &start::PreparedIssue) -> Option<u64> {
    let mut tx = app.app.store.write().await.expect("the database answers");
    start::freeze(&mut tx, ready, app.now())
        .await
        .expect("the database answers")
}

#[apply(on_both_databases)]
async fn a_draft_is_built_even_if_its_left_out_articles_cannot_be_recorded(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 700).await;
    // Stories in the issue have a position. So only the stories that are recorded after the draft's commit violate this index.
    app.execute("CREATE UNIQUE INDEX one_left_out_story ON issue_stories (issue_id) WHERE position IS NULL")
        .await;
    let built = build(&app.app, daily.id, app.now(), None).await;
    let Ok(Compiled::Issue(draft)) = built else {
        panic!("the draft is built: {built:?}")
    };
    let in_issue = draft.decisions.iter().filter(|decision| decision.position.is_some());
    assert_eq!(app.waiting(&daily).await.len(), 700 - in_issue.count());
}
