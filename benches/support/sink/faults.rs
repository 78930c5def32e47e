//! When the sink misbehaves.

use std::time::Duration;

use super::Options;
use crate::support::chance::Chance;

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
    chance: Chance,
    hang_up: f64,
    tarpit: f64,
    drop_final: f64,
    slow: u64,
}

impl Faults {
    pub fn new(options: &Options) -> Self {
        Self {
            chance: Chance::seeded(options.seed),
            hang_up: options.hang_up,
            tarpit: options.tarpit,
            drop_final: options.drop_final,
            slow: options.slow,
        }
    }

    /// What goes wrong now, if anything.
    pub fn at(&mut self, stage: Stage) -> Option<Fault> {
        if stage == Stage::Final && self.chance.happens(self.drop_final) {
            Some(Fault::DropFinal)
        } else if self.chance.happens(self.hang_up) {
            Some(Fault::HangUp)
        } else if self.chance.happens(self.tarpit) {
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
        Duration::from_millis(self.chance.within(0..self.slow + 1))
    }
}
