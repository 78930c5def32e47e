//! Imported readers are asked by mail to confirm: once, slowly, and nobody who must not be mailed.

use std::collections::BTreeMap;
use std::io::Cursor;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::domain::address::EmailAddress;
use daywire::domain::role::Role as OperatorRole;
use daywire::domain::states::{ConsentEvent, SubscriptionState};
use daywire::import::{Asks, Options, Report, import};
use daywire::privacy;
use daywire::readers;
use daywire::store::newsletters::Newsletter;
use daywire::worker::Role;
use reqwest::StatusCode;

use crate::support::mock_relay::text;
use crate::support::operators::{Browser, actor};
use crate::support::program::Program;
use crate::support::{Engine, TestApp, eventually, utc};

const ADA: &str = "ada@reader.example";
const BOB: &str = "bob@reader.example";

fn asking() -> Options {
    Options {
        ask: true,
        provenance: Some("list of the old system".into()),
        ..Options::default()
    }
}

impl TestApp {
    async fn import_with(&self, newsletter: &Newsletter, csv: &str, options: &Options) -> Report {
        let report = import(&self.app, newsletter, Cursor::new(csv.to_owned()), options).await;
        report.expect("the import succeeds")
    }

    /// Imports with `--ask`, and returns whom the import asks.
    async fn ask(&self, newsletter: &Newsletter, csv: &str) -> Asks {
        asks(&self.import_with(newsletter, csv, &asking()).await)
    }

    /// When each reader was asked; `None` for those who wait.
    async fn asked_at(&self) -> Vec<Option<DateTime<Utc>>> {
        let rows = self.rows("confirmation_asks").await;
        // The last column. SQLite writes `'…T…+00:00'` or `NULL`, PostgreSQL `"… …+00"` or nothing.
        let last = rows.iter().map(|row| row.rsplit(',').next().unwrap_or_default());
        let times = last.map(|text| text.trim_matches(['\'', '"', ')']).replace(' ', "T"));
        times
            .map(|text| match text.strip_suffix("+00") {
                Some(time) => Some(utc(&format!("{time}Z"))),
                None => (!text.is_empty() && text != "NULL").then(|| utc(&text)),
            })
            .collect()
    }

    async fn until_asked(&self, count: usize) {
        eventually(&format!("{count} readers are asked"), async || {
            self.count_rows("confirmation_asks WHERE asked_at IS NOT NULL").await == count
        })
        .await;
    }

    async fn count_waiting(&self) -> usize {
        self.count_rows("confirmation_asks WHERE asked_at IS NULL").await
    }

    /// Waits until as many mails were sent as addresses are given, and checks that each of them got one.
    async fn until_mailed_once(&self, addresses: &[&str]) {
        let expected: BTreeMap<_, _> = addresses.iter().map(|address| ((*address).to_owned(), 1)).collect();
        eventually("all are mailed", async || self.relay.received().len() >= expected.len()).await;
        assert_eq!(self.relay.copies().into_iter().collect::<BTreeMap<_, _>>(), expected);
    }
}

fn asks(report: &Report) -> Asks {
    report.asks.expect("the import asks")
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("the address is valid")
}

/// A list with the addresses of `count` readers.
fn list(count: usize) -> String {
    let mut lines = vec!["email".to_owned()];
    lines.extend((0..count).map(|n| format!("reader{n}@reader.example")));
    lines.join("\n")
}

#[apply(on_both_databases)]
async fn an_asked_reader_confirms_by_the_mailed_link(mut app: TestApp) {
    let daily = app.daily().await;
    let csv = format!("email,CONFIRM_TIME\n{ADA},2020-01-01 00:00:00\n");
    let report = app.import_with(&daily, &csv, &asking()).await;
    assert_eq!((report.added, report.pending, asks(&report).new), (1, 1, 1));
    app.serve().await;
    let link = app.relay.link_for(ADA, "/confirm/").await;
    let mail = text(&app.relay.received_for(ADA)[0].bytes);
    let words = mail.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("is on a list of readers that") && words.contains("brought from another system"),
        "{mail}"
    );
    assert!(!words.contains("signed up"), "{mail}");
    let answer = app.site().post(&link, &[]).await;
    assert!(
        answer.status.is_success() || answer.status == StatusCode::SEE_OTHER,
        "{}",
        answer.body
    );
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Confirmed));
    let consent = app.consent(ADA).await;
    let asked = consent.iter().find(|entry| entry.event == ConsentEvent::Asked);
    let asked = asked.expect("the question is on record");
    let source = asked.source.to_string();
    assert_eq!(
        source,
        "import: list of the old system; CONFIRM_TIME: 2020-01-01 00:00:00"
    );
    let shown = asked.mail_text.as_deref().expect("the mail is on record");
    assert!(shown.contains("another system"), "{shown}");
    let confirmed = consent.iter().find(|entry| entry.event == ConsentEvent::Confirmed);
    assert_eq!(
        confirmed.expect("the confirmation is on record").source.to_string(),
        "mail"
    );
    assert_eq!(consent.len(), 2);
    assert_eq!(app.count_rows("confirmation_asks WHERE note <> ''").await, 0);
}

#[apply(on_both_databases)]
async fn two_processes_and_restarts_keep_to_the_rate(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.signup.asks_per_hour = 2).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let asks = app.ask(&daily, &list(5)).await;
    assert_eq!((asks.new, asks.waiting, asks.per_hour), (5, 5, 2));
    let mut other = app.another().await;
    for asked in 1..=5 {
        if asked % 2 == 1 {
            app.serve_roles(&[Role::Sender]).await;
            other.serve_roles(&[Role::Sender]).await;
        }
        app.until_asked(asked).await;
        // Two steps, so that a reader who is asked too early has an earlier time.
        app.advance(TimeDelta::minutes(29));
        if asked % 2 == 0 {
            app.stop_serving().await;
            other = app.another().await;
        }
        app.advance(TimeDelta::minutes(1));
    }
    let mut times: Vec<_> = app.asked_at().await.into_iter().flatten().collect();
    times.sort_unstable();
    assert_eq!(times.len(), 5);
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= TimeDelta::minutes(30), "{times:?}");
    }
    let expected: Vec<_> = (0..5).map(|n| format!("reader{n}@reader.example")).collect();
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    app.until_mailed_once(&expected).await;
    drop((app, other));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn readers_are_asked_together_at_a_high_rate_and_not_at_all_at_zero(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.signup.asks_per_hour = 0).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.ask(&daily, &list(20)).await;
    app.serve_roles(&[Role::Sender]).await;
    app.restart(|config| config.signup.asks_per_hour = 3_600).await;
    assert_eq!(app.count_waiting().await, 20);
    app.serve_roles(&[Role::Sender]).await;
    app.until_asked(10).await;
    app.advance(TimeDelta::seconds(10));
    app.until_asked(20).await;
    eventually("all are mailed", async || app.relay.received().len() == 20).await;
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_process_that_is_killed_between_the_row_and_the_mail_loses_and_repeats_nothing(app: TestApp) {
    let daily = app.daily().await;
    app.ask(&daily, &format!("email\n{ADA}\n{BOB}\n")).await;
    let program = Program::of(&app)
        .with("DAYWIRE_DELIVERY__LEASE", "1s")
        .with("DAYWIRE_SIGNUP__ASKS_PER_HOUR", "3600");
    // Nothing listens there.
    let without_relay = Program::of(&app)
        .with("DAYWIRE_DELIVERY__LEASE", "1s")
        .with("DAYWIRE_SIGNUP__ASKS_PER_HOUR", "3600")
        .with("DAYWIRE_RELAY__URL", "smtp://127.0.0.1:1");
    let killed = without_relay.serve_role("sender");
    app.until_asked(2).await;
    killed.kill();
    assert_eq!(app.relay.received().len(), 0);
    let sender = program.serve_role("sender");
    app.until_mailed_once(&[ADA, BOB]).await;
    drop(sender);
    assert_eq!(app.count_rows("transactional_mails").await, 2);
}

#[apply(on_both_databases)]
async fn a_repeated_import_asks_nobody_again(mut app: TestApp) {
    let daily = app.daily().await;
    let csv = format!("email\n{ADA}\n{ADA}\n");
    let first = app.ask(&daily, &csv).await;
    assert_eq!((first.new, first.waiting), (1, 1));
    assert_eq!(app.ask(&daily, &csv).await.new, 0, "ada waits");
    app.serve_roles(&[Role::Sender]).await;
    app.until_mailed_once(&[ADA]).await;
    let again = app.ask(&daily, &csv).await;
    assert_eq!((again.new, again.waiting), (0, 0), "ada was asked");

    // Even after the subscription was deleted unconfirmed.
    app.stop_serving().await;
    app.advance(TimeDelta::days(31));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the subscription is deleted", async || {
        app.count_rows("subscriptions").await == 0
    })
    .await;
    app.stop_serving().await;
    let report = app.import_with(&daily, &csv, &asking()).await;
    assert_eq!((report.added, asks(&report).new), (1, 0));
    // Another newsletter is another question.
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    assert_eq!(app.ask(&weekly, &csv).await.new, 1);
}

#[apply(on_both_databases)]
async fn an_import_without_the_option_can_be_repeated_with_it(app: TestApp) {
    let daily = app.daily().await;
    let csv = format!("email\n{ADA}\n");
    let report = app.import_with(&daily, &csv, &Options::default()).await;
    assert_eq!((report.pending, report.asks), (1, None));
    let report = app.import_with(&daily, &csv, &asking()).await;
    assert_eq!((report.updated, report.skipped, asks(&report).new), (1, 0, 1));
    assert!(format!("{}", report.reasons).contains("asked by mail to confirm: already pending"));
}

#[apply(on_both_databases)]
async fn readers_are_deleted_only_after_they_were_asked_and_have_not_confirmed(mut app: TestApp) {
    let daily = app.daily().await;
    app.ask(&daily, &format!("email\n{ADA}\n")).await;
    app.import_with(&daily, &format!("email\n{BOB}\n"), &Options::default())
        .await;
    app.advance(TimeDelta::days(31));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("bob is deleted", async || app.count_rows("subscriptions").await == 1).await;
    app.stop_serving().await;
    app.serve_roles(&[Role::Sender]).await;
    app.until_mailed_once(&[ADA]).await;
    app.stop_serving().await;
    // The time is counted from the mail.
    app.advance(TimeDelta::days(29));
    app.import_with(&daily, &format!("email\n{BOB}\n"), &Options::default())
        .await;
    app.advance(TimeDelta::days(2));
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("ada is deleted", async || app.count_rows("subscriptions").await == 1).await;
    assert_eq!(app.subscription_state(BOB).await, Some(SubscriptionState::Pending));
}

#[apply(on_both_databases)]
async fn nobody_who_must_not_be_mailed_is_asked(engine: Engine) {
    let mut app = TestApp::with(engine, |config| config.signup.asks_per_hour = 3_600).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    let suppress = async |text| readers::suppress(&app.app, &actor(), &address(text), "").await;
    suppress(BOB).await.expect("bob is suppressed");
    let csv = format!(
        "email,status\n{ADA},pending\n{BOB},active\ncy@reader.example,unsubscribed\ndee@reader.example,bounced\n\
         eve@reader.example,complained\nfay@reader.example,VIP\ngus@reader.example,active\nhal@reader.example,active\n\
         ivy@reader.example,active\n"
    );
    assert_eq!(app.ask(&daily, &csv).await.new, 4, "ada, gus, hal and ivy");
    // Suppressed, erased, and reported as gone while they wait.
    suppress("gus@reader.example").await.expect("gus is suppressed");
    let hal = address("hal@reader.example");
    privacy::erase(&app.app, &actor(), &hal).await.expect("hal is erased");
    assert_eq!(app.count_waiting().await, 3, "nothing is left of hal");
    let left = app.ask(&daily, "email,status\nivy@reader.example,unsubscribed\n").await;
    assert_eq!(left.new, 0);
    app.serve_roles(&[Role::Sender]).await;
    app.until_asked(1).await;
    app.until_mailed_once(&[ADA]).await;
    eventually("nobody waits", async || app.count_waiting().await == 0).await;
    // Those who unsubscribed or are suppressed are not asked by a later import.
    assert_eq!(
        app.ask(&daily, &csv.replace("unsubscribed", "active")).await.new,
        1,
        "hal, who was erased"
    );
    drop(app);
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_reader_who_signs_up_meanwhile_gets_one_mail(mut app: TestApp) {
    let daily = app.daily().await;
    app.ask(&daily, &format!("email\n{ADA}\n")).await;
    let site = app.serve_site().await;
    let sent = site
        .post("/subscribe", &[("email", ADA), ("newsletter", "daily")])
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    eventually("ada is asked by the form", async || {
        app.count_rows("transactional_mails").await == 1
    })
    .await;
    app.serve_roles(&[Role::Sender]).await;
    eventually("nobody waits", async || app.count_waiting().await == 0).await;
    app.until_mailed_once(&[ADA]).await;
    assert_eq!(app.count_rows("transactional_mails").await, 1);
    assert_eq!(
        app.ask(&daily, &format!("email\n{ADA}\n")).await.new,
        0,
        "ada has a link"
    );
}

#[apply(on_both_databases)]
async fn confirmed_readers_are_not_asked(app: TestApp) {
    let daily = app.daily().await;
    let confirmed = Options {
        confirmed: true,
        ..asking()
    };
    let csv = format!("email,confirmed\n{ADA},yes\n{BOB},no\n");
    let report = app.import_with(&daily, &csv, &confirmed).await;
    assert_eq!(asks(&report).new, 1, "bob, who cannot show a confirmation");
    assert_eq!(app.subscription_state(ADA).await, Some(SubscriptionState::Confirmed));
    assert_eq!(app.ask(&daily, &format!("email\n{ADA}\n")).await.new, 0);
}

#[apply(on_both_databases)]
async fn an_erasure_leaves_nothing_of_an_asked_reader(mut app: TestApp) {
    let daily = app.daily().await;
    let csv = format!("email\n{ADA}\n{BOB}\n");
    app.ask(&daily, &csv).await;
    app.serve_roles(&[Role::Sender]).await;
    app.until_asked(1).await;
    eventually("one of them is mailed", async || app.relay.received().len() == 1).await;
    app.stop_serving().await;
    let program = Program::of(&app);
    for reader in [ADA, BOB] {
        let exported = program.json(&["subscriber", "export", reader]);
        let rows = exported["records"]["confirmation_asks"]["rows"].as_array();
        assert_eq!(rows.map(Vec::len), Some(1), "{exported:#}");
        privacy::erase(&app.app, &actor(), &address(reader))
            .await
            .expect("the reader is erased");
    }
    app.serve_roles(&[Role::Scheduler]).await;
    eventually("the erasures are complete", async || {
        app.count_rows("erasures").await == 0
    })
    .await;
    let dump = app.dump().await;
    assert!(dump["confirmation_asks"].is_empty());
    for (table, rows) in &dump {
        assert!(!rows.iter().any(|row| row.contains("reader.example")), "{table}");
    }
}

#[apply(on_both_databases)]
async fn a_dry_run_says_how_many_are_asked_and_how_long_it_takes(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let file = program.file("readers.csv", list(251));
    let args = ["subscriber", "import", &file, "--newsletter", "daily", "--ask"];
    let ran = program.ok(&[&args[..], &["--dry-run"]].concat());
    assert!(
        ran.contains("251 people would be asked by mail to confirm, at most 100 in an hour")
            && ran.contains("about 2h 30m until the last one"),
        "{ran}"
    );
    assert_eq!(app.count_rows("confirmation_asks").await, 0);
    let ran = program.ok(&args);
    assert!(ran.contains("251 people are asked by mail to confirm"), "{ran}");
    assert_eq!(app.asked_at().await, vec![None; 251]);
    let ran = program.ok(&args);
    assert!(
        ran.contains("0 people are asked by mail to confirm") && ran.contains("251 wait altogether"),
        "{ran}"
    );
}

#[apply(on_both_databases)]
async fn the_console_says_how_many_wait(mut app: TestApp) {
    let daily = app.daily().await;
    app.operator_with_password("ben", OperatorRole::Publisher).await;
    let site = app.serve_site().await;
    let mut ben = Browser::signed_in(&site, "ben").await;
    let waiting = "wait for the mail that asks them to confirm: 3. At most 100 are asked in an hour";
    app.import_with(&daily, &list(1), &Options::default()).await;
    assert!(!ben.get("/admin/readers").await.body.contains("wait for the mail"));
    app.ask(&daily, &list(3)).await;
    let shown = ben.get("/admin/readers").await;
    assert!(shown.body.contains(waiting), "{}", shown.body);
}
