//! How fast Daywire delivers: messages a second beside Postfix's smtp-source in the same run, processor time, memory.
//!
//! Everything is driven from outside: the `daywire` binary with settings from the environment, a database of its own, and
//! an SMTP sink. `cargo bench --bench delivery -- --help` lists what can be measured.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod blast;
mod compile;
mod dkim;
mod domain;
mod heat;
mod latency;
mod million;
mod options;
mod report;
mod rounds;
mod signup;
mod stage;

use std::process::ExitCode;

use clap::Parser;
use serde_json::{Map, Value, json};

use options::{Options, Scenario};
use stage::Stage;

fn main() -> ExitCode {
    let result = run();
    support::undo::leave_it_to_a_signal();
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
    support::undo::at_signals()?;
    let mut stage = Stage::set(options)?;
    println!("{}", stage.description()?);
    let mut results = Map::new();
    results.insert("description".into(), json!(stage.description()?));
    for scenario in stage.options.scenarios() {
        let result: Value = match scenario {
            Scenario::Rounds => rounds::run(&mut stage)?,
            Scenario::Dkim => dkim::run(&mut stage)?,
            Scenario::Latency => latency::run(&mut stage)?,
            Scenario::Million => million::run(&mut stage)?,
            Scenario::Signup => signup::run(&mut stage)?,
            Scenario::Compile => compile::run(&mut stage)?,
            Scenario::Domain => domain::run(&mut stage)?,
            Scenario::Sink => blast::run(&mut stage)?,
        };
        results.insert(format!("{scenario:?}").to_lowercase(), result);
    }
    if let Some(path) = &stage.options.json {
        std::fs::write(path, serde_json::to_string_pretty(&Value::Object(results))? + "\n")?;
    }
    Ok(())
}
