//! `[signup]`: how long a confirmation link is valid, and the limits of sign-up.

use std::time::Duration;

use serde::Deserialize;

use super::site::WebOrigin;
use super::value::{list, required, whole};

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
    /// Origins whose pages may post the sign-up form.
    #[serde(deserialize_with = "list")]
    pub origins: Vec<WebOrigin>,
    /// The most sign-ups in an hour.
    pub limits: SignupLimits,
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
