//! `daywire backup` and `daywire restore`: the database as one file, made while the service runs, and put into an empty database.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::acting_operator::command_actor;
use super::context::Context;
use super::output::{self, note};
use crate::backup::{self, Content, Programs, Restored, local_files};
use crate::config::Config;
use crate::text::plain::counted;

/// Options of `daywire backup`.
#[derive(Debug, clap::Args)]
pub(crate) struct BackupArgs {
    /// The file to write, which must not exist. It holds all addresses and the keys of links: keep it as safe as the database.
    file: PathBuf,
    #[command(flatten)]
    postgres: PostgresArgs,
}

/// Options of `daywire restore`.
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// The file of `daywire backup`.
    file: PathBuf,
    #[command(flatten)]
    postgres: PostgresArgs,
}

#[derive(Debug, clap::Args)]
struct PostgresArgs {
    /// The folder with PostgreSQL's programs `pg_dump` and `pg_restore`. Without it, PATH is searched.
    #[arg(long, value_name = "FOLDER")]
    pg_programs: Option<PathBuf>,
}

pub(crate) async fn backup(context: &Context, args: &BackupArgs) -> anyhow::Result<()> {
    let config = context.config()?;
    let programs = Programs(args.postgres.pg_programs.clone());
    let written = Box::pin(backup::create(&config, &args.file, &programs)).await?;
    let bytes = args.file.metadata()?.len();
    let beside = local_files(&config);
    let file = args.file.display();
    if context.json {
        return output::json(&json!({
            "file": file.to_string(),
            "bytes": bytes,
            "tables_version": written.version(),
            "rows": written.all_rows(),
            "tables": written.rows,
            "not_in_backup": beside,
        }));
    }
    output::text(&format!(
        "{file} has {} in {}, {bytes} bytes, and was read again without a fault",
        counted(written.all_rows(), "row", "rows"),
        counted(written.rows.len(), "table", "tables"),
    ))?;
    note!("{}", not_in_backup(&config, &beside));
    Ok(())
}

/// Which files a restore needs too.
fn not_in_backup(config: &Config, beside: &[PathBuf]) -> String {
    let mut lines = Vec::new();
    if !beside.is_empty() {
        lines.push("Not in the backup, and needed after a restore:".to_owned());
        lines.extend(beside.iter().map(|file| format!("  {}", file.display())));
    }
    if config.secrets.key.is_some() && config.secrets.key_file.is_none() {
        lines.push("Also needed: the value of secrets.key.".to_owned());
    }
    lines.join("\n")
}

pub(crate) async fn restore(context: &Context, args: &RestoreArgs) -> anyhow::Result<()> {
    let config = context.config()?;
    let programs = Programs(args.postgres.pg_programs.clone());
    let actor = command_actor();
    let restoring = backup::restore(&config, &args.file, &programs, &actor);
    let Restored { content, stopped } = Box::pin(restoring).await?;
    let database = config.database.url.to_string();
    if context.json {
        return output::json(&json!({
            "database": database,
            "rows": content.all_rows(),
            "tables": content.rows,
            "stopped": stopped,
        }));
    }
    output::text(&restored_text(&database, &content, &stopped))
}

fn restored_text(database: &str, content: &Content, stopped: &backup::Stopped) -> String {
    let mut text = format!(
        "{database} has {} of the backup. Nothing that waited in it is sent by itself:\n",
        counted(content.all_rows(), "row", "rows")
    );
    let lines = [
        (
            stopped.issues_paused,
            "issues paused",
            "settle their deliveries, then resume or cancel them: daywire issue settle --help",
        ),
        (
            stopped.deliveries_in_doubt,
            "deliveries in doubt",
            "the log of the relay shows which were sent",
        ),
        (
            stopped.drafts_held_back,
            "drafts held back",
            "read them, then send, edit or cancel them: daywire issue list",
        ),
        (
            stopped.newsletters_needing_approval,
            "newsletters that need an approval now",
            "when the next issue is right, set approval to \"auto\" again: daywire newsletter apply --help",
        ),
        (
            stopped.mails_cancelled,
            "mails to one person cancelled",
            "a reader can ask again",
        ),
        (
            stopped.addresses_not_asked,
            "imported addresses not asked to confirm",
            "import their file again with --ask",
        ),
        (
            stopped.webhook_messages_failed,
            "events for webhooks not sent",
            "replay them: daywire webhook replay --help",
        ),
        (
            stopped.sessions_ended,
            "sessions and links of operators ended",
            "sign in again",
        ),
    ];
    for (count, what, advice) in lines.into_iter().filter(|(count, ..)| *count > 0) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {what}: {count} ({advice})");
    }
    text
}
