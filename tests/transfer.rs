//! Moving an installation: everything is exported from one kind of database and imported into the other.

use std::collections::BTreeMap;
use std::io::Read;

use daywire::store::Store;

use crate::support::program::{CONFIRMED, Program};
use crate::support::{Engine, TestApp};

/// The files of an archive.
fn files(path: &str) -> BTreeMap<String, String> {
    let file = std::fs::File::open(path).expect("the archive is readable");
    let mut archive = zip::ZipArchive::new(file).expect("it is an archive");
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("the file is in the archive");
        let mut content = String::new();
        entry.read_to_string(&mut content).expect("it is text");
        files.insert(entry.name().expect("it has a name").into_owned(), content);
    }
    files
}

/// An archive of these files.
fn archive_of(entries: &BTreeMap<String, String>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name.as_str(), options).expect("memory is writable");
        std::io::Write::write_all(&mut archive, content.as_bytes()).expect("memory is writable");
    }
    archive.finish().expect("memory is writable").into_inner()
}

/// A site with readers, articles, an issue that was sent, and addresses that are suppressed.
async fn with_history(app: &TestApp) -> Program {
    app.daily().await;
    let program = Program::of(app);
    let csv = "email,name,status,CONFIRM_IP\nada@reader.example,Zoë \"=1\",active,192.0.2.7\nbob@reader.example,,cleaned,\n\
               cy@reader.example,,unconfirmed,\n";
    let readers = program.file("readers.csv", csv);
    program.ok(&[&["subscriber", "import", &readers][..], &CONFIRMED].concat());
    let article = program.file(
        "one.md",
        "---\ntitle: Radio returns\n---\nThe text with a tab\tand a backslash \\.\n",
    );
    program.ok(&["article", "add", &article, "--newsletter", "daily"]);
    let built = program.json(&["issue", "build", "--newsletter", "daily"]);
    program.ok(&[
        "issue",
        "send",
        built["id"].as_str().expect("an issue was built"),
        "--wait",
    ]);
    program.ok(&[
        "subscriber",
        "suppress",
        "dee@reader.example",
        "--reason",
        "asked by phone",
    ]);
    program
}

#[apply(on_both_databases)]
async fn an_installation_moves_to_the_other_kind_of_database_and_back(app: TestApp) {
    let program = with_history(&app).await;
    let mut archive = program.folder().join("first.zip").display().to_string();
    program.ok(&["export", &archive]);
    let first = files(&archive);
    assert!(first["subscribers.jsonl"].contains("ada@reader.example"));
    assert!(first["deliveries.jsonl"].contains("accepted"));
    let engines = match app.app.store {
        Store::Sqlite { .. } => [Engine::Postgres, Engine::Sqlite],
        Store::Postgres(_) => [Engine::Sqlite, Engine::Postgres],
    };
    for engine in engines {
        let target = TestApp::new(engine).await;
        let program = Program::of(&target);
        let imported = program.json(&["import", &archive]);
        assert!(imported["rows"].as_u64() > Some(10), "{imported}");
        let next = program.folder().join("next.zip").display().to_string();
        program.ok(&["export", &next]);
        assert_eq!(files(&next), first);
        // The search of the site is built again.
        assert_eq!(
            target.count_rows("search_documents").await,
            app.count_rows("search_documents").await
        );
        let found = program.ok(&["subscriber", "list", "--search", "zoe"]);
        assert_eq!(
            found.contains("ada@reader.example"),
            matches!(target.app.store, Store::Sqlite { .. })
        );
        let again = program.run(&["import", &archive]);
        assert!(
            again.status == Some(1) && again.err.contains("the database is not empty"),
            "{}",
            again.err
        );
        // The folder of this target ends with it.
        let kept = app.folder().join("kept.zip");
        std::fs::copy(&next, &kept).expect("the archive is copied");
        archive = kept.display().to_string();
    }
}

#[apply(on_both_databases)]
async fn an_archive_that_is_not_whole_changes_nothing(app: TestApp) {
    let program = with_history(&app).await;
    let archive = program.folder().join("whole.zip").display().to_string();
    program.ok(&["export", &archive]);
    let refused = program.run(&["export", &archive]);
    assert!(refused.err.contains("exists and was not changed"), "{}", refused.err);
    let mut entries = files(&archive);
    let consents = entries.get_mut("consent_records.jsonl").expect("the table is exported");
    consents.truncate(consents.find('\n').map_or(0, |end| end + 1));
    let damaged = archive_of(&entries);
    let subscribers = entries.get_mut("subscribers.jsonl").expect("the table is exported");
    let mut lines: Vec<_> = subscribers.lines().map(str::to_owned).collect();
    let first = lines[0].clone();
    lines[1] = first;
    *subscribers = lines.join("\n");
    let repeated = archive_of(&entries);
    "[]".clone_into(&mut lines[1]);
    entries.insert("subscribers.jsonl".to_owned(), lines.join("\n"));
    let short = archive_of(&entries);
    let target = TestApp::new(match app.app.store {
        Store::Sqlite { .. } => Engine::Sqlite,
        Store::Postgres(_) => Engine::Postgres,
    })
    .await;
    let there = Program::of(&target);
    for (content, expected) in [
        (damaged, "rows of consent_records and its manifest says"),
        (repeated, "line 2 of subscribers in the archive cannot be written"),
        (short, "line 2 of subscribers in the archive is not a row"),
        (
            b"email\nada@reader.example\n".to_vec(),
            "is no archive of `daywire export`",
        ),
    ] {
        let file = there.file("damaged.zip", content);
        let ran = there.run(&["import", &file]);
        assert!(ran.status == Some(1) && ran.err.contains(expected), "{}", ran.err);
        assert_eq!(target.count_rows("subscribers").await, 0);
    }
    there.ok(&["import", &archive]);
    assert_eq!(target.count_rows("subscribers").await, 3);
}
