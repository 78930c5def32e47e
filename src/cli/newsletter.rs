//! `daywire newsletter`.

use std::path::PathBuf;

use serde_json::json;

use super::{Context, find_newsletter, output, read_file};
use crate::newsletter::{Applied, apply, parse};
use crate::store::newsletters::Newsletter;

/// What to do with newsletters.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Create or change a newsletter from a TOML file.
    Apply {
        /// The file; README.md and docs/newsletters.md list its keys.
        file: PathBuf,
    },
    /// List newsletters.
    List,
    /// Show one newsletter and its latest runs.
    Show {
        /// Its slug.
        slug: String,
    },
}

pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Apply { file } => {
            let text = String::from_utf8(read_file(&file)?)
                .map_err(|_| anyhow::anyhow!("{} is not UTF-8 text", file.display()))?;
            let parsed = parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
            let app = context.app().await?;
            let (newsletter, applied) = apply(&app, &parsed).await?;
            let word = match applied {
                Applied::Created => "created",
                Applied::Changed => "changed",
                Applied::Unchanged => "unchanged",
            };
            if context.json {
                return output::json(&json!({ "slug": newsletter.slug, "result": word }));
            }
            output::text(&format!("{}: {word}", newsletter.slug))
        }
        Command::List => {
            let newsletters = context.app().await?.store.read().await?.newsletters().await?;
            if context.json {
                return output::json(&newsletters.iter().map(document).collect::<Vec<_>>());
            }
            let rows = newsletters.into_iter().map(|newsletter| {
                let schedule = newsletter.schedule.unwrap_or_else(|| "on demand".into());
                vec![newsletter.slug, newsletter.name, schedule, newsletter.timezone]
            });
            let nothing = "no newsletter yet; write a TOML file and `daywire newsletter apply` it";
            output::table(&["slug", "name", "schedule", "time zone"], rows.collect(), nothing)
        }
        Command::Show { slug } => {
            let app = context.app().await?;
            let mut tx = app.store.read().await?;
            let newsletter = find_newsletter(&mut tx, &slug).await?;
            let runs = tx.runs(newsletter.id, 10).await?;
            let mut shown = document(&newsletter);
            shown["runs"] = runs
                .iter()
                .map(|run| json!({ "due": run.due_at, "outcome": run.outcome, "reason": run.reason, "issue": run.issue_id }))
                .collect();
            if context.json {
                return output::json(&shown);
            }
            output::text(&toml::to_string_pretty(&without_nulls(shown))?)
        }
    }
}

fn document(newsletter: &Newsletter) -> serde_json::Value {
    json!({
        "slug": newsletter.slug,
        "name": newsletter.name,
        "description": newsletter.description,
        "from": newsletter.sender,
        "schedule": newsletter.schedule,
        "timezone": newsletter.timezone,
        "grace_seconds": newsletter.grace_seconds,
        "lead_seconds": newsletter.lead_seconds,
        "approval": newsletter.approval,
        "local_time": newsletter.local_time,
        "weekly_day": newsletter.weekly_day,
        "archive": newsletter.archive,
        "skip": newsletter.skip_days.split_whitespace().collect::<Vec<_>>(),
        "rules": serde_json::from_str::<serde_json::Value>(&newsletter.rules).unwrap_or_default(),
        "expire_after_seconds": newsletter.expire_after_seconds,
        "created_at": newsletter.created_at,
    })
}

/// TOML has no null: what is not set is not shown.
fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
