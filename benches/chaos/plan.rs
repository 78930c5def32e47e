//! The plan of one issue: which faults are injected, and when. The seed determines all of it.

use std::fmt;
use std::time::Duration;

use crate::options::{Fault, Scenario, Signal};
use crate::support::rng::Rng;

/// A fault with the moment at which it is injected.
#[derive(Clone, Copy, Debug)]
pub struct PlannedFault {
    /// The moment.
    pub trigger: Trigger,
    /// The fault.
    pub action: Action,
}

/// A moment during an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// This long after the previous fault, or after the start of the issue.
    After(Duration),
    /// When the sink has received this many messages, and then this much later.
    AtMessage(u64, Duration),
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A sender, by its index, is stopped by a signal and started again.
    StopSender(u32, Signal),
    /// PostgreSQL crashes, and is restarted after this time.
    CrashDatabase(Duration),
    /// The disk is full for this time.
    FillDisk(Duration),
    /// The sender is stopped and started again while only this many bytes are free, for this time. Its write-ahead log has to grow.
    StartOnFullDisk(u64, Duration),
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.trigger {
            Trigger::After(pause) => write!(f, "+{} ms", pause.as_millis())?,
            Trigger::AtMessage(messages, _) => write!(f, "{messages}")?,
        }
        match self.action {
            Action::StopSender(0, _) => Ok(()),
            Action::StopSender(node, _) => write!(f, " (sender {})", node + 1),
            Action::CrashDatabase(downtime) => write!(f, " (database, {} ms)", downtime.as_millis()),
            Action::FillDisk(full) => write!(f, " (disk full, {} ms)", full.as_millis()),
            Action::StartOnFullDisk(free, full) => {
                write!(f, " (started with {} KB free, {} ms)", free / 1024, full.as_millis())
            }
        }
    }
}

/// The faults of one issue in their order. Senders are stopped `stops` times.
pub fn plan(scenario: Scenario, recipients: u32, stops: u32, senders: u32, rng: &mut Rng) -> Vec<PlannedFault> {
    let mut faults = Vec::new();
    for _ in 0..stops {
        let signal = if let Scenario::Kill(signal) = scenario {
            signal
        } else {
            Signal::Kill
        };
        let node = rng.within(0..u64::from(senders));
        let action = Action::StopSender(u32::try_from(node).unwrap_or(0), signal);
        // One in five is stopped early, just after the previous one was started again.
        let early = Trigger::After(Duration::from_millis(rng.within(0..300)));
        let at = at(recipients, rng);
        faults.push(PlannedFault {
            trigger: if rng.happens(0.2) { early } else { at },
            action,
        });
    }
    let crashes = match scenario {
        Scenario::Nodes => 2,
        Scenario::Fault(Fault::PgKill) => 3,
        _ => 0,
    };
    for _ in 0..crashes {
        let downtime = Duration::from_millis(rng.within(0..1500));
        faults.push(PlannedFault {
            trigger: at(recipients, rng),
            action: Action::CrashDatabase(downtime),
        });
    }
    if scenario == Scenario::Fault(Fault::DiskFull) {
        for _ in 0..2 {
            for nearly in [false, true] {
                let full = Duration::from_millis(rng.within(1000..4000));
                let action = if nearly {
                    Action::StartOnFullDisk(rng.within(0..600 * 1024), full)
                } else {
                    Action::FillDisk(full)
                };
                faults.push(PlannedFault {
                    trigger: at(recipients, rng),
                    action,
                });
            }
        }
    }
    in_order(faults, rng)
}

/// A random message, except the last 3 %, and up to 5 ms later.
fn at(recipients: u32, rng: &mut Rng) -> Trigger {
    let last = u64::from(recipients) * 97 / 100;
    Trigger::AtMessage(rng.within(1..last), Duration::from_micros(rng.within(0..5000)))
}

/// Sorts the faults by their messages, and puts the early stops at random places among them.
fn in_order(faults: Vec<PlannedFault>, rng: &mut Rng) -> Vec<PlannedFault> {
    let (early, mut ordered): (Vec<_>, Vec<_>) = faults
        .into_iter()
        .partition(|fault| matches!(fault.trigger, Trigger::After(_)));
    ordered.sort_by_key(|fault| fault.trigger);
    for fault in early {
        let at = usize::try_from(rng.within(0..ordered.len() as u64 + 1)).unwrap_or(0);
        ordered.insert(at, fault);
    }
    ordered
}
