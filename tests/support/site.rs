//! A reader's browser and a program's HTTP client: asks the site over a real socket.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};

/// The site under test. Links to `https://news.example`, the site's name in settings, are taken to its socket.
#[derive(Clone)]
pub struct Site {
    client: Client,
    base: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Site {
    /// The site at an address.
    pub fn at(address: SocketAddr) -> Self {
        daywire::feeds::install_crypto();
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            client,
            base: format!("http://{address}"),
        }
    }

    /// The address of a path or a mailed link on the real socket.
    pub fn url(&self, link: &str) -> String {
        format!(
            "{}{}",
            self.base,
            link.strip_prefix("https://news.example").unwrap_or(link)
        )
    }

    /// Sends these bytes as they are, and reads until the connection is closed.
    pub async fn raw(&self, text: &str) -> String {
        let address = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(text.as_bytes()).await.expect("it is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it is answered");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A request to be completed.
    pub fn request(&self, method: Method, link: &str) -> RequestBuilder {
        self.client.request(method, self.url(link))
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer: Response = request.send().await.expect("the site answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer {
            status,
            headers,
            body: answer.text().await.expect("the answer is text"),
        }
    }

    /// What the sign-up form sends, as if a proxy had passed it on for somebody.
    pub async fn sign_up_for(&self, email: &str, forwarded_for: &str) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", email)
            .finish();
        let request = self
            .request(Method::POST, "/subscribe")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-forwarded-for", forwarded_for);
        self.send(request.body(form)).await
    }

    pub async fn get(&self, link: &str) -> Answer {
        self.send(self.request(Method::GET, link)).await
    }

    /// POST of a form.
    pub async fn post(&self, link: &str, form: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self.request(Method::POST, link);
        self.send(
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
        )
        .await
    }

    /// POST of a JSON document.
    pub async fn post_json(&self, link: &str, json: &serde_json::Value) -> Answer {
        let request = self.request(Method::POST, link);
        self.send(
            request
                .header("content-type", "application/json")
                .body(json.to_string()),
        )
        .await
    }
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All that a client can tell two answers apart by, but the time.
    pub fn seen(&self) -> String {
        let mut headers = self.headers.clone();
        headers.remove("date");
        format!("{} {headers:?} {}", self.status, self.body)
    }
}
