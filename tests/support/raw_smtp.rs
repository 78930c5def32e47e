//! An SMTP client that sends exactly the octets of the test.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A server that does not reply within this time fails the test.
const REPLY_TIMEOUT: Duration = Duration::from_secs(40);

/// A connection on which the test speaks command by command.
pub struct RawSmtp(BufReader<TcpStream>);

impl RawSmtp {
    /// Connects, and reads the greeting.
    pub async fn connect(address: SocketAddr) -> Self {
        let mut connection = Self::connect_unread(address).await;
        let greeting = connection.reply().await;
        assert!(greeting.starts_with("220 "), "{greeting}");
        connection
    }

    /// Connects, and reads nothing.
    pub async fn connect_unread(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        Self(BufReader::new(stream))
    }

    /// Connects, and sends the envelope of a message and DATA by SMTP.
    pub async fn begin_message(address: SocketAddr, recipient: &str) -> Self {
        let mut connection = Self::connect(address).await;
        connection.ask("EHLO mx.example\r\n").await;
        connection.ask("MAIL FROM:<>\r\n").await;
        let reply = connection.ask(&format!("RCPT TO:<{recipient}>\r\n")).await;
        assert!(reply.starts_with("250 "), "{reply}");
        let reply = connection.ask("DATA\r\n").await;
        assert!(reply.starts_with("354 "), "{reply}");
        connection
    }

    pub async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.try_send(octets).await.expect("the server reads");
    }

    /// Fails if the server has closed the connection.
    pub async fn try_send(&mut self, octets: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.0.write_all(octets.as_ref()).await
    }

    /// The next reply, with all its lines. Empty if the connection has ended.
    pub async fn reply(&mut self) -> String {
        let mut reply = String::new();
        let read = async {
            loop {
                let start = reply.len();
                // A server that closes with something unread resets the connection.
                let length = self.0.read_line(&mut reply).await.unwrap_or(0);
                if length == 0 || reply.as_bytes().get(start + 3) != Some(&b'-') {
                    return;
                }
            }
        };
        timeout(REPLY_TIMEOUT, read).await.expect("the server replies in time");
        reply
    }

    /// Sends a command, and returns the reply.
    pub async fn ask(&mut self, command: &str) -> String {
        self.send(command).await;
        self.reply().await
    }

    /// Everything that the server sends until the connection ends.
    pub async fn rest(mut self) -> String {
        let mut received = Vec::new();
        let mut piece = [0; 4096];
        let read = async {
            // A server that closes with something unread resets the connection, after everything that it sent.
            while let Ok(length @ 1..) = self.0.read(&mut piece).await {
                received.extend_from_slice(&piece[..length]);
            }
        };
        timeout(REPLY_TIMEOUT, read).await.expect("the connection ends in time");
        String::from_utf8(received).expect("replies are UTF-8")
    }
}

/// Sends everything at once, and returns everything that is received until the connection ends.
pub async fn say(address: SocketAddr, octets: impl AsRef<[u8]>) -> String {
    let mut connection = RawSmtp::connect_unread(address).await;
    connection.send(octets).await;
    connection.0.shutdown().await.expect("the server reads");
    connection.rest().await
}

/// Hands a message over by SMTP, and returns the reply to it.
pub async fn deliver(address: SocketAddr, recipient: &str, message: &str) -> String {
    let mut connection = RawSmtp::begin_message(address, recipient).await;
    connection.ask(&format!("{message}.\r\n")).await
}
