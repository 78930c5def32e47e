//! One issue under fire, and the verdict.

use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;
use serde_json::Value;

use crate::account::Account;
use crate::arena::Arena;
use crate::options::Signal;
use crate::plan::{Moment, What, When};
use crate::support::program::Serving;
use crate::support::sink::Totals;

/// With no new message for this long, an issue is stuck.
const STALL: Duration = Duration::from_mins(1);

/// What became of an issue.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// What was done.
    pub scenario: String,
    /// On which database.
    pub database: String,
    /// The number of the issue.
    pub issue: u64,
    /// When it was done.
    pub moments: Vec<String>,
    /// Who was to get it.
    pub recipients: u32,
    /// How often a sender was ended.
    pub ends: u32,
    /// Who did not get it.
    pub lost: u32,
    /// Copies beyond the first.
    pub doubled: u32,
    /// How many of those there may be.
    pub allowed: u32,
    /// The longest that a sender took to end after SIGTERM, in seconds.
    pub slowest_end: f64,
    /// Seconds from the beginning until it was sent.
    pub seconds: f64,
    /// What the sink counted.
    pub sink: Totals,
    /// Whether it was given up.
    pub stuck: bool,
    /// What must not be.
    pub violations: Vec<String>,
}

/// Sends an issue and does what was planned meanwhile.
pub fn run(arena: &mut Arena, number: u64, moments: &[Moment]) -> anyhow::Result<Verdict> {
    let issue = arena.newsroom.build_issue()?;
    arena.sink.reset()?;
    let mut senders = Vec::new();
    for _ in 0..arena.senders {
        senders.push(arena.sender()?);
    }
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
    };
    let mut violations = Vec::new();
    let mut stuck = false;
    for moment in moments {
        if !trial.wait_for(moment.when)? {
            stuck = true;
            break;
        }
        trial.strike(moment.what)?;
    }
    stuck = stuck || !trial.until_sent(&issue)?;
    if stuck {
        let shown = trial.arena.newsroom.show(&issue)?;
        violations.push(format!(
            "stuck: no message for {} s, and the issue is {shown}",
            STALL.as_secs()
        ));
    }
    violations.append(&mut trial.ended_by_themselves()?);
    let Trial {
        senders,
        slowest_end,
        kills,
        ends,
        notes,
        ..
    } = trial;
    for sender in senders {
        sender.terminate()?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let proof = arena.newsroom.proof(&issue);
    let account = Account::of(&arena.new_log()?, arena.newsroom.recipients);
    let sink = arena.sink.totals()?;
    let allowed = kills * arena.connections + u32::try_from(sink.dropped).unwrap_or(u32::MAX);
    violations.extend(broken_promises(&account, allowed, arena.newsroom.recipients, proof));
    Ok(Verdict {
        scenario: arena.scenario.to_string(),
        database: arena.newsroom.kind.to_string(),
        issue: number,
        moments: moments.iter().map(ToString::to_string).chain(notes).collect(),
        recipients: arena.newsroom.recipients,
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
}

impl Trial<'_> {
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
                        // Whoever is told before it listens to signals just ends, and proves nothing.
                        self.senders[at].ready()?;
                        self.slowest_end = self.slowest_end.max(self.senders[at].terminate()?);
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
            What::FillDisk(full) => {
                let disk = self.arena.disk.as_ref().context("there is a disk to fill")?;
                disk.fill()?;
                let before = self.arena.sink.totals()?.messages;
                std::thread::sleep(full);
                let after = self.arena.sink.totals()?.messages;
                disk.free()?;
                self.notes
                    .push(format!("{} messages went out while it was full", after - before));
            }
        }
        Ok(())
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

    /// Senders that nobody ended.
    fn ended_by_themselves(&self) -> anyhow::Result<Vec<String>> {
        let mut ended = Vec::new();
        for sender in &self.senders {
            if let Some(status) = sender.running.try_wait()? {
                ended.push(format!(
                    "a sender ended by itself: {status}: {}",
                    sender.log_text().trim()
                ));
            }
        }
        Ok(ended)
    }
}

/// What is not as promised.
fn broken_promises(
    account: &Account,
    allowed: u32,
    recipients: u32,
    proof: anyhow::Result<Value>,
) -> impl Iterator<Item = String> {
    let lost = account.first_lost.as_deref().unwrap_or("nobody");
    let mut broken = vec![
        (account.lost > 0).then(|| format!("{} recipients are lost, the first is {lost}", account.lost)),
        (account.doubled > allowed).then(|| format!("{} doubled, {allowed} allowed", account.doubled)),
        (account.changed_ids > 0).then(|| format!("{} copies have another Message-ID", account.changed_ids)),
        (account.shared_ids > 0).then(|| format!("{} Message-IDs went to two recipients", account.shared_ids)),
        (account.strangers > 0).then(|| format!("{} messages went to nobody we know", account.strangers)),
    ];
    broken.push(match proof {
        Err(error) => Some(format!("the account does not balance: {error:#}")),
        Ok(proof) if proof["balanced"] != true => Some(format!("the account does not balance: {proof}")),
        Ok(proof) if proof["deliveries"]["accepted"] != recipients => {
            Some(format!("not every recipient is accepted: {proof}"))
        }
        Ok(_) => None,
    });
    broken.into_iter().flatten()
}
