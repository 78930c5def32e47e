//! `daywire issue`.

mod account;
mod edit;
mod rehearse;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::level_filters::LevelFilter;

use super::{Context, find_newsletter, output, start_log};
use crate::app::App;
use crate::delivery::control::Settlement;
use crate::delivery::rehearsal::{Faults, Options};
use crate::delivery::{control, nodes, preflight, proof, sender};
use crate::digest::ranking::Terms;
use crate::digest::{Compiled, build, compile};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::inbox;

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
    },
    /// Freeze the recipients of an issue and queue them.
    Send {
        /// The issue.
        id: IssueId,
        /// Send from this process until nothing is left to do.
        #[arg(long)]
        wait: bool,
        /// Rehearse on a copy instead, all the way to a stand-in for the relay; nothing is sent or changed.
        #[arg(long, conflicts_with = "wait")]
        dry_run: bool,
        /// What the stand-in does wrong on purpose, such as defer=10%,refuse=2%,hangup=1%.
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
    /// Show an issue and how many deliveries are in each state.
    Show {
        /// The issue.
        id: IssueId,
    },
    /// Release a draft.
    Approve {
        /// The issue.
        id: IssueId,
    },
    /// Change a draft: its stories, their order and headlines, its subject, a word before them.
    Edit {
        /// The issue.
        id: IssueId,
        #[command(flatten)]
        changes: edit::Changes,
    },
    /// Compile an issue again from what it was frozen with.
    Rebuild {
        /// The issue.
        id: IssueId,
        /// Compare with what is stored; fails if a byte differs. Nothing is changed.
        #[arg(long, required = true)]
        check: bool,
    },
    /// Hold an issue that is being sent.
    Pause {
        /// The issue.
        id: IssueId,
    },
    /// Go on with a paused issue.
    Resume {
        /// The issue.
        id: IssueId,
    },
    /// End an issue: nothing more of it is sent.
    Cancel {
        /// The issue.
        id: IssueId,
    },
    /// Send one copy to an address, outside the issue's account.
    Test {
        /// The issue.
        id: IssueId,
        /// The address.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
    /// Decide what is in doubt of an issue: messages that the relay may or may not have taken.
    #[command(group = clap::ArgGroup::new("as").required(true))]
    Settle {
        /// The issue.
        id: IssueId,
        /// They were delivered; nothing more is sent.
        #[arg(long, group = "as")]
        accepted: bool,
        /// Send them again, with the same Message-ID; an issue that was sent is taken up again.
        #[arg(long, group = "as")]
        resend: bool,
    },
    /// Draw up the account of an issue; fails if it does not balance.
    Proof {
        /// The issue.
        #[arg(required_unless_present = "check")]
        id: Option<IssueId>,
        /// Write the account to this file as JSON lines, one a recipient, with a digest.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
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
    match command {
        Command::Preview { newsletter, out } => preview(context, &app, &newsletter, out).await,
        Command::Build { newsletter } => build_now(context, &app, &newsletter).await,
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
            Box::pin(rehearse::run(context, &app, id, options)).await
        }
        Command::Send { id, wait, .. } => send(context, &app, id, wait).await,
        Command::List { newsletter } => list(context, &app, newsletter.as_deref()).await,
        Command::Show { id } => show(context, &app, id).await,
        Command::Approve { id } => {
            control::approve(&app, id).await?;
            show(context, &app, id).await
        }
        Command::Edit { id, changes } => {
            edit::edit(&app, id, &changes).await?;
            show(context, &app, id).await
        }
        Command::Rebuild { id, .. } => edit::check(context, &app, id).await,
        Command::Pause { id } => {
            control::pause(&app, id, "paused by an operator").await?;
            show(context, &app, id).await
        }
        Command::Resume { id } => {
            control::resume(&app, id).await?;
            show(context, &app, id).await
        }
        Command::Cancel { id } => {
            control::cancel(&app, id).await?;
            show(context, &app, id).await
        }
        Command::Test { id, to } => test(context, &app, id, &to).await,
        Command::Settle { id, resend, .. } => settle(context, &app, id, resend).await,
        Command::Proof { id: Some(id), out, .. } => account::prove(context, &app, id, out.as_deref()).await,
        Command::Proof { id: None, .. } => unreachable!("clap asks for the issue or for a file to check"),
    }
}

async fn preview(context: &Context, app: &App, slug: &str, out: Option<PathBuf>) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let newsletter = find_newsletter(&mut tx, slug).await?;
    let draft = match compile(&mut tx, app, &newsletter, app.clock.now(), None).await? {
        Compiled::Nothing(reason) if context.json => return output::json(&json!({ "reason": reason })),
        Compiled::Nothing(reason) => return output::text(&format!("nothing to send: {reason}")),
        Compiled::Issue(draft) => draft,
    };
    let findings = preflight::check(app, &newsletter, &draft.issue);
    if let Some(folder) = out {
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("issue.html"), &draft.issue.html)?;
        std::fs::write(folder.join("issue.txt"), &draft.issue.text)?;
    }
    if context.json {
        return output::json(&json!({
            "number": draft.issue.number,
            "subject": draft.issue.subject,
            "html": draft.issue.html,
            "text": draft.issue.text,
            "articles": draft.decisions,
            "findings": findings,
        }));
    }
    output::text(&format!("Subject: {}\n\n{}", draft.issue.subject, draft.issue.text))?;
    let mut story = 0;
    let rows = draft.decisions.into_iter().map(|decision| {
        let leads = std::mem::replace(&mut story, decision.story) != decision.story;
        let place = match decision.position {
            _ if !leads => String::new(),
            Some(position) => position.to_string(),
            None => "out".into(),
        };
        let why = if leads {
            decision.reason
        } else {
            "the same story".into()
        };
        let score = if leads {
            decision.terms.to_string()
        } else {
            String::new()
        };
        vec![place, decision.id, decision.title, why, score]
    });
    output::table(&["place", "article", "title", "why", "score"], rows.collect(), "")?;
    output::findings(&findings)
}

async fn build_now(context: &Context, app: &App, slug: &str) -> anyhow::Result<()> {
    let mut tx = app.store.write().await?;
    let newsletter = find_newsletter(&mut tx, slug).await?;
    let compiled = build(&mut tx, app, &newsletter, app.clock.now(), None).await?;
    tx.commit().await?;
    match compiled {
        Compiled::Issue(draft) if context.json => output::json(&json!({
            "id": draft.issue.id,
            "number": draft.issue.number,
            "subject": draft.issue.subject,
            "articles": draft.decisions,
        })),
        Compiled::Issue(draft) => output::text(&draft.issue.id.to_string()),
        Compiled::Nothing(reason) if context.json => output::json(&json!({ "id": null, "reason": reason })),
        Compiled::Nothing(reason) => output::text(&format!("nothing to send: {reason}")),
    }
}

async fn send(context: &Context, app: &Arc<App>, id: IssueId, wait: bool) -> anyhow::Result<()> {
    if wait {
        start_log(LevelFilter::WARN, app.config.log.format);
        let stop = CancellationToken::new();
        let inbox_stop = CancellationToken::new();
        let inbox = inbox::start(app, inbox_stop.clone()).await?;
        control::send(app, id).await?;
        let alive = CancellationToken::new();
        let keeper = tokio::spawn(nodes::keep(Arc::clone(app), alive.clone()));
        let told = tokio::spawn({
            let stop = stop.clone();
            async move {
                if super::serve::until_told_to_stop().await.is_ok() {
                    stop.cancel();
                }
            }
        });
        let editions = app.store.read().await?.editions_of(id).await?;
        for id in std::iter::once(id).chain(editions.into_iter().map(|(edition, ..)| edition)) {
            let sending = tokio::spawn(sender::run(Arc::clone(app), Some(id), stop.clone()));
            progress(app, id, &sending).await?;
            sending.await?;
        }
        alive.cancel();
        keeper.await?;
        told.abort();
        inbox_stop.cancel();
        if let Some(inbox) = inbox {
            inbox.await?;
        }
    } else {
        control::send(app, id).await?;
    }
    show(context, app, id).await?;
    if !wait {
        return Ok(());
    }
    let mut tx = app.store.read().await?;
    let editions = tx.editions_of(id).await?;
    for id in std::iter::once(id).chain(editions.into_iter().map(|(edition, ..)| edition)) {
        let issue = control::find(&mut tx, id).await?;
        if !matches!(issue.state, IssueState::Sent | IssueState::Skipped) {
            anyhow::bail!(
                "issue {id} is {}: {}",
                issue.state,
                issue.reason.unwrap_or_else(|| {
                    format!("not everything went out; the rest waits for `daywire serve` or `issue send {id} --wait`")
                })
            );
        }
    }
    Ok(())
}

/// Shows how far the sending is, on standard error, until it has ended.
async fn progress(app: &App, id: IssueId, sending: &tokio::task::JoinHandle<()>) -> anyhow::Result<()> {
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {msg}")?);
    while !sending.is_finished() {
        let since = Instant::now();
        // A database that is away for a moment ends no sending: the bar stands still until it is back.
        if let Ok(counts) = proof::count(app, id).await {
            let total: i64 = counts.values().sum();
            let open: i64 = counts
                .iter()
                .filter(|(state, _)| state.is_open())
                .map(|(_, count)| count)
                .sum();
            bar.set_length(u64::try_from(total).unwrap_or(0));
            bar.set_position(u64::try_from(total - open).unwrap_or(0));
            let deferred = counts.get(&DeliveryState::Deferred).copied().unwrap_or(0);
            let trouble = app
                .health
                .trouble()
                .map(|trouble| format!(" · {}", trouble.reason))
                .unwrap_or_default();
            bar.set_message(format!("{deferred} deferred{trouble}"));
        }
        // Counting a million rows takes a while; the sending comes first.
        let pause = since.elapsed() * 20;
        while !sending.is_finished() && since.elapsed() < pause.max(Duration::from_millis(100)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    bar.finish_and_clear();
    Ok(())
}

async fn list(context: &Context, app: &App, slug: Option<&str>) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let newsletter = match slug {
        Some(slug) => Some(find_newsletter(&mut tx, slug).await?.id),
        None => None,
    };
    let issues = tx.issues(newsletter, 100).await?;
    if context.json {
        let documents = issues.iter().map(|issue| {
            json!({
                "id": issue.id,
                "newsletter": issue.newsletter_slug,
                "number": issue.number,
                "edition": issue.edition_name,
                "state": issue.state,
                "subject": issue.subject,
                "created_at": issue.created_at,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = issues.into_iter().map(|issue| {
        let number = match issue.edition_name.as_str() {
            "" => issue.number.to_string(),
            edition => format!("{} ({edition})", issue.number),
        };
        vec![
            issue.id.to_string(),
            issue.newsletter_slug,
            number,
            issue.state.to_string(),
            issue.subject,
        ]
    });
    let nothing = "no issue yet; `daywire issue build --newsletter SLUG` makes one";
    output::table(
        &["id", "newsletter", "number", "state", "subject"],
        rows.collect(),
        nothing,
    )
}

async fn show(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let issue = control::find(&mut tx, id).await?;
    let newsletter = tx.newsletter(issue.newsletter_id).await?;
    let articles = tx.articles_of_issue(id).await?;
    let stories = tx.issue_stories(id).await?;
    let editions = tx.editions_of(id).await?;
    drop(tx);
    let deliveries = proof::count(app, id).await?;
    let recipients: i64 = deliveries.values().sum();
    if context.json {
        let articles = articles.iter().map(|(position, reason, public_id, title, story)| {
            json!({ "id": public_id, "title": title, "story": story, "position": position, "reason": reason })
        });
        let stories = stories.iter().map(|story| {
            let terms: Terms = serde_json::from_str(&story.terms).unwrap_or_default();
            json!({
                "story": story.story,
                "position": story.position,
                "reason": story.reason,
                "score": terms.score(),
                "terms": terms,
            })
        });
        return output::json(&json!({
            "id": issue.id,
            "newsletter": newsletter.slug,
            "number": issue.number,
            "state": issue.state,
            "reason": issue.reason,
            "subject": issue.subject,
            "window": { "from": issue.window_from, "to": issue.window_to },
            "due_at": issue.due_at,
            "created_at": issue.created_at,
            "started_at": issue.started_at,
            "finished_at": issue.finished_at,
            "recipients": recipients,
            "deliveries": deliveries,
            "edition": issue.edition_name,
            "editions": editions
                .iter()
                .map(|(id, name, recipients)| json!({ "id": id, "edition": name, "recipients": recipients }))
                .collect::<Vec<_>>(),
            "stories": stories.collect::<Vec<_>>(),
            "articles": articles.collect::<Vec<_>>(),
        }));
    }
    let reason = issue.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    output::text(&format!(
        "{} {} no. {}: {}{reason}\n{}\n{recipients} recipients",
        issue.id, newsletter.slug, issue.number, issue.state, issue.subject
    ))?;
    if !editions.is_empty() {
        let rows = editions.iter().map(|(id, name, recipients)| {
            vec![
                id.to_string(),
                name.clone(),
                recipients.map(|count| count.to_string()).unwrap_or_default(),
            ]
        });
        output::table(&["edition", "of", "recipients"], rows.collect(), "")?;
    }
    let terms = |story: Option<i64>| {
        let row = stories.iter().find(|row| Some(row.story) == story)?;
        serde_json::from_str::<Terms>(&row.terms).ok()
    };
    let mut last = None;
    let rows = articles.into_iter().map(|(position, reason, public_id, title, story)| {
        let leads = std::mem::replace(&mut last, story) != story;
        let place = match position {
            _ if !leads => String::new(),
            Some(position) => position.to_string(),
            None => "out".into(),
        };
        let why = if leads {
            reason.unwrap_or_default()
        } else {
            "the same story".into()
        };
        let score = terms(story).filter(|_| leads).map(|terms| terms.to_string());
        vec![place, public_id, title, why, score.unwrap_or_default()]
    });
    output::table(&["place", "article", "title", "why", "score"], rows.collect(), "")?;
    let rows = deliveries.into_iter().filter(|(_, count)| *count > 0);
    let rows = rows
        .map(|(state, count)| vec![state.to_string(), count.to_string()])
        .collect();
    output::table(&["delivery", "count"], rows, "not sent to anybody yet")
}

async fn test(context: &Context, app: &Arc<App>, id: IssueId, to: &str) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let inbox = inbox::start(app, stop.clone()).await?;
    let sent = control::test(app, id, to).await;
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
    let settled = control::settle(app, id, as_).await?;
    if !context.json {
        output::text(&format!("{settled} deliveries were in doubt"))?;
    }
    show(context, app, id).await
}
