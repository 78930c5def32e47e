//! Checks the delivery guarantees while senders are killed at random moments, and relays and databases misbehave.
//!
//! It checks guarantees 2 and 3 of `docs/explanation/delivery.md`. No recipient is lost. A recipient receives a second copy only if a process died or
//! a connection broke between the relay's acceptance and our record of it. That is at most one copy for each connection, with the same
//! Message-ID. `cargo bench --bench chaos -- --help` lists the scenarios.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod disk;
mod fixture;
mod issue_run;
mod options;
mod plan;
mod received_copies;
mod report;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

use fixture::Fixture;
use options::{Options, Scenario};
use report::Report;
use support::database::Kind;
use support::rng::Rng;

fn main() -> ExitCode {
    let result = run();
    support::cleanup::wait_for_signal_handler();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all scenarios. Returns whether every guarantee was kept.
fn run() -> anyhow::Result<bool> {
    let mut words = std::env::args();
    if words.nth(1).is_some_and(|word| word == "sink") {
        support::sink::run(support::sink::Options::parse_from(std::env::args().skip(1)))?;
        return Ok(true);
    }
    let options = Options::parse();
    support::cleanup::run_on_signals()?;
    let seed = options.seed.unwrap_or_else(Rng::new_seed);
    println!("seed {seed}: --seed {seed} repeats the same faults at the same moments");
    let mut report = Report::new(seed);
    for scenario in options.scenarios() {
        for kind in options.database.kinds() {
            if scenario.runs_on(*kind) {
                run_scenario(&options, scenario, *kind, seed, &mut report)?;
            }
        }
    }
    report.totals();
    if let Some(path) = &options.json {
        std::fs::write(path, report.document()?)?;
    }
    Ok(report.is_clean())
}

/// Sends issue after issue until the scenario has stopped as many senders as requested.
fn run_scenario(
    options: &Options,
    scenario: Scenario,
    kind: Kind,
    seed: u64,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut fixture = Fixture::open(options, scenario, kind, seed)?;
    let (mut stops_left, mut issue) = (options.stops(scenario), 0);
    loop {
        issue += 1;
        // Each issue has a generator of its own, so the faults of one issue do not change those of the next.
        let mut rng = Rng::seeded(seed ^ (issue << 32));
        let stops = stops_left.min(options.per_issue);
        let faults = plan::plan(
            scenario,
            options.recipients(scenario),
            stops,
            options.senders(scenario),
            &mut rng,
        );
        let verdict = issue_run::run(&mut fixture, issue, &faults).inspect_err(|_| fixture.keep())?;
        stops_left -= stops;
        let stuck = verdict.stuck;
        if !verdict.violations.is_empty() {
            fixture.keep();
        }
        report.add(verdict);
        if stops_left == 0 || stuck {
            return Ok(());
        }
    }
}
