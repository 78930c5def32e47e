//! An HTTP client of the site under test, over a real socket.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};

/// The site under test. Requests to `https://news.example`, which is `site.url` in the settings, go to its socket.
#[derive(Clone)]
pub struct Site {
    client: Client,
    base: String,
}

/// A complete response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Site {
    pub fn at(address: SocketAddr) -> Self {
        daywire::feeds::install_crypto();
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .build()
            .expect("the client can be made");
        Self {
            client,
            base: format!("http://{address}"),
        }
    }

    /// The address on the real socket of a path or a link to `https://news.example`.
    pub fn url(&self, link: &str) -> String {
        format!(
            "{}{}",
            self.base,
            link.strip_prefix("https://news.example").unwrap_or(link)
        )
    }

    /// Sends `text` unchanged, and reads until the site closes the connection.
    pub async fn raw(&self, text: &str) -> String {
        let address = self.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("the site accepts connections");
        stream.write_all(text.as_bytes()).await.expect("the request is written");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the response is read");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn request(&self, method: Method, link: &str) -> RequestBuilder {
        self.client.request(method, self.url(link))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer: Response = request.send().await.expect("the site responds");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer {
            status,
            headers,
            body: answer.text().await.expect("the response is text"),
        }
    }

    /// Posts the sign-up form with an `X-Forwarded-For` field, as a proxy does.
    pub async fn sign_up_for(&self, email: &str, forwarded_for: &str) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", email)
            .append_pair("form", &self.form_token().await)
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

    /// The token of a new sign-up form; empty if the page has no form.
    pub async fn form_token(&self) -> String {
        let page = self.get("/subscribe").await.body;
        let token = page
            .split_once("name=\"form\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        token.map_or(String::new(), |(token, _)| token.to_owned())
    }

    /// Posts a form. A sign-up form gets the token of a new form, unless it has one.
    pub async fn post(&self, link: &str, form: &[(&str, &str)]) -> Answer {
        let mut form = form.to_vec();
        let has_token = form
            .iter()
            .any(|(name, _)| ["form", "altcha", "question"].contains(name));
        let token = if link == "/subscribe" && !has_token {
            self.form_token().await
        } else {
            String::new()
        };
        if !token.is_empty() {
            form.push(("form", &token));
        }
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

    /// Posts a form, and follows the redirect if there is one, as a browser does.
    pub async fn post_and_follow(&self, link: &str, form: &[(&str, &str)]) -> Answer {
        let answer = self.post(link, form).await;
        match answer.header("location").map(ToOwned::to_owned) {
            Some(location) if answer.status == StatusCode::SEE_OTHER => self.get(&location).await,
            _ => answer,
        }
    }

    /// Posts a JSON document.
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
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status, header fields and body, except for `Date` and the id of the request: equal for responses that a client cannot tell apart.
    pub fn comparable(&self) -> String {
        let mut headers = self.headers.clone();
        headers.remove("date");
        headers.remove("x-request-id");
        let body = match self.header("x-request-id") {
            Some(id) => self.body.replace(id, "(request id)"),
            None => self.body.clone(),
        };
        format!("{} {headers:?} {body}", self.status)
    }
}
