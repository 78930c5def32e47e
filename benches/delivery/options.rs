//! The command line of the benchmark.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use crate::support::database::Choice;

/// Measures how fast Daywire delivers an issue, compared with Postfix's smtp-source in the same run.
///
/// Each round sends the same number of messages of the same size with every sender into every sink, in alternating order. Subscribers
/// are imported and issues built beforehand. PostgreSQL is a scratch server with its durable defaults, unless `DAYWIRE_TEST_POSTGRES`
/// names another one. SQLite is a file in the folder for temporary files (TMPDIR).
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench delivery --", after_help = HELP)]
pub struct Options {
    /// Messages in each round.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(10..=9_999_999))]
    pub recipients: u32,
    /// Bytes of a message, including its headers.
    #[arg(long, default_value_t = 20_480, value_name = "BYTES")]
    pub size: usize,
    /// Connections of each sender to the sink.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub connections: u32,
    /// How many times everything is measured.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rounds: u32,
    /// The database.
    #[arg(long, value_enum, default_value = "both")]
    pub database: Choice,
    /// The sink that receives the messages.
    #[arg(long, value_enum, default_value = "both")]
    pub sink: SinkChoice,
    /// The DKIM signatures: a list of these. Default: none, and all three in the dkim scenario.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KIND")]
    pub dkim: Vec<Dkim>,
    /// The scenarios to measure: a list of these.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "rounds")]
    pub only: Vec<Scenario>,
    /// Subscribers in the million scenario. Only the first tenth of them is sent to.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=9_999_999))]
    pub readers: u32,
    /// A setting of Daywire, such as delivery.batch=1000; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// The binary to measure; default: the one built with this benchmark.
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Writes all measured values to this file.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

const HELP: &str = "\
The sink counts messages a second from the first message to the last. The tables show the median of the rounds, the slowest and \
the fastest. \"total\" is the rate over the whole run: of the process of smtp-source, and for Daywire from the start of \
`issue send` until the issue is `sent`; its sender runs already, as a service does. The ratio is to smtp-source in the same \
round; the table shows the median. Processor time is user and system time for 1,000 messages; PostgreSQL's is that of its whole \
server. Close other programs before you measure.";

impl Options {
    /// The scenarios to measure, each once, in the order of their declaration.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all = Scenario::value_variants().iter().copied();
        all.filter(|scenario| self.only.contains(scenario)).collect()
    }

    /// The signatures of the command line, or these by default.
    pub fn dkim_or(&self, default: &[Dkim]) -> Vec<Dkim> {
        if self.dkim.is_empty() {
            default.to_vec()
        } else {
            self.dkim.clone()
        }
    }
}

/// A choice of sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SinkChoice {
    /// Postfix's smtp-sink.
    SmtpSink,
    /// The sink of this benchmark, which is never the bottleneck.
    Minimal,
    /// Both.
    Both,
}

/// A kind of DKIM signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dkim {
    /// No signature.
    None,
    /// With an Ed25519 key.
    Ed25519,
    /// With an RSA key of 2048 bits.
    Rsa,
}

/// A scenario to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Rounds of every sender into every sink.
    Rounds,
    /// The cost of DKIM, compared with bare signatures of the same key.
    Dkim,
    /// How many round trips a message takes on one connection to a distant relay.
    Latency,
    /// A million subscribers: import, freezing, memory.
    Million,
    /// How soon a confirmation mail is sent while an issue is sent.
    Signup,
    /// How long a sign-up waits for its response while a digest and its editions are compiled.
    Compile,
    /// The rate to nine recipient domains while the tenth defers everything.
    Domain,
    /// How many messages a second the minimal sink can accept.
    Sink,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
