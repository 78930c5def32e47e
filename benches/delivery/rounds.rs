//! Measures every sender with every sink, in several rounds of alternating order.

use serde_json::{Value, json};

use crate::measurement::{self, Measurement, Sender, to_f64};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, Series, megabytes, or_dash, range, thousands};
use crate::setup::{Setup, Sink};

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let sinks: &[SinkChoice] = match setup.options.sink {
        SinkChoice::Both => &[SinkChoice::SmtpSink, SinkChoice::Minimal],
        SinkChoice::SmtpSink => &[SinkChoice::SmtpSink],
        SinkChoice::Minimal => &[SinkChoice::Minimal],
    };
    let mut senders: Vec<Sender> = setup.source.iter().map(|_| Sender::Source).collect();
    for kind in setup.options.database.kinds() {
        let dkim = setup.options.dkim_or(&[Dkim::None]);
        senders.extend(dkim.iter().map(|dkim| Sender::Daywire(*kind, *dkim)));
    }
    let mut results = serde_json::Map::new();
    for kind in sinks {
        let mut sink = Sink::start(*kind, &[])?;
        let series = run_rounds(setup, &senders, &mut sink)?;
        show(setup, &sink, &series);
        let documents: Vec<Value> = series.iter().map(Series::document).collect();
        results.insert(sink.name().to_owned(), json!(documents));
    }
    Ok(Value::Object(results))
}

/// Measures all senders in every round. Every second round has the reverse order.
pub fn run_rounds(setup: &mut Setup, senders: &[Sender], sink: &mut Sink) -> anyhow::Result<Vec<Series>> {
    let mut series: Vec<Series> = senders.iter().map(Series::new).collect();
    for round in 0..setup.options.rounds {
        let mut order: Vec<usize> = (0..senders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let measurement = measurement::measure(setup, senders[at], sink)?;
            let (rate, sink) = (thousands(measurement.rate), sink.name());
            eprintln!(
                "round {} into {sink}: {}: {rate} messages a second",
                round + 1,
                senders[at]
            );
            series[at].rounds.push(measurement);
        }
    }
    Ok(series)
}

fn show(setup: &Setup, sink: &Sink, series: &[Series]) {
    let source = setup.source.as_ref().and(series.first());
    let columns = [
        "sender",
        "messages/s",
        "slowest",
        "fastest",
        "ratio",
        "total/s",
        "CPU s/1,000",
        "database's",
        "sink's",
        "memory",
        "freeze s",
        "bytes",
    ];
    let row = |series: &Series| {
        let (slowest, fastest) = range(&series.of(|measurement| measurement.rate));
        let memory = |measurement: &Measurement| measurement.memory.map(to_f64);
        let largest = |measurement: &Measurement| measurement.sizes.map(|(_, largest)| to_f64(largest));
        vec![
            series.name.clone(),
            thousands(series.median(|measurement| measurement.rate)),
            thousands(slowest),
            thousands(fastest),
            or_dash(source.map(|source| series.ratio_to(source)), |ratio| {
                format!("{ratio:.2}")
            }),
            thousands(series.median(|measurement| measurement.total_rate)),
            format!("{:.3}", series.median(|measurement| measurement.cpu)),
            or_dash(series.median_if_any(|measurement| measurement.database_cpu), |cpu| {
                format!("{cpu:.3}")
            }),
            format!("{:.3}", series.median(|measurement| measurement.sink_cpu)),
            or_dash(series.median_if_any(memory), megabytes),
            or_dash(
                series.median_if_any(|measurement| measurement.freeze_seconds),
                |seconds| format!("{seconds:.2}"),
            ),
            or_dash(series.median_if_any(largest), thousands),
        ]
    };
    report::print(
        &format!("into {}", sink.name()),
        &columns,
        series.iter().map(row).collect(),
    );
}
