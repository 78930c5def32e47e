//! `daywire newsletter`.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde_json::json;

use super::{Context, output, read_file, some_newsletter};
use crate::domain::cron::CronSchedule;
use crate::domain::ids::NewsletterId;
use crate::domain::states::SubscriptionState;
use crate::domain::time::zoned;
use crate::newsletter::removal::{self, Removal};
use crate::newsletter::{Applied, NewsletterError, apply, file_of, parse};
use crate::store::Tx;
use crate::store::issue_lists::IssueSummary;
use crate::store::newsletters::Newsletter;

/// What to do with newsletters.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create or change a newsletter from a TOML file.
    Apply {
        /// The file; docs/newsletters.md lists its keys.
        file: PathBuf,
    },
    /// List newsletters, each with its number of confirmed readers.
    List {
        /// List those that were removed instead.
        #[arg(long)]
        removed: bool,
    },
    /// Show one newsletter in the form of its file, with the number of its readers and its latest runs.
    Show {
        /// Its slug.
        slug: String,
    },
    /// Remove a newsletter: its subscriptions end, nothing more is sent, the site no longer shows it. Issues, delivery
    /// reports and consent records stay.
    Remove {
        /// Its slug.
        slug: String,
        /// Remove it; without this, only print what would end.
        #[arg(long)]
        yes: bool,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Apply { file } => apply_file(context, &file).await,
        Command::List { removed } => list(context, removed).await,
        Command::Show { slug } => show(context, &slug).await,
        Command::Remove { slug, yes } => remove(context, &slug, yes).await,
    }
}

async fn apply_file(context: &Context, file: &std::path::Path) -> anyhow::Result<()> {
    let text =
        String::from_utf8(read_file(file)?).map_err(|_| anyhow::anyhow!("{} is not UTF-8 text", file.display()))?;
    let in_file = |error| anyhow::anyhow!("{}: {error}", file.display());
    let parsed = parse(&text).map_err(in_file)?;
    let app = context.app_or_new().await?;
    let (newsletter, applied) = apply(&app, &parsed).await.map_err(|error| match error {
        NewsletterError::Store(error) => error.into(),
        error => in_file(error),
    })?;
    let word = match &applied {
        Applied::Created => "created",
        Applied::Restored => "restored",
        Applied::Changed(_) => "changed",
        Applied::Unchanged => "unchanged",
    };
    if context.json {
        let mut shown = json!({ "slug": newsletter.slug, "result": word });
        if let Applied::Changed(keys) = &applied {
            shown["changes"] = json!(keys);
        }
        return output::json(&shown);
    }
    let mut lines = vec![format!("{}: {word}", newsletter.slug)];
    match applied {
        Applied::Changed(keys) => lines.extend(keys.iter().map(|changed| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".into());
            let note = match (changed.key.as_str(), &changed.to) {
                ("schedule", None) => ": from now on it is sent on demand alone",
                _ => "",
            };
            format!(
                "  {}: {} → {}{note}",
                changed.key,
                value(&changed.from),
                value(&changed.to)
            )
        })),
        Applied::Restored => lines.push("  It has no readers: its subscriptions ended when it was removed.".into()),
        Applied::Created | Applied::Unchanged => {}
    }
    output::text(&lines.join("\n"))
}

/// How many subscriptions of each newsletter are in each state.
async fn readers(tx: &mut Tx) -> anyhow::Result<HashMap<NewsletterId, BTreeMap<SubscriptionState, i64>>> {
    let mut readers: HashMap<_, BTreeMap<_, _>> = HashMap::new();
    for (id, state, count) in tx.count_subscriptions().await? {
        readers.entry(id).or_default().insert(state, count);
    }
    Ok(readers)
}

async fn list(context: &Context, removed: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletters = if removed {
        tx.removed_newsletters().await?
    } else {
        tx.newsletters().await?
    };
    let readers = readers(&mut tx).await?;
    let none = BTreeMap::new();
    let of = |newsletter: &Newsletter| readers.get(&newsletter.id).unwrap_or(&none);
    if context.json {
        let documents = newsletters
            .iter()
            .map(|newsletter| document(newsletter, of(newsletter)));
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = newsletters.iter().map(|newsletter| {
        let state = match newsletter.removed_at {
            Some(at) => format!("removed {}", output::time(at)),
            None if newsletter.public => "public".into(),
            None => "hidden".into(),
        };
        vec![
            newsletter.slug.clone(),
            newsletter.name.clone(),
            count(of(newsletter), SubscriptionState::Confirmed).to_string(),
            newsletter
                .schedule
                .as_ref()
                .map_or_else(|| "on demand".into(), ToString::to_string),
            newsletter.timezone.to_string(),
            state,
        ]
    });
    let nothing = if removed {
        "no newsletter was removed"
    } else {
        "no newsletter yet; write a TOML file and `daywire newsletter apply` it"
    };
    output::table(
        &["slug", "name", "readers", "schedule", "time zone", "state"],
        rows.collect(),
        nothing,
    )
}

async fn show(context: &Context, slug: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = some_newsletter(&mut tx, slug).await?;
    let readers = readers(&mut tx).await?.remove(&newsletter.id).unwrap_or_default();
    let runs = tx.runs(newsletter.id, 10).await?;
    if context.json {
        let mut shown = document(&newsletter, &readers);
        shown["runs"] = runs
            .iter()
            .map(
                |run| json!({ "due": run.due_at, "outcome": run.outcome, "reason": run.reason, "issue": run.issue_id }),
            )
            .collect();
        return output::json(&shown);
    }
    output::text(&file_of(&newsletter)?)?;
    // As comments, so that the whole can be saved and applied again.
    let mut lines = vec![String::new(), format!("# readers: {}", counted(&readers))];
    if let Some(at) = newsletter.removed_at {
        lines.push(format!("# removed: {}", output::time(at)));
    }
    lines.push(format!("# created: {}", output::time(newsletter.created_at)));
    for run in runs {
        let issue = match run.issue_id {
            Some(id) => format!(", {}", tx.issue_name(id).await?),
            None => String::new(),
        };
        let reason = run.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let due = zoned(run.due_at, newsletter.timezone);
        lines.push(format!("# run of {due}: {}{issue}{reason}", run.outcome));
    }
    output::text(&lines.join("\n"))
}

async fn remove(context: &Context, slug: &str, yes: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = some_newsletter(&mut tx, slug).await?;
    let planned = removal::plan(&mut tx, &newsletter).await?;
    drop(tx);
    if newsletter.removed_at.is_some() && planned.ending() == 0 {
        anyhow::bail!("the newsletter “{slug}” was removed already");
    }
    anyhow::ensure!(
        yes,
        "nothing was removed: it would end {}; `daywire newsletter remove {slug} --yes` removes it",
        ends(&planned)
    );
    let removal = removal::remove(&app, newsletter.id).await?;
    if context.json {
        return output::json(&json!({
            "slug": slug,
            "removed": true,
            "subscriptions_ended": removal.ending(),
            "drafts_cancelled": removal.drafts.iter().map(|draft| draft.id).collect::<Vec<_>>(),
            "feeds": removal.feeds,
        }));
    }
    output::text(&format!(
        "{slug} removed: this ended {}\nIts issues, delivery reports and consent records stay on record. Its slug stays \
         taken: `daywire newsletter apply` its file again brings it back, without readers.",
        ends(&removal)
    ))
}

/// A list of what a removal ends, as text.
fn ends(removal: &Removal) -> String {
    let open = removal.subscriptions.iter();
    let open = open
        .filter(|(state, _)| **state != SubscriptionState::Unsubscribed)
        .map(|(state, count)| (*state, *count))
        .collect();
    let mut ends = vec![format!("its subscriptions ({})", counted(&open))];
    if !removal.drafts.is_empty() {
        let names: Vec<_> = removal.drafts.iter().map(IssueSummary::name).collect();
        ends.push(format!("unsent issues ({})", names.join(", ")));
    }
    ends.push(match removal.feeds {
        1 => "the reading of 1 feed".to_owned(),
        feeds => format!("the reading of {feeds} feeds"),
    });
    ends.join(", ")
}

fn count(readers: &BTreeMap<SubscriptionState, i64>, state: SubscriptionState) -> i64 {
    readers.get(&state).copied().unwrap_or(0)
}

/// `1987 confirmed, 3 pending`.
pub fn counted(readers: &BTreeMap<SubscriptionState, i64>) -> String {
    let counts: Vec<_> = readers
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    if counts.is_empty() {
        "none".into()
    } else {
        counts.join(", ")
    }
}

fn document(newsletter: &Newsletter, readers: &BTreeMap<SubscriptionState, i64>) -> serde_json::Value {
    let states = SubscriptionState::ALL.iter();
    let readers: BTreeMap<_, _> = states.map(|state| (state.as_str(), count(readers, *state))).collect();
    json!({
        "slug": newsletter.slug,
        "name": newsletter.name,
        "description": newsletter.description,
        "from": newsletter.sender,
        "schedule": newsletter.schedule.as_ref().map(CronSchedule::as_str),
        "timezone": newsletter.timezone,
        "grace_seconds": newsletter.grace_seconds,
        "lead_seconds": newsletter.lead_seconds,
        "approval": newsletter.approval,
        "local_time": newsletter.local_time,
        "weekly_day": newsletter.weekly_day.to_string(),
        "archive": newsletter.archive,
        "public": newsletter.public,
        "topics": newsletter.topics.to_vec(),
        "removed_at": newsletter.removed_at,
        "readers": readers,
        "skip": newsletter.skip_days.words().collect::<Vec<_>>(),
        "rules": serde_json::from_str::<serde_json::Value>(&newsletter.rules).unwrap_or_default(),
        "expire_after_seconds": newsletter.expire_after_seconds,
        "created_at": newsletter.created_at,
    })
}
