//! `daywire suppression`: the arguments of its commands, and which function runs each.

mod export;
mod import;
pub(super) mod lift;
mod list;

use super::context::Context;

pub(super) use list::{complaint_words, ended_document, shown_address};

/// Lists, exports, imports and lifts suppressions: addresses that are never mailed.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List suppressions with reason, time and evidence, the oldest first.
    List(list::Args),
    /// Write all suppressions as CSV, which `suppression import` reads.
    Export(export::Args),
    /// Suppress the addresses of a CSV file or of a plain list.
    Import(import::Args),
    /// Allow mail to an address again. A complaint is lifted only by its reader, who signs up again and confirms.
    Lift(lift::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(args) => list::run(context, &args).await,
        Command::Export(args) => export::run(context, &args).await,
        Command::Import(args) => import::run(context, args).await,
        Command::Lift(args) => lift::run(context, &args).await,
    }
}
