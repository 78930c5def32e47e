//! A backup is made while an issue is sent, and restored into an empty database. There nothing is sent before a person has decided.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use daywire::store::{MIGRATIONS, Migration, Store};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::empty_database::EmptyDatabase;
use crate::support::mock_relay::MockRelay;
use crate::support::program::{Program, finish};
use crate::support::{TestApp, eventually};

const READERS: usize = 240;
/// Accepted before the backup is made.
const ACCEPTED: usize = 60;

/// An issue with all readers, queued at the time of the program's own clock. Returns its id.
async fn queued_issue(app: &TestApp, program: &Program) -> String {
    let daily = app.daily().await;
    app.readers(&daily, READERS).await;
    let id = draft(program, "daily", "Radio returns");
    program.ok(&["issue", "send", &id]);
    id
}

/// A draft with one article. Returns its id.
fn draft(program: &Program, newsletter: &str, title: &str) -> String {
    let article = program.file(
        &format!("{newsletter}.md"),
        format!("---\ntitle: {title}\n---\nThe mast stands again.\n"),
    );
    program.ok(&["article", "add", &article, "--newsletter", newsletter]);
    let built = program.json(&["issue", "build", "--newsletter", newsletter]);
    built["id"].as_str().expect("an issue was built").to_owned()
}

fn path(program: &Program, name: &str) -> String {
    program.folder().join(name).display().to_string()
}

/// How many deliveries of an issue are in each state.
fn deliveries(program: &Program, issue: &str) -> HashMap<String, i64> {
    let report = program.json(&["issue", "proof", issue]);
    let counts = report["deliveries"].as_object().expect("the report has counts");
    let counts = counts.iter().map(|(state, count)| (state.clone(), count.as_i64()));
    counts.filter_map(|(state, count)| Some((state, count?))).collect()
}

#[apply(on_both_databases)]
async fn a_backup_is_made_while_an_issue_is_sent_and_nothing_is_sent_after_its_restore(app: TestApp) {
    let program = Program::of(&app);
    let issue = queued_issue(&app, &program).await;
    app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    let waiting_draft = draft(&program, "weekly", "The week");
    program.ok(&["issue", "approve", &waiting_draft]);
    app.relay.hold_after(ACCEPTED);
    let serving = program.serve();
    let site = serving.site().await;
    eventually("the relay waits", || async {
        app.relay.received().len() == ACCEPTED && app.relay.waiting_mails().0 == 4
    })
    .await;
    site.post("/subscribe", &[("email", "new@reader.example")]).await;
    eventually("the confirmation is queued", || async {
        app.count_rows("transactional_mails WHERE recipient = 'new@reader.example'")
            .await
            == 1
    })
    .await;
    let file = path(&program, "held.backup");
    let made = program.json(&["backup", &file]);
    assert!(made["rows"].as_u64() > Some(READERS as u64 * 3), "{made}");
    assert_eq!(made["tables"]["deliveries"], READERS);
    // A second one begins while the relay waits, and goes on while it accepts as fast as it can.
    let busy = path(&program, "busy.backup");
    let making = program.start(&["backup", &busy]);
    app.relay.release();
    let made = tokio::task::block_in_place(|| finish(making, Duration::from_mins(2)));
    assert_eq!(made.status, Some(0), "{}", made.err);
    eventually("the issue is sent", || async {
        program.json(&["issue", "show", &issue])["state"] == "sent"
    })
    .await;
    assert!(serving.terminate().0.success());
    let copies = app.relay.copies();
    assert_eq!(copies.values().max(), Some(&1), "a recipient got the issue twice");
    assert!((0..READERS).all(|n| copies.contains_key(&format!("reader{n}@reader.example"))));
    for file in [&file, &busy] {
        assert!(!Path::new(&format!("{file}.part")).exists());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let bits = std::fs::metadata(file).expect("the backup exists").permissions().mode();
            assert_eq!(bits & 0o777, 0o600);
        }
        restored_sends_nothing(&app, file, &issue, &waiting_draft).await;
    }
}

/// Restores a backup, runs the service on it, and decides as an operator.
async fn restored_sends_nothing(app: &TestApp, file: &str, issue: &str, waiting_draft: &str) {
    let database = EmptyDatabase::like(app).await;
    let stop = CancellationToken::new();
    let relay = MockRelay::open(stop.clone()).await;
    let program = database
        .program(app)
        .with("DAYWIRE_RELAY__URL", &format!("smtp://{}", relay.address()));
    let restored = program.json(&["restore", file]);
    let stopped = &restored["stopped"];
    let in_doubt = stopped["deliveries_in_doubt"].as_i64().expect("they are counted");
    assert_eq!(stopped["drafts_held_back"], 1);
    assert_eq!(stopped["newsletters_needing_approval"], 2);
    let counts = deliveries(&program, issue);
    assert_eq!(counts["in_doubt"], in_doubt);
    assert_eq!(counts["in_doubt"] + counts["accepted"], READERS.try_into().unwrap_or(0));
    let shown = program.json(&["issue", "show", waiting_draft]);
    assert_eq!(shown["state"], "draft");
    assert!(
        shown["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("restored from a backup")),
        "{shown}"
    );
    let log = program.json(&["audit", "list"]);
    assert!(log.to_string().contains("database.restored"), "{log}");

    let serving = program.serve();
    let site = serving.site().await;
    site.post("/subscribe", &[("email", "later@reader.example")]).await;
    relay.link_for("later@reader.example", "/confirm/").await;
    assert_eq!(
        relay.received().len(),
        1,
        "only the mail that was asked for after the restore is sent"
    );
    // A backup may show the issue as sent.
    if program.json(&["issue", "show", issue])["state"] == "paused" {
        program.ok(&["issue", "settle", issue, "--resend"]);
        program.ok(&["issue", "resume", issue]);
    } else {
        assert_eq!(in_doubt, 0);
    }
    eventually("the rest is sent", || async {
        program.json(&["issue", "show", issue])["state"] == "sent"
    })
    .await;
    program.ok(&["issue", "proof", issue]);
    assert!(serving.terminate().0.success());
    let copies = relay.copies();
    assert_eq!(i64::try_from(copies.len()), Ok(in_doubt + 1));
    assert_eq!(copies.values().max(), Some(&1));
    assert!(program.run(&["restore", file]).reason().contains("is not empty"));
    stop.cancel();
    database.drop().await;
}

#[apply(on_both_databases)]
async fn a_file_that_exists_is_not_overwritten(app: TestApp) {
    let program = Program::of(&app);
    let file = program.file("old.backup", "precious");
    let refused = program.run(&["backup", &file]);
    assert!(
        refused.reason().contains("exists and was not changed"),
        "{}",
        refused.err
    );
    assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), Some("precious"));
    let unfinished = program.file("new.backup.part", "");
    let refused = program.run(&["backup", &path(&program, "new.backup")]);
    assert!(refused.reason().contains(&unfinished), "{}", refused.err);
    assert!(Path::new(&unfinished).exists());
}

#[apply(on_both_databases)]
async fn a_folder_that_does_not_exist_is_named_with_what_to_do(app: TestApp) {
    let program = Program::of(&app);
    let file = path(&program, "missing/new.zip");
    for command in ["backup", "export"] {
        let refused = program.run(&[command, &file]);
        let words = "its folder does not exist; create it, or name a file elsewhere";
        assert!(refused.reason().contains(words), "{command}: {}", refused.err);
    }
}

#[apply(on_both_databases)]
async fn a_file_that_is_no_whole_backup_is_not_restored(app: TestApp) {
    let program = Program::of(&app);
    let daily = app.daily().await;
    app.readers(&daily, 500).await;
    let file = path(&program, "whole.backup");
    program.ok(&["backup", &file]);
    let whole = std::fs::read(&file).expect("the backup is readable");
    let database = EmptyDatabase::like(&app).await;
    let restoring = database.program(&app);
    for (length, expected) in [
        (whole.len() * 2 / 3, "is damaged and cannot be restored"),
        (whole.len() / 8, "is damaged and cannot be restored"),
        (3, "is no backup"),
        (0, "is no backup"),
    ] {
        let short = program.file("short.backup", &whole[..length]);
        let refused = restoring.run(&["restore", &short]);
        assert!(refused.reason().contains(expected), "{length}: {}", refused.err);
    }
    let refused = restoring.run(&["restore", &path(&program, "missing.backup")]);
    assert!(refused.reason().contains("missing.backup"), "{}", refused.err);
    let other = match &app.app.store {
        Store::Sqlite { .. } => "postgres://nobody@127.0.0.1:1/nothing",
        Store::Postgres(_) => "sqlite:other.db",
    };
    let refused = restoring
        .clone()
        .with("DAYWIRE_DATABASE__URL", other)
        .run(&["restore", &file]);
    assert!(refused.reason().contains("is a backup of"), "{}", refused.err);
    // Nothing was left behind, so the whole one is restored.
    let restored = restoring.json(&["restore", &file]);
    assert_eq!(restored["tables"]["subscribers"], 500);
    database.drop().await;
}

#[apply(on_both_databases)]
async fn a_backup_of_a_newer_program_is_not_restored(app: TestApp) {
    let program = Program::of(&app);
    let newer = Migration {
        version: 2,
        description: "test",
        oldest_program: 1,
        sql: "CREATE TABLE notes_of_test (id UUID NOT NULL PRIMARY KEY);",
    };
    let known = [MIGRATIONS, &[newer]].concat();
    app.app
        .store
        .migrate_with(&known)
        .await
        .expect("the tables are expanded");
    let file = path(&program, "newer.backup");
    program.ok(&["backup", &file]);
    let database = EmptyDatabase::like(&app).await;
    let refused = database.program(&app).run(&["restore", &file]);
    assert!(
        refused
            .reason()
            .contains("it has tables of version 2, and this program knows them up to version 1"),
        "{}",
        refused.err
    );
    let refused = program.run(&["export", &path(&program, "newer.zip")]);
    assert!(
        refused.reason().contains("export with the newer program"),
        "{}",
        refused.err
    );
    database.drop().await;
}

#[apply(on_both_databases)]
async fn a_backup_names_the_files_that_it_does_not_contain(app: TestApp) {
    let program = Program::of(&app);
    let key = program.file("links.key", "00".repeat(32));
    let settings = program.file("daywire.toml", "[secrets]\nkey_file = \"links.key\"\n");
    let made: Value = program.json(&["backup", &path(&program, "one.backup")]);
    let named = made["not_in_backup"].as_array().expect("it is a list");
    assert!(
        named.contains(&key.into()) && named.contains(&settings.into()),
        "{made}"
    );
    let ran = program.run(&["backup", &path(&program, "two.backup")]);
    assert!(
        ran.err.contains("Not in the backup") && ran.err.contains("links.key"),
        "{}",
        ran.err
    );
}
