//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::support::database::Choice;

/// Measures how fast Daywire delivers an issue, beside Postfix's smtp-source in the same run.
///
/// Each round sends the same number of messages of the same size with every sender into every sink, in alternating order.
/// Readers are imported and issues built beforehand. PostgreSQL is a scratch server with its own, durable defaults, unless
/// `DAYWIRE_TEST_POSTGRES` names another; SQLite is a file in the folder for temporary files (TMPDIR).
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench delivery --", after_help = HELP)]
pub struct Options {
    /// Messages in each round.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(10..=9_999_999))]
    pub recipients: u32,
    /// Bytes of a message, headers and all.
    #[arg(long, default_value_t = 20_480, value_name = "BYTES")]
    pub size: usize,
    /// Connections to the sink, of every sender.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub connections: u32,
    /// How often everything is repeated.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// Where Daywire keeps its state.
    #[arg(long, value_enum, default_value = "both")]
    pub database: Choice,
    /// Who takes the mail.
    #[arg(long, value_enum, default_value = "both")]
    pub sink: SinkChoice,
    /// How Daywire signs: a list of these. Left out: unsigned; all three in the dkim scenario.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    pub dkim: Vec<Dkim>,
    /// What to measure: a list of these.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "rounds")]
    pub only: Vec<Scenario>,
    /// Readers in the million scenario; the first tenth of them is sent to.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=9_999_999))]
    pub readers: u32,
    /// A setting of Daywire, such as delivery.batch=1000; may stand several times.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Another daywire than the one built with this benchmark.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Writes every single measurement here.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

const HELP: &str = "\
In the tables, messages a second are counted at the sink from the first message to the last; the median of the rounds, \
then the slowest and the fastest. \"whole\" is the same over everything: for smtp-source its process from start to end, \
for Daywire (whose sender runs already, as a service does) from the start of `issue send` until the issue is `sent`. \
The ratio is to smtp-source in the same round, the median of those. Processor time is user and system time for 1,000 \
messages; PostgreSQL's is that of its whole server. Close other programs: the machine is the measure.";

impl Options {
    /// What is measured, in the order of the list and each once.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all = Scenario::value_variants().iter().copied();
        all.filter(|scenario| self.only.contains(scenario)).collect()
    }

    /// How messages are signed, unless it is said.
    pub fn dkim_or(&self, otherwise: &[Dkim]) -> Vec<Dkim> {
        if self.dkim.is_empty() {
            otherwise.to_vec()
        } else {
            self.dkim.clone()
        }
    }
}

/// Who takes the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SinkChoice {
    /// Postfix's smtp-sink.
    SmtpSink,
    /// The one of this benchmark, which is not the bottleneck.
    Minimal,
    /// Both.
    Both,
}

/// How Daywire signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dkim {
    /// Not at all.
    None,
    /// With an Ed25519 key.
    Ed25519,
    /// With an RSA key of 2048 bits.
    Rsa,
}

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Rounds of every sender into every sink.
    Rounds,
    /// What signing costs, beside bare RSA signatures.
    Dkim,
    /// One connection to a distant relay: how many delays a message takes.
    Latency,
    /// A million readers: import, freezing, memory.
    Million,
    /// How soon a confirmation is out while an issue is sent.
    Signup,
    /// How long a sign-up waits for its answer while a digest and its editions are compiled.
    Compile,
    /// One recipient domain in ten defers everything: the rate of the others.
    Domain,
    /// What the minimal sink can take, from a client that only pipelines.
    Sink,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
