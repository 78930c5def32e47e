//! Rates of hard bounces and complaints: they warn the operators, and pause issues.

use std::ops::Range;

use daywire::bounce::rates::check;
use daywire::config::Config;
use daywire::delivery::control;
use daywire::domain::ids::IssueId;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::mail::server::{Stage, Verdict};
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;

use crate::support::issues::reply;
use crate::support::program::Program;
use crate::support::reports::{complaint, ingest_all, program, report, return_path, set_return_path};
use crate::support::{Engine, TestApp, notify_desk};

/// The reader whose delivery is deferred, so that its issue is still being sent.
const SLOW: &str = "reader0@slow.example";

/// An app whose rates are compared once 20 messages were accepted.
async fn open(engine: Engine, change: impl FnOnce(&mut Config)) -> (TestApp, Newsletter) {
    let app = TestApp::with(engine, |config| {
        set_return_path(config);
        notify_desk(config);
        config.bounces.min_accepted = 20;
        change(config);
    })
    .await;
    let daily = app.daily().await;
    (app, daily)
}

/// Sends an issue to all but [`SLOW`], who is deferred. It is still being sent then, by no process.
async fn send_most(app: &mut TestApp, newsletter: &Newsletter) -> IssueId {
    app.relay.answer(|stage, transaction, _| {
        let is_slow = transaction.recipients.last().is_some_and(|recipient| recipient == SLOW);
        if stage == Stage::Rcpt && is_slow {
            reply(450, "4.2.1 try again later")
        } else {
            Verdict::Continue
        }
    });
    let since = app.now();
    let issue = app.send(newsletter).await;
    app.serve_roles(&[Role::Sender]).await;
    app.tried(issue, since).await;
    app.stop_serving().await;
    assert_eq!(app.state(issue).await, IssueState::Sending);
    issue
}

/// Hands complaints of readers over: those with the numbers of `readers`.
fn complain(app: &TestApp, readers: Range<usize>) {
    let complaints = readers.map(|n| complaint(&return_path(app, &format!("reader{n}@reader.example")), "abuse"));
    ingest_all(&program(app), &complaints.collect::<Vec<_>>());
}

/// Hands hard bounces of readers over. The command compares nothing, because it needs 500 accepted messages.
fn bounce(app: &TestApp, readers: Range<usize>, domain: &str) {
    ingest_all(&program(app), &hard_bounces(app, readers, domain));
}

fn hard_bounces(app: &TestApp, readers: Range<usize>, domain: &str) -> Vec<String> {
    let bounce = |n| {
        let reader = format!("reader{n}@{domain}");
        report(&return_path(app, &reader), &reader, "5.1.1", "550 5.1.1 User unknown")
    };
    readers.map(bounce).collect()
}

/// The program with the limits of [`open`]. Its clock is not that of the test, so its rates are those of all issues.
fn program_with_limits(app: &TestApp) -> Program {
    program(app)
        .with("DAYWIRE_BOUNCES__MIN_ACCEPTED", "20")
        .with("DAYWIRE_BOUNCES__RATE_WINDOW", "10years")
        .with("DAYWIRE_OPERATORS__NOTIFY", "[\"desk@news.example\"]")
}

async fn compare(app: &TestApp) {
    check(&app.app).await.expect("the database answers");
}

/// How many notices the operators got or will get.
async fn notices(app: &TestApp) -> usize {
    app.rows("transactional_mails").await.len()
}

#[apply(on_both_databases)]
async fn complaints_pause_the_issue_that_is_being_sent_once(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 40).await;
    app.readers_at(&daily, "slow.example", 1).await;
    let other = app.another().await;
    let issue = send_most(&mut app, &daily).await;
    compare(&app).await;
    assert_eq!(notices(&app).await, 0, "nothing came back");
    complain(&app, 0..1);
    let (one, two) = tokio::join!(check(&app.app), check(&other.app));
    one.and(two).expect("the database answers");
    assert_eq!(app.state(issue).await, IssueState::Paused);
    assert_eq!(
        notices(&app).await,
        1,
        "one of two processes acts, and one notice names all limits"
    );
    let paused = app.issue(issue).await;
    assert_eq!(
        paused.reason.as_deref(),
        Some(
            "issue daily/1: 1 of 40 accepted messages was reported as spam (2.50 %; the limit is 0.3 %); find out where these \
             addresses come from, then run `daywire issue resume daily/1` or `daywire issue cancel daily/1`"
        )
    );
    app.delivery_report(issue).await;

    control::resume(&app.app, issue).await.expect("the issue is paused");
    complain(&app, 1..2);
    compare(&app).await;
    assert_eq!(
        app.state(issue).await,
        IssueState::Sending,
        "a limit pauses an issue once"
    );
    assert_eq!(notices(&app).await, 1);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_lower_rate_only_warns_and_fewer_messages_do_nothing(engine: Engine) {
    let (mut app, daily) = open(engine, |config| config.bounces.min_accepted = 41).await;
    let teardown = app.teardown();
    app.readers(&daily, 40).await;
    app.readers_at(&daily, "slow.example", 1).await;
    let issue = send_most(&mut app, &daily).await;
    bounce(&app, 0..1, "reader.example");
    compare(&app).await;
    assert_eq!(notices(&app).await, 0, "40 messages are too few");
    app.restart(|config| config.bounces.min_accepted = 40).await;
    compare(&app).await;
    compare(&app).await;
    assert_eq!(app.state(issue).await, IssueState::Sending, "2.5 % is below 5 %");
    assert_eq!(notices(&app).await, 1);
    // The same recipient again counts once.
    let again = report(
        &return_path(&app, "reader0@reader.example"),
        "reader0@reader.example",
        "5.1.1",
        "550 gone",
    );
    ingest_all(&program(&app), &[again]);
    bounce(&app, 1..2, "reader.example");
    compare(&app).await;
    assert_eq!(app.state(issue).await, IssueState::Paused, "5 % is the limit");
    let paused = app.issue(issue).await.reason.expect("the pause has a reason");
    assert!(paused.contains("2 of 40 accepted messages were returned"), "{paused}");
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn what_came_back_of_an_issue_does_not_pause_the_next_one(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 40).await;
    let first = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(first, IssueState::Sent).await;
    app.stop_serving().await;
    ingest_all(&program_with_limits(&app), &hard_bounces(&app, 0..10, "reader.example"));
    assert_eq!(notices(&app).await, 1);
    app.readers_at(&daily, "slow.example", 1).await;
    let second = send_most(&mut app, &daily).await;
    compare(&app).await;
    assert_eq!(app.state(first).await, IssueState::Sent);
    assert_eq!(app.state(second).await, IssueState::Sending);
    assert_eq!(
        notices(&app).await,
        1,
        "a limit that stays reached causes no second notice"
    );
    // One bounce of the second: 11 of 70 messages of the newsletter, which the operators know, and 1 of 30 of the issue.
    bounce(&app, 10..11, "reader.example");
    compare(&app).await;
    assert_eq!(app.state(second).await, IssueState::Sending);
    assert_eq!(notices(&app).await, 2, "the issue itself has reached 2 %");
    control::cancel(&app.app, second).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_domain_reaches_its_limit_by_itself(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 200).await;
    app.readers_at(&daily, "small.example", 20).await;
    app.readers_at(&daily, "slow.example", 1).await;
    let issue = send_most(&mut app, &daily).await;
    bounce(&app, 0..1, "small.example");
    compare(&app).await;
    assert_eq!(app.state(issue).await, IssueState::Paused);
    let reason = app.issue(issue).await.reason.expect("the pause has a reason");
    assert!(
        reason.starts_with(
            "recipients at small.example, issues of the last 30 days: 1 of 20 accepted messages was returned"
        ),
        "{reason}"
    );
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_mail_simulator_is_left_out(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 20).await;
    app.readers_at(&daily, "simulator.amazonses.com", 20).await;
    app.readers_at(&daily, "slow.example", 1).await;
    let issue = send_most(&mut app, &daily).await;
    bounce(&app, 0..20, "simulator.amazonses.com");
    compare(&app).await;
    assert_eq!((app.state(issue).await, notices(&app).await), (IssueState::Sending, 0));
    bounce(&app, 0..1, "reader.example");
    compare(&app).await;
    let reason = app.issue(issue).await.reason.expect("the pause has a reason");
    assert!(reason.contains("1 of 20 accepted messages"), "{reason}");
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_refusal_of_every_recipient_suppresses_nobody_pauses_the_issue_and_notifies_the_operators(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    for domain in ["a.example", "b.example", "c.example", "d.example"] {
        app.readers_at(&daily, domain, 5).await;
    }
    app.relay.answer(|stage, transaction, _| {
        let is_reader = transaction
            .recipients
            .last()
            .is_some_and(|recipient| recipient.starts_with("reader"));
        if stage == Stage::Rcpt && is_reader {
            reply(550, "5.7.1 message refused by policy")
        } else {
            Verdict::Continue
        }
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    app.stop_serving().await;
    assert_eq!(notices(&app).await, 1);
    assert!(app.rows("suppressions").await.is_empty());
    assert!(app.rows("bounces").await.is_empty());
    let report = app.delivery_report(issue).await;
    assert_eq!(report.recipients, 20);
    assert_eq!(report.deliveries[&DeliveryState::Rejected], 0);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

/// What an operator sees of an issue: deliveries, bounces and complaints.
#[apply(on_both_databases)]
async fn what_came_back_is_counted_beside_the_deliveries(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 8).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    bounce(&app, 0..2, "reader.example");
    complain(&app, 2..3);
    let soft = |n: usize, status: &str, words: &str| {
        let reader = format!("reader{n}@reader.example");
        report(&return_path(&app, &reader), &reader, status, words)
    };
    ingest_all(
        &program(&app),
        &[
            // A recipient with a soft and a hard bounce counts as hard.
            soft(0, "4.2.2", "452 4.2.2 mailbox full"),
            soft(3, "4.2.2", "452 4.2.2 mailbox full"),
            soft(4, "5.7.1", "550 5.7.1 blocked by policy"),
        ],
    );
    let counts = serde_json::json!({ "hard": 2, "soft": 1, "other": 1 });
    for command in ["show", "proof"] {
        let document = program(&app).json(&["issue", command, "daily/1"]);
        assert_eq!(document["bounces"], counts, "{command}");
        assert_eq!(document["complaints"], 1, "{command}");
        assert_eq!(document["deliveries"]["accepted"], 8, "{command}");
        let text = program(&app).ok(&["issue", command, "daily/1"]);
        assert!(
            text.contains(
                "returned after the relay accepted them: 2 hard bounces, 1 soft bounce, 1 other bounce, 1 complaint"
            ),
            "{text}"
        );
    }
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn the_command_that_hands_reports_over_compares_the_rates(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 40).await;
    app.readers_at(&daily, "slow.example", 1).await;
    let issue = send_most(&mut app, &daily).await;
    let program = program_with_limits(&app).with("DAYWIRE_BOUNCES__PAUSE_HARD_BOUNCES", "2.5 %");
    ingest_all(&program, &hard_bounces(&app, 0..1, "reader.example"));
    assert_eq!(app.state(issue).await, IssueState::Paused);
    control::cancel(&app.app, issue).await.expect("the issue is cancelled");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_relay_that_refuses_nearly_everybody_pauses_the_issue_once(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 300).await;
    app.relay.answer(|stage, _, _| match stage {
        Stage::Rcpt => reply(550, "5.1.1 User unknown in virtual alias table"),
        _ => Verdict::Continue,
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Paused).await;
    app.stop_serving().await;
    let reason = app.issue(issue).await.reason.expect("the pause has a reason");
    assert!(
        reason.contains("most recipients") && reason.contains("--refused-in daily/1"),
        "{reason}"
    );
    let suppressed = app.rows("suppressions").await.len();
    assert!((30..100).contains(&suppressed), "{suppressed} are suppressed");

    let program = program(&app);
    let lifted = program.ok(&[
        "suppression",
        "lift",
        "--refused-in",
        "daily/1",
        "--reason",
        "the table was lost",
    ]);
    assert_eq!(
        lifted.trim(),
        format!("{suppressed} addresses are no longer suppressed")
    );
    assert_eq!(app.rows("suppressions").await.len(), 0);
    assert_eq!(app.rows("ended_suppressions").await.len(), suppressed);

    // The operator decides that the addresses are dead.
    program.ok(&["issue", "resume", "daily/1"]);
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    assert_eq!(app.count(issue, DeliveryState::Rejected).await, 300);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn refusals_of_a_tenth_of_the_recipients_in_a_row_do_not_pause(engine: Engine) {
    let (mut app, daily) = open(engine, |_| {}).await;
    let teardown = app.teardown();
    app.readers(&daily, 300).await;
    app.relay.answer(|stage, transaction, _| {
        let recipient = transaction.recipients.last().map_or("", String::as_str);
        let number = recipient
            .trim_start_matches("reader")
            .split('@')
            .next()
            .unwrap_or_default();
        match (stage, number.parse::<u32>()) {
            (Stage::Rcpt, Ok(0..29)) => reply(550, "5.1.1 User unknown"),
            _ => Verdict::Continue,
        }
    });
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    app.stop_serving().await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 271);
    assert_eq!(app.rows("suppressions").await.len(), 29);
    teardown.finish().await;
}
