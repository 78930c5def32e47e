//! Codes of authenticator apps ([RFC 6238](https://www.rfc-editor.org/rfc/rfc6238)): six digits, a new code every 30 seconds, SHA-1, which
//! every app can do.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

/// The bytes of a secret: 160 bits ([RFC 4226 §4](https://www.rfc-editor.org/rfc/rfc4226#section-4), R6).
pub(crate) const TOTP_SECRET_LENGTH: usize = 20;
/// How long a code is shown, in seconds.
const STEP: i64 = 30;
/// How many steps the clock of a phone may be ahead or behind.
const SKEW: i64 = 1;
const DIGITS: usize = 6;

/// The step of a time.
fn step_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP)
}

/// The code of a step ([RFC 4226 §5.3](https://www.rfc-editor.org/rfc/rfc4226#section-5.3)).
fn code(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 0x0f);
    let number = u32::from_be_bytes([
        hash[offset] & 0x7f,
        hash[offset + 1],
        hash[offset + 2],
        hash[offset + 3],
    ]);
    format!("{:0DIGITS$}", number % 1_000_000)
}

/// The step whose code was typed, if it is after `last_used`. The steps around now are tried, because clocks differ. Blanks between the digits
/// do not matter.
pub(crate) fn matching_step(secret: &[u8], typed: &str, now: DateTime<Utc>, last_used: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let now = step_of(now);
    let mut steps = (now - SKEW..=now + SKEW).filter(|step| *step > last_used);
    // The comparison takes as long wherever the first difference is.
    steps.find(|step| {
        let expected = code(secret, *step);
        let pairs = expected.bytes().zip(typed.bytes());
        typed.len() == DIGITS && pairs.fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
    })
}

/// The address that an app reads from a QR code
/// ([Key URI Format](https://github.com/google/google-authenticator/wiki/Key-Uri-Format)).
pub(crate) fn app_address(secret: &[u8], site: &str, operator: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (site, operator) = (encode(site), encode(operator));
    let secret = in_letters(secret);
    format!("otpauth://totp/{site}:{operator}?secret={secret}&issuer={site}")
}

/// The secret as people type it.
pub(crate) fn in_letters(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("the time exists")
    }

    /// The vectors of [RFC 6238, appendix B](https://www.rfc-editor.org/rfc/rfc6238#appendix-B), of which six digits are used.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(
                code(b"12345678901234567890", step_of(at(seconds))),
                expected,
                "{seconds}"
            );
        }
    }

    #[test]
    fn a_code_works_once_and_for_a_minute_around_its_time() {
        let secret = b"12345678901234567890";
        let now = at(1_111_111_111);
        let step = step_of(now);
        assert_eq!(matching_step(secret, "050 471", now, 0), Some(step));
        assert_eq!(
            matching_step(secret, "081804", now, 0),
            Some(step - 1),
            "the phone is behind"
        );
        assert_eq!(matching_step(secret, "050471", now, step), None, "it was used");
        assert_eq!(matching_step(secret, "081804", now, step), None, "a later one was used");
        assert_eq!(
            matching_step(secret, "050471", at(1_111_111_111 + 60), 0),
            None,
            "it is old"
        );
        for wrong in ["", "05047", "0504711", "050472", "aaaaaa"] {
            assert_eq!(matching_step(secret, wrong, now, 0), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_reads_the_address() {
        let address = app_address(b"12345678901234567890", "Example & Wire", "ada");
        assert_eq!(
            address,
            "otpauth://totp/Example%20%26%20Wire:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20%26%20Wire"
        );
    }
}
