//! Decides at random when the sink misbehaves.

use std::time::Duration;

use super::Options;
use crate::support::rng::Rng;

/// A point in a session at which the sink can misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the greeting.
    Greeting,
    /// After a command.
    Command,
    /// After the first part of a message.
    Body,
    /// After the final dot.
    Final,
}

/// A fault of the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Closes the connection.
    HangUp,
    /// Keeps the connection open and sends nothing more.
    Silence,
    /// Accepts the message and closes the connection without a reply.
    DropFinal,
}

/// The rates of all faults, and the random generator.
pub struct Faults {
    rng: Rng,
    hang_up: f64,
    tarpit: f64,
    drop_final: f64,
    slow: u64,
}

impl Faults {
    pub fn new(options: &Options) -> Self {
        Self {
            rng: Rng::seeded(options.seed),
            hang_up: options.hang_up,
            tarpit: options.tarpit,
            drop_final: options.drop_final,
            slow: options.slow,
        }
    }

    /// The fault at this point; `None` for the correct behaviour.
    pub fn at(&mut self, stage: Stage) -> Option<Fault> {
        if stage == Stage::Final && self.rng.happens(self.drop_final) {
            Some(Fault::DropFinal)
        } else if self.rng.happens(self.hang_up) {
            Some(Fault::HangUp)
        } else if self.rng.happens(self.tarpit) {
            Some(Fault::Silence)
        } else {
            None
        }
    }

    /// The random delay of a reply (`--slow`).
    pub fn lag(&mut self) -> Duration {
        if self.slow == 0 {
            return Duration::ZERO;
        }
        Duration::from_millis(self.rng.within(0..self.slow + 1))
    }
}
