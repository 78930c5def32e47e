//! AUTH: tries PLAIN and then LOGIN until the server accepts one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{reply::Reply, transport::Broken, wire::Wire};

/// Which known mechanisms the server offers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mechanisms {
    plain: bool,
    login: bool,
}

impl Mechanisms {
    /// Adds a mechanism by its name in upper case; ignores an unknown one.
    pub(super) fn add(&mut self, name: &str) {
        self.plain |= name == "PLAIN";
        self.login |= name == "LOGIN";
    }
}

/// User and password for a relay.
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) password: &'a str,
}

/// Why the login failed.
pub(super) enum NotLoggedIn {
    /// The server offers no known mechanism.
    NoMechanism,
    /// The server refused every mechanism. The text of its reply is left out: some servers repeat the command in it, and with
    /// it the password.
    Refused(Reply),
}

impl Login<'_> {
    /// Tries PLAIN and then LOGIN, if they are offered. After a permanent refusal of one mechanism it tries the next: some servers
    /// list a mechanism that they do not allow, and some reply 535 to it
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub(super) async fn run(
        &self,
        wire: &mut Wire,
        offered: Mechanisms,
        limit: Duration,
    ) -> Result<Result<(), NotLoggedIn>, Broken> {
        let mut refusal: Option<Reply> = None;
        for (offered, exchange) in [(offered.plain, self.plain()), (offered.login, self.login())] {
            if !offered {
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
    fn plain(&self) -> Vec<String> {
        let response = STANDARD.encode(format!("\0{}\0{}", self.user, self.password));
        vec![format!("AUTH PLAIN {response}\r\n"), format!("{response}\r\n")]
    }

    /// LOGIN: user, then password. The order is fixed; the servers' prompts differ.
    fn login(&self) -> Vec<String> {
        let line = |text: &str| format!("{}\r\n", STANDARD.encode(text));
        vec!["AUTH LOGIN\r\n".to_owned(), line(self.user), line(self.password)]
    }
}

/// Sends the lines one by one while the server asks for more. Returns the last reply.
async fn attempt(wire: &mut Wire, lines: &[String], limit: Duration) -> Result<Reply, Broken> {
    for line in lines {
        let reply = wire.ask(line, limit).await?;
        if reply.code != 334 {
            return Ok(reply);
        }
    }
    // The server asks for more than user and password: cancel the exchange, so that another mechanism can follow.
    wire.ask("*\r\n", limit).await
}
