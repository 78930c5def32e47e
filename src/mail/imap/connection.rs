//! Runs IMAP commands: sends one, and reads responses until the one with its tag.
//!
//! A server, or somebody between it and us before TLS starts, may send responses without end. So each command has a [`Budget`].

use std::io;
use std::sync::Arc;
use std::time::Duration;

use imap_proto::{Outcome, Response, ResponseCode, Status};
use rustls::ClientConfig;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::framing::Framing;
use super::secrets::Secrets;
use crate::mail::transport::{Broken, NotSecured, Stream, secure, within};

/// The most bytes of a response that is not the result of a search. imap-proto needs up to 30 times as much memory for some lists.
const MAX_PARSED: usize = 512 * 1024;

/// How much a server may send in reply to one command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// The most bytes of one response.
    pub(super) response: usize,
    /// The most bytes of all responses.
    pub(super) total: usize,
}

impl Budget {
    /// For what a server says before the login, where it may not be the server that answers.
    pub(super) const BEFORE_LOGIN: Self = Self {
        response: 16 * 1024,
        total: 64 * 1024,
    };
    /// For a command with a short result. Other clients may have changed flags of many messages, which a server reports with any command.
    pub(super) const SHORT: Self = Self {
        response: 64 * 1024,
        total: 8 * 1024 * 1024,
    };
    /// For IDLE, which lasts: nothing of its responses is kept.
    pub(super) const IDLE: Self = Self {
        response: 64 * 1024,
        total: usize::MAX,
    };
}

/// A connection to an IMAP server. After [`Broken`], drop it: what arrives next may belong to an earlier command.
pub(super) struct Connection {
    stream: BufReader<Box<dyn Stream>>,
    framing: Framing,
    commands: u32,
    /// How many bytes of responses the current command may still have.
    budget_left: usize,
    /// What no text of the server may show.
    pub(super) secrets: Secrets,
    /// Whether the server has reported the number of messages since this was last cleared. It does so when one arrives.
    pub(super) has_new_messages: bool,
}

/// The reply that ends a command.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) is_ok: bool,
    pub(super) code: ReplyCode,
    pub(super) text: String,
}

/// The response codes that matter here ([RFC 3501 §7.1](https://www.rfc-editor.org/rfc/rfc3501#section-7.1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReplyCode {
    ReadOnly,
    Other,
}

/// What one response is in the course of a command.
pub(super) enum Step {
    /// Data, which was passed on, or a response that has no meaning here.
    Untagged,
    /// The server asks for the next part of the command.
    Continue,
    Done(Reply),
}

impl Connection {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream: BufReader::new(stream),
            framing: Framing::new(Budget::BEFORE_LOGIN.response),
            commands: 0,
            budget_left: Budget::BEFORE_LOGIN.total,
            secrets: Secrets::default(),
            has_new_messages: false,
        }
    }

    pub(super) async fn secure(
        self,
        config: Arc<ClientConfig>,
        host: &str,
        limit: Duration,
    ) -> Result<Self, NotSecured> {
        let stream = secure(self.stream, config, host, limit).await?.stream;
        Ok(Self { stream, ..self })
    }

    /// Reads one response. If the future is dropped, nothing is lost: the next call goes on where this one stopped.
    pub(super) async fn read(&mut self) -> io::Result<Vec<u8>> {
        loop {
            let arrived = self.stream.fill_buf().await?;
            if arrived.is_empty() {
                let reason = "the server closed the connection";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
            }
            let (used, response) = self.framing.add(arrived)?;
            self.budget_left = self
                .budget_left
                .checked_sub(used)
                .ok_or_else(|| io::Error::other("the server sends more than the command asks for"))?;
            self.stream.consume(used);
            if let Some(response) = response {
                return Ok(response);
            }
        }
    }

    /// Sends a line without a tag.
    pub(super) async fn send(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    /// Sends a command, and returns its tag.
    pub(super) async fn begin(&mut self, command: &str, budget: Budget) -> io::Result<String> {
        self.commands += 1;
        self.framing.set_max_response(budget.response);
        self.budget_left = budget.total;
        let tag = format!("d{}", self.commands);
        self.send(&format!("{tag} {command}")).await?;
        Ok(tag)
    }

    /// Reads one response in the course of the command with this tag. Passes data to `on_data`.
    pub(super) async fn step(&mut self, tag: &str, on_data: &mut impl FnMut(&Response<'_>)) -> io::Result<Step> {
        let bytes = self.read().await?;
        if bytes.len() > MAX_PARSED && !is_search_result(&bytes) {
            return Err(io::Error::other("the server's response is too large"));
        }
        let Ok((_, response)) = Response::parse(&bytes) else {
            // Servers also send responses that no command asked for, and some are not in any RFC.
            return if may_be_ignored(&bytes) {
                Ok(Step::Untagged)
            } else {
                Err(io::Error::other("the server's response cannot be read"))
            };
        };
        match response {
            Response::Continue(_) => Ok(Step::Continue),
            Response::Done {
                tag: done,
                status,
                outcome,
            } if done.0 == tag => Ok(Step::Done(self.reply(&status, &outcome))),
            Response::Done { .. } => Err(io::Error::other("the server replied to another command")),
            Response::Data {
                status: Status::Bye,
                outcome,
            } => Err(io::Error::other(format!(
                "the server ended the connection: {}",
                self.text_of(&outcome)
            ))),
            data => {
                if matches!(data, Response::MailboxData(imap_proto::MailboxDatum::Exists(_))) {
                    self.has_new_messages = true;
                }
                on_data(&data);
                Ok(Step::Untagged)
            }
        }
    }

    /// Runs a command to its end, and passes the data of its responses to `on_data`.
    pub(super) async fn run(
        &mut self,
        command: &str,
        budget: Budget,
        limit: Duration,
        mut on_data: impl FnMut(&Response<'_>),
    ) -> Result<Reply, Broken> {
        within(limit, "answer", async {
            let tag = self.begin(command, budget).await?;
            loop {
                match self.step(&tag, &mut on_data).await? {
                    Step::Done(reply) => return Ok(reply),
                    Step::Untagged => {}
                    Step::Continue => {
                        return Err(io::Error::other(
                            "the server asks for data that the command does not have",
                        ));
                    }
                }
            }
        })
        .await
    }

    fn reply(&self, status: &Status, outcome: &Outcome<'_>) -> Reply {
        Reply {
            is_ok: *status == Status::Ok,
            code: match outcome.code {
                Some(ResponseCode::ReadOnly) => ReplyCode::ReadOnly,
                _ => ReplyCode::Other,
            },
            text: self.text_of(outcome),
        }
    }

    /// The text for a person, on one line.
    pub(super) fn text_of(&self, outcome: &Outcome<'_>) -> String {
        self.secrets
            .shown(outcome.information.as_deref().unwrap_or("without a reason"))
    }
}

fn is_search_result(response: &[u8]) -> bool {
    const START: &[u8] = b"* SEARCH ";
    response
        .get(..START.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// Whether an unreadable response is data that no command here asks for. Messages and results of a search must not be overlooked.
fn may_be_ignored(response: &[u8]) -> bool {
    let mut words = response.split(u8::is_ascii_whitespace);
    let is_untagged = words.next() == Some(b"*");
    let is_needed = words.take(2).any(|word| {
        ["FETCH", "SEARCH", "EXISTS"]
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
    });
    is_untagged && !is_needed
}
