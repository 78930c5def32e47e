//! `[inbox]`: the built-in inbox that captures mail while no relay is set.

use std::net::SocketAddr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::site::BaseUrl;
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

impl Inbox {
    /// The address of the inbox for a person on this machine, where the site listens on `listening`. The address of the site may lead to
    /// a proxy, and a request that passed one may read the inbox only if all clients may.
    pub(crate) fn link(&self, site: &BaseUrl, listening: SocketAddr) -> String {
        let is_proxied = self.access == InboxAccess::Public && !site.disagrees_with(listening);
        // With port 0 the port is known only after the start.
        if is_proxied || listening.port() == 0 {
            return format!("{site}/inbox");
        }
        format!("{}/inbox", BaseUrl::of(listening))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_to_the_inbox_leads_to_where_the_program_listens() {
        for (site, access, listening, expected) in [
            (
                "https://news.example",
                "local",
                "127.0.0.1:8080",
                "http://127.0.0.1:8080/inbox",
            ),
            (
                "http://localhost:9000",
                "local",
                "0.0.0.0:8080",
                "http://127.0.0.1:8080/inbox",
            ),
            (
                "https://news.example",
                "public",
                "0.0.0.0:8080",
                "https://news.example/inbox",
            ),
            (
                "http://localhost:9000",
                "public",
                "[::]:8080",
                "http://[::1]:8080/inbox",
            ),
            (
                "https://news.example",
                "local",
                "127.0.0.1:0",
                "https://news.example/inbox",
            ),
        ] {
            let site = BaseUrl::read(site).expect("an address");
            let inbox = Inbox {
                listen: SocketAddr::from(([127, 0, 0, 1], 0)),
                keep: 1,
                access: InboxAccess::read(access).expect("an access"),
            };
            let listening = listening.parse().expect("an address and a port");
            assert_eq!(inbox.link(&site, listening), expected);
        }
    }
}
