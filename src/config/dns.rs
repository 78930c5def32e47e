//! `[dns]`: which DNS server `daywire doctor` asks.

use std::net::SocketAddr;

use serde::Deserialize;

use super::value::optional;

/// The settings of the section `[dns]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The server to ask; `None` means those of the system.
    #[serde(deserialize_with = "optional")]
    pub server: Option<SocketAddr>,
}
