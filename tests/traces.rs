//! Traces of issues, which a collector gets by OTLP over HTTP.

use std::time::Duration;

use daywire::domain::ids::IssueId;
use daywire::domain::states::IssueState;
use serde_json::Value;

use crate::support::program::{CONFIRMED, Program};
use crate::support::webhook_receiver::{ReceivedEvent, WebhookReceiver};
use crate::support::{TestApp, eventually};

/// A span, as the collector got it.
#[derive(Debug)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    start: u64,
    end: u64,
    attributes: Value,
}

impl Span {
    /// The value of an attribute of any type.
    fn attribute(&self, name: &str) -> Option<&str> {
        let attributes = self.attributes.as_array().expect("attributes are a list");
        let found = attributes.iter().find(|attribute| attribute["key"] == name)?;
        found["value"].as_object()?.values().next()?.as_str()
    }
}

/// All spans that a collector accepted, in the order of their requests.
fn spans(collector: &WebhookReceiver) -> Vec<Span> {
    let requests = collector.accepted();
    for request in &requests {
        assert_eq!(request.path, "/events/v1/traces");
        assert_eq!(request.header("content-type"), "application/json");
    }
    let documents = requests.iter().map(ReceivedEvent::json);
    documents.flat_map(|document| spans_of(&document)).collect()
}

fn spans_of(document: &Value) -> Vec<Span> {
    let resource = &document["resourceSpans"][0];
    assert_eq!(resource["resource"]["attributes"][0]["value"]["stringValue"], "daywire");
    let list = resource["scopeSpans"][0]["spans"].as_array().expect("a list of spans");
    let text = |span: &Value, key: &str| span[key].as_str().expect("a text").to_owned();
    let time = |span: &Value, key: &str| text(span, key).parse().expect("a number");
    list.iter()
        .map(|span| Span {
            trace: text(span, "traceId"),
            id: text(span, "spanId"),
            parent: text(span, "parentSpanId"),
            name: text(span, "name"),
            start: time(span, "startTimeUnixNano"),
            end: time(span, "endTimeUnixNano"),
            attributes: span["attributes"].clone(),
        })
        .collect()
}

fn only<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut named = spans.iter().filter(|span| span.name == name);
    let span = named.next().unwrap_or_else(|| panic!("no span {name}: {spans:#?}"));
    assert!(named.next().is_none(), "{spans:#?}");
    span
}

const NEWSLETTER: &str = "slug = \"daily\"\nname = \"Daily Broadcast\"";

/// A program whose newsletter has an article and forty readers, and sends in batches of ten.
fn newsroom(app: &TestApp) -> Program {
    let program = Program::of(app).with("DAYWIRE_DELIVERY__BATCH", "10");
    program.ok(&["newsletter", "apply", &program.file("daily.toml", NEWSLETTER)]);
    let readers: Vec<_> = (0..40).map(|n| format!("reader{n}@reader.example")).collect();
    let readers = readers.join("\n") + "\n";
    let readers = program.file("readers.csv", format!("email\n{readers}"));
    program.ok(&[&["subscriber", "import", &readers], &CONFIRMED[..]].concat());
    add_article(&program, 1);
    program
}

/// Imports an article that is about something else than the others.
fn add_article(program: &Program, number: usize) {
    let title = ["The bridge opened", "A storm cut the power", "Voters chose a mayor"][number - 1];
    let article =
        format!("{{\"title\":\"{title}\",\"url\":\"https://wire.example/{number}\",\"text\":\"{title} today.\"}}\n");
    program.ok(&["article", "import", &program.file("articles.jsonl", article)]);
}

fn exporting_to(program: &Program, collector: &WebhookReceiver) -> Program {
    program.clone().with("DAYWIRE_LOG__OTLP_ENDPOINT", collector.url())
}

fn build(program: &Program) -> String {
    let built = program.json(&["issue", "build", "--newsletter", "daily"]);
    built["id"].as_str().expect("an issue was built").to_owned()
}

/// Builds an issue and starts it, for the service to send. Waits until it is sent.
async fn sent_by_the_service(app: &TestApp, program: &Program) -> String {
    let id = build(program);
    program.ok(&["issue", "send", &id]);
    app.until(IssueId(id.parse().expect("an id")), IssueState::Sent).await;
    id
}

#[apply(on_both_databases)]
async fn the_life_of_an_issue_is_one_trace_over_all_processes(app: TestApp) {
    let collector = WebhookReceiver::start().await;
    let program = exporting_to(&newsroom(&app), &collector);
    let id = build(&program);
    program.ok(&["issue", "send", &id, "--wait"]);
    let settled = program.ok(&["issue", "settle", &id, "--accepted"]);
    assert!(settled.contains("0 deliveries were in doubt"), "{settled}");

    let all = spans(&collector);
    let trace = id.replace('-', "");
    assert!(all.iter().all(|span| span.trace == trace), "{all:#?}");
    let life = only(&all, "issue");
    assert_eq!((life.id.as_str(), life.parent.as_str()), (&trace[16..], ""));
    let mut names: Vec<_> = all.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    let expected = ["compile", "freeze", "issue", "send", "send", "send", "send", "settle"];
    assert_eq!(names, expected);
    for span in all.iter().filter(|span| span.name != "issue") {
        assert_eq!(span.parent, life.id, "{span:#?}");
        assert!(span.start <= span.end && span.id.len() == 16, "{span:#?}");
        assert_eq!(span.attribute("issue.id"), Some(id.as_str()), "{span:#?}");
    }
    for batch in all.iter().filter(|span| span.name == "send") {
        assert_eq!(batch.attribute("issue.name"), Some("daily/1"), "{batch:#?}");
        assert_eq!(batch.attribute("delivery.count"), Some("10"), "{batch:#?}");
        assert!(
            life.start <= batch.start && batch.end <= life.end,
            "{life:#?} {batch:#?}"
        );
    }
    assert_eq!(only(&all, "freeze").attribute("recipient.count"), Some("40"));
    assert!(only(&all, "compile").attribute("newsletter.id").is_some());
    for request in collector.requests() {
        for private in ["@", "reader.example", "http", "news.example"] {
            assert!(!request.body.contains(private), "{private}: {}", request.body);
        }
    }
}

#[apply(on_both_databases)]
async fn the_service_exports_what_is_queued_when_it_stops(app: TestApp) {
    let collector = WebhookReceiver::start().await;
    let program = newsroom(&app);
    let service = exporting_to(&program, &collector).serve_role("sender");
    let id = sent_by_the_service(&app, &program).await;
    let (status, _) = service.terminate();
    assert!(status.success());
    let all = spans(&collector);
    let trace = id.replace('-', "");
    assert!(all.iter().all(|span| span.trace == trace), "{all:#?}");
    let life = only(&all, "issue");
    assert_eq!(life.id, trace[16..]);
    let batches: Vec<_> = all.iter().filter(|span| span.name == "send").collect();
    assert!(
        batches.len() == 4 && batches.iter().all(|span| span.parent == life.id),
        "{all:#?}"
    );
}

#[apply(on_both_databases)]
async fn a_collector_that_never_answers_delays_no_message(app: TestApp) {
    let collector = WebhookReceiver::start().await;
    collector.answer(|_| 0);
    let program = newsroom(&app);
    let id = build(&program);
    let sent = exporting_to(&program, &collector).run(&["issue", "send", &id, "--wait", "--json"]);
    assert_eq!(sent.json()["deliveries"]["accepted"], 40);
    app.assert_one_copy_each(40);
    // The last request gets two seconds of its ten.
    assert!(sent.took < Duration::from_secs(9), "{:?}", sent.took);
    assert_eq!((collector.requests().len(), collector.accepted().len()), (1, 0));
}

#[apply(on_both_databases)]
async fn a_collector_that_fails_is_logged_once(app: TestApp) {
    let collector = WebhookReceiver::start().await;
    collector.answer(|_| 503);
    let program = newsroom(&app);
    let service = exporting_to(&program, &collector).serve_role("sender");
    let logged = |part: &str| service.log().iter().filter(|line| line.contains(part)).count();
    for number in 2..=3 {
        let before = collector.requests().len();
        sent_by_the_service(&app, &program).await;
        eventually("a request", || async { collector.requests().len() > before }).await;
        add_article(&program, number);
    }
    eventually("the failure is logged", || async { logged("spans not exported") > 0 }).await;
    collector.answer(|_| 200);
    sent_by_the_service(&app, &program).await;
    eventually("the end of the failure is logged", || async {
        logged("spans exported again") > 0
    })
    .await;
    assert_eq!(logged("spans not exported"), 1, "{:#?}", service.log());
    let (status, _) = service.terminate();
    assert!(status.success());
}
