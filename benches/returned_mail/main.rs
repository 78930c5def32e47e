//! How fast returned mail is read and acted on: from the hand-over to `daywire bounce ingest` until the last message is processed.
//!
//! The messages are about an issue that was really sent, to a sink that logs the return paths. So their tags are signed by the site
//! under test, and each tag belongs to a subscription. At the end the benchmark checks what the messages led to.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod messages;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use serde_json::Value;

use messages::{Action, Returned};
use support::article_shape::ArticleShape;
use support::database::{self, Choice, Kind};
use support::newsroom::Newsroom;
use support::postgres::Server;
use support::process;
use support::program::Program;
use support::rng::Rng;
use support::sink_process::SinkProcess;

/// The digest that is sent. Its size does not matter here.
const SHAPE: ArticleShape = ArticleShape { count: 5, lede: 200 };
/// The benchmark fails if the sink gets no message for this long.
const STALL: Duration = Duration::from_mins(1);
const MEGABYTE: u64 = 1024 * 1024;

/// Measures how fast returned mail is read and acted on, and the peak memory of the process that does it.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench returned_mail --")]
struct Options {
    /// Returned mails; the issue is sent to as many subscribers.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=9_999_999))]
    messages: u32,
    /// The databases to measure, one after the other.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Choice,
    /// The seed of the messages; the same seed makes the same forms in the same order.
    #[arg(long)]
    seed: Option<u64>,
    /// The benchmark fails below this rate.
    #[arg(long, default_value_t = 1000.0, value_name = "PER SECOND")]
    min_rate: f64,
    /// The benchmark fails if the process needs this many megabytes.
    #[arg(long, default_value_t = 64, value_name = "MEGABYTES")]
    max_memory: u64,
    /// Every report has a copy of our message that is larger than what is read of a returned mail.
    #[arg(long)]
    large: bool,
    /// The daywire program to measure, instead of the one built with this benchmark.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let result = run();
    support::cleanup::wait_for_signal_handler();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("returned_mail: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether rate and memory are within the limits.
fn run() -> anyhow::Result<bool> {
    if std::env::args().nth(1).is_some_and(|word| word == "sink") {
        return support::sink::run(support::sink::Options::parse_from(std::env::args().skip(1))).map(|()| true);
    }
    let mut options = Options::parse();
    if let Some(program) = &mut options.program {
        // It runs in a scratch folder.
        *program = std::fs::canonicalize(&program).with_context(|| format!("{} cannot be read", program.display()))?;
    }
    support::cleanup::run_on_signals()?;
    let (folder, _cleanup) = support::cleanup::scratch_folder()?;
    let seed = options.seed.unwrap_or_else(Rng::new_seed);
    println!(
        "{} returned mails, seed {seed}\non {} cores of {}, load {} before",
        options.messages,
        std::thread::available_parallelism()?,
        process::processor(),
        process::load()
    );
    let server = if options.database.kinds().contains(&Kind::Postgres) {
        Some(Server::named_or_new()?)
    } else {
        None
    };
    let mut is_within = true;
    for kind in options.database.kinds() {
        is_within &= measure(&options, *kind, seed, &folder, server.as_ref())?;
    }
    Ok(is_within)
}

fn measure(options: &Options, kind: Kind, seed: u64, folder: &Path, server: Option<&Server>) -> anyhow::Result<bool> {
    let url = database::create(kind, "returned", folder, server)?;
    let program = Program::new(folder, options.program.as_deref())
        .with("database.url", url)
        .with("mail.return_path", "bounce@news.example");
    let log = folder.join(format!("sink-{kind}.log"));
    let return_paths = send_issue(options, kind, &program, &log)?;
    let mbox = folder.join("returned.mbox");
    let expected = write_mbox(&mbox, seed, &return_paths, options.large)?;
    let bytes = std::fs::metadata(&mbox)?.len();
    eprintln!("ingesting {} MB", bytes / MEGABYTE);
    let file = mbox.display().to_string();
    let ran = program.run(&["bounce", "ingest", "--mbox", &file, "--json"])?;
    std::fs::remove_file(&mbox)?;
    check(&program, &ran.out, options.messages, &expected)?;
    let rate = f64::from(options.messages) / ran.seconds;
    println!(
        "{kind}: {rate:.0} messages/s ({:.1} s, {} MB of mail), peak memory {} MB",
        ran.seconds,
        bytes / MEGABYTE,
        ran.memory.div_ceil(MEGABYTE)
    );
    let is_fast = rate >= options.min_rate;
    let is_small = ran.memory < options.max_memory * MEGABYTE;
    if !is_fast {
        println!("{kind}: below {} messages/s", options.min_rate);
    }
    if !is_small {
        println!("{kind}: not below {} MB", options.max_memory);
    }
    Ok(is_fast && is_small)
}

/// Sends one issue to as many subscribers as messages are wanted. Returns each recipient with the return path of its message.
fn send_issue(options: &Options, kind: Kind, program: &Program, log: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut sink = SinkProcess::start(&["--log".as_ref(), log.as_os_str()])?;
    eprintln!("sending an issue to {} subscribers on {kind}", options.messages);
    let program = program.clone().with("relay.url", format!("smtp://{}", sink.address));
    let mut newsroom = Newsroom::open(program.clone(), kind, options.messages, SHAPE)?;
    let issue = newsroom.build_issue()?;
    newsroom.send(&issue)?;
    let serving = program.serve(&["--role", "sender"])?;
    let wanted = u64::from(options.messages);
    let (mut before, mut since) = (0, Instant::now());
    while before < wanted {
        let messages = sink.totals()?.messages;
        if messages > before {
            (before, since) = (messages, Instant::now());
        }
        if since.elapsed() > STALL {
            bail!("only {messages} of {wanted} messages were sent. {}", serving.log_text());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    newsroom.wait_until_sent(&issue, STALL)?;
    serving.terminate()?;
    sink.flush()?;
    let log = std::fs::read_to_string(log)?;
    let sent = log.lines().map(|line| {
        let mut fields = line.split(' ');
        let (recipient, return_path) = (fields.nth(1), fields.nth(1));
        let pair = recipient.zip(return_path).filter(|(_, path)| !path.is_empty());
        let (recipient, return_path) = pair.with_context(|| format!("no return path in the sink's log: {line}"))?;
        Ok((recipient.to_owned(), return_path.to_owned()))
    });
    let sent: Vec<_> = sent.collect::<anyhow::Result<_>>()?;
    ensure!(sent.len() as u64 == wanted, "the sink logged {} messages", sent.len());
    Ok(sent)
}

/// Writes one returned mail for each message sent. Returns how many lead to which action.
fn write_mbox(file: &Path, seed: u64, sent: &[(String, String)], large: bool) -> anyhow::Result<Vec<(Action, usize)>> {
    let mut rng = Rng::seeded(seed);
    let mut mbox = BufWriter::new(File::create(file)?);
    let mut expected: Vec<(Action, usize)> = Action::ALL.map(|action| (action, 0)).to_vec();
    for (recipient, return_path) in sent {
        let make = if large { messages::oversized } else { messages::returned };
        let Returned { text, action } = make(&mut rng, recipient, return_path);
        writeln!(mbox, "From MAILER-DAEMON Thu Nov 26 09:00:00 2026")?;
        mbox.write_all(text.replace("\nFrom ", "\n>From ").as_bytes())?;
        mbox.write_all(b"\n\n")?;
        for (known, count) in &mut expected {
            *count += usize::from(Some(*known) == action);
        }
    }
    mbox.flush()?;
    Ok(expected)
}

/// Fails unless each message was new and led to what its form means.
fn check(program: &Program, printed: &str, messages: u32, expected: &[(Action, usize)]) -> anyhow::Result<()> {
    let ingested: Value = serde_json::from_str(printed).with_context(|| format!("bounce ingest printed {printed}"))?;
    ensure!(
        ingested["read"] == messages && ingested["new"] == messages,
        "{messages} messages were handed over: {ingested}"
    );
    let listed = program.json(&["bounce", "list", "--limit", &(2 * messages).to_string()])?;
    let listed = listed.as_array().context("bounce list prints a list")?;
    for (action, count) in expected {
        let found = listed.iter().filter(|bounce| bounce["action"] == action.name()).count();
        ensure!(
            found == *count,
            "{found} messages led to `{}`, and {count} should have",
            action.name()
        );
    }
    Ok(())
}
