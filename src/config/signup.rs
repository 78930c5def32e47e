//! `[signup]`: how long a confirmation link is valid, and the limits of sign-up.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::error::Problem;
use super::site::WebOrigin;
use super::value::{list, optional, required, whole};
use crate::domain::blocked_domains::BlockedDomains;

/// The settings of the section `[signup]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signup {
    /// How long a confirmation link is valid.
    #[serde(deserialize_with = "required")]
    pub token_ttl: Duration,
    /// The shortest time between two confirmation mails.
    #[serde(deserialize_with = "required")]
    pub resend_after: Duration,
    /// The age at which an unconfirmed sign-up is deleted.
    #[serde(deserialize_with = "required")]
    pub purge_pending_after: Duration,
    /// The shortest time between two confirmation mails to an address whose reader complained, or that was imported as suppressed.
    #[serde(deserialize_with = "required")]
    pub resend_after_complaint: Duration,
    /// How long after a bounce, and after the last confirmation mail, a sign-up may send another confirmation mail to the address.
    #[serde(deserialize_with = "required")]
    pub resend_after_bounce: Duration,
    /// The most mails that sign-ups may send to one mailbox within 24 hours.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub confirmations_per_day: u32,
    /// The most imported readers who are asked to confirm in an hour; 0 asks nobody.
    #[serde(deserialize_with = "whole::<0, 1_000_000, _, _>")]
    pub asks_per_hour: u32,
    /// Origins whose pages may post the sign-up form.
    #[serde(deserialize_with = "list")]
    pub origins: Vec<WebOrigin>,
    /// A form that is sent sooner after it was made is taken for a program's.
    #[serde(deserialize_with = "required")]
    pub form_min_age: Duration,
    /// A form that is sent later after it was made is too old.
    #[serde(deserialize_with = "required")]
    pub form_max_age: Duration,
    /// The domains whose addresses cannot sign up. They already include those of `blocked_domains_file`.
    #[serde(deserialize_with = "blocked_domains")]
    pub blocked_domains: BlockedDomains,
    /// A file with more such domains, one a line.
    #[serde(deserialize_with = "optional")]
    pub blocked_domains_file: Option<PathBuf>,
    /// The most sign-ups in an hour.
    pub limits: SignupLimits,
    /// When a sign-up needs a proof of work.
    pub proof_of_work: ProofOfWork,
}

/// The settings of the section `[signup.proof_of_work]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofOfWork {
    /// The number of sign-ups in an hour from which each needs one; 0 for never.
    #[serde(deserialize_with = "whole::<0, 1_000_000_000, _, _>")]
    pub from_per_hour: u32,
    /// The rounds of one derivation; the browser makes 256 derivations on average.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub cost: u32,
}

impl Signup {
    /// Adds the domains of `blocked_domains_file`.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        const KEY: &str = "blocked_domains_file";
        let Some(path) = &self.blocked_domains_file else {
            return Ok(());
        };
        let named = |reason: String| Problem::new(KEY, format!("names {}, {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| named(format!("which cannot be read: {error}")))?;
        let added = self.blocked_domains.add_lines(&text);
        added.map_err(|line| named(format!("whose line {line} is not a domain such as example.org")))
    }
}

/// Reads a list of domains, which may be empty.
fn blocked_domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BlockedDomains, D::Error> {
    let mut blocked = BlockedDomains::default();
    for domain in Vec::<String>::deserialize(deserializer)? {
        if !blocked.add(&domain) {
            return Err(D::Error::custom("a list of domains, such as [\"trash.example\"]"));
        }
    }
    Ok(blocked)
}

/// The settings of the section `[signup.limits]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignupLimits {
    /// From one /24 of IPv4 or one /64 of IPv6; twice as many from a /56, four times as many from a /48.
    #[serde(deserialize_with = "whole::<1, 1_000_000_000, _, _>")]
    pub per_network_per_hour: u32,
    /// For addresses of one domain.
    #[serde(deserialize_with = "whole::<1, 1_000_000_000, _, _>")]
    pub per_domain_per_hour: u32,
    /// The limit for all networks together.
    #[serde(deserialize_with = "whole::<1, 1_000_000_000, _, _>")]
    pub per_hour: u32,
}
