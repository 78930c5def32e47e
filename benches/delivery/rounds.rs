//! Rounds of every sender into every sink, in alternating order.

use serde_json::{Value, json};

use crate::heat::{self, Heat, Sender, whole};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, Series, megabytes, or_none, range, thousands};
use crate::stage::{Sink, Stage};

/// Measures and prints; everything that was measured.
pub fn run(stage: &mut Stage) -> anyhow::Result<Value> {
    let sinks: &[SinkChoice] = match stage.options.sink {
        SinkChoice::Both => &[SinkChoice::SmtpSink, SinkChoice::Minimal],
        SinkChoice::SmtpSink => &[SinkChoice::SmtpSink],
        SinkChoice::Minimal => &[SinkChoice::Minimal],
    };
    let mut senders: Vec<Sender> = stage.source.iter().map(|_| Sender::Source).collect();
    for kind in stage.options.database.kinds() {
        let dkim = stage.options.dkim_or(&[Dkim::None]);
        senders.extend(dkim.iter().map(|dkim| Sender::Daywire(*kind, *dkim)));
    }
    let mut results = serde_json::Map::new();
    for kind in sinks {
        let mut sink = Sink::start(*kind, &[])?;
        let series = play(stage, &senders, &mut sink)?;
        show(stage, &sink, &series);
        let documents: Vec<Value> = series.iter().map(Series::document).collect();
        results.insert(sink.name().to_owned(), json!(documents));
    }
    Ok(Value::Object(results))
}

/// Lets all senders send in every round, forwards and backwards in turn.
pub fn play(stage: &mut Stage, senders: &[Sender], sink: &mut Sink) -> anyhow::Result<Vec<Series>> {
    let mut series: Vec<Series> = senders.iter().map(Series::new).collect();
    for round in 0..stage.options.rounds {
        let mut order: Vec<usize> = (0..senders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let heat = heat::run(stage, senders[at], sink)?;
            let (rate, sink) = (thousands(heat.rate), sink.name());
            eprintln!(
                "round {} into {sink}: {}: {rate} messages a second",
                round + 1,
                senders[at]
            );
            series[at].heats.push(heat);
        }
    }
    Ok(series)
}

fn show(stage: &Stage, sink: &Sink, series: &[Series]) {
    let source = stage.source.as_ref().and(series.first());
    let columns = [
        "sender",
        "messages/s",
        "slowest",
        "fastest",
        "ratio",
        "whole/s",
        "CPU s/1,000",
        "database's",
        "sink's",
        "memory",
        "freeze s",
        "bytes",
    ];
    let row = |series: &Series| {
        let (slowest, fastest) = range(&series.of(|heat| heat.rate));
        let memory = |heat: &Heat| heat.memory.map(whole);
        let largest = |heat: &Heat| heat.sizes.map(|(_, largest)| whole(largest));
        vec![
            series.name.clone(),
            thousands(series.median(|heat| heat.rate)),
            thousands(slowest),
            thousands(fastest),
            or_none(source.map(|source| series.ratio_to(source)), |ratio| {
                format!("{ratio:.2}")
            }),
            thousands(series.median(|heat| heat.whole_rate)),
            format!("{:.3}", series.median(|heat| heat.cpu)),
            or_none(series.median_if_any(|heat| heat.database_cpu), |cpu| {
                format!("{cpu:.3}")
            }),
            format!("{:.3}", series.median(|heat| heat.sink_cpu)),
            or_none(series.median_if_any(memory), megabytes),
            or_none(series.median_if_any(|heat| heat.freeze_seconds), |seconds| {
                format!("{seconds:.2}")
            }),
            or_none(series.median_if_any(largest), thousands),
        ]
    };
    report::print(
        &format!("into {}", sink.name()),
        &columns,
        series.iter().map(row).collect(),
    );
}
