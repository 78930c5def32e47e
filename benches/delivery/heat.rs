//! One sender's messages into one sink, measured.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Serialize;

use crate::options::Dkim;
use crate::stage::{Sink, Stage};
use crate::support::database::Kind;
use crate::support::newsroom::Newsroom;
use crate::support::postgres::Server;
use crate::support::program::{Program, Serving};
use crate::support::{postfix, process};

/// With no new message for this long, something is wrong.
const STALL: Duration = Duration::from_mins(1);

/// A sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Postfix's smtp-source.
    Source,
    /// Daywire on a database, signing so.
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

/// What was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Heat {
    /// Messages at the sink.
    pub messages: u64,
    /// Seconds from the first to the last.
    pub seconds: f64,
    /// Messages a second in that time.
    pub rate: f64,
    /// Seconds from the start to the end of everything.
    pub whole_seconds: f64,
    /// Messages a second in that time.
    pub whole_rate: f64,
    /// Seconds that freezing the recipients took, as a command.
    pub freeze_seconds: Option<f64>,
    /// Seconds of processor time of the sender for 1,000 messages.
    pub cpu: f64,
    /// The same of PostgreSQL's server.
    pub database_cpu: Option<f64>,
    /// The same of the sink.
    pub sink_cpu: f64,
    /// The most memory the sender has held, in bytes.
    pub memory: Option<u64>,
    /// Bytes of the smallest and of the largest message, if the sink measures that.
    pub sizes: Option<(u64, u64)>,
}

/// Sends everything once, to all readers of the newsroom that rounds share.
pub fn run(stage: &mut Stage, sender: Sender, sink: &mut Sink) -> anyhow::Result<Heat> {
    let (connections, messages) = (stage.options.connections, stage.options.recipients);
    match sender {
        Sender::Source => source(stage, connections, messages, sink),
        Sender::Daywire(kind, dkim) => {
            let mut newsroom = stage.take_newsroom(kind)?;
            let program = stage.signing(newsroom.program.clone(), dkim)?;
            let heat = daywire(stage, &mut newsroom, program, sink)?;
            stage.put_back(kind, newsroom);
            Ok(heat)
        }
    }
}

/// Sends messages with smtp-source.
pub fn source(stage: &Stage, connections: u32, messages: u32, sink: &mut Sink) -> anyhow::Result<Heat> {
    let program: &Path = stage.source.as_deref().context("smtp-source is not here")?;
    let sink_cpu = begin(sink)?;
    let (cpu, start) = (process::cpu_of_ended_children(), Instant::now());
    postfix::source(program, sink.address(), connections, stage.source_length, messages)?;
    let whole_seconds = start.elapsed().as_secs_f64();
    let (messages, seconds) = until(sink, u64::from(messages), None)?;
    let heat = Heat {
        messages,
        seconds,
        whole_seconds,
        cpu: process::cpu_of_ended_children() - cpu,
        ..Heat::default()
    };
    end(heat, sink, sink_cpu)
}

/// Sends a new issue of a newsroom with a service that is ready before the clock starts.
pub fn daywire(stage: &Stage, newsroom: &mut Newsroom, program: Program, sink: &mut Sink) -> anyhow::Result<Heat> {
    let issue = newsroom.build_issue()?;
    let sink_cpu = begin(sink)?;
    let serving = program
        .with("relay.url", format!("smtp://{}", sink.address()))
        .serve(&["--role", "sender"])?;
    serving.ready()?;
    let pid = serving.running.pid;
    let server = stage.server.as_ref().filter(|_| newsroom.kind == Kind::Postgres);
    let (cpu, database_cpu) = (process::cpu(pid).unwrap_or(0.0), server.and_then(Server::cpu));
    let start = Instant::now();
    let frozen = newsroom.send(&issue)?;
    let (messages, seconds) = until(sink, u64::from(newsroom.recipients), Some(&serving))?;
    newsroom.until_sent(&issue, STALL)?;
    let heat = Heat {
        messages,
        seconds,
        whole_seconds: start.elapsed().as_secs_f64(),
        freeze_seconds: Some(frozen.seconds),
        cpu: process::cpu(pid).context("the sender has ended")? - cpu,
        database_cpu: database_cpu.and_then(|before| Some(server?.cpu()? - before)),
        memory: process::peak_memory(pid),
        ..Heat::default()
    };
    serving.terminate()?;
    end(heat, sink, sink_cpu)
}

/// Counts from zero; the sink's processor time so far.
fn begin(sink: &mut Sink) -> anyhow::Result<Option<f64>> {
    sink.reset()?;
    Ok(process::cpu(sink.pid()))
}

/// Turns sums into rates.
fn end(mut heat: Heat, sink: &mut Sink, sink_cpu: Option<f64>) -> anyhow::Result<Heat> {
    heat.sizes = sink.sizes()?;
    heat.rate = (whole(heat.messages) - 1.0) / heat.seconds;
    heat.whole_rate = whole(heat.messages) / heat.whole_seconds;
    let thousands = whole(heat.messages) / 1000.0;
    heat.cpu /= thousands;
    heat.database_cpu = heat.database_cpu.map(|seconds| seconds / thousands);
    if let (Some(before), Some(after)) = (sink_cpu, process::cpu(sink.pid())) {
        heat.sink_cpu = (after - before) / thousands;
    }
    Ok(heat)
}

/// Waits until the sink has so many messages; how many it has, and the seconds from the first to the last.
pub fn until(sink: &mut Sink, wanted: u64, serving: Option<&Serving>) -> anyhow::Result<(u64, f64)> {
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
            let log = serving.map(Serving::log_text).unwrap_or_default();
            bail!("only {messages} of {wanted} messages came, and none in the last minute. {log}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages are far below 2^52")]
pub fn whole(number: u64) -> f64 {
    number as f64
}
