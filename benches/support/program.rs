//! The `daywire` binary: its commands, and `daywire serve`, with settings from the environment only.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::cleanup::Cleanup;
use super::{http, process};

/// How long a service may take to become ready, and to end after SIGTERM.
const SERVICE_TIMEOUT: Duration = Duration::from_mins(1);

/// The program in a folder. It has only the settings that are given here.
#[derive(Clone, Debug)]
pub struct Program {
    binary: PathBuf,
    folder: PathBuf,
    settings: Vec<(String, String)>,
}

/// The result of a command that succeeded.
#[derive(Debug)]
pub struct CommandOutput {
    /// What it wrote to standard output.
    pub out: String,
    /// How many seconds it took.
    pub seconds: f64,
    /// Its peak memory, in bytes.
    pub memory: u64,
}

impl Program {
    /// The binary that was built with this benchmark, or another one.
    pub fn new(folder: &Path, binary: Option<&Path>) -> Self {
        Self {
            binary: binary.unwrap_or(Path::new(env!("CARGO_BIN_EXE_daywire"))).to_owned(),
            folder: folder.to_owned(),
            settings: Vec::new(),
        }
        .with("site.url", "https://news.example")
        .with("site.name", "Example Wire")
        .with("mail.from", "Example Wire <wire@news.example>")
    }

    /// The same program with a setting, such as `relay.url`.
    pub fn with(mut self, key: &str, value: impl Display) -> Self {
        let name = format!("DAYWIRE_{}", key.to_uppercase().replace('.', "__"));
        self.settings.retain(|(known, _)| *known != name);
        self.settings.push((name, format!("{value}")));
        self
    }

    /// Its working folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file into its folder, and returns its path.
    pub fn file(&self, name: &str, content: &str) -> anyhow::Result<String> {
        let path = self.folder.join(name);
        std::fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path.display().to_string())
    }

    /// Runs a command that must succeed.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<CommandOutput> {
        let start = Instant::now();
        let errors = self.folder.join(format!("stderr-{}", next_number()));
        let mut command = self.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(File::create(&errors)?).spawn()?;
        let mut pipe = child.stdout.take().context("standard output is piped")?;
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).map(|_| text)
        });
        let child = ChildProcess::new(child);
        let mut memory = 0;
        let status = loop {
            memory = memory.max(process::peak_memory(child.pid).unwrap_or(0));
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let seconds = start.elapsed().as_secs_f64();
        let out = reader.join().map_err(|_| anyhow::anyhow!("the reader failed"))??;
        if !status.success() {
            let reason = std::fs::read_to_string(&errors).unwrap_or_default();
            bail!("daywire {}: {status}: {}", arguments.join(" "), reason.trim());
        }
        std::fs::remove_file(errors)?;
        Ok(CommandOutput { out, seconds, memory })
    }

    /// Runs a command with `--json`, and returns its document.
    pub fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let out = self.run(&[arguments, &["--json"]].concat())?.out;
        serde_json::from_str(&out).with_context(|| format!("daywire {} printed {out}", arguments.join(" ")))
    }

    /// Starts `daywire serve` with these arguments. It logs to a file in the folder.
    pub fn serve(&self, arguments: &[&str]) -> anyhow::Result<Service> {
        let ops = http::free_address()?;
        let log = self.folder.join(format!("serve-{}.log", next_number()));
        let program = self.clone().with("http.ops_listen", ops);
        let mut command = program.command(&[&["serve"], arguments].concat());
        let child = command.stdout(Stdio::null()).stderr(File::create(&log)?).spawn()?;
        let process = ChildProcess::new(child);
        Ok(Service { process, ops, log })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DAYWIRE_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        command
    }
}

/// A unique number for a file's name.
fn next_number() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// A process that is killed on drop.
#[derive(Debug)]
pub struct ChildProcess {
    /// Its process id.
    pub pid: u32,
    child: Arc<Mutex<Child>>,
    _cleanup: Cleanup,
}

impl ChildProcess {
    pub fn new(child: Child) -> Self {
        let pid = child.id();
        let child = Arc::new(Mutex::new(child));
        let to_kill = Arc::clone(&child);
        let cleanup = Cleanup::new(move || {
            let mut child = to_kill.lock().unwrap_or_else(PoisonError::into_inner);
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        });
        Self {
            pid,
            child,
            _cleanup: cleanup,
        }
    }

    /// Its exit status; `None` while it runs.
    pub fn try_wait(&self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?)
    }

    /// Waits until it has ended.
    pub fn wait(&self, timeout: Duration) -> anyhow::Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            if start.elapsed() > timeout {
                bail!("process {} did not end within {} s", self.pid, timeout.as_secs());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends SIGKILL, and waits until the process has ended.
    pub fn kill(&self) -> anyhow::Result<()> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Sends the signal with this name, such as `TERM`.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.pid.to_string()])
            .status()?;
        anyhow::ensure!(status.success(), "no signal could be sent to process {}", self.pid);
        Ok(())
    }
}

/// A running `daywire serve`. It is killed on drop.
#[derive(Debug)]
pub struct Service {
    /// Its process.
    pub process: ChildProcess,
    /// The address of its health endpoint.
    pub ops: SocketAddr,
    log: PathBuf,
}

impl Service {
    /// Waits until `/readyz` answers 200.
    pub fn ready(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            if let Ok((200, _)) = http::get(self.ops, "/readyz") {
                return Ok(());
            }
            if let Some(status) = self.process.try_wait()? {
                bail!("daywire serve ended: {status}: {}", self.log_text().trim());
            }
            if start.elapsed() > SERVICE_TIMEOUT {
                bail!(
                    "daywire serve is not ready after {} s: {}",
                    SERVICE_TIMEOUT.as_secs(),
                    self.log_text()
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends SIGKILL, and waits until the process has ended.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.process.kill()
    }

    /// Sends SIGTERM, and returns how many seconds the process took to end.
    pub fn terminate(&self) -> anyhow::Result<f64> {
        let start = Instant::now();
        self.process.signal("TERM")?;
        let status = self.process.wait(SERVICE_TIMEOUT)?;
        anyhow::ensure!(status.success(), "after SIGTERM: {status}");
        Ok(start.elapsed().as_secs_f64())
    }

    /// Its log.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
