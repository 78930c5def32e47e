//! Migrations only expand: a version of the program that is older than a migration goes on working with the tables.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use daywire::store::MIGRATIONS;

/// What an older version cannot live with, in upper case. The words between may be any.
const CONTRACTIONS: &[(&[&str], &str)] = &[
    (&["DROP TABLE"], "drops a table"),
    (&["DROP COLUMN"], "drops a column"),
    (&["DROP DEFAULT"], "drops a default, which older versions rely on"),
    (&["RENAME"], "renames something"),
    (&["ALTER COLUMN", "TYPE"], "changes the type of a column"),
    (&["SET NOT NULL"], "forbids NULL, which older versions may write"),
    (
        &["ALTER TABLE", "ADD CONSTRAINT"],
        "adds a constraint that older versions may violate",
    ),
    (
        &["CREATE UNIQUE INDEX"],
        "adds a constraint that older versions may violate",
    ),
];

/// What is wrong with the text of a migration. `released` are the versions in the changelog.
fn faults(sql: &str, released: &BTreeSet<String>) -> Vec<String> {
    let unused_since = sql
        .lines()
        .find_map(|line| line.strip_prefix("-- Unused since version "));
    if let Some(version) = unused_since {
        let version = version.trim_end_matches('.');
        return if released.contains(version) {
            Vec::new()
        } else {
            vec![format!("version {version} is not in CHANGELOG.md")]
        };
    }
    let without_comments: Vec<_> = sql
        .lines()
        .map(|line| line.split("--").next().unwrap_or_default())
        .collect();
    let text = without_comments.join(" ").to_uppercase();
    let mut faults = Vec::new();
    for statement in text.split(';') {
        let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        for (words, fault) in CONTRACTIONS {
            let mut rest = Some(statement.as_str());
            for word in *words {
                rest = rest.and_then(|rest| Some(rest.split_once(word)?.1));
            }
            if rest.is_some() {
                faults.push(format!("{fault}: {statement}"));
            }
        }
        let adds = statement.contains("ALTER TABLE") && statement.contains("NOT NULL");
        if adds && statement.contains(" ADD ") && !statement.contains(" DEFAULT ") {
            faults.push(format!("adds a column that older versions do not fill: {statement}"));
        }
    }
    faults
}

/// The versions that the changelog lists.
fn released() -> BTreeSet<String> {
    let changelog = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md"));
    let changelog = changelog.expect("the changelog is readable");
    let headings = changelog.lines().filter_map(|line| line.strip_prefix("## "));
    headings
        .filter_map(|heading| heading.trim_start_matches('[').split([']', ' ']).next())
        .filter(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_migration_leaves_what_an_older_version_needs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("the folder is readable").path())
        .collect();
    files.sort();
    assert_eq!(
        files.len(),
        MIGRATIONS.len(),
        "each file has a line in src/store/migrate.rs"
    );
    let mut oldest_program = 1;
    for ((file, migration), version) in files.iter().zip(MIGRATIONS).zip(1..) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        assert_eq!(name, format!("{version:04}_{}.sql", migration.description));
        assert_eq!(migration.version, version);
        let contracts = migration.sql.contains("-- Unused since version ");
        assert_eq!(
            migration.oldest_program > oldest_program,
            contracts,
            "{name}: oldest_program rises if the migration removes something, and only then"
        );
        oldest_program = migration.oldest_program;
        // The first one creates the tables.
        if version > 1 {
            assert_eq!(faults(migration.sql, &released()), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn a_statement_that_an_older_version_cannot_live_with_is_found() {
    let released = BTreeSet::from(["1.2.0".to_owned()]);
    for sql in [
        "DROP TABLE issues;",
        "ALTER TABLE issues\n  DROP COLUMN reason;",
        "alter table issues rename column reason to why;",
        "ALTER TABLE issues ALTER COLUMN number TYPE TEXT;",
        "ALTER TABLE issues ALTER COLUMN reason SET NOT NULL;",
        "ALTER TABLE issues ADD COLUMN mood TEXT NOT NULL;",
        "/* postgres: ALTER TABLE issues ADD CONSTRAINT one UNIQUE (reason); */",
        "CREATE UNIQUE INDEX one ON issues (reason);",
        "-- Unused since version 9.9.9.\nDROP TABLE issues;",
    ] {
        assert_eq!(faults(sql, &released).len(), 1, "{sql}");
    }
    for sql in [
        "ALTER TABLE issues ADD COLUMN mood TEXT;",
        "ALTER TABLE issues ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm';",
        "CREATE TABLE moods (\n    id UUID NOT NULL PRIMARY KEY\n);\nCREATE INDEX moods_by_id ON moods (id);",
        "-- This does not DROP TABLE issues.\nCREATE TABLE moods (id UUID NOT NULL);",
        "-- Unused since version 1.2.0.\nDROP TABLE issues;",
    ] {
        assert_eq!(faults(sql, &released), Vec::<String>::new(), "{sql}");
    }
}
