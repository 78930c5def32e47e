//! An issue is sent only if it has a recipient, and only as it was approved.

use chrono::TimeDelta;
use daywire::config::Config;
use daywire::delivery::control;
use daywire::domain::address::EmailAddress;
use daywire::domain::states::IssueState;
use daywire::ingest::retraction::retract;
use daywire::schedule::RunOutcome;

use crate::support::program::Program;
use crate::support::{Engine, TestApp};

#[apply(on_both_databases)]
async fn an_issue_that_nobody_would_get_is_refused_and_keeps_its_articles(app: TestApp) {
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
async fn a_scheduled_issue_that_nobody_would_get_is_skipped_and_spends_no_article(app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 * * * *\"")
        .await;
    app.articles(&daily, 1).await;
    app.advance(TimeDelta::hours(1));
    let made = app.make_due().await.expect("the schedule is followed");
    assert!(
        matches!(&made[0].2, RunOutcome::Skipped(why) if why.contains("nobody")),
        "{made:?}"
    );
    let mut tx = app.app.store.read().await.expect("the database answers");
    let run = tx.runs(daily.id, 1).await.expect("runs").remove(0);
    assert_eq!(run.outcome.as_str(), "skipped");
    assert!(
        run.reason
            .is_some_and(|why| why.contains("nobody has a confirmed subscription"))
    );
    drop(tx);
    app.readers(&daily, 1).await;
    app.advance(TimeDelta::hours(1));
    let made = app.make_due().await.expect("the schedule is followed");
    assert_eq!(made[0].2, RunOutcome::Made(1), "what waited is sent");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let sent = tx.last_issue(None).await.expect("an answer").expect("an issue");
    drop(tx);
    control::cancel(&app.app, sent.id).await.expect("it ends");
}

#[apply(on_both_databases)]
async fn a_change_takes_an_approval_back(engine: Engine) {
    let desk = |config: &mut Config| {
        config.operators.notify = vec![EmailAddress::parse("desk@news.example").expect("an address")];
    };
    let app = TestApp::with(engine, desk).await;
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
    assert!(edited.err.contains("the approval was taken back"), "{}", edited.err);
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

    // A correction changes the text as well, and the operators are mailed.
    program.ok(&["issue", "approve", "last"]);
    let article = program.json(&["article", "list"])[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let mut tx = app.app.store.read().await.expect("the database answers");
    let article = tx
        .article_by_public_id(&article)
        .await
        .expect("an answer")
        .expect("an article");
    drop(tx);
    let made = retract(&app.app, article.id, "").await.expect("it is retracted");
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
