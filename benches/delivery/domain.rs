//! One recipient domain in ten defers everything: whether the others go on at their rate.

use serde_json::{Value, json};

use crate::heat::{Sender, until, whole};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, median, range, thousands};
use crate::stage::{Sink, Stage};
use crate::support::database::Kind;

/// Every tenth reader is of this domain.
const DENIED: &str = "d0.example";

/// Measures and prints; everything that was measured.
pub fn run(stage: &mut Stage) -> anyhow::Result<Value> {
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in stage.options.database.kinds() {
        let (mut open, mut denied) = (Vec::new(), Vec::new());
        for round in 0..stage.options.rounds {
            let order = if round % 2 == 0 { [false, true] } else { [true, false] };
            for deny in order {
                let rate = send(stage, *kind, deny)?;
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
    let title = "messages a second to nine domains, while the tenth takes its mail and while it defers everything";
    report::print(title, &["sender", "takes", "defers", "ratio", "lowest"], rows);
    Ok(Value::Array(results))
}

/// Messages a second to the nine other domains.
fn send(stage: &mut Stage, kind: Kind, deny: bool) -> anyhow::Result<f64> {
    let options: &[&str] = if deny { &["--deny-domain", DENIED] } else { &[] };
    let mut sink = Sink::start(SinkChoice::Minimal, options)?;
    let mut newsroom = stage.take_newsroom(kind)?;
    let issue = newsroom.build_issue()?;
    let program = newsroom
        .program
        .clone()
        .with("relay.url", format!("smtp://{}", sink.address()));
    let serving = program.serve(&["--role", "sender"])?;
    serving.ready()?;
    newsroom.send(&issue)?;
    let all = u64::from(newsroom.recipients);
    let others = all - all.div_ceil(10);
    let (messages, seconds) = until(&mut sink, if deny { others } else { all }, Some(&serving))?;
    let rate = if deny {
        whole(messages) / seconds
    } else {
        whole(others) / seconds
    };
    serving.terminate()?;
    if deny {
        newsroom.program.run(&["issue", "cancel", &issue])?;
    }
    eprintln!(
        "{kind}, {}: {} messages a second",
        if deny { "deferring" } else { "taking" },
        thousands(rate)
    );
    stage.put_back(kind, newsroom);
    Ok(rate)
}
