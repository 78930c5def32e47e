//! Postfix's test programs: smtp-source, which sends as fast as it can, and smtp-sink, which accepts everything.

use std::io::Read;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::http;
use super::program::ChildProcess;

/// How often the sink's counter is read. Reading it more often would take processor time from the sink.
const COUNTER_INTERVAL: Duration = Duration::from_millis(5);

/// The path of one of the programs; `None` if it is not installed.
pub fn find(name: &str) -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    folders.extend(["/usr/sbin", "/usr/local/sbin", "/usr/libexec/postfix"].map(PathBuf::from));
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

/// Sends messages with smtp-source, and waits until it has ended. Each connection sends several messages.
pub fn source(program: &Path, to: SocketAddr, connections: u32, length: usize, messages: u32) -> anyhow::Result<()> {
    let mut command = Command::new(program);
    command
        .arg("-d")
        .args(["-s", &connections.to_string()])
        .args(["-l", &length.to_string()]);
    command.args([
        "-m",
        &messages.to_string(),
        "-f",
        "source@news.example",
        "-t",
        "r0000001@d1.example",
    ]);
    let process = ChildProcess::new(command.arg(to.to_string()).stdin(Stdio::null()).spawn()?);
    let status = process.wait(Duration::from_hours(1))?;
    ensure!(status.success(), "smtp-source: {status}");
    Ok(())
}

/// smtp-sink. It is killed on drop.
pub struct Sink {
    /// The address on which it accepts mail.
    pub address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    process: ChildProcess,
}

/// What its counter has shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    counter: u64,
    before: u64,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Seen {
    /// The number of messages since the reset.
    pub fn messages(&self) -> u64 {
        self.counter - self.before
    }

    /// Seconds from the first of them to the last. The precision is [`COUNTER_INTERVAL`].
    pub fn seconds(&self) -> f64 {
        match (self.first, self.last) {
            (Some(first), Some(last)) => last.duration_since(first).as_secs_f64(),
            _ => 0.0,
        }
    }
}

impl Sink {
    /// Starts it.
    pub fn start(program: &Path) -> anyhow::Result<Self> {
        let address = http::free_address()?;
        let mut command = Command::new(program);
        if std::fs::metadata("/proc/self")?.uid() == 0 {
            command.args(["-u", "postfix"]);
        }
        command.args(["-c", &address.to_string(), "1000"]).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut counter = child.stdout.take().context("standard output is piped")?;
        let process = ChildProcess::new(child);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            let mut text = Vec::new();
            while let Ok(read @ 1..) = counter.read(&mut buffer) {
                text.extend_from_slice(&buffer[..read]);
                if let Some(count) = latest(&mut text) {
                    note(&mut noted.lock().unwrap_or_else(PoisonError::into_inner), count);
                }
                std::thread::sleep(COUNTER_INTERVAL);
            }
        });
        let sink = Self { address, seen, process };
        sink.wait_until_listening()?;
        Ok(sink)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Starts counting from zero.
    pub fn reset(&self) {
        let mut seen = self.lock();
        let counter = seen.counter;
        *seen = Seen {
            counter,
            before: counter,
            ..Seen::default()
        };
    }

    /// What its counter has shown since the reset.
    pub fn seen(&self) -> Seen {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until_listening(&self) -> anyhow::Result<()> {
        for _ in 0..500 {
            if std::net::TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            let ended = self.process.try_wait()?;
            ensure!(
                ended.is_none(),
                "smtp-sink ended at once; as root it needs a user named postfix"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        anyhow::bail!("smtp-sink does not listen on {}", self.address)
    }
}

fn note(seen: &mut Seen, count: u64) {
    if count > seen.counter {
        let now = Instant::now();
        seen.counter = count;
        seen.first.get_or_insert(now);
        seen.last = Some(now);
    }
}

/// The number in the last complete `sess=1 quit=0 mesg=2\r`. An incomplete one stays in `text`.
fn latest(text: &mut Vec<u8>) -> Option<u64> {
    let end = text.iter().rposition(|byte| *byte == b'\r')?;
    let whole = String::from_utf8_lossy(&text[..end]).into_owned();
    text.drain(..=end);
    whole.rsplit_once("mesg=")?.1.trim().parse().ok()
}
