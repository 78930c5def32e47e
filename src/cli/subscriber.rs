//! `daywire subscriber`: the arguments of its commands, and which function runs each.

mod erase;
mod export;
mod import;
mod import_report;
mod list;
mod prefer;
mod show;
mod suppress;

use super::context::Context;
use super::suppression::lift;

/// Imports, lists, shows, exports, erases and suppresses subscribers.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Import a CSV file; columns are found by name.
    Import(import::Args),
    /// List subscriptions, or count them.
    List(list::Args),
    /// Explain one address: subscriptions, consent, suppression, returned mail, and the latest deliveries with the relay's replies.
    Show {
        /// The address; or a subscription's id or the beginning of it, as `issue proof --out` writes it.
        address: String,
    },
    /// Change a subscriber's preferences: topics, cadence, time zone, language, a pause.
    Prefer(prefer::Args),
    /// Print everything on record about an address as JSON; without an address, all subscriptions as CSV.
    Export {
        /// The address.
        address: Option<String>,
    },
    /// Erase everything on record about an address. A suppression stays, as a keyed hash.
    Erase(erase::Args),
    /// Never mail an address again.
    Suppress(suppress::Args),
    /// Take an address off the suppression list; the same as `suppression lift`.
    Unsuppress(lift::Args),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Import(args) => import::run(context, args).await,
        Command::List(args) => list::run(context, &args).await,
        Command::Show { address } => show::run(context, &address).await,
        Command::Prefer(args) => prefer::run(context, &args).await,
        Command::Export { address } => export::run(context, address.as_deref()).await,
        Command::Erase(args) => erase::run(context, &args).await,
        Command::Suppress(args) => suppress::run(context, &args).await,
        Command::Unsuppress(args) => lift::run(context, &args).await,
    }
}
