//! Sends messages with one sender into one sink, and measures that.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::options::Dkim;
use crate::setup::{Setup, Sink};
use crate::support::database::Kind;
use crate::support::newsroom::Newsroom;
use crate::support::postgres::Server;
use crate::support::program::{Program, Service};
use crate::support::{postfix, process};

/// If the sink receives no new message for this long, the benchmark fails.
const STALL: Duration = Duration::from_mins(1);

/// A program that sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Postfix's smtp-source.
    Source,
    /// Daywire on a database, with these DKIM signatures.
    Daywire(Kind, Dkim),
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source => f.write_str("smtp-source"),
            Self::Daywire(kind, Dkim::None) => write!(f, "Daywire, {kind}"),
            Self::Daywire(kind, Dkim::Ed25519) => write!(f, "Daywire, {kind}, Ed25519"),
            Self::Daywire(kind, Dkim::Rsa) => write!(f, "Daywire, {kind}, RSA-2048"),
        }
    }
}

/// The measured values of one round.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Measurement {
    /// Messages that the sink accepted.
    pub messages: u64,
    /// Seconds from the first of them to the last.
    pub seconds: f64,
    /// Messages a second in that time.
    pub rate: f64,
    /// Seconds of the whole run: of smtp-source's process, or from `issue send` until the issue is `sent`.
    pub total_seconds: f64,
    /// Messages a second in that time.
    pub total_rate: f64,
    /// Seconds that `issue send` took to freeze the recipients.
    pub freeze_seconds: Option<f64>,
    /// Seconds of processor time of the sender for 1,000 messages.
    pub cpu: f64,
    /// The same of PostgreSQL's server.
    pub database_cpu: Option<f64>,
    /// The same of the sink.
    pub sink_cpu: f64,
    /// The sender's peak memory, in bytes.
    pub memory: Option<u64>,
    /// Bytes of the smallest and of the largest message, if the sink measures that.
    pub sizes: Option<(u64, u64)>,
}

/// Sends one round: to all subscribers of the newsroom that the rounds share.
pub fn measure(setup: &mut Setup, sender: Sender, sink: &mut Sink) -> anyhow::Result<Measurement> {
    let (connections, messages) = (setup.options.connections, setup.options.recipients);
    match sender {
        Sender::Source => measure_source(setup, connections, messages, sink),
        Sender::Daywire(kind, dkim) => {
            let mut newsroom = setup.take_newsroom(kind)?;
            let program = setup.signing(newsroom.program.clone(), dkim)?;
            let measurement = measure_daywire(setup, &mut newsroom, program, sink)?;
            setup.put_back(kind, newsroom);
            Ok(measurement)
        }
    }
}

/// Sends one round with smtp-source.
pub fn measure_source(setup: &Setup, connections: u32, messages: u32, sink: &mut Sink) -> anyhow::Result<Measurement> {
    let program: &Path = setup.source.as_deref().context("smtp-source is not installed")?;
    let sink_cpu = begin(sink)?;
    let (cpu, start) = (process::cpu_of_ended_children(), Instant::now());
    postfix::source(program, sink.address(), connections, setup.source_length, messages)?;
    let total_seconds = start.elapsed().as_secs_f64();
    let (messages, seconds) = wait_for_messages(sink, u64::from(messages), None)?;
    let measurement = Measurement {
        messages,
        seconds,
        total_seconds,
        cpu: process::cpu_of_ended_children() - cpu,
        ..Measurement::default()
    };
    end(measurement, sink, sink_cpu)
}

/// Sends a new issue of a newsroom. The sender process is ready before the time is measured.
pub fn measure_daywire(
    setup: &Setup,
    newsroom: &mut Newsroom,
    program: Program,
    sink: &mut Sink,
) -> anyhow::Result<Measurement> {
    let issue = newsroom.build_issue()?;
    let sink_cpu = begin(sink)?;
    let service = program
        .with("relay.url", format!("smtp://{}", sink.address()))
        .serve(&["--role", "sender"])?;
    service.ready()?;
    let pid = service.process.pid;
    let server = setup.server.as_ref().filter(|_| newsroom.kind == Kind::Postgres);
    let (cpu, database_cpu) = (process::cpu(pid).unwrap_or(0.0), server.and_then(Server::cpu));
    let start = Instant::now();
    let frozen = newsroom.send(&issue)?;
    let (messages, seconds) = wait_for_messages(sink, u64::from(newsroom.recipients), Some(&service))?;
    newsroom.wait_until_sent(&issue, STALL)?;
    let measurement = Measurement {
        messages,
        seconds,
        total_seconds: start.elapsed().as_secs_f64(),
        freeze_seconds: Some(frozen.seconds),
        cpu: process::cpu(pid).context("the sender has ended")? - cpu,
        database_cpu: database_cpu.and_then(|before| Some(server?.cpu()? - before)),
        memory: process::peak_memory(pid),
        ..Measurement::default()
    };
    service.terminate()?;
    end(measurement, sink, sink_cpu)
}

/// Starts counting from zero. Returns the sink's processor time so far.
fn begin(sink: &mut Sink) -> anyhow::Result<Option<f64>> {
    sink.reset()?;
    Ok(process::cpu(sink.pid()))
}

/// Computes the rates from the sums.
fn end(mut measurement: Measurement, sink: &mut Sink, sink_cpu: Option<f64>) -> anyhow::Result<Measurement> {
    measurement.sizes = sink.sizes()?;
    measurement.rate = (to_f64(measurement.messages) - 1.0) / measurement.seconds;
    measurement.total_rate = to_f64(measurement.messages) / measurement.total_seconds;
    let thousands = to_f64(measurement.messages) / 1000.0;
    measurement.cpu /= thousands;
    measurement.database_cpu = measurement.database_cpu.map(|seconds| seconds / thousands);
    if let (Some(before), Some(after)) = (sink_cpu, process::cpu(sink.pid())) {
        measurement.sink_cpu = (after - before) / thousands;
    }
    Ok(measurement)
}

/// Waits until the sink has accepted `wanted` messages. Returns how many it has, and the seconds from the first to the last.
pub fn wait_for_messages(sink: &mut Sink, wanted: u64, service: Option<&Service>) -> anyhow::Result<(u64, f64)> {
    let (mut before, mut since) = (0, Instant::now());
    loop {
        let (messages, seconds) = sink.count()?;
        if messages >= wanted {
            return Ok((messages, seconds));
        }
        if messages > before {
            (before, since) = (messages, Instant::now());
        }
        if since.elapsed() > STALL {
            let log = service.map(Service::log_text).unwrap_or_default();
            bail!("the sink received only {messages} of {wanted} messages, and none in the last minute. {log}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
pub fn to_f64(number: u64) -> f64 {
    number as f64
}
