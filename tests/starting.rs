//! `daywire serve`: when it refuses to start, when it starts with a warning, and how it stops.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use daywire::mail::server::{Received, Stage, Verdict};
use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::mock_relay::{MockRelay, parse};
use crate::support::program::{CONFIRMED, Program, end};
use crate::support::relay_rules::relay_with_login;
use crate::support::{TestApp, eventually};

/// The program must report a failed start, and stop after SIGTERM, within this time. It is far below every timeout and retry.
const MAX_DURATION: Duration = Duration::from_secs(5);
/// The readers of an issue that is interrupted.
const READERS: usize = 200;
/// The connections of the sender to its relay.
const CONNECTIONS: usize = 4;

/// The reason why `daywire serve` did not start.
fn refusal(program: &Program) -> String {
    let ran = program.run(&["serve"]);
    assert!(ran.took < MAX_DURATION, "it took {:?}: {}", ran.took, ran.err);
    assert!(
        ran.err.matches("(os error").count() <= 1,
        "a cause is repeated: {}",
        ran.err
    );
    ran.reason().to_owned()
}

fn in_scratch() -> (TempDir, Program) {
    let folder = TempDir::new().expect("a temporary folder can be created");
    let program = Program::in_folder(folder.path()).with("DAYWIRE_HTTP__LISTEN", "127.0.0.1:0");
    (folder, program)
}

fn assert_says(reason: &str, words: &[&str]) {
    for word in words {
        assert!(reason.contains(word), "“{word}” is missing: {reason}");
    }
}

#[test]
fn a_misspelt_key_in_the_file_stops_the_start_with_a_suggestion() {
    let (_folder, program) = in_scratch();
    program.file("daywire.toml", "[delivery]\nleese = \"10s\"\n");
    assert_says(
        &refusal(&program),
        &["delivery.leese", "daywire.toml", "delivery.lease"],
    );
}

#[test]
fn a_misspelt_key_in_a_named_file_stops_the_start() {
    let (_folder, program) = in_scratch();
    let file = program.file("other.toml", "[sitte]\nname = \"N\"\n");
    let ran = program.run(&["serve", "--config", &file]);
    assert_says(ran.reason(), &["sitte", "other.toml"]);
    let missing = program.run(&["--config", "missing.toml", "serve"]);
    assert_says(missing.reason(), &["missing.toml", "cannot be read"]);
}

#[test]
fn a_misspelt_key_in_the_environment_stops_the_start_with_a_suggestion() {
    let (_folder, program) = in_scratch();
    let program = program.with("DAYWIRE_DATABASE__URI", "sqlite:a.db");
    assert_says(&refusal(&program), &["DAYWIRE_DATABASE__URI", "DAYWIRE_DATABASE__URL"]);
}

#[test]
fn an_invalid_value_stops_the_start_and_no_secret_is_shown() {
    let (_folder, program) = in_scratch();
    let relay = program
        .clone()
        .with("DAYWIRE_RELAY__URL", "https://news:s3cret@mail.example");
    let reason = refusal(&relay);
    assert_says(&reason, &["relay.url", "smtp://"]);
    assert!(!reason.contains("s3cret"));
    let lease = program.with("DAYWIRE_DELIVERY__LEASE", "soon");
    assert_says(&refusal(&lease), &["delivery.lease", "soon"]);
}

#[test]
fn with_a_relay_a_site_without_its_own_name_does_not_start() {
    let (folder, program) = in_scratch();
    let program = program.with("DAYWIRE_RELAY__URL", "smtp://127.0.0.1:9");
    let all = [
        "site.url, site.name and mail.from are not",
        "site.name = \"Example Wire\"",
    ];
    assert_says(&refusal(&program), &all);
    for role in ["web", "sender", "fetcher"] {
        assert_says(program.run(&["serve", "--role", role]).reason(), &all);
    }
    assert!(!folder.path().join("data").exists(), "nothing was set up");
    let program = program
        .with("DAYWIRE_SITE__URL", "https://news.example")
        .with("DAYWIRE_SITE__NAME", "Example Wire");
    assert_says(&refusal(&program), &["relay.url is set, but mail.from is not"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_url_that_does_not_lead_to_the_site_is_logged() {
    let (_folder, program) = in_scratch();
    let program = program
        .with("DAYWIRE_LOG__FORMAT", "json")
        .with("DAYWIRE_SITE__URL", "http://127.0.0.1:1");
    let warned = |serving: &crate::support::program::Serving| {
        let log = serving.log();
        log.iter()
            .any(|line| line.contains("where this site does not listen") && line.contains("site.url"))
    };
    let serving = program.serve();
    serving.site().await;
    eventually("the warning is logged", || {
        let warned = warned(&serving);
        async move { warned }
    })
    .await;
    assert!(serving.terminate().0.success());
    let serving = program.with("DAYWIRE_SITE__URL", "https://news.example").serve();
    serving.site().await;
    assert!(!warned(&serving), "a proxy may connect the address to the site");
    assert!(serving.terminate().0.success());
}

#[test]
fn with_a_relay_no_command_mails_an_issue_from_a_placeholder_sender() {
    let (_folder, program) = in_scratch();
    let newsletter = program.file("n.toml", "slug = \"daily\"\nname = \"Daily\"\n");
    program.ok(&["newsletter", "apply", &newsletter]);
    let article = program.file(
        "a.jsonl",
        r#"{"title": "First light", "url": "https://wire.example/1", "text": "It shone."}"#,
    );
    program.ok(&["article", "import", &article, "--newsletter", "daily"]);
    let readers = program.file("r.csv", "email\nada@reader.example\n");
    program.ok(&[
        "subscriber",
        "import",
        &readers,
        "--newsletter",
        "daily",
        "--status",
        "confirmed",
        "--provenance",
        "a test",
    ]);
    let with_relay = program.clone().with("DAYWIRE_RELAY__URL", "smtp://127.0.0.1:9");
    let refused = with_relay.run(&["issue", "build", "--newsletter", "daily"]);
    assert_says(refused.reason(), &["site.url, site.name and mail.from are not"]);
    let built = program.json(&["issue", "build", "--newsletter", "daily"]);
    let id = built["id"].as_str().expect("the output has an id");
    for command in [
        vec!["issue", "send", id],
        vec!["issue", "send", id, "--wait"],
        vec!["issue", "test", id, "--to", "a@b.example"],
    ] {
        assert_says(with_relay.run(&command).reason(), &["mail.from"]);
    }
    // The settings come too late for this issue, which has a placeholder sender and placeholder links.
    let named = with_relay
        .with("DAYWIRE_SITE__URL", "https://news.example")
        .with("DAYWIRE_SITE__NAME", "Example Wire")
        .with("DAYWIRE_MAIL__FROM", "news@news.example");
    assert_says(
        named.run(&["issue", "send", id]).reason(),
        &["before it had a sender", "build it again"],
    );
    let shown = named.json(&["issue", "show", id]);
    assert_eq!(shown["state"], "draft");
}

/// Every write to this file fails, as on a full disk.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_log_on_a_full_disk_ends_neither_the_service_nor_a_command() {
    let full = || std::fs::File::options().write(true).open("/dev/full");
    let (_folder, program) = in_scratch();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    let program = program.with("DAYWIRE_HTTP__LISTEN", &address.to_string());
    let executable = std::path::Path::new(env!("CARGO_BIN_EXE_daywire"));
    let mut serve = program.command(executable);
    serve
        .arg("serve")
        .stdout(std::process::Stdio::null())
        .stderr(full().expect("Linux has /dev/full"));
    let mut serving = serve.spawn().expect("the program starts");
    daywire::feeds::install_crypto();
    eventually("the site answers", async || {
        reqwest::get(format!("http://{address}/healthz")).await.is_ok()
    })
    .await;
    // The service has logged that it started, and logs that it stops.
    assert!(end(&mut serving, "-TERM").success());

    let list = program.file("list.csv", "email\nnot an address\nada@reader.example\n");
    let mut import = program.command(executable);
    import
        .args(["suppression", "import", &list])
        .stdout(std::process::Stdio::null())
        .stderr(full().expect("Linux has /dev/full"));
    let status = import.status().expect("the program starts");
    assert_eq!(
        status.code(),
        Some(1),
        "the refused row is the error, and it does not panic"
    );
    assert!(program.ok(&["suppression", "list"]).contains("import"));
}

#[test]
fn an_unreachable_database_server_stops_the_start() {
    let (_folder, program) = in_scratch();
    let port = free_port();
    let program = program.with(
        "DAYWIRE_DATABASE__URL",
        &format!("postgres://news:s3cret@127.0.0.1:{port}/news"),
    );
    let reason = refusal(&program);
    assert_says(
        &reason,
        &[
            "database.url",
            &format!("127.0.0.1:{port}"),
            "refused",
            "check that the primary is running",
        ],
    );
    assert!(!reason.contains("s3cret"));
}

#[test]
fn each_of_several_unreachable_database_servers_is_tried_and_one_is_named() {
    let (_folder, program) = in_scratch();
    let (first, second) = (free_port(), free_port());
    let program = program.with(
        "DAYWIRE_DATABASE__URL",
        &format!("postgres://news@127.0.0.1:{first},127.0.0.1:{second}/news"),
    );
    assert_says(
        &refusal(&program),
        &["database.url", &format!("127.0.0.1:{second}"), "refused"],
    );
}

#[test]
fn a_database_file_that_cannot_be_created_stops_the_start() {
    let (_folder, program) = in_scratch();
    let file = program.file("in-the-way", "no folder");
    let place = format!("{file}/data/daywire.db");
    let program = program.with("DAYWIRE_DATABASE__URL", &format!("sqlite:{place}"));
    assert_says(&refusal(&program), &["database.url", &place, "check that"]);
}

#[test]
fn a_file_that_is_no_database_stops_the_start() {
    let (_folder, program) = in_scratch();
    let file = program.file("letter.txt", "Dear reader, this is no database at all. ".repeat(40));
    let program = program.with("DAYWIRE_DATABASE__URL", &format!("sqlite:{file}"));
    assert_says(&refusal(&program), &["database", &file]);
}

#[test]
fn a_busy_port_stops_the_start_and_names_the_key_and_the_address() {
    let (_folder, program) = in_scratch();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let address = taken.local_addr().expect("the socket has an address").to_string();
    for (variable, key) in [
        ("DAYWIRE_HTTP__LISTEN", "http.listen"),
        ("DAYWIRE_HTTP__OPS_LISTEN", "http.ops_listen"),
        ("DAYWIRE_INBOX__LISTEN", "inbox.listen"),
    ] {
        let ran = program.clone().with(variable, &address).run(&["serve"]);
        assert_eq!(ran.status, Some(1));
        assert!(ran.took < MAX_DURATION);
        let reason = ran.err.lines().last().expect("a reason is recorded");
        assert_says(reason, &["daywire: ", key, &address, "set another"]);
    }
}

#[test]
fn a_missing_signing_key_stops_the_start() {
    let (_folder, program) = in_scratch();
    let program = program
        .with("DAYWIRE_DKIM__DOMAIN", "example.org")
        .with("DAYWIRE_DKIM__SELECTOR", "news")
        .with("DAYWIRE_DKIM__KEY_FILE", "missing.pem");
    assert_says(&refusal(&program), &["dkim.key_file", "missing.pem"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_relay_every_start_logs_that_mail_is_captured() {
    let (_folder, program) = in_scratch();
    let serving = program
        .with("DAYWIRE_LOG__FORMAT", "json")
        .with("DAYWIRE_SITE__URL", "https://news.example")
        .serve();
    let site = serving.site().await;
    let link = format!(r#""inbox.url":"http://{}/inbox""#, serving.socket().await);
    eventually("the log names an address of the inbox that opens", async || {
        serving.log().iter().any(|line| line.contains(&link))
    })
    .await;
    assert!(
        serving
            .log()
            .iter()
            .any(|line| line.contains("captured") && line.contains("not delivered"))
    );
    assert_eq!(site.get("/readyz").await.status, StatusCode::OK);
    assert_eq!(site.get("/healthz").await.body, "alive\n");
    assert_eq!(site.get("/inbox").await.status, StatusCode::OK);
    let (status, took) = serving.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(took < MAX_DURATION, "it took {took:?}");
}

#[apply(on_both_databases)]
async fn a_refused_login_pauses_the_issue_and_resuming_sends_everything(app: TestApp) {
    let (stop, attempts) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
    let relay = relay_with_login("news", "s3cret", stop.clone()).await;
    let tried = Arc::clone(&attempts);
    relay.answer(move |stage, _, _| match stage {
        Stage::Auth => {
            tried.fetch_add(1, Ordering::SeqCst);
            Verdict::Reply(535, "5.7.8 user or password is wrong".into())
        }
        _ => Verdict::Continue,
    });
    let program = newsroom(&app, 8).with("DAYWIRE_RELAY__URL", &format!("smtp://news:s3cret@{}", relay.address()));
    let issue = build(&program);
    let serving = program.clone().with("DAYWIRE_HTTP__OPS_LISTEN", "127.0.0.1:0").serve();
    let (site, ops) = (serving.site().await, serving.ops().await);
    eventually("the service is not ready", || async {
        site.get("/readyz").await.status == StatusCode::SERVICE_UNAVAILABLE
    })
    .await;
    assert_eq!(
        site.get("/readyz").await.body,
        "not ready\n",
        "the public page shows no reason"
    );
    let ready = ops.get("/readyz").await.body;
    assert_says(
        &ready,
        &[
            "refuses the login",
            "535",
            &relay.address().to_string(),
            "check the user and password",
        ],
    );
    assert_eq!(site.get("/healthz").await.status, StatusCode::OK);

    let form = [("email", "eve@reader.example"), ("newsletter", "daily")];
    assert_eq!(site.post("/subscribe", &form).await.status, StatusCode::SEE_OTHER);
    program.ok(&["issue", "send", &issue]);
    let shown = || program.json(&["issue", "show", &issue]);
    eventually("the issue is paused", || async { shown()["state"] == "paused" }).await;
    assert!(
        shown()["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("refuses the login"))
    );
    assert!(attempts.load(Ordering::SeqCst) >= 3);
    let log = serving.log();
    let errors: Vec<_> = log.iter().filter(|line| line.contains("refuses the login")).collect();
    assert_eq!(
        errors.len(),
        2,
        "one line about the relay and one about the paused issue: {log:#?}"
    );
    assert!(errors.iter().all(|line| line.contains("ERROR")));
    assert!(
        log.iter().chain([&ready]).all(|line| !line.contains("s3cret")),
        "the password is shown"
    );
    assert_eq!(program.json(&["issue", "show", &issue])["deliveries"]["queued"], 8);
    assert!(relay.received().is_empty());

    relay.answer(|_, _, _| Verdict::Continue);
    program.ok(&["issue", "resume", &issue]);
    assert!(
        relay
            .link_for("eve@reader.example", "/confirm/")
            .await
            .starts_with("https://news.example/")
    );
    until_sent(&program, &issue).await;
    assert_eq!(copies(&relay.received()).len(), 9);
    assert!(copies(&relay.received()).values().all(|mails| mails.len() == 1));
    assert_eq!(program.json(&["issue", "proof", &issue])["balanced"], true);
    assert_eq!(site.get("/readyz").await.status, StatusCode::OK);
    assert_eq!(serving.terminate().0.code(), Some(0));
    stop.cancel();
}

#[apply(on_both_databases)]
async fn a_wrong_password_is_not_logged_and_does_not_delay_the_stop(app: TestApp) {
    let stop = CancellationToken::new();
    let relay = relay_with_login("news", "right", stop.clone()).await;
    let program = newsroom(&app, 2).with(
        "DAYWIRE_RELAY__URL",
        &format!("smtp://news:wr0ng-w0rd@{}", relay.address()),
    );
    let issue = build(&program);
    program.ok(&["issue", "send", &issue]);
    let serving = program.clone().with("DAYWIRE_HTTP__OPS_LISTEN", "127.0.0.1:0").serve();
    let ops = serving.ops().await;
    eventually("the service is not ready", || async {
        ops.get("/readyz").await.body.contains("refuses the login")
    })
    .await;
    eventually("the issue is paused", || async {
        program.json(&["issue", "show", &issue])["state"] == "paused"
    })
    .await;
    assert!(serving.log().iter().all(|line| !line.contains("wr0ng")));
    let (status, took) = serving.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(took < MAX_DURATION, "it took {took:?}");
    let waiting = program.json(&["issue", "show", &issue]);
    assert_eq!(waiting["deliveries"]["queued"], 2);
    // A process with the right password sends the issue.
    let right = program.with("DAYWIRE_RELAY__URL", &format!("smtp://news:right@{}", relay.address()));
    right.ok(&["issue", "resume", &issue]);
    right.ok(&["issue", "send", &issue, "--wait"]);
    assert_eq!(copies(&relay.received()).len(), 2);
    stop.cancel();
}

#[apply(on_both_databases)]
async fn a_service_stopped_during_an_issue_drains_and_the_next_one_finishes(app: TestApp) {
    let program = newsroom(&app, READERS);
    slow(&app.relay);
    let issue = build(&program);
    let serving = program.serve();
    serving.site().await;
    program.ok(&["issue", "send", &issue]);
    eventually("some were sent", || async { app.relay.received().len() > READERS / 10 }).await;
    let (status, took) = serving.terminate();
    assert_eq!(status.code(), Some(0));
    assert!(took < MAX_DURATION, "it took {took:?}");
    let first = app.relay.received().len();
    assert!(first < READERS, "the issue was not finished before the service stopped");
    let shown = program.json(&["issue", "show", &issue]);
    assert_eq!(shown["deliveries"]["accepted"], json!(first));
    assert_eq!(shown["deliveries"]["queued"], json!(READERS - first));

    app.relay.answer(|_, _, _| Verdict::Continue);
    let serving = program.serve();
    until_sent(&program, &issue).await;
    let copies = copies(&app.relay.received());
    assert_eq!(copies.len(), READERS, "no mail was lost");
    assert!(copies.values().all(|mails| mails.len() == 1), "no mail was sent twice");
    assert_eq!(program.json(&["issue", "proof", &issue])["balanced"], true);
    assert_eq!(serving.terminate().0.code(), Some(0));
}

#[apply(on_both_databases)]
async fn a_service_killed_during_an_issue_loses_no_mail_and_repeats_at_most_one_per_connection(app: TestApp) {
    let program = newsroom(&app, READERS).with("DAYWIRE_DELIVERY__LEASE", "1s");
    slow(&app.relay);
    let issue = build(&program);
    let serving = program.serve();
    serving.site().await;
    program.ok(&["issue", "send", &issue]);
    eventually("some were sent", || async { app.relay.received().len() > READERS / 10 }).await;
    serving.kill();
    assert!(
        app.relay.received().len() < READERS,
        "the issue was not finished before the service was killed"
    );

    let serving = program.serve();
    until_sent(&program, &issue).await;
    let copies = copies(&app.relay.received());
    assert_eq!(copies.len(), READERS, "no mail was lost");
    let doubled: Vec<_> = copies.values().filter(|mails| mails.len() > 1).collect();
    println!("{} of {READERS} mails were sent twice", doubled.len());
    let connections: BTreeSet<_> = doubled.iter().map(|mails| mails[0].transaction.connection).collect();
    assert!(doubled.len() == connections.len() && doubled.len() <= CONNECTIONS);
    for mails in doubled {
        assert_eq!(mails.len(), 2);
        assert_eq!(message_id(&mails[0]), message_id(&mails[1]));
    }
    assert_eq!(program.json(&["issue", "proof", &issue])["balanced"], true);
    assert_eq!(
        program.json(&["issue", "show", &issue])["deliveries"]["accepted"],
        json!(READERS)
    );
    assert_eq!(serving.terminate().0.code(), Some(0));
}

/// A program whose newsletter `daily` has an article and confirmed readers.
fn newsroom(app: &TestApp, readers: usize) -> Program {
    let program = Program::of(app).with("DAYWIRE_RELAY__CONNECTIONS", &CONNECTIONS.to_string());
    program.ok(&[
        "newsletter",
        "apply",
        &program.file("daily.toml", "slug = \"daily\"\nname = \"Daily\"\n"),
    ]);
    let article = r#"{"title": "First light", "url": "https://wire.example/1", "text": "It shone."}"#;
    program.ok(&["article", "import", &program.file("wire.jsonl", article)]);
    let rows: Vec<_> = (0..readers).map(|n| format!("reader{n}@reader.example")).collect();
    let csv = program.file("readers.csv", format!("email\n{}\n", rows.join("\n")));
    program.ok(&[&["subscriber", "import", &csv], &CONFIRMED[..]].concat());
    program
}

fn build(program: &Program) -> String {
    let built = program.json(&["issue", "build", "--newsletter", "daily"]);
    built["id"].as_str().expect("the output names the issue").to_owned()
}

async fn until_sent(program: &Program, issue: &str) {
    eventually("the issue is sent", || async {
        program.json(&["issue", "show", issue])["state"] == "sent"
    })
    .await;
}

/// Delays each message, so that the test can interrupt the issue.
fn slow(relay: &MockRelay) {
    relay.answer(|stage, _, _| match stage {
        Stage::FinalDot => Verdict::Delay(Duration::from_millis(40)),
        _ => Verdict::Continue,
    });
}

/// The received mails by recipient.
fn copies(taken: &[Received]) -> BTreeMap<String, Vec<Received>> {
    let mut copies: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for mail in taken {
        copies
            .entry(mail.transaction.recipients.concat())
            .or_default()
            .push(mail.clone());
    }
    copies
}

fn message_id(mail: &Received) -> String {
    parse(&mail.bytes)
        .message_id()
        .expect("the mail has a Message-ID")
        .to_owned()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    listener.local_addr().expect("the socket has an address").port()
}
