//! `[inbox]`: the built-in inbox that captures mail while no relay is set.

use std::net::SocketAddr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::value::{Setting, required, whole};

/// The settings of the section `[inbox]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// The SMTP address. It must be loopback, because the inbox accepts all mail. Port 0 means any free port.
    #[serde(deserialize_with = "loopback")]
    pub listen: SocketAddr,
    /// How many of the newest messages are kept.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub keep: usize,
    /// Who may read the inbox.
    #[serde(deserialize_with = "required")]
    pub access: InboxAccess,
}

/// Who may read `/inbox`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboxAccess {
    /// Clients on this machine, and operators by their token.
    Local,
    /// All clients that can reach the site.
    Public,
}

impl Setting for InboxAccess {
    const ALLOWED: &'static str = "\"local\" or \"public\"";

    fn read(text: &str) -> Option<Self> {
        match text {
            "local" => Some(Self::Local),
            "public" => Some(Self::Public),
            _ => None,
        }
    }
}

fn loopback<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let allowed = || D::Error::custom("a loopback address and a port, such as \"127.0.0.1:0\" or \"[::1]:2525\"");
    required(deserializer)
        .ok()
        .filter(|address: &SocketAddr| address.ip().is_loopback())
        .ok_or_else(allowed)
}
