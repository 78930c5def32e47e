//! The session of one connection: SMTP ([RFC 5321](https://www.rfc-editor.org/rfc/rfc5321)) or LMTP
//! ([RFC 2033](https://www.rfc-editor.org/rfc/rfc2033)).

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncWriteExt, BufReader},
    time::{Instant, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{
    super::transport::Stream,
    Content, Options, Receiver, Stage, Tls, Transaction, Verdict,
    commands::{Command, parse},
    connections::{Context, Place},
};

mod lines;
mod login;
mod message;

/// A line, or why there is none.
enum Line {
    Read(String),
    /// It does not end in CRLF, is too long, or is not UTF-8.
    Bad,
    Closed,
    TimedOut,
    Shutdown,
    /// Another connection got the place of this one.
    Replaced,
}

/// Whether the connection continues.
enum Flow {
    Continue,
    Close,
}

pub(super) struct Session<R> {
    stream: BufReader<Box<dyn Stream>>,
    /// Replies to send. Those to pipelined commands are sent together ([RFC 2920](https://www.rfc-editor.org/rfc/rfc2920)).
    out: Vec<u8>,
    options: Arc<Options>,
    place: Place,
    receiver: Arc<R>,
    shutdown: CancellationToken,
    transaction: Transaction,
    /// Whether the client began with LHLO: the message gets a reply for each recipient.
    is_lmtp: bool,
    ends_at: Instant,
    protocol_errors: u32,
    commands_since_message: usize,
}

impl<R: Receiver> Session<R> {
    pub(super) fn new(stream: Box<dyn Stream>, place: Place, context: Context<R>, transaction: Transaction) -> Self {
        Self {
            stream: BufReader::new(stream),
            out: Vec::new(),
            ends_at: Instant::now() + context.options.lifetime,
            options: context.options,
            place,
            receiver: context.receiver,
            shutdown: context.shutdown,
            transaction,
            is_lmtp: false,
            protocol_errors: 0,
            commands_since_message: 0,
        }
    }

    /// Serves the connection until either side ends it. All pending replies are sent.
    pub(super) async fn run(mut self) -> io::Result<()> {
        let mut flow = match self.intervene(Stage::Connect).await {
            Some(flow) => flow,
            None => self.reply(220, &format!("{} ESMTP", self.options.name)),
        };
        while let Flow::Continue = flow {
            flow = match self.read_line().await? {
                Line::Read(_) if self.commands_since_message >= self.max_commands() => {
                    self.reply_and_close("4.7.0 too many commands")
                }
                Line::Read(line) => {
                    self.commands_since_message += 1;
                    match parse(&line) {
                        Command::StartTls => match self.start_tls().await? {
                            Some(secured) => {
                                self = secured;
                                Flow::Continue
                            }
                            None => return Ok(()),
                        },
                        command => self.act(command).await?,
                    }
                }
                Line::Bad => self.protocol_error(500, "5.5.2 a command is one line of UTF-8 ended by CRLF"),
                Line::Closed => return Ok(()),
                Line::TimedOut => self.time_out(),
                Line::Shutdown => self.reply_and_close("4.3.2 shutting down"),
                Line::Replaced => self.replaced(),
            };
        }
        self.flush().await?;
        self.stream.shutdown().await
    }

    /// The most commands before the next message.
    fn max_commands(&self) -> usize {
        let options = &self.options;
        if self.place.are_scarce() && !self.place.has_recipient() {
            options.commands_per_message.min(options.commands_when_scarce)
        } else {
            options.commands_per_message
        }
    }

    async fn act(&mut self, command: Command) -> io::Result<Flow> {
        let needs_hello = !matches!(
            command,
            Command::Ehlo(_)
                | Command::Helo(_)
                | Command::Lhlo(_)
                | Command::Quit
                | Command::Noop
                | Command::Rset
                | Command::Unknown
        );
        if needs_hello && self.transaction.hello.is_none() {
            return Ok(self.protocol_error(503, "5.5.1 send EHLO first"));
        }
        Ok(match command {
            Command::Ehlo(name) => self.hello(name, true).await,
            Command::Helo(name) => self.hello(name, false).await,
            Command::Lhlo(name) if self.options.lmtp => {
                let flow = self.hello(name, true).await;
                self.is_lmtp = true;
                flow
            }
            Command::Auth(mechanism, initial) => self.auth(&mechanism, initial).await?,
            Command::Mail(path, parameters) => self.mail(path, &parameters).await,
            Command::Rcpt(path) => self.rcpt(path).await,
            Command::Data => self.data().await?,
            Command::Rset => {
                self.reset();
                self.reply(250, "2.0.0 reset")
            }
            Command::Noop => self.reply(250, "2.0.0 ok"),
            Command::Quit => {
                self.reply(221, "2.0.0 goodbye");
                Flow::Close
            }
            Command::Malformed(hint) => self.protocol_error(501, &format!("5.5.4 {hint}")),
            Command::Lhlo(_) | Command::StartTls | Command::Unknown => {
                self.protocol_error(500, "5.5.1 unknown command")
            }
        })
    }

    async fn hello(&mut self, name: String, extended: bool) -> Flow {
        self.reset();
        self.is_lmtp = false;
        self.transaction.hello = Some(name);
        if let Some(flow) = self.intervene(Stage::Ehlo).await {
            return flow;
        }
        let mut lines = vec![self.options.name.clone()];
        if extended {
            let options = &self.options;
            let tls = matches!(options.tls, Tls::StartTls(_)) && !self.transaction.tls;
            let offered = [
                Some("PIPELINING".to_owned()),
                Some("8BITMIME".to_owned()),
                Some("SMTPUTF8".to_owned()),
                Some("ENHANCEDSTATUSCODES".to_owned()),
                (options.content == Content::Strict).then(|| format!("SIZE {}", options.size_limit)),
                tls.then(|| "STARTTLS".to_owned()),
                options.login.is_some().then(|| "AUTH PLAIN LOGIN".to_owned()),
            ];
            let withheld = |offer: &String| {
                options
                    .withheld
                    .iter()
                    .any(|w| offer.split(' ').next() == Some(w.as_str()))
            };
            lines.extend(offered.into_iter().flatten().filter(|offer| !withheld(offer)));
        }
        self.reply(250, &lines.join("\n"))
    }

    /// Starts TLS; `None` if the connection ended. Bytes before the handshake end it
    /// ([RFC 3207 §6](https://www.rfc-editor.org/rfc/rfc3207#section-6)).
    async fn start_tls(mut self) -> io::Result<Option<Self>> {
        let Tls::StartTls(config) = self.options.tls.clone() else {
            self.protocol_error(502, "5.5.1 STARTTLS is not offered");
            return Ok(Some(self));
        };
        if self.transaction.tls {
            self.protocol_error(503, "5.5.1 TLS is already active");
            return Ok(Some(self));
        }
        if !self.stream.buffer().is_empty() {
            return Ok(None);
        }
        self.reply(220, "2.0.0 go ahead");
        self.flush().await?;
        let handshake = TlsAcceptor::from(config).accept(self.stream.into_inner());
        let Ok(stream) = timeout(self.options.idle, handshake).await else {
            return Ok(None);
        };
        let transaction = Transaction {
            connection: self.transaction.connection,
            messages: self.transaction.messages,
            tls: true,
            ..Transaction::default()
        };
        Ok(Some(Self {
            stream: BufReader::new(Box::new(stream?)),
            transaction,
            is_lmtp: false,
            ..self
        }))
    }

    async fn mail(&mut self, path: String, parameters: &[String]) -> Flow {
        if self.transaction.return_path.is_some() {
            return self.protocol_error(503, "5.5.1 one message at a time: end this one or send RSET");
        }
        if self.options.login.is_some() && self.transaction.user.is_none() {
            return self.reply(530, "5.7.0 log in first");
        }
        if self.options.content == Content::Strict
            && let Some(flow) = self.refuse_parameters(&path, parameters)
        {
            return flow;
        }
        self.transaction.return_path = Some(path);
        if let Some(flow) = self.intervene(Stage::Mail).await {
            self.transaction.return_path = None;
            return flow;
        }
        self.reply(250, "2.1.0 sender ok")
    }

    /// Refuses a message that is announced as too large, and an address that the client must announce.
    fn refuse_parameters(&mut self, path: &str, parameters: &[String]) -> Option<Flow> {
        let size = parameters
            .iter()
            .find_map(|p| p.strip_prefix("SIZE="))
            .map(str::parse::<usize>);
        match size {
            Some(Err(_)) => return Some(self.protocol_error(501, "5.5.4 SIZE is a number")),
            Some(Ok(size)) if size > self.options.size_limit => return Some(self.too_large()),
            _ => {}
        }
        let is_announced = path.is_ascii() || parameters.iter().any(|p| p == "SMTPUTF8");
        (!is_announced).then(|| self.reply(553, "5.6.7 an address that is not ASCII needs SMTPUTF8"))
    }

    async fn rcpt(&mut self, path: String) -> Flow {
        if self.transaction.return_path.is_none() {
            return self.protocol_error(503, "5.5.1 send MAIL first");
        }
        if self.transaction.recipients.len() >= self.options.recipients {
            return self.reply(452, "4.5.3 too many recipients");
        }
        self.transaction.recipients.push(path);
        if let Some(flow) = self.intervene(Stage::Rcpt).await {
            self.transaction.recipients.pop();
            return flow;
        }
        self.place.record_recipient();
        self.reply(250, "2.1.5 recipient ok")
    }

    /// Asks the receiver whether to intervene. `None` means to continue as the protocol defines; otherwise the reply was already made.
    async fn intervene(&mut self, stage: Stage) -> Option<Flow> {
        match self.receiver.decide(stage, &self.transaction) {
            Verdict::Continue => None,
            Verdict::HangUp => Some(Flow::Close),
            Verdict::Reply(421, text) => Some(self.reply_and_close(&text)),
            Verdict::Reply(code, text) => Some(self.reply(code, &text)),
            Verdict::Delay(time) => {
                // Earlier replies are sent first, so that only this one is delayed.
                let _ = self.flush().await;
                tokio::select! {
                    () = tokio::time::sleep(time) => None,
                    () = self.shutdown.cancelled() => Some(self.reply_and_close("4.3.2 shutting down")),
                }
            }
        }
    }

    fn reset(&mut self) {
        self.transaction.return_path = None;
        self.transaction.recipients.clear();
    }
}
