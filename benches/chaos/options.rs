//! The command line of the benchmark.

use std::fmt;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::support::database::{Choice, Kind};

/// Kills senders and breaks connections and databases while issues are sent, and checks which recipients received what.
///
/// Without --kill, --nodes and --fault, all scenarios run one after the other. PostgreSQL is a scratch server with its durable defaults,
/// unless `DAYWIRE_TEST_POSTGRES` names another one. Scenarios that crash the server always use a scratch server.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench chaos --", after_help = HELP)]
pub struct Options {
    /// Signals to send to a sender at random moments: a list of these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SIGNAL")]
    kill: Vec<Signal>,
    /// How many senders to stop in all, over as many issues as it takes. Default: 100, or 15 with several nodes.
    #[arg(short = 'N', long = "times", value_name = "TIMES")]
    times: Option<u32>,
    /// How many senders to stop during one issue, at most.
    #[arg(long, default_value_t = 5, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub per_issue: u32,
    /// How many senders run at once. With several, on PostgreSQL only, senders are killed one after the other, and the database crashes
    /// twice an issue.
    #[arg(long, default_value_t = 1, value_name = "SENDERS", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub nodes: u32,
    /// Other faults: a list of these.
    #[arg(long, value_enum, value_delimiter = ',')]
    fault: Vec<Fault>,
    /// The share of moments at which a faulty sink misbehaves.
    #[arg(long, default_value_t = 0.001)]
    pub rate: f64,
    /// The database.
    #[arg(long, value_enum, default_value = "both")]
    pub database: Choice,
    /// Recipients of each issue. Default: 50,000, or 5,000 if the sink is slow or stops answering.
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=9_999_999))]
    recipients: Option<u32>,
    /// Connections of each sender.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub connections: u32,
    /// `delivery.lease`: how long the other senders wait before they take over from a killed one. Default: 2s, or 6s if the database
    /// crashes, because senders that wait for the database must not count as dead.
    #[arg(long)]
    lease: Option<String>,
    /// Another setting of Daywire, such as delivery.batch=1000; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Repeats the faults of the run that printed this seed.
    #[arg(long)]
    pub seed: Option<u64>,
    /// The binary to test; default: the one built with this benchmark.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Writes the verdict on each issue to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

const HELP: &str = "\
After each issue the benchmark reads the sink's log. Every recipient must be in it at least once. Copies beyond the first are \
doubled. At most as many are allowed as connections were cut between the sink's acceptance of a message and the arrival of its \
reply: kills times connections, or the number of replies that the sink withheld. None are allowed after SIGTERM or a crash of \
the database. All copies for one recipient must have the same Message-ID, and no two recipients the same one. `issue proof` must \
balance with every recipient accepted. Anything else is a violation: it is printed with the seed, the scratch folder with logs \
and database is kept, and the exit status is 1.";

/// What goes wrong while an issue is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// One sender receives signals.
    Kill(Signal),
    /// Several senders are killed, and the database crashes.
    Nodes,
    /// Something else goes wrong.
    Fault(Fault),
}

impl Scenario {
    /// Whether the scenario is possible on this database.
    pub fn runs_on(self, kind: Kind) -> bool {
        match self {
            Self::Nodes | Self::Fault(Fault::PgKill) => kind == Kind::Postgres,
            Self::Fault(Fault::DiskFull) => kind == Kind::Sqlite,
            Self::Kill(_) | Self::Fault(_) => true,
        }
    }

    /// Whether the scenario crashes the database server, which must then be a scratch server.
    pub fn crashes_the_server(self) -> bool {
        matches!(self, Self::Nodes | Self::Fault(Fault::PgKill))
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map(|value| value.get_name().to_owned()).unwrap_or_default()
        };
        match self {
            Self::Kill(signal) => write!(f, "kill {}", name(&|| signal.to_possible_value())),
            Self::Nodes => f.write_str("nodes"),
            Self::Fault(fault) => write!(f, "fault {}", name(&|| fault.to_possible_value())),
        }
    }
}

/// A way to end a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Signal {
    /// SIGKILL: the sender ends at once.
    Kill,
    /// SIGTERM: the sender finishes the messages in flight and releases its leases.
    Term,
}

/// A fault of the sink or of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// The sink hangs up: before its greeting, after commands, in messages, after the final dot.
    Hangup,
    /// The sink answers after a random delay.
    Slow,
    /// The sink stops answering, at the same points as with hangup, and keeps the connection open.
    Tarpit,
    /// The sink accepts a message and hangs up without a reply.
    DropFinal,
    /// The disk of the SQLite file is full for some seconds, or nearly full when a sender starts; needs the right to mount.
    DiskFull,
    /// PostgreSQL crashes three times and is restarted.
    PgKill,
}

impl Options {
    /// The scenarios to run.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all = self.kill.is_empty() && self.fault.is_empty() && self.nodes == 1;
        let signals = if all { Signal::value_variants() } else { &self.kill };
        let faults = if all { Fault::value_variants() } else { &self.fault };
        let mut scenarios: Vec<Scenario> = Vec::new();
        // With several nodes, `Nodes` includes the kills.
        if self.nodes == 1 {
            scenarios.extend(signals.iter().copied().map(Scenario::Kill));
        }
        if all || self.nodes > 1 {
            scenarios.push(Scenario::Nodes);
        }
        scenarios.extend(faults.iter().copied().map(Scenario::Fault));
        scenarios
    }

    /// How many times senders are stopped.
    pub fn stops(&self, scenario: Scenario) -> u32 {
        match scenario {
            Scenario::Kill(_) => self.times.unwrap_or(100),
            Scenario::Nodes => self.times.unwrap_or(15),
            Scenario::Fault(_) => 0,
        }
    }

    /// The number of senders.
    pub fn senders(&self, scenario: Scenario) -> u32 {
        match scenario {
            Scenario::Nodes if self.nodes == 1 => 3,
            Scenario::Nodes => self.nodes,
            _ => 1,
        }
    }

    /// The value of `delivery.lease`.
    pub fn lease(&self, scenario: Scenario) -> &str {
        let default = if scenario.crashes_the_server() { "6s" } else { "2s" };
        self.lease.as_deref().unwrap_or(default)
    }

    /// The number of recipients of an issue.
    pub fn recipients(&self, scenario: Scenario) -> u32 {
        let slow = matches!(scenario, Scenario::Fault(Fault::Slow | Fault::Tarpit));
        self.recipients.unwrap_or(if slow { 5_000 } else { 50_000 })
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
