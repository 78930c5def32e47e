//! `[relay]`: the SMTP server that sends our mail on.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::error::Problem;
use super::relay_oauth::RelayOauth;
use super::secrets::password_or_file;
use super::value::{Setting, list, optional, required, whole};
use crate::domain::send_window::SendWindow;
use crate::domain::time_zone::TimeZone;
use crate::mail::extra_header::ExtraHeader;
use crate::mail::helo_name::HeloName;
use crate::mail::{relay as mail, smtp};

/// `[relay]`, or one of several `[[relay]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// The server, with its password. `None`, which only a sole relay can have, means the built-in inbox.
    #[serde(deserialize_with = "optional")]
    pub url: Option<mail::Relay>,
    /// The password, if it is not in the address. [`Relay::url`] already contains it.
    #[serde(deserialize_with = "optional")]
    password: Option<SecretString>,
    /// The file with the password.
    #[serde(deserialize_with = "optional")]
    pub password_file: Option<PathBuf>,
    /// The login with access tokens instead of a password.
    pub oauth: RelayOauth,
    /// The slugs of newsletters that only the relays that name them send.
    #[serde(deserialize_with = "list")]
    pub newsletters: Vec<String>,
    /// The domains of senders whose mail only the relays that name them send, except newsletters that a relay names.
    #[serde(deserialize_with = "list")]
    pub sender_domains: Vec<SenderDomain>,
    /// Our name in EHLO; `None` is the host of `site.url`.
    #[serde(deserialize_with = "optional")]
    pub helo_name: Option<HeloName>,
    /// Header fields that are added to the messages of issues.
    #[serde(deserialize_with = "list")]
    pub headers: Vec<ExtraHeader>,
    /// Header fields that are added to mails to one person, such as confirmations.
    #[serde(deserialize_with = "list")]
    pub transactional_headers: Vec<ExtraHeader>,
    /// The most connections open at once.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub connections: usize,
    /// The most messages a second over all connections; `None` means no limit.
    #[serde(deserialize_with = "rate")]
    pub rate_per_second: Option<NonZeroU32>,
    /// A connection is closed after this many messages.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub messages_per_connection: usize,
    /// The share of messages, relative to the weights of the other relays.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub weight: u32,
    /// The most messages on a day; `None` means no limit.
    #[serde(deserialize_with = "per_day")]
    pub max_per_day: Option<NonZeroU32>,
    /// When issues are sent; `None` means at any time.
    #[serde(deserialize_with = "send_window")]
    pub send_window: Option<SendWindow>,
    /// How long to wait for each reply.
    pub timeouts: Timeouts,
    /// The daily limits while the sending address is new.
    pub warmup: Warmup,
}

/// The domain of a From address, as A-labels in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderDomain(String);

impl SenderDomain {
    /// The domain as A-labels in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for SenderDomain {
    const ALLOWED: &'static str = "a domain such as \"news.example.org\", without an @";

    fn read(text: &str) -> Option<Self> {
        let name = idna::domain_to_ascii_strict(text).ok()?;
        name.split('.').all(|label| !label.is_empty()).then_some(Self(name))
    }
}

/// The settings of the section `[relay.warmup]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warmup {
    /// The first day, in UTC; `None` means no warm-up.
    #[serde(deserialize_with = "optional")]
    pub started: Option<NaiveDate>,
    /// The most messages of issues on each day, from the first day on. Later days have no limit.
    pub plan: Vec<u32>,
}

impl Warmup {
    /// The most messages on a day; `None` means no limit.
    #[must_use]
    pub fn cap(&self, day: NaiveDate) -> Option<u32> {
        let started = self.started?;
        match usize::try_from((day - started).num_days()) {
            Ok(nth) => self.plan.get(nth).copied(),
            // Before the first day nothing is sent.
            Err(_) => Some(0),
        }
    }
}

impl Setting for NaiveDate {
    const ALLOWED: &'static str = "a day such as 2026-11-23";

    fn read(text: &str) -> Option<Self> {
        Self::parse_from_str(text, "%Y-%m-%d").ok()
    }
}

impl Setting for NaiveTime {
    const ALLOWED: &'static str = "a time of day such as \"06:00\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse_from_str(text, "%H:%M").ok()
    }
}

impl Setting for TimeZone {
    const ALLOWED: &'static str = "a time zone such as \"Europe/Berlin\" or \"UTC\"";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The settings of the section `[relay.send_window]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendWindowTable {
    #[serde(deserialize_with = "optional")]
    from: Option<NaiveTime>,
    #[serde(deserialize_with = "optional")]
    to: Option<NaiveTime>,
    #[serde(deserialize_with = "required")]
    time_zone: TimeZone,
}

fn send_window<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SendWindow>, D::Error> {
    let table = SendWindowTable::deserialize(deserializer)?;
    let both = "from and to, two different times, or neither of them";
    match (table.from, table.to) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) => SendWindow::new(from, to, table.time_zone)
            .map(Some)
            .ok_or_else(|| D::Error::custom(both)),
        _ => Err(D::Error::custom(both)),
    }
}

/// `[relay.timeouts]` ([RFC 5321 §4.5.3.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2))
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// For the connection, including TLS.
    #[serde(deserialize_with = "required")]
    pub connect: Duration,
    /// For the greeting and the reply to EHLO.
    #[serde(deserialize_with = "required")]
    pub greeting: Duration,
    /// For the reply to MAIL.
    #[serde(deserialize_with = "required")]
    pub mail: Duration,
    /// For the reply to RCPT.
    #[serde(deserialize_with = "required")]
    pub rcpt: Duration,
    /// For the reply to DATA.
    #[serde(deserialize_with = "required")]
    pub data: Duration,
    /// For each block of the message to be written.
    #[serde(deserialize_with = "required")]
    pub block: Duration,
    /// For the reply to the final dot; the key is `final`.
    #[serde(rename = "final", deserialize_with = "required")]
    pub final_dot: Duration,
}

impl From<Timeouts> for smtp::Timeouts {
    fn from(set: Timeouts) -> Self {
        Self {
            connect: set.connect,
            greeting: set.greeting,
            command: set.greeting,
            mail: set.mail,
            rcpt: set.rcpt,
            data: set.data,
            block: set.block,
            message: set.final_dot,
            ..Self::default()
        }
    }
}

impl Relay {
    /// Whether this relay sends only the mail that it names.
    #[must_use]
    pub(crate) fn is_restricted(&self) -> bool {
        !self.newsletters.is_empty() || !self.sender_domains.is_empty()
    }

    /// Whether the messages of a day are limited, on some days at least.
    #[must_use]
    pub(crate) const fn has_daily_cap(&self) -> bool {
        self.max_per_day.is_some() || self.warmup.started.is_some()
    }

    /// The most messages on a day; `None` means no limit.
    #[must_use]
    pub(crate) fn daily_cap(&self, day: NaiveDate) -> Option<u32> {
        let caps = [self.max_per_day.map(NonZeroU32::get), self.warmup.cap(day)];
        caps.into_iter().flatten().min()
    }

    /// Our name in EHLO. `site` is the name by `site.url`.
    #[must_use]
    pub(crate) fn helo_name<'a>(&'a self, site: &'a str) -> &'a str {
        self.helo_name.as_ref().map_or(site, HeloName::as_str)
    }

    /// Reads `password_file`, and checks that there is either both a user and a password or neither.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        password_or_file(&mut self.password, self.password_file.as_deref())?;
        if self.oauth.is_set() {
            return self.finish_oauth();
        }
        let login = self.url.as_ref().and_then(mail::Relay::login);
        match (login.map(|(_, inside)| inside), &self.password) {
            (Some(Some(_)), Some(_)) => Err(Problem::new(
                "url",
                "has a password, and password or password_file is set; keep one",
            )),
            (None, Some(_)) => Err(Problem::new(
                "password",
                "is set, but url names no user; write smtps://USER@HOST",
            )),
            (Some(None), None) => Err(Problem::new(
                "url",
                "names a user but no password; set password or password_file as well",
            )),
            (Some(None), Some(password)) => {
                let relay = self.url.take().map(|relay| relay.with_password(password.clone()));
                self.url = relay
                    .transpose()
                    .map_err(|error| Problem::new("url", error.to_string()))?;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Relay {
    /// Checks that the login with access tokens has a user and no password.
    fn finish_oauth(&mut self) -> Result<(), Problem> {
        self.oauth.finish()?;
        match (self.url.as_ref().and_then(mail::Relay::login), &self.password) {
            (Some((_, None)), None) => Ok(()),
            (None, _) => Err(Problem::new(
                "url",
                "names no user, but oauth.token_url is set; write the mailbox that sends, such as smtp+starttls://news%40example.org@HOST",
            )),
            (Some(_), _) => Err(Problem::new(
                "password",
                "is set, and oauth.token_url too; keep one of the two",
            )),
        }
    }
}

/// The name by which the database counts what the relay with an index sends on a day: its address without the login. Relays with the same
/// address are counted apart.
pub(crate) fn cap_name(relays: &[Relay], index: usize) -> String {
    let name = |relay: &Relay| {
        relay
            .url
            .as_ref()
            .map_or_else(|| "inbox".to_owned(), ToString::to_string)
    };
    let own = name(&relays[index]);
    let before = relays[..index].iter().filter(|other| name(other) == own).count();
    if before == 0 {
        own
    } else {
        format!("{own} ({})", before + 1)
    }
}

/// Refuses relays that are all restricted to some mail.
pub(super) fn require_unrestricted(relays: &[Relay]) -> Result<(), Problem> {
    if relays.iter().all(Relay::is_restricted) {
        let reason =
            "and sender_domains restrict every relay; leave both empty for one relay, which sends all other mail";
        return Err(Problem::new("newsletters", reason));
    }
    Ok(())
}

impl Setting for mail::Relay {
    const ALLOWED: &'static str = "smtp://HOST:PORT (no TLS), smtp+starttls://HOST:PORT or smtps://HOST:PORT, with \
                                   USER:PASSWORD@ before the host if it asks for a login";

    fn read(text: &str) -> Option<Self> {
        let clean = !text.contains(|c: char| c.is_control() || c.is_whitespace());
        clean.then(|| Self::parse(text).ok()).flatten()
    }
}

impl Setting for HeloName {
    const ALLOWED: &'static str =
        "a host name such as \"mail.example.org\", or an address such as \"[192.0.2.1]\" or \"[IPv6:2001:db8::1]\"";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Setting for ExtraHeader {
    const ALLOWED: &'static str = "“Name: value” in printable ASCII, such as \"X-PM-Message-Stream: broadcast\"; the name must not be \
                                   a field that Daywire or a server writes, such as From, Subject, List-…, Content-… or Received";

    fn read(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

fn per_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroU32>, D::Error> {
    whole::<0, 1_000_000_000, D, u32>(deserializer).map(NonZeroU32::new)
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroU32>, D::Error> {
    whole::<0, 1_000_000, D, u32>(deserializer).map(NonZeroU32::new)
}
