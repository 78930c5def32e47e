//! Requests whose body arrives after their operator has lost the right to make them.

use daywire::domain::role::Role;
use daywire::domain::seen::Seen;
use daywire::operators::{OperatorEdit, edit, remove};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::TestApp;
use crate::support::operators::{Browser, actor};
use crate::support::site::Site;

const FORM: &str = "name=accomplice&role=owner";
const DOCUMENT: &str = r#"{"name": "accomplice", "role": "owner"}"#;

/// A request of which the server has read the header, and for whose body it waits.
struct HalfSent {
    stream: TcpStream,
    body: &'static str,
}

impl HalfSent {
    async fn post(site: &Site, path: &str, fields: &str, body: &'static str) -> Self {
        let address = site.url("/");
        let address = address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address)
            .await
            .expect("the server accepts connections");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\n{fields}\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream
            .write_all(head.as_bytes())
            .await
            .expect("the server reads the header");
        // The server asks for the body only after it has let the header through (RFC 9110 section 10.1.1).
        let mut answer = vec![0; 1024];
        let length = stream.read(&mut answer).await.expect("the server answers");
        let answer = String::from_utf8_lossy(&answer[..length]);
        assert!(answer.starts_with("HTTP/1.1 100 "), "{path}: {answer}");
        Self { stream, body }
    }

    /// Sends the body, and returns the status of the answer.
    async fn finish(mut self) -> u16 {
        self.stream
            .write_all(self.body.as_bytes())
            .await
            .expect("the server reads the body");
        let mut answer = Vec::new();
        self.stream.read_to_end(&mut answer).await.expect("the server answers");
        let answer = String::from_utf8_lossy(&answer);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("the answer has a status: {answer}"))
    }
}

/// What an owner sends to the console and to the API to add an operator.
async fn half_sent(app: &TestApp, site: &Site, owner: &str) -> (HalfSent, HalfSent) {
    let cookies = Browser::signed_in(site, owner).await.cookies();
    let form = format!("Cookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded");
    let token = app.token(owner).await;
    let document = format!("Authorization: Bearer {token}\r\nContent-Type: application/json");
    (
        HalfSent::post(site, "/admin/operators", &form, FORM).await,
        HalfSent::post(site, "/api/v1/operators", &document, DOCUMENT).await,
    )
}

#[apply(on_both_databases)]
async fn a_request_of_an_operator_who_is_removed_before_its_body_arrives_changes_nothing(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.operator_with_password("rex", Role::Owner).await;
    let site = app.serve_site().await;
    let (form, document) = half_sent(&app, &site, "rex").await;
    let removed = remove(&app.app, &actor(), "rex", &Seen::Any).await;
    removed.expect("the operator is removed");
    assert_eq!((form.finish().await, document.finish().await), (401, 401));
    assert_eq!(app.operator_names().await, ["ada"]);
}

#[apply(on_both_databases)]
async fn a_request_of_an_operator_who_gets_another_role_before_its_body_arrives_changes_nothing(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.operator_with_password("rex", Role::Owner).await;
    let site = app.serve_site().await;
    let (form, document) = half_sent(&app, &site, "rex").await;
    let changed = edit(&app.app, &actor(), "rex", OperatorEdit::role(Role::Analyst), &Seen::Any).await;
    changed.expect("the role is changed");
    assert_eq!((form.finish().await, document.finish().await), (403, 403));
    assert_eq!(app.operator_names().await, ["ada", "rex"]);
}

#[apply(on_both_databases)]
async fn a_request_whose_body_arrives_late_is_carried_out_for_an_operator_who_kept_the_role(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let (form, document) = half_sent(&app, &site, "ada").await;
    assert_eq!(form.finish().await, 303);
    assert_eq!(document.finish().await, 409, "the name is taken");
    assert_eq!(app.operator_names().await, ["accomplice", "ada"]);
}
