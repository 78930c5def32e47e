//! What commands say to people: an effect that is not obvious is named, and a command without effect fails.

use crate::support::program::{CONFIRMED, Program};

/// A program with the default settings, so without a relay, and with a draft that has one reader.
fn without_relay(folder: &tempfile::TempDir) -> Program {
    let program = Program::in_folder(folder.path());
    let newsletter = program.file("daily.toml", "slug = \"daily\"\nname = \"Daily\"\n");
    program.ok(&["newsletter", "apply", &newsletter]);
    let articles = program.file("articles.jsonl", "{\"title\": \"First light\"}\n");
    program.ok(&["article", "import", &articles]);
    let readers = program.file("readers.csv", "email\nada@reader.example\n");
    program.ok(&[&["subscriber", "import", &readers], &CONFIRMED[..]].concat());
    program.ok(&["issue", "build", "--newsletter", "daily"]);
    program
}

#[test]
fn without_a_relay_each_command_that_sends_names_the_inbox() {
    let folder = tempfile::TempDir::new().expect("a scratch folder");
    let program = without_relay(&folder);
    let test = ["issue", "test", "last", "--to", "desk@reader.example"];
    let said = program.ok(&test);
    assert!(
        said.starts_with("not delivered: no relay is set") && said.contains("/inbox"),
        "{said}"
    );
    assert_eq!(program.json(&test)["captured"], true);
    let rehearsed = program.ok(&["issue", "send", "last", "--dry-run"]);
    assert!(
        rehearsed.contains("note: no relay is set") && rehearsed.contains("not signed"),
        "{rehearsed}"
    );
    let queued = program.run(&["issue", "send", "last"]);
    assert!(queued.err.contains("note: no relay is set"), "{}", queued.err);
}

#[apply(on_both_databases)]
async fn a_test_mail_by_a_relay_gives_the_reply(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    let program = Program::of(&app);
    let test = ["issue", "test", &issue, "--to", "desk@reader.example"];
    assert!(program.ok(&test).starts_with("accepted: 250"));
    assert_eq!(program.json(&test)["captured"], false);
}

#[apply(on_both_databases)]
async fn an_article_is_shown_with_the_reason_and_the_time_of_each_decision(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 2).await;
    let program = Program::of(&app);
    let listed = program.json(&["article", "list"]);
    let ids: Vec<_> = (0..2)
        .map(|at| listed[at]["id"].as_str().expect("an id").to_owned())
        .collect();
    program.ok(&["article", "retract", &ids[0]]);
    let shown = program.ok(&["article", "show", &ids[0]]);
    assert!(shown.contains("daily: left out: the article is retracted\n"), "{shown}");

    program.ok(&["issue", "build", "--newsletter", "daily"]);
    program.ok(&[
        "article",
        "edit",
        &ids[1],
        "--title",
        "Second wind",
        "--note",
        "It was the second.",
    ]);
    let shown = program.ok(&["article", "show", &ids[1]]);
    assert!(shown.contains("daily: at place 1 of issue daily/1\n"), "{shown}");
    for line in shown
        .lines()
        .filter(|line| line.contains(": 20") || line.starts_with("correction"))
    {
        assert!(line.contains(" UTC") && !line.contains("T0"), "{line}");
    }
}

#[apply(on_both_databases)]
async fn preferences_of_an_unsubscribed_address_are_refused(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.leave("reader0@reader.example").await;
    let before = app.dump().await;
    let prefer = [
        "subscriber",
        "prefer",
        "reader0@reader.example",
        "--newsletter",
        "daily",
        "--cadence",
        "weekly",
    ];
    let ran = Program::of(&app).run(&prefer);
    assert_eq!(ran.status, Some(1), "{}", ran.out);
    assert!(
        ran.err
            .contains("reader0@reader.example is unsubscribed from daily, so nothing was changed"),
        "{}",
        ran.err
    );
    assert_eq!(before, app.dump().await);
}

#[apply(on_both_databases)]
async fn an_import_counts_its_refused_rows_in_english(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    for (rows, expected) in [
        ("ada@reader.example\nbroken\n", "1 of 2 rows was refused"),
        ("broken\n", "1 of 1 row was refused"),
        ("ben@reader.example\nbroken\nbroken, too\n", "2 of 3 rows were refused"),
    ] {
        let csv = program.file("readers.csv", format!("email\n{rows}"));
        let ran = program.run(&[&["subscriber", "import", &csv], &CONFIRMED[..]].concat());
        assert_eq!(ran.status, Some(1));
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
}

#[apply(on_both_databases)]
async fn full_text_is_confirmed_wherever_it_is_set(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let add = [
        "feed",
        "add",
        "https://wire.example/feed",
        "--newsletter",
        "daily",
        "--anyway",
    ];
    let full_text = [&add[..], &["--full-text"]].concat();
    assert!(!program.ok(&add).contains("whole"));
    for _ in 0..2 {
        assert!(program.ok(&full_text).contains("the site shows its articles whole"));
    }
    let lines = program.file("lines.jsonl", "{\"title\": \"First light\"}\n");
    let import = ["article", "import", &lines, "--full-text"];
    assert_eq!(
        program.ok(&import),
        "1 new, 0 known, 0 refused; the site shows the new one whole\n"
    );
    let list = program.ok(&["feed", "export"]);
    let list = program.file("feeds.opml", list);
    let imported = program.ok(&["feed", "import", &list, "--newsletter", "daily"]);
    assert!(
        imported.contains("the site shows the articles of 1 feed whole"),
        "{imported}"
    );
}

#[apply(on_both_databases)]
async fn a_damaged_row_is_an_error_that_names_it(app: TestApp) {
    let daily = app.daily().await;
    app.articles(&daily, 1).await;
    let issue = app.build(&daily).await.to_string();
    let program = Program::of(&app);
    app.execute("UPDATE issue_stories SET terms = '{'").await;
    for format in [&["issue", "show", &issue][..], &["issue", "show", &issue, "--json"]] {
        let ran = program.run(format);
        assert_eq!(ran.status, Some(1), "{}", ran.out);
        assert!(
            ran.err.contains("issue daily/1 cannot be shown: ") && ran.err.contains("story 1 of issue"),
            "{}",
            ran.err
        );
    }
    app.execute("UPDATE newsletters SET rules = '{'").await;
    for command in ["list", "show daily"] {
        let arguments: Vec<_> = ["newsletter"]
            .into_iter()
            .chain(command.split(' '))
            .chain(["--json"])
            .collect();
        let ran = program.run(&arguments);
        assert_eq!(ran.status, Some(1), "{}", ran.out);
        assert!(
            ran.err
                .contains("the stored rules of the newsletter daily cannot be read"),
            "{}",
            ran.err
        );
    }
}
