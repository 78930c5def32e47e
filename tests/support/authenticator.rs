//! A device with a passkey, without a browser: it answers what the site asks as the browser's script would send it, and can be made to answer
//! wrongly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

/// The flags of authenticator data ([WebAuthn §6.1](https://www.w3.org/TR/webauthn-3/#sctn-authenticator-data)).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// A device that keeps one passkey.
pub struct Authenticator {
    key: EcdsaKeyPair,
    credential_id: [u8; 16],
    /// Whose passkey it is, as the site named the operator. A test may change it.
    pub user_handle: Vec<u8>,
    /// How many signatures it has made.
    pub counter: u32,
    /// The page that asks, as the browser sees it.
    pub origin: &'static str,
    /// The site to which the passkey belongs, as the browser sees it.
    pub rp_id: &'static str,
    /// Whether it asks for a fingerprint or a PIN.
    pub verifies: bool,
}

impl Authenticator {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key is made");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random);
        let mut credential_id = [0; 16];
        random.fill(&mut credential_id).expect("the system has entropy");
        Self {
            key: key.expect("the key is readable"),
            credential_id,
            user_handle: Vec::new(),
            counter: 0,
            origin: "https://news.example",
            rp_id: "news.example",
            verifies: true,
        }
    }

    /// Makes the passkey that a page asks for.
    pub fn make(&mut self, asked: &Value) -> String {
        let options = &asked["options"]["publicKey"];
        let handle = options["user"]["id"].as_str().expect("the site names the operator");
        self.user_handle = URL_SAFE_NO_PAD.decode(handle).expect("it is base64url");
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        // A COSE key of the curve P-256 for ES256, in CBOR.
        let public_key = [
            &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20][..],
            x,
            &[0x22, 0x58, 0x20],
            y,
        ]
        .concat();
        let mut data = self.data(HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.credential_id);
        data.extend(public_key);
        let length = u8::try_from(data.len()).expect("the data is short");
        // {"fmt": "none", "attStmt": {}, "authData": data} in CBOR.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(length);
        attestation.extend(data);
        self.answer(&json!({
            "clientDataJSON": base64(&self.client_data("webauthn.create", options)),
            "attestationObject": base64(&attestation),
        }))
    }

    /// Signs what a page asks for.
    pub fn sign(&mut self, asked: &Value) -> String {
        let options = &asked["options"]["publicKey"];
        self.counter += 1;
        let data = self.data(0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("it signs");
        self.answer(&json!({
            "clientDataJSON": base64(&client_data),
            "authenticatorData": base64(&data),
            "signature": base64(signature.as_ref()),
            "userHandle": base64(&self.user_handle),
        }))
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags | USER_PRESENT | verified);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn answer(&self, response: &Value) -> String {
        let id = base64(&self.credential_id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} }).to_string()
    }
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
