//! What the benchmarks that load the site with wrk have in common: their options, their scratch folder and database server, and how they
//! end.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::cleanup::{self, Cleanup};
use super::database::{Choice, Kind};
use super::postgres::Server;
use super::process;

/// The options of every such benchmark.
#[derive(Clone, Debug, clap::Args)]
pub struct CommonOptions {
    /// The databases to measure, one after the other.
    #[arg(long, value_enum, default_value = "both")]
    pub database: Choice,
    /// The daywire program to measure, instead of the one built with this benchmark.
    #[arg(long, value_name = "FILE", value_parser = program)]
    pub program: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The whole path of the program, which runs in a scratch folder.
fn program(text: &str) -> anyhow::Result<PathBuf> {
    std::fs::canonicalize(text).with_context(|| format!("{text} cannot be read"))
}

/// What is there while a benchmark runs. The server stops before the folder is removed.
#[derive(Debug)]
pub struct Started {
    /// PostgreSQL, if it is measured.
    pub server: Option<Server>,
    /// A scratch folder.
    pub folder: PathBuf,
    _cleanup: Cleanup,
}

impl Started {
    /// Makes the folder, and starts PostgreSQL if it is to be measured.
    pub fn new(options: &CommonOptions) -> anyhow::Result<Self> {
        cleanup::run_on_signals()?;
        let (folder, cleanup) = cleanup::scratch_folder()?;
        let is_measured = options.database.kinds().contains(&Kind::Postgres);
        Ok(Self {
            server: is_measured.then(Server::named_or_new).transpose()?,
            folder,
            _cleanup: cleanup,
        })
    }
}

/// One line about the load and the machine.
pub fn conditions(connections: u32, seconds: u32) -> anyhow::Result<String> {
    Ok(format!(
        "wrk with {connections} connections, {seconds} s each, on {} cores of {}, load {} before",
        std::thread::available_parallelism()?,
        process::processor(),
        process::load()
    ))
}

/// Waits for the cleanup of a signal, and says why the benchmark failed.
pub fn end(name: &str, result: anyhow::Result<()>) -> ExitCode {
    cleanup::wait_for_signal_handler();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
