//! The load: wrk with a script that signs up another address in every request.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

/// Every thread of wrk counts by itself, so the number of the thread is part of the address.
const SCRIPT: &str = r#"
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end
function init(arguments)
  round = arguments[1]
  count = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end
function request()
  count = count + 1
  local name = "reader" .. number .. "x" .. count .. "r" .. round
  local domain = "host" .. (count % 997) .. ".example"
  return wrk.format(nil, "/api/v1/subscriptions", nil, '{"email": "' .. name .. "@" .. domain .. '"}')
end
"#;

/// wrk with its script.
pub struct Load {
    script: PathBuf,
    connections: u32,
    seconds: u32,
}

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

impl Load {
    pub fn new(folder: &Path, connections: u32, seconds: u32) -> anyhow::Result<Self> {
        let script = folder.join("signup.lua");
        std::fs::write(&script, SCRIPT)?;
        Ok(Self {
            script,
            connections,
            seconds,
        })
    }

    /// Sends sign-ups to a site. Each round signs up other addresses.
    pub fn run(&self, site: SocketAddr, round: u32) -> anyhow::Result<Measured> {
        let ran = Command::new("wrk")
            .args([
                "--latency",
                "-t2",
                &format!("-c{}", self.connections),
                &format!("-d{}s", self.seconds),
            ])
            .arg("-s")
            .arg(&self.script)
            .arg(format!("http://{site}"))
            .args(["--", &round.to_string()])
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
            bail!("some sign-ups were not accepted: {}", line.trim());
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
