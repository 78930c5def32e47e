//! One connection to a distant relay: how many delays a message takes, because that is what limits a connection.

use serde_json::{Value, json};

use crate::heat::{self, Heat, Sender, whole};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, median, range};
use crate::stage::{Sink, Stage};

/// How far away the relay is: milliseconds from a command to its reply.
const DELAY: &str = "20";
/// Messages in a round.
const MESSAGES: u32 = 200;

/// Measures and prints; everything that was measured.
pub fn run(stage: &mut Stage) -> anyhow::Result<Value> {
    let mut sink = Sink::start(SinkChoice::Minimal, &["--delay", DELAY])?;
    let mut rows = Vec::new();
    let mut results = Vec::new();
    if stage.source.is_some() {
        let mut measured = Vec::new();
        for _ in 0..stage.options.rounds {
            let heat = heat::source(stage, 1, MESSAGES, &mut sink)?;
            measured.push(delays(&heat, &mut sink)?);
        }
        rows.push(row(Sender::Source, &measured));
        results.push(json!({ "sender": Sender::Source.to_string(), "delays_per_message": measured }));
    }
    for kind in stage.options.database.kinds() {
        let mut newsroom = stage.newsroom(*kind, "latency", MESSAGES)?;
        let mut measured = Vec::new();
        for _ in 0..stage.options.rounds {
            let program = newsroom.program.clone().with("relay.connections", 1);
            let heat = heat::daywire(stage, &mut newsroom, program, &mut sink)?;
            measured.push(delays(&heat, &mut sink)?);
        }
        let sender = Sender::Daywire(*kind, Dkim::None);
        rows.push(row(sender, &measured));
        results.push(json!({ "sender": sender.to_string(), "delays_per_message": measured }));
    }
    let title =
        format!("one connection to a relay {DELAY} ms away: delays a message takes ({MESSAGES} messages a round)");
    report::print(&title, &["sender", "delays", "fewest", "most"], rows);
    Ok(Value::Array(results))
}

/// Seconds between two messages, in delays as they really were.
fn delays(heat: &Heat, sink: &mut Sink) -> anyhow::Result<f64> {
    let Sink::Minimal(sink) = sink else {
        anyhow::bail!("only the minimal sink delays");
    };
    Ok(heat.seconds / (whole(heat.messages) - 1.0) / sink.totals()?.delay)
}

fn row(sender: Sender, measured: &[f64]) -> Vec<String> {
    let (fewest, most) = range(measured);
    let numbers = [median(measured), fewest, most].map(|delays| format!("{delays:.2}"));
    [sender.to_string()].into_iter().chain(numbers).collect()
}
