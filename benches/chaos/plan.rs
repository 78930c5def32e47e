//! What is done when, during one issue: all of it follows from the seed.

use std::fmt;
use std::time::Duration;

use crate::options::{Fault, Scenario, Signal};
use crate::support::rng::Rng;

/// Something that is done at some time.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// When.
    pub when: When,
    /// What.
    pub what: What,
}

/// A time during an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// So long after what was done last, or after the issue was begun.
    After(Duration),
    /// When the sink has so many messages, and a little later.
    At(u64, Duration),
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A sender is ended and started again.
    End(u32, Signal),
    /// PostgreSQL crashes and is away for so long.
    CrashDatabase(Duration),
    /// The disk is full for so long.
    FillDisk(Duration),
    /// The sender is ended, and starts again where only so many bytes are free for so long: its log has to grow.
    StartOnFullDisk(u64, Duration),
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::After(pause) => write!(f, "+{} ms", pause.as_millis())?,
            When::At(messages, _) => write!(f, "{messages}")?,
        }
        match self.what {
            What::End(0, _) => Ok(()),
            What::End(node, _) => write!(f, " (sender {})", node + 1),
            What::CrashDatabase(away) => write!(f, " (database, {} ms)", away.as_millis()),
            What::FillDisk(full) => write!(f, " (disk full, {} ms)", full.as_millis()),
            What::StartOnFullDisk(free, full) => {
                write!(f, " (started with {} KB free, {} ms)", free / 1024, full.as_millis())
            }
        }
    }
}

/// The moments of one issue with so many ends of senders, in order.
pub fn plan(scenario: Scenario, recipients: u32, ends: u32, senders: u32, rng: &mut Rng) -> Vec<Moment> {
    let mut moments = Vec::new();
    for _ in 0..ends {
        let signal = if let Scenario::Kill(signal) = scenario {
            signal
        } else {
            Signal::Kill
        };
        let node = rng.within(0..u64::from(senders));
        let what = What::End(u32::try_from(node).unwrap_or(0), signal);
        // One in five dies young, just after the one before was started again.
        let young = When::After(Duration::from_millis(rng.within(0..300)));
        let at = at(recipients, rng);
        moments.push(Moment {
            when: if rng.happens(0.2) { young } else { at },
            what,
        });
    }
    let crashes = match scenario {
        Scenario::Nodes => 2,
        Scenario::Fault(Fault::PgKill) => 3,
        _ => 0,
    };
    for _ in 0..crashes {
        let away = Duration::from_millis(rng.within(0..1500));
        moments.push(Moment {
            when: at(recipients, rng),
            what: What::CrashDatabase(away),
        });
    }
    if scenario == Scenario::Fault(Fault::DiskFull) {
        for _ in 0..2 {
            for nearly in [false, true] {
                let full = Duration::from_millis(rng.within(1000..4000));
                let what = if nearly {
                    What::StartOnFullDisk(rng.within(0..600 * 1024), full)
                } else {
                    What::FillDisk(full)
                };
                moments.push(Moment {
                    when: at(recipients, rng),
                    what,
                });
            }
        }
    }
    in_order(moments, rng)
}

/// Between the first message and nearly the last, and up to 5 ms later.
fn at(recipients: u32, rng: &mut Rng) -> When {
    let last = u64::from(recipients) * 97 / 100;
    When::At(rng.within(1..last), Duration::from_micros(rng.within(0..5000)))
}

/// Moments by count in the order of the count, those that follow others anywhere between.
fn in_order(moments: Vec<Moment>, rng: &mut Rng) -> Vec<Moment> {
    let (young, mut ordered): (Vec<_>, Vec<_>) = moments
        .into_iter()
        .partition(|moment| matches!(moment.when, When::After(_)));
    ordered.sort_by_key(|moment| moment.when);
    for moment in young {
        let at = usize::try_from(rng.within(0..ordered.len() as u64 + 1)).unwrap_or(0);
        ordered.insert(at, moment);
    }
    ordered
}
