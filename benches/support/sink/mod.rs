//! The minimal sink: an SMTP server that takes mail faster than anybody sends it, and misbehaves when told to.
//!
//! One thread reads every connection into one large buffer, so that a message is searched for its end while it is in the
//! processor's cache. The programs in `benches/` run it as a process of its own: they start themselves with `sink` as
//! the first word, write questions to its standard input and read answers from its standard output (`control.rs`).

mod control;
mod faults;
mod serve;
mod session;
mod shared;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;

use clap::Parser;
use tokio::net::TcpListener;

pub use shared::Totals;

/// An SMTP server that takes every message and keeps none.
#[derive(Clone, Debug, Parser)]
#[command(name = "sink")]
pub struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Replies leave so many milliseconds after what they answer came in: a distant relay.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub delay: u64,
    /// Takes at most so many messages a second.
    #[arg(long, value_name = "MESSAGES")]
    pub rate: Option<f64>,
    /// Writes a line for every message that was taken: connection, recipient, Message-ID.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Answers 451 to every recipient of this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub deny_domain: Option<String>,
    /// Tells at once of every message to a recipient of this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub watch_domain: Option<String>,
    /// Hangs up at this share of the moments where one can: greeting, each command, in a message, after its final dot.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub hang_up: f64,
    /// Falls silent at this share of the same moments, with the connection open.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub tarpit: f64,
    /// Takes this share of messages and hangs up without saying so.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub drop_final: f64,
    /// Replies take up to so many milliseconds, now more, now less.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub slow: u64,
    /// The seed of the random numbers; the same seed repeats a run.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// Serves until standard input ends.
pub fn run(options: Options) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let listener = TcpListener::bind(options.listen).await?;
        println!("listening {}", listener.local_addr()?);
        let shared = Rc::new(shared::Shared::new(options)?);
        control::start(shared.shared_tally());
        serve::serve(listener, shared).await
    })
}
