//! DKIM signatures verified by other implementations: mail-auth with keys in memory, and Python's dkimpy.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use daywire::clock::Rng;
use daywire::mail::dkim::{GeneratedKey, KeyKind, Signer, generate};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::{
    AuthenticatedMessage, DkimResult, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt,
};
use rsa::rand_core::{CryptoRng, RngCore};
use serde_json::{Value, json};

/// The system's random generator with the traits that the `rsa` crate requires.
pub struct System;

impl RngCore for System {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(Rng::System.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(Rng::System.bytes())
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        Rng::System.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for System {}

/// One key of each kind. They are made once, because an RSA key takes long to make.
pub fn keys() -> &'static [GeneratedKey; 2] {
    static KEYS: OnceLock<[GeneratedKey; 2]> = OnceLock::new();
    KEYS.get_or_init(|| [KeyKind::Rsa(2048), KeyKind::Ed25519].map(|kind| generate(kind, &mut System).unwrap()))
}

const RSA: &str = "news._domainkey.example.org";
const ED25519: &str = "edw._domainkey.example.org";

pub fn signers() -> [Signer; 2] {
    let [rsa, ed25519] = keys();
    [
        Signer::new("example.org", "news", &rsa.private_pem).unwrap(),
        Signer::new("example.org", "edw", &ed25519.private_pem).unwrap(),
    ]
}

pub fn records() -> [(&'static str, &'static str); 2] {
    let [rsa, ed25519] = keys();
    [(RSA, &rsa.public_record_value), (ED25519, &ed25519.public_record_value)]
}

/// The DNS records of the test. The verifier asks no network.
pub struct Dns(HashMap<String, Txt>);

impl Dns {
    pub fn new(records: &[(&str, &str)]) -> Self {
        let parse = |value: &str| Txt::DomainKey(Arc::new(DomainKey::parse(value.as_bytes()).unwrap()));
        Self(
            records
                .iter()
                .map(|(name, value)| (format!("{name}."), parse(value)))
                .collect(),
        )
    }
}

impl ResolverCache<Box<str>, Txt> for Dns {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let found = self
            .0
            .iter()
            .find(|(known, _)| Box::<str>::from(known.as_str()).borrow() == name);
        Some(found.map_or(Txt::Error(mail_auth::Error::NoHeadersFound), |(_, txt)| txt.clone()))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// The results of all signatures on a message.
pub async fn verify(message: &[u8], dns: &Dns) -> Vec<DkimResult> {
    let authenticator = MessageAuthenticator::new_cloudflare().unwrap();
    let message = AuthenticatedMessage::parse(message).unwrap();
    let parameters: Parameters<'_, _, Dns, NoCache, NoCache, NoCache, NoCache> = Parameters {
        params: &message,
        cache_txt: Some(dns),
        cache_mx: None,
        cache_ptr: None,
        cache_ipv4: None,
        cache_ipv6: None,
    };
    authenticator
        .verify_dkim(parameters)
        .await
        .iter()
        .map(|output| output.result().clone())
        .collect()
}

struct NoCache;

macro_rules! no_cache {
    ($key:ty, $value:ty) => {
        impl ResolverCache<$key, $value> for NoCache {
            fn get<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn remove<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn insert(&self, _: $key, _: $value, _: Instant) {}
        }
    };
}

no_cache!(Box<str>, RecordSet<MX>);
no_cache!(Box<str>, RecordSet<Ipv4Addr>);
no_cache!(Box<str>, RecordSet<Ipv6Addr>);
no_cache!(IpAddr, RecordSet<Box<str>>);

/// The report of `verify_mail.py` on a message; `None` without a Python that has dkimpy and pynacl.
pub fn second_opinion_if_installed(message: &[u8], records: &[(&str, &str)]) -> Option<Value> {
    let found = Command::new(python()).args(["-c", "import dkim, nacl"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    found.then(|| second_opinion(message, records))
}

fn python() -> String {
    std::env::var("DAYWIRE_TEST_PYTHON").unwrap_or_else(|_| "python3".into())
}

/// The report of `verify_mail.py` on a message.
pub fn second_opinion(message: &[u8], records: &[(&str, &str)]) -> Value {
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    let (mail, dns) = (folder.path().join("mail.eml"), folder.path().join("dns.json"));
    std::fs::write(&mail, message).expect("the scratch folder takes files");
    let records: HashMap<_, _> = records.iter().copied().collect();
    std::fs::write(&dns, json!(records).to_string()).expect("the scratch folder takes files");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/verify_mail.py");
    let output = Command::new(python())
        .args([&script, &mail, &dns])
        .output()
        .expect("Python runs");
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Fails unless the message has no defect and each signature is valid, covers every header field and detects every change.
pub fn assert_flawless(report: &Value) {
    assert_eq!(report["defects"], json!([]), "{report:#}");
    for signature in report["signatures"]
        .as_array()
        .expect("the report lists the signatures")
    {
        assert_eq!(signature["valid"], true, "{report:#}");
        assert_eq!(signature["uncovered"], json!([]), "{report:#}");
        assert_eq!(signature["still_valid_when_changed"], json!([]), "{report:#}");
    }
}
