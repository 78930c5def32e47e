//! A million subscribers: how long their import and freezing take, and how much memory sending takes.

use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};

use crate::measurement::{Sender, to_f64, wait_for_messages};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, megabytes, thousands};
use crate::setup::{Setup, Sink};
use crate::support::process;

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let readers = setup.options.readers;
    let first = u64::from(readers / 10);
    let mut sink = Sink::start(SinkChoice::Minimal, &[])?;
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in setup.options.database.kinds() {
        let mut newsroom = setup.newsroom(*kind, "million", readers)?;
        let issue = newsroom.build_issue()?;
        let frozen = newsroom.send(&issue)?;
        sink.reset()?;
        let program = newsroom
            .program
            .clone()
            .with("relay.url", format!("smtp://{}", sink.address()));
        let start = Instant::now();
        let service = program.serve(&["--role", "sender"])?;
        let (messages, seconds) = wait_for_messages(&mut sink, first, Some(&service))?;
        let memory = process::peak_memory(service.process.pid).context("the sender has ended")?;
        let first_message = start.elapsed().as_secs_f64() - seconds;
        let drain = service.terminate()?;
        let sender = Sender::Daywire(*kind, Dkim::None).to_string();
        rows.push(vec![
            sender.clone(),
            format!("{:.1}", newsroom.import.seconds),
            megabytes(to_f64(newsroom.import.memory)),
            format!("{:.2}", frozen.seconds),
            megabytes(to_f64(frozen.memory)),
            format!("{first_message:.2}"),
            thousands(to_f64(messages) / seconds),
            megabytes(to_f64(memory)),
        ]);
        results.push(json!({
            "sender": sender,
            "readers": readers,
            "import_seconds": newsroom.import.seconds,
            "import_memory": newsroom.import.memory,
            "freeze_seconds": frozen.seconds,
            "freeze_memory": frozen.memory,
            "first_message_seconds": first_message,
            "messages": messages,
            "sending_seconds": seconds,
            "sending_memory": memory,
            "drain_seconds": drain,
        }));
    }
    let title = format!(
        "{} subscribers; a sender that starts after freezing sends to the first {}",
        thousands(f64::from(readers)),
        thousands(to_f64(first))
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
