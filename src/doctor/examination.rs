//! What an examination is made of.

use crate::clock::{Clock, Rng};
use crate::config::Config;
use crate::domain::address::EmailAddress;

/// The installation to examine, and how.
#[derive(Clone, Copy, Debug)]
pub struct Examination<'a> {
    /// The settings, which were read without an error.
    pub config: &'a Config,
    /// The clock of this machine.
    pub clock: &'a Clock,
    /// Makes the Message-ID of the probe.
    pub rng: &'a Rng,
    /// Each relay sends one message to this address; `None` sends nothing.
    pub probe: Option<&'a EmailAddress>,
}
