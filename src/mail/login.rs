//! AUTH: PLAIN and LOGIN, one after the other until the server takes one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{
    replies::Reply,
    wire::{Broken, Wire},
};

/// Which of the mechanisms that we know the server offers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mechanisms {
    plain: bool,
    login: bool,
}

impl Mechanisms {
    /// Notes a mechanism by its name in upper case; one that we do not know changes nothing.
    pub(super) fn add(&mut self, name: &str) {
        self.plain |= name == "PLAIN";
        self.login |= name == "LOGIN";
    }
}

/// Who we are to a relay.
pub(super) struct Login<'a> {
    pub(super) user: &'a str,
    pub(super) password: &'a str,
}

/// Why we are not logged in.
pub(super) enum NotLoggedIn {
    /// The server offers no mechanism that we know.
    NoMechanism,
    /// The server refused every mechanism. The text of its reply is left out: some servers repeat the command in it, and with
    /// it the password.
    Refused(Reply),
}

impl Login<'_> {
    /// Tries PLAIN and then LOGIN, as far as they are offered. A mechanism that is refused for good does not rule out the next:
    /// some servers list one that they do not allow, and some answer 535 to it
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
                // The server closed the connection after it had refused the login: the refusal is what counts.
                (Err(_), Some(refused)) => return Ok(Err(NotLoggedIn::Refused(refused.clone()))),
                (Err(broken), None) => return Err(broken),
            };
            if reply.code == 235 {
                return Ok(Ok(()));
            }
            let is_temporary = reply.code < 500;
            // 535 is about the user and the password, the other codes about the mechanism: it tells the operator more.
            if refusal.as_ref().is_none_or(|refused| refused.code != 535) || is_temporary {
                refusal = Some(reply.without_text());
            }
            if is_temporary {
                break;
            }
        }
        Ok(Err(refusal.map_or(NotLoggedIn::NoMechanism, NotLoggedIn::Refused)))
    }

    /// PLAIN, with the response in the command. A server that asks for it all the same gets it again.
    fn plain(&self) -> Vec<String> {
        let response = STANDARD.encode(format!("\0{}\0{}", self.user, self.password));
        vec![format!("AUTH PLAIN {response}\r\n"), format!("{response}\r\n")]
    }

    /// LOGIN: user, then password. The order is fixed; what servers call the two fields is not.
    fn login(&self) -> Vec<String> {
        let line = |text: &str| format!("{}\r\n", STANDARD.encode(text));
        vec!["AUTH LOGIN\r\n".to_owned(), line(self.user), line(self.password)]
    }
}

/// Sends the lines one by one as long as the server asks for more; the last reply.
async fn attempt(wire: &mut Wire, lines: &[String], limit: Duration) -> Result<Reply, Broken> {
    for line in lines {
        let reply = wire.ask(line, limit).await?;
        if reply.code != 334 {
            return Ok(reply);
        }
    }
    // The server asks for something else than user and password: cancel the exchange, so that another mechanism can follow.
    wire.ask("*\r\n", limit).await
}
