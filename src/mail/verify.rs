//! Checks DKIM signatures with given keys; no DNS query is made.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::{
    AuthenticatedMessage, DkimResult, Error, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt,
};
use serde::Serialize;

use super::dkim::Signers;

/// A DKIM signature on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// The signing domain: `d=`.
    pub domain: String,
    /// The selector of the key: `s=`.
    pub selector: String,
    /// Whether it is valid.
    pub result: SignatureResult,
    /// Why it is not valid, or cannot be checked.
    pub reason: Option<String>,
}

/// The result of checking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureResult {
    /// The signature is valid.
    Pass,
    /// The signature is invalid, or cannot be evaluated.
    Fail,
    /// Its key is not among the keys of `[dkim]`.
    Unknown,
}

/// Checks every signature of a message with the public keys of `signers`.
pub async fn signatures(message: &[u8], signers: &Signers) -> Vec<Signature> {
    let (Some(parsed), Ok(checker)) = (
        AuthenticatedMessage::parse(message),
        MessageAuthenticator::new_cloudflare(),
    ) else {
        return Vec::new();
    };
    let keys = Keys::of(signers);
    let parameters: Parameters<'_, _, Keys, Nothing, Nothing, Nothing, Nothing> = Parameters {
        params: &parsed,
        cache_txt: Some(&keys),
        cache_mx: None,
        cache_ptr: None,
        cache_ipv4: None,
        cache_ipv6: None,
    };
    let outputs = checker.verify_dkim(parameters).await;
    let found = outputs.iter().map(|output| {
        let (domain, selector) = output
            .signature()
            .map(|signature| (signature.d.clone(), signature.s.clone()))
            .unwrap_or_default();
        let known = keys.0.contains_key(&Keys::name(&domain, &selector));
        let (result, reason) = match output.result() {
            DkimResult::Pass => (SignatureResult::Pass, None),
            DkimResult::TempError(_) | DkimResult::PermError(Error::NoHeadersFound) if !known => (
                SignatureResult::Unknown,
                Some("its key is not in [dkim], and the DNS is not queried".to_owned()),
            ),
            DkimResult::Neutral(error)
            | DkimResult::Fail(error)
            | DkimResult::PermError(error)
            | DkimResult::TempError(error) => (SignatureResult::Fail, Some(error.to_string())),
            DkimResult::None => (SignatureResult::Fail, None),
        };
        Signature {
            domain,
            selector,
            result,
            reason,
        }
    });
    found.collect()
}

/// The public keys by their DNS names, instead of the DNS.
struct Keys(HashMap<String, Txt>);

impl Keys {
    fn of(signers: &Signers) -> Self {
        let keys = signers.iter().filter_map(|signer| {
            let key = DomainKey::parse(signer.public_record_value().as_bytes()).ok()?;
            let name = Self::name(signer.domain(), signer.selector());
            Some((name, Txt::DomainKey(Arc::new(key))))
        });
        Self(keys.collect())
    }

    fn name(domain: &str, selector: &str) -> String {
        format!("{selector}._domainkey.{domain}.")
    }
}

impl ResolverCache<Box<str>, Txt> for Keys {
    /// Always returns an answer, so that the DNS is never queried.
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let known = self
            .0
            .iter()
            .find(|(known, _)| Box::<str>::from(known.as_str()).borrow() == name);
        Some(known.map_or(Txt::Error(Error::NoHeadersFound), |(_, key)| key.clone()))
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

/// Empty caches, which the parameter types require.
struct Nothing;

macro_rules! holds_nothing {
    ($key:ty, $value:ty) => {
        impl ResolverCache<$key, $value> for Nothing {
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

holds_nothing!(Box<str>, RecordSet<MX>);
holds_nothing!(Box<str>, RecordSet<Ipv4Addr>);
holds_nothing!(Box<str>, RecordSet<Ipv6Addr>);
holds_nothing!(IpAddr, RecordSet<Box<str>>);
