//! systemd: what the service reports to it, and the unit in `config/daywire.service`.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::net::UnixDatagram;

use crate::support::eventually;
use crate::support::program::Program;

/// What a service manager gets.
struct Reports(Arc<Mutex<Vec<String>>>);

impl Reports {
    /// Opens the socket, and reads it as the reports come: a full one would stop the program.
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).expect("the folder is writable");
        let reports = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&reports);
        tokio::spawn(async move {
            let mut bytes = [0; 1024];
            while let Ok(length) = socket.recv(&mut bytes).await {
                let report = String::from_utf8_lossy(&bytes[..length]).into_owned();
                kept.lock().expect("no thread panicked with the lock").push(report);
            }
        });
        Self(reports)
    }

    fn so_far(&self) -> Vec<String> {
        self.0.lock().expect("no thread panicked with the lock").clone()
    }

    /// The places of the reports that contain this line.
    fn with(&self, line: &str) -> Vec<usize> {
        let reports = self.so_far();
        let has_line = |at: &usize| reports[*at].lines().any(|found| found == line);
        (0..reports.len()).filter(has_line).collect()
    }
}

#[apply(on_both_databases)]
async fn the_service_manager_learns_that_the_service_is_ready_works_and_stops(app: TestApp) {
    let path = app.folder().join("notify");
    let reports = Reports::at(&path);
    let program = Program::of(&app)
        .with("NOTIFY_SOCKET", path.to_str().expect("the path is text"))
        .with("WATCHDOG_USEC", "400000");
    let serving = program.serve();
    eventually("the service is ready", async || !reports.with("READY=1").is_empty()).await;
    assert_eq!(serving.site().await.get("/healthz").await.status, 200);
    eventually("the watchdog is fed", async || reports.with("WATCHDOG=1").len() >= 3).await;
    assert!(serving.terminate().0.success());
    eventually("the service stops", async || !reports.with("STOPPING=1").is_empty()).await;
    assert_eq!(reports.with("READY=1"), [0], "{:?}", reports.so_far());
    assert_eq!(reports.with("STOPPING=1").len(), 1, "{:?}", reports.so_far());
}

#[apply(on_both_databases)]
async fn a_service_that_does_not_start_is_never_ready(app: TestApp) {
    let path = app.folder().join("notify");
    let reports = Reports::at(&path);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let program = Program::of(&app)
        .with("NOTIFY_SOCKET", path.to_str().expect("the path is text"))
        .with(
            "DAYWIRE_HTTP__LISTEN",
            &taken.local_addr().expect("it is bound").to_string(),
        );
    let ran = program.run(&["serve"]);
    assert!(ran.status == Some(1) && ran.err.contains("http.listen"), "{}", ran.err);
    assert_eq!(reports.so_far(), [""; 0], "a report was sent");
}

#[apply(with_systemd)]
fn the_unit_is_valid_and_hardened() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/daywire.service");
    let text = std::fs::read_to_string(&unit).expect("it is readable");
    // systemd checks that the program exists.
    let text = text.replace("/usr/bin/daywire", env!("CARGO_BIN_EXE_daywire"));
    let folder = TempDir::new().expect("a scratch folder");
    let unit = folder.path().join("daywire.service");
    std::fs::write(&unit, text).expect("the folder is writable");
    // An exposure of 2.0 or less.
    for arguments in [
        &["verify", "--man=no"][..],
        &["security", "--offline=true", "--threshold=20", "--no-pager"],
    ] {
        let ran = Command::new("systemd-analyze").args(arguments).arg(&unit).output();
        let ran = ran.expect("systemd-analyze is installed");
        let text = [ran.stdout, ran.stderr]
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .concat();
        assert!(ran.status.success(), "{arguments:?}: {text}");
        assert!(arguments[0] != "verify" || text.is_empty(), "a warning: {text}");
    }
}
