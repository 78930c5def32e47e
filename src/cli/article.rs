//! `daywire article`: the arguments of its commands, and which function runs each.

mod add;
mod change_report;
mod edit;
mod import;
mod import_posts;
mod list;
mod rate;
mod retract;
mod show;

use super::context::Context;

/// Adds, imports, changes and shows articles.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add an article of your own from a Markdown file; the same file added again edits it.
    Add(add::Args),
    /// Change an article.
    Edit(edit::Args),
    /// Import an RSS, Atom or JSON Feed file, JSON lines, or the posts that another system exported (see docs/how-to/moving-in.md).
    Import(import::Args),
    /// List the latest articles.
    List {
        /// How many articles to list.
        #[arg(long, default_value_t = 50)]
        count: i64,
        /// Also articles that every newsletter takes from another feed.
        #[arg(long)]
        all: bool,
    },
    /// Show one article.
    Show {
        /// The id of the article, such as `TX_080089`, or at least its first three digits.
        id: String,
    },
    /// Pin a waiting article to the top of a newsletter's next issue, or change its weight.
    Rate(rate::Args),
    /// Retract an article: its page says so, and no issue that is not sent yet has it.
    Retract(retract::RetractArgs),
    /// Undo a retraction: the article's page is back, and readers who were notified of the retraction are notified that it is undone.
    Restore(retract::RestoreArgs),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Add(args) => Box::pin(add::run(context, &args)).await,
        Command::Edit(args) => edit::run(context, &args).await,
        Command::Import(args) => import::run(context, &args).await,
        Command::List { count, all } => Box::pin(list::run(context, count, all)).await,
        Command::Show { id } => show::run(context, &id).await,
        Command::Rate(args) => Box::pin(rate::run(context, &args)).await,
        Command::Retract(args) => retract::retract(context, &args).await,
        Command::Restore(args) => retract::restore(context, &args).await,
    }
}
