//! An HTTP proxy on loopback. It records what it is asked for, and leads to servers of the test instead of the addresses.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use daywire::feeds::proxy::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the proxy does with a request.
#[derive(Clone)]
pub enum Way {
    /// A tunnel to this server.
    To(SocketAddr),
    /// These bytes, and the end of the connection.
    Answer(&'static str),
    /// It never answers.
    Never,
}

/// Listens on a loopback port until it is dropped.
pub struct FeedProxy {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl FeedProxy {
    /// Does what `way` returns for the address that a request names, such as `203.0.113.7:80`.
    pub async fn start(way: impl Fn(&str) -> Way + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = listener.local_addr().expect("the socket is bound");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, way) = (Arc::clone(&asked), Arc::new(way));
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (log, way) = (Arc::clone(&log), Arc::clone(&way));
                tokio::spawn(async move {
                    // The fetcher may close a connection at any time.
                    let _ = serve(socket, &log, &*way).await;
                });
            }
        });
        Self { address, asked, task }
    }

    /// A proxy that leads to one server.
    pub async fn before(server: SocketAddr) -> Self {
        Self::start(move |_| Way::To(server)).await
    }

    /// It with the login `ada` and `open sesame`.
    pub fn with_login(&self) -> Proxy {
        Proxy::parse(&format!("http://ada:open%20sesame@{}", self.address)).expect("the address is valid")
    }

    /// The heads of all requests so far, in lower case.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panicked with the lock").clone()
    }
}

impl Drop for FeedProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut socket: TcpStream,
    log: &Mutex<Vec<String>>,
    way: &(dyn Fn(&str) -> Way + Send + Sync),
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let address = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().expect("no thread panicked with the lock").push(head);
    match way(&address) {
        Way::To(server) => {
            let mut server = TcpStream::connect(server).await?;
            socket.write_all(b"HTTP/1.0 200 Connection established\r\n\r\n").await?;
            copy_bidirectional(&mut socket, &mut server).await?;
        }
        Way::Answer(bytes) => {
            socket.write_all(bytes.as_bytes()).await?;
            socket.shutdown().await?;
        }
        Way::Never => pending().await,
    }
    Ok(())
}
