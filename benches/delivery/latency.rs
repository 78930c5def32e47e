//! How many round trips one message takes on one connection to a distant relay. They limit the rate of a connection.

use serde_json::{Value, json};

use crate::measurement::{self, Measurement, Sender, to_f64};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, median, range};
use crate::setup::{Setup, Sink};

/// The milliseconds from a command to its reply.
const DELAY: &str = "20";
/// Messages in a round.
const MESSAGES: u32 = 200;

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let mut sink = Sink::start(SinkChoice::Minimal, &["--delay", DELAY])?;
    let mut rows = Vec::new();
    let mut results = Vec::new();
    if setup.source.is_some() {
        let mut measured = Vec::new();
        for _ in 0..setup.options.rounds {
            let measurement = measurement::measure_source(setup, 1, MESSAGES, &mut sink)?;
            measured.push(round_trips(&measurement, &mut sink)?);
        }
        rows.push(row(Sender::Source, &measured));
        results.push(json!({ "sender": Sender::Source.to_string(), "round_trips_per_message": measured }));
    }
    for kind in setup.options.database.kinds() {
        let mut newsroom = setup.newsroom(*kind, "latency", MESSAGES)?;
        let mut measured = Vec::new();
        for _ in 0..setup.options.rounds {
            let program = newsroom.program.clone().with("relay.connections", 1);
            let measurement = measurement::measure_daywire(setup, &mut newsroom, program, &mut sink)?;
            measured.push(round_trips(&measurement, &mut sink)?);
        }
        let sender = Sender::Daywire(*kind, Dkim::None);
        rows.push(row(sender, &measured));
        results.push(json!({ "sender": sender.to_string(), "round_trips_per_message": measured }));
    }
    let title = format!(
        "round trips for each message on one connection to a relay {DELAY} ms away ({MESSAGES} messages a round)"
    );
    report::print(&title, &["sender", "round trips", "fewest", "most"], rows);
    Ok(Value::Array(results))
}

/// The time from one message to the next, divided by the measured delay of a reply.
fn round_trips(measurement: &Measurement, sink: &mut Sink) -> anyhow::Result<f64> {
    let Sink::Minimal(sink) = sink else {
        anyhow::bail!("only the minimal sink delays replies");
    };
    Ok(measurement.seconds / (to_f64(measurement.messages) - 1.0) / sink.totals()?.delay)
}

fn row(sender: Sender, measured: &[f64]) -> Vec<String> {
    let (fewest, most) = range(measured);
    let numbers = [median(measured), fewest, most].map(|trips| format!("{trips:.2}"));
    [sender.to_string()].into_iter().chain(numbers).collect()
}
