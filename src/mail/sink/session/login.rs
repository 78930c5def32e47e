//! Lets a sender log in.

use std::io;

use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::ExposeSecret;

use super::{Flow, Line, Receiver, Session, Stage};

impl<R: Receiver> Session<R> {
    /// AUTH PLAIN, with the answer at once or asked for, and LOGIN (RFC 4954).
    pub(super) async fn auth(&mut self, mechanism: &str, initial: Option<String>) -> io::Result<Flow> {
        let Some((user, password)) = self.options.login.clone() else {
            return Ok(self.mistake(502, "5.5.1 AUTH is not offered"));
        };
        if self.transaction.user.is_some() {
            return Ok(self.mistake(503, "5.5.1 logged in already"));
        }
        let given = match mechanism {
            "PLAIN" => {
                let answer = match initial {
                    Some(answer) => decode(&answer),
                    None => self.challenge("").await?,
                };
                // An identity to act for, which we ignore, the user and the password (RFC 4616 section 2).
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
            _ => return Ok(self.say(504, "5.5.4 PLAIN and LOGIN are known")),
        };
        if let Some(flow) = self.step_in(Stage::Auth).await {
            return Ok(flow);
        }
        Ok(match given {
            None => self.mistake(501, "5.5.2 that is no base64 answer"),
            Some((name, word)) if name == user && word == password.expose_secret() => {
                self.transaction.user = Some(name);
                self.say(235, "2.7.0 welcome")
            }
            Some(_) => self.mistake(535, "5.7.8 user or password is wrong"),
        })
    }

    /// Asks for one more part of a login.
    async fn challenge(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.say(334, &STANDARD.encode(prompt));
        Ok(match self.read_line().await? {
            Line::Read(answer) => decode(&answer),
            _ => None,
        })
    }
}

fn decode(answer: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(answer.trim()).ok()?).ok()
}
