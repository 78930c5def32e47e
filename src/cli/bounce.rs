//! `daywire bounce`: reads returned mail from files, and lists and counts what came back.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::context::Context;
use super::output;
use crate::app::App;
use crate::bounce::process::{FILE, process_waiting};
use crate::bounce::rates;
use crate::bounce::read::MAX_BYTES;
use crate::bounce::receive::{IntakeItem, store};
use crate::text::plain::counted;

/// The most messages in one transaction.
const BATCH: usize = 200;
/// Messages of this many bytes together are stored at once, because all of them are in memory.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// How many entries `bounce list` shows unless told otherwise.
const DEFAULT_LIMIT: i64 = 50;

/// What to do with returned mail.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Read returned mail and act on it. Without arguments, one mail is read from standard input.
    Ingest(IngestArgs),
    /// List bounces and complaints, the newest first.
    List {
        /// List every returned mail and every event of a mail provider, each with what it led to or why it changed nothing.
        #[arg(long)]
        all: bool,
        /// How many entries.
        #[arg(long, default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Show how many mails and webhook requests were refused or repeated, by day.
    Counts {
        /// How many lines.
        #[arg(long, default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
}

/// Where returned mail is.
#[derive(Debug, clap::Args)]
pub(crate) struct IngestArgs {
    /// Files with one message each.
    files: Vec<PathBuf>,
    /// A Maildir; its messages are read and stay there.
    #[arg(long, value_name = "DIR")]
    maildir: Vec<PathBuf>,
    /// A file in mbox format.
    #[arg(long, value_name = "FILE")]
    mbox: Vec<PathBuf>,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Ingest(args) => ingest(context, &args).await,
        Command::List { all: true, limit } => list_mails(context, limit).await,
        Command::List { all: false, limit } => list(context, limit).await,
        Command::Counts { limit } => counts(context, limit).await,
    }
}

async fn ingest(context: &Context, args: &IngestArgs) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut batch = IngestBatch {
        app: Arc::clone(&app),
        items: Vec::new(),
        bytes: 0,
        read: 0,
        new: 0,
    };
    for file in &args.files {
        batch.add(read_message(file)?).await?;
    }
    for folder in &args.maildir {
        for file in messages_of(folder)? {
            batch.add(read_message(&file)?).await?;
        }
    }
    for file in &args.mbox {
        let mut mbox = Mbox::new(BufReader::new(open(file)?));
        while let Some(message) = mbox.next_message()? {
            batch.add(message).await?;
        }
    }
    if args.files.is_empty() && args.maildir.is_empty() && args.mbox.is_empty() {
        let mut message = Vec::new();
        // `read` looks at no more than this.
        std::io::stdin()
            .lock()
            .take(MAX_BYTES as u64)
            .read_to_end(&mut message)?;
        batch.add(message).await?;
    }
    batch.flush().await?;
    while process_waiting(&app).await? > 0 {}
    rates::check(&app).await?;
    if context.json {
        return output::json(&json!({ "read": batch.read, "new": batch.new }));
    }
    output::text(&format!(
        "{} read, {} new; `daywire bounce list` shows the bounces and complaints among them",
        counted(batch.read, "message", "messages"),
        batch.new
    ))
}

/// Stores messages, some in one transaction.
struct IngestBatch {
    app: Arc<App>,
    items: Vec<IntakeItem>,
    bytes: usize,
    read: usize,
    new: u64,
}

impl IngestBatch {
    async fn add(&mut self, content: Vec<u8>) -> anyhow::Result<()> {
        self.read += 1;
        self.bytes += content.len();
        self.items.push(IntakeItem {
            source: FILE,
            recipient: None,
            content,
        });
        if self.items.len() >= BATCH || self.bytes >= MAX_BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let items = std::mem::take(&mut self.items);
        self.bytes = 0;
        self.new += store(&self.app, items).await?;
        while process_waiting(&self.app).await? > 0 {}
        Ok(())
    }
}

fn open(file: &Path) -> anyhow::Result<File> {
    File::open(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The first [`MAX_BYTES`] of a file.
fn read_message(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut message = Vec::new();
    let read = open(file)?.take(MAX_BYTES as u64).read_to_end(&mut message);
    read.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(message)
}

/// The messages of a Maildir: all files in `new` and `cur`, in the order of their names.
fn messages_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut is_maildir = false;
    for part in ["new", "cur"] {
        let Ok(entries) = std::fs::read_dir(folder.join(part)) else {
            continue;
        };
        is_maildir = true;
        for entry in entries {
            let path = entry?.path();
            if path.is_file() {
                found.push(path);
            }
        }
    }
    anyhow::ensure!(
        is_maildir,
        "{} is not a Maildir: it has neither the folder `new` nor `cur`",
        folder.display()
    );
    found.sort();
    Ok(found)
}

/// Reads an mbox file ([RFC 4155](https://www.rfc-editor.org/rfc/rfc4155)) message by message: each begins after a line `From …`, and
/// `>From` in a message stands for `From`. Only the first [`MAX_BYTES`] of each message are kept.
struct Mbox<R> {
    file: R,
    line: Vec<u8>,
    /// Whether the `From` line of the next message was read.
    is_at_message: bool,
}

impl<R: BufRead> Mbox<R> {
    const fn new(file: R) -> Self {
        Self {
            file,
            line: Vec::new(),
            is_at_message: false,
        }
    }

    fn next_message(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut is_after_blank = true;
        loop {
            self.line.clear();
            // A line without an end must not fill the memory: it is read in pieces.
            let mut piece = self.file.by_ref().take(MAX_BYTES as u64);
            if piece.read_until(b'\n', &mut self.line)? == 0 {
                let is_last = std::mem::take(&mut self.is_at_message);
                return Ok(is_last.then_some(message));
            }
            if is_after_blank && self.line.starts_with(b"From ") {
                if std::mem::replace(&mut self.is_at_message, true) {
                    return Ok(Some(message));
                }
                is_after_blank = false;
                continue;
            }
            is_after_blank = self.line.iter().all(u8::is_ascii_whitespace);
            if self.is_at_message && message.len() < MAX_BYTES {
                let is_quoted = is_quoted_from(&self.line);
                message.extend_from_slice(&self.line[usize::from(is_quoted)..]);
            }
        }
    }
}

/// Whether a line is `From ` behind one or more `>`.
fn is_quoted_from(line: &[u8]) -> bool {
    let quotes = line.iter().take_while(|byte| **byte == b'>').count();
    quotes > 0 && line[quotes..].starts_with(b"From ")
}

async fn list(context: &Context, limit: i64) -> anyhow::Result<()> {
    let app = context.app().await?;
    let bounces = app.store.read().await?.latest_bounces(limit).await?;
    if context.json {
        let documents = bounces.iter().map(|bounce| {
            json!({
                "id": bounce.id,
                "at": bounce.at,
                "kind": bounce.kind,
                "reason": bounce.reason,
                "action": bounce.action,
                "status": bounce.status,
                "evidence": bounce.evidence,
                "issue": bounce.issue_id,
                "subscription": bounce.subscription_id,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = bounces.into_iter().map(|bounce| {
        vec![
            output::time(bounce.at),
            bounce.kind.to_string(),
            bounce.reason,
            bounce.action,
            bounce.evidence,
        ]
    });
    output::table(
        &["at", "kind", "reason", "action", "evidence"],
        rows.collect(),
        "no bounce or complaint is on record",
    )
}

async fn list_mails(context: &Context, limit: i64) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mails = app.store.read().await?.latest_returned_mails(limit).await?;
    if context.json {
        let documents = mails.iter().map(|mail| {
            json!({
                "id": mail.id,
                "received_at": mail.received_at,
                "processed_at": mail.processed_at,
                "source": mail.source,
                "kind": mail.kind,
                "note": mail.note,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = mails.into_iter().map(|mail| {
        vec![
            output::time(mail.received_at),
            mail.source,
            mail.kind.map(|kind| kind.to_string()).unwrap_or_default(),
            mail.note.unwrap_or_else(|| "waits to be processed".to_owned()),
        ]
    });
    output::table(
        &["received", "source", "kind", "what it led to"],
        rows.collect(),
        "no returned mail is on record",
    )
}

async fn counts(context: &Context, limit: i64) -> anyhow::Result<()> {
    let app = context.app().await?;
    let counts = app.store.read().await?.intake_counts(limit).await?;
    if context.json {
        let documents = counts.iter().map(
            |count| json!({ "day": count.day, "source": count.source, "outcome": count.outcome, "count": count.count }),
        );
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = counts
        .into_iter()
        .map(|count| vec![count.day, count.source, count.outcome, count.count.to_string()]);
    output::table(
        &["day", "source", "outcome", "count"],
        rows.collect(),
        "nothing was refused or repeated",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(mbox: &[u8]) -> Vec<Vec<u8>> {
        let mut mbox = Mbox::new(mbox);
        std::iter::from_fn(|| mbox.next_message().expect("a slice can be read")).collect()
    }

    #[test]
    fn an_mbox_is_divided_at_from_lines_after_a_blank_line() {
        let text = b"From a@b Thu Jan  1 00:00:00 1970\nSubject: 1\n\n>From me\n>>From us\nFrom you\n\nFrom c@d Thu\nSubject: 2\n\nx\n";
        let messages = messages(text);
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], b"Subject: 1\n\nFrom me\n>From us\nFrom you\n\n");
        assert_eq!(messages[1], b"Subject: 2\n\nx\n");
    }

    #[test]
    fn a_file_without_a_from_line_has_no_message() {
        assert!(messages(b"no mbox\n").is_empty());
        assert!(messages(b"").is_empty());
        assert_eq!(messages(b"From a@b\n"), [b""]);
    }
}
