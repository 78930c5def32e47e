//! `daywire bounce ingest`: stores returned mail from files, processes it, and says what became of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::mailbox_files::{Maildir, Mbox, read_message};
use crate::app::App;
use crate::bounce::process::process_waiting;
use crate::bounce::rates;
use crate::bounce::receive::{IntakeItem, store};
use crate::bounce::sources::FILE;
use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::ids::ReturnedMailId;
use crate::domain::states::{ReturnedEffect, ReturnedKind};
use crate::text::plain::counted;

/// The most messages in one transaction.
const BATCH: usize = 200;
/// Messages of this many bytes together are stored at once, because all of them are in memory.
const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Where returned mail is; `-` is standard input.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files with one message each.
    files: Vec<PathBuf>,
    /// A Maildir; its messages are read and stay there.
    #[arg(long, value_name = "DIR")]
    maildir: Vec<PathBuf>,
    /// A file in mbox format.
    #[arg(long, value_name = "FILE")]
    mbox: Vec<PathBuf>,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut intake = Intake::new(app);
    let mut unreadable = Vec::new();
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() && args.maildir.is_empty() && args.mbox.is_empty() {
        &standard_input[..]
    } else {
        &args.files
    };
    for file in files {
        match read_message(file) {
            Ok(message) => intake.add(message).await?,
            Err(error) => unreadable.push(format!("{error:#}")),
        }
    }
    for folder in &args.maildir {
        intake.add_maildir(folder, &mut unreadable).await?;
    }
    for file in &args.mbox {
        intake.add_mbox(file, &mut unreadable).await?;
    }
    intake.flush().await?;
    rates::check(&intake.app).await?;
    intake.print(context, &unreadable)?;
    anyhow::ensure!(
        unreadable.is_empty(),
        "{}. What could be read was stored: {}",
        unreadable.join("; "),
        counted(intake.read, "message", "messages")
    );
    Ok(())
}

/// Stores messages, some in one transaction, and processes them.
struct Intake {
    app: Arc<App>,
    items: Vec<IntakeItem>,
    bytes: usize,
    read: usize,
    new: u64,
    /// Messages of a Maildir that another program moved away or deleted before they were read.
    gone: usize,
    effects: BTreeMap<(ReturnedEffect, ReturnedKind), u64>,
}

impl Intake {
    const fn new(app: Arc<App>) -> Self {
        Self {
            app,
            items: Vec::new(),
            bytes: 0,
            read: 0,
            new: 0,
            gone: 0,
            effects: BTreeMap::new(),
        }
    }

    async fn add_maildir(&mut self, folder: &Path, unreadable: &mut Vec<String>) -> anyhow::Result<()> {
        let mut maildir = match Maildir::open(folder) {
            Ok(maildir) => maildir,
            Err(error) => {
                unreadable.push(format!("{error:#}"));
                return Ok(());
            }
        };
        loop {
            match maildir.next_message() {
                Ok(Some(message)) => self.add(message).await?,
                Ok(None) => break,
                Err(error) => unreadable.push(format!("{error:#}")),
            }
        }
        self.gone += maildir.gone();
        Ok(())
    }

    async fn add_mbox(&mut self, file: &Path, unreadable: &mut Vec<String>) -> anyhow::Result<()> {
        let mut next = Mbox::open(file);
        while let Ok(mbox) = &mut next {
            match mbox.next_message() {
                Ok(Some(message)) => self.add(message).await?,
                Ok(None) => return Ok(()),
                Err(error) => next = Err(error),
            }
        }
        unreadable.extend(next.err().map(|error| format!("{error:#}")));
        Ok(())
    }

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

    /// Stores what was read, waits until all of it is processed, and counts what it led to. Another process may process some of it.
    async fn flush(&mut self) -> anyhow::Result<()> {
        let items = std::mem::take(&mut self.items);
        self.bytes = 0;
        let read = self.read;
        let done = async {
            let stored = store(&self.app, items).await?;
            while process_waiting(&self.app).await? > 0 {}
            self.new += stored.new;
            self.count(&stored.ids).await
        };
        done.await.with_context(|| {
            format!(
                "stopped at one of the first {}; run the command again, which stores only what is missing",
                counted(read, "message", "messages")
            )
        })
    }

    async fn count(&mut self, ids: &[ReturnedMailId]) -> anyhow::Result<()> {
        for effect in self.app.store.read().await?.effects_of(ids).await? {
            *self.effects.entry(effect).or_default() += 1;
        }
        Ok(())
    }

    fn print(&self, context: &Context, unreadable: &[String]) -> anyhow::Result<()> {
        let repeated = self.read as u64 - self.new;
        if context.json {
            let mut effects: BTreeMap<&str, u64> =
                ReturnedEffect::ALL.iter().map(|effect| (effect.as_str(), 0)).collect();
            let mut kinds: BTreeMap<&str, u64> = ReturnedKind::ALL.iter().map(|kind| (kind.as_str(), 0)).collect();
            for ((effect, kind), count) in &self.effects {
                *effects.entry(effect.as_str()).or_default() += count;
                *kinds.entry(kind.as_str()).or_default() += count;
            }
            return output::json(&json!({
                "read": self.read,
                "new": self.new,
                "repeated": repeated,
                "gone": self.gone,
                "unreadable": unreadable,
                "effects": effects,
                "kinds": kinds,
            }));
        }
        output::text(&format!(
            "{} read: {} stored now, {repeated} stored before",
            counted(self.read, "message", "messages"),
            self.new
        ))?;
        if self.gone > 0 {
            output::text(&format!(
                "{} of a Maildir moved away by another program before it was read; run the command again to be sure",
                counted(self.gone, "message", "messages")
            ))?;
        }
        let rows = self.effects.iter();
        let rows = rows.map(|((effect, kind), count)| vec![format!("  {count}"), words(*effect, *kind).to_owned()]);
        output::table(&["  count", "what became of it"], rows.collect(), "")?;
        if self.new > 0 && self.effects.keys().all(|(effect, _)| !effect.is_recognised()) {
            return output::text(
                "Nothing was recognised as a report about a message of this site. `daywire bounce list --all` says why for each \
                 message, and `daywire inspect bounce FILE` what was read in it.",
            );
        }
        if self.new > 0 {
            return output::text(
                "`daywire bounce list` shows the bounces and complaints, and `daywire bounce list --all` every message.",
            );
        }
        Ok(())
    }
}

/// What messages led to, in words.
const fn words(effect: ReturnedEffect, kind: ReturnedKind) -> &'static str {
    match (effect, kind) {
        (ReturnedEffect::Suppressed, ReturnedKind::Complaint) => {
            "complaint: the address is suppressed, and its subscription ended"
        }
        (ReturnedEffect::Suppressed, _) => "hard bounce: the address is suppressed",
        (ReturnedEffect::Unsubscribed, _) => "unsubscribed: the subscription ended",
        (ReturnedEffect::Paused, _) => "soft bounce: the subscription is paused",
        (ReturnedEffect::Counted, _) => "soft bounce: it counts towards a pause",
        (ReturnedEffect::Recorded, ReturnedKind::Complaint) => "complaint on record: nothing else was changed",
        (ReturnedEffect::Recorded, _) => "on record: nothing was changed for the recipient",
        (ReturnedEffect::Delayed, _) => "delay: a server still tries to deliver the message",
        (ReturnedEffect::Replied, _) => "automatic reply: nothing else was changed",
        (ReturnedEffect::ForgedTag, _) => "forged tag: nothing else was changed",
        (ReturnedEffect::Stranger, _) => "about an address that is not a subscriber's: nothing else was changed",
        (ReturnedEffect::NotOnRecord, _) => "about a message that is not on record any more: nothing else was changed",
        (ReturnedEffect::Unsigned, _) => "nothing in it is signed: nothing else was changed",
        (ReturnedEffect::NotUnderstood, _) => "not understood: nothing else was changed",
    }
}
