//! `[http]`: where the program listens, and whose word about a reader's address counts.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Deserialize;

use super::value::{list, optional, required};

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Where the site, the API and the console listen. Port 0 takes a free one.
    #[serde(deserialize_with = "required")]
    pub listen: SocketAddr,
    /// Where health and metrics listen.
    #[serde(deserialize_with = "optional")]
    pub ops_listen: Option<SocketAddr>,
    /// The networks whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<IpNet>,
}
