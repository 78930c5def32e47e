//! The promises under fire: senders are killed at random moments, relays and databases misbehave, and then it is counted
//! who got what.
//!
//! What is checked is promise 2 and 3 of delivery: nobody is lost, and a copy is doubled only where a process died or a
//! connection broke between the relay's taking a message and our record of it, at most once a connection, with the same
//! Message-ID. `cargo bench --bench chaos -- --help` lists what can be done to it.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod account;
mod arena;
mod disk;
mod options;
mod plan;
mod report;
mod trial;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

use arena::Arena;
use options::{Options, Scenario};
use report::Report;
use support::database::Kind;
use support::rng::Rng;

fn main() -> ExitCode {
    let result = run();
    support::undo::leave_it_to_a_signal();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every promise was kept.
fn run() -> anyhow::Result<bool> {
    let mut words = std::env::args();
    if words.nth(1).is_some_and(|word| word == "sink") {
        support::sink::run(support::sink::Options::parse_from(std::env::args().skip(1)))?;
        return Ok(true);
    }
    let options = Options::parse();
    support::undo::at_signals()?;
    let seed = options.seed.unwrap_or_else(Rng::new_seed);
    println!("seed {seed}: --seed {seed} repeats the same moments");
    let mut report = Report::new(seed);
    for scenario in options.scenarios() {
        for kind in options.database.kinds() {
            if scenario.runs_on(*kind) {
                play(&options, scenario, *kind, seed, &mut report)?;
            }
        }
    }
    report.totals();
    if let Some(path) = &options.json {
        std::fs::write(path, report.document()?)?;
    }
    Ok(report.is_clean())
}

/// Issue after issue, until the scenario has done what it is to do.
fn play(options: &Options, scenario: Scenario, kind: Kind, seed: u64, report: &mut Report) -> anyhow::Result<()> {
    let mut arena = Arena::open(options, scenario, kind, seed)?;
    let (mut left, mut issue) = (options.kills(scenario), 0);
    loop {
        issue += 1;
        // Each issue has its own generator, so that one more message in an issue does not change the issues after it.
        let mut rng = Rng::seeded(seed ^ (issue << 32));
        let now = left.min(options.per_issue);
        let moments = plan::plan(
            scenario,
            options.recipients(scenario),
            now,
            options.senders(scenario),
            &mut rng,
        );
        let verdict = trial::run(&mut arena, issue, &moments).inspect_err(|_| arena.keep())?;
        left -= now;
        let stuck = verdict.stuck;
        if !verdict.violations.is_empty() {
            arena.keep();
        }
        report.add(verdict);
        if left == 0 || stuck {
            return Ok(());
        }
    }
}
