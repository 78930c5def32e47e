//! `daywire newsletter`: creates and changes newsletters from their files, shows and removes them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::acting_operator::command_actor;
use super::context::Context;
use super::{files, names, output};
use crate::domain::cron::CronSchedule;
use crate::domain::ids::NewsletterId;
use crate::domain::seen::Seen;
use crate::domain::states::SubscriptionState;
use crate::domain::time::{time_delta, zoned};
use crate::newsletter::removal::{self, Removal};
use crate::newsletter::{Applied, NewsletterError, apply_by, file_of, parse};
use crate::store::Tx;
use crate::store::issue_lists::IssueSummary;
use crate::store::newsletters::Newsletter;
use crate::text::plain::{counted, in_days, percent};

/// Creates, changes, shows and removes newsletters.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Create or change a newsletter from a TOML file.
    Apply {
        /// The file; docs/how-to/newsletters.md lists its keys.
        file: PathBuf,
    },
    /// List newsletters, each with its number of confirmed readers.
    List {
        /// List the removed newsletters instead.
        #[arg(long)]
        removed: bool,
    },
    /// Show one newsletter in the form of its file, with the number of its readers and its latest runs.
    Show {
        /// The slug of the newsletter.
        slug: String,
    },
    /// Remove a newsletter: its subscriptions end, nothing more is sent, the site no longer shows it. Issues, delivery
    /// reports and consent records stay.
    Remove {
        /// The slug of the newsletter.
        slug: String,
        /// Remove it; without this, only print what the removal would end.
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Apply { file } => apply_file(context, &file).await,
        Command::List { removed } => list(context, removed).await,
        Command::Show { slug } => show(context, &slug).await,
        Command::Remove { slug, yes } => remove(context, &slug, yes).await,
    }
}

async fn apply_file(context: &Context, file: &std::path::Path) -> anyhow::Result<()> {
    let text = files::read_text(file)?;
    let in_file = |error| anyhow::anyhow!("{}: {error}", file.display());
    let parsed = parse(&text).map_err(in_file)?;
    let app = context.app_or_new().await?;
    let (newsletter, applied) =
        apply_by(&app, Some(&command_actor()), None, &parsed)
            .await
            .map_err(|error| match error {
                NewsletterError::Store(error) => error.into(),
                error => in_file(error),
            })?;
    let result = match &applied {
        Applied::Created => "created",
        Applied::Restored => "restored",
        Applied::Changed(_) => "changed",
        Applied::Unchanged => "unchanged",
    };
    if context.json {
        let mut document = json!({ "slug": newsletter.slug, "result": result });
        if let Applied::Changed(keys) = &applied {
            document["changes"] = json!(keys);
        }
        return output::json(&document);
    }
    let mut lines = vec![format!("{}: {result}", newsletter.slug)];
    match applied {
        Applied::Changed(keys) => lines.extend(keys.iter().map(|changed| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".into());
            let note = match (changed.key.as_str(), &changed.to) {
                ("schedule", None) => ": from now on it is sent on demand only",
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

/// The subscriptions of a newsletter.
#[derive(Default)]
struct Counts {
    by_state: BTreeMap<SubscriptionState, i64>,
    /// Confirmed ones that get nothing, because their address is suppressed.
    suppressed: i64,
}

impl Counts {
    fn of(&self, state: SubscriptionState) -> i64 {
        self.by_state.get(&state).copied().unwrap_or(0)
    }
}

/// The number of subscriptions of each newsletter.
async fn subscription_counts(tx: &mut Tx) -> anyhow::Result<HashMap<NewsletterId, Counts>> {
    let mut counts: HashMap<_, Counts> = HashMap::new();
    for (id, state, count) in tx.count_subscriptions().await? {
        counts.entry(id).or_default().by_state.insert(state, count);
    }
    for (id, suppressed) in tx.count_suppressed_readers().await? {
        counts.entry(id).or_default().suppressed = suppressed;
    }
    Ok(counts)
}

async fn list(context: &Context, removed: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletters = if removed {
        tx.removed_newsletters().await?
    } else {
        tx.newsletters().await?
    };
    let counts = subscription_counts(&mut tx).await?;
    let no_subscriptions = Counts::default();
    let counts_of = |newsletter: &Newsletter| counts.get(&newsletter.id).unwrap_or(&no_subscriptions);
    if context.json {
        let documents = newsletters
            .iter()
            .map(|newsletter| document(newsletter, counts_of(newsletter)));
        return output::json(&documents.collect::<anyhow::Result<Vec<_>>>()?);
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
            readers(counts_of(newsletter)),
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
    let newsletter = names::newsletter_or_removed(&mut tx, slug).await?;
    let counts = subscription_counts(&mut tx)
        .await?
        .remove(&newsletter.id)
        .unwrap_or_default();
    let runs = tx.runs(newsletter.id, 10).await?;
    let window = app.config.bounces.rate_window;
    let since = app.clock.now() - time_delta(window);
    let rates = tx.rates_of_newsletter(newsletter.id, since).await?;
    if context.json {
        let mut document = document(&newsletter, &counts)?;
        document["rates"] = json!({
            "since": since,
            "accepted": rates.accepted,
            "hard_bounces": rates.hard_bounces,
            "complaints": rates.complaints,
        });
        document["runs"] = runs
            .iter()
            .map(|run| json!({ "due": run.due_at, "outcome": run.state, "reason": run.reason, "issue": run.issue_id }))
            .collect();
        return output::json(&document);
    }
    output::text(&file_of(&newsletter)?)?;
    // As comments, so that the whole can be saved and applied again.
    let mut lines = vec![
        String::new(),
        format!(
            "# readers: {}",
            output::subscription_counts(&counts.by_state, counts.suppressed)
        ),
    ];
    if rates.accepted > 0 {
        lines.push(format!(
            "# of {} in the last {}: {} ({}), {} ({}); `daywire bounce rates` shows issues and domains",
            counted(rates.accepted, "accepted message", "accepted messages"),
            in_days(window),
            counted(rates.hard_bounces, "hard bounce", "hard bounces"),
            percent(rates.hard_bounces, rates.accepted),
            counted(rates.complaints, "complaint", "complaints"),
            percent(rates.complaints, rates.accepted),
        ));
    }
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
        lines.push(format!("# run of {due}: {}{issue}{reason}", run.state));
    }
    output::text(&lines.join("\n"))
}

async fn remove(context: &Context, slug: &str, yes: bool) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let newsletter = names::newsletter_or_removed(&mut tx, slug).await?;
    let plan = removal::plan(&mut tx, &newsletter).await?;
    drop(tx);
    if newsletter.removed_at.is_some() && plan.ending() == 0 {
        anyhow::bail!("the newsletter “{slug}” was already removed");
    }
    anyhow::ensure!(
        yes,
        "nothing was removed: it would end {}; `daywire newsletter remove {slug} --yes` removes it",
        what_ends(&plan)
    );
    let removal = removal::remove(&app, &command_actor(), newsletter.id, &Seen::Any).await?;
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
        what_ends(&removal)
    ))
}

/// Everything that a removal ends, as text.
fn what_ends(removal: &Removal) -> String {
    let open = removal
        .subscriptions
        .iter()
        .filter(|(state, _)| **state != SubscriptionState::Unsubscribed)
        .map(|(state, count)| (*state, *count))
        .collect();
    let mut ends = vec![format!("its subscriptions ({})", output::subscription_counts(&open, 0))];
    if !removal.drafts.is_empty() {
        let names: Vec<_> = removal.drafts.iter().map(IssueSummary::name).collect();
        ends.push(format!("unsent issues ({})", names.join(", ")));
    }
    match removal.feeds {
        0 => {}
        1 => ends.push("the reading of 1 feed".to_owned()),
        feeds => ends.push(format!("the reading of {feeds} feeds")),
    }
    ends.join(", ")
}

/// The confirmed readers, and how many of them are suppressed.
fn readers(counts: &Counts) -> String {
    let confirmed = counts.of(SubscriptionState::Confirmed);
    match counts.suppressed {
        0 => confirmed.to_string(),
        suppressed => format!("{confirmed} ({suppressed} suppressed)"),
    }
}

/// A newsletter as JSON. Its stored rules that cannot be read are an error.
fn document(newsletter: &Newsletter, counts: &Counts) -> anyhow::Result<Value> {
    let states = SubscriptionState::ALL.iter();
    let readers: BTreeMap<_, _> = states.map(|state| (state.as_str(), counts.of(*state))).collect();
    let rules: Value = serde_json::from_str(&newsletter.rules).with_context(|| {
        format!(
            "the stored rules of the newsletter {} cannot be read; apply its file again",
            newsletter.slug
        )
    })?;
    let topics = rules["topics"].as_array().into_iter().flatten();
    let topics: Vec<_> = topics.map(|topic| &topic["name"]).collect();
    Ok(json!({
        "slug": newsletter.slug,
        "name": newsletter.name,
        "topics": topics,
        "description": newsletter.description,
        "from": newsletter.sender,
        "reply_to": newsletter.reply_to,
        "welcome": newsletter.welcome,
        "help": newsletter.help,
        "schedule": newsletter.schedule.as_ref().map(CronSchedule::as_str),
        "timezone": newsletter.timezone,
        "grace_seconds": newsletter.grace_seconds,
        "lead_seconds": newsletter.lead_seconds,
        "approval": newsletter.approval,
        "local_time": newsletter.local_time,
        "weekly_day": newsletter.weekly_day.to_string(),
        "archive": newsletter.archive,
        "public": newsletter.public,
        "removed_at": newsletter.removed_at,
        "readers": readers,
        "suppressed_readers": counts.suppressed,
        "skip": newsletter.skip_days.words().collect::<Vec<_>>(),
        "rules": rules,
        "expire_after_seconds": newsletter.expire_after_seconds,
        "created_at": newsletter.created_at,
    }))
}
