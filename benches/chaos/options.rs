//! The command line.

use std::fmt;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::support::database::{Choice, Kind};

/// Kills senders, breaks connections and databases while issues are sent, and checks that nobody is lost and what is doubled.
///
/// Without --kill, --nodes and --fault everything is done, one after the other. PostgreSQL is a scratch server with its own,
/// durable defaults, unless `DAYWIRE_TEST_POSTGRES` names another; where the server itself is crashed, it is always a scratch one.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench chaos --", after_help = HELP)]
pub struct Options {
    /// Signals to send at random moments: a list of these.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SIGNAL")]
    kill: Vec<Signal>,
    /// How often, over as many issues as it takes. Left out: 100 times, 15 with several nodes.
    #[arg(short = 'N', long = "times", value_name = "TIMES")]
    times: Option<u32>,
    /// How often at most during one issue.
    #[arg(long, default_value_t = 5, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub per_issue: u32,
    /// So many senders at once on PostgreSQL: one after the other is killed, and the database crashes twice an issue.
    #[arg(long, default_value_t = 1, value_name = "SENDERS", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub nodes: u32,
    /// What else goes wrong: a list of these.
    #[arg(long, value_enum, value_delimiter = ',')]
    fault: Vec<Fault>,
    /// The share of moments at which a faulty sink misbehaves.
    #[arg(long, default_value_t = 0.001)]
    pub rate: f64,
    /// Where Daywire keeps its state.
    #[arg(long, value_enum, default_value = "both")]
    pub database: Choice,
    /// Recipients of each issue. Left out: 50,000; 5,000 where a sink is slow or silent.
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=9_999_999))]
    recipients: Option<u32>,
    /// Connections of each sender.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub connections: u32,
    /// `delivery.lease`: how long others wait before they take over from a sender that was killed. Left out: 2s; 6s where the
    /// database crashes, which must not look like the end of all senders.
    #[arg(long)]
    lease: Option<String>,
    /// Another setting of Daywire, such as delivery.batch=1000; may stand several times.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Repeats the moments of another run.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Another daywire than the one built with this program.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Writes every single verdict here.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

const HELP: &str = "\
After each issue the sink's log is read: every recipient must be there at least once (else it is lost), copies beyond the \
first are doubled. At most as many may be as connections were cut between the sink's taking a message and its answer \
reaching us: kills times connections, or the answers that the sink withheld; none after SIGTERM or a crash of the \
database. All copies for one recipient must carry the same Message-ID, no two recipients the same one, and `issue proof` \
must balance with every recipient accepted. Anything else is a violation: it is printed with the seed, the scratch \
folder with logs and database is kept, and the exit status is 1.";

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// One sender gets signals.
    Kill(Signal),
    /// Several senders are killed, and the database crashes.
    Nodes,
    /// Something else goes wrong.
    Fault(Fault),
}

impl Scenario {
    /// Whether it makes sense on this database.
    pub fn runs_on(self, kind: Kind) -> bool {
        match self {
            Self::Nodes | Self::Fault(Fault::PgKill) => kind == Kind::Postgres,
            Self::Fault(Fault::DiskFull) => kind == Kind::Sqlite,
            Self::Kill(_) | Self::Fault(_) => true,
        }
    }

    /// Whether the database's server is crashed, which only a scratch one may be.
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
    /// SIGKILL: it ends between two instructions.
    Kill,
    /// SIGTERM: it ends what is on the wire and gives the rest back.
    Term,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// The sink hangs up: before its greeting, after commands, in messages, after the final dot.
    Hangup,
    /// The sink answers slowly, now more, now less.
    Slow,
    /// The sink falls silent at the same moments as it hangs up at.
    Tarpit,
    /// The sink takes a message and hangs up without saying so.
    DropFinal,
    /// The disk of the SQLite file is full for a while, or nearly full when a sender starts; needs the right to mount.
    DiskFull,
    /// PostgreSQL crashes three times and comes back.
    PgKill,
}

impl Options {
    /// What was asked for.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all = self.kill.is_empty() && self.fault.is_empty() && self.nodes == 1;
        let signals = if all { Signal::value_variants() } else { &self.kill };
        let faults = if all { Fault::value_variants() } else { &self.fault };
        let mut scenarios: Vec<Scenario> = Vec::new();
        // With several nodes, kills are what happens to them.
        if self.nodes == 1 {
            scenarios.extend(signals.iter().copied().map(Scenario::Kill));
        }
        if all || self.nodes > 1 {
            scenarios.push(Scenario::Nodes);
        }
        scenarios.extend(faults.iter().copied().map(Scenario::Fault));
        scenarios
    }

    /// How often senders are ended.
    pub fn kills(&self, scenario: Scenario) -> u32 {
        match scenario {
            Scenario::Kill(_) => self.times.unwrap_or(100),
            Scenario::Nodes => self.times.unwrap_or(15),
            Scenario::Fault(_) => 0,
        }
    }

    /// How many senders there are.
    pub fn senders(&self, scenario: Scenario) -> u32 {
        match scenario {
            Scenario::Nodes if self.nodes == 1 => 3,
            Scenario::Nodes => self.nodes,
            _ => 1,
        }
    }

    /// `delivery.lease`.
    pub fn lease(&self, scenario: Scenario) -> &str {
        let usual = if scenario.crashes_the_server() { "6s" } else { "2s" };
        self.lease.as_deref().unwrap_or(usual)
    }

    /// How many recipients an issue has.
    pub fn recipients(&self, scenario: Scenario) -> u32 {
        let slow = matches!(scenario, Scenario::Fault(Fault::Slow | Fault::Tarpit));
        self.recipients.unwrap_or(if slow { 5_000 } else { 50_000 })
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
