//! One issue under fire.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::account::Account;
use crate::arena::Arena;
use crate::disk::SmallDisk;
use crate::options::Signal;
use crate::plan::{Moment, What, When};
use crate::support::program::Serving;
use crate::verdict::{Verdict, broken_promises};

/// With no new message for this long, an issue is stuck.
const STALL: Duration = Duration::from_mins(1);

/// Sends an issue, does what was planned meanwhile, and counts.
pub fn run(arena: &mut Arena, number: u64, moments: &[Moment]) -> anyhow::Result<Verdict> {
    let issue = arena.newsroom.build_issue()?;
    arena.sink.reset()?;
    let senders = (0..arena.senders).map(|_| arena.sender());
    let senders = senders.collect::<anyhow::Result<Vec<_>>>()?;
    for sender in &senders {
        sender.ready()?;
    }
    let start = Instant::now();
    arena.newsroom.send(&issue)?;
    let mut trial = Trial {
        arena,
        senders,
        slowest_end: 0.0,
        kills: 0,
        ends: 0,
        notes: Vec::new(),
        violations: Vec::new(),
    };
    let stuck = !trial.go_through(&issue, moments)?;
    trial.end()?;
    let Trial {
        slowest_end,
        kills,
        ends,
        notes,
        mut violations,
        ..
    } = trial;
    let seconds = start.elapsed().as_secs_f64();
    let recipients = arena.newsroom.recipients;
    let proof = arena.newsroom.proof(&issue);
    let account = Account::of(&arena.new_log()?, recipients);
    let sink = arena.sink.totals()?;
    let allowed = kills * arena.connections + u32::try_from(sink.dropped).unwrap_or(u32::MAX);
    violations.extend(broken_promises(&account, allowed, recipients, proof));
    Ok(Verdict {
        scenario: arena.scenario.to_string(),
        database: arena.newsroom.kind.to_string(),
        issue: number,
        moments: moments.iter().map(ToString::to_string).chain(notes).collect(),
        recipients,
        ends,
        lost: account.lost,
        doubled: account.doubled,
        allowed,
        slowest_end,
        seconds,
        sink,
        stuck,
        violations,
    })
}

/// An issue that is being sent.
struct Trial<'a> {
    arena: &'a mut Arena,
    senders: Vec<Serving>,
    slowest_end: f64,
    kills: u32,
    ends: u32,
    notes: Vec<String>,
    violations: Vec<String>,
}

impl Trial<'_> {
    /// Does everything in its time and waits until the issue is sent; false if it gets stuck.
    fn go_through(&mut self, issue: &str, moments: &[Moment]) -> anyhow::Result<bool> {
        let mut goes_on = true;
        for moment in moments {
            goes_on = self.wait_for(moment.when)?;
            if !goes_on {
                break;
            }
            self.strike(moment.what)?;
        }
        if goes_on && self.until_sent(issue)? {
            return Ok(true);
        }
        let shown = self.arena.newsroom.show(issue)?;
        let (state, deliveries) = (&shown["state"], &shown["deliveries"]);
        let seconds = STALL.as_secs();
        self.violations.push(format!(
            "stuck: no message for {seconds} s, and the issue is {state}: {deliveries}"
        ));
        Ok(false)
    }

    /// False if it does not come because nothing goes on.
    fn wait_for(&mut self, when: When) -> anyhow::Result<bool> {
        let (messages, jitter) = match when {
            When::After(pause) => {
                std::thread::sleep(pause);
                return Ok(true);
            }
            When::At(messages, jitter) => (messages, jitter),
        };
        self.arena.sink.tell_at(messages)?;
        let (mut before, mut since) = (0, Instant::now());
        while self.arena.sink.event(Duration::from_secs(1))?.is_none() {
            let now = self.arena.sink.totals()?.messages;
            if now > before {
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > STALL {
                return Ok(false);
            }
        }
        std::thread::sleep(jitter);
        Ok(true)
    }

    fn strike(&mut self, what: What) -> anyhow::Result<()> {
        match what {
            What::End(node, signal) => {
                let at = node as usize;
                match signal {
                    Signal::Kill => {
                        self.senders[at].kill()?;
                        self.kills += 1;
                    }
                    Signal::Term => {
                        // A process that gets the signal before it handles signals just ends, which proves nothing.
                        self.senders[at].ready()?;
                        self.terminate(at)?;
                    }
                }
                self.ends += 1;
                self.senders[at] = self.arena.sender()?;
            }
            What::CrashDatabase(away) => {
                let server = self.arena.server.as_ref().context("there is a server to crash")?;
                server.crash()?;
                std::thread::sleep(away);
                server.restart()?;
            }
            What::FillDisk(full) => self.be_full(0, full, |_| Ok(()))?,
            What::StartOnFullDisk(free, full) => {
                self.senders[0].ready()?;
                self.terminate(0)?;
                self.ends += 1;
                self.be_full(free, full, |trial| {
                    trial.senders[0] = trial.arena.sender()?;
                    Ok(())
                })?;
                // It may say that it cannot start on a full disk.
                if self.senders[0].running.try_wait()?.is_some() {
                    self.notes.push("the sender did not start".into());
                    self.senders[0] = self.arena.sender()?;
                }
            }
        }
        Ok(())
    }

    /// The disk has so little room for so long.
    fn be_full(
        &mut self,
        free: u64,
        full: Duration,
        meanwhile: impl FnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.disk()?.fill(free)?;
        let before = self.arena.sink.totals()?.messages;
        meanwhile(self)?;
        std::thread::sleep(full);
        let after = self.arena.sink.totals()?.messages;
        self.disk()?.free()?;
        self.notes
            .push(format!("{} messages while it was full", after - before));
        Ok(())
    }

    fn disk(&self) -> anyhow::Result<&SmallDisk> {
        self.arena.disk.as_ref().context("there is a disk to fill")
    }

    /// Waits until the issue is `sent`; false if nothing goes on.
    fn until_sent(&mut self, issue: &str) -> anyhow::Result<bool> {
        let recipients = u64::from(self.arena.newsroom.recipients);
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let now = self.arena.sink.totals()?.messages;
            if now >= recipients && self.arena.newsroom.show(issue)?["state"] == "sent" {
                return Ok(true);
            }
            if now > before {
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > STALL {
                // Lost mail shows in the count, not in the state.
                return Ok(self.arena.newsroom.show(issue)?["state"] == "sent");
            }
            std::thread::sleep(Duration::from_millis(if now >= recipients { 50 } else { 10 }));
        }
    }

    /// SIGTERM, and SIGKILL to a process that does not end.
    fn terminate(&mut self, node: usize) -> anyhow::Result<()> {
        match self.senders[node].terminate() {
            Ok(seconds) => self.slowest_end = self.slowest_end.max(seconds),
            Err(error) => {
                let log = self.senders[node].log_text();
                self.violations
                    .push(format!("{error:#}; its log ends with: {}", tail(&log)));
                self.senders[node].kill()?;
                self.kills += 1;
            }
        }
        Ok(())
    }

    /// Ends all senders; it is no good if one has ended before.
    fn end(&mut self) -> anyhow::Result<()> {
        for node in 0..self.senders.len() {
            if let Some(status) = self.senders[node].running.try_wait()? {
                let log = self.senders[node].log_text();
                self.violations
                    .push(format!("a sender ended by itself: {status}: {}", tail(&log)));
            } else {
                self.terminate(node)?;
            }
        }
        Ok(())
    }
}

/// The last lines of a log.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}
