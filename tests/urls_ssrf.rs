//! Addresses that must never be connected to are refused by how they are written or by what they resolve to.

use std::fs;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daywire::feeds::fetch::{FetchError, FetchSettings, Fetched, Fetcher};
use daywire::feeds::guard::{Allowed, Guard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// Where a name leads, each time it is looked up: the first answer first, and the last one for ever.
struct Names {
    answers: Mutex<Vec<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    fn new(answers: &[&[SocketAddr]]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.iter().map(|answer| answer.to_vec()).collect()),
            asked: AtomicUsize::new(0),
        })
    }

    /// A fetcher that believes these names; the addresses in `allow` stand for public ones.
    fn fetcher(self: &Arc<Self>, allow: &[&str]) -> Fetcher {
        let names = Arc::clone(self);
        let resolve = move |_: String, port: u16| -> futures_util::future::BoxFuture<'static, _> {
            names.asked.fetch_add(1, Ordering::SeqCst);
            let mut answers = names.answers.lock().expect("no test panicked while it held the lock");
            let answer = if answers.len() > 1 {
                answers.remove(0)
            } else {
                answers[0].clone()
            };
            let answer = answer.into_iter().map(|at| SocketAddr::new(at.ip(), port)).collect();
            Box::pin(async move { Ok(answer) })
        };
        let allow = allow
            .iter()
            .map(|entry| Allowed::parse(entry).expect("the address is valid"));
        let guard = Guard::resolving_by(allow.collect(), Arc::new(resolve));
        let settings = FetchSettings {
            user_agent: "Daywire-test/1".to_owned(),
            timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(5),
            max_body_bytes: 100_000,
            max_redirects: 5,
            allow: Vec::new(),
            proxy: None,
        };
        Fetcher::with_guard(settings, guard)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Two servers at one port: on 127.0.0.2, which the tests take for public, and on 127.0.0.1, which is private.
struct Pair {
    public: SocketAddr,
    private: SocketAddr,
    reached: Arc<AtomicUsize>,
    tasks: [JoinHandle<()>; 2],
}

impl Pair {
    /// The public server answers with `head`; the private one counts who gets to it.
    async fn start(head: &'static str) -> Self {
        loop {
            let open = TcpListener::bind("127.0.0.2:0").await.expect("a loopback port is free");
            let public = open.local_addr().expect("a bound socket");
            // Another program may have this port on the other address.
            let Ok(secret) = TcpListener::bind(("127.0.0.1", public.port())).await else {
                continue;
            };
            let private = secret.local_addr().expect("a bound socket");
            let reached = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&reached);
            let tasks = [
                tokio::spawn(serve(open, head, Arc::default())),
                tokio::spawn(serve(secret, "200 OK", counter)),
            ];
            return Self {
                public,
                private,
                reached,
                tasks,
            };
        }
    }

    fn url(&self) -> Url {
        Url::parse(&format!("http://rebind.example:{}/", self.public.port())).expect("the address is valid")
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(listener: TcpListener, head: &'static str, reached: Arc<AtomicUsize>) {
    while let Ok((mut socket, _)) = listener.accept().await {
        reached.fetch_add(1, Ordering::SeqCst);
        let mut head_read = Vec::new();
        while !head_read.ends_with(b"\r\n\r\n") {
            match socket.read_u8().await {
                Ok(byte) => head_read.push(byte),
                Err(_) => break,
            }
        }
        let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere");
        let _ = socket.write_all(answer.as_bytes()).await;
    }
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<Fetched, FetchError> {
    fetcher.get(url, None, None).await
}

#[tokio::test]
async fn every_address_of_the_list_is_refused_before_a_connection() {
    let folder = crate::support::corpora("urls-ssrf");
    let list = fs::read_to_string(folder.join("must-refuse-urls.txt")).expect("the list");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let here = listener.local_addr().expect("a bound socket");
    let (mut written, mut looked_up) = (0, 0);
    for line in list.lines().filter(|line| !line.is_empty()) {
        // Names that are public by their looks lead into the private network here, as their owners could have them.
        let names = Names::new(&[&[here]]);
        let fetcher = names.fetcher(&[]);
        let Ok(url) = Url::parse(line) else {
            written += 1;
            continue;
        };
        let refused = get(&fetcher, &url).await.expect_err(line);
        assert!(matches!(refused, FetchError::Refused(_)), "{line}: {refused}");
        match names.asked() {
            0 => written += 1,
            _ => looked_up += 1,
        }
    }
    println!("{written} refused as written, {looked_up} by what they resolve to");
    assert!(written >= 60 && written + looked_up >= 80, "{written} and {looked_up}");
    assert!(
        futures_util::FutureExt::now_or_never(listener.accept()).is_none(),
        "somebody connected"
    );
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_what_was_checked_is_connected_to() {
    let pair = Pair::start("200 OK").await;
    let names = Names::new(&[&[pair.public], &[pair.private]]);
    let fetcher = names.fetcher(&["127.0.0.2"]);
    let document = get(&fetcher, &pair.url()).await.expect("the first address is public");
    assert!(matches!(document, Fetched::Document(download) if download.bytes == b"here"));
    assert_eq!(names.asked(), 1);
    // By the next reading the name has moved into the private network.
    let refused = get(&fetcher, &pair.url()).await.expect_err("the second is private");
    assert!(matches!(refused, FetchError::Refused(_)), "{refused}");
    assert_eq!((names.asked(), pair.reached.load(Ordering::SeqCst)), (2, 0));
}

#[tokio::test]
async fn a_name_with_a_public_and_a_private_address_is_refused() {
    let pair = Pair::start("200 OK").await;
    for addresses in [[pair.public, pair.private], [pair.private, pair.public]] {
        let fetcher = Names::new(&[&addresses]).fetcher(&["127.0.0.2"]);
        let refused = get(&fetcher, &pair.url()).await.expect_err("one of them is private");
        assert!(matches!(refused, FetchError::Refused(_)), "{refused}");
    }
    assert_eq!(pair.reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_to_a_name_that_has_become_private_is_refused() {
    let pair = Pair::start("302 Found\r\nLocation: /again").await;
    let names = Names::new(&[&[pair.public], &[pair.private]]);
    let refused = get(&names.fetcher(&["127.0.0.2"]), &pair.url())
        .await
        .expect_err("it is private now");
    assert!(matches!(refused, FetchError::Refused(_)), "{refused}");
    assert_eq!((names.asked(), pair.reached.load(Ordering::SeqCst)), (2, 0));
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    let pair = Pair::start("302 Found\r\nLocation: http://10.0.0.1/feed").await;
    let names = Names::new(&[&[pair.public]]);
    let refused = get(&names.fetcher(&["127.0.0.2"]), &pair.url())
        .await
        .expect_err("it is private");
    assert!(refused.to_string().contains("10.0.0.1"), "{refused}");
}
