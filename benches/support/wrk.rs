//! wrk, which sends requests and measures the answers.

use std::process::Command;

use anyhow::{Context, bail, ensure};

/// What wrk printed.
pub struct Measured {
    /// The number of answers.
    pub answers: u64,
    /// Answers a second.
    pub rate: f64,
    /// The median in milliseconds.
    pub p50: f64,
    /// 99 of 100 answers took at most this long, in milliseconds.
    pub p99: f64,
}

/// The command with its options, without the address.
pub fn command(connections: u32, seconds: u32) -> Command {
    let mut command = Command::new("wrk");
    command.args([
        "--latency",
        "-t2",
        &format!("-c{connections}"),
        &format!("-d{seconds}s"),
    ]);
    command
}

/// Runs wrk. An error if an answer has another status than 2xx or 3xx.
pub fn measure(mut command: Command) -> anyhow::Result<Measured> {
    let ran = command
        .output()
        .context("wrk is needed (Debian: apt-get install wrk)")?;
    let out = String::from_utf8_lossy(&ran.stdout);
    ensure!(
        ran.status.success(),
        "wrk failed: {}{}",
        out,
        String::from_utf8_lossy(&ran.stderr)
    );
    if let Some(line) = out
        .lines()
        .find(|line| line.contains("Non-2xx") || line.contains("Socket errors"))
    {
        bail!("some requests were not accepted: {}", line.trim());
    }
    let after = |start: &str| {
        let line = out.lines().map(str::trim).find_map(|line| line.strip_prefix(start));
        line.map(str::trim)
            .with_context(|| format!("wrk printed no line “{start}”: {out}"))
    };
    let answers = out.lines().find_map(|line| line.trim().split_once(" requests in "));
    Ok(Measured {
        answers: answers.context("wrk printed no number of requests")?.0.parse()?,
        rate: after("Requests/sec:")?.parse()?,
        p50: milliseconds(after("50%")?)?,
        p99: milliseconds(after("99%")?)?,
    })
}

/// A time as wrk prints it, such as `61.52ms`, `950.00us` or `1.02s`.
fn milliseconds(text: &str) -> anyhow::Result<f64> {
    for (unit, factor) in [("us", 0.001), ("ms", 1.0), ("s", 1000.0)] {
        if let Some(number) = text.strip_suffix(unit).and_then(|number| number.parse::<f64>().ok()) {
            return Ok(number * factor);
        }
    }
    bail!("wrk printed an unknown time: {text}")
}
