//! `daywire issue`.

mod account;
mod edit;
mod rehearse;
mod send;
mod show;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::names::{self, IssueName};
use super::{Context, find_newsletter, output};
use crate::app::App;
use crate::config::is_placeholder;
use crate::delivery::rehearsal::{Faults, Options};
use crate::delivery::settlement::Settlement;
use crate::delivery::{control, preflight, settlement, test_mail};
use crate::digest::build::{build, build_corrections, compile};
use crate::digest::render::with_links;
use crate::digest::{Compiled, Decision};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::domain::time::{due, zoned};
use crate::inbox;
use crate::store::issue_lists::issue_name;
use crate::text::plain::counted;

/// What to do with issues.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Compile without storing: subject, parts, and why each article is in or out.
    Preview {
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
        /// Write issue.html and issue.txt into this folder.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Compile and freeze a draft now.
    Build {
        /// The newsletter's slug.
        #[arg(long, value_name = "SLUG")]
        newsletter: String,
        /// Only the corrections that wait, without new stories; articles go on waiting.
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
        /// Which attempts it does that to; 1 unless given.
        #[arg(long, value_name = "N", requires = "dry_run")]
        seed: Option<u64>,
    },
    /// List the latest issues.
    List {
        /// Only of this newsletter.
        #[arg(long, value_name = "SLUG")]
        newsletter: Option<String>,
    },
    /// Show an issue and how many deliveries are in each state; or its text, to be read.
    Show {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Print the text as a reader gets it, and nothing else.
        #[arg(long, conflicts_with_all = ["html", "json"])]
        text: bool,
        /// Print the HTML as a reader gets it, and nothing else.
        #[arg(long, conflicts_with = "json")]
        html: bool,
    },
    /// Release a draft for sending; a change to it withdraws the approval.
    Approve {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Withdraw the approval instead: the issue is a draft again.
        #[arg(long)]
        withdraw: bool,
    },
    /// Change a draft: its stories, their order and headlines, its subject, a word before them.
    Edit {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        #[command(flatten)]
        changes: Box<edit::Changes>,
    },
    /// Compile an issue again from what it was frozen with.
    Rebuild {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// Compare with what is stored; fails if a byte differs. Nothing is changed.
        #[arg(long, required = true)]
        check: bool,
    },
    /// Hold an issue that is being sent.
    Pause {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
    },
    /// Go on with a paused issue.
    Resume {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
    },
    /// End an issue: nothing more of it is sent.
    Cancel {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
    },
    /// Send one copy to an address, outside the issue's account.
    Test {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// The address.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// Decide what is in doubt of an issue: messages that the relay may or may not have taken.
    #[command(group = clap::ArgGroup::new("as").required(true))]
    Settle {
        /// The issue: its id or the beginning of it, NEWSLETTER/NUMBER such as morning/7, or `last`.
        id: IssueName,
        /// They were delivered; nothing more is sent.
        #[arg(long, group = "as")]
        accepted: bool,
        /// Send them again, with the same Message-ID; an issue that was sent is taken up again.
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
        /// Write the report to this file as JSON lines, one a recipient, with a digest. Only its owner may read it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Name the recipients in the file by address, too; without this it names them by subscription only.
        #[arg(long, requires = "out")]
        addresses: bool,
        /// Check such a file by itself instead: its digest and its sums.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "out"])]
        check: Option<PathBuf>,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    if let Command::Proof { check: Some(file), .. } = &command {
        return account::check(context, file);
    }
    let app = context.app().await?;
    let named = async |name: &IssueName| names::issue(&mut app.store.read().await?, name).await;
    match command {
        Command::Preview { newsletter, out } => preview(context, &app, &newsletter, out).await,
        Command::Build {
            newsletter,
            corrections,
        } => build_now(context, &app, &newsletter, corrections).await,
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
            let id = named(&id).await?;
            control::has_readers(&mut app.store.read().await?, id).await?;
            Box::pin(rehearse::run(context, &app, id, options)).await
        }
        Command::Send { id, wait, .. } => {
            let id = named(&id).await?;
            control::has_readers(&mut app.store.read().await?, id).await?;
            send::run(context, &app, id, wait).await
        }
        Command::List { newsletter } => show::list(context, &app, newsletter.as_deref()).await,
        Command::Show { id, text: true, .. } => show::part(&app, named(&id).await?, |issue| &issue.text).await,
        Command::Show { id, html: true, .. } => show::part(&app, named(&id).await?, |issue| &issue.html).await,
        Command::Show { id, .. } => show::show(context, &app, named(&id).await?).await,
        Command::Approve { id, withdraw: true } => {
            let id = named(&id).await?;
            control::withdraw(&app, id).await?;
            show::show(context, &app, id).await
        }
        Command::Approve { id, .. } => {
            let id = named(&id).await?;
            control::approve(&app, id).await?;
            show::show(context, &app, id).await?;
            approved(&app, id).await
        }
        Command::Edit { id, changes } => {
            let id = named(&id).await?;
            let before = control::find(&mut app.store.read().await?, id).await?.state;
            edit::edit(&app, id, &changes).await?;
            show::show(context, &app, id).await?;
            if before == IssueState::Approved {
                let name = app.store.read().await?.issue_name(id).await?;
                eprintln!(
                    "note: the approval was taken back, because the text changed; `daywire issue approve {name}` approves it again"
                );
            }
            Ok(())
        }
        Command::Rebuild { id, .. } => edit::check(context, &app, named(&id).await?).await,
        Command::Pause { id } => {
            let id = named(&id).await?;
            control::pause(&app, id, "paused by an operator").await?;
            show::show(context, &app, id).await
        }
        Command::Resume { id } => {
            let id = named(&id).await?;
            control::resume(&app, id).await?;
            show::show(context, &app, id).await
        }
        Command::Cancel { id } => {
            let id = named(&id).await?;
            control::cancel(&app, id).await?;
            show::show(context, &app, id).await
        }
        Command::Test { id, to } => test(context, &app, named(&id).await?, &to).await,
        Command::Settle { id, resend, .. } => settle(context, &app, named(&id).await?, resend).await,
        Command::Deliveries { id, state } => account::deliveries(context, &app, named(&id).await?, &state).await,
        Command::Proof {
            id: Some(id),
            out,
            addresses,
            ..
        } => account::prove(context, &app, named(&id).await?, out.as_deref(), addresses).await,
        Command::Proof { id: None, .. } => unreachable!("clap asks for the issue or for a file to check"),
    }
}

/// Says when an approved issue goes out.
async fn approved(app: &App, id: IssueId) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let issue = control::find(&mut tx, id).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    match issue.due_at {
        None => eprintln!("note: {name} has no due time; `daywire issue send {name}` sends it"),
        Some(at) if at <= app.clock.now() => {
            let due = due(at, newsletter.timezone, app.clock.now());
            eprintln!("note: {name} was due {due}; a running `daywire serve` sends it within a minute");
        }
        Some(at) => eprintln!(
            "note: `daywire serve` sends {name} on {}",
            zoned(at, newsletter.timezone)
        ),
    }
    Ok(())
}

async fn preview(context: &Context, app: &App, slug: &str, out: Option<PathBuf>) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let newsletter = find_newsletter(&mut tx, slug).await?;
    let latest = tx.latest_issue(newsletter.id).await?;
    let since = latest.map_or(newsletter.created_at, |(_, window_to)| window_to);
    let left_out = tx.left_out_on_arrival(newsletter.id, since).await?;
    drop(tx);
    let left_out_rows: Vec<_> = left_out
        .iter()
        .map(|(reason, count)| vec![count.to_string(), reason.clone()])
        .collect();
    let left_out_table = || match left_out_rows.as_slice() {
        [] => Ok(()),
        rows => output::table(&["left out", "when they arrived, because"], rows.to_vec(), ""),
    };
    let draft = match compile(app, newsletter.id, app.clock.now(), None).await? {
        Compiled::Nothing(nothing) if context.json => {
            return output::json(&json!({
                "reason": nothing.reason,
                "articles": nothing.decisions,
                "left_out_on_arrival": left_out,
            }));
        }
        Compiled::Nothing(nothing) => {
            output::text(&format!("nothing to send: {}", nothing.reason))?;
            decisions_table(nothing.decisions)?;
            return left_out_table();
        }
        Compiled::Issue(draft) => draft,
    };
    let findings = preflight::check(app, &newsletter, &draft.issue);
    let decisions = draft.decisions.iter();
    let beyond = decisions.filter(|decision| decision.is_beyond_max_stories);
    let not_carried_over = beyond.map(|decision| decision.story).collect::<BTreeSet<_>>().len();
    let beyond_candidates = draft.beyond_candidates.len();
    let shown = |part: &str| with_links(part, &app.link(""), "TOKEN");
    let (html, text) = (shown(&draft.issue.html), shown(&draft.issue.text));
    if let Some(folder) = out {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("issue.html"), &html)?;
        std::fs::write(folder.join("issue.txt"), &text)?;
    }
    if context.json {
        return output::json(&json!({
            "number": draft.issue.number,
            "subject": draft.issue.subject,
            "html": html,
            "text": text,
            "articles": draft.decisions,
            "not_carried_over": not_carried_over,
            "beyond_candidates": beyond_candidates,
            "left_out_on_arrival": left_out,
            "findings": findings,
        }));
    }
    output::text(&format!("Subject: {}\n\n{text}", draft.issue.subject))?;
    decisions_table(draft.decisions)?;
    left_out_table()?;
    if beyond_candidates > 0 {
        let max = app.config.digest.max_candidates;
        output::text(&format!(
            "An issue that is built now leaves out {}, because it is compiled from the newest {max} that the rules let in \
             (digest.max_candidates).",
            counted(beyond_candidates, "older article", "older articles")
        ))?;
    }
    if not_carried_over > 0 {
        let max = draft.inputs.rules.max_stories;
        let stories = if not_carried_over == 1 {
            "1 story is"
        } else {
            &format!("{not_carried_over} stories are")
        };
        output::text(&format!(
            "{stories} beyond max_stories ({max}). An issue that is built now leaves them out for good: no later issue has them. \
             To bring them now, pin them with `daywire article rate` or raise max_stories."
        ))?;
    }
    output::findings(&findings)
}

async fn build_now(context: &Context, app: &App, slug: &str, corrections: bool) -> anyhow::Result<()> {
    let newsletter = find_newsletter(&mut app.store.read().await?, slug).await?;
    app.config.require_identity(newsletter.sender.is_some())?;
    let compiled = if corrections {
        build_corrections(app, newsletter.id, app.clock.now()).await?
    } else {
        build(app, newsletter.id, app.clock.now(), None).await?
    };
    match compiled {
        Compiled::Issue(draft) if context.json => output::json(&json!({
            "id": draft.issue.id,
            "number": draft.issue.number,
            "subject": draft.issue.subject,
            "articles": draft.decisions,
        })),
        Compiled::Issue(draft) => output::text(&draft.issue.id.to_string()),
        Compiled::Nothing(nothing) if context.json => output::json(&json!({ "id": null, "reason": nothing.reason })),
        Compiled::Nothing(nothing) => output::text(&format!("nothing to send: {}", nothing.reason)),
    }
}

/// A table of articles with the rule that decided about each; nothing if there are none.
fn decisions_table(decisions: Vec<Decision>) -> anyhow::Result<()> {
    if decisions.is_empty() {
        return Ok(());
    }
    show::articles_table(decisions.into_iter().map(|decision| {
        let (article, terms) = show::decided_article(decision);
        (article, Some(terms))
    }))
}

/// Refuses to mail an issue while the site's name, address or sender is not set.
async fn require_identity(app: &App, id: IssueId) -> anyhow::Result<()> {
    let issue = control::find(&mut app.store.read().await?, id).await?;
    Ok(app.config.require_identity(!is_placeholder(&issue.sender))?)
}

async fn test(context: &Context, app: &Arc<App>, id: IssueId, to: &str) -> anyhow::Result<()> {
    require_identity(app, id).await?;
    let stop = CancellationToken::new();
    let inbox = inbox::start(app, stop.clone()).await?;
    let sent = test_mail::send_test(app, id, to).await;
    stop.cancel();
    if let Some(inbox) = inbox {
        inbox.await?;
    }
    let reply = sent?;
    if context.json {
        return output::json(&json!({ "accepted": true, "reply": reply }));
    }
    output::text(&format!("accepted: {reply}"))
}

async fn settle(context: &Context, app: &App, id: IssueId, resend: bool) -> anyhow::Result<()> {
    let as_ = if resend {
        Settlement::Resend
    } else {
        Settlement::Accepted
    };
    let settled = settlement::settle(app, id, as_).await?;
    if !context.json {
        let verb = if settled == 1 { "was" } else { "were" };
        output::text(&format!(
            "{} {verb} in doubt",
            counted(settled, "delivery", "deliveries")
        ))?;
    }
    show::show(context, app, id).await
}
