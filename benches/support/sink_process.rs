//! The minimal sink as a process, seen from the program that started it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};

use super::program::Running;
use super::sink::Totals;

/// The sink. Dropped, it ends.
pub struct SinkProcess {
    /// Where it takes mail.
    pub address: SocketAddr,
    running: Running,
    questions: ChildStdin,
    answers: Receiver<String>,
    events: Receiver<(Instant, String)>,
}

impl SinkProcess {
    /// Starts this program again, as a sink with these options.
    pub fn start<O: AsRef<OsStr>>(options: &[O]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("sink")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let questions = child.stdin.take().context("standard input is piped")?;
        let output = child.stdout.take().context("standard output is piped")?;
        let running = Running::new(child);
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let first = lines.next().context("the sink did not start")?;
        let address = first
            .strip_prefix("listening ")
            .context("the sink says where it listens")?;
        let address = address.parse()?;
        let (answer, answers) = channel();
        let (event, events) = channel();
        std::thread::spawn(move || {
            for line in lines {
                let heard = if line.starts_with('{') {
                    answer.send(line).is_ok()
                } else {
                    event.send((Instant::now(), line)).is_ok()
                };
                if !heard {
                    break;
                }
            }
        });
        Ok(Self {
            address,
            running,
            questions,
            answers,
            events,
        })
    }

    /// Its process, by number.
    pub fn pid(&self) -> u32 {
        self.running.pid
    }

    /// What it has seen since it was reset.
    pub fn totals(&mut self) -> anyhow::Result<Totals> {
        self.ask("totals")
    }

    /// Forgets what it has seen, and what it was about to tell.
    pub fn reset(&mut self) -> anyhow::Result<()> {
        self.ask("reset")?;
        while self.events.try_recv().is_ok() {}
        Ok(())
    }

    /// Returns when the log is in its file.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        self.ask("flush").map(|_| ())
    }

    /// Has an event told as soon as so many messages are there.
    pub fn tell_at(&mut self, messages: u64) -> anyhow::Result<()> {
        self.ask(&format!("tell {messages}")).map(|_| ())
    }

    /// The next event and when it was heard; none after this long.
    pub fn event(&self, patience: Duration) -> anyhow::Result<Option<(Instant, String)>> {
        match self.events.recv_timeout(patience) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(anyhow!("the sink has ended")),
        }
    }

    fn ask(&mut self, question: &str) -> anyhow::Result<Totals> {
        writeln!(self.questions, "{question}")?;
        let answer = self.answers.recv_timeout(Duration::from_secs(30));
        let answer = answer.map_err(|_| anyhow!("the sink does not answer"))?;
        Ok(serde_json::from_str(&answer)?)
    }
}
