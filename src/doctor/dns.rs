//! Asks the DNS, with the server of the settings or those of the system. The hosts file of this machine does not count, because other
//! servers do not see it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

const TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;

/// Why the DNS did not answer. That a name has no record of a type is an answer, and not an error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the DNS does not answer for {name}: {reason}")]
pub(super) struct DnsError {
    name: String,
    reason: String,
}

/// The result of a question to the DNS.
pub(super) type Result<T> = std::result::Result<T, DnsError>;

/// A client of the DNS.
#[derive(Clone)]
pub(super) struct Dns {
    pub(super) resolver: TokioResolver,
}

impl Dns {
    /// A client that asks `server`, or the servers of the system.
    ///
    /// # Errors
    /// If the system has no usable `/etc/resolv.conf`.
    pub(super) fn new(server: Option<SocketAddr>) -> std::result::Result<Self, NetError> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let mut set = NameServerConfig::udp_and_tcp(server.ip());
                for connection in &mut set.connections {
                    connection.port = server.port();
                }
                let set = ResolverConfig::from_name_servers(vec![set]);
                TokioResolver::builder_with_config(set, TokioRuntimeProvider::default())
            }
        };
        let options = builder.options_mut();
        options.timeout = TIMEOUT;
        options.attempts = ATTEMPTS;
        options.use_hosts_file = ResolveHosts::Never;
        let resolver = builder.build()?;
        Ok(Self { resolver })
    }

    /// The TXT records of a name, each with its strings joined.
    pub(super) async fn texts(&self, name: &str) -> Result<Vec<String>> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        })
        .await
    }

    /// The hosts that accept mail for a domain, the preferred one first, without the dot at their end. A null MX is an empty name
    /// ([RFC 7505](https://www.rfc-editor.org/rfc/rfc7505)).
    pub(super) async fn mail_hosts(&self, domain: &str) -> Result<Vec<String>> {
        let mut hosts = self
            .ask(domain, RecordType::MX, |data| match data {
                RData::MX(mx) => Some((mx.preference, shown(&mx.exchange))),
                _ => None,
            })
            .await?;
        hosts.sort();
        Ok(hosts.into_iter().map(|(_, host)| host).collect())
    }

    /// The IP addresses of a host.
    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>> {
        let mut addresses = Vec::new();
        for kind in [RecordType::A, RecordType::AAAA] {
            addresses.extend(
                self.ask(host, kind, |data| match data {
                    RData::A(address) => Some(IpAddr::V4(address.0)),
                    RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                    _ => None,
                })
                .await?,
            );
        }
        Ok(addresses)
    }

    /// The names of an address, by reverse DNS.
    pub(super) async fn names(&self, address: IpAddr) -> Result<Vec<String>> {
        let name = Name::from(address).to_ascii();
        self.ask(&name, RecordType::PTR, |data| match data {
            RData::PTR(host) => Some(shown(&host.0)),
            _ => None,
        })
        .await
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, read: impl Fn(&RData) -> Option<T>) -> Result<Vec<T>> {
        let failed = |reason: String| DnsError {
            name: name.to_owned(),
            reason,
        };
        // With the dot at its end the name is complete: the search list of the system is not used.
        let full = Name::from_str_relaxed(format!("{}.", name.trim_end_matches('.')));
        let full = full.map_err(|error| failed(error.to_string()))?;
        match self.resolver.lookup(full, kind).await {
            Ok(found) => Ok(read_all(&found, read)),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

fn read_all<T>(found: &Lookup, read: impl Fn(&RData) -> Option<T>) -> Vec<T> {
    found.answers().iter().filter_map(|record| read(&record.data)).collect()
}

fn shown(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}
