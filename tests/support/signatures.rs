//! Signatures as others see them: mail-auth with keys from memory, and Python with dkimpy.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::{
    AuthenticatedMessage, DkimResult, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt,
};
use serde_json::{Value, json};

/// What the DNS would say; nothing is ever asked of a network.
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

/// What `verify_mail.py` finds in a message; none, which is said, without a Python that has dkimpy.
pub fn second_opinion(message: &[u8], records: &[(&str, &str)]) -> Option<Value> {
    let python = std::env::var("DAYWIRE_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&python).args(["-c", "import dkim, nacl"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("not run: DAYWIRE_TEST_PYTHON names no Python that has dkimpy and pynacl");
        return None;
    }
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (mail, dns) = (folder.path().join("mail.eml"), folder.path().join("dns.json"));
    std::fs::write(&mail, message).expect("the scratch folder takes files");
    let records: HashMap<_, _> = records.iter().copied().collect();
    std::fs::write(&dns, json!(records).to_string()).expect("the scratch folder takes files");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/verify_mail.py");
    let output = Command::new(&python)
        .args([&script, &mail, &dns])
        .output()
        .expect("Python runs");
    let report = serde_json::from_slice(&output.stdout);
    Some(report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

/// No defect; every signature valid, over every header, and broken by each change.
pub fn assert_flawless(report: &Value) {
    assert_eq!(report["defects"], json!([]), "{report:#}");
    for signature in report["signatures"].as_array().expect("a list of signatures") {
        assert_eq!(signature["valid"], true, "{report:#}");
        assert_eq!(signature["uncovered"], json!([]), "{report:#}");
        assert_eq!(signature["still_valid_when_changed"], json!([]), "{report:#}");
    }
}
