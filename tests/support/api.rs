//! A client of the API.

use reqwest::Method;
use serde_json::Value;

use super::TestApp;
use super::site::{Answer, Site};

pub const ARTICLES: &str = "/api/v1/articles";

/// A client of the API with a token.
pub struct Api {
    pub site: Site,
    pub token: String,
}

impl Api {
    pub async fn of(app: &mut TestApp) -> Self {
        let site = app.serve_site().await;
        app.publisher("cms").await;
        let token = app.token("cms").await;
        Self { site, token }
    }

    /// Sends a request, with these header fields and no others besides the token.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = self.site.request(method, path).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.site.send(request.body(body.to_owned())).await
    }

    /// Sends JSON with these header fields, and expects this status.
    pub async fn json(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
        status: u16,
    ) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let answer = self.send(method, path, &headers, &body.to_string()).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        answer
    }

    /// Sends a content of any type. A change is made in any version.
    pub async fn raw(&self, method: Method, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        let mut request = self.site.request(method.clone(), path).bearer_auth(&self.token);
        if matches!(method, Method::PATCH | Method::DELETE) {
            request = request.header("if-match", "*");
        }
        self.site
            .send(request.header("content-type", kind).body(body.into()))
            .await
    }

    /// Sends JSON and expects a JSON response with this status.
    pub async fn ask(&self, method: Method, path: &str, body: &Value, status: u16) -> Value {
        let answer = self.raw(method, path, "application/json", body.to_string()).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        document(&answer)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, &Value::Null, 200).await
    }

    pub async fn add(&self, article: &Value) -> Value {
        self.ask(Method::POST, ARTICLES, article, 201).await
    }

    pub async fn lines(&self, path: &str, lines: &str) -> Value {
        let answer = self
            .raw(Method::POST, path, "application/x-ndjson; charset=utf-8", lines)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        document(&answer)
    }
}

/// The JSON document of an answer.
pub fn document(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

/// The fields that a problem names.
pub fn fields(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().expect("the problem lists errors");
    errors
        .iter()
        .map(|error| error["field"].as_str().expect("the error names a field"))
        .collect()
}
