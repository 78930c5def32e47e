//! The login of a client (AUTH).

use std::io;

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;

use super::{Flow, Line, Receiver, Session, Stage};

impl<R: Receiver> Session<R> {
    /// AUTH PLAIN, with the response in the command or after a challenge, and LOGIN
    /// ([RFC 4954](https://www.rfc-editor.org/rfc/rfc4954)).
    pub(super) async fn auth(&mut self, mechanism: &str, initial: Option<String>) -> io::Result<Flow> {
        let Some((user, password)) = self.options.login.clone() else {
            return Ok(self.protocol_error(502, "5.5.1 AUTH is not offered"));
        };
        if self.transaction.user.is_some() {
            return Ok(self.protocol_error(503, "5.5.1 already logged in"));
        }
        let given = match mechanism {
            "PLAIN" => {
                let answer = match initial {
                    Some(answer) => decode(&answer),
                    None => self.challenge("").await?,
                };
                // An authorisation identity, which is ignored, the user and the password
                // ([RFC 4616 §2](https://www.rfc-editor.org/rfc/rfc4616#section-2)).
                answer.and_then(|answer| {
                    let mut parts = answer.splitn(3, '\0').skip(1).map(str::to_owned);
                    Some((parts.next()?, parts.next()?))
                })
            }
            "LOGIN" => {
                let user = self.challenge("Username:").await?;
                let password = if user.is_some() {
                    self.challenge("Password:").await?
                } else {
                    None
                };
                user.zip(password)
            }
            _ => return Ok(self.reply(504, "5.5.4 only PLAIN and LOGIN are supported")),
        };
        if let Some(flow) = self.intervene(Stage::Auth).await {
            return Ok(flow);
        }
        Ok(match given {
            None => self.protocol_error(501, "5.5.2 the response is not valid base64"),
            Some((name, word)) if name == user && word == password.expose_secret() => {
                self.transaction.user = Some(name);
                self.reply(235, "2.7.0 welcome")
            }
            Some(_) => self.protocol_error(535, "5.7.8 user or password is wrong"),
        })
    }

    /// Asks for the next part of a login.
    async fn challenge(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.reply(334, &STANDARD.encode(prompt));
        Ok(match self.read_line().await? {
            Line::Read(answer) => decode(&answer),
            _ => None,
        })
    }
}

fn decode(answer: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(answer.trim()).ok()?).ok()
}
