//! Operators, and the browsers in which they use the console.

use std::collections::BTreeMap;

use daywire::domain::audit::Actor;
use daywire::domain::role::{Role, Scopes};
use daywire::operators::{self, NewOperator, TokenRequest};
use daywire::store::audit_log::{AuditEntry, AuditFilter};
use daywire::store::operators::Operator;
use reqwest::{Method, StatusCode};

use super::TestApp;
use super::site::{Answer, Site};

/// The password of every operator in the tests.
pub const PASSWORD: &str = "plum-harbour-lantern";

/// Who acts in the tests outside of the console.
pub fn actor() -> Actor {
    Actor::at_command_line("test")
}

impl TestApp {
    /// Adds an operator without a password.
    pub async fn operator(&self, name: &str, role: Role) -> Operator {
        let new = NewOperator { name, role, email: "" };
        let added = operators::add(&self.app, &actor(), &new).await;
        added.expect("the operator is added")
    }

    /// Adds a program that may do everything but manage operators.
    pub async fn publisher(&self, name: &str) -> Operator {
        self.operator(name, Role::Publisher).await
    }

    /// Adds an operator with the [`PASSWORD`].
    pub async fn operator_with_password(&self, name: &str, role: Role) -> Operator {
        self.operator(name, role).await;
        let set = operators::set_password(&self.app, &actor(), name, PASSWORD).await;
        set.expect("the password is set")
    }

    pub async fn operator_names(&self) -> Vec<String> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let operators = tx.operators().await.expect("the operators are listed");
        operators.into_iter().map(|operator| operator.name).collect()
    }

    /// A new token of an operator with all scopes.
    pub async fn token(&self, name: &str) -> String {
        self.token_with(name, Scopes::all()).await
    }

    pub async fn token_with(&self, name: &str, scopes: Scopes) -> String {
        let request = TokenRequest {
            label: "test",
            scopes,
            expires_at: None,
        };
        let token = operators::token(&self.app, &actor(), name, request).await;
        token.expect("the token is made").secret
    }

    /// The audit log, the newest entry first.
    pub async fn audit_log(&self) -> Vec<AuditEntry> {
        let mut tx = self.app.store.read().await.expect("the database answers");
        let entries = tx.audit_log(&AuditFilter::default(), 1000).await;
        entries.expect("the log is read")
    }
}

/// A browser that keeps the cookies of the site.
#[derive(Clone)]
pub struct Browser {
    site: Site,
    cookies: BTreeMap<String, String>,
    /// The client that a trusted proxy names, if the test sets one.
    pub address: Option<String>,
}

impl Browser {
    pub fn of(site: &Site) -> Self {
        Self {
            site: site.clone(),
            cookies: BTreeMap::new(),
            address: None,
        }
    }

    /// A browser in which an operator has signed in.
    pub async fn signed_in(site: &Site, name: &str) -> Self {
        let mut browser = Self::of(site);
        let answer = browser.sign_in(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.post("/admin/login", &[("name", name), ("password", password)])
            .await
    }

    pub async fn get(&mut self, link: &str) -> Answer {
        self.send(Method::GET, link, None, &[]).await
    }

    pub async fn post(&mut self, link: &str, form: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, link, Some(form), &[]).await
    }

    /// Posts a form, and follows the redirect.
    pub async fn post_and_follow(&mut self, link: &str, form: &[(&str, &str)]) -> Answer {
        let answer = self.post(link, form).await;
        match answer.header("location").map(ToOwned::to_owned) {
            Some(location) if answer.status == StatusCode::SEE_OTHER => self.get(&location).await,
            _ => answer,
        }
    }

    pub async fn send(
        &mut self,
        method: Method,
        link: &str,
        form: Option<&[(&str, &str)]>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.site.request(method, link);
        if let Some(form) = form {
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish();
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookies());
        }
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = self.site.send(request).await;
        for field in answer.headers.get_all("set-cookie") {
            let field = field.to_str().expect("a cookie is ASCII");
            let (name, rest) = field.split_once('=').expect("a cookie has a name");
            let value = rest.split(';').next().expect("a cookie has a value");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The value of the header field `Cookie`.
    pub fn cookies(&self) -> String {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        cookies.join("; ")
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }
}
