//! Starts the minimal sink as a process, and controls it over its standard input and output.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};

use super::program::ChildProcess;
use super::sink::Totals;

/// A running sink. It ends on drop.
pub struct SinkProcess {
    /// The address on which it accepts mail.
    pub address: SocketAddr,
    process: ChildProcess,
    requests: ChildStdin,
    responses: Receiver<String>,
    events: Receiver<(Instant, String)>,
}

impl SinkProcess {
    /// Starts this program again as a sink with these options.
    pub fn start<O: AsRef<OsStr>>(options: &[O]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("sink")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let requests = child.stdin.take().context("standard input is piped")?;
        let output = child.stdout.take().context("standard output is piped")?;
        let process = ChildProcess::new(child);
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let first = lines.next().context("the sink did not start")?;
        let address = first
            .strip_prefix("listening ")
            .context("the sink prints its address first")?;
        let address = address.parse()?;
        let (response, responses) = channel();
        let (event, events) = channel();
        std::thread::spawn(move || {
            for line in lines {
                let is_received = if line.starts_with('{') {
                    response.send(line).is_ok()
                } else {
                    event.send((Instant::now(), line)).is_ok()
                };
                if !is_received {
                    break;
                }
            }
        });
        Ok(Self {
            address,
            process,
            requests,
            responses,
            events,
        })
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Its counts since the reset.
    pub fn totals(&mut self) -> anyhow::Result<Totals> {
        self.ask("totals")
    }

    /// Sets its counts to zero, and drops events that were not read.
    pub fn reset(&mut self) -> anyhow::Result<()> {
        self.ask("reset")?;
        while self.events.try_recv().is_ok() {}
        Ok(())
    }

    /// Has the sink write its buffered log to the file.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        self.ask("flush").map(|_| ())
    }

    /// Requests an event as soon as the sink has accepted this many messages.
    pub fn notify_at(&mut self, messages: u64) -> anyhow::Result<()> {
        self.ask(&format!("notify {messages}")).map(|_| ())
    }

    /// The next event with the time of its arrival; `None` after `timeout`.
    pub fn event(&self, timeout: Duration) -> anyhow::Result<Option<(Instant, String)>> {
        match self.events.recv_timeout(timeout) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(anyhow!("the sink has ended")),
        }
    }

    fn ask(&mut self, request: &str) -> anyhow::Result<Totals> {
        writeln!(self.requests, "{request}")?;
        let response = self.responses.recv_timeout(Duration::from_secs(30));
        let response = response.map_err(|_| anyhow!("the sink does not answer"))?;
        Ok(serde_json::from_str(&response)?)
    }
}
