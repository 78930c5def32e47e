//! The DNS records that mail depends on: DKIM, SPF, DMARC, MX and reverse DNS.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::check::Check;
use super::database::Database;
use super::dns::Dns;
use super::{dkim, dmarc, hosts, spf};
use crate::config::Config;
use crate::mail::dkim::Signers;
use crate::mail::{Mailbox, SmtpAddress};

/// Checks the records of the domains of the settings, and of the newsletters' senders.
pub(super) async fn check(config: &Config, dns: &Dns, database: Option<&Database>, signers: &Signers) -> Vec<Check> {
    let mut checks = dkim::check(dns, signers).await;
    let senders = sender_domains(config, database).await;
    let return_path = &return_path_domain(config);
    checks.push(spf::check(dns, return_path).await);
    for sender in &senders {
        checks.extend(dmarc::check(dns, sender, return_path, signers).await);
    }
    checks.push(hosts::mail_hosts(dns, return_path).await);
    for name in helo_names(config) {
        checks.extend(hosts::name_in_smtp(dns, name).await);
    }
    checks
}

/// Our names in EHLO that are host names.
fn helo_names(config: &Config) -> BTreeSet<&str> {
    let site = config.site.url.smtp_name();
    let names = config.relays.iter().map(|relay| relay.helo_name(site));
    names
        .filter(|name| *name == site || name.parse::<IpAddr>().is_err())
        .collect()
}

/// The domain to which bounces go, as A-labels.
fn return_path_domain(config: &Config) -> String {
    let set = config.mail.return_path.as_ref().map(SmtpAddress::domain);
    if let Some(domain) = config.intake.domain.as_deref().or(set) {
        return domain.to_owned();
    }
    match Mailbox::try_from(&config.mail.from) {
        Ok(from) => from.address.domain().to_owned(),
        Err(_) => config.mail.from.email.domain().to_owned(),
    }
}

/// The domains of `mail.from` and of the newsletters with a sender of their own.
async fn sender_domains(config: &Config, database: Option<&Database>) -> BTreeSet<String> {
    let of_newsletters = match database.filter(|database| database.has_tables) {
        Some(database) => senders_of_newsletters(database).await,
        None => Vec::new(),
    };
    let default = Mailbox::try_from(&config.mail.from).map(|from| from.address);
    let addresses = default.into_iter().chain(of_newsletters);
    addresses
        .map(|address: SmtpAddress| address.domain().to_ascii_lowercase())
        .collect()
}

/// An error of the database is reported by the checks of the database.
async fn senders_of_newsletters(database: &Database) -> Vec<SmtpAddress> {
    let Ok(mut tx) = database.store.read().await else {
        return Vec::new();
    };
    let newsletters = tx.newsletters().await.unwrap_or_default();
    let senders = newsletters.into_iter().filter_map(|newsletter| newsletter.sender);
    senders
        .filter_map(|sender| Some(sender.parse::<Mailbox>().ok()?.address))
        .collect()
}
