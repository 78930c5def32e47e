//! Certificates for servers on loopback, and TLS in front of a server that has none.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, Datelike as _, Utc};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Makes a self-signed certificate for 127.0.0.1. Returns the settings of a server that uses it, and the certificate as PEM for its
/// clients.
pub fn certificate() -> (Arc<ServerConfig>, String) {
    certificate_for("127.0.0.1", None)
}

/// [`certificate`] for another host, until the beginning of a day.
pub fn certificate_for(host: &str, end: Option<DateTime<Utc>>) -> (Arc<ServerConfig>, String) {
    let mut wanted = rcgen::CertificateParams::new([host.to_owned()]).expect("the host is a name or an address");
    if let Some(end) = end {
        let part = |number: u32| u8::try_from(number).expect("months and days are small");
        wanted.not_after = rcgen::date_time_ymd(end.year(), part(end.month()), part(end.day()));
    }
    let key = rcgen::KeyPair::generate().expect("the key is made");
    let made = wanted.self_signed(&key).expect("the certificate is made");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key)
        .expect("the key belongs to the certificate");
    (Arc::new(config), made.pem())
}

/// Decrypts connections and passes them on to `server`, as a proxy does, until `stop`. Returns its address.
pub async fn in_front_of(server: SocketAddr, config: Arc<ServerConfig>, stop: CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("the socket is bound");
    tokio::spawn(async move {
        loop {
            let (client, _) = tokio::select! {
                accepted = listener.accept() => accepted.expect("a connection"),
                () = stop.cancelled() => return,
            };
            let acceptor = TlsAcceptor::from(Arc::clone(&config));
            tokio::spawn(async move {
                let (Ok(mut client), Ok(mut server)) =
                    (acceptor.accept(client).await, TcpStream::connect(server).await)
                else {
                    return;
                };
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address
}
