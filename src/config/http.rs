//! `[http]`: the addresses at which the program listens, and the proxies that it trusts.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::value::{list, optional, required};

/// The settings of the section `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The address of site and API. Port 0 means any free port.
    #[serde(deserialize_with = "required")]
    pub listen: SocketAddr,
    /// The address of health and metrics.
    #[serde(deserialize_with = "optional")]
    pub ops_listen: Option<SocketAddr>,
    /// The networks of proxies whose `X-Forwarded-For` is trusted.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<IpNet>,
}
