//! A relay that obeys [RFC 5321](https://www.rfc-editor.org/rfc/rfc5321) and
//! [RFC 2920](https://www.rfc-editor.org/rfc/rfc2920), and uses every freedom that they leave a server.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use daywire::mail::relay::Relay;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A command of a mail transaction, or the dot that ends the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Mail,
    Rcpt,
    Data,
    FinalDot,
}

/// What the relay does at a stage instead of accepting.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Sends this reply. After 421 it closes the connection.
    Reply(&'static str),
    /// Closes the connection without a reply.
    HangUp,
    /// Accepts the message and closes the connection without a reply.
    AcceptAndHangUp,
    /// Accepts, and sends this line after its reply.
    StrayReply(&'static str),
    /// Answers RCPT with the first text and DATA with 354, as
    /// [RFC 2920 §3.1](https://www.rfc-editor.org/rfc/rfc2920#section-3.1) allows; answers the empty message with the second.
    RefuseAndTakeData(&'static str, &'static str),
}

/// How the relay writes its replies to the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packets {
    /// The replies to a group of commands in one write.
    Together,
    /// Each reply at once, in a write of its own.
    Separate,
    /// One byte a write.
    SingleBytes,
}

pub struct Behaviour {
    /// The extensions in the answer to EHLO.
    pub offers: Vec<&'static str>,
    pub packets: Packets,
    /// With a certificate, STARTTLS is required.
    pub tls: Option<Arc<ServerConfig>>,
    /// The faults by the local part of the recipient.
    pub faults: HashMap<String, (Stage, Fault)>,
    /// Sent after the answer to EHLO.
    pub after_ehlo: &'static str,
    /// The answer to RSET.
    pub rset: &'static str,
}

/// What the relay observed.
#[derive(Default)]
pub struct Observed {
    /// The recipient and the text of each accepted message, in order.
    pub accepted: Mutex<Vec<(String, Vec<u8>)>>,
    /// The number of empty messages that followed DATA without a recipient.
    pub empty_messages: AtomicUsize,
    pub connections: AtomicUsize,
    /// The MAIL and RCPT commands, in order.
    pub envelopes: Mutex<Vec<String>>,
    /// How often the client sent something after the relay had answered everything.
    pub round_trips: AtomicUsize,
    /// What the client must not do.
    pub violations: Mutex<Vec<String>>,
}

pub struct AdversarialRelay {
    behaviour: Behaviour,
    pub observed: Observed,
}

impl AdversarialRelay {
    /// Starts a relay on a free port.
    pub async fn open(behaviour: Behaviour) -> (Arc<Self>, Relay) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let port = listener.local_addr().expect("the socket is bound").port();
        let scheme = if behaviour.tls.is_some() {
            "smtp+starttls"
        } else {
            "smtp"
        };
        let relay = Relay::parse(&format!("{scheme}://127.0.0.1:{port}")).expect("the address is valid");
        let server = Arc::new(Self {
            behaviour,
            observed: Observed::default(),
        });
        let accepting = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = Arc::clone(&accepting);
                server.observed.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move { server.greet(stream).await });
            }
        });
        (server, relay)
    }

    async fn greet(self: Arc<Self>, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut connection = Connection::new(stream, &self);
        connection.reply("220 relay ESMTP").await?;
        if let Some(config) = &self.behaviour.tls {
            // The client must discard what is offered before TLS: https://www.rfc-editor.org/rfc/rfc3207#section-4.2
            connection.line().await?;
            let all = "250-relay\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE\r\n250 STARTTLS";
            connection.reply(all).await?;
            connection.line().await?;
            connection.reply("220 go").await?;
            connection.flush().await?;
            let stream = TlsAcceptor::from(Arc::clone(config)).accept(connection.stream).await?;
            Connection::new(stream, &self).converse().await
        } else {
            connection.converse().await
        }
    }
}

struct Connection<'a, S> {
    stream: S,
    relay: &'a AdversarialRelay,
    received: Vec<u8>,
    /// Replies that are not written yet.
    unsent: Vec<u8>,
    /// Whether a reply was written since the last read.
    replied: bool,
}

/// The current mail transaction.
#[derive(Default)]
struct Transaction {
    from: bool,
    to: Option<String>,
    /// The answer to its empty message, after [`Fault::RefuseAndTakeData`].
    empty_message_reply: Option<&'static str>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Connection<'a, S> {
    fn new(stream: S, relay: &'a AdversarialRelay) -> Self {
        Self {
            stream,
            relay,
            received: Vec::new(),
            unsent: Vec::new(),
            replied: false,
        }
    }

    async fn converse(mut self) -> io::Result<()> {
        let mut transaction = Transaction::default();
        while self.answer(&mut transaction).await? {}
        self.flush().await?;
        self.stream.shutdown().await?;
        // Closing a socket with unread input resets the connection, and the last reply would be lost.
        while self.stream.read(&mut [0; 4096]).await? > 0 {}
        Ok(())
    }

    /// Answers one command. Returns false if the connection ends.
    async fn answer(&mut self, transaction: &mut Transaction) -> io::Result<bool> {
        let line = self.line().await?;
        // The tests use the same local part in MAIL and RCPT, so both commands name the recipient.
        let recipient = line.split_once('<').and_then(|(_, rest)| rest.split_once('@'));
        let recipient = recipient.map(|(name, _)| name.to_owned());
        match line.get(..4).unwrap_or_default() {
            "EHLO" => {
                let mut lines = vec!["relay"];
                lines.extend(&self.relay.behaviour.offers);
                let last = lines.pop().unwrap_or_default();
                let before = lines
                    .iter()
                    .fold(String::new(), |before, line| before + "250-" + line + "\r\n");
                self.reply(&format!("{before}250 {last}{}", self.relay.behaviour.after_ehlo))
                    .await
            }
            "RSET" => {
                *transaction = Transaction::default();
                let rset = self.relay.behaviour.rset;
                self.reply(rset).await.map(|_| !rset.starts_with("421"))
            }
            "QUIT" => self.reply("221 bye").await.map(|_| false),
            "MAIL" if !transaction.from => {
                self.check_parameters(&line);
                self.record_envelope(&line);
                transaction.from = true;
                self.respond(Stage::Mail, recipient.as_deref(), transaction).await
            }
            "RCPT" if transaction.from => {
                let asks = line.contains("NOTIFY=FAILURE,DELAY");
                let offers_dsn = self.relay.behaviour.offers.contains(&"DSN");
                self.require(asks == offers_dsn, &line);
                self.record_envelope(&line);
                transaction.to.clone_from(&recipient);
                self.respond(Stage::Rcpt, recipient.as_deref(), transaction).await
            }
            "DATA" if transaction.to.is_some() || transaction.empty_message_reply.is_some() => {
                let recipient = transaction.to.clone();
                if !self.respond(Stage::Data, recipient.as_deref(), transaction).await? {
                    return Ok(false);
                }
                // After 354 a message follows.
                if !transaction.from {
                    return Ok(true);
                }
                let text = self.text().await?;
                let Transaction {
                    empty_message_reply, ..
                } = std::mem::take(transaction);
                let Some(recipient) = recipient else {
                    self.require(text.is_empty(), "sent a message without a recipient");
                    self.relay.observed.empty_messages.fetch_add(1, Ordering::SeqCst);
                    return self.reply(empty_message_reply.unwrap_or("250 nothing")).await;
                };
                self.end_of_data(recipient, text).await
            }
            "MAIL" | "RCPT" | "DATA" => {
                self.require(
                    self.relay.behaviour.offers.contains(&"PIPELINING"),
                    &format!("out of order: {line}"),
                );
                self.reply("503-5.5.1 not\r\n503 5.5.1 now").await
            }
            _ => {
                self.require(false, &line);
                Ok(false)
            }
        }
    }

    /// Answers the end of a message.
    async fn end_of_data(&mut self, recipient: String, text: Vec<u8>) -> io::Result<bool> {
        let fault = self
            .relay
            .behaviour
            .faults
            .get(&recipient)
            .filter(|(stage, _)| *stage == Stage::FinalDot)
            .map(|(_, fault)| fault.clone());
        match fault {
            Some(Fault::Reply(reply)) => return self.reply(reply).await.map(|_| !reply.starts_with("421")),
            Some(Fault::HangUp) => return Ok(false),
            _ => self
                .relay
                .observed
                .accepted
                .lock()
                .expect("no thread panicked with the lock")
                .push((recipient, text)),
        }
        match fault {
            Some(Fault::AcceptAndHangUp) => Ok(false),
            Some(Fault::StrayReply(reply)) => self.reply(&format!("250 taken\r\n{reply}")).await,
            _ => self.reply("250-2.0.0 taken\r\n250 2.0.0 with thanks").await,
        }
    }

    /// Answers a command that is in order. A refused MAIL ends the transaction, a refused RCPT removes its recipient.
    async fn respond(
        &mut self,
        stage: Stage,
        recipient: Option<&str>,
        transaction: &mut Transaction,
    ) -> io::Result<bool> {
        let accepted = if stage == Stage::Data { "354 go" } else { "250 ok" };
        let fault = recipient
            .and_then(|recipient| self.relay.behaviour.faults.get(recipient))
            .filter(|(faulty, _)| *faulty == stage);
        match fault.map(|(_, fault)| fault.clone()) {
            None => self.reply(accepted).await,
            Some(Fault::StrayReply(reply)) => self.reply(&format!("{accepted}\r\n{reply}")).await,
            Some(Fault::HangUp | Fault::AcceptAndHangUp) => Ok(false),
            Some(Fault::RefuseAndTakeData(reply, empty_message_reply)) => {
                transaction.to = None;
                transaction.empty_message_reply = Some(empty_message_reply);
                self.reply(reply).await
            }
            Some(Fault::Reply(reply)) => {
                match stage {
                    Stage::Rcpt => transaction.to = None,
                    _ => *transaction = Transaction::default(),
                }
                self.reply(reply).await.map(|_| !reply.starts_with("421"))
            }
        }
    }

    /// The client must not use an extension that the relay does not offer.
    fn check_parameters(&self, mail: &str) {
        for (parameter, offer) in [
            ("BODY=", "8BITMIME"),
            ("SMTPUTF8", "SMTPUTF8"),
            ("SIZE=", "SIZE"),
            ("RET=", "DSN"),
            ("ENVID=", "DSN"),
        ] {
            let used = mail.contains(parameter);
            self.require(!used || self.relay.behaviour.offers.contains(&offer), mail);
            // The other parameters depend on the message, but the size is known for each.
            self.require(
                used || offer != "SIZE" || !self.relay.behaviour.offers.contains(&offer),
                mail,
            );
        }
    }

    fn record_envelope(&self, command: &str) {
        let envelopes = &self.relay.observed.envelopes;
        let mut envelopes = envelopes.lock().expect("no thread panicked with the lock");
        envelopes.push(command.to_owned());
    }

    /// Records `violation` unless the client kept the rule.
    fn require(&self, kept: bool, violation: &str) {
        if !kept {
            self.relay
                .observed
                .violations
                .lock()
                .expect("no thread panicked with the lock")
                .push(violation.to_owned());
        }
    }

    async fn reply(&mut self, text: &str) -> io::Result<bool> {
        self.unsent.extend_from_slice(format!("{text}\r\n").as_bytes());
        if self.relay.behaviour.packets != Packets::Together {
            self.flush().await?;
        }
        Ok(true)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let unsent = std::mem::take(&mut self.unsent);
        self.replied |= !unsent.is_empty();
        let piece = if self.relay.behaviour.packets == Packets::SingleBytes {
            1
        } else {
            unsent.len().max(1)
        };
        for piece in unsent.chunks(piece) {
            self.stream.write_all(piece).await?;
            self.stream.flush().await?;
        }
        Ok(())
    }

    /// The next line. Without PIPELINING the client must wait for the answer before it sends more.
    async fn line(&mut self) -> io::Result<String> {
        let end = loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                break end + 1;
            }
            self.receive().await?;
        };
        let line: Vec<u8> = self.received.drain(..end).collect();
        let pipelining = self.relay.behaviour.offers.contains(&"PIPELINING");
        self.require(
            pipelining || self.received.is_empty(),
            "sent more than one command without PIPELINING",
        );
        let line = String::from_utf8(line).map_err(io::Error::other)?;
        self.require(line.ends_with("\r\n"), &line);
        Ok(line.trim_end().to_owned())
    }

    /// The text of the message without its final dot and the stuffed dots.
    async fn text(&mut self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = self.received.windows(2).position(|pair| pair == b"\r\n") {
                    break self.received.drain(..end + 2).collect::<Vec<_>>();
                }
                self.receive().await?;
            };
            if line == b".\r\n" {
                return Ok(text);
            }
            text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn receive(&mut self) -> io::Result<()> {
        self.flush().await?;
        let mut piece = vec![0; 64 * 1024];
        let length = self.stream.read(&mut piece).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.received.extend_from_slice(&piece[..length]);
        if std::mem::take(&mut self.replied) {
            self.relay.observed.round_trips.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}
