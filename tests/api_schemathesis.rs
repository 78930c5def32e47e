//! schemathesis, an independent program, tries every operation of the running program with data that it makes from the API's
//! description: valid and invalid documents and parameters, wrong methods, missing tokens, and sequences of requests.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use daywire::worker::Role;

use crate::support::program::{Program, finish};
use crate::support::{Engine, TestApp};

/// The most examples for one operation in one phase.
const MAX_EXAMPLES: &str = "12";
/// The run takes about half a minute for each database.
const TIMEOUT: Duration = Duration::from_mins(5);

/// schemathesis beside the Python of the tests.
fn schemathesis() -> PathBuf {
    let python = std::env::var("DAYWIRE_TEST_PYTHON").expect("./test sets the Python that has schemathesis");
    Path::new(&python).with_file_name("schemathesis")
}

#[apply(with_schemathesis)]
async fn the_description_holds_for_all_requests(engine: Engine) {
    let mut app = TestApp::new(engine).await;
    let teardown = app.teardown();
    let newsletter = app.daily().await;
    app.apply("slug = \"evening\"\nname = \"Evening\"\nschedule = \"0 18 * * *\"\napproval = \"required\"")
        .await;
    app.readers(&newsletter, 3).await;
    app.suppress("reader2@reader.example", "asked by letter").await;
    app.articles(&newsletter, 3).await;
    app.serve_roles(&[Role::Sender]).await;
    app.send(&newsletter).await;
    app.articles(&newsletter, 3).await;
    app.build(&newsletter).await;
    app.stop_serving().await;
    app.publisher("cms").await;
    let token = app.token("cms").await;

    let program = Program::of(&app).with("DAYWIRE_OPERATORS__API_REQUESTS_PER_MINUTE", "1000000");
    let serving = program.serve();
    let site = format!("http://{}", serving.socket().await);
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis.toml");
    let mut command = program.command(&schemathesis());
    command
        .arg("--config-file")
        .arg(&config)
        .args(["run", &format!("{site}/api/v1/openapi.json")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args([
            "--checks",
            "all",
            "--max-examples",
            MAX_EXAMPLES,
            "--generation-deterministic",
        ])
        .args(["--continue-on-failure", "--request-timeout", "30", "--workers", "2"])
        .arg("--no-color")
        .env("HYPOTHESIS_STORAGE_DIRECTORY", program.folder())
        .stdin(Stdio::null());
    let child = command.spawn().expect("schemathesis starts");
    let output = tokio::task::block_in_place(|| finish(child, TIMEOUT));
    assert_eq!(output.status, Some(0), "{}\n{}", output.out, output.err);
    let log = serving.log().join("\n");
    serving.terminate();
    assert!(
        !log.contains("panicked") && !log.contains("API request failed"),
        "{log}"
    );
    assert!(!log.contains(&token), "the log has no token");
    teardown.finish().await;
}
