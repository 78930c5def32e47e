//! Examines an installation: settings, database, clock, relays, DNS records, site and feeds. It changes nothing, and it goes on after
//! each failure, so that one run finds everything that must be mended.
//!
//! Each file has the checks of one part. A check says what was found and, unless all is well, what to do.

mod certificate;
mod check;
mod clock;
mod database;
mod dkim;
mod dmarc;
mod dns;
mod examination;
mod feeds;
mod hosts;
mod records;
mod relay;
mod settings;
mod site;
mod spf;

pub use check::{Check, Report, State};
pub use examination::Examination;

use chrono::{DateTime, Utc};

use self::database::Database;
use self::dns::Dns;
use crate::mail::dkim::Signers;

impl Examination<'_> {
    /// Makes every check, and closes the database again.
    pub async fn run(self) -> Report {
        let (signers, mut checks) = settings::check(self.config);
        let (database, of_database) = database::check(self.config).await;
        checks.extend(of_database);
        let world = Box::pin(self.world(database.as_ref(), &signers)).await;
        checks.push(clock::check(self.clock, database.as_ref(), world.time_of_site).await);
        checks.extend(Box::pin(relay::check(self, &signers)).await);
        checks.extend(relay::newsletters(self.config, database.as_ref()).await);
        checks.extend(world.checks);
        checks.push(feeds::check(self.config, self.clock, database.as_ref()).await);
        if let Some(database) = database {
            database.store.close().await;
        }
        Report { checks }
    }

    /// The DNS records and the site, as other machines see them.
    async fn world(self, database: Option<&Database>, signers: &Signers) -> World {
        let of = |check| World {
            checks: vec![check],
            time_of_site: None,
        };
        if self.config.captures_mail() {
            let reason = "no relay is set (relay.url), so neither DNS records nor the site concern a reader";
            return of(Check::skipped("dns", reason));
        }
        let dns = match Dns::new(self.config.dns.server) {
            Ok(dns) => dns,
            Err(error) => {
                return of(Check::failed_by(
                    "dns",
                    &error,
                    "correct /etc/resolv.conf, or set dns.server",
                ));
            }
        };
        // Without an answer to the first question, each of the others would take as long to fail.
        if let Err(error) = dns.texts(self.config.site.url.smtp_name()).await {
            let advice = match self.config.dns.server {
                None => "check /etc/resolv.conf and the network, or set dns.server to a server that answers",
                Some(_) => "check the network, or set dns.server to another server",
            };
            return of(Check::failed("dns", error.to_string(), advice));
        }
        let mut checks = vec![Check::ok("dns", "the DNS server answers")];
        checks.extend(records::check(self.config, &dns, database, signers).await);
        let site = site::check(self.config, self.clock, &dns, database).await;
        checks.extend(site.checks);
        World {
            checks,
            time_of_site: site.times,
        }
    }
}

/// What was found outside of this machine.
struct World {
    checks: Vec<Check>,
    /// The time here and by the server of the site, at the same moment.
    time_of_site: Option<(DateTime<Utc>, DateTime<Utc>)>,
}
