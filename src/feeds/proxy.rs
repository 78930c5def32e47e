//! The HTTP proxy through which feeds can be fetched. It gets the address that the guard has checked and never a name, and opens a tunnel
//! to it ([RFC 9110 §9.3.6](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6)).

use std::net::SocketAddr;
use std::time::Duration;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{Request, StatusCode};
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use url::Url;

use super::error_cause::innermost_cause;
use super::fetch_error::FetchError;
use super::request_settings::Login;

/// A proxy, with its login if it asks for one.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its host and port.
    address: String,
    user: Option<String>,
    password: Option<SecretString>,
}

/// Why there is no tunnel.
struct NoTunnel {
    /// What the proxy did, in words.
    reason: String,
    /// Whether another address of the server may be tried.
    only_this_address: bool,
}

impl NoTunnel {
    fn at_all(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            only_this_address: false,
        }
    }
}

impl Proxy {
    /// Parses `http://user:password@host:port`. User and password are percent-encoded, and both can be left out.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_plain = url.scheme() == "http" && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host_str().filter(|_| is_plain)?;
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().ok()?.into_owned();
            (!text.chars().any(char::is_control)).then_some(text)
        };
        let user = Some(url.username()).filter(|user| !user.is_empty());
        // A colon ends the user in the header field ([RFC 7617 §2](https://www.rfc-editor.org/rfc/rfc7617#section-2)).
        let user = user.map(|user| decoded(user).filter(|user| !user.contains(':')));
        let password = url.password().map(decoded);
        if password.is_some() && user.is_none() {
            return None;
        }
        Some(Self {
            address: format!("{host}:{}", url.port_or_known_default()?),
            user: match user {
                Some(user) => Some(user?),
                None => None,
            },
            password: match password {
                Some(password) => Some(password?.into()),
                None => None,
            },
        })
    }

    /// Whether it has a user, and whether it has a password.
    #[must_use]
    pub fn login(&self) -> (bool, bool) {
        (self.user.is_some(), self.password.is_some())
    }

    /// This proxy with another password.
    #[must_use]
    pub fn with_password(self, password: SecretString) -> Self {
        Self {
            password: Some(password),
            ..self
        }
    }

    /// Opens a tunnel to one of these addresses. Each attempt has the time limit.
    ///
    /// # Errors
    /// [`FetchError::Proxy`].
    pub(super) async fn tunnel(
        &self,
        addresses: &[SocketAddr],
        limit: Duration,
    ) -> Result<TokioIo<Upgraded>, FetchError> {
        let mut reason = "was not asked, because the server has no address".to_owned();
        for address in addresses {
            let opened = timeout(limit, self.tunnel_to(*address)).await;
            let late = || NoTunnel::at_all(format!("gives no answer within {} s", limit.as_secs_f32()));
            let failure = match opened.unwrap_or_else(|_| Err(late())) {
                Ok(tunnel) => return Ok(TokioIo::new(tunnel)),
                Err(failure) => failure,
            };
            reason = failure.reason;
            if !failure.only_this_address {
                break;
            }
        }
        Err(FetchError::Proxy {
            proxy: self.address.clone(),
            reason,
        })
    }

    async fn tunnel_to(&self, address: SocketAddr) -> Result<Upgraded, NoTunnel> {
        let unreadable = |error: hyper::Error| {
            NoTunnel::at_all(format!("gives no answer that can be read: {}", innermost_cause(&error)))
        };
        let stream = TcpStream::connect(self.address.as_str()).await;
        let stream = stream.map_err(|error| NoTunnel::at_all(format!("cannot be reached: {error}")))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreadable)?;
        // Dropping the set ends the connection if there is no tunnel.
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // Its error is that of the request.
            let _ = connection.with_upgrades().await;
        });
        let target = address.to_string();
        let mut request = Request::connect(target.as_str()).header(HOST, target.as_str());
        if let Some(user) = &self.user {
            let password = self.password.clone().unwrap_or_default();
            let login = Login::new(user.clone(), password);
            request = request.header(PROXY_AUTHORIZATION, login.basic());
        }
        let request = request.body(String::new());
        let request = request.map_err(|error| NoTunnel::at_all(format!("cannot be asked: {error}")))?;
        let answer = sender.send_request(request).await.map_err(unreadable)?;
        match answer.status() {
            status if status.is_success() => hyper::upgrade::on(answer).await.map_err(unreadable),
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(NoTunnel::at_all("asks for another login (407)")),
            status => Err(NoTunnel {
                reason: format!("opens no way to the server ({status})"),
                only_this_address: status.is_server_error(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_proxy_is_an_http_address_with_or_without_a_login() {
        for (text, address, login) in [
            ("http://proxy.example:3128", "proxy.example:3128", None),
            ("http://proxy.example/", "proxy.example:80", None),
            ("http://[::1]:8080", "[::1]:8080", None),
            (
                "http://ada:p%40ss@127.0.0.1:3128",
                "127.0.0.1:3128",
                Some(("ada", Some("p@ss"))),
            ),
            (
                "http://ada@proxy.example:3128",
                "proxy.example:3128",
                Some(("ada", None)),
            ),
        ] {
            let proxy = Proxy::parse(text).expect(text);
            let password = proxy.password.as_ref().map(ExposeSecret::expose_secret);
            let found = proxy.user.as_deref().map(|user| (user, password));
            assert_eq!((proxy.address.as_str(), found), (address, login), "{text}");
            assert!(!format!("{proxy:?}").contains("p@ss"));
        }
        for text in [
            "",
            "proxy.example:3128",
            "https://proxy.example",
            "socks5://proxy.example:1080",
            "http://proxy.example/path",
            "http://proxy.example?x=1",
            "http://:secret@proxy.example",
            "http://a%3Ab:secret@proxy.example",
            "http://ada:a%0Ab@proxy.example",
        ] {
            assert!(Proxy::parse(text).is_none(), "{text}");
        }
    }
}
