//! AUTH: with a password PLAIN and then LOGIN, with an access token XOAUTH2 and then OAUTHBEARER, until the server accepts one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{reply::Reply, transport::Broken, wire::Wire};

/// Which known mechanisms the server offers.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one mechanism that a server offers or does not"
)]
pub(super) struct Mechanisms {
    plain: bool,
    login: bool,
    xoauth2: bool,
    oauthbearer: bool,
}

impl Mechanisms {
    /// Adds a mechanism by its name in upper case; ignores an unknown one.
    pub(super) fn add(&mut self, name: &str) {
        self.plain |= name == "PLAIN";
        self.login |= name == "LOGIN";
        self.xoauth2 |= name == "XOAUTH2";
        self.oauthbearer |= name == "OAUTHBEARER";
    }
}

/// How a user proves who they are.
pub(super) enum Proof<'a> {
    Password(&'a str),
    AccessToken(&'a str),
}

impl Proof<'_> {
    /// The mechanisms for it, in words.
    pub(super) const fn mechanisms(&self) -> &'static str {
        match self {
            Self::Password(_) => "PLAIN or LOGIN",
            Self::AccessToken(_) => "XOAUTH2 or OAUTHBEARER",
        }
    }
}

/// User and proof for a relay.
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) proof: Proof<'a>,
    /// The host of the relay as the settings have it.
    pub(super) host: &'a str,
    pub(super) port: u16,
}

/// Why the login failed.
pub(super) enum NotLoggedIn {
    /// The server offers no known mechanism.
    NoMechanism,
    /// The server refused every mechanism. The text of its reply is left out: some servers repeat the command in it, and with
    /// it the password.
    Refused(Reply),
}

/// The lines of one mechanism, each sent when the server asks for more, and the last one when it explains a refusal.
struct Exchange {
    lines: Vec<String>,
    /// The answer to a challenge with the reason of a refusal, after which the server refuses with a code.
    acknowledgement: &'static str,
}

impl Login<'_> {
    /// Tries the mechanisms that are offered, one after the other. After a permanent refusal of one it tries the next: some servers
    /// list a mechanism that they do not allow, and some reply 535 to it
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub(super) async fn run(
        &self,
        wire: &mut Wire,
        offered: Mechanisms,
        limit: Duration,
    ) -> Result<Result<(), NotLoggedIn>, Broken> {
        let exchanges = match self.proof {
            Proof::Password(password) => [
                (offered.plain, self.plain(password)),
                (offered.login, self.login(password)),
            ],
            Proof::AccessToken(token) => [
                (offered.xoauth2, self.xoauth2(token)),
                (offered.oauthbearer, self.oauthbearer(token)),
            ],
        };
        let mut refusal: Option<Reply> = None;
        for (is_offered, exchange) in exchanges {
            if !is_offered {
                continue;
            }
            let reply = match (attempt(wire, &exchange, limit).await, &refusal) {
                (Ok(reply), _) => reply,
                // The server closed the connection after it refused the login: report the refusal.
                (Err(_), Some(refused)) => return Ok(Err(NotLoggedIn::Refused(refused.clone()))),
                (Err(broken), None) => return Err(broken),
            };
            if reply.code == 235 {
                return Ok(Ok(()));
            }
            let is_temporary = reply.code < 500;
            // 535 concerns user and password, other codes concern the mechanism: report 535 if there is one.
            if refusal.as_ref().is_none_or(|refused| refused.code != 535) || is_temporary {
                refusal = Some(reply.without_text());
            }
            if is_temporary {
                break;
            }
        }
        Ok(Err(refusal.map_or(NotLoggedIn::NoMechanism, NotLoggedIn::Refused)))
    }

    /// PLAIN, with the response in the command. If the server asks for the response anyway, it is sent again.
    fn plain(&self, password: &str) -> Exchange {
        Exchange::with_initial_response("PLAIN", &format!("\0{}\0{password}", self.user), "*\r\n")
    }

    /// LOGIN: user, then password. The order is fixed; the servers' prompts differ.
    fn login(&self, password: &str) -> Exchange {
        let line = |text: &str| format!("{}\r\n", STANDARD.encode(text));
        Exchange {
            lines: vec!["AUTH LOGIN\r\n".to_owned(), line(self.user), line(password)],
            acknowledgement: "*\r\n",
        }
    }

    /// [XOAUTH2](https://developers.google.com/workspace/gmail/imap/xoauth2-protocol) of Google and Microsoft. A challenge with the reason of
    /// a refusal is answered by an empty line.
    fn xoauth2(&self, token: &str) -> Exchange {
        let response = format!("user={}\x01auth=Bearer {token}\x01\x01", self.user);
        Exchange::with_initial_response("XOAUTH2", &response, "\r\n")
    }

    /// OAUTHBEARER ([RFC 7628 §3.1](https://www.rfc-editor.org/rfc/rfc7628#section-3.1)). A challenge with the reason of a refusal is
    /// answered by a single 0x01 ([RFC 7628 §3.2.3](https://www.rfc-editor.org/rfc/rfc7628#section-3.2.3)).
    fn oauthbearer(&self, token: &str) -> Exchange {
        let user = self.user.replace('=', "=3D").replace(',', "=2C");
        let response = format!(
            "n,a={user},\x01host={}\x01port={}\x01auth=Bearer {token}\x01\x01",
            self.host, self.port
        );
        Exchange::with_initial_response("OAUTHBEARER", &response, "AQ==\r\n")
    }
}

impl Exchange {
    fn with_initial_response(mechanism: &str, response: &str, acknowledgement: &'static str) -> Self {
        let response = STANDARD.encode(response);
        Self {
            lines: vec![format!("AUTH {mechanism} {response}\r\n"), format!("{response}\r\n")],
            acknowledgement,
        }
    }

    /// Whether the server may explain a refusal in a challenge.
    fn explains_refusals(&self) -> bool {
        self.acknowledgement != "*\r\n"
    }
}

/// Sends the lines one by one while the server asks for more. Returns the last reply.
async fn attempt(wire: &mut Wire, exchange: &Exchange, limit: Duration) -> Result<Reply, Broken> {
    for line in &exchange.lines {
        let reply = wire.ask(line, limit).await?;
        if reply.code != 334 {
            return Ok(reply);
        }
        // An empty challenge asks for the response. Any other one explains a refusal.
        if exchange.explains_refusals() && !reply.text.is_empty() {
            break;
        }
    }
    let reply = wire.ask(exchange.acknowledgement, limit).await?;
    if reply.code == 334 {
        // The server asks for more than we have: cancel the exchange, so that another mechanism can follow.
        return wire.ask("*\r\n", limit).await;
    }
    Ok(reply)
}
