//! A webhook request, and the checks that several providers share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::Sha256;

use super::refusal::Refusal;
use crate::bounce::receive::ReceivedEvent;

/// How far the clock of a provider may be ahead of ours.
const MAX_AHEAD: TimeDelta = TimeDelta::minutes(5);

/// The most brackets, commas and colons of a body whose signature is not checked yet. An event has some hundreds, and SNS repeats an event
/// as text.
const MAX_SEPARATORS: usize = 30_000;

/// A request as it was received.
#[derive(Debug)]
pub(crate) struct HookRequest {
    /// The header fields that are text.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a request has, after its check.
#[derive(Debug, Default)]
pub(super) struct CheckedRequest {
    /// Values that the provider signs once, if its signature covers nothing else. A second request with one of them is not accepted.
    pub(super) nonces: Vec<String>,
    pub(super) events: Vec<ReceivedEvent>,
}

impl From<Vec<ReceivedEvent>> for CheckedRequest {
    fn from(events: Vec<ReceivedEvent>) -> Self {
        Self {
            nonces: Vec::new(),
            events,
        }
    }
}

/// Who sends a request, as far as its header fields prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    LoggedIn,
    /// The signature is checked when the body is there.
    Unknown,
}

impl HookRequest {
    /// The value of a header field. `None` if the request has none or several: a proxy may have checked one, and we would check the other.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        let mut values = fields.by_ref().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value.as_str())
    }

    /// Checks a login by password ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)) or a bearer token
    /// ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)). The secret is the password or the token alone, which permits any user name,
    /// or `USER:PASSWORD`.
    pub(super) fn check_login(&self, secret: &SecretString, setting: &'static str) -> Result<(), Refusal> {
        let refused = Refusal::WrongLogin(setting);
        let Some((scheme, given)) = self.header("authorization").and_then(|field| field.split_once(' ')) else {
            return Err(refused);
        };
        let given = given.trim();
        let is_right = if scheme.eq_ignore_ascii_case("basic") {
            let login = STANDARD.decode(given).ok();
            let login = login
                .and_then(|login| String::from_utf8(login).ok())
                .unwrap_or_default();
            let password = login.split_once(':').map_or("", |(_, password)| password);
            // Both are compared always, so that the time does not depend on which form the secret has.
            same(secret, &login) | same(secret, password)
        } else {
            scheme.eq_ignore_ascii_case("bearer") && same(secret, given)
        };
        if is_right { Ok(()) } else { Err(refused) }
    }

    /// The body as JSON, before its signature, which is in it, can be checked. Parsed values need up to a hundred times the memory of
    /// their text, so a body of many is refused.
    pub(super) fn json_of_unknown(&self) -> Result<Value, Refusal> {
        let separators = [b'{', b'[', b',', b':'];
        if self.body.iter().filter(|byte| separators.contains(byte)).count() > MAX_SEPARATORS {
            return Err(Refusal::Malformed("it has too many values".to_owned()));
        }
        self.json()
    }

    /// Checks that a signature is in the header, before the body is read.
    pub(super) fn require_signature(&self, names: &[&str], setting: &'static str) -> Result<(), Refusal> {
        if names.iter().any(|name| self.header(name).is_some()) {
            Ok(())
        } else {
            Err(Refusal::WrongSignature(setting))
        }
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| Refusal::Malformed(format!("it is not JSON: {error}")))
    }

    /// The JSON objects of the body: one, or an array of them.
    pub(super) fn json_objects(&self) -> Result<Vec<Value>, Refusal> {
        let objects = match self.json()? {
            Value::Array(items) => items,
            item => vec![item],
        };
        if objects.iter().all(Value::is_object) {
            Ok(objects)
        } else {
            Err(Refusal::Malformed(
                "it is neither an object nor an array of objects".to_owned(),
            ))
        }
    }
}

/// Compares a secret with what a request has, in a time that does not depend on how much of it is right.
fn same(secret: &SecretString, given: &str) -> bool {
    let mac = |text: &str| {
        let mac = Hmac::<Sha256>::new_from_slice(b"webhook login").expect("HMAC takes keys of any length");
        mac.chain_update(text.as_bytes())
    };
    let expected = mac(secret.expose_secret()).finalize().into_bytes();
    !given.is_empty() && mac(given).verify_slice(&expected).is_ok()
}

/// Whether `signature` is the HMAC-SHA256 of the parts.
pub(super) fn is_hmac_sha256(key: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(signature).is_ok()
}

/// Checks that a signed time is at most `max_age` ago. Each provider has a `max_age` of its own, because some send their first signature
/// again when they repeat a request.
pub(super) fn check_time(now: DateTime<Utc>, signed: DateTime<Utc>, max_age: TimeDelta) -> Result<(), Refusal> {
    let age = now.signed_duration_since(signed);
    if age <= max_age && age >= -MAX_AHEAD {
        Ok(())
    } else {
        Err(Refusal::OldTimestamp)
    }
}

/// The time of a text with seconds since 1970.
pub(super) fn unix_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> HookRequest {
        HookRequest {
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: Vec::new(),
        }
    }

    fn accepts(secret: &str, authorization: &str) -> bool {
        request(&[("Authorization", authorization)])
            .check_login(&secret.into(), "hooks.postmark.secret")
            .is_ok()
    }

    #[test]
    fn a_login_needs_the_password_and_perhaps_the_user() {
        let basic = |login: &str| format!("Basic {}", STANDARD.encode(login));
        assert!(accepts("p4ss", &basic("anybody:p4ss")));
        assert!(accepts("p:4ss", &basic("anybody:p:4ss")));
        assert!(accepts("ada:p4ss", &basic("ada:p4ss")));
        assert!(accepts("p4ss", "bearer p4ss"));
        for (secret, wrong) in [
            ("ada:p4ss", basic("bob:p4ss")),
            ("p4ss", basic("p4ss:")),
            ("p4ss", basic("p4ss")[..8].to_owned()),
            ("p4ss", basic(":")),
            ("p4ss", "Basic !".to_owned()),
            ("p4ss", "Bearer P4SS".to_owned()),
            ("p4ss", "p4ss".to_owned()),
        ] {
            assert!(!accepts(secret, &wrong), "{secret} {wrong}");
        }
    }

    #[test]
    fn two_header_fields_of_a_name_are_none() {
        let once = request(&[("a", "1"), ("B", "2")]);
        assert_eq!(once.header("b"), Some("2"));
        assert_eq!(request(&[("a", "1"), ("A", "1")]).header("a"), None);
    }

    #[test]
    fn a_time_may_be_a_little_ahead_and_not_too_old() {
        let now = unix_time("1790000000").expect("the time is valid");
        let check = |seconds| check_time(now, now + TimeDelta::seconds(seconds), TimeDelta::hours(1)).is_ok();
        assert!(check(0) && check(-3600) && check(300));
        assert!(!check(-3601) && !check(301));
        assert!(check_time(now, DateTime::<Utc>::MIN_UTC, TimeDelta::hours(1)).is_err());
    }
}
