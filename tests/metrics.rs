//! The page `/metrics`: what it counts, who may read it, that it gives nobody away, and that the documents, the dashboard and the alerts
//! name what exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use chrono::TimeDelta;
use daywire::config::Config;
use daywire::domain::states::{DeliveryState, IssueState};
use daywire::worker::Role;
use reqwest::{Method, StatusCode};

use crate::support::program::Program;
use crate::support::site::{Answer, Site};
use crate::support::{Engine, TestApp, eventually};

const TOKEN: &str = "a-token-of-the-tests";

fn allow_loopback(config: &mut Config) {
    config.metrics.allow = vec!["127.0.0.0/8".parse().expect("a network")];
}

async fn read(site: &Site) -> String {
    let answer = site.get("/metrics").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

/// The sum of the samples of `metric` that have all of these labels.
fn sum(text: &str, metric: &str, labels: &[&str]) -> f64 {
    let samples = text.lines().filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, rest) = series.split_once('{').unwrap_or((series, ""));
        let is_meant = name == metric && labels.iter().all(|label| rest.contains(label));
        is_meant.then(|| value.parse::<f64>().expect("a value is a number"))
    });
    samples.sum()
}

#[apply(on_both_databases)]
async fn metrics_count_sign_ups_messages_requests_and_transactions(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 3).await;
    let site = app.serve().await.clone();
    let link = app.sign_up("ada@reader.example").await;
    assert_eq!(site.post(&link, &[]).await.status, StatusCode::OK);
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    let mut text = String::new();
    // The connections close later than the issue ends.
    eventually("four messages are counted", async || {
        text = read(&site).await;
        sum(
            &text,
            "daywire_messages_total",
            &["kind=\"issue\"", "outcome=\"accepted\""],
        ) > 3.5
    })
    .await;
    let is = |metric: &str, labels: &[&str], expected: f64| {
        let found = sum(&text, metric, labels);
        assert!(
            (found - expected).abs() < 0.001,
            "{metric} {labels:?} is {found}:\n{text}"
        );
    };
    is(
        "daywire_messages_total",
        &["kind=\"confirmation\"", "outcome=\"accepted\""],
        1.0,
    );
    is("daywire_subscription_events_total", &["event=\"asked\""], 1.0);
    is("daywire_subscription_events_total", &["event=\"confirmed\""], 1.0);
    is(
        "daywire_http_requests_total",
        &["route=\"/confirm/{token}\"", "method=\"POST\"", "status=\"2xx\""],
        1.0,
    );
    is("daywire_database_up", &[], 1.0);
    is("daywire_issues", &["state=\"paused\""], 0.0);
    is("daywire_transactional_mail_oldest_age_seconds", &[], 0.0);
    assert!(
        sum(&text, "daywire_smtp_transaction_seconds_count", &[]) >= 5.0,
        "{text}"
    );
    assert!(
        sum(
            &text,
            "daywire_database_transaction_seconds_count",
            &["access=\"write\""]
        ) > 5.0,
        "{text}"
    );
    assert!(sum(&text, "daywire_database_connections", &["state="]) >= 1.0, "{text}");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn every_process_shows_the_recipients_that_are_left(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let mut other = app.another().await;
    let daily = app.daily().await;
    app.readers(&daily, 9).await;
    app.relay.hold_after(4);
    let issue = app.send(&daily).await;
    app.serve_roles(&[Role::Web, Role::Sender]).await;
    eventually("four mails are accepted", || async {
        app.count(issue, DeliveryState::Accepted).await == 4
    })
    .await;
    let reader = other.serve_site().await;
    for site in [app.site(), &reader] {
        let text = read(site).await;
        assert!(
            text.contains("daywire_issue_recipients_left{newsletter=\"daily\",issue=\"1\"} 5\n"),
            "{text}"
        );
        assert!(text.contains("daywire_issues{state=\"sending\"} 1\n"), "{text}");
    }
    // The other process has sent nothing.
    assert!(!read(&reader).await.contains("kind=\"issue\""));
    app.relay.release();
    app.until(issue, IssueState::Sent).await;
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn a_newsletter_without_a_scheduler_shows_as_late(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    app.apply("slug = \"daily\"\nname = \"Daily\"\nschedule = \"0 7 * * *\"\ntimezone = \"UTC\"")
        .await;
    app.advance_to("2026-11-23T07:30:00Z");
    let site = app.serve_site().await;
    let text = read(&site).await;
    let late = sum(&text, "daywire_scheduler_late_seconds", &[]);
    assert!((late - 1800.0).abs() < 1.0, "{text}");
    app.advance(TimeDelta::seconds(1));
    // The values of the database are kept for some seconds.
    assert!(read(&site).await.contains("daywire_scheduler_late_seconds 1800.0\n"));
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn labels_have_neither_addresses_nor_tokens_nor_invented_words(engine: Engine) {
    let mut app = TestApp::with(engine, allow_loopback).await;
    let teardown = app.teardown();
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    let site = app.serve().await.clone();
    let link = app.sign_up("ada@reader.example").await;
    site.post(&link, &[]).await;
    site.get(&app.unsubscribe_path("ada@reader.example").await).await;
    for number in 0..50 {
        site.get(&format!("/invented{number}/ada@reader.example")).await;
        site.get(&format!("/articles/invented{number}")).await;
        site.get(&format!("/?q=invented{number}")).await;
    }
    let method = Method::from_bytes(b"INVENTED").expect("a valid method");
    site.send(site.request(method, "/")).await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    let text = read(&site).await;
    for secret in [
        "@",
        "invented",
        "INVENTED",
        link.rsplit('/').next().expect("the link has a token"),
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(
        sum(
            &text,
            "daywire_http_requests_total",
            &["route=\"none\"", "status=\"4xx\""]
        ) >= 50.0,
        "{text}"
    );
    assert!(text.contains("route=\"/unsubscribe/{token}\""), "{text}");
    assert!(text.contains("method=\"other\""), "{text}");
    teardown.finish().await;
}

#[apply(on_both_databases)]
async fn metrics_need_the_token_or_a_network_of_the_settings(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    let site = app.serve_site().await;
    assert_eq!(site.get("/metrics").await.status, StatusCode::NOT_FOUND);

    app.restart(|config| config.metrics.token = Some(TOKEN.into())).await;
    let site = app.serve_site().await;
    let with = |value: &str| site.send(site.request(Method::GET, "/metrics").header("authorization", value));
    let refused = site.get("/metrics").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    for wrong in [
        "Bearer a-token-of-the-test",
        "Bearer ",
        "Bearer",
        &format!("Basic {TOKEN}"),
    ] {
        assert_eq!(with(wrong).await.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    for right in [format!("Bearer {TOKEN}"), format!("bearer {TOKEN}")] {
        assert_eq!(with(&right).await.status, StatusCode::OK, "{right}");
    }

    app.restart(|config| {
        config.metrics.token = None;
        allow_loopback(config);
    })
    .await;
    let site = app.serve_site().await;
    assert_eq!(site.get("/metrics").await.status, StatusCode::OK);
    // A proxy on this machine that the settings do not name: its client may be anybody.
    let from_proxy = site
        .request(Method::GET, "/metrics")
        .header("x-forwarded-for", "127.0.0.1");
    assert_eq!(site.send(from_proxy).await.status, StatusCode::UNAUTHORIZED);
    teardown.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_private_listener_shows_metrics_by_default() {
    let folder = tempfile::TempDir::new().expect("a scratch folder can be made");
    let program = Program::in_folder(folder.path())
        .with("DAYWIRE_HTTP__LISTEN", "127.0.0.1:0")
        .with("DAYWIRE_HTTP__OPS_LISTEN", "127.0.0.1:0")
        .with("DAYWIRE_INBOX__LISTEN", "127.0.0.1:0")
        .with("DAYWIRE_LOG__FORMAT", "json");
    let serving = program.serve();
    let ops = serving.ops().await;
    let text = read(&ops).await;
    assert!(text.contains("daywire_build_info{version=\""), "{text}");
    assert_eq!(serving.site().await.get("/metrics").await.status, StatusCode::NOT_FOUND);
    assert!(serving.terminate().0.success());
    let short = program.with("DAYWIRE_METRICS__TOKEN", "short").run(&["serve"]);
    assert!(short.reason().contains("metrics.token"), "{short:?}");
}

/// The names of all metrics as src/metrics/ registers them, without the suffixes of counters and of the build. A metric that has no sample
/// yet is not on the page.
fn registered() -> BTreeSet<String> {
    let files = fs::read_dir(root().join("src/metrics")).expect("the folder can be listed");
    let mut names = BTreeSet::new();
    for file in files {
        let path = file.expect("the folder can be listed").path();
        let code = fs::read_to_string(path).expect("a source file is UTF-8");
        for call in code.split("registry.register(").skip(1) {
            let name = call.split('"').nth(1).expect("the first argument is the name");
            names.insert(format!("daywire_{name}"));
        }
    }
    names
}

/// The rows of the table in docs/reference/metrics.md: name and type.
fn documented() -> BTreeMap<String, String> {
    let text = document("docs/reference/metrics.md");
    let rows = text.lines().filter(|line| line.starts_with("| `daywire_"));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| (cells[1].trim_matches('`').to_owned(), cells[2].to_owned()))
        .collect()
}

#[test]
fn the_documented_metrics_are_the_registered_ones() {
    let documented = documented().into_keys();
    let documented: BTreeSet<String> = documented
        .map(|name| {
            let base = name.strip_suffix("_total").or(name.strip_suffix("_info"));
            base.unwrap_or(&name).to_owned()
        })
        .collect();
    assert!(documented.len() > 20, "{documented:?}");
    assert_eq!(
        registered(),
        documented,
        "left: src/metrics/; right: docs/reference/metrics.md"
    );
}

#[apply(on_both_databases)]
async fn every_metric_of_the_page_is_documented_with_its_type(app: TestApp) {
    let text = busy_page(app, &[]).await.body;
    let documented = documented();
    let shown: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    assert!(shown.len() > 15, "{text}");
    for line in shown {
        let (name, kind) = line.split_once(' ').expect("a name and a type");
        assert_eq!(documented.get(name).map(String::as_str), Some(kind), "{name}");
    }
}

#[test]
fn dashboard_and_alerts_name_metrics_that_exist() {
    let names = documented();
    for file in [
        "config/grafana-dashboard.json",
        "config/alerts.yml",
        "config/alerts-test.yml",
    ] {
        let text = document(file);
        let used: BTreeSet<&str> = words(&text).filter(|word| word.starts_with("daywire_")).collect();
        assert!(used.len() > 10, "{file}: {used:?}");
        for name in used {
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|suffix| name.strip_suffix(suffix))
                .unwrap_or(name);
            assert!(
                names.contains_key(base),
                "{file} names {name}, which docs/reference/metrics.md does not list"
            );
        }
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&document("config/grafana-dashboard.json")).expect("the dashboard is JSON");
    assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() > 20));
}

#[test]
fn every_alert_is_tested_and_has_a_section_in_the_runbook() {
    let (alerts, tests, docs) = (
        document("config/alerts.yml"),
        document("config/alerts-test.yml"),
        document("docs/reference/metrics.md"),
    );
    let alerts: Vec<&str> = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() > 10, "{alerts:?}");
    for alert in alerts {
        assert!(
            docs.contains(&format!("\n### {alert}\n")),
            "docs/reference/metrics.md lacks {alert}"
        );
        let tested = tests.matches(&format!("alertname: {alert}\n")).count();
        assert_eq!(
            tested, 2,
            "{alert} has a test in which it fires, and one in which it does not"
        );
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

fn promtool() -> Command {
    let program = std::env::var_os("DAYWIRE_TEST_PROMTOOL").unwrap_or_else(|| "promtool".into());
    let mut command = Command::new(program);
    command.current_dir(root().join("config"));
    command
}

fn feed(mut command: Command, input: &str) -> Output {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("the input is piped");
    stdin.write_all(input.as_bytes()).expect("the program reads its input");
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn assert_success(output: &Output) {
    let text = [&output.stdout[..], &output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
}

#[apply(with_promtool)]
async fn promtool_accepts_the_alerts_and_their_tests(_app: TestApp) {
    for arguments in [["check", "rules", "alerts.yml"], ["test", "rules", "alerts-test.yml"]] {
        assert_success(&promtool().args(arguments).output().expect("promtool starts"));
    }
}

#[apply(with_promtool)]
async fn promtool_accepts_the_metrics(app: TestApp) {
    let text = busy_page(app, &[]).await.body;
    let mut check = promtool();
    check.args(["check", "metrics"]);
    let output = feed(check, &text);
    assert_success(&output);
    let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(remarks.is_empty(), "{remarks}");
}

#[apply(with_openmetrics)]
async fn the_parser_of_openmetrics_reads_the_metrics(app: TestApp) {
    let types = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5";
    let answer = busy_page(app, &[("accept", types)]).await;
    let content_type = answer.header("content-type").expect("the answer has a type");
    assert!(
        content_type.starts_with("application/openmetrics-text; version=1.0.0"),
        "{content_type}"
    );
    assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);
    let script = "import sys\nfrom prometheus_client.openmetrics.parser import text_string_to_metric_families as read\n\
                  families = list(read(sys.stdin.read()))\nassert len(families) > 20, families\n\
                  assert any(family.samples for family in families if family.name == 'daywire_messages')";
    let python = std::env::var_os("DAYWIRE_TEST_PYTHON").expect("./test names Python");
    let mut command = Command::new(Path::new(&python));
    command.args(["-c", script]);
    assert_success(&feed(command, &answer.body));
}

/// The page after an issue was sent and readers came.
async fn busy_page(mut app: TestApp, headers: &[(&str, &str)]) -> Answer {
    app.restart(allow_loopback).await;
    let daily = app.daily().await;
    app.readers(&daily, 2).await;
    let site = app.serve().await.clone();
    let link = app.sign_up("ada@reader.example").await;
    site.post(&link, &[]).await;
    site.get("/no/such/page").await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    let mut request = site.request(Method::GET, "/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = site.send(request).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer
}
