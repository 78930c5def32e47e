//! The login: AUTHENTICATE PLAIN or LOGIN with a password, AUTHENTICATE XOAUTH2 with a token.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;

use super::capabilities::Capabilities;
use super::connection::{Budget, Connection, Reply, Step};
use super::error::ImapError;
use super::secrets::Secrets;
use super::server::{Credential, Server, quoted};
use crate::mail::transport::{Broken, within};

/// What an operator should know about passwords and tokens of large providers.
const PASSWORD: &str = "intake.imap.password; Gmail wants an app password, and Microsoft 365 only accepts a token";
const TOKEN: &str = "the token in intake.imap.token_file, which may have expired or lack the scope for IMAP";

pub(super) async fn log_in(
    connection: &mut Connection,
    server: &Server,
    credential: &Credential,
    offered: &Capabilities,
    limit: Duration,
) -> Result<(), ImapError> {
    let has_initial_response = offered.has("SASL-IR");
    let user = &server.username;
    let (reply, setting) = match credential {
        Credential::Token(token) => {
            if !offered.has("AUTH=XOAUTH2") {
                return Err(ImapError::NoLogin {
                    server: server.to_string(),
                    kind: "token",
                    advice: "set intake.imap.password instead",
                });
            }
            let token = token.expose_secret();
            let response = STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"));
            connection.secrets = Secrets::of(token, &response);
            let reply = authenticate(connection, "XOAUTH2", &response, has_initial_response, limit).await;
            (reply, TOKEN)
        }
        Credential::Password(password) => {
            let password = password.expose_secret();
            let response = STANDARD.encode(format!("\0{user}\0{password}"));
            connection.secrets = Secrets::of(password, &response);
            let reply = if offered.has("AUTH=PLAIN") {
                authenticate(connection, "PLAIN", &response, has_initial_response, limit).await
            } else if offered.has("LOGINDISABLED") {
                return Err(ImapError::NoLogin {
                    server: server.to_string(),
                    kind: "password",
                    advice: "set intake.imap.token_file, or intake.imap.security if it asks for TLS first",
                });
            } else {
                let command = format!("LOGIN {} {}", quoted(user), quoted(password));
                connection.run(&command, Budget::BEFORE_LOGIN, limit, |_| ()).await
            };
            (reply, PASSWORD)
        }
    };
    let Reply { is_ok, text, .. } = reply.map_err(|Broken(reason)| ImapError::Lost {
        server: server.to_string(),
        reason,
    })?;
    if is_ok {
        return Ok(());
    }
    Err(ImapError::Login {
        server: server.to_string(),
        reply: text,
        setting,
    })
}

/// Sends a response of one message, with the command if the server allows that
/// ([RFC 4959](https://www.rfc-editor.org/rfc/rfc4959)).
async fn authenticate(
    connection: &mut Connection,
    mechanism: &str,
    response: &str,
    has_initial_response: bool,
    limit: Duration,
) -> Result<Reply, Broken> {
    within(limit, "answer the login", async {
        let mut unsent = Some(response);
        let command = match unsent.take_if(|_| has_initial_response) {
            Some(response) => format!("AUTHENTICATE {mechanism} {response}"),
            None => format!("AUTHENTICATE {mechanism}"),
        };
        let tag = connection.begin(&command, Budget::BEFORE_LOGIN).await?;
        loop {
            match connection.step(&tag, &mut |_| ()).await? {
                Step::Done(reply) => return Ok(reply),
                Step::Untagged => {}
                // With XOAUTH2 a second question is the reason of a refusal. An empty answer asks for the reply that ends the command.
                Step::Continue => connection.send(unsent.take().unwrap_or_default()).await?,
            }
        }
    })
    .await
}
