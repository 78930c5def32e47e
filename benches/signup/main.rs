//! How many sign-ups a second the site stores, each durable before its answer, and what one costs in processor time.
//!
//! wrk sends the sign-ups over HTTP. A bare axum handler that only waits as long as every answer of a sign-up takes shows what HTTP and
//! this wait allow on the same machine.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bare;
mod load;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, ensure};
use clap::Parser;

use load::Load;
use support::database::{self, Kind};
use support::newsroom::SLUG;
use support::postgres::Server;
use support::program::{ChildProcess, Program};
use support::web_bench::{self, CommonOptions, Started};
use support::wrk::Measured;
use support::{http, process};

/// Measures sign-ups over HTTP with wrk: the rate, how long answers take, and the processor time of each.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench signup --")]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
    /// How long wrk sends sign-ups to each.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Connections of wrk, each with one sign-up at a time.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=500))]
    connections: u32,
    /// How many times everything is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Measure how long the answers take for addresses of every status, instead of the rate.
    #[arg(long)]
    answers: bool,
    /// A setting of Daywire, such as database.connections=4; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn main() -> ExitCode {
    web_bench::end("signup", run())
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, address] = &arguments[..]
        && word == "bare"
    {
        return bare::serve(address.parse()?);
    }
    let options = Options::parse();
    let started = Started::new(&options.common)?;
    println!("{}", web_bench::conditions(options.connections, options.seconds)?);
    if let Some(server) = &started.server {
        println!("{}", server.description()?);
    }
    println!("SQLite with synchronous full: every commit is flushed to the disk before the answers");
    let load = Load::new(&started.folder, options.connections, options.seconds)?;
    for round in 1..=options.rounds {
        if !options.answers {
            measure_bare(&load)?;
        }
        for kind in options.common.database.kinds() {
            measure(&options, &load, *kind, round, &started.folder, started.server.as_ref())?;
        }
    }
    Ok(())
}

/// Measures an axum handler that waits 60 ms and redirects.
fn measure_bare(load: &Load) -> anyhow::Result<()> {
    let address = http::free_address()?;
    let child = Command::new(std::env::current_exe()?)
        .args(["bare", &address.to_string()])
        .stdin(Stdio::null())
        .spawn()?;
    let child = ChildProcess::new(child);
    http::wait_until_open(address)?;
    let before = process::cpu(child.pid).context("the handler runs")?;
    let measured = load.run(address, 1)?;
    let used = process::cpu(child.pid).context("the handler runs")? - before;
    print("bare axum", &measured, used, None);
    Ok(())
}

fn measure(
    options: &Options,
    load: &Load,
    kind: Kind,
    round: u32,
    folder: &Path,
    server: Option<&Server>,
) -> anyhow::Result<()> {
    let folder = folder.join(format!("{kind}-{round}"));
    std::fs::create_dir(&folder)?;
    let url = database::create(kind, &format!("signup{round}"), &folder, server)?;
    let site = http::free_address()?;
    let mut program = Program::new(&folder, options.common.program.as_deref())
        .with("database.url", &url)
        .with("database.sqlite_synchronous", "full")
        .with("http.listen", site)
        // The load comes from one machine.
        .with("signup.limits.per_network_per_hour", 1_000_000_000)
        .with("signup.limits.per_domain_per_hour", 1_000_000_000)
        .with("signup.limits.per_hour", 1_000_000_000)
        .with("signup.proof_of_work.from_per_hour", 0);
    for (key, value) in &options.set {
        program = program.with(key, value);
    }
    let newsletter = format!("slug = \"{SLUG}\"\nname = \"Benchmark\"\n");
    program.run(&["newsletter", "apply", &program.file("newsletter.toml", &newsletter)?])?;
    if options.answers {
        answers::prepare(&program, &url)?;
    }
    // Without a sender, so that only sign-ups are measured: the mails stay queued.
    let service = program.serve(&["--role", "web"])?;
    service.ready()?;
    if options.answers {
        return answers::measure(&kind.to_string(), site);
    }
    let seconds = |pid| process::cpu(pid).context("the service runs");
    let (before, database_before) = (seconds(service.process.pid)?, server.and_then(Server::cpu));
    let measured = load.run(site, round)?;
    let used = seconds(service.process.pid)? - before;
    let used_by_database = server.filter(|_| kind == Kind::Postgres).and_then(Server::cpu);
    let used_by_database = used_by_database
        .zip(database_before)
        .map(|(after, before)| after - before);
    service.terminate()?;
    let counts = program.json(&["subscriber", "list", "--count"])?;
    let stored = counts["pending"].as_u64().context("no subscription is counted")?;
    ensure!(
        stored >= measured.answers,
        "{} sign-ups were answered, but only {stored} are stored",
        measured.answers
    );
    print(&kind.to_string(), &measured, used, used_by_database);
    Ok(())
}

fn print(name: &str, measured: &Measured, used: f64, used_by_database: Option<f64>) {
    #[expect(clippy::cast_precision_loss, reason = "a count of answers is far below 2^52")]
    let answers = measured.answers as f64;
    let each = |seconds: f64| format!("{:.3} ms", seconds * 1000.0 / answers);
    println!(
        "{name}: {:.0} sign-ups/s, p50 {:.1} ms, p99 {:.1} ms, processor time {} a sign-up{}",
        measured.rate,
        measured.p50,
        measured.p99,
        each(used),
        used_by_database.map_or(String::new(), |seconds| format!(", PostgreSQL's {}", each(seconds)))
    );
}
