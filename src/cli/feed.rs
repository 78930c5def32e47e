//! `daywire feed`: the arguments of its commands, and which function runs each.

mod add;
mod change;
mod fetch;
mod list;
mod opml;
mod request;

use self::request::RequestArgs;
use super::context::Context;
use super::names::FeedName;
use crate::domain::states::TextFrom;

/// Adds, lists and fetches feeds.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Let a newsletter read a feed.
    Add(add::Args),
    /// Change how a feed is requested, and how its articles are shown.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
        .args(["full_text", "text_from", "user_agent", "login", "password_file", "headers_file"]))]
    Edit {
        /// The feed: its address, its id, or the beginning of its id.
        #[arg(value_name = "FEED")]
        id: FeedName,
        /// `true`: the site shows its articles whole; `false`: an excerpt of each, with a link to the publisher.
        #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
        full_text: Option<bool>,
        /// `page`: if a new entry has only a few lines, the text of its article is taken from the article's page; `feed`: never.
        #[arg(long, value_name = "SOURCE")]
        text_from: Option<TextFrom>,
        #[command(flatten)]
        request: RequestArgs,
    },
    /// List feeds, and what is wrong with those that fail.
    List {
        /// Also list feeds that no newsletter reads now.
        #[arg(long)]
        all: bool,
    },
    /// Fetch feeds now, due or not.
    Fetch {
        /// Only this feed: its address, its id, or the beginning of its id.
        #[arg(long, value_name = "FEED")]
        feed: Option<FeedName>,
    },
    /// Stop a newsletter from reading a feed.
    Remove {
        /// The feed: its address, its id, or the beginning of its id.
        #[arg(value_name = "FEED")]
        id: FeedName,
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
    },
    /// Fetch a feed again that has failed or was gone: a running service fetches it at once.
    Resume {
        /// The feed: its address, its id, or the beginning of its id.
        #[arg(value_name = "FEED")]
        id: FeedName,
    },
    /// Let a newsletter read all feeds of an OPML file.
    Import(opml::ImportArgs),
    /// Print all feeds as OPML, in a folder for each newsletter.
    Export {
        /// Only the feeds that this newsletter reads.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => Box::pin(add::run(context, &args)).await,
        Command::Edit {
            id,
            full_text,
            text_from,
            request,
        } => change::edit(context, &id, (full_text, text_from), &request).await,
        Command::List { all } => list::run(context, all).await,
        Command::Fetch { feed } => fetch::run(context, feed.as_ref()).await,
        Command::Remove { id, newsletter } => change::remove(context, &id, &newsletter).await,
        Command::Resume { id } => change::resume(context, &id).await,
        Command::Import(args) => opml::import(context, &args).await,
        Command::Export { newsletter } => opml::export(context, newsletter.as_deref()).await,
    }
}
