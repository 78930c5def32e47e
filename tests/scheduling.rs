//! Due times become issues. Each has one run, however many processes there are, and each run has an outcome on record.

use chrono::{DateTime, TimeDelta, Utc};
use daywire::domain::states::{DeliveryState, IssueState, RunState};
use daywire::schedule::{RunOutcome, Scheduler};
use daywire::store::newsletters::Newsletter;
use daywire::store::runs::Run;
use daywire::worker::Role;

use crate::support::feed_server::{FeedServer, rss};
use crate::support::{TestApp, eventually};

const AT_SEVEN: &str = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"";
const HOURLY: &str = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 * * * *\"";

#[apply(on_both_databases)]
async fn a_due_time_makes_one_issue(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 2).await;
    assert_eq!(due(&app).await, []);
    move_to(&app, "2026-11-23T07:00:00Z");
    assert_eq!(due(&app).await, [(at("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]);
    assert_eq!(due(&app).await, []);
    assert_eq!(issues(&app).await, 1);
    let runs = runs(&app, &daily).await;
    assert_eq!((runs.len(), runs[0].state.as_str()), (1, "made"));
    assert!(runs[0].issue_id.is_some());
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_scheduled_issue_reaches_the_readers(mut app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.readers(&daily, 5).await;
    app.articles(&daily, 2).await;
    app.serve_roles(&[Role::Scheduler, Role::Sender]).await;
    app.advance(TimeDelta::hours(1));
    eventually("five mails are received", || async { app.relay.received().len() == 5 }).await;
    let issue = runs(&app, &daily).await[0].issue_id.expect("the issue exists");
    app.until(issue, IssueState::Sent).await;
    assert_eq!(app.count(issue, DeliveryState::Accepted).await, 5);
}

#[apply(on_both_databases)]
async fn two_processes_make_one_issue_of_a_due_time(app: TestApp) {
    let other = app.another().await;
    let daily = app.apply(HOURLY).await;
    app.silent_reader(&daily).await;
    for made in 1..=5 {
        app.articles(&daily, 1).await;
        app.advance(TimeDelta::hours(1));
        let (one, two) = tokio::join!(due(&app), due(&other));
        assert_eq!(one.len() + two.len(), 1, "{one:?} {two:?}");
        assert_eq!(issues(&app).await, made);
        assert_eq!(runs(&app, &daily).await.len(), made);
    }
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_run_with_nothing_to_send_is_compiled_again_until_it_is_due(app: TestApp) {
    let often = "slug = \"daily\"\nname = \"Daily\"\nschedule = \"* * * * *\"\nlead_time = \"1h\"";
    let daily = app.apply(often).await;
    app.silent_reader(&daily).await;
    assert_eq!(due(&app).await, []);
    assert!(runs(&app, &daily).await.is_empty(), "articles may arrive until 06:01");
    for drafts in 1..=3 {
        app.articles(&daily, 1).await;
        assert_eq!(due(&app).await, []);
        let runs = runs(&app, &daily).await;
        assert_eq!(runs.len(), drafts, "the next run has the draft, the ones after it wait");
        assert!(runs.iter().all(|run| run.issue_id.is_some()));
    }
    move_to(&app, "2026-11-23T06:04:00Z");
    let outcomes: Vec<_> = due(&app).await.into_iter().map(|(_, outcome)| outcome).collect();
    let [
        RunOutcome::Made(1),
        RunOutcome::Made(1),
        RunOutcome::Made(1),
        RunOutcome::Empty(_),
    ] = &outcomes[..]
    else {
        panic!("three issues, and nothing for the fourth: {outcomes:?}");
    };
    finish(app).await;
}

#[apply(on_both_databases)]
async fn one_scheduler_compiles_an_empty_run_once_a_minute(app: TestApp) {
    let daily = app.apply(&format!("{AT_SEVEN}\nlead_time = \"1h\"")).await;
    app.silent_reader(&daily).await;
    let scheduler = Scheduler::started_at(app.now());
    move_to(&app, "2026-11-23T06:00:00Z");
    scheduler.make_due(&app.app).await.expect("the due runs are made");
    app.articles(&daily, 1).await;
    app.advance(TimeDelta::seconds(58));
    scheduler.make_due(&app.app).await.expect("the due runs are made");
    assert_eq!(issues(&app).await, 0);
    app.advance(TimeDelta::seconds(1));
    scheduler.make_due(&app.app).await.expect("the due runs are made");
    assert_eq!(issues(&app).await, 1);
}

#[apply(on_both_databases)]
async fn a_missed_run_includes_what_overdue_feeds_bring_after_the_start(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    let server = FeedServer::start(|_, _| (200, vec![], rss(&["one", "two"]))).await;
    app.add_feed(&daily, &server.feed("feed")).await;
    move_to(&app, "2026-11-23T07:30:00Z");
    let scheduler = Scheduler::started_at(app.now());
    assert_eq!(scheduler.make_due(&app.app).await.expect("the due runs are made"), []);
    assert!(runs(&app, &daily).await.is_empty(), "the run waits for the feed");
    assert_eq!(app.fetch().await, 1);
    app.advance(TimeDelta::seconds(1));
    let made = scheduler.make_due(&app.app).await.expect("the due runs are made");
    assert_eq!(
        made,
        [("daily".to_owned(), at("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]
    );
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_missed_run_waits_two_minutes_for_feeds_at_most(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    app.add_feed(&daily, "http://127.0.0.1:9/never").await;
    move_to(&app, "2026-11-23T07:30:00Z");
    let scheduler = Scheduler::started_at(app.now());
    app.advance(TimeDelta::seconds(119));
    assert_eq!(scheduler.make_due(&app.app).await.expect("the due runs are made"), []);
    app.advance(TimeDelta::seconds(1));
    let made = scheduler.make_due(&app.app).await.expect("the due runs are made");
    assert_eq!(
        made,
        [("daily".to_owned(), at("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]
    );
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_missed_run_does_not_wait_past_its_grace(app: TestApp) {
    let daily = app.apply(&format!("{AT_SEVEN}\ngrace = \"30m\"")).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    app.add_feed(&daily, "http://127.0.0.1:9/never").await;
    move_to(&app, "2026-11-23T07:29:45Z");
    let scheduler = Scheduler::started_at(app.now());
    assert_eq!(scheduler.make_due(&app.app).await.expect("the due runs are made"), []);
    app.advance(TimeDelta::seconds(5));
    let made = scheduler.make_due(&app.app).await.expect("the due runs are made");
    assert_eq!(made.len(), 1, "it is made while it still may be");
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_newsletter_created_twice_at_once_exists_once(app: TestApp) {
    let other = app.another().await;
    for number in 0..5 {
        let file = format!("slug = \"n{number}\"\nname = \"N\"");
        let (one, two) = tokio::join!(app.apply(&file), other.apply(&file));
        assert_eq!(one.id, two.id);
    }
}

#[apply(on_both_databases)]
async fn a_run_missed_for_less_than_the_grace_is_made(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T12:59:00Z");
    assert_eq!(due(&app).await, [(at("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]);
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_run_missed_for_longer_is_skipped_with_the_reason(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T14:00:00Z");
    let reason = "420 minutes late, the grace is 360 minutes";
    assert_eq!(
        due(&app).await,
        [(at("2026-11-23T07:00:00Z"), RunOutcome::Skipped(reason.into()))]
    );
    assert_eq!(due(&app).await, []);
    assert_eq!(issues(&app).await, 0);
    assert_eq!(runs(&app, &daily).await[0].reason.as_deref(), Some(reason));
    // Its articles are in the next.
    move_to(&app, "2026-11-24T07:00:00Z");
    assert_eq!(due(&app).await, [(at("2026-11-24T07:00:00Z"), RunOutcome::Made(1))]);
    finish(app).await;
}

#[apply(on_both_databases)]
async fn only_the_latest_of_several_missed_runs_is_made(app: TestApp) {
    let daily = app.apply(HOURLY).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 3).await;
    move_to(&app, "2026-11-23T09:30:00Z");
    let reason = "missed; the run of 2026-11-23 09:00 UTC replaces it".to_owned();
    assert_eq!(
        due(&app).await,
        [
            (at("2026-11-23T07:00:00Z"), RunOutcome::Skipped(reason.clone())),
            (at("2026-11-23T08:00:00Z"), RunOutcome::Skipped(reason)),
            (at("2026-11-23T09:00:00Z"), RunOutcome::Made(1)),
        ]
    );
    assert_eq!(issues(&app).await, 1);
    let outcomes: Vec<_> = runs(&app, &daily).await.into_iter().map(|run| run.state).collect();
    assert_eq!(outcomes, [RunState::Made, RunState::Skipped, RunState::Skipped]);
    finish(app).await;
}

#[apply(on_both_databases)]
async fn without_a_new_article_no_issue_is_made_and_the_reason_is_recorded(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    move_to(&app, "2026-11-23T07:00:00Z");
    let reason = "no new article has arrived since 2026-11-23 06:00 UTC";
    assert_eq!(
        due(&app).await,
        [(at("2026-11-23T07:00:00Z"), RunOutcome::Empty(reason.into()))]
    );
    assert_eq!(issues(&app).await, 0);
    let run = &runs(&app, &daily).await[0];
    assert_eq!(
        (run.state.as_str(), run.reason.as_deref(), run.issue_id),
        ("empty", Some(reason), None)
    );
}

#[apply(on_both_databases)]
async fn a_changed_schedule_applies_from_now(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T09:00:00Z");
    app.apply(&AT_SEVEN.replace("0 7", "0 8")).await;
    assert_eq!(due(&app).await, []);
    move_to(&app, "2026-11-24T08:00:00Z");
    assert_eq!(due(&app).await, [(at("2026-11-24T08:00:00Z"), RunOutcome::Made(1))]);
    finish(app).await;
}

#[apply(on_both_databases)]
async fn changing_another_setting_skips_no_run(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T07:01:00Z");
    app.apply(&AT_SEVEN.replace("Daily", "Every Day")).await;
    assert_eq!(due(&app).await, [(at("2026-11-23T07:00:00Z"), RunOutcome::Made(1))]);
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_clock_set_back_repeats_no_run(app: TestApp) {
    let daily = app.apply(AT_SEVEN).await;
    app.silent_reader(&daily).await;
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T07:00:00Z");
    assert_eq!(due(&app).await.len(), 1);
    move_to(&app, "2026-11-23T05:00:00Z");
    assert_eq!(due(&app).await, []);
    app.articles(&daily, 1).await;
    move_to(&app, "2026-11-23T07:30:00Z");
    assert_eq!(due(&app).await, []);
    assert_eq!(issues(&app).await, 1);
    finish(app).await;
}

#[apply(on_both_databases)]
async fn a_day_with_a_clock_change_has_one_run(app: TestApp) {
    // Zone, cron line that falls into the change, first instant of the local day, its length in hours.
    let days = [
        ("Europe/Berlin", "30 2 * * *", "2027-03-27T23:00:00Z", 23),
        ("Africa/Cairo", "30 0 * * *", "2027-04-29T22:00:00Z", 23),
        ("Africa/Cairo", "30 23 * * *", "2027-10-27T21:00:00Z", 25),
        ("Europe/Berlin", "30 2 * * *", "2027-10-30T22:00:00Z", 25),
    ];
    for (n, (zone, line, start, hours)) in days.into_iter().enumerate() {
        let slug = format!("news{n}");
        move_to(&app, start);
        app.advance(TimeDelta::minutes(-1));
        let toml = format!("slug = \"{slug}\"\nname = \"News\"\ntimezone = \"{zone}\"\n");
        let news = app.apply(&format!("{toml}schedule = \"{line}\"")).await;
        app.silent_reader(&news).await;
        for _ in 0..hours * 4 {
            app.advance(TimeDelta::minutes(15));
            due(&app).await;
        }
        assert_eq!(runs(&app, &news).await.len(), 1, "{zone} {line} {start}");
        app.apply(&toml).await;
    }
}

fn at(time: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(time)
        .expect("the timestamp is valid")
        .to_utc()
}

fn move_to(app: &TestApp, time: &str) {
    app.advance(at(time) - app.now());
}

async fn due(app: &TestApp) -> Vec<(DateTime<Utc>, RunOutcome)> {
    let made = app.make_due().await.expect("the due runs are made");
    made.into_iter().map(|(_, due, outcome)| (due, outcome)).collect()
}

async fn runs(app: &TestApp, newsletter: &Newsletter) -> Vec<Run> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.runs(newsletter.id, 100).await.expect("the runs are listed")
}

async fn issues(app: &TestApp) -> usize {
    let mut tx = app.app.store.read().await.expect("the database answers");
    tx.issues(None, 100).await.expect("the issues are listed").len()
}

/// Sends the issues, whose only readers are suppressed, so that no delivery stays open.
async fn finish(app: TestApp) {
    let mut app = app;
    app.serve_roles(&[Role::Sender]).await;
    eventually("every issue is sent", || async {
        let mut tx = app.app.store.read().await.expect("the database answers");
        let issues = tx.issues(None, 100).await.expect("the issues are listed");
        issues.iter().all(|issue| issue.state == IssueState::Sent)
    })
    .await;
}
