//! `[metrics]`: who may read the page `/metrics`.

use std::path::PathBuf;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::Problem;
use super::secrets::read_into;
use super::value::{list, optional};

/// A shorter token could be guessed.
const MIN_TOKEN_CHARS: usize = 16;

/// The settings of the section `[metrics]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsAccess {
    /// Programs that send this token may read the page. It is set even if it is from `token_file`.
    #[serde(deserialize_with = "optional")]
    pub token: Option<SecretString>,
    /// The file with the token.
    #[serde(deserialize_with = "optional")]
    pub token_file: Option<PathBuf>,
    /// Clients in these networks may read the page without a token.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<IpNet>,
}

impl MetricsAccess {
    /// Reads the token from its file, and checks its length.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        read_into(&mut self.token, "token", "token_file", self.token_file.as_deref())?;
        let is_short = |token: &SecretString| token.expose_secret().chars().count() < MIN_TOKEN_CHARS;
        if self.token.as_ref().is_some_and(is_short) {
            let key = if self.token_file.is_some() {
                "token_file"
            } else {
                "token"
            };
            let reason =
                format!("has a token of fewer than {MIN_TOKEN_CHARS} characters; `openssl rand -hex 32` makes one");
            return Err(Problem::new(key, reason));
        }
        Ok(())
    }

    /// Whether anybody may read the page at the address of the site.
    pub(crate) fn is_set(&self) -> bool {
        self.token.is_some() || !self.allow.is_empty()
    }
}
