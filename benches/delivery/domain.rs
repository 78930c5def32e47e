//! Whether one recipient domain that defers everything slows down the nine others.

use serde_json::{Value, json};

use crate::measurement::{Sender, to_f64, wait_for_messages};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, median, range, thousands};
use crate::setup::{Setup, Sink};
use crate::support::database::Kind;

/// The domain of every tenth subscriber.
const DENIED: &str = "d0.example";

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in setup.options.database.kinds() {
        let (mut open, mut denied) = (Vec::new(), Vec::new());
        for round in 0..setup.options.rounds {
            let order = if round % 2 == 0 { [false, true] } else { [true, false] };
            for deny in order {
                let rate = send(setup, *kind, deny)?;
                if deny { denied.push(rate) } else { open.push(rate) }
            }
        }
        let ratios: Vec<f64> = denied.iter().zip(&open).map(|(denied, open)| denied / open).collect();
        let sender = Sender::Daywire(*kind, Dkim::None).to_string();
        let (slowest, _) = range(&ratios);
        rows.push(vec![
            sender.clone(),
            thousands(median(&open)),
            thousands(median(&denied)),
            format!("{:.2}", median(&ratios)),
            format!("{slowest:.2}"),
        ]);
        results.push(json!({ "sender": sender, "others_rate": open, "others_rate_while_deferring": denied }));
    }
    let title = "messages a second to nine domains, while the tenth accepts its mail and while it defers everything";
    report::print(title, &["sender", "accepts", "defers", "ratio", "lowest"], rows);
    Ok(Value::Array(results))
}

/// Sends an issue. Returns the messages a second to the nine other domains.
fn send(setup: &mut Setup, kind: Kind, deny: bool) -> anyhow::Result<f64> {
    let options: &[&str] = if deny { &["--deny-domain", DENIED] } else { &[] };
    let mut sink = Sink::start(SinkChoice::Minimal, options)?;
    let mut newsroom = setup.take_newsroom(kind)?;
    let issue = newsroom.build_issue()?;
    let program = newsroom
        .program
        .clone()
        .with("relay.url", format!("smtp://{}", sink.address()));
    let service = program.serve(&["--role", "sender"])?;
    service.ready()?;
    newsroom.send(&issue)?;
    let all = u64::from(newsroom.recipients);
    let others = all - all.div_ceil(10);
    let (messages, seconds) = wait_for_messages(&mut sink, if deny { others } else { all }, Some(&service))?;
    let rate = if deny {
        to_f64(messages) / seconds
    } else {
        to_f64(others) / seconds
    };
    service.terminate()?;
    if deny {
        newsroom.program.run(&["issue", "cancel", &issue])?;
    }
    eprintln!(
        "{kind}, {}: {} messages a second",
        if deny { "deferring" } else { "accepting" },
        thousands(rate)
    );
    setup.put_back(kind, newsroom);
    Ok(rate)
}
