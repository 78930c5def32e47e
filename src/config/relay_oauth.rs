//! `[relay.oauth]`: access tokens with which Daywire logs in to a relay, instead of a password.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::error::Problem;
use super::oidc::is_confidential;
use super::secrets::read_into;
use super::value::{Setting, list, optional};
use crate::feeds::access_token::{AccessTokens, TokenRequest};
use crate::feeds::fetch::Fetcher;
use crate::feeds::guard::Allowed;
use crate::feeds::post::Poster;

/// For one request to the token endpoint.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of the section `[relay.oauth]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayOauth {
    /// The token endpoint; `None` if the relay needs no access token.
    #[serde(deserialize_with = "optional")]
    pub token_url: Option<TokenUrl>,
    /// The id of this program at the provider.
    #[serde(deserialize_with = "optional")]
    pub client_id: Option<String>,
    /// Its secret, even if it is from `client_secret_file`.
    #[serde(deserialize_with = "optional")]
    pub client_secret: Option<SecretString>,
    #[serde(deserialize_with = "optional")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The refresh token, even if it is from `refresh_token_file`; `None` fetches tokens of the program itself.
    #[serde(deserialize_with = "optional")]
    pub refresh_token: Option<SecretString>,
    #[serde(deserialize_with = "optional")]
    pub(crate) refresh_token_file: Option<PathBuf>,
    /// The scope to ask for.
    #[serde(deserialize_with = "optional")]
    pub scope: Option<String>,
    /// Private hosts and networks in which the endpoint may be.
    #[serde(deserialize_with = "list")]
    pub allow: Vec<Allowed>,
}

/// The address of a token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUrl(Url);

impl Setting for TokenUrl {
    const ALLOWED: &'static str =
        "an https address such as \"https://oauth2.googleapis.com/token\", or an http address of this machine";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let has_login = !url.username().is_empty() || url.password().is_some();
        (!has_login && url.fragment().is_none() && is_confidential(&url)).then_some(Self(url))
    }
}

impl RelayOauth {
    pub(super) fn is_set(&self) -> bool {
        self.token_url.is_some() || self.client_id.is_some()
    }

    /// Checks that what belongs together is set, and reads the secrets from their files.
    pub(super) fn finish(&mut self) -> Result<(), Problem> {
        let secret_file = self.client_secret_file.as_deref();
        read_into(
            &mut self.client_secret,
            "client_secret",
            "oauth.client_secret_file",
            secret_file,
        )?;
        let token_file = self.refresh_token_file.as_deref();
        read_into(
            &mut self.refresh_token,
            "refresh_token",
            "oauth.refresh_token_file",
            token_file,
        )?;
        let problem = |key, reason: &str| Err(Problem::new(key, reason));
        match (&self.token_url, &self.client_id) {
            (None, _) => problem(
                "oauth.token_url",
                "is empty, but oauth.client_id is set; set the token endpoint",
            ),
            (_, None) => problem(
                "oauth.client_id",
                "is empty, but oauth.token_url is set; set the id that the provider has given to this program",
            ),
            _ if self.client_secret.is_none() && self.refresh_token.is_none() => problem(
                "oauth.refresh_token",
                "is empty, and oauth.client_secret too; set the refresh token of the mailbox, or the secret of the program",
            ),
            _ => Ok(()),
        }
    }

    /// The source of access tokens; `None` if the relay needs none.
    #[must_use]
    pub fn access_tokens(&self, fetcher: &Fetcher) -> Option<AccessTokens> {
        let TokenUrl(url) = self.token_url.clone()?;
        let request = TokenRequest {
            url,
            client_id: self.client_id.clone()?,
            client_secret: self.client_secret.clone(),
            refresh_token: self.refresh_token.clone(),
            scope: self.scope.clone(),
        };
        Some(AccessTokens::new(
            request,
            Poster::new(fetcher, self.allow.clone(), TIMEOUT),
        ))
    }
}
