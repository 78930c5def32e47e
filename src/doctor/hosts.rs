//! The hosts: which accept the returned mail, and the name of this machine in SMTP with its reverse DNS.

use std::net::IpAddr;

use super::check::Check;
use super::dns::{Dns, Result};

const MX: &str = "dns.mx";
const HELO: &str = "dns.helo";
const REVERSE: &str = "dns.reverse";

/// Checks that the domain of the return path accepts mail ([RFC 5321 §5.1](https://www.rfc-editor.org/rfc/rfc5321#section-5.1)).
pub(super) async fn mail_hosts(dns: &Dns, domain: &str) -> Check {
    let check = look_for_mail_hosts(dns, domain).await;
    check.unwrap_or_else(|error| unanswered(MX, &error)).of(domain)
}

async fn look_for_mail_hosts(dns: &Dns, domain: &str) -> Result<Check> {
    let publish = format!("publish an MX record of {domain} that names the server that accepts its mail");
    let hosts = dns.mail_hosts(domain).await?;
    if hosts.iter().any(String::is_empty) {
        let found = "the domain says that it accepts no mail (null MX), so no bounce comes back";
        return Ok(Check::failed(MX, found, publish));
    }
    if hosts.is_empty() {
        return Ok(if dns.addresses(domain).await?.is_empty() {
            Check::failed(MX, "the domain has no MX record, so no bounce comes back", publish)
        } else {
            let found = "the domain has no MX record; its own address is used, but some senders want an MX";
            Check::warning(MX, found, publish)
        });
    }
    for host in &hosts {
        if dns.addresses(host).await?.is_empty() {
            let found = format!("the MX record names {host}, which has no address");
            let advice = format!("publish an address (A or AAAA) of {host}, or correct the MX record");
            return Ok(Check::failed(MX, found, advice));
        }
    }
    Ok(Check::ok(MX, hosts.join(", ")))
}

/// Checks the name that this machine gives in EHLO.
pub(super) async fn name_in_smtp(dns: &Dns, name: &str) -> Vec<Check> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return vec![
            Check::warning(
                HELO,
                format!("this machine calls itself [{address}] in EHLO, because site.url has no name"),
                "set site.url to an address with a name",
            )
            .of(name),
        ];
    }
    let addresses = match dns.addresses(name).await {
        Ok(addresses) => addresses,
        Err(error) => return vec![unanswered(HELO, &error).of(name)],
    };
    if addresses.is_empty() {
        let found = "this machine gives this name in EHLO (from site.url), and it has no address";
        let advice = format!("publish an address (A or AAAA) of {name}");
        return vec![Check::warning(HELO, found, advice).of(name)];
    }
    let mut checks = vec![Check::ok(HELO, "the name given in EHLO has an address").of(name)];
    for address in addresses {
        let check = reverse(dns, address).await;
        checks.push(
            check
                .unwrap_or_else(|error| unanswered(REVERSE, &error))
                .of(address.to_string()),
        );
    }
    checks
}

/// A receiver believes the name of an address only if that name leads back to it.
async fn reverse(dns: &Dns, address: IpAddr) -> Result<Check> {
    let advice = format!(
        "have your hosting provider set the reverse DNS of {address}; it only matters if mail is delivered from this address"
    );
    let names = dns.names(address).await?;
    for name in &names {
        if dns.addresses(name).await?.contains(&address) {
            return Ok(Check::ok(
                REVERSE,
                format!("it is {name}, which leads back to the address"),
            ));
        }
    }
    Ok(match names.first() {
        None => Check::warning(REVERSE, "the address has no name in reverse DNS", advice),
        Some(name) => Check::warning(
            REVERSE,
            format!("its name {name} does not lead back to the address"),
            advice,
        ),
    })
}

fn unanswered(name: &'static str, error: &super::dns::DnsError) -> Check {
    Check::failed(name, error.to_string(), "check the name servers of the domain")
}
