//! Which relays send which mail: those that name the newsletter, else those that name the domain of the sender, else those that name
//! neither.

use std::collections::HashMap;

use crate::config::{Config, Relay};
use crate::mail::Mailbox;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// The mail that the same relays send: an index from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Route(pub(super) usize);

impl Route {
    /// The mail that no relay names.
    pub(super) const GENERAL: Self = Self(0);
}

/// The routes by the settings. The settings have at least one relay for [`Route::GENERAL`].
#[derive(Debug)]
pub(super) struct Routes {
    by_newsletter: HashMap<String, Route>,
    by_domain: HashMap<String, Route>,
    /// For each route, whether each relay sends its mail.
    members: Vec<Vec<bool>>,
    /// The route of confirmations and other mails to one person. `/readyz` reports whether its relays accept mail.
    pub(super) of_transactional: Route,
}

impl Routes {
    pub(super) fn new(config: &Config) -> Self {
        let relays = &config.relays;
        let general = relays.iter().map(|relay| !relay.is_restricted());
        let mut members = vec![general.collect()];
        let mut add = |names: &mut HashMap<String, Route>, name: &str, is_named: &dyn Fn(&Relay) -> bool| {
            names.entry(name.to_owned()).or_insert_with(|| {
                members.push(relays.iter().map(is_named).collect());
                Route(members.len() - 1)
            });
        };
        let (mut by_newsletter, mut by_domain) = (HashMap::new(), HashMap::new());
        for relay in relays {
            for slug in &relay.newsletters {
                add(&mut by_newsletter, slug, &|relay| relay.newsletters.contains(slug));
            }
            for domain in &relay.sender_domains {
                add(&mut by_domain, domain.as_str(), &|relay| {
                    relay.sender_domains.contains(domain)
                });
            }
        }
        let mut routes = Self {
            by_newsletter,
            by_domain,
            members,
            of_transactional: Route::GENERAL,
        };
        if let Ok(from) = Mailbox::try_from(&config.mail.from) {
            routes.of_transactional = routes.of_sender(from.address.domain());
        }
        routes
    }

    /// The route of a newsletter's issues. `sender_domain` is the domain of the From address, as A-labels.
    pub(super) fn of_newsletter(&self, slug: &str, sender_domain: &str) -> Route {
        let named = self.by_newsletter.get(slug).copied();
        named.unwrap_or_else(|| self.of_sender(sender_domain))
    }

    /// The route of an issue. A sender that cannot be parsed counts as a domain that no relay names; such an issue is not sent.
    pub(super) fn of_issue(&self, issue: &Issue, newsletter: &Newsletter) -> Route {
        let sender = issue.sender.parse::<Mailbox>();
        let domain = sender.as_ref().map_or("", |from| from.address.domain());
        self.of_newsletter(&newsletter.slug, domain)
    }

    /// The route of mail with a From address of this domain that no relay names otherwise.
    fn of_sender(&self, domain: &str) -> Route {
        let route = self.by_domain.get(&domain.to_ascii_lowercase());
        route.copied().unwrap_or_default()
    }

    /// Whether a relay sends the mail of a route.
    pub(super) fn is_member(&self, route: Route, relay: usize) -> bool {
        self.members[route.0].get(relay).copied().unwrap_or_default()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Route> + use<> {
        (0..self.members.len()).map(Route)
    }

    /// The routes whose mail a relay sends.
    pub(super) fn of_relay(&self, relay: usize) -> impl Iterator<Item = Route> + '_ {
        self.all().filter(move |route| self.is_member(*route, relay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Setting;

    /// The routes of relays that name these newsletters and domains.
    fn routes<const N: usize>(named: [(&[&str], &[&str]); N]) -> Routes {
        let mut config = Config::default();
        config.mail.from = "News <news@news.example>".parse().expect("a mailbox");
        let default = config.relays.remove(0);
        let relay = |(newsletters, domains): (&[&str], &[&str])| {
            let mut relay = default.clone();
            relay.newsletters = newsletters.iter().map(|slug| (*slug).to_owned()).collect();
            relay.sender_domains = domains
                .iter()
                .map(|domain| Setting::read(domain).expect("the domain is valid"))
                .collect();
            relay
        };
        config.relays = named.into_iter().map(relay).collect();
        Routes::new(&config)
    }

    fn members(routes: &Routes, route: Route) -> Vec<usize> {
        (0..9).filter(|relay| routes.is_member(route, *relay)).collect()
    }

    #[test]
    fn the_relays_that_name_the_mail_most_specifically_send_it() {
        let routes = routes([
            (&[], &[]),
            (&["daily", "weekly"], &[]),
            (&["daily"], &["news.example"]),
            (&[], &["news.example", "BÜCHER.example"]),
            (&[], &[]),
        ]);
        for (slug, domain, expected) in [
            ("daily", "news.example", &[1_usize, 2][..]),
            ("daily", "other.example", &[1, 2]),
            ("weekly", "news.example", &[1]),
            ("monthly", "news.example", &[2, 3]),
            ("monthly", "News.Example", &[2, 3]),
            ("monthly", "xn--bcher-kva.example", &[3]),
            ("monthly", "sub.news.example", &[0, 4]),
            ("monthly", "other.example", &[0, 4]),
        ] {
            let route = routes.of_newsletter(slug, domain);
            assert_eq!(members(&routes, route), expected, "{slug} from {domain}");
        }
        assert_eq!(members(&routes, routes.of_transactional), [2, 3]);
        assert_eq!(routes.of_sender("daily"), Route::GENERAL);
        assert_eq!(routes.of_relay(2).count(), 2);
    }

    #[test]
    fn without_names_every_relay_sends_everything() {
        let routes = routes([(&[], &[]), (&[], &[])]);
        assert_eq!(routes.of_newsletter("daily", "news.example"), Route::GENERAL);
        assert_eq!(members(&routes, Route::GENERAL), [0, 1]);
        assert_eq!(routes.all().count(), 1);
    }
}
