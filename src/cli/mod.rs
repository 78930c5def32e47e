//! The command line: one file a command.

pub mod demo;

mod article;
mod dkim;
mod feed;
mod inspect;
mod issue;
mod names;
mod newsletter;
mod operator;
mod output;
mod schedule;
mod scratch;
mod serve;
mod shell;
mod subscriber;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{self, Config, LogFormat};
use crate::store::Tx;
use crate::store::newsletters::Newsletter;
use crate::text::plain::counted;

/// A newsletter digest and double-opt-in mailer that a newsroom runs itself.
#[derive(Debug, Parser)]
#[command(name = "daywire", version, propagate_version = true)]
struct Cli {
    /// Read settings from this file instead of ./daywire.toml or /etc/daywire/daywire.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON document on standard output, and nothing else there.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a whole day in a scratch folder: sign up, confirm, compile, send, leave.
    Demo(demo::Args),
    /// Run the service.
    Serve(serve::Args),
    /// Set the database up.
    Migrate,
    /// Create, change and show newsletters.
    #[command(subcommand)]
    Newsletter(newsletter::Command),
    /// Add, list and fetch feeds.
    #[command(subcommand)]
    Feed(feed::Command),
    /// Add, edit, import, show and retract articles.
    #[command(subcommand)]
    Article(article::Command),
    /// Import, show and suppress subscribers.
    #[command(subcommand)]
    Subscriber(subscriber::Command),
    /// Compile, send and account for issues.
    #[command(subcommand)]
    Issue(issue::Command),
    /// Add people and programs that may use the API, and give them tokens.
    #[command(subcommand)]
    Operator(operator::Command),
    /// Show the coming runs of every newsletter.
    Schedule(schedule::Args),
    /// Show what the program makes of one input; changes nothing.
    #[command(subcommand)]
    Inspect(inspect::Command),
    /// Make a key to sign messages with.
    #[command(subcommand)]
    Dkim(dkim::Command),
    /// Print completions for a shell.
    Completions(shell::CompletionsArgs),
    /// Write manual pages into a folder.
    Man(shell::ManArgs),
}

/// What every command is given.
#[derive(Clone, Debug)]
struct Context {
    config: Option<PathBuf>,
    json: bool,
}

impl Context {
    fn config(&self) -> anyhow::Result<Config> {
        Ok(config::load(
            self.config.as_deref(),
            config::environment(),
            config::SEARCH,
        )?)
    }

    /// The program with its database open. The database must exist.
    async fn app(&self) -> anyhow::Result<Arc<App>> {
        Ok(App::open_existing(self.config()?, Clock::System, Rng::System).await?)
    }

    /// The program with its database open, created if it does not exist: for the commands that set up a new site.
    async fn app_or_new(&self) -> anyhow::Result<Arc<App>> {
        Ok(App::open(self.config()?, Clock::System, Rng::System).await?)
    }
}

/// Runs the program. Exit status: 0 done, 1 failed, 2 the command line was wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context {
        config: cli.config,
        json: cli.json,
    };
    // One thread sends faster than several that hand each other every message; a site wants more.
    let mut builder = match &cli.command {
        Command::Demo(_) => tokio::runtime::Builder::new_multi_thread(),
        Command::Serve(args) if args.serves_the_site() => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    // What another thread has done, such as a commit, is taken up before what is at hand: it is waited for.
    builder.global_queue_interval(1);
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error)),
    };
    let result = runtime.block_on(run(cli.command, context));
    // A thread that still resolves a name must not hold the end up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn run(command: Command, context: Context) -> anyhow::Result<()> {
    match command {
        Command::Demo(args) => Box::pin(demo::run(&context, args)).await,
        Command::Serve(args) => serve::run(&context, args).await,
        Command::Migrate => serve::migrate(&context).await,
        Command::Newsletter(command) => newsletter::run(&context, command).await,
        Command::Feed(command) => Box::pin(feed::run(&context, command)).await,
        Command::Article(command) => Box::pin(article::run(&context, command)).await,
        Command::Subscriber(command) => Box::pin(subscriber::run(&context, command)).await,
        Command::Issue(command) => issue::run(&context, command).await,
        Command::Operator(command) => operator::run(&context, command).await,
        Command::Schedule(args) => schedule::run(&context, &args).await,
        Command::Inspect(command) => inspect::run(&context, command).await,
        Command::Dkim(command) => dkim::run(&context, command),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    }
}

/// Whether the reader of our output closed it (EPIPE), which is not an error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The reason on standard error, in one line.
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("daywire: {}", reason(error));
    ExitCode::FAILURE
}

/// The error and its causes. A cause whose text is part of what stands before it is left out.
fn reason(error: &anyhow::Error) -> String {
    let mut reason = String::new();
    for cause in error.chain() {
        let cause = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() {
            reason = cause;
        } else if !reason.contains(&cause) {
            reason = format!("{reason}: {cause}");
        }
    }
    reason
}

/// Logs to standard error.
fn start_log(level: LevelFilter, format: LogFormat) {
    // The code that needs the database reports that it is unavailable, so the pool's own messages would repeat it.
    let filter = EnvFilter::new(format!("warn,sqlx_core::pool=off,daywire={level}"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A second start in one process keeps the first.
    let _ = match format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.try_init(),
    };
}

/// The newsletter with this slug, also a removed one; or an error that says how to list newsletters.
async fn some_newsletter(tx: &mut Tx, slug: &str) -> anyhow::Result<Newsletter> {
    match tx.newsletter_by_slug(slug).await? {
        Some(newsletter) => Ok(newsletter),
        None => anyhow::bail!("there is no newsletter “{slug}”; `daywire newsletter list` shows them"),
    }
}

/// The newsletter with this slug, unless it was removed; or an error that says how to list newsletters.
async fn find_newsletter(tx: &mut Tx, slug: &str) -> anyhow::Result<Newsletter> {
    let newsletter = some_newsletter(tx, slug).await?;
    if let Some(at) = newsletter.removed_at {
        anyhow::bail!(
            "the newsletter “{slug}” was removed on {}; `daywire newsletter apply` its file again to bring it back",
            output::time(at)
        );
    }
    Ok(newsletter)
}

/// The content of a file, or an error that names it.
fn read_file(path: &std::path::Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))
}

/// What to know of a feed in a file that is not whole.
fn cut_off(file: &std::path::Path, entries: usize) -> String {
    format!(
        "{} breaks off before its end; what is whole was read: {}",
        file.display(),
        counted(entries, "entry", "entries")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn a_failure_is_told_in_one_line_with_each_cause_once() {
        let refused = || std::io::Error::other("connection\nrefused");
        let listen = crate::app::StartError::Listen {
            key: "http.listen",
            address: "127.0.0.1:80".into(),
            source: refused(),
        };
        let told = reason(&anyhow::Error::new(listen));
        assert_eq!(told.matches("connection refused").count(), 1, "{told}");
        let told = reason(&Err::<(), _>(refused()).context("no answer").expect_err("it is one"));
        assert_eq!(told, "no answer: connection refused");
    }
}
