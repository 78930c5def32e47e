//! All operations of the API's description: each checks token, scope and role, and answers only what is described.

use std::collections::BTreeSet;

use daywire::domain::role::{Role, Scope, Scopes};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::api::document;
use crate::support::site::{Answer, Site};

/// An operation of the description.
struct Operation {
    method: Method,
    path: String,
    description: Value,
}

impl Operation {
    /// The scope that its token needs; `None` if it needs no scope, or no token.
    fn scope(&self) -> Option<Scope> {
        let scope = self
            .token_scopes()?
            .first()?
            .as_str()
            .expect("a scope is text")
            .to_owned();
        Some(scope.parse().expect("a known scope"))
    }

    /// `None` if it needs no token.
    fn token_scopes(&self) -> Option<&Vec<Value>> {
        let security = self.description["security"]
            .as_array()
            .expect("the operation names its security");
        security.iter().find_map(|scheme| scheme["token"].as_array())
    }

    /// A request without a token, with a document if the operation takes one.
    fn request(&self, site: &Site) -> reqwest::RequestBuilder {
        let mut path = self.path.clone();
        for parameter in self.description["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "path" {
                let name = parameter["name"].as_str().expect("a parameter has a name");
                let value = match parameter["schema"]["format"].as_str() {
                    Some("uuid") => "00000000-0000-7000-8000-000000000000",
                    _ => "none",
                };
                path = path.replace(&format!("{{{name}}}"), value);
            }
        }
        assert!(!path.contains('{'), "{path}");
        let request = site.request(self.method.clone(), &path).header("if-match", "*");
        let content = self.description["requestBody"]["content"].as_object();
        match content.and_then(|content| content.keys().next()) {
            Some(kind) => request.header("content-type", kind).body(json!({}).to_string()),
            None => request,
        }
    }

    fn assert_described(&self, answer: &Answer) {
        let status = answer.status.as_u16().to_string();
        let described = self.description["responses"].get(&status);
        assert!(described.is_some(), "{self} answers {status}: {}", answer.body);
        if !answer.status.is_success() {
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json"),
                "{self}"
            );
            assert_eq!(document(answer)["status"], answer.status.as_u16(), "{self}");
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

async fn operations(site: &Site) -> Vec<Operation> {
    let description = document(&site.get("/api/v1/openapi.json").await);
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().expect("the description has paths") {
        for method in [Method::GET, Method::PUT, Method::POST, Method::PATCH, Method::DELETE] {
            if let Some(described) = item.get(method.as_str().to_lowercase()) {
                operations.push(Operation {
                    method,
                    path: path.clone(),
                    description: described.clone(),
                });
            }
        }
    }
    assert!(operations.len() > 15, "{}", operations.len());
    operations
}

async fn token(app: &TestApp, operator: &str, scopes: impl IntoIterator<Item = Scope>) -> String {
    app.token_with(operator, scopes.into_iter().collect::<Scopes>()).await
}

#[apply(on_both_databases)]
async fn every_operation_checks_token_scope_and_role(mut app: TestApp) {
    let site = app.serve_site().await;
    app.operator("cms", Role::Owner).await;
    app.operator("reader", Role::Analyst).await;
    let analyst = app.token("reader").await;
    let before = app.dump().await;
    let mut names = BTreeSet::new();
    for operation in operations(&site).await {
        let name = operation.description["operationId"]
            .as_str()
            .expect("an operation has an id")
            .to_owned();
        assert!(names.insert(name), "{operation} has the id of another operation");
        let Some(scopes) = operation.token_scopes() else {
            continue;
        };
        assert!(scopes.len() <= 1, "{operation}: {scopes:?}");
        let answer = site.send(operation.request(&site)).await;
        assert_eq!(answer.status, 401, "{operation} without a token");
        operation.assert_described(&answer);
        let Some(scope) = operation.scope() else { continue };
        let others = Scope::ALL.iter().copied().filter(|other| *other != scope);
        let lacking = token(&app, "cms", others).await;
        let answer = site.send(operation.request(&site).bearer_auth(&lacking)).await;
        assert_eq!(answer.status, 403, "{operation} without {scope}: {}", answer.body);
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(
            challenge.contains(&format!("scope=\"{scope}\"")),
            "{operation}: {challenge}"
        );
        operation.assert_described(&answer);
        let permitted = token(&app, "cms", [scope]).await;
        let answer = site.send(operation.request(&site).bearer_auth(&permitted)).await;
        assert!(
            !matches!(answer.status.as_u16(), 401 | 403),
            "{operation} with {scope}: {}",
            answer.body
        );
        operation.assert_described(&answer);
        if scope != Scope::Read {
            let answer = site.send(operation.request(&site).bearer_auth(&analyst)).await;
            assert_eq!(answer.status, 403, "{operation} by an analyst: {}", answer.body);
            operation.assert_described(&answer);
        }
    }
    let changed: Vec<_> = app
        .dump()
        .await
        .into_iter()
        .filter(|(table, rows)| before.get(table) != Some(rows))
        .map(|(table, _)| table)
        .collect();
    assert_eq!(
        changed,
        ["audit_log", "operator_tokens"],
        "only the tokens of this test are new"
    );
}

#[apply(on_both_databases)]
async fn every_change_names_the_version_that_it_changes(mut app: TestApp) {
    let site = app.serve_site().await;
    app.operator("cms", Role::Owner).await;
    let all = app.token("cms").await;
    for operation in operations(&site).await {
        let takes_version = operation.description["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|parameter| parameter["name"] == "If-Match");
        if matches!(operation.method, Method::PATCH | Method::PUT | Method::DELETE) {
            assert!(takes_version, "{operation} overwrites what another program changed");
        }
        if !takes_version {
            continue;
        }
        let mut request = operation
            .request(&site)
            .bearer_auth(&all)
            .build()
            .expect("the request is valid");
        request.headers_mut().remove("if-match");
        let request = reqwest::RequestBuilder::from_parts(reqwest::Client::new(), request);
        let answer = site.send(request).await;
        // Nothing has the name, which some operations find out first.
        assert!(
            matches!(answer.status.as_u16(), 404 | 428),
            "{operation}: {}",
            answer.body
        );
        operation.assert_described(&answer);
    }
}

/// The documentation names operations that exist, and documents that they can read.
#[apply(on_both_databases)]
async fn the_examples_of_the_documentation_fit_the_description(mut app: TestApp) {
    let site = app.serve_site().await;
    let operations = operations(&site).await;
    let docs = include_str!("../docs/reference/api.md");
    let blocks = docs
        .split("```sh\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default());
    let commands: String = blocks.collect::<Vec<_>>().concat().replace("\\\n", " ");
    let mut found = 0;
    for command in commands.lines().filter(|line| line.starts_with("curl ")) {
        let address = command.split('"').nth(1).expect("the address is in quotes");
        let path = address.replace("$SITE", "").replace("$DRAFT", "/api/v1/drafts/ID");
        let path = path.split('?').next().unwrap_or_default().to_owned();
        let method = command.split("-X ").nth(1).and_then(|rest| rest.split(' ').next());
        let method = method.unwrap_or(if command.contains(" -d ") || command.contains("--data") {
            "POST"
        } else {
            "GET"
        });
        let fits = |described: &str| {
            let (one, other): (Vec<_>, Vec<_>) = (path.split('/').collect(), described.split('/').collect());
            let mut parts = one.iter().zip(&other);
            one.len() == other.len() && parts.all(|(part, other)| part == other || other.starts_with('{'))
        };
        let operation = operations
            .iter()
            .find(|operation| fits(&operation.path) && operation.method == method);
        let operation = operation.unwrap_or_else(|| panic!("no operation: {command}"));
        let takes_version = operation.description["parameters"].to_string().contains("\"If-Match\"");
        assert_eq!(command.contains("If-Match: "), takes_version, "{command}");
        found += 1;
    }
    assert!(found > 10, "{found} commands");
    for document in commands.split(" -d '").skip(1) {
        let document = document.split('\'').next().unwrap_or_default();
        let parsed: Result<Value, _> = serde_json::from_str(document);
        assert!(parsed.is_ok_and(|parsed| parsed.is_object()), "{document}");
    }
}

#[apply(on_both_databases)]
async fn the_page_about_the_api_shows_every_operation(mut app: TestApp) {
    let site = app.serve_site().await;
    let page = site.get("/api").await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let policy = page.header("content-security-policy").expect("the page has a policy");
    assert!(
        policy.contains("script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    for operation in operations(&site).await {
        let id = operation.description["operationId"]
            .as_str()
            .expect("an operation has an id");
        assert!(page.body.contains(&format!("id=\"{id}\"")), "{id} is missing");
    }
    assert!(page.body.contains("lang=\"en\"") && !page.body.contains("http://") && !page.body.contains("//cdn"));
    for name in ["api.css", "api.js", "admin.css"] {
        assert_eq!(site.get(&format!("/assets/{name}")).await.status, 200, "{name}");
    }
}
