//! A million readers: how long bringing them along and freezing them takes, and how much memory sending does.

use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};

use crate::heat::{Sender, until, whole};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, megabytes, thousands};
use crate::stage::{Sink, Stage};
use crate::support::process;

/// Measures and prints; everything that was measured.
pub fn run(stage: &mut Stage) -> anyhow::Result<Value> {
    let readers = stage.options.readers;
    let first = u64::from(readers / 10);
    let mut sink = Sink::start(SinkChoice::Minimal, &[])?;
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in stage.options.database.kinds() {
        let mut newsroom = stage.newsroom(*kind, "million", readers)?;
        let issue = newsroom.build_issue()?;
        let frozen = newsroom.send(&issue)?;
        sink.reset()?;
        let program = newsroom
            .program
            .clone()
            .with("relay.url", format!("smtp://{}", sink.address()));
        let start = Instant::now();
        let serving = program.serve(&["--role", "sender"])?;
        let (messages, seconds) = until(&mut sink, first, Some(&serving))?;
        let memory = process::peak_memory(serving.running.pid).context("the sender has ended")?;
        let begun = start.elapsed().as_secs_f64() - seconds;
        let ended = serving.terminate()?;
        let sender = Sender::Daywire(*kind, Dkim::None).to_string();
        rows.push(vec![
            sender.clone(),
            format!("{:.1}", newsroom.import.seconds),
            megabytes(whole(newsroom.import.memory)),
            format!("{:.2}", frozen.seconds),
            megabytes(whole(frozen.memory)),
            format!("{begun:.2}"),
            thousands(whole(messages) / seconds),
            megabytes(whole(memory)),
        ]);
        results.push(json!({
            "sender": sender,
            "readers": readers,
            "import_seconds": newsroom.import.seconds,
            "import_memory": newsroom.import.memory,
            "freeze_seconds": frozen.seconds,
            "freeze_memory": frozen.memory,
            "first_message_seconds": begun,
            "messages": messages,
            "sending_seconds": seconds,
            "sending_memory": memory,
            "drain_seconds": ended,
        }));
    }
    let title = format!(
        "{} readers; the first {} are sent to by a sender that starts after freezing",
        thousands(f64::from(readers)),
        thousands(whole(first))
    );
    let columns = [
        "sender",
        "import s",
        "memory",
        "freeze s",
        "memory",
        "first message s",
        "messages/s",
        "memory",
    ];
    report::print(&title, &columns, rows);
    Ok(Value::Array(results))
}
