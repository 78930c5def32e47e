//! The site, as the world sees it: its certificate, whether `site.url` answers over HTTPS, and whether one-click unsubscribing works there
//! ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)). No request uses the link of a reader.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use http::header::{CONTENT_TYPE, DATE, LOCATION};
use http::{HeaderMap, Request, Response, StatusCode};
use url::Url;
use uuid::Uuid;

use super::certificate;
use super::check::{Check, State};
use super::database::Database;
use super::dns::Dns;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::ids::SubscriptionId;
use crate::domain::tokens::Keys;
use crate::feeds::fetch::Fetcher;
use crate::feeds::guard::{Guard, Refusal};
use crate::feeds::post::{PostError, Poster};

const CERTIFICATE: &str = "site.certificate";
const HTTPS: &str = "site.https";
const ONE_CLICK: &str = "site.one_click";
const TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of an answer.
const MAX_BYTES: usize = 1024 * 1024;
/// A token that no key has signed.
const WRONG_TOKEN: &str = "daywire-doctor";

/// What the checks of the site found.
pub(super) struct Site {
    pub(super) checks: Vec<Check>,
    /// The time here and by the clock of the server that answers, at the same moment.
    pub(super) times: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Makes the checks of the site.
pub(super) async fn check(config: &Config, clock: &Clock, dns: &Dns, database: Option<&Database>) -> Site {
    let url = config.site.url.to_string();
    let mut found = if config.site.url.is_https() {
        answers(config, clock, dns, database).await
    } else {
        let advice = "put a proxy with a certificate in front of http.listen, and set site.url to its https:// address";
        let reason = "site.url is not https, and mail programs offer to unsubscribe in one click over https only";
        failed(Check::failed(HTTPS, reason, advice))
    };
    found.checks = found.checks.into_iter().map(|check| check.of(url.clone())).collect();
    found
}

fn failed(check: Check) -> Site {
    Site {
        checks: vec![check],
        times: None,
    }
}

async fn answers(config: &Config, clock: &Clock, dns: &Dns, database: Option<&Database>) -> Site {
    let poster = poster(config, dns);
    let mut checks = Vec::new();
    match check_certificate(config, clock, &poster).await {
        // Every request would fail for the same reason.
        Some(check) if check.state == State::Failed => return failed(check),
        check => checks.extend(check),
    }
    let wrong = match unsubscribe(config, &poster, WRONG_TOKEN).await {
        Ok(answer) => answer,
        Err(error) => {
            checks.push(unreachable(&error));
            return Site { checks, times: None };
        }
    };
    let times = date(wrong.headers()).map(|theirs| (clock.now(), theirs));
    checks.push(Check::ok(HTTPS, "the site answers over https"));
    let mut one_click = judge(&wrong, StatusCode::NOT_FOUND, "a link that is not valid");
    // The link of a test mail is signed, belongs to no subscription, and changes nothing.
    if let Some(keys) = keys(config, database).await
        && one_click.is_none()
    {
        let token = keys.unsubscribe_token(SubscriptionId(Uuid::nil()));
        one_click = match unsubscribe(config, &poster, &token).await {
            Ok(answer) if answer.status() == StatusCode::NOT_FOUND => Some(Check::failed(
                ONE_CLICK,
                "the site that answers does not know links that are signed with the keys of this database",
                "check that site.url leads to this installation, and that its database is the one of database.url",
            )),
            Ok(answer) => judge(&answer, StatusCode::OK, "the link of a test mail"),
            Err(error) => Some(unreachable(&error)),
        };
    }
    checks.push(one_click.unwrap_or_else(|| Check::ok(ONE_CLICK, "a mail program can unsubscribe in one click")));
    Site { checks, times }
}

/// The certificate of the site; `None` if there is no connection, which the check of the site explains.
async fn check_certificate(config: &Config, clock: &Clock, poster: &Poster) -> Option<Check> {
    let url = Url::parse(&config.site.url.to_string()).ok()?;
    let checked = match poster.certificate(&url).await {
        Ok(found) => {
            let afterwards = "no link in a mail can be opened";
            certificate::lasts(CERTIFICATE, &found, clock.now(), afterwards)
        }
        Err(PostError::Certificate(reason)) => {
            certificate::not_accepted(CERTIFICATE, url.host_str().unwrap_or_default(), &reason)
        }
        Err(_) => return None,
    };
    Some(checked)
}

/// A client that finds the addresses of the site by the DNS alone.
fn poster(config: &Config, dns: &Dns) -> Poster {
    let dns = dns.clone();
    let resolve = move |host: String, port| -> BoxFuture<'static, _> {
        let dns = dns.clone();
        Box::pin(async move {
            let addresses = dns.addresses(&host).await.map_err(std::io::Error::other)?;
            Ok(addresses.into_iter().map(|address| (address, port).into()).collect())
        })
    };
    let guard = Guard::resolving_by(config.feeds.allow.clone(), Arc::new(resolve));
    Poster::with_guard(&Fetcher::new(config.feeds.fetch_settings()), guard, TIMEOUT)
}

/// Asks to unsubscribe as a mail program does.
async fn unsubscribe(config: &Config, poster: &Poster, token: &str) -> Result<Response<Vec<u8>>, PostError> {
    let request = Request::post(format!("{}/unsubscribe/{token}", config.site.url))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(b"List-Unsubscribe=One-Click".to_vec())
        .map_err(|error| PostError::Connection(error.to_string()))?;
    poster.exchange(request, MAX_BYTES).await
}

async fn keys(config: &Config, database: Option<&Database>) -> Option<Keys> {
    let database = database.filter(|database| database.has_tables)?;
    let stored = database.store.read().await.ok()?.signing_keys().await.ok()?;
    Keys::new(stored, config.secrets.pepper()).ok()
}

/// What is wrong with an answer; `None` if it is as expected.
fn judge(answer: &Response<Vec<u8>>, expected: StatusCode, what: &str) -> Option<Check> {
    let status = answer.status();
    if status == expected {
        return None;
    }
    let found = if status.is_redirection() {
        let target = answer.headers().get(LOCATION).and_then(|target| target.to_str().ok());
        let target = target.unwrap_or("another address");
        format!("it redirects to {target}, but one-click unsubscribing must not be redirected")
    } else {
        format!("it answers {what} with {status} and not with {expected}")
    };
    let advice = "have the proxy pass POST requests to /unsubscribe/ on to http.listen, without a login, a redirect or a \
                  bot check";
    Some(Check::failed(ONE_CLICK, found, advice))
}

fn unreachable(error: &PostError) -> Check {
    match error {
        PostError::Refused(Refusal::Address(address, kind)) => Check::warning(
            HTTPS,
            format!("its name leads to {address} here, which is {kind}: whether the world reaches the site is unknown"),
            "set dns.server to a public DNS server; if the answer stays the same, publish the public address",
        ),
        PostError::Refused(Refusal::Unresolvable(host, reason)) => Check::failed(
            HTTPS,
            format!("{host} cannot be found: {reason}"),
            format!("publish an address (A or AAAA) of {host}"),
        ),
        PostError::Refused(_) => Check::failed(
            HTTPS,
            "its name or its port is not one of the public Internet",
            "set site.url to the address at which readers reach the site",
        ),
        error => Check::failed(
            HTTPS,
            format!("the site cannot be reached: {error}"),
            "check the proxy, its certificate and the firewall",
        ),
    }
}

/// The time of an answer ([RFC 9110 §6.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1)).
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(date).ok()?.to_utc())
}
