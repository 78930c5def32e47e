//! The commands: their output, and their errors.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::TestApp;
use crate::support::program::{CONFIRMED, Program};

const DAILY: &str =
    "slug = \"daily\"\nname = \"Daily Broadcast\"\nschedule = \"0 7 * * *\"\ntimezone = \"Europe/Berlin\"\n";

const RSS: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title><link>https://wire.example/</link>
<item><guid>1</guid><title>First light</title><link>https://wire.example/1</link><description>It shone.</description>
<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Second wind</title><link>https://wire.example/2</link></item></channel></rss>"#;

const ATOM: &str = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Atoms</title><id>urn:a</id>
<updated>2026-01-05T10:00:00Z</updated><entry><id>urn:a:1</id><title>Third rail</title><updated>2026-01-05T10:00:00Z</updated>
<link href="https://atoms.example/3"/></entry></feed>"#;

const JSON_FEED: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Jason","home_page_url":"https://jason.example/",
"items":[{"id":"4","url":"https://jason.example/4","title":"Fourth wall","content_text":"It broke."}]}"#;

const JSON_LINES: &str = "{\"title\":\"Fifth column\",\"url\":\"https://lines.example/5\",\"text\":\"It stood.\"}\n\
                          nonsense\n{\"url\":\"https://lines.example/6\"}\n";

const CSV: &str = "name,email\nAda,ada@reader.example\nBroken,not an address\nBob,bob@reader.example\n";

/// A program whose newsletter `daily` has articles and two confirmed readers.
fn newsroom(app: &TestApp) -> Program {
    let program = Program::of(app);
    program.ok(&["newsletter", "apply", &program.file("daily.toml", DAILY)]);
    program.ok(&["article", "import", &program.file("wire.xml", RSS)]);
    import(&program, CSV);
    program
}

fn import(program: &Program, csv: &str) -> Value {
    let csv = program.file("readers.csv", csv);
    program.json(&[&["subscriber", "import", &csv, "--partial"], &CONFIRMED[..]].concat())
}

fn build(program: &Program) -> String {
    let built = program.json(&["issue", "build", "--newsletter", "daily"]);
    built["id"].as_str().expect("an issue was built").to_owned()
}

/// A program in a new scratch folder, without a database.
fn in_new_folder() -> (TempDir, Program) {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let program = Program::in_folder(folder.path());
    (folder, program)
}

#[apply(on_both_databases)]
async fn a_newsletter_is_applied_listed_and_shown(app: TestApp) {
    let program = Program::of(&app);
    assert_eq!(program.json(&["newsletter", "list"]), json!([]));
    assert!(program.ok(&["newsletter", "list"]).contains("no newsletter yet"));
    let file = program.file("daily.toml", DAILY);
    let apply = ["newsletter", "apply", file.as_str()];
    assert_eq!(program.json(&apply), json!({ "slug": "daily", "result": "created" }));
    assert_eq!(program.json(&apply)["result"], "unchanged");
    program.file("daily.toml", DAILY.replace("Daily", "Nightly"));
    assert_eq!(program.json(&apply)["result"], "changed");
    assert_eq!(program.ok(&apply), "daily: unchanged\n");
    assert_eq!(program.json(&["newsletter", "list"])[0]["name"], "Nightly Broadcast");
    assert!(program.ok(&["newsletter", "list"]).contains("0 7 * * *"));
    let shown = program.json(&["newsletter", "show", "daily"]);
    assert_eq!(
        (&shown["timezone"], &shown["runs"]),
        (&json!("Europe/Berlin"), &json!([]))
    );
    assert!(
        program
            .ok(&["newsletter", "show", "daily"])
            .contains("name = \"Nightly Broadcast\"")
    );
}

#[apply(on_both_databases)]
async fn an_invalid_newsletter_file_is_refused_with_the_wrong_key(app: TestApp) {
    let program = Program::of(&app);
    for (text, word) in [
        ("slug = \"daily\"\nname = \"D\"\nshedule = \"0 7 * * *\"", "shedule"),
        ("slug = \"daily\"\nname = \"D\"\nschedule = \"0 25 * * *\"", "schedule"),
        ("slug = \"daily\"\nname = \"D\"\ntimezone = \"Berlin\"", "timezone"),
        ("slug = \"daily\"\nname = \"D\"\nfrom = \"nobody\"", "from"),
        ("slug = \"Dai ly\"\nname = \"D\"", "slug"),
        ("slug = \"daily\"", "name"),
        ("slug = ", "line 1"),
    ] {
        let file = program.file("wrong.toml", text);
        let ran = program.run(&["newsletter", "apply", &file, "--json"]);
        assert!(
            ran.reason().contains(word) && ran.reason().contains("wrong.toml"),
            "{word}: {}",
            ran.err
        );
    }
    let ran = program.run(&["newsletter", "show", "weekly"]);
    assert!(ran.reason().contains("“weekly”") && ran.reason().contains("daywire newsletter list"));
    assert!(
        program
            .run(&["newsletter", "apply", "none.toml"])
            .reason()
            .contains("none.toml")
    );
}

#[apply(on_both_databases)]
async fn a_feed_is_added_fetched_and_listed(app: TestApp) {
    let program = newsroom(&app).with("DAYWIRE_FEEDS__ALLOW", "127.0.0.1");
    let feed = serve_feed(ATOM).await;
    let add = ["feed", "add", feed.as_str(), "--newsletter", "daily"];
    let added = program.json(&add);
    assert_eq!((&added["url"], &added["new"]), (&json!(feed), &json!(true)));
    assert!(
        program
            .ok(&add)
            .contains("is already one of daily's feeds (never read)")
    );
    assert_eq!(program.json(&add)["new"], false);
    let id = added["id"].as_str().expect("the document has an id");
    let fetched = program.json(&["feed", "fetch", "--feed", id]);
    assert_eq!((&fetched[0]["new"], &fetched[0]["known"]), (&json!(1), &json!(0)));
    assert!(program.ok(&["feed", "fetch"]).contains("unchanged"));
    let listed = program.json(&["feed", "list"]);
    assert_eq!(
        (&listed[0]["title"], &listed[0]["last_error"]),
        (&json!("Atoms"), &Value::Null)
    );
    assert!(program.ok(&["feed", "list"]).contains(&feed));
}

#[apply(on_both_databases)]
async fn a_command_fails_with_the_name_of_a_feed_that_cannot_be_fetched(app: TestApp) {
    let program = newsroom(&app);
    let refused = program.run(&["feed", "add", "ftp://wire.example/feed", "--newsletter", "daily"]);
    assert!(refused.reason().contains("ftp://wire.example/feed") && refused.reason().contains("https://"));
    let feed = serve_feed(ATOM).await;
    let add = ["feed", "add", feed.as_str(), "--newsletter", "daily"];
    for never in [feed.as_str(), "http://10.0.0.1/feed"] {
        let refused = program.run(&["feed", "add", never, "--newsletter", "daily", "--anyway"]);
        assert!(refused.reason().contains("feeds.allow"), "{}", refused.err);
    }
    let refused = program.run(&[
        "feed",
        "add",
        "https://ada:secret@wire.example/feed",
        "--newsletter",
        "daily",
    ]);
    assert!(
        refused.reason().contains("user name or password") && !refused.err.contains("secret"),
        "{}",
        refused.err
    );
    assert_eq!(program.json(&["feed", "list", "--all"]), json!([]));
    program.clone().with("DAYWIRE_FEEDS__ALLOW", "127.0.0.1").ok(&add);
    let ran = program.run(&["feed", "fetch", "--json"]);
    assert_eq!(ran.status, Some(1));
    let reason = ran.json()[0]["error"]
        .as_str()
        .expect("the feed has an error")
        .to_owned();
    assert!(reason.contains("feeds.allow"), "{reason}");
    assert!(ran.line().contains("1 of 1 feeds"));
    assert!(program.ok(&["feed", "list"]).contains("failing since"));
    let unknown = program.run(&["feed", "fetch", "--feed", "00000000-0000-0000-0000-000000000000"]);
    assert!(unknown.reason().contains("daywire feed list"));
}

#[apply(on_both_databases)]
async fn a_file_that_is_too_large_is_not_read_into_memory(app: TestApp) {
    let program = newsroom(&app);
    let large = program.file("large.jsonl", "");
    let file = std::fs::File::options()
        .write(true)
        .open(&large)
        .expect("the file exists");
    file.set_len(65 << 20).expect("the file has no blocks on the disk");
    let lines = program.file("lines.jsonl", format!("{}{}", JSON_LINES, "x\n".repeat(200_001)));
    for (file, words) in [
        (large, "more than 64 MiB"),
        (lines, "at most 200000 are imported at once"),
    ] {
        let ran = program.run(&["article", "import", &file]);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        assert!(
            ran.err.contains(words) && ran.err.contains("split it into several files"),
            "{}",
            ran.err
        );
    }
}

#[apply(on_both_databases)]
async fn articles_are_imported_from_every_file_format(app: TestApp) {
    let program = newsroom(&app);
    for (name, content, new, known, refused) in [
        ("wire.xml", RSS, 0, 2, 0),
        ("atoms.xml", ATOM, 1, 0, 0),
        ("jason.json", JSON_FEED, 1, 0, 0),
        ("lines.jsonl", JSON_LINES, 1, 0, 2),
    ] {
        let file = program.file(name, content);
        let tally = program.json(&["article", "import", &file, "--newsletter", "daily", "--partial"]);
        assert_eq!((&tally["new"], &tally["known"]), (&json!(new), &json!(known)), "{name}");
        assert_eq!(tally["refused"].as_array().map(Vec::len), Some(refused), "{name}");
    }
    let file = program.file("lines.jsonl", JSON_LINES);
    let again = program.run(&["article", "import", &file]);
    assert_eq!(
        (again.status, again.out.as_str()),
        (Some(1), "0 new, 1 known, 2 refused\n")
    );
    assert!(
        again.err.contains("2 of 3 lines were refused") && again.err.contains("--partial"),
        "{}",
        again.err
    );
    let accepted = program.run(&["article", "import", &file, "--partial"]);
    assert_eq!((accepted.status, accepted.out), (Some(0), again.out));
    assert!(
        again.err.contains("line 2: ") && again.err.contains("line 3: "),
        "{}",
        again.err
    );
}

#[apply(on_both_databases)]
async fn an_article_is_listed_shown_and_retracted(app: TestApp) {
    let program = newsroom(&app);
    let listed = program.json(&["article", "list"]);
    let first = listed
        .as_array()
        .expect("the value is a list")
        .iter()
        .find(|article| article["title"] == "First light");
    let first = first.expect("the article is listed");
    assert_eq!(first["published"], "2026-01-05T10:00:00Z");
    let id = first["id"].as_str().expect("the document has an id");
    assert!(id.len() == 9 && id.starts_with("TX_"));
    assert!(program.ok(&["article", "list"]).contains(id));
    assert_eq!(
        program
            .json(&["article", "list", "--count", "1"])
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(program.json(&["article", "show", id])["summary"], "It shone.");
    assert!(program.ok(&["article", "show", id]).contains("First light"));
    let retracted =
        json!({ "id": id, "retracted": true, "noted": false, "sent": 0, "sending": [], "drafts": [], "cancelled": [] });
    assert_eq!(program.json(&["article", "retract", id]), retracted);
    assert!(
        program
            .ok(&["article", "retract", id])
            .starts_with(&format!("{id}: retracted already"))
    );
    let preview = program.json(&["issue", "preview", "--newsletter", "daily"]);
    let text = preview["text"].as_str().expect("the preview has a text");
    assert!(text.contains("Second wind") && !text.contains("First light"), "{text}");
    assert!(preview["articles"].to_string().contains("retracted"));
    assert!(
        program
            .run(&["article", "show", "TX_FFFFFF"])
            .reason()
            .contains("daywire article list")
    );
    assert!(
        program
            .run(&["article", "show", "nonsense"])
            .reason()
            .contains("TX_080089")
    );
}

#[apply(on_both_databases)]
async fn subscribers_are_imported_with_the_lines_that_were_refused(app: TestApp) {
    let program = newsroom(&app);
    let report = import(&program, CSV);
    assert_eq!((&report["added"], &report["skipped"]), (&json!(0), &json!(2)));
    assert_eq!(report["refused"][0]["line"], 3);
    let csv = program.file("readers.csv", CSV.replace("ada@", "eve@"));
    let ran = program.run(&["subscriber", "import", &csv, "--newsletter", "daily"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (
            Some(1),
            "3 rows in 4 lines: 1 added, 0 updated, 1 skipped, 1 refused\n1 person is pending, and mailed nothing until they sign \
             up and confirm. If they confirmed elsewhere, import the file again with --status confirmed --provenance TEXT. With \
             --ask they are mailed a link to confirm\n"
        )
    );
    assert!(ran.err.starts_with("line 3: \"not an address\": "), "{}", ran.err);
    assert!(ran.err.contains("--partial"), "{}", ran.err);
    let ran = program.run(&["subscriber", "import", &csv, "--newsletter", "daily", "--partial"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(0), "3 rows in 4 lines: 0 added, 0 updated, 2 skipped, 1 refused\n")
    );
    let confirmed = ["--newsletter", "daily", "--status", "confirmed"];
    let ran = program.run(&[&["subscriber", "import", &csv], &confirmed[..]].concat());
    assert!(ran.reason().contains("--provenance"));
    let no_column = program.file("readers.csv", "name\nAda\n");
    let ran = program.run(&["subscriber", "import", &no_column, "--newsletter", "daily"]);
    assert!(ran.reason().contains("readers.csv") && ran.reason().contains("email"));
    let listed = program.json(&["subscriber", "list", "--newsletter", "daily"]);
    let state = |address: &str| {
        let all = listed.as_array().expect("the value is a list");
        all.iter()
            .find(|line| line["address"] == address)
            .map(|line| line["state"].clone())
    };
    assert_eq!(state("eve@reader.example"), Some(json!("pending")));
    assert_eq!(state("ada@reader.example"), Some(json!("confirmed")));
    assert!(program.ok(&["subscriber", "list"]).contains("bob@reader.example"));
}

#[apply(on_both_databases)]
async fn a_subscriber_is_shown_with_consent_suppressed_and_unsuppressed(app: TestApp) {
    let program = newsroom(&app);
    let shown = program.json(&["subscriber", "show", "ADA@reader.example"]);
    assert_eq!((&shown["name"], &shown["suppressed"]), (&json!("Ada"), &Value::Null));
    let consent = shown["subscriptions"][0]["consent"].to_string();
    assert!(consent.contains("the old list"), "{consent}");
    assert!(
        program
            .ok(&["subscriber", "show", "ada@reader.example"])
            .contains("the old list")
    );
    let suppress = [
        "subscriber",
        "suppress",
        "ada@reader.example",
        "--reason",
        "asked by post",
    ];
    assert_eq!(program.json(&suppress)["changed"], true);
    let again = program.ok(&suppress);
    assert!(
        again.contains("ada@reader.example has been suppressed since") && again.contains("nothing was changed"),
        "{again}"
    );
    let shown = program.json(&["subscriber", "show", "ada@reader.example"]);
    assert!(shown["suppressed"].to_string().contains("asked by post"));
    let unsuppress = ["subscriber", "unsuppress", "ada@reader.example"];
    assert!(
        program
            .ok(&unsuppress)
            .starts_with("ada@reader.example is no longer suppressed. It was: operator: by ")
    );
    assert_eq!(program.json(&unsuppress)["changed"], false);
    let nobody = program.ok(&["subscriber", "show", "nobody@reader.example"]);
    assert!(nobody.contains("Nothing is on record about this address"), "{nobody}");
    assert_eq!(program.run(&["subscriber", "suppress", "no address"]).status, Some(1));
}

#[apply(on_both_databases)]
async fn an_issue_is_previewed_built_tested_and_sent(app: TestApp) {
    let program = newsroom(&app);
    let out = program.folder().join("out");
    let preview = [
        "issue",
        "preview",
        "--newsletter",
        "daily",
        "--out",
        out.to_str().expect("the path is UTF-8"),
    ];
    let previewed = program.json(&preview);
    assert_eq!(
        std::fs::read_to_string(out.join("issue.html")).ok().as_deref(),
        previewed["html"].as_str()
    );
    assert_eq!(
        std::fs::read_to_string(out.join("issue.txt")).ok().as_deref(),
        previewed["text"].as_str()
    );
    assert_eq!(previewed["articles"].as_array().map(Vec::len), Some(2));
    assert_eq!(program.json(&["issue", "list"]), json!([]));

    let id = build(&program);
    assert_eq!(
        program.json(&["issue", "list", "--newsletter", "daily"])[0]["state"],
        "draft"
    );
    assert!(program.ok(&["issue", "list"]).contains(&id));
    assert_eq!(program.json(&["issue", "approve", &id])["state"], "approved");
    let tested = program.json(&["issue", "test", &id, "--to", "desk@reader.example"]);
    assert_eq!(tested["accepted"], true);
    assert_eq!(app.relay.received_for("desk@reader.example").len(), 1);

    let sent = program.json(&["issue", "send", &id, "--wait"]);
    assert_eq!((&sent["state"], &sent["recipients"]), (&json!("sent"), &json!(2)));
    assert_eq!(sent["deliveries"]["accepted"], 2);
    let counts: i64 = sent["deliveries"]
        .as_object()
        .expect("the issue has counts")
        .values()
        .filter_map(Value::as_i64)
        .sum();
    assert_eq!(counts, 2);
    assert_eq!(sent["deliveries"].as_object().map(serde_json::Map::len), Some(9));
    assert_eq!(program.json(&["issue", "show", &id]), sent);
    assert!(program.ok(&["issue", "show", &id]).contains("2 recipients"));
    let proof = program.json(&["issue", "proof", &id]);
    assert_eq!((&proof["balanced"], &proof["recipients"]), (&json!(true), &json!(2)));
    assert!(
        program
            .ok(&["issue", "proof", &id])
            .contains("the delivery report balances")
    );
    let nothing = program.json(&["issue", "build", "--newsletter", "daily"]);
    assert_eq!(nothing["id"], Value::Null);
    assert!(nothing["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[apply(on_both_databases)]
async fn a_preview_gives_a_reason_for_each_article_when_nothing_is_left_to_send(app: TestApp) {
    let program = newsroom(&app);
    let excluding = format!("{DAILY}[exclude]\nwords = [\"light\", \"wind\"]\n");
    program.ok(&["newsletter", "apply", &program.file("daily.toml", excluding)]);
    let preview = ["issue", "preview", "--newsletter", "daily"];
    let shown = program.json(&preview);
    assert!(
        shown["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("all 2 articles")),
        "{shown}"
    );
    let articles = shown["articles"].as_array().expect("a list");
    assert_eq!(articles.len(), 2);
    for article in articles {
        assert_eq!(article["position"], Value::Null);
        assert!(
            article["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("exclude")),
            "{article}"
        );
    }
    let text = program.ok(&preview);
    for (title, word) in [("First light", "light"), ("Second wind", "wind")] {
        let row = text
            .lines()
            .find(|line| line.contains(title))
            .expect("a row for the article");
        assert!(row.trim_start().starts_with("out"), "{row}");
        assert!(
            row.contains(&format!("excluded by the words “{word}” (exclude)")),
            "{row}"
        );
    }
}

#[apply(on_both_databases)]
async fn an_issue_is_queued_paused_resumed_and_cancelled(app: TestApp) {
    let program = newsroom(&app);
    let id = build(&program);
    assert_eq!(program.json(&["issue", "send", &id])["deliveries"]["queued"], 2);
    assert_eq!(program.json(&["issue", "pause", &id])["state"], "paused");
    let again = program.run(&["issue", "send", &id, "--json"]);
    assert!(again.reason().contains("issue daily/1 is paused"), "{}", again.err);
    assert_eq!(program.json(&["issue", "resume", &id])["state"], "sending");
    let cancelled = program.json(&["issue", "cancel", &id]);
    assert_eq!(
        (&cancelled["state"], &cancelled["deliveries"]["cancelled"]),
        (&json!("cancelled"), &json!(2))
    );
    assert_eq!(program.run(&["issue", "resume", &id]).status, Some(1));
    let unknown = program.run(&["issue", "show", "00000000-0000-0000-0000-000000000000"]);
    assert!(unknown.reason().contains("daywire issue list"));
    assert!(app.relay.received().is_empty());
}

#[apply(on_both_databases)]
async fn a_test_mail_that_the_relay_refuses_makes_the_command_fail(app: TestApp) {
    use daywire::mail::server::{Stage, Verdict};
    let program = newsroom(&app);
    let id = build(&program);
    app.relay.answer(|stage, _, _| match stage {
        Stage::Rcpt => Verdict::Reply(550, "5.1.1 nobody here".into()),
        _ => Verdict::Continue,
    });
    let tested = program.run(&["issue", "test", &id, "--to", "desk@reader.example"]);
    assert!(tested.reason().contains("nobody here"));
    let sent = program.json(&["issue", "send", &id, "--wait"]);
    assert_eq!(sent["deliveries"]["rejected"], 2);
}

#[apply(on_both_databases)]
async fn sending_ends_when_no_attempt_is_due_and_reports_deferred_deliveries(app: TestApp) {
    use daywire::mail::server::{Stage, Verdict};
    let program = newsroom(&app);
    let id = build(&program);
    app.relay.answer(|stage, _, attempt| match stage {
        Stage::Rcpt if attempt == 1 => Verdict::Reply(451, "4.7.1 greylisted, come back later".into()),
        _ => Verdict::Continue,
    });
    let sent = program.run(&["issue", "send", &id, "--wait", "--json"]);
    assert_eq!(sent.status, Some(0), "{}", sent.err);
    let shown: Value = serde_json::from_str(&sent.out).expect("the output is one document");
    assert_eq!(
        (&shown["state"], &shown["deliveries"]["deferred"]),
        (&json!("sending"), &json!(2))
    );
    assert!(sent.err.contains("0 of 2 done, 2 deferred"), "{}", sent.err);
    assert!(
        sent.err.contains("2 deferred; the next attempt is due at 20"),
        "{}",
        sent.err
    );
    assert!(sent.err.contains("`daywire serve` continues with them"), "{}", sent.err);
    // The first command did not wait for the next attempt, so a second one finds nothing to send yet.
    let again = program.run(&["issue", "send", &id, "--wait"]);
    assert_eq!(again.status, Some(0), "{}", again.err);
    assert!(
        again.err.contains("2 deferred; the next attempt is due at 20"),
        "{}",
        again.err
    );
    program.ok(&["issue", "cancel", &id]);
}

#[apply(on_both_databases)]
async fn a_sender_address_that_needs_smtputf8_is_refused(app: TestApp) {
    let program = Program::of(&app);
    let file = program.file(
        "n.toml",
        "slug = \"m\"\nname = \"M\"\nfrom = \"Wire <jané@example.org>\"\n",
    );
    let refused = program.run(&["newsletter", "apply", &file]);
    assert_eq!(refused.status, Some(1));
    assert!(
        refused.reason().contains("from") && refused.reason().contains("in ASCII"),
        "{}",
        refused.reason()
    );
    for (name, value) in [
        ("DAYWIRE_MAIL__FROM", "Wire <jané@example.org>"),
        ("DAYWIRE_MAIL__RETURN_PATH", "jané@example.org"),
    ] {
        let refused = program.clone().with(name, value).run(&["newsletter", "list"]);
        assert_eq!(refused.status, Some(1), "{name}");
        assert!(
            refused.reason().contains("in ASCII before the @"),
            "{}",
            refused.reason()
        );
    }
    // A domain in Unicode is sent as A-labels.
    let file = program.file(
        "n.toml",
        "slug = \"m\"\nname = \"M\"\nfrom = \"Wire <jane@bücher.example>\"\n",
    );
    program.ok(&["newsletter", "apply", &file]);
}

#[apply(on_both_databases)]
async fn the_schedule_shows_the_next_runs_in_local_time_and_in_utc(app: TestApp) {
    let program = newsroom(&app);
    let runs = program.json(&["schedule", "--count", "3"]);
    assert_eq!(runs.as_array().map(Vec::len), Some(3));
    assert!(
        runs[0]["local"]
            .as_str()
            .is_some_and(|local| local.contains("T07:00:00+0")),
        "{runs}"
    );
    assert_eq!(
        (&runs[0]["zone"], &runs[0]["newsletter"]),
        (&json!("Europe/Berlin"), &json!("daily"))
    );
    assert!(program.ok(&["schedule"]).contains("07:00 CE"));
}

#[apply(on_both_databases)]
async fn migrating_a_migrated_database_changes_nothing(app: TestApp) {
    let program = Program::of(&app);
    assert_eq!(program.json(&["migrate"])["migrated"], true);
    assert!(program.ok(&["migrate"]).contains("is set up"));
}

#[test]
fn migrate_creates_the_database_below_the_current_folder() {
    let (folder, program) = in_new_folder();
    assert_eq!(program.ok(&["migrate"]), "sqlite:data/daywire.db is set up\n");
    assert!(folder.path().join("data/daywire.db").exists());
}

#[test]
fn inspect_address_shows_the_normal_form_or_the_error() {
    let (folder, program) = in_new_folder();
    let address = |text: &str| program.json(&["inspect", "address", text]);
    assert_eq!(
        address("Ada+News@Bücher.Example"),
        json!({ "valid": true, "normal": "Ada+News@bücher.example", "reason": null })
    );
    let wrong = address("--ada@@reader.example");
    assert_eq!((&wrong["valid"], &wrong["normal"]), (&json!(false), &Value::Null));
    assert!(wrong["reason"].is_string());
    assert!(program.ok(&["inspect", "address", "nobody"]).starts_with("not valid: "));
    assert_eq!(
        std::fs::read_dir(folder.path()).map(Iterator::count).ok(),
        Some(0),
        "the command created a file"
    );
}

#[test]
fn inspect_cron_shows_the_next_times() {
    let (_folder, program) = in_new_folder();
    let line = [
        "inspect",
        "cron",
        "30 2 * * *",
        "--tz",
        "Europe/Berlin",
        "--from",
        "2026-03-28T12:00:00Z",
        "--count",
        "2",
    ];
    let next = program.json(&line);
    assert_eq!(next["next"].as_array().map(Vec::len), Some(2));
    assert!(next["next"][0].as_str().is_some_and(|at| at.ends_with('Z')), "{next}");
    assert!(program.ok(&line).contains("CEST"));
    assert!(program.run(&["inspect", "cron", "0 25 * * *"]).reason().contains("25"));
    assert!(
        program
            .run(&["inspect", "cron", "0 7 * * *", "--tz", "Berlin"])
            .reason()
            .contains("Europe/Berlin")
    );
    assert_eq!(
        program.run(&["inspect", "cron", "0 7 * * *", "--from", "soon"]).status,
        Some(2)
    );
}

#[test]
fn inspect_feed_shows_the_entries() {
    let (_folder, program) = in_new_folder();
    let file = program.file("wire.xml", RSS);
    let feed = program.json(&["inspect", "feed", &file]);
    assert_eq!(feed["title"], "Wire");
    let entry = &feed["entries"][0];
    assert_eq!((&entry["id"], &entry["title"]), (&json!("1"), &json!("First light")));
    assert_eq!(
        (&entry["url"], &entry["summary"]),
        (&json!("https://wire.example/1"), &json!("It shone."))
    );
    assert_eq!(
        (&entry["published"], &entry["authors"]),
        (&json!("2026-01-05T10:00:00Z"), &json!([]))
    );
    assert_eq!(feed["entries"][1]["published"], Value::Null);
    assert!(program.ok(&["inspect", "feed", &file]).contains("2 entries"));
    let broken = program.file("broken.xml", "<html><p>No feed</html>");
    assert!(
        program
            .run(&["inspect", "feed", &broken])
            .reason()
            .contains("broken.xml")
    );
    assert!(
        program
            .run(&["inspect", "feed", "none.xml"])
            .reason()
            .contains("none.xml")
    );
}

#[test]
fn inspect_html_and_url_show_what_the_program_allows() {
    let (_folder, program) = in_new_folder();
    let file = program.file(
        "a.html",
        "<p onclick=x>Hello<script>alert(1)</script> <a href=\"javascript:x\">you</a></p>",
    );
    let html = program.ok(&["inspect", "html", &file]);
    assert!(
        html.contains("Hello") && !html.contains("script") && !html.contains("onclick"),
        "{html}"
    );
    let url = |text: &str| program.json(&["inspect", "url", text]);
    assert_eq!(url("http://198.51.100.7/feed")["allowed"], false);
    assert_eq!(
        url("http://93.184.215.14/feed"),
        json!({ "allowed": true, "reason": null })
    );
    assert!(url("http://127.0.0.1/feed")["reason"].is_string());
    assert_eq!(url("nonsense")["allowed"], false);
    assert!(
        program
            .ok(&["inspect", "url", "http://[::1]/"])
            .starts_with("refused: ")
    );
}

#[test]
fn a_generated_key_is_private_not_overwritten_and_usable() {
    let (folder, program) = in_new_folder();
    for (kind, selector) in [(None, "rsa2026"), (Some("--ed25519"), "edw2026")] {
        let mut arguments = vec!["dkim", "generate", "--domain", "example.org", "--selector", selector];
        arguments.extend(kind);
        let made = program.json(&arguments);
        assert_eq!(made["name"], format!("{selector}._domainkey.example.org"));
        assert!(
            made["value"]
                .as_str()
                .is_some_and(|value| value.starts_with("v=DKIM1; "))
        );
        assert!(
            made["record"]
                .as_str()
                .is_some_and(|record| record.contains(" IN TXT "))
        );
        let key = folder
            .path()
            .join(made["key_file"].as_str().expect("the document names the file"));
        let permissions = std::fs::metadata(&key).expect("the key file exists").permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);

        let before = std::fs::read(&key).expect("the key file is readable");
        let again = program.run(&arguments);
        assert!(again.reason().contains("--out") && again.reason().contains(selector));
        assert_eq!(std::fs::read(&key).expect("the key file is readable"), before);

        let signing = program
            .clone()
            .with("DAYWIRE_DKIM__DOMAIN", "example.org")
            .with("DAYWIRE_DKIM__SELECTOR", selector)
            .with("DAYWIRE_DKIM__KEY_FILE", key.to_str().expect("the path is UTF-8"));
        signing.ok(&["migrate"]);
    }
    let refused = program
        .clone()
        .with("DAYWIRE_DKIM__DOMAIN", "example.org")
        .with("DAYWIRE_DKIM__ED25519_SELECTOR", "rsa2026")
        .with("DAYWIRE_DKIM__ED25519_KEY_FILE", "rsa2026.example.org.pem")
        .run(&["migrate"]);
    assert!(refused.reason().contains("dkim.ed25519_key_file") && refused.reason().contains("RSA"));
    let second = program.ok(&["dkim", "generate", "--domain", "example.org", "--ed25519"]);
    assert!(second.contains("ed25519_selector = \"daywire-ed25519\"") && second.contains("ed25519_key_file = "));
    let out = folder.path().join("key.pem");
    let text = program.ok(&[
        "dkim",
        "generate",
        "--domain",
        "example.org",
        "--out",
        out.to_str().expect("the path is UTF-8"),
    ]);
    assert!(out.exists() && text.contains("[dkim]") && text.contains("daywire._domainkey.example.org. IN TXT"));
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let (folder, program) = in_new_folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = program.ok(&["completions", shell]);
        for command in ["demo", "serve", "newsletter", "unsuppress", "proof"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    let manual = folder.path().join("man/pages");
    assert_eq!(program.ok(&["man", manual.to_str().expect("the path is UTF-8")]), "");
    for page in ["daywire.1", "daywire-serve.1", "daywire-issue-proof.1"] {
        assert!(manual.join(page).exists(), "{page}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_status_2_and_creates_no_file() {
    let (folder, program) = in_new_folder();
    for arguments in [
        &[][..],
        &["sing"],
        &["serve", "--role", "singer"],
        &["feed", "add", "https://wire.example/feed"],
        &["issue", "show"],
        &["issue", "show", "the-latest"],
        &["issue", "show", "daily/seven"],
        &["issue", "build"],
        &[
            "subscriber",
            "import",
            "a.csv",
            "--newsletter",
            "daily",
            "--status",
            "paused",
        ],
        &["article", "list", "--count", "many"],
        &["inspect"],
        &["dkim", "generate"],
        &["completions", "teletype"],
        &["schedule", "--conut", "3"],
    ] {
        let ran = program.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!ran.err.is_empty(), "{arguments:?}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).map(Iterator::count).ok(),
        Some(0),
        "the command created a file"
    );
}

#[test]
fn every_command_has_help() {
    let (_folder, program) = in_new_folder();
    assert!(program.ok(&["--version"]).starts_with("daywire "));
    for command in [
        "demo",
        "init",
        "serve",
        "migrate",
        "newsletter",
        "feed",
        "article",
        "subscriber",
        "issue",
        "schedule",
        "inspect",
        "dkim",
        "completions",
        "man",
    ] {
        assert!(program.ok(&["--help"]).contains(command), "{command}");
        assert!(program.ok(&[command, "--help"]).contains("Usage: daywire"), "{command}");
    }
}

/// Serves a feed on loopback until the test ends.
async fn serve_feed(feed: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a loopback port is free");
    let url = format!("http://{}/feed", listener.local_addr().expect("the socket is bound"));
    let router = axum::Router::new().route("/feed", axum::routing::get(move || async move { feed }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}
