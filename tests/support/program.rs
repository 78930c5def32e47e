//! The program as a process: its commands, and `daywire serve` with its log.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::site::Site;
use super::{TestApp, eventually};

/// The options of `subscriber import FILE` for readers of `daily` who gave their consent elsewhere.
pub const CONFIRMED: [&str; 6] = [
    "--newsletter",
    "daily",
    "--status",
    "confirmed",
    "--provenance",
    "the old list",
];

/// A command that runs longer is killed, and the test fails.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(2);

/// The program in a folder, with no settings from the environment but those given here.
#[derive(Clone)]
pub struct Program {
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct CommandOutput {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Program {
    /// The default settings: a SQLite file below the folder, and no relay.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            // Tests fill in forms faster than people.
            settings: vec![("DAYWIRE_SIGNUP__FORM_MIN_AGE".to_owned(), "1ms".to_owned())],
        }
    }

    /// The database and the relay of `app`. The site's address is `https://news.example`, and it listens on a free port.
    pub fn of(app: &TestApp) -> Self {
        Self::in_folder(app.folder())
            .with("DAYWIRE_DATABASE__URL", &app.database_url())
            .with("DAYWIRE_DATABASE__CONNECTIONS", "4")
            .with("DAYWIRE_SITE__URL", "https://news.example")
            .with("DAYWIRE_SITE__NAME", "Example Wire")
            .with("DAYWIRE_MAIL__FROM", "Example Wire <news@news.example>")
            .with("DAYWIRE_HTTP__LISTEN", "127.0.0.1:0")
            .with("DAYWIRE_LOG__FORMAT", "json")
            .with("DAYWIRE_RELAY__URL", &format!("smtp://{}", app.relay.address()))
            .with("DAYWIRE_RELAY__CONNECTIONS", "4")
    }

    /// Sets a variable of the environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs in another folder from now on.
    pub fn move_to(&mut self, folder: &Path) {
        folder.clone_into(&mut self.folder);
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file into its folder, and returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, content).expect("the scratch folder takes files");
        path.to_str().expect("a scratch folder's path is text").to_owned()
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        self.start_with(arguments, Stdio::null())
    }

    /// Starts a command with this standard input.
    pub fn start_with(&self, arguments: &[&str], input: Stdio) -> Child {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_daywire")));
        command
            .args(arguments)
            .stdin(input)
            .spawn()
            .expect("the program starts")
    }

    /// A command in the folder, with the settings in its environment.
    pub fn command(&self, executable: &Path) -> Command {
        let mut command = Command::new(executable);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DAYWIRE_")) {
            command.env_remove(name);
        }
        command
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> CommandOutput {
        // The relay of the test runs on the same runtime, and must go on while the command runs.
        tokio::task::block_in_place(|| finish(self.start(arguments), COMMAND_TIMEOUT))
    }

    /// Runs a command that must succeed, and returns what it prints.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, Some(0), "{arguments:?}: {}", ran.err);
        ran.out
    }

    /// Runs a command that must succeed with `--json`, and returns the one document that it prints.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.status, Some(0), "{arguments:?}: {}", ran.err);
        ran.json()
    }

    /// Starts `daywire serve`.
    pub fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// Starts `daywire serve` with one role.
    pub fn serve_role(&self, role: &str) -> Serving {
        self.serve_with(&["--role", role])
    }

    fn serve_with(&self, arguments: &[&str]) -> Serving {
        let mut child = self.start(&[&["serve"], arguments].concat());
        let lines = collect_lines(child.stderr.take().expect("the output is piped"));
        let output = collect_lines(child.stdout.take().expect("the output is piped"));
        Serving { child, lines, output }
    }
}

impl CommandOutput {
    /// The one JSON document on standard output, which must hold nothing else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// The reason of a failure: one line on standard error, and nothing on standard output.
    pub fn reason(&self) -> &str {
        assert_eq!(self.status, Some(1), "{self:?}");
        assert_eq!(self.out, "");
        self.line()
    }

    /// The one line on standard error.
    pub fn line(&self) -> &str {
        let line = self.err.strip_suffix('\n').unwrap_or(&self.err);
        assert!(line.starts_with("daywire: ") && !line.contains('\n'), "{}", self.err);
        line
    }
}

/// A running `daywire serve`. It is killed when dropped.
pub struct Serving {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    output: Arc<Mutex<Vec<String>>>,
}

/// The lines of a stream, which a thread reads as they come.
fn collect_lines(stream: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            kept.lock().expect("no thread panicked with the lock").push(line);
        }
    });
    lines
}

impl Serving {
    /// The lines that it has logged so far.
    pub fn log(&self) -> Vec<String> {
        self.lines.lock().expect("no thread panicked with the lock").clone()
    }

    /// Waits for a line of standard output that contains `part`.
    pub async fn line_of_output(&self, part: &str) -> String {
        let find = || {
            let lines = self.output.lock().expect("no thread panicked with the lock");
            lines.iter().find(|line| line.contains(part)).cloned()
        };
        eventually(part, || async { find().is_some() }).await;
        find().expect("the loop ends when the line is found")
    }

    /// Waits until the site listens.
    pub async fn site(&self) -> Site {
        Site::at(self.socket().await)
    }

    /// Waits until the site listens, and returns where.
    pub async fn socket(&self) -> SocketAddr {
        self.listening("site listening").await
    }

    /// Waits until `http.ops_listen` listens.
    pub async fn ops(&self) -> Site {
        Site::at(self.listening("health endpoint listening").await)
    }

    /// Waits until the listener for returned mail listens.
    pub async fn intake(&self) -> SocketAddr {
        self.listening("returned mail listener listening").await
    }

    async fn listening(&self, message: &str) -> SocketAddr {
        let mut address: Option<SocketAddr> = None;
        eventually(message, || {
            address = self.log().iter().find_map(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                let fields = &line["fields"];
                let listens = fields["message"] == message;
                fields["listen.address"].as_str().filter(|_| listens)?.parse().ok()
            });
            let is_found = address.is_some();
            async move { is_found }
        })
        .await;
        address.expect("the loop ends when the address is found")
    }

    /// Sends SIGTERM and waits for the end. Returns the exit status and how long the process took to end.
    pub fn terminate(mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let status = end(&mut self.child, "-TERM");
        (status, start.elapsed())
    }

    /// Sends SIGTERM, does `work` once the process has begun to stop, and waits for the end.
    pub async fn terminate_while(mut self, work: impl Future<Output = ()>) -> ExitStatus {
        send_signal(&self.child, "-TERM");
        eventually("the shutdown has started", || async {
            self.log().iter().any(|line| line.contains("shutdown started"))
        })
        .await;
        work.await;
        tokio::task::block_in_place(|| wait(&mut self.child, COMMAND_TIMEOUT))
    }

    /// Sends SIGKILL and waits for the end.
    pub fn kill(mut self) {
        self.child.kill().expect("the process runs");
        self.child.wait().expect("the process ends");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads the output of a process until it ends. Panics after `timeout`.
pub fn finish(mut child: Child, timeout: Duration) -> CommandOutput {
    let start = Instant::now();
    let out = read_all(child.stdout.take().expect("the output is piped"));
    let err = read_all(child.stderr.take().expect("the output is piped"));
    let status = wait(&mut child, timeout);
    let took = start.elapsed();
    CommandOutput {
        status: status.code(),
        out: out.join().expect("the reader ends"),
        err: err.join().expect("the reader ends"),
        took,
    }
}

/// Sends a signal and waits for the end of the process.
pub fn end(child: &mut Child, signal: &str) -> ExitStatus {
    send_signal(child, signal);
    tokio::task::block_in_place(|| wait(child, COMMAND_TIMEOUT))
}

fn send_signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.expect("kill is installed").success());
}

fn read_all(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8(bytes).expect("the program prints UTF-8")
    })
}

fn wait(child: &mut Child, timeout: Duration) -> ExitStatus {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait().expect("the state of the process is known") {
            return status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("the program did not end within {} s", timeout.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
