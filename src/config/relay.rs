//! `[relay]`: the SMTP server that sends our mail on.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::Deserializer;

use super::error::Problem;
use super::secrets::password_or_file;
use super::value::{Setting, optional, required, whole};
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
    /// How long to wait for each reply.
    pub timeouts: Timeouts,
    /// The daily limits while the sending address is new.
    pub warmup: Warmup,
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
    /// Reads `password_file`, and checks that there is either both a user and a password or neither.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        password_or_file(&mut self.password, self.password_file.as_deref())?;
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

impl Setting for mail::Relay {
    const ALLOWED: &'static str = "smtp://HOST:PORT (no TLS), smtp+starttls://HOST:PORT or smtps://HOST:PORT, with \
                                   USER:PASSWORD@ before the host if it asks for a login";

    fn read(text: &str) -> Option<Self> {
        let clean = !text.contains(|c: char| c.is_control() || c.is_whitespace());
        clean.then(|| Self::parse(text).ok()).flatten()
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroU32>, D::Error> {
    whole::<0, 1_000_000, D, u32>(deserializer).map(NonZeroU32::new)
}
