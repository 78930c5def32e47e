//! When the sink misbehaves.

use std::time::Duration;

use super::Options;
use crate::support::rng::Rng;

/// A moment in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before the greeting.
    Greeting,
    /// A command has come in.
    Command,
    /// The first part of a message has.
    Body,
    /// The final dot has.
    Final,
}

/// What the sink does instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Closes the connection.
    HangUp,
    /// Says nothing more on this connection.
    Silence,
    /// Takes the message and closes the connection.
    DropFinal,
}

/// Draws the faults.
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

    /// What goes wrong now, if anything.
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

    /// How much longer than usual this reply takes.
    pub fn lag(&mut self) -> Duration {
        if self.slow == 0 {
            return Duration::ZERO;
        }
        Duration::from_millis(self.rng.within(0..self.slow + 1))
    }
}
