//! A network on which a server may vanish.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// The way to a server, which may vanish: nothing is refused or closed then, and nobody answers any more.
pub struct Network {
    address: String,
    way: Arc<Mutex<Way>>,
    open: Arc<AtomicUsize>,
    gone: CancellationToken,
}

struct Way {
    server: String,
    vanished: Arc<AtomicBool>,
}

impl Network {
    /// The way to an address.
    pub async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let vanished = Arc::new(AtomicBool::new(false));
        let way = Arc::new(Mutex::new(Way { server, vanished }));
        let gone = CancellationToken::new();
        let open = Arc::new(AtomicUsize::new(0));
        let (ways, end, count) = (Arc::clone(&way), gone.clone(), Arc::clone(&open));
        tokio::spawn(async move {
            let mut kept = Vec::new();
            loop {
                let near = tokio::select! {
                    accepted = listener.accept() => accepted.expect("a connection").0,
                    () = end.cancelled() => return,
                };
                let (server, vanished) = {
                    let way = ways.lock().expect("no test panicked here");
                    (way.server.clone(), Arc::clone(&way.vanished))
                };
                if vanished.load(Ordering::SeqCst) {
                    kept.push(near);
                } else if let Ok(far) = TcpStream::connect(&server).await {
                    count.fetch_add(1, Ordering::SeqCst);
                    let (end, count) = (end.clone(), Arc::clone(&count));
                    tokio::spawn(async move {
                        Box::pin(carry(near, far, vanished, end)).await;
                        count.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            }
        });
        Self {
            address,
            way,
            open,
            gone,
        }
    }

    /// Where the server is reached by this way.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How many connections neither side has closed.
    pub fn open_connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// From now on there is silence.
    pub fn vanish(&self) {
        let way = self.way.lock().expect("no test panicked here");
        way.vanished.store(true, Ordering::SeqCst);
    }

    /// From now on the way leads to another server; on what was open there is silence.
    pub fn lead_to(&self, server: String) {
        self.vanish();
        let vanished = Arc::new(AtomicBool::new(false));
        *self.way.lock().expect("no test panicked here") = Way { server, vanished };
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.gone.cancel();
    }
}

/// Carries octets both ways; after the silence began, nothing, but it keeps the connection open.
async fn carry(mut near: TcpStream, mut far: TcpStream, silent: Arc<AtomicBool>, end: CancellationToken) {
    let (mut there, mut back) = ([0; 8192], [0; 8192]);
    loop {
        let carried = tokio::select! {
            read = near.read(&mut there) => (read, true),
            read = far.read(&mut back) => (read, false),
            () = end.cancelled() => return,
        };
        if silent.load(Ordering::SeqCst) {
            return end.cancelled().await;
        }
        let written = match carried {
            (Ok(0) | Err(_), _) => return,
            (Ok(n), true) => far.write_all(&there[..n]).await,
            (Ok(n), false) => near.write_all(&back[..n]).await,
        };
        if written.is_err() {
            return;
        }
    }
}
