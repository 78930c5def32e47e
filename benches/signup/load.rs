//! The load: wrk with a script that signs up another address in every request.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::support::wrk::{self, Measured};

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
        let mut command = wrk::command(self.connections, self.seconds);
        command
            .arg("-s")
            .arg(&self.script)
            .arg(format!("http://{site}"))
            .args(["--", &round.to_string()]);
        wrk::measure(command)
    }
}
