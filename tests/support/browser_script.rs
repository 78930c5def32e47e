//! Scenarios in a real browser: `tests/browser/run.mjs` drives Chromium against `daywire serve`, and reports what it found.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use daywire::web::admin;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::program::{Program, finish};
use super::{Engine, TestApp};

/// A scenario takes a minute at most on an idle machine. After this time it is killed, and the test fails.
const SCRIPT_TIMEOUT: Duration = Duration::from_mins(20);

/// What a scenario found.
#[derive(Debug, Deserialize)]
pub struct BrowserReport {
    /// The pages in the order in which the reader came to them, each with its status.
    pub steps: Vec<String>,
    /// The pages that were checked, once for each window and colour scheme.
    pub pages: Vec<String>,
    /// What is wrong.
    pub faults: Vec<String>,
}

impl BrowserReport {
    #[track_caller]
    pub fn has_step(&self, step: &str) {
        assert!(
            self.steps.iter().any(|known| known == step),
            "there was no step {step}: {:#?}",
            self.steps
        );
    }
}

/// The browser that `./test` found.
pub fn chromium() -> PathBuf {
    let browser = std::env::var_os("DAYWIRE_TEST_CHROMIUM");
    browser
        .map(PathBuf::from)
        .expect("DAYWIRE_TEST_CHROMIUM names a browser; ./test looks for one")
}

/// Runs a scenario against the program with a new database and the given settings. Fails if the scenario finds a fault.
pub async fn run_in_browser(engine: Engine, scenario: &str, settings: &[(&str, &str)]) -> BrowserReport {
    run_with_brand(engine, scenario, settings, None).await
}

/// [`run_in_browser`] with the look of an example in `docs/brands/`.
pub async fn run_with_brand(
    engine: Engine,
    scenario: &str,
    settings: &[(&str, &str)],
    brand: Option<&str>,
) -> BrowserReport {
    let app = TestApp::new(engine).await;
    if let Some(brand) = brand {
        // Every command reads the settings file in its folder.
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/brands").join(brand);
        copy_folder(&example, app.folder());
    }
    let teardown = app.teardown();
    // The browser connects to the program's socket when it opens this address. Without a relay, mail is readable at /inbox.
    let mut program = Program::of(&app)
        .with("DAYWIRE_SITE__URL", "http://news.example")
        .with("DAYWIRE_RELAY__URL", "")
        // The scripts fill in a form sooner than a person does.
        .with("DAYWIRE_SIGNUP__FORM_MIN_AGE", "1ms")
        // Only a request to a loopback address counts as local.
        .with("DAYWIRE_INBOX__ACCESS", "public");
    // The examples have pages of their own.
    if brand.is_none() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/own-pages");
        program = program.with("DAYWIRE_SITE__PAGES", pages);
    }
    for (name, value) in settings {
        program = program.with(name, value);
    }
    let serving = program.serve();
    let socket = serving.socket().await.to_string();
    let printed = serving.line_of_output("/admin/setup/").await;
    let (_, setup_link) = printed.split_once(": http").expect("the line ends with the link");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/run.mjs");
    let mut command = program.command(Path::new("node"));
    command
        .arg(script)
        .args([scenario, &socket])
        .env("DAYWIRE_TEST_CHROMIUM", chromium())
        .env("DAYWIRE_TEST_PROGRAM", env!("CARGO_BIN_EXE_daywire"))
        .env("DAYWIRE_TEST_SETUP_LINK", format!("http{setup_link}"))
        .env("DAYWIRE_TEST_CONSOLE_ROUTES", json!(pages_of_console(&app)).to_string());
    let child = command.spawn().expect("node is installed; ./test looks for it");
    let ran = tokio::task::block_in_place(|| finish(child, SCRIPT_TIMEOUT));
    assert_eq!(ran.status, Some(0), "the script failed: {}", ran.err);
    let report: BrowserReport = serde_json::from_str(&ran.out).expect("the script prints its report as JSON");
    println!("{scenario}: {} pages in {:?}", report.pages.len(), ran.took);
    assert!(
        report.faults.is_empty(),
        "{} faults:\n{}",
        report.faults.len(),
        report.faults.join("\n")
    );
    let (status, _) = serving.terminate();
    assert!(status.success(), "the program ended with {status}");
    drop(app);
    teardown.finish().await;
    report
}

/// The paths of the console's pages, with parameters in braces.
fn pages_of_console(app: &TestApp) -> Vec<&'static str> {
    let routes = admin::list(&app.app).into_iter();
    routes
        .filter(|route| route.method == Method::GET)
        .map(|route| route.path)
        .collect()
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        let copy = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            fs::create_dir(&copy).expect("the folder can be made");
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).expect("the file can be copied");
        }
    }
}
