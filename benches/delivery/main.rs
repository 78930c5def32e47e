//! How fast Daywire delivers: messages a second compared with Postfix's smtp-source in the same run, processor time, and memory.
//!
//! The benchmark runs the `daywire` binary with settings from the environment, a database of its own, and an SMTP sink.
//! `cargo bench --bench delivery -- --help` lists the scenarios.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod compile;
mod dkim;
mod domain;
mod latency;
mod measurement;
mod million;
mod options;
mod report;
mod rounds;
mod setup;
mod signup;
mod sink_capacity;

use std::process::ExitCode;

use clap::Parser;
use serde_json::{Map, Value, json};

use options::{Options, Scenario};
use setup::Setup;

fn main() -> ExitCode {
    let result = run();
    support::cleanup::wait_for_signal_handler();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("delivery: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut words = std::env::args();
    if words.nth(1).is_some_and(|word| word == "sink") {
        return support::sink::run(support::sink::Options::parse_from(std::env::args().skip(1)));
    }
    let options = Options::parse();
    support::cleanup::run_on_signals()?;
    let mut setup = Setup::prepare(options)?;
    println!("{}", setup.description()?);
    let mut results = Map::new();
    results.insert("description".into(), json!(setup.description()?));
    for scenario in setup.options.scenarios() {
        let result: Value = match scenario {
            Scenario::Rounds => rounds::run(&mut setup)?,
            Scenario::Dkim => dkim::run(&mut setup)?,
            Scenario::Latency => latency::run(&mut setup)?,
            Scenario::Million => million::run(&mut setup)?,
            Scenario::Signup => signup::run(&mut setup)?,
            Scenario::Compile => compile::run(&mut setup)?,
            Scenario::Domain => domain::run(&mut setup)?,
            Scenario::Sink => sink_capacity::run(&mut setup)?,
        };
        results.insert(format!("{scenario:?}").to_lowercase(), result);
    }
    if let Some(path) = &setup.options.json {
        std::fs::write(path, serde_json::to_string_pretty(&Value::Object(results))? + "\n")?;
    }
    Ok(())
}
