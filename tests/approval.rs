//! An issue is sent only if it has a recipient, and only in the form that was approved.

use chrono::TimeDelta;
use daywire::delivery::control;
use daywire::domain::states::IssueState;
use daywire::ingest::retraction::retract;
use daywire::schedule::RunOutcome;

use crate::support::program::Program;
use crate::support::{Engine, TestApp, notify_desk};

#[apply(on_both_databases)]
async fn an_issue_without_recipients_is_refused_and_keeps_its_articles(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let draft = app.build(&daily).await;
    let program = Program::of(&app);
    for arguments in [
        &["issue", "send", "last"][..],
        &["issue", "send", "last", "--wait"],
        &["issue", "send", "last", "--dry-run"],
    ] {
        let refused = program.run(arguments);
        assert!(
            refused
                .reason()
                .contains("nobody has a confirmed subscription to daily"),
            "{}",
            refused.err
        );
    }
    assert_eq!(app.state(draft).await, IssueState::Draft);
    assert!(program.ok(&["issue", "show", "last"]).contains("it has no reader"));
    app.readers(&daily, 1).await;
    program.ok(&["issue", "send", "last", "--wait"]);
    assert_eq!(app.state(draft).await, IssueState::Sent);
}

#[apply(on_both_databases)]
async fn a_scheduled_issue_without_recipients_is_skipped_and_keeps_its_articles(app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 * * * *\"")
        .await;
    app.articles(&daily, 1).await;
    app.advance(TimeDelta::hours(1));
    let made = app.make_due().await.expect("due runs are made");
    assert!(
        matches!(&made[0].2, RunOutcome::Skipped(why) if why.contains("nobody")),
        "{made:?}"
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    let run = tx.runs(daily.id, 1).await.expect("the runs are listed").remove(0);
    assert_eq!(run.state.as_str(), "skipped");
    assert!(
        run.reason
            .is_some_and(|why| why.contains("nobody has a confirmed subscription"))
    );
    drop(tx);
    app.readers(&daily, 1).await;
    app.advance(TimeDelta::hours(1));
    let made = app.make_due().await.expect("due runs are made");
    assert_eq!(made[0].2, RunOutcome::Made(1), "the waiting article is sent");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let sent = tx
        .last_compiled_issue(None)
        .await
        .expect("the query succeeds")
        .expect("an issue exists");
    drop(tx);
    control::cancel(&app.app, sent.id)
        .await
        .expect("the issue is cancelled");
}

#[apply(on_both_databases)]
async fn a_change_withdraws_the_approval(engine: Engine) {
    let app = TestApp::with(engine, notify_desk).await;
    let teardown = app.teardown();
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\napproval = \"required\"")
        .await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 2).await;
    let draft = app.build(&daily).await;
    let program = Program::of(&app);
    program.ok(&["issue", "approve", "last"]);
    assert_eq!(app.state(draft).await, IssueState::Approved);

    let edited = program.run(&["issue", "edit", "last", "--intro", "Rain."]);
    assert!(edited.err.contains("the approval was withdrawn"), "{}", edited.err);
    assert_eq!(app.state(draft).await, IssueState::Draft);
    assert!(
        program
            .run(&["issue", "send", "last"])
            .reason()
            .contains("waits for approval")
    );

    program.ok(&["issue", "approve", "last"]);
    program.ok(&["issue", "approve", "last", "--withdraw"]);
    assert_eq!(app.state(draft).await, IssueState::Draft);
    assert!(
        program
            .run(&["issue", "approve", "last", "--withdraw"])
            .reason()
            .contains("is a draft")
    );

    // A retraction changes the text as well, and the operators are mailed.
    program.ok(&["issue", "approve", "last"]);
    let article = app.newest_article().await;
    let made = retract(&app.app, article.id, "")
        .await
        .expect("the article is retracted");
    assert_eq!(made.unapproved, [draft]);
    assert_eq!(app.state(draft).await, IssueState::Draft);
    let mails = app.rows("transactional_mails").await;
    assert!(
        mails
            .iter()
            .any(|mail| mail.contains("waits for approval again") && mail.contains("daily/1")),
        "{mails:?}"
    );
    teardown.finish().await;
}
