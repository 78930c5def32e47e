//! Controls the sink over standard input: one request a line. The sink answers each with its totals, as one line of JSON on standard
//! output. The end of the input ends the sink.
//!
//! - `totals` only returns the totals.
//! - `reset` sets them to zero.
//! - `notify N` makes the sink print `reached N` once, as soon as it has accepted N messages.
//! - `flush` writes the buffered log to its file first.

use std::io::Write;
use std::time::Duration;

use super::shared::{SharedTally, Tally, Totals};

/// Answers requests in a thread of its own.
pub fn start(tally: SharedTally) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            answer(&line, &mut tally.lock());
        }
        if let Some(log) = &mut tally.lock().log {
            let _ = log.flush();
        }
        std::process::exit(0);
    });
}

fn answer(line: &str, tally: &mut Tally) {
    match line.split_once(' ') {
        None if line == "reset" => {
            tally.totals = Totals::default();
            tally.first = None;
            tally.delays = (0, Duration::ZERO);
            tally.notify_at = None;
        }
        None if line == "flush" => {
            if let Some(log) = &mut tally.log
                && let Err(error) = log.flush()
            {
                eprintln!("sink: the log cannot be written: {error}");
                std::process::exit(1);
            }
        }
        Some(("notify", count)) => {
            tally.notify_at = count.parse().ok();
            tally.notify_if_reached();
        }
        _ => {}
    }
    let (replies, delay) = tally.delays;
    tally.totals.delay = if replies == 0 {
        0.0
    } else {
        delay.as_secs_f64() / f64::from(u32::try_from(replies).unwrap_or(u32::MAX))
    };
    match serde_json::to_string(&tally.totals) {
        Ok(document) => println!("{document}"),
        Err(error) => eprintln!("sink: {error}"),
    }
}
