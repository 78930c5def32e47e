//! `daywire issue`: the arguments of its commands, and which function runs each.

mod approve;
mod build;
mod deliveries;
mod delivery_report;
mod edit;
mod list;
mod preview;
mod rebuild;
mod rehearsal;
mod send;
mod settle;
mod show;
mod tables;
mod test_mail;

use std::path::PathBuf;
use std::sync::Arc;

use super::acting_operator::command_actor;
use super::context::Context;
use super::names::{self, IssueName};
use crate::app::App;
use crate::delivery::control;
use crate::delivery::rehearsal::{Faults, Options};
use crate::domain::issue_action::IssueAction;
use crate::domain::states::DeliveryState;

/// Compiles, edits, sends and checks issues.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Compile without storing: subject, parts, and why each article is in or out.
    Preview {
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
        /// Write issue.html and issue.txt into this folder, and edition-1.html and edition-1.txt for each edition.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Compile a draft now.
    Build {
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
        /// Only the waiting corrections, without new stories; articles keep waiting.
        #[arg(long)]
        corrections: bool,
    },
    /// Freeze the recipients of an issue and queue them.
    Send {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Send from this process until no delivery can be tried now, and say what is deferred.
        #[arg(long)]
        wait: bool,
        /// Rehearse instead: send a copy to a simulated relay. Nothing is sent to recipients and nothing is changed.
        #[arg(long, conflicts_with = "wait")]
        dry_run: bool,
        /// What the simulated relay does wrong on purpose, such as defer=10%,refuse=2%,hangup=1%.
        #[arg(long, value_name = "FAULTS", requires = "dry_run")]
        faults: Option<Faults>,
        /// Selects the attempts with such faults: the same number selects the same ones. 1 unless given.
        #[arg(long, value_name = "N", requires = "dry_run")]
        seed: Option<u64>,
    },
    /// List the latest issues.
    List {
        /// Only issues of this newsletter.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
    /// Show an issue and how many deliveries are in each state; or print its text or HTML.
    Show {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Print the text as a reader gets it, and nothing else.
        #[arg(long, conflicts_with_all = ["html", "json"])]
        text: bool,
        /// Print the HTML as a reader gets it, and nothing else.
        #[arg(long, conflicts_with = "json")]
        html: bool,
        /// With --text or --html: of the edition with this number. Before the issue starts, as it would be sent now.
        #[arg(long, value_name = "N", conflicts_with = "json")]
        edition: Option<i64>,
    },
    /// Release a draft for sending; a change to it withdraws the approval.
    Approve {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Withdraw the approval instead: the issue is a draft again.
        #[arg(long)]
        withdraw: bool,
    },
    /// Change a draft: its stories, their order and headlines, its subject, its introduction.
    Edit {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        #[command(flatten)]
        changes: Box<edit::Changes>,
    },
    /// Compile an issue again from its stored inputs.
    Rebuild {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Compare with what is stored; fails if a byte differs. Nothing is changed.
        #[arg(long, required = true)]
        check: bool,
    },
    /// Pause an issue that is being sent.
    Pause {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
    },
    /// Resume a paused issue.
    Resume {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
    },
    /// End an issue: nothing more of it is sent.
    Cancel {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
    },
    /// Send one copy to an address; the delivery report does not count it.
    Test {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// The address.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// The edition with this number. Before the issue starts, as it would be sent now.
        #[arg(long, value_name = "N")]
        edition: Option<i64>,
    },
    /// Decide about the deliveries that are in doubt: messages that the relay may or may not have accepted.
    #[command(group = clap::ArgGroup::new("as").required(true))]
    Settle {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Count these deliveries as accepted; nothing more is sent.
        #[arg(long, group = "as")]
        accepted: bool,
        /// Send these messages again, with the same Message-ID. An issue that was sent is in the state `sending` again until they are done.
        #[arg(long, group = "as")]
        resend: bool,
    },
    /// List the recipients of an issue and its editions, each with its address, state and the relay's last reply.
    Deliveries {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Only deliveries in this state, such as rejected; may be given more than once.
        #[arg(long, value_name = "STATE")]
        state: Vec<DeliveryState>,
    },
    /// Check the delivery report of an issue and its editions; fails if it does not balance.
    Proof {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        #[arg(required_unless_present = "check")]
        id: Option<IssueName>,
        /// Write the report to this file as JSON lines, one for each recipient, with a digest. Only its owner can read the file.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Also name the recipients in the file by address; without this it names them by subscription only.
        #[arg(long, requires = "out")]
        addresses: bool,
        /// Check such a file instead, without the database: its digest and its sums.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
        check: Option<PathBuf>,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    if let Command::Proof { check: Some(file), .. } = &command {
        return delivery_report::check_file(context, file);
    }
    let app = context.app().await?;
    let result = Box::pin(run_with(context, &app, command)).await;
    // A thread of the database keeps the span of its last statement for a moment. Closed connections have let go of it, so that the span
    // is among those that the end of the program exports.
    app.store.close().await;
    result
}

async fn run_with(context: &Context, app: &Arc<App>, command: Command) -> anyhow::Result<()> {
    let find = async |name: &IssueName| names::issue(&mut app.store.read().await?, name).await;
    match command {
        Command::Preview { newsletter, out } => preview::run(context, app, &newsletter, out.as_deref()).await,
        Command::Build {
            newsletter,
            corrections,
        } => build::run(context, app, &newsletter, corrections).await,
        Command::Send {
            id,
            dry_run: true,
            faults,
            seed,
            ..
        } => {
            let options = Options {
                faults: faults.unwrap_or_default(),
                seed: seed.unwrap_or(1),
            };
            Box::pin(rehearsal::run(context, app, find(&id).await?, options)).await
        }
        Command::Send { id, wait, .. } => send::run(context, app, find(&id).await?, wait).await,
        Command::List { newsletter } => list::run(context, app, newsletter.as_deref()).await,
        Command::Show {
            id,
            text: true,
            edition,
            ..
        } => show::part(app, find(&id).await?, edition, |issue| &issue.text).await,
        Command::Show {
            id,
            html: true,
            edition,
            ..
        } => show::part(app, find(&id).await?, edition, |issue| &issue.html).await,
        Command::Show { edition: Some(_), .. } => anyhow::bail!("--edition needs --text or --html"),
        Command::Show { id, .. } => show::run(context, app, find(&id).await?).await,
        Command::Approve { id, withdraw: true } => approve::withdraw(context, app, find(&id).await?).await,
        Command::Approve { id, .. } => approve::approve(context, app, find(&id).await?).await,
        Command::Edit { id, changes } => edit::run(context, app, find(&id).await?, &changes).await,
        Command::Rebuild { id, .. } => rebuild::check(context, app, find(&id).await?).await,
        Command::Pause { id } => {
            let id = find(&id).await?;
            control::pause(app, IssueAction::by(command_actor(), id), "paused by an operator").await?;
            show::run(context, app, id).await
        }
        Command::Resume { id } => {
            let id = find(&id).await?;
            control::resume(app, IssueAction::by(command_actor(), id)).await?;
            show::run(context, app, id).await
        }
        Command::Cancel { id } => {
            let id = find(&id).await?;
            control::cancel(app, IssueAction::by(command_actor(), id)).await?;
            show::run(context, app, id).await
        }
        Command::Test { id, to, edition } => test_mail::run(context, app, find(&id).await?, edition, &to).await,
        Command::Settle { id, resend, .. } => settle::run(context, app, find(&id).await?, resend).await,
        Command::Deliveries { id, state } => deliveries::run(context, app, find(&id).await?, &state).await,
        Command::Proof {
            id: Some(id),
            out,
            addresses,
            ..
        } => delivery_report::run(context, app, find(&id).await?, out.as_deref(), addresses).await,
        Command::Proof { id: None, .. } => unreachable!("clap asks for the issue or for a file to check"),
    }
}
