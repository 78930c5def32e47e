//! The program: parses the command line, runs one command, and turns its result into an exit status and a line of text.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use tokio::runtime;

use super::context::Context;
use super::output::note;
use super::{
    article, audit, backup, bounce, comment, demo, dkim, doctor, feed, init, inspect, issue, newsletter, operator,
    redirect, schedule, serve, shell, signup, stats, subscriber, suppression, template, transfer, webhook,
};
use crate::text::plain::escaped;
use crate::traces::Traces;

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
    /// Write a settings file and DKIM keys for a new site, and print the DNS records to publish.
    Init(init::Args),
    /// Run the service.
    Serve(serve::Args),
    /// Create the database, or bring its tables up to date.
    Migrate,
    /// Examine the installation: settings, database, relays, DNS records, site and feeds. Fails if something must be mended.
    Doctor(doctor::Args),
    /// Create, change and show newsletters.
    #[command(subcommand)]
    Newsletter(newsletter::Command),
    /// Add, list and fetch feeds.
    #[command(subcommand)]
    Feed(feed::Command),
    /// Add, edit, import, show and retract articles.
    #[command(subcommand)]
    Article(article::Command),
    /// Show the old addresses of imported posts, which redirect to articles.
    #[command(subcommand)]
    Redirect(redirect::Command),
    /// List readers' comments, and decide which are published.
    #[command(subcommand)]
    Comment(comment::Command),
    /// Import, show, export, erase and suppress subscribers.
    #[command(subcommand)]
    Subscriber(subscriber::Command),
    /// Read returned mail, and list what came back.
    #[command(subcommand)]
    Bounce(bounce::Command),
    /// Count the sign-ups that were accepted, and those that were refused.
    #[command(subcommand)]
    Signup(signup::Command),
    /// List, export, import and lift suppressions: addresses that are never mailed.
    #[command(subcommand)]
    Suppression(suppression::Command),
    /// Compile and send issues, and check their delivery reports.
    #[command(subcommand)]
    Issue(issue::Command),
    /// Add people and programs that may use the console and the API, with their roles, passwords and tokens.
    #[command(subcommand)]
    Operator(operator::Command),
    /// Show who changed what, and how it was before.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Send events to other programs, signed, and show what was sent.
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Check your own templates of mails and pages.
    #[command(subcommand)]
    Template(template::Command),
    /// Show the coming runs of every newsletter.
    Schedule(schedule::Args),
    /// Count by day and newsletter: sign-ups, confirmations, leaving, deliveries, bounces and complaints.
    Stats(stats::Args),
    /// Show what the program makes of one input; changes nothing.
    #[command(subcommand)]
    Inspect(inspect::Command),
    /// Write everything in the database into one archive.
    Export(transfer::ExportArgs),
    /// Read the archive of an export into an empty database.
    Import(transfer::ImportArgs),
    /// Write the database into one file while the service runs.
    Backup(backup::BackupArgs),
    /// Put a backup into an empty database. Nothing that waits in it is sent before you decide.
    Restore(backup::RestoreArgs),
    /// Make a key to sign messages with.
    #[command(subcommand)]
    Dkim(dkim::Command),
    /// Print completions for a shell.
    Completions(shell::CompletionsArgs),
    /// Write manual pages into a folder.
    Man(shell::ManArgs),
}

/// The definition of the command line.
#[cfg(test)]
pub(super) fn command_line() -> clap::Command {
    Cli::command()
}

/// How long to wait at the end for threads that still work. A name that is being resolved cannot be interrupted.
const RUNTIME_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs the program. Exit status: 0 done, 1 failed, 2 the command line was wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let context = Context {
        config_file: cli.config,
        json: cli.json,
        traces: Traces::default(),
    };
    let result = runtime_for(&cli.command)
        .map_err(anyhow::Error::new)
        .and_then(|runtime| {
            let traces = context.traces.clone();
            let result = runtime.block_on(async {
                let result = Box::pin(run(cli.command, context)).await;
                traces.finish().await;
                result
            });
            runtime.shutdown_timeout(RUNTIME_SHUTDOWN_TIMEOUT);
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            note!("daywire: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// The site runs on several threads. Everything else runs on one: sending is faster without passing each message between threads.
fn runtime_for(command: &Command) -> std::io::Result<runtime::Runtime> {
    let mut builder = match command {
        Command::Demo(_) => runtime::Builder::new_multi_thread(),
        Command::Serve(args) if args.serves_the_site() => runtime::Builder::new_multi_thread(),
        _ => runtime::Builder::new_current_thread(),
    };
    // Tasks that another thread has woken run before local ones. They are mostly ends of commits, for which others wait.
    builder.global_queue_interval(1).enable_all().build()
}

async fn run(command: Command, context: Context) -> anyhow::Result<()> {
    match command {
        Command::Demo(args) => Box::pin(demo::run(&context, args)).await,
        Command::Init(args) => init::run(&context, args),
        Command::Serve(args) => Box::pin(serve::run(&context, args)).await,
        Command::Migrate => serve::migrate(&context).await,
        Command::Doctor(args) => Box::pin(doctor::run(&context, &args)).await,
        Command::Export(args) => Box::pin(transfer::export(&context, &args)).await,
        Command::Import(args) => Box::pin(transfer::import(&context, &args)).await,
        Command::Backup(args) => Box::pin(backup::backup(&context, &args)).await,
        Command::Restore(args) => Box::pin(backup::restore(&context, &args)).await,
        Command::Newsletter(command) => newsletter::run(&context, command).await,
        Command::Feed(command) => Box::pin(feed::run(&context, command)).await,
        Command::Article(command) => Box::pin(article::run(&context, command)).await,
        Command::Redirect(command) => redirect::run(&context, command).await,
        Command::Comment(command) => comment::run(&context, command).await,
        Command::Subscriber(command) => Box::pin(subscriber::run(&context, command)).await,
        Command::Bounce(command) => Box::pin(bounce::run(&context, command)).await,
        Command::Signup(command) => signup::run(&context, command).await,
        Command::Suppression(command) => Box::pin(suppression::run(&context, command)).await,
        Command::Issue(command) => Box::pin(issue::run(&context, command)).await,
        Command::Operator(command) => operator::run(&context, command).await,
        Command::Audit(command) => audit::run(&context, command).await,
        Command::Webhook(command) => Box::pin(webhook::run(&context, command)).await,
        Command::Template(command) => template::run(&context, command).await,
        Command::Schedule(args) => schedule::run(&context, &args).await,
        Command::Stats(args) => stats::run(&context, &args).await,
        Command::Inspect(command) => inspect::run(&context, command).await,
        Command::Dkim(command) => dkim::run(&context, command),
        Command::Completions(args) => shell::completions(&args, Cli::command()),
        Command::Man(args) => shell::man(&args, Cli::command()),
    }
}

/// Whether the program that reads our output closed it (EPIPE), which is not an error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// The error and its causes in one line, without raw control characters. A cause is left out if the text before it already contains it.
fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    escaped(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn every_command_has_a_manual_page_and_a_completion() {
        fn names(of: &clap::Command, name: &str, all: &mut Vec<String>) {
            all.push(name.to_owned());
            for command in of.get_subcommands() {
                names(command, &format!("{name}-{}", command.get_name()), all);
            }
        }
        let mut all = Vec::new();
        names(&Cli::command(), "daywire", &mut all);
        assert!(all.len() > 60, "only {} commands were found", all.len());
        let folder = tempfile::tempdir().expect("a scratch folder");
        let dir = folder.path().to_owned();
        shell::man(&shell::ManArgs { dir }, Cli::command()).expect("the folder is writable");
        let mut completions = Vec::new();
        clap_complete::generate(
            clap_complete::Shell::Bash,
            &mut Cli::command(),
            "daywire",
            &mut completions,
        );
        let completions = String::from_utf8_lossy(&completions);
        for name in all {
            let page = std::fs::read_to_string(folder.path().join(format!("{name}.1")));
            assert!(page.is_ok_and(|page| page.contains(".SH SYNOPSIS")), "{name}");
            let last = name.rsplit('-').next().unwrap_or(&name);
            assert!(completions.contains(last), "{name}");
        }
    }

    #[test]
    fn an_error_is_one_line_that_has_each_cause_once() {
        let refused = || std::io::Error::other("connection\nrefused");
        let listen = crate::app::StartError::Listen {
            key: "http.listen",
            address: "127.0.0.1:80".into(),
            source: refused(),
        };
        let line = one_line(&anyhow::Error::new(listen));
        assert_eq!(line.matches("connection refused").count(), 1, "{line}");
        let line = one_line(
            &Err::<(), _>(refused())
                .context("no answer")
                .expect_err("the result is an error"),
        );
        assert_eq!(line, "no answer: connection refused");
    }
}
