//! The minimal sink: an SMTP server that accepts mail faster than any sender can send it, and misbehaves on request.
//!
//! One thread reads all connections into one large buffer, so a message is in the processor's cache while the sink searches for its end.
//! The programs in `benches/` run the sink as a process: they start themselves with `sink` as the first argument, and control it
//! over its standard input and output (`control.rs`).

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

/// An SMTP server that accepts every message and stores none.
#[derive(Clone, Debug, Parser)]
#[command(name = "sink")]
pub struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Sends each reply this many milliseconds after its command arrived, like a distant relay.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub delay: u64,
    /// Accepts at most this many messages a second.
    #[arg(long, value_name = "MESSAGES")]
    pub rate: Option<f64>,
    /// Writes a line for each recipient of an accepted message: connection, recipient, Message-ID, return path.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Replies 451 to every recipient of this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub deny_domain: Option<String>,
    /// Prints `seen ADDRESS` for every message to a recipient of this domain.
    #[arg(long, value_name = "DOMAIN")]
    pub watch_domain: Option<String>,
    /// Hangs up at this share of all points: before the greeting, after each command, within a message, after its final dot.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub hang_up: f64,
    /// Stops answering at this share of the same points, and keeps the connection open.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub tarpit: f64,
    /// Accepts this share of messages and hangs up without a reply.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub drop_final: f64,
    /// Delays each reply by a random time of up to this many milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub slow: u64,
    /// The seed of the random numbers. The same seed repeats a run.
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
