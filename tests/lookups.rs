//! Commands with which an operator looks up readers, bounces, due times and delivery reports.

use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;
use daywire::delivery::report::delivery_report;
use daywire::domain::states::IssueState;
use daywire::mail::server::{Stage, Verdict};
use serde_json::{Value, json};

use crate::support::issues::reply;
use crate::support::program::Program;
use crate::support::{Engine, TestApp, notify_desk};

#[apply(on_both_databases)]
async fn readers_are_counted_and_listed_by_state(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.leave("reader1@reader.example").await;
    let program = Program::of(&app);
    let listed = program.json(&["newsletter", "list"]);
    assert_eq!(
        (
            &listed[0]["readers"]["confirmed"],
            &listed[0]["readers"]["unsubscribed"]
        ),
        (&json!(2), &json!(1))
    );
    assert!(
        program
            .ok(&["newsletter", "show", "daily"])
            .contains("# readers: 2 confirmed, 1 unsubscribed")
    );
    let left = program.json(&["subscriber", "list", "--state", "unsubscribed"]);
    assert_eq!(
        (left.as_array().map(Vec::len), &left[0]["address"]),
        (Some(1), &json!("reader1@reader.example"))
    );
    assert_eq!(
        program.ok(&["subscriber", "list", "--count"]),
        "2 confirmed, 1 unsubscribed\n"
    );
    let counts = program.json(&[
        "subscriber",
        "list",
        "--newsletter",
        "daily",
        "--state",
        "confirmed",
        "--count",
    ]);
    assert_eq!(counts, json!({ "confirmed": 2, "confirmed_and_suppressed": 0 }));
    assert_eq!(program.run(&["subscriber", "list", "--state", "gone"]).status, Some(2));
}

#[apply(on_both_databases)]
async fn a_bounce_is_found_by_issue_and_by_address(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.relay.answer(|stage, mail, _| match stage {
        Stage::Rcpt if mail.recipients.iter().any(|to| to.starts_with("reader1")) => reply(550, "5.1.1 no such user"),
        _ => Verdict::Continue,
    });
    let id = app.send(&daily).await;
    app.serve().await;
    app.until(id, IssueState::Sent).await;
    let program = Program::of(&app);
    let rejected = program.json(&["issue", "deliveries", "last", "--state", "rejected"]);
    assert_eq!(
        (rejected.as_array().map(Vec::len), &rejected[0]["address"]),
        (Some(1), &json!("reader1@reader.example"))
    );
    let reader = program.json(&["subscriber", "show", "reader1@reader.example"]);
    let delivery = &reader["subscriptions"][0]["deliveries"][0];
    assert_eq!(
        (&delivery["name"], &delivery["state"]),
        (&json!("daily/1"), &json!("rejected"))
    );
    assert!(
        delivery["reply"]
            .as_str()
            .is_some_and(|reply| reply.contains("no such user")),
        "{delivery}"
    );
    let shown = program.ok(&["subscriber", "show", "reader1@reader.example"]);
    assert!(
        shown.contains("daily/1") && shown.contains("rejected") && shown.contains("imported"),
        "{shown}"
    );

    // The report names subscriptions, which lead to the address, or the addresses themselves if asked.
    let plain = app.folder().join("plain.jsonl");
    let full = app.folder().join("full.jsonl");
    let path = |file: &std::path::Path| file.to_str().expect("the path is UTF-8").to_owned();
    program.ok(&["issue", "proof", "last", "--out", &path(&plain)]);
    program.ok(&["issue", "proof", "last", "--out", &path(&full), "--addresses"]);
    for file in [&plain, &full] {
        let mode = std::fs::metadata(file).expect("the file exists").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        program.ok(&["issue", "proof", "--check", &path(file)]);
    }
    let text = |file| std::fs::read_to_string(file).expect("the file is readable");
    assert!(!text(&plain).contains('@'));
    let line = text(&full);
    let line = line
        .lines()
        .find(|line| line.contains("reader1@reader.example"))
        .expect("the report has a line for the reader");
    let line: Value = serde_json::from_str(line).expect("the line is JSON");
    assert_eq!(line["state"], "rejected");
    let subscription = line["subscription"].as_str().expect("the document has an id");
    assert_eq!(
        program.json(&["subscriber", "show", subscription])["address"],
        "reader1@reader.example"
    );
    assert_eq!(program.run(&["issue", "proof", "last", "--addresses"]).status, Some(2));
}

#[apply(on_both_databases)]
async fn the_report_of_an_issue_includes_its_editions(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let program = Program::of(&app);
    app.articles(&daily, 2).await;
    program.ok(&[
        "subscriber",
        "prefer",
        "reader0@reader.example",
        "--newsletter",
        "daily",
        "--topics",
        "Test",
    ]);
    let id = app.send(&daily).await;
    app.serve().await;
    app.until(id, IssueState::Sent).await;
    let editions = app.editions(id).await;
    for edition in &editions {
        app.until(edition.id, IssueState::Sent).await;
    }
    let report = delivery_report(&app.app, id).await.expect("the report is made");
    assert!(report.balanced, "{report:?}");
    assert_eq!((report.recipients, report.editions), (3, editions.len()));
    let file = app.folder().join("report.jsonl");
    let file = file.to_str().expect("the path is UTF-8");
    assert_eq!(
        program.json(&["issue", "proof", "daily/1", "--out", file])["recipients"],
        3
    );
    assert_eq!(program.json(&["issue", "proof", "--check", file])["recipients"], 3);
}

#[apply(on_both_databases)]
async fn an_issue_shows_its_due_time_its_recipients_and_that_it_is_overdue(engine: Engine) {
    let app = TestApp::with(engine, notify_desk).await;
    let teardown = app.teardown();
    let morning = app
        .apply(
            "slug = \"morning\"\nname = \"Morning\"\nschedule = \"0 9 * * *\"\ntimezone = \"Europe/Berlin\"\n\
             lead_time = \"1h\"\napproval = \"required\"",
        )
        .await;
    app.readers(&morning, 3).await;
    app.suppress("reader1@reader.example", "complaint").await;
    app.articles(&morning, 2).await;
    app.advance(TimeDelta::minutes(90));
    app.make_due().await.expect("due runs are made");
    let mails = app.rows("transactional_mails").await;
    let when = "Mon 2026-11-23 09:00 CET (08:00 UTC)";
    for part in [
        when,
        "1. Transmission",
        "2. Transmission",
        "daywire issue approve morning/1",
    ] {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
    // The command uses the machine's clock, which is past the due time.
    let program = Program::of(&app);
    let shown = program.ok(&["issue", "show", "last"]);
    assert!(shown.contains(&format!("due {when}, overdue by ")), "{shown}");
    assert!(
        shown.contains("2 readers would be mailed now; not mailed: 1 on the suppression list"),
        "{shown}"
    );
    let document = program.json(&["issue", "show", "last"]);
    assert_eq!(
        (&document["overdue"], &document["would_be_mailed"]),
        (&json!(true), &json!(2))
    );
    let approved = program.run(&["issue", "approve", "morning/1"]);
    assert!(
        approved.err.contains("morning/1") && approved.err.contains("overdue"),
        "{}",
        approved.err
    );
    program.ok(&["issue", "cancel", "last"]);
    teardown.finish().await;
}
