//! `daywire bounce`: the arguments of its commands, and which function runs each.

mod ingest;
mod list;
mod mailbox_files;
mod rates;
mod show;

use serde_json::json;

use super::context::Context;
use super::output;

pub(super) use list::document;
pub(super) use mailbox_files::read_message;

/// How many lines of counts are shown unless told otherwise.
const DEFAULT_LIMIT: i64 = 50;

/// What to do with returned mail.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Read returned mail and act on it. Without arguments, one mail is read from standard input.
    Ingest(ingest::Args),
    /// List bounces and complaints, the newest first.
    List(list::Args),
    /// Show one returned mail or event of a mail provider, with its content and what it led to.
    Show {
        /// The id of the mail or event, or the beginning of the id; `bounce list --all` shows it.
        id: String,
    },
    /// Show the shares of hard bounces and complaints by newsletter, issue and recipient domain.
    Rates(rates::Args),
    /// Show how many mails and webhook requests were refused or repeated, by day.
    Counts {
        /// How many lines to print.
        #[arg(long, default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Ingest(args) => ingest::run(context, &args).await,
        Command::List(args) => list::run(context, &args).await,
        Command::Show { id } => show::run(context, &id).await,
        Command::Rates(args) => rates::run(context, &args).await,
        Command::Counts { limit } => counts(context, limit).await,
    }
}

async fn counts(context: &Context, limit: i64) -> anyhow::Result<()> {
    let app = context.app().await?;
    let counts = app.store.read().await?.intake_counts(limit).await?;
    if context.json {
        let documents = counts.iter().map(
            |count| json!({ "day": count.day, "source": count.source, "outcome": count.outcome, "count": count.count }),
        );
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = counts
        .into_iter()
        .map(|count| vec![count.day, count.source, count.outcome, count.count.to_string()]);
    output::table(
        &["day", "source", "outcome", "count"],
        rows.collect(),
        "nothing was refused or repeated",
    )
}
