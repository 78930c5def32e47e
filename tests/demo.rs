//! `daywire demo`: a whole day on both databases, with the sample feed and with feeds of other sites.

use std::io::{BufRead, BufReader};
use std::path::Path;

use daywire::clock::Rng;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::support::corpora;
use crate::support::postgres;
use crate::support::program::{CommandOutput, Program};
use crate::support::site::Site;

/// Well-formed feeds with entries, in every format and in many languages.
const FEEDS: [&str; 14] = [
    "feed-rs/feed-rs/fixture/rss2/rss_2.0_bbc.xml",
    "feed-rs/feed-rs/fixture/rss2/rss_2.0_spiegel.xml",
    "feedjira/spec/sample_feeds/CRE.xml",
    "miniflux/internal/reader/parser/testdata/encoding_WINDOWS-1251.xml",
    "miniflux/internal/reader/parser/testdata/urdu_UTF8.xml",
    "miniflux/internal/reader/encoding/testdata/koi8r.xml",
    "rust-rss/tests/data/rss091.xml",
    "feed-rs/feed-rs/fixture/rss1/rss_1.0_spec_1.xml",
    "feed-rs/feed-rs/fixture/rss1/rss_1.0_example_1.xml",
    "feedjira/spec/sample_feeds/google_alerts_atom.xml",
    "feedjira/spec/sample_feeds/FeedBurnerXHTML.xml",
    "feed-rs/feed-rs/fixture/atom/atom_example_2.xml",
    "feedjira/spec/sample_feeds/json_feed.json",
    "feed-rs/feed-rs/fixture/jsonfeed/jsonfeed_spec_1.json",
];

/// A program that creates its temporary files in a folder of the test.
fn demo() -> (TempDir, Program) {
    let folder = TempDir::new().expect("a scratch folder can be made");
    std::fs::create_dir(folder.path().join("tmp")).expect("the folder can be made");
    let tmp = folder.path().join("tmp");
    let program = Program::in_folder(folder.path()).with("TMPDIR", tmp.to_str().expect("the path is UTF-8"));
    (folder, program)
}

fn assert_left_nothing(folder: &Path) {
    let left: Vec<_> = std::fs::read_dir(folder.join("tmp"))
        .expect("the folder can be listed")
        .flatten()
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!folder.join("data").exists(), "the demo created the default database");
}

fn assert_whole_day(ran: &CommandOutput) -> Vec<Value> {
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let day = ran.json();
    assert_eq!(day["done"], true);
    let steps = day["steps"].as_array().expect("the document lists the steps").clone();
    assert_eq!(steps.len(), 9, "{day:#}");
    assert_eq!(steps[8]["step"], "The reader leaves with one click");
    steps
}

/// A new database on the test server.
struct Database {
    url: String,
    name: String,
    admin: PgConnection,
}

impl Database {
    async fn open() -> Self {
        let server = postgres::server();
        let name = format!("demo_{:016x}", u64::from_be_bytes(Rng::System.bytes()));
        let mut admin = PgConnection::connect(&server).await.expect("the test server answers");
        let create = format!("CREATE DATABASE {name}");
        sqlx::query(AssertSqlSafe(create))
            .execute(&mut admin)
            .await
            .expect("the database is created");
        let mut url = url::Url::parse(&server).expect("the address is valid");
        url.set_path(&name);
        Self {
            url: url.into(),
            name,
            admin,
        }
    }

    /// The schemas and tables that the demo left behind.
    async fn leftovers(&self) -> Vec<String> {
        let mut connection = PgConnection::connect(&self.url).await.expect("the database answers");
        let query = "SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' \
                     AND nspname NOT IN ('public', 'information_schema') \
                     UNION ALL SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
        let found: Vec<(String,)> = sqlx::query_as(query)
            .fetch_all(&mut connection)
            .await
            .expect("the query succeeds");
        connection.close().await.expect("the connection closes");
        found.into_iter().map(|(name,)| name).collect()
    }

    async fn close(mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sqlx::query(AssertSqlSafe(drop))
            .execute(&mut self.admin)
            .await
            .expect("the database is dropped");
    }
}

#[test]
fn a_whole_day_happens_and_leaves_nothing_behind() {
    let (folder, program) = demo();
    let steps = assert_whole_day(&program.run(&["demo", "--once", "--json"]));
    assert!(
        steps[1]["detail"]
            .as_str()
            .is_some_and(|detail| detail.starts_with("15 articles"))
    );
    assert!(
        steps[5]["detail"]
            .as_str()
            .is_some_and(|detail| detail.ends_with("12 stories of 15 articles"))
    );
    assert_left_nothing(folder.path());
    let output = program.ok(&["demo", "--once"]);
    assert!(
        output.contains(" 9. The reader leaves") && output.ends_with("The whole day happened.\n"),
        "{output}"
    );
    assert_left_nothing(folder.path());
}

#[apply(on_postgres)]
async fn a_whole_day_happens_on_postgresql_and_leaves_nothing_behind() {
    let database = Database::open().await;
    let (folder, program) = demo();
    let program = program.with("DAYWIRE_DATABASE__URL", &database.url);
    assert_whole_day(&program.run(&["demo", "--once", "--json"]));
    assert_left_nothing(folder.path());
    assert_eq!(database.leftovers().await, Vec::<String>::new());
    // A demo that fails leaves nothing behind either.
    let broken = program.file("broken.xml", "<html><p>No feed</html>");
    for feed in [broken.as_str(), "missing.xml"] {
        assert_eq!(program.run(&["demo", "--once", "--feed", feed]).status, Some(1));
        assert_eq!(database.leftovers().await, Vec::<String>::new(), "{feed}");
    }
    assert_left_nothing(folder.path());
    database.close().await;
}

#[apply(with_corpora)]
fn a_digest_is_made_of_feeds_of_other_sites() {
    let corpus = corpora("feeds");
    let (folder, program) = demo();
    let mut formats = std::collections::BTreeSet::new();
    for feed in FEEDS {
        let file = corpus.join(feed);
        let file = file.to_str().expect("the path is UTF-8");
        let inspected = program.json(&["inspect", "feed", file]);
        formats.insert(inspected["format"].as_str().expect("the feed has a format").to_owned());
        let titles: Vec<String> = inspected["entries"]
            .as_array()
            .expect("the feed has entries")
            .iter()
            .map(|entry| unwrapped(entry["title"].as_str().expect("the entry has a title")))
            .collect();
        let steps = assert_whole_day(&program.run(&["demo", "--once", "--json", "--feed", file]));
        let digest = unwrapped(steps[7]["detail"].as_str().expect("the step shows the digest"));
        assert!(
            titles.iter().any(|title| !title.is_empty() && digest.contains(title)),
            "{feed}: {digest}"
        );
    }
    println!("{formats:?}");
    assert!(formats.len() >= 4, "{formats:?}");
    assert_left_nothing(folder.path());
}

#[test]
fn a_feed_that_cannot_be_read_ends_the_demo_with_an_error_that_names_it() {
    let (folder, program) = demo();
    let cases = [
        (
            program.file("broken.xml", "<rss version=\"2.0\"><channel><title>Half"),
            "broken.xml",
        ),
        (
            program.file("page.html", "<!doctype html><title>A page</title><p>No feed."),
            "page.html",
        ),
        (program.file("empty.xml", ""), "empty.xml"),
        (
            program.file(
                "quiet.json",
                r#"{"version":"https://jsonfeed.org/version/1.1","title":"Q","items":[]}"#,
            ),
            "quiet.json",
        ),
        ("missing.xml".to_owned(), "missing.xml"),
    ];
    for (file, name) in &cases {
        let ran = program.run(&["demo", "--once", "--json", "--feed", file]);
        assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
        let reason = ran.err.lines().last().expect("the error has a reason");
        assert!(reason.starts_with("daywire: ") && reason.contains(name), "{}", ran.err);
        println!("{reason}");
    }
    assert_left_nothing(folder.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_once_the_site_runs_until_it_is_interrupted() {
    let (folder, program) = demo();
    let mut running = program.start(&["demo"]);
    let mut lines = BufReader::new(running.stdout.take().expect("the output is piped"))
        .lines()
        .map_while(Result::ok);
    let site = tokio::task::block_in_place(|| lines.find(|line| line.ends_with("the site")))
        .expect("the demo prints the address of the site");
    let address = site
        .split_whitespace()
        .next()
        .and_then(|url| url.strip_prefix("http://"))
        .expect("the address is an http URL");
    let site = Site::at(
        address
            .trim_end_matches('/')
            .parse()
            .expect("the URL has a socket address"),
    );
    assert!(site.get("/").await.body.contains("transmission_log"));
    assert!(site.get("/inbox").await.body.contains("reader@reader.example"));
    assert_eq!(crate::support::program::end(&mut running, "-INT").code(), Some(0));
    assert_left_nothing(folder.path());
}

#[test]
fn an_interrupted_demo_leaves_nothing_behind() {
    let (folder, program) = demo();
    let mut running = program.start(&["demo"]);
    let mut lines = BufReader::new(running.stdout.take().expect("the output is piped"))
        .lines()
        .map_while(Result::ok);
    assert!(lines.next().is_some_and(|line| line.contains("The service is running")));
    assert_eq!(crate::support::program::end(&mut running, "-TERM").code(), Some(1));
    assert_left_nothing(folder.path());
}

/// The text with single spaces between its words.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
