//! Parses single values. Each type has a phrase that says what is allowed, and error messages contain it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use lettre::message::Mailbox;
use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error};
use tracing::level_filters::LevelFilter;

use crate::mail::SmtpAddress;
use crate::text::plain::shows_nothing;

/// A type of settings that is parsed from text.
pub trait Setting: Sized {
    /// What is allowed, to follow the words "allowed is".
    const ALLOWED: &'static str;

    /// The value, or `None` if the text is not allowed.
    fn read(text: &str) -> Option<Self>;
}

/// The text is not allowed. The message says what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("allowed is {0}")]
pub struct NotAllowed(
    /// The allowed values, in words.
    pub &'static str,
);

/// Reads a required setting.
pub(super) fn required<'de, D: Deserializer<'de>, T: Setting>(deserializer: D) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    T::read(&text).ok_or_else(|| D::Error::custom(T::ALLOWED))
}

/// Reads an optional setting, whose empty string means `None`.
pub(super) fn optional<'de, D: Deserializer<'de>, T: Setting>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let value = T::read(&text).ok_or_else(|| D::Error::custom(format_args!("{}, or an empty string", T::ALLOWED)))?;
    Ok(Some(value))
}

/// Reads a setting that has a placeholder if its text is empty.
pub(super) fn or_placeholder<'de, D: Deserializer<'de>, T: Setting>(
    deserializer: D,
    placeholder: impl FnOnce() -> T,
) -> Result<T, D::Error> {
    Ok(optional(deserializer)?.unwrap_or_else(placeholder))
}

/// Reads a list, which may be empty.
pub(super) fn list<'de, D: Deserializer<'de>, T: Setting>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let values: Option<Vec<T>> = texts.iter().map(|text| T::read(text)).collect();
    values.ok_or_else(|| D::Error::custom(format_args!("a list, and each of its entries {}", T::ALLOWED)))
}

/// Reads a whole number from `MIN` to `MAX`.
pub(super) fn whole<'de, const MIN: i64, const MAX: i64, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<i64>,
{
    let number = i64::deserialize(deserializer)?;
    let in_range = (MIN..=MAX)
        .contains(&number)
        .then(|| T::try_from(number).ok())
        .flatten();
    in_range.ok_or_else(|| D::Error::custom(format_args!("a whole number from {MIN} to {MAX}")))
}

/// One line of text. It cannot contain a line break, so no setting can add a header to a mail.
impl Setting for String {
    const ALLOWED: &'static str = "one line of text without control characters";

    fn read(text: &str) -> Option<Self> {
        let unusable = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let text = text.trim();
        (!shows_nothing(text) && !text.contains(unusable)).then(|| text.to_owned())
    }
}

impl Setting for SecretString {
    const ALLOWED: &'static str = "one line of text without control characters";

    fn read(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains(char::is_control)).then(|| Self::from(text))
    }
}

impl Setting for PathBuf {
    const ALLOWED: &'static str = "the path of a file";

    fn read(text: &str) -> Option<Self> {
        (!text.is_empty() && !text.contains('\0')).then(|| Self::from(text))
    }
}

/// Zero is not allowed, because a wait would become a busy loop. Nor is a duration that could overflow when it is added to a date.
impl Setting for Duration {
    const ALLOWED: &'static str = "a duration from 1ms to 10years, such as \"30s\", \"15m\" or \"1h 30m\"";

    fn read(text: &str) -> Option<Self> {
        let longest = Self::from_hours(10 * 366 * 24);
        humantime::parse_duration(text)
            .ok()
            .filter(|duration| (Self::from_millis(1)..=longest).contains(duration))
    }
}

impl Setting for SocketAddr {
    const ALLOWED: &'static str = "an IP address and a port, such as \"127.0.0.1:8080\" or \"[::]:8080\"";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for IpNet {
    const ALLOWED: &'static str = "a network such as \"10.0.0.0/8\", or one IP address";

    fn read(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .or_else(|| Some(Self::from(text.parse::<IpAddr>().ok()?)))
    }
}

impl Setting for Mailbox {
    const ALLOWED: &'static str =
        "an address such as \"news@example.org\" or \"The News <news@example.org>\", in ASCII before the @";

    fn read(text: &str) -> Option<Self> {
        let mailbox: Self = String::read(text)?.parse().ok()?;
        let address: SmtpAddress = mailbox.email.to_string().parse().ok()?;
        address.is_ascii().then_some(mailbox)
    }
}

impl Setting for SmtpAddress {
    const ALLOWED: &'static str = "an address without a name, such as \"bounce@example.org\", in ASCII before the @";

    // Most relays do not offer SMTPUTF8, and such a relay refuses every mail whose sender is not ASCII before the @.
    fn read(text: &str) -> Option<Self> {
        let address: Self = String::read(text)?.parse().ok()?;
        address.is_ascii().then_some(address)
    }
}

impl Setting for LevelFilter {
    const ALLOWED: &'static str = "\"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\"";

    fn read(text: &str) -> Option<Self> {
        // The parser also accepts numbers, whose meaning would be unclear.
        text.starts_with(char::is_alphabetic)
            .then(|| text.parse().ok())
            .flatten()
    }
}
