//! A connection to a server: sends whole commands and reads whole replies, each within a time limit.

use std::{
    io::{self, IoSlice},
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use rustls::{ClientConfig, pki_types::CertificateDer};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::reply::Reply;
use super::transport::{Broken, NotSecured, Secured, Stream, secure, within};

/// The most bytes of a reply line. [RFC 5321 §4.5.3.1.5](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.5) allows 512.
const MAX_LINE: u64 = 4096;
/// The most lines of a reply; EHLO replies have about 20.
const MAX_LINES: usize = 200;
/// The bytes to write within one time limit.
const BLOCK: usize = 64 * 1024;

/// A connection. If a future of it is dropped before it ends, drop the connection too: the next reply would belong to an earlier
/// command.
pub(super) struct Wire {
    stream: BufReader<Box<dyn Stream>>,
    /// The certificate of the server; `None` without TLS.
    certificate: Option<CertificateDer<'static>>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream: BufReader::new(Box::new(stream)),
            certificate: None,
        }
    }

    pub(super) async fn secure(
        self,
        config: Arc<ClientConfig>,
        host: &str,
        limit: Duration,
    ) -> Result<Self, NotSecured> {
        let Secured { stream, certificate } = secure(self.stream, config, host, limit).await?;
        Ok(Self { stream, certificate })
    }

    pub(super) const fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.certificate.as_ref()
    }

    /// Sends one command, CRLF included, and waits for its reply.
    pub(super) async fn ask(&mut self, command: &str, limit: Duration) -> Result<Reply, Broken> {
        Ok(Self::join(&self.ask_lines(command, limit).await?))
    }

    /// Sends one command, and returns the lines of the reply.
    pub(super) async fn ask_lines(&mut self, command: &str, limit: Duration) -> Result<(u16, Vec<String>), Broken> {
        within(limit, "answer", async {
            self.stream.write_all(command.as_bytes()).await?;
            self.stream.flush().await?;
            self.read_reply().await
        })
        .await
    }

    /// Waits for a reply.
    pub(super) async fn reply(&mut self, limit: Duration) -> Result<Reply, Broken> {
        Ok(Self::join(&within(limit, "answer", self.read_reply()).await?))
    }

    /// Writes a message, and `then` after it in the same packet. Fails only while a part of the message has not left this process,
    /// so that the server cannot have seen its end. A later failure appears when the reply is read, and then the outcome is in
    /// doubt.
    pub(super) async fn write(&mut self, message: &[u8], then: &[u8], limit: Duration) -> Result<(), Broken> {
        let total = message.len() + then.len();
        let mut written = 0;
        while written < total {
            let block = [
                IoSlice::new(
                    message
                        .get(written..(written + BLOCK).min(message.len()))
                        .unwrap_or_default(),
                ),
                IoSlice::new(if written + BLOCK < message.len() {
                    &[]
                } else {
                    &then[written.saturating_sub(message.len())..]
                }),
            ];
            match within(limit, "take the message", self.stream.write_vectored(&block)).await {
                Ok(0) if written < message.len() => return Err(Broken("the server closed the connection".to_owned())),
                Err(broken) if written < message.len() => return Err(broken),
                Ok(0) | Err(_) => return Ok(()),
                Ok(more) => written += more,
            }
        }
        let _ = timeout(limit, self.stream.flush()).await;
        Ok(())
    }

    /// Fails if the server sent a reply without a command, because it would count as the reply to the next command. Most servers send a
    /// reply before they close ([RFC 5321 §3.8](https://www.rfc-editor.org/rfc/rfc5321#section-3.8)).
    pub(super) async fn expect_silence(&mut self) -> Result<(), Broken> {
        if self.stream.buffer().is_empty() {
            match self.stream.fill_buf().now_or_never() {
                None => return Ok(()),
                Some(Ok([])) => return Err(Broken("the server closed the connection".to_owned())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Broken(error.to_string())),
            }
        }
        let said = self.reply(Duration::from_secs(1)).await?;
        Err(Broken(format!("the server sent a reply without a command: {said}")))
    }

    fn join((code, lines): &(u16, Vec<String>)) -> Reply {
        Reply::new(*code, lines)
    }

    async fn read_reply(&mut self) -> io::Result<(u16, Vec<String>)> {
        let mut lines = Vec::new();
        while lines.len() < MAX_LINES {
            let mut line = Vec::new();
            (&mut self.stream).take(MAX_LINE).read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") {
                return Err(if line.len() as u64 == MAX_LINE {
                    io::Error::other("the server's line is too long")
                } else {
                    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
                });
            }
            // Some servers send text that is not ASCII. Only the code matters.
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            let code = line
                .get(..3)
                .and_then(|digits| digits.parse::<u16>().ok())
                .filter(|c| (200..=599).contains(c));
            let (Some(code), Some(rest)) = (code, line.get(3..)) else {
                return Err(io::Error::other("the server's answer is not SMTP"));
            };
            lines.push(rest.strip_prefix(['-', ' ']).unwrap_or(rest).to_owned());
            if !rest.starts_with('-') {
                return Ok((code, lines));
            }
        }
        Err(io::Error::other("the server's answer does not end"))
    }
}
