//! A rehearsal sends a copy of an issue to a simulated relay, and changes nothing in the real database.

use chrono::TimeDelta;
use daywire::domain::states::IssueState;
use serde_json::json;

use crate::support::dump::difference;
use crate::support::program::{CONFIRMED, Program};

#[apply(on_both_databases)]
async fn a_rehearsal_changes_nothing_and_mails_nobody(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 50).await;
    app.suppress("reader0@reader.example", "complained").await;
    app.leave("reader1@reader.example").await;
    app.articles(&daily, 2).await;
    let issue = app.build(&daily).await;
    let before = app.dump().await;
    let temporary = app.folder().join("tmp");
    std::fs::create_dir(&temporary).expect("the folder exists");
    let program = Program::of(&app).with("TMPDIR", temporary.to_str().expect("the path is UTF-8"));
    let report = program.json(&["issue", "send", &issue.to_string(), "--dry-run"]);
    assert_eq!(difference(&before, &app.dump().await), Vec::<String>::new());
    assert!(app.relay.received().is_empty());
    assert_eq!(app.state(issue).await, IssueState::Draft);

    assert_eq!(report["problems"], json!([]));
    assert_eq!((&report["recipients"], &report["taken"]), (&json!(49), &json!(48)));
    let account = &report["delivery_report"];
    assert_eq!((&account["balanced"], &account["frozen"]), (&json!(true), &json!(49)));
    assert_eq!(account["deliveries"]["accepted"], 48);
    assert_eq!(account["deliveries"]["suppressed"], 1);
    let sample = &report["sample"];
    assert_eq!((&sample["parts"], &sample["one_click"]), (&json!(2), &json!(true)));
    assert!(sample["bytes"].as_u64().expect("the value is a number") > 1000);
    assert!(report["per_second"].as_f64().expect("the value is a number") > 0.0);
    assert_eq!(report["forecast"]["limits"][0]["recipients"], 48);
    assert!(!report.to_string().contains("@reader.example"), "nobody is named");
    assert_eq!(
        std::fs::read_dir(&temporary).expect("the folder exists").count(),
        0,
        "the copy is gone"
    );

    // What was rehearsed can be sent as if nothing had been.
    let text = Program::of(&app).ok(&["issue", "send", &issue.to_string(), "--wait"]);
    assert!(text.contains("sent"), "{text}");
    assert_eq!(app.relay.received().len(), 48);
    let ran = Program::of(&app).run(&["issue", "send", &issue.to_string(), "--dry-run"]);
    assert!(
        ran.reason().contains("is sent; only a draft or an approved issue"),
        "{}",
        ran.err
    );
}

#[apply(on_both_databases)]
async fn a_rehearsal_reports_that_it_leaves_editions_out(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    // Not approved yet, which is just when one would like to know.
    app.apply("slug = \"daily\"\nname = \"Daily\"\napproval = \"required\"")
        .await;
    let program = Program::of(&app);
    assert_eq!(program.json(&["issue", "send", &issue, "--dry-run"])["groups"], 0);
    program.ok(&[
        "subscriber",
        "prefer",
        "reader1@reader.example",
        "--newsletter",
        "daily",
        "--topics",
        "test",
    ]);
    assert!(
        program
            .ok(&["issue", "send", &issue, "--dry-run"])
            .contains("1 group of readers gets its own edition")
    );
}

#[apply(on_both_databases)]
async fn simulated_faults_are_as_frequent_as_asked_and_the_report_balances(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 200).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    let faults = "defer=20%,refuse=10%,hangup=5%";
    let rehearse =
        |seed| Program::of(&app).json(&["issue", "send", &issue, "--dry-run", "--faults", faults, "--seed", seed]);
    let report = rehearse("7");
    let done = &report["faults"];
    let (deferred, refused, hung_up) = (&done["deferred"], &done["refused"], &done["hung_up"]);
    let between =
        |count: &serde_json::Value, low, high| (low..high).contains(&count.as_u64().expect("the value is a count"));
    assert!(
        between(deferred, 25, 80) && between(refused, 8, 45) && between(hung_up, 2, 30),
        "{done}"
    );
    let account = &report["delivery_report"];
    assert_eq!((&account["balanced"], &report["problems"]), (&json!(true), &json!([])));
    assert_eq!(&account["deliveries"]["rejected"], refused);
    assert_eq!(account["deliveries"]["accepted"], report["taken"]);
    let waits = report["seconds_with_waits"].as_i64().expect("the value is a number");
    assert!(
        waits >= TimeDelta::minutes(5).num_seconds(),
        "a deferral waits in the clock of the copy"
    );
    assert!(
        report["seconds"].as_f64().expect("the value is a number") < 60.0,
        "and not in ours"
    );
    assert_eq!(&rehearse("7")["faults"], done, "the same seed, the same faults");
    assert_ne!(&rehearse("8")["faults"], done);
}

#[apply(on_both_databases)]
async fn the_forecast_names_the_limit_that_governs(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 20).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    let limited = Program::of(&app)
        .with(
            "DAYWIRE_DELIVERY__LIMITS",
            "[\"reader.example: 1 connection, 0.1 per second\"]",
        )
        .with("DAYWIRE_RELAY__RATE_PER_SECOND", "1");
    let report = limited.json(&["issue", "send", &issue, "--dry-run"]);
    let forecast = &report["forecast"];
    assert_eq!(
        (&forecast["governed_by"], &forecast["seconds"]),
        (&json!("reader.example"), &json!(200.0))
    );
    assert_eq!(forecast["limits"][1]["what"], "the relays");
    assert_eq!(forecast["limits"][1]["seconds"], 20.0);
    assert!(
        report["seconds"].as_f64().expect("the value is a number") < 15.0,
        "the rehearsal itself keeps to no limit"
    );
    let text = limited.ok(&["issue", "send", &issue, "--dry-run"]);
    for words in [
        "nothing was sent",
        "at least 3m 20s under the current limits, because of reader.example",
        "one-click unsubscribe",
        "20 were frozen",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[apply(on_both_databases)]
async fn a_rehearsal_finds_an_issue_that_cannot_be_sent(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    app.execute("UPDATE issues SET sender = 'nobody'").await;
    let ran = Program::of(&app).run(&["issue", "send", &issue, "--dry-run", "--json"]);
    assert_eq!(ran.status, Some(1));
    assert!(
        ran.err.contains("the message cannot be built: the sender"),
        "{}",
        ran.err
    );
    let ran = Program::of(&app).run(&["issue", "send", &issue, "--dry-run", "--faults", "explode=1%"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains("defer=10%,refuse=2%,hangup=1%"), "{}", ran.err);
}

#[test]
fn an_issue_is_rehearsed_without_any_settings() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be created");
    let program = Program::in_folder(folder.path());
    let newsletter = program.file("daily.toml", "slug = \"daily\"\nname = \"Daily\"\n");
    program.ok(&["newsletter", "apply", &newsletter]);
    let articles = program.file("articles.jsonl", "{\"title\": \"First light\"}\n");
    program.ok(&["article", "import", &articles]);
    let readers = program.file("readers.csv", "email\nada@reader.example\n");
    program.ok(&[&["subscriber", "import", &readers], &CONFIRMED[..]].concat());
    program.ok(&["issue", "build", "--newsletter", "daily"]);
    let report = program.json(&["issue", "send", "last", "--dry-run"]);
    assert_eq!((&report["problems"], &report["taken"]), (&json!([]), &json!(1)));
    // What is rehearsed can be sent with the same settings: the built-in inbox takes it.
    program.ok(&["issue", "send", "last", "--wait"]);
}
