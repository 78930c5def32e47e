//! `daywire dkim generate`: makes a DKIM key file and prints the DNS record to publish
//! ([RFC 6376 §3.6.1](https://www.rfc-editor.org/rfc/rfc6376#section-3.6.1)). A key file is never overwritten.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rsa::rand_core::{CryptoRng, RngCore};
use serde_json::json;

use super::context::Context;
use super::output;
use crate::clock::Rng;
use crate::mail::dkim::{GeneratedKey, KeyKind, Signer, dns_record, generate};

/// Makes DKIM keys.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key file, and print the DNS record to publish.
    Generate {
        /// The signing domain: the domain of your From address.
        #[arg(long)]
        domain: String,
        /// The key's name in the DNS; `daywire`, or `daywire-ed25519` for an Ed25519 key, if it is not given.
        #[arg(long)]
        selector: Option<String>,
        /// Make an Ed25519 key instead of RSA with 2048 bits. Not every receiver can check it, so use it in addition to an RSA key.
        #[arg(long)]
        ed25519: bool,
        /// The file for the private key; an existing file is never overwritten.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

pub(crate) fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let Command::Generate {
        domain,
        selector,
        ed25519,
        out,
    } = command;
    let (prefix, default_selector) = if ed25519 {
        ("ed25519_", "daywire-ed25519")
    } else {
        ("", "daywire")
    };
    let selector = selector.unwrap_or_else(|| default_selector.to_owned());
    let path = out.unwrap_or_else(|| PathBuf::from(format!("{selector}.{domain}.pem")));
    let kind = if ed25519 { KeyKind::Ed25519 } else { RSA };
    let key = new_key(&domain, &selector, kind)?;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(key.private_pem.as_bytes()))
        .map_err(|error| {
            let path = path.display();
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                anyhow::anyhow!(
                    "{path} exists, and a key is never overwritten; move it away, or name another file with --out"
                )
            } else {
                anyhow::anyhow!("cannot write {path}: {error}; create its folder, or name another file with --out")
            }
        })?;
    let record = dns_record(&domain, &selector, &key.public_record_value);
    if context.json {
        return output::json(&json!({
            "key_file": path,
            "name": format!("{selector}._domainkey.{domain}"),
            "value": key.public_record_value,
            "record": record,
        }));
    }
    output::text(&format!(
        "# The private key is in {0}. In daywire.toml:\n#   [dkim]\n#   domain = \"{domain}\"\n\
         #   {prefix}selector = \"{selector}\"\n#   {prefix}key_file = \"{0}\"\n# Publish this record in the DNS:\n{record}",
        path.display()
    ))
}

/// The kind of key that every receiver can check.
pub(crate) const RSA: KeyKind = KeyKind::Rsa(2048);

/// Makes a key. A domain or selector that is not a valid DNS name is refused.
pub(crate) fn new_key(domain: &str, selector: &str, kind: KeyKind) -> anyhow::Result<GeneratedKey> {
    let key = generate(kind, &mut KeyRng(Rng::System))?;
    Signer::new(domain, selector, &key.private_pem)?;
    Ok(key)
}

/// Implements the traits of `rand_core` that key generation takes its random bytes from.
struct KeyRng(Rng);

impl RngCore for KeyRng {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(self.0.bytes())
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(self.0.bytes())
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl CryptoRng for KeyRng {}
