//! Sends one issue, injects the planned faults meanwhile, and judges the result.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::disk::SmallDisk;
use crate::fixture::Fixture;
use crate::options::Signal;
use crate::plan::{Action, PlannedFault, Trigger};
use crate::received_copies::ReceivedCopies;
use crate::support::program::Service;
use crate::verdict::{Verdict, broken_guarantees};

/// If the sink receives no new message for this long, the issue is stuck.
const STALL: Duration = Duration::from_mins(1);

/// Sends an issue, injects the faults, and counts what the recipients received.
pub fn run(fixture: &mut Fixture, number: u64, faults: &[PlannedFault]) -> anyhow::Result<Verdict> {
    let issue = fixture.newsroom.build_issue()?;
    fixture.sink.reset()?;
    let senders = (0..fixture.senders).map(|_| fixture.sender());
    let senders = senders.collect::<anyhow::Result<Vec<_>>>()?;
    for sender in &senders {
        sender.ready()?;
    }
    let start = Instant::now();
    fixture.newsroom.send(&issue)?;
    let mut run = IssueRun {
        fixture,
        senders,
        slowest_stop: 0.0,
        kills: 0,
        stops: 0,
        notes: Vec::new(),
        violations: Vec::new(),
    };
    let stuck = !run.send_with_faults(&issue, faults)?;
    run.stop_senders()?;
    let IssueRun {
        slowest_stop,
        kills,
        stops,
        notes,
        mut violations,
        ..
    } = run;
    let seconds = start.elapsed().as_secs_f64();
    let recipients = fixture.newsroom.recipients;
    let proof = fixture.newsroom.proof(&issue);
    let copies = ReceivedCopies::count(&fixture.new_log()?, recipients);
    let sink = fixture.sink.totals()?;
    let allowed = kills * fixture.connections + u32::try_from(sink.dropped).unwrap_or(u32::MAX);
    violations.extend(broken_guarantees(&copies, allowed, recipients, proof));
    Ok(Verdict {
        scenario: fixture.scenario.to_string(),
        database: fixture.newsroom.kind.to_string(),
        issue: number,
        faults: faults.iter().map(ToString::to_string).chain(notes).collect(),
        recipients,
        stops,
        lost: copies.lost,
        doubled: copies.doubled,
        allowed,
        slowest_stop,
        seconds,
        sink,
        stuck,
        violations,
    })
}

/// An issue that is being sent.
struct IssueRun<'a> {
    fixture: &'a mut Fixture,
    senders: Vec<Service>,
    slowest_stop: f64,
    kills: u32,
    stops: u32,
    notes: Vec<String>,
    violations: Vec<String>,
}

impl IssueRun<'_> {
    /// Injects each fault at its moment, and waits until the issue is sent. Returns false if the issue is stuck.
    fn send_with_faults(&mut self, issue: &str, faults: &[PlannedFault]) -> anyhow::Result<bool> {
        let mut makes_progress = true;
        for fault in faults {
            makes_progress = self.wait_for(fault.trigger)?;
            if !makes_progress {
                break;
            }
            self.inject(fault.action)?;
        }
        if makes_progress && self.wait_until_sent(issue)? {
            return Ok(true);
        }
        let shown = self.fixture.newsroom.show(issue)?;
        let (state, deliveries) = (&shown["state"], &shown["deliveries"]);
        let seconds = STALL.as_secs();
        self.violations.push(format!(
            "stuck: no message for {seconds} s, and the issue is {state}: {deliveries}"
        ));
        Ok(false)
    }

    /// Waits until the moment of a fault. Returns false if the issue is stuck before it.
    fn wait_for(&mut self, trigger: Trigger) -> anyhow::Result<bool> {
        let (messages, jitter) = match trigger {
            Trigger::After(pause) => {
                std::thread::sleep(pause);
                return Ok(true);
            }
            Trigger::AtMessage(messages, jitter) => (messages, jitter),
        };
        self.fixture.sink.notify_at(messages)?;
        let (mut before, mut since) = (0, Instant::now());
        while self.fixture.sink.event(Duration::from_secs(1))?.is_none() {
            let now = self.fixture.sink.totals()?.messages;
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

    fn inject(&mut self, action: Action) -> anyhow::Result<()> {
        match action {
            Action::StopSender(node, signal) => {
                let index = node as usize;
                match signal {
                    Signal::Kill => {
                        self.senders[index].kill()?;
                        self.kills += 1;
                    }
                    Signal::Term => {
                        // A process that receives the signal before it handles signals just ends, which proves nothing.
                        self.senders[index].ready()?;
                        self.terminate(index)?;
                    }
                }
                self.stops += 1;
                self.senders[index] = self.fixture.sender()?;
            }
            Action::CrashDatabase(downtime) => {
                let server = self.fixture.server.as_ref().context("there is a server to crash")?;
                server.crash()?;
                std::thread::sleep(downtime);
                server.restart()?;
            }
            Action::FillDisk(full) => self.keep_disk_full(0, full, |_| Ok(()))?,
            Action::StartOnFullDisk(free, full) => {
                self.senders[0].ready()?;
                self.terminate(0)?;
                self.stops += 1;
                self.keep_disk_full(free, full, |run| {
                    run.senders[0] = run.fixture.sender()?;
                    Ok(())
                })?;
                // A sender may refuse to start on a full disk.
                if self.senders[0].process.try_wait()?.is_some() {
                    self.notes.push("the sender did not start".into());
                    self.senders[0] = self.fixture.sender()?;
                }
            }
        }
        Ok(())
    }

    /// Leaves `free` bytes on the disk for the time `full`, and runs `meanwhile` at its beginning.
    fn keep_disk_full(
        &mut self,
        free: u64,
        full: Duration,
        meanwhile: impl FnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.disk()?.fill(free)?;
        let before = self.fixture.sink.totals()?.messages;
        meanwhile(self)?;
        std::thread::sleep(full);
        let after = self.fixture.sink.totals()?.messages;
        self.disk()?.free()?;
        self.notes
            .push(format!("{} messages while it was full", after - before));
        Ok(())
    }

    fn disk(&self) -> anyhow::Result<&SmallDisk> {
        self.fixture.disk.as_ref().context("there is a disk to fill")
    }

    /// Waits until the issue is `sent`. Returns false if the issue is stuck.
    fn wait_until_sent(&mut self, issue: &str) -> anyhow::Result<bool> {
        let recipients = u64::from(self.fixture.newsroom.recipients);
        let (mut before, mut since) = (0, Instant::now());
        loop {
            let now = self.fixture.sink.totals()?.messages;
            if now >= recipients && self.fixture.newsroom.show(issue)?["state"] == "sent" {
                return Ok(true);
            }
            if now > before {
                (before, since) = (now, Instant::now());
            }
            if since.elapsed() > STALL {
                // The state does not show lost mail; the count of copies does.
                return Ok(self.fixture.newsroom.show(issue)?["state"] == "sent");
            }
            std::thread::sleep(Duration::from_millis(if now >= recipients { 50 } else { 10 }));
        }
    }

    /// Sends SIGTERM to a sender, and SIGKILL if it does not end.
    fn terminate(&mut self, node: usize) -> anyhow::Result<()> {
        match self.senders[node].terminate() {
            Ok(seconds) => self.slowest_stop = self.slowest_stop.max(seconds),
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

    /// Stops all senders. A sender that has ended by itself is a violation.
    fn stop_senders(&mut self) -> anyhow::Result<()> {
        for node in 0..self.senders.len() {
            if let Some(status) = self.senders[node].process.try_wait()? {
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
