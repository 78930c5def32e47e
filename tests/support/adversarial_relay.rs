//! A relay that follows RFC 5321 and RFC 2920 to the letter, and is as awkward as they allow.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use daywire::mail::relay::Relay;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A command of a message, or its final dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    Mail,
    Rcpt,
    Data,
    Dot,
}

/// What is done there instead of saying yes.
#[derive(Clone, Debug)]
pub enum Act {
    /// This is said; after 421 the connection ends.
    Say(&'static str),
    /// The connection ends.
    HangUp,
    /// The message is taken, and the connection ends.
    TakeAndHangUp,
    /// Yes is said, and this behind it.
    Also(&'static str),
    /// RCPT is refused so, and DATA taken all the same (RFC 2920 section 3.1), its message of nothing answered so.
    RefuseAndTakeData(&'static str, &'static str),
}

/// How replies leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// All that were asked for together, in one packet.
    Together,
    /// Each by itself, at once.
    Apart,
    /// A byte at a time.
    Bytes,
}

/// How a relay behaves.
pub struct Behaviour {
    pub offers: Vec<&'static str>,
    pub manner: Manner,
    pub tls: Option<Arc<ServerConfig>>,
    /// By the local part of the recipient.
    pub acts: HashMap<String, (At, Act)>,
    /// Said behind the answer to EHLO.
    pub after_ehlo: &'static str,
    /// Said to RSET.
    pub rset: &'static str,
}

/// What the relay observed.
#[derive(Default)]
pub struct Observed {
    /// Recipients and messages that were taken, in order.
    pub taken: Mutex<Vec<(String, Vec<u8>)>>,
    /// Messages of nothing, to nobody.
    pub nothings: AtomicUsize,
    pub connections: AtomicUsize,
    /// How often it had answered all and was asked for more.
    pub turns: AtomicUsize,
    /// What a sender must not do.
    pub faults: Mutex<Vec<String>>,
}

pub struct AdversarialRelay {
    behaviour: Behaviour,
    pub seen: Observed,
}

impl AdversarialRelay {
    /// Listens, and how it is reached.
    pub async fn open(behaviour: Behaviour) -> (Arc<Self>, Relay) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let scheme = if behaviour.tls.is_some() {
            "smtp+starttls"
        } else {
            "smtp"
        };
        let relay = Relay::parse(&format!("{scheme}://127.0.0.1:{port}")).expect("a relay");
        let relay_server = Arc::new(Self {
            behaviour,
            seen: Observed::default(),
        });
        let serving = Arc::clone(&relay_server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay_server = Arc::clone(&serving);
                relay_server.seen.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move { relay_server.greet(stream).await });
            }
        });
        (relay_server, relay)
    }

    async fn greet(self: Arc<Self>, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut talk = Talk::new(stream, &self);
        talk.say("220 relay_server ESMTP").await?;
        if let Some(config) = &self.behaviour.tls {
            // What is offered here must be forgotten (RFC 3207 section 4.2).
            talk.line().await?;
            let all = "250-relay_server\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE\r\n250 STARTTLS";
            talk.say(all).await?;
            talk.line().await?;
            talk.say("220 go").await?;
            talk.flush().await?;
            let stream = TlsAcceptor::from(Arc::clone(config)).accept(talk.stream).await?;
            Talk::new(stream, &self).converse().await
        } else {
            talk.converse().await
        }
    }
}

struct Talk<'a, S> {
    stream: S,
    relay_server: &'a AdversarialRelay,
    heard: Vec<u8>,
    out: Vec<u8>,
    /// Something was said since it last had to wait.
    spoke: bool,
}

/// The message under way.
#[derive(Default)]
struct Message {
    from: bool,
    to: Option<String>,
    /// What its nothing will be answered.
    nothing: Option<&'static str>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Talk<'a, S> {
    fn new(stream: S, relay_server: &'a AdversarialRelay) -> Self {
        Self {
            stream,
            relay_server,
            heard: Vec::new(),
            out: Vec::new(),
            spoke: false,
        }
    }

    async fn converse(mut self) -> io::Result<()> {
        let mut message = Message::default();
        while self.answer(&mut message).await? {}
        self.flush().await?;
        self.stream.shutdown().await?;
        // To close with something unread would reset the connection, and take away what was said.
        while self.stream.read(&mut [0; 4096]).await? > 0 {}
        Ok(())
    }

    /// One command; false at the end.
    async fn answer(&mut self, message: &mut Message) -> io::Result<bool> {
        let line = self.line().await?;
        // The local part is the same in both addresses, so that MAIL tells whose message it is.
        let whom = line.split_once('<').and_then(|(_, rest)| rest.split_once('@'));
        let whom = whom.map(|(name, _)| name.to_owned());
        match line.get(..4).unwrap_or_default() {
            "EHLO" => {
                let mut lines = vec!["relay_server"];
                lines.extend(&self.relay_server.behaviour.offers);
                let last = lines.pop().unwrap_or_default();
                let before = lines
                    .iter()
                    .fold(String::new(), |before, line| before + "250-" + line + "\r\n");
                self.say(&format!("{before}250 {last}{}", self.relay_server.behaviour.after_ehlo))
                    .await
            }
            "RSET" => {
                *message = Message::default();
                let rset = self.relay_server.behaviour.rset;
                self.say(rset).await.map(|_| !rset.starts_with("421"))
            }
            "QUIT" => self.say("221 bye").await.map(|_| false),
            "MAIL" if !message.from => {
                self.check(&line);
                message.from = true;
                self.act(At::Mail, whom.as_deref(), message).await
            }
            "RCPT" if message.from => {
                message.to.clone_from(&whom);
                self.act(At::Rcpt, whom.as_deref(), message).await
            }
            "DATA" if message.to.is_some() || message.nothing.is_some() => {
                let whom = message.to.clone();
                if !self.act(At::Data, whom.as_deref(), message).await? {
                    return Ok(false);
                }
                // What was said tells whether a message follows.
                if !message.from {
                    return Ok(true);
                }
                let text = self.text().await?;
                let Message { nothing, .. } = std::mem::take(message);
                let Some(whom) = whom else {
                    self.blame(!text.is_empty(), "a message that nobody was to get");
                    self.relay_server.seen.nothings.fetch_add(1, Ordering::SeqCst);
                    return self.say(nothing.unwrap_or("250 nothing")).await;
                };
                self.end(whom, text).await
            }
            "MAIL" | "RCPT" | "DATA" => {
                self.blame(
                    !self.relay_server.behaviour.offers.contains(&"PIPELINING"),
                    &format!("out of order: {line}"),
                );
                self.say("503-5.5.1 not\r\n503 5.5.1 now").await
            }
            _ => {
                self.blame(true, &line);
                Ok(false)
            }
        }
    }

    /// The message is here.
    async fn end(&mut self, whom: String, text: Vec<u8>) -> io::Result<bool> {
        let act = self
            .relay_server
            .behaviour
            .acts
            .get(&whom)
            .filter(|(at, _)| *at == At::Dot)
            .map(|(_, act)| act.clone());
        match act {
            Some(Act::Say(words)) => return self.say(words).await.map(|_| !words.starts_with("421")),
            Some(Act::HangUp) => return Ok(false),
            _ => self
                .relay_server
                .seen
                .taken
                .lock()
                .expect("no test panicked here")
                .push((whom, text)),
        }
        match act {
            Some(Act::TakeAndHangUp) => Ok(false),
            Some(Act::Also(words)) => self.say(&format!("250 taken\r\n{words}")).await,
            _ => self.say("250-2.0.0 taken\r\n250 2.0.0 with thanks").await,
        }
    }

    /// A command of a message that is in order. A refused MAIL leaves no message, a refused RCPT nobody to get it.
    async fn act(&mut self, at: At, whom: Option<&str>, message: &mut Message) -> io::Result<bool> {
        let yes = if at == At::Data { "354 go" } else { "250 ok" };
        let act = whom
            .and_then(|whom| self.relay_server.behaviour.acts.get(whom))
            .filter(|(there, _)| *there == at);
        match act.map(|(_, act)| act.clone()) {
            None => self.say(yes).await,
            Some(Act::Also(words)) => self.say(&format!("{yes}\r\n{words}")).await,
            Some(Act::HangUp | Act::TakeAndHangUp) => Ok(false),
            Some(Act::RefuseAndTakeData(words, nothing)) => {
                message.to = None;
                message.nothing = Some(nothing);
                self.say(words).await
            }
            Some(Act::Say(words)) => {
                match at {
                    At::Rcpt => message.to = None,
                    _ => *message = Message::default(),
                }
                self.say(words).await.map(|_| !words.starts_with("421"))
            }
        }
    }

    /// Extensions that are not offered must not be used.
    fn check(&self, mail: &str) {
        for (parameter, offer) in [("BODY=", "8BITMIME"), ("SMTPUTF8", "SMTPUTF8"), ("SIZE=", "SIZE")] {
            let used = mail.contains(parameter);
            self.blame(used && !self.relay_server.behaviour.offers.contains(&offer), mail);
            // What a message does not need is left out; its size is always behaviour.
            self.blame(
                !used && offer == "SIZE" && self.relay_server.behaviour.offers.contains(&offer),
                mail,
            );
        }
    }

    fn blame(&self, guilty: bool, what: &str) {
        if guilty {
            self.relay_server
                .seen
                .faults
                .lock()
                .expect("no test panicked here")
                .push(what.to_owned());
        }
    }

    async fn say(&mut self, words: &str) -> io::Result<bool> {
        self.out.extend_from_slice(format!("{words}\r\n").as_bytes());
        if self.relay_server.behaviour.manner != Manner::Together {
            self.flush().await?;
        }
        Ok(true)
    }

    async fn flush(&mut self) -> io::Result<()> {
        let out = std::mem::take(&mut self.out);
        self.spoke |= !out.is_empty();
        let piece = if self.relay_server.behaviour.manner == Manner::Bytes {
            1
        } else {
            out.len().max(1)
        };
        for piece in out.chunks(piece) {
            self.stream.write_all(piece).await?;
            self.stream.flush().await?;
        }
        Ok(())
    }

    /// The next line. Nothing may stand behind it unless it was said that it may.
    async fn line(&mut self) -> io::Result<String> {
        let end = loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                break end + 1;
            }
            self.hear().await?;
        };
        let line: Vec<u8> = self.heard.drain(..end).collect();
        let pipelining = self.relay_server.behaviour.offers.contains(&"PIPELINING");
        self.blame(!pipelining && !self.heard.is_empty(), "more than was asked for");
        let line = String::from_utf8(line).map_err(io::Error::other)?;
        self.blame(!line.ends_with("\r\n"), &line);
        Ok(line.trim_end().to_owned())
    }

    /// The text up to its final dot, the stuffing taken out.
    async fn text(&mut self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let line = loop {
                if let Some(end) = self.heard.windows(2).position(|pair| pair == b"\r\n") {
                    break self.heard.drain(..end + 2).collect::<Vec<_>>();
                }
                self.hear().await?;
            };
            if line == b".\r\n" {
                return Ok(text);
            }
            text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    async fn hear(&mut self) -> io::Result<()> {
        self.flush().await?;
        let mut piece = vec![0; 64 * 1024];
        let length = self.stream.read(&mut piece).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.heard.extend_from_slice(&piece[..length]);
        if std::mem::take(&mut self.spoke) {
            self.relay_server.seen.turns.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}
