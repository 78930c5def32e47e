//! TCP and TLS connections to mail servers, with a time limit for each step. SMTP and IMAP share them.

use std::{io, sync::Arc, time::Duration};

use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, ServerName},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, BufReader},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// The stream of a connection: TCP, or TLS over TCP.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// Why a connection is not encrypted.
pub(super) enum NotSecured {
    /// The server did not finish the handshake in time. Another connection may succeed.
    Stalled(Broken),
    /// The handshake failed, which another connection does not change.
    Failed(Broken),
}

/// Why the connection cannot be used any more.
#[derive(Debug)]
pub(super) struct Broken(pub(super) String);

/// A connection after the TLS handshake.
pub(super) struct Secured {
    pub(super) stream: BufReader<Box<dyn Stream>>,
    /// The certificate of the server itself.
    pub(super) certificate: Option<CertificateDer<'static>>,
}

/// Connects to a server.
pub(super) async fn connect(host: &str, port: u16, limit: Duration) -> Result<TcpStream, Broken> {
    within(limit, "accept the connection", async {
        let tcp = TcpStream::connect((host, port)).await?;
        // Without it a small last packet waits about 40 ms for the acknowledgement of the packet before.
        tcp.set_nodelay(true)?;
        Ok(tcp)
    })
    .await
}

/// Starts TLS and checks the certificate. Bytes before the handshake are an attempt to inject plain text, which would count as replies
/// of the server ([RFC 3207 §6](https://www.rfc-editor.org/rfc/rfc3207#section-6)).
pub(super) async fn secure(
    stream: BufReader<Box<dyn Stream>>,
    config: Arc<ClientConfig>,
    host: &str,
    limit: Duration,
) -> Result<Secured, NotSecured> {
    let failed = |reason: String| NotSecured::Failed(Broken(reason));
    if !stream.buffer().is_empty() {
        return Err(failed("the server sent plain text after agreeing to TLS".to_owned()));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| failed(format!("{host} is not a host name")))?;
    let handshake = TlsConnector::from(config).connect(name, stream.into_inner());
    let finished = within(limit, "finish the TLS handshake", async { Ok(handshake.await) });
    let stream = finished
        .await
        .map_err(NotSecured::Stalled)?
        .map_err(|error| failed(error.to_string()))?;
    let certificates = stream.get_ref().1.peer_certificates();
    let certificate = certificates.and_then(|chain| chain.first()).cloned();
    Ok(Secured {
        stream: BufReader::new(Box::new(stream)),
        certificate,
    })
}

/// Runs one step of the exchange under its time limit.
pub(super) async fn within<T>(
    limit: Duration,
    task: &str,
    step: impl Future<Output = io::Result<T>>,
) -> Result<T, Broken> {
    match timeout(limit, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Broken(error.to_string())),
        Err(_) => Err(Broken(format!(
            "the server did not {task} within {}",
            humantime::format_duration(limit)
        ))),
    }
}
