//! The secret of a webhook endpoint, and the signature of a message, by the
//! [Standard Webhooks specification](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretBox};
use sha2::Sha256;

/// The specification asks for 24 to 64 bytes.
pub(crate) const SECRET_LENGTH: usize = 32;
const PREFIX: &str = "whsec_";

/// The key with which messages to one endpoint are signed.
#[derive(Debug)]
pub(crate) struct WebhookSecret(SecretBox<Vec<u8>>);

impl WebhookSecret {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// The secret as the operator of the endpoint needs it: `whsec_` and base64.
    pub(crate) fn text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0.expose_secret()))
    }

    /// The signature of a message: `v1,` and the base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`. The timestamp is in seconds since 1970.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mut hmac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes keys of any length");
        hmac.update(format!("{id}.{timestamp}.").as_bytes());
        hmac.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        // The example of the specification's libraries.
        let key = STANDARD
            .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .expect("it is base64");
        let secret = WebhookSecret::new(key);
        assert_eq!(secret.text(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_secret_is_not_shown_by_accident() {
        let secret = WebhookSecret::new(b"very secret".to_vec());
        assert!(!format!("{secret:?}").contains("secret\""), "{secret:?}");
        assert!(!format!("{secret:?}").contains("118"), "{secret:?}");
    }
}
