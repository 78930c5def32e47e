//! `/api`: a page to read about the operations and to try them. It is rendered from the description, so it shows what the handlers do.
//! Our own script sends the requests. Without scripts the page shows the same as command lines for curl.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::common_answers::METHODS;
use super::description::document;
use super::schema_text::{Member, example, members, type_text};
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;

/// The page runs our script, which sends requests to this site only.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| groups(document()));

#[derive(Debug, Template)]
#[template(path = "api/operations.html")]
struct ApiPage {
    site_name: String,
    site_url: String,
    groups: &'static [Group],
}

/// The operations about one kind of object.
#[derive(Debug)]
struct Group {
    name: String,
    operations: Vec<Operation>,
}

impl Group {
    /// The id of its heading. Ids of operations have no hyphen, so it is none of them.
    fn anchor(&self) -> String {
        format!("about-{}", self.name.replace(' ', "-"))
    }
}

#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    needs_token: bool,
    scope: Option<String>,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    /// `path`, `query` or `header`.
    place: String,
    is_required: bool,
    kind: String,
    description: String,
}

#[derive(Debug)]
struct Body {
    content_type: String,
    members: Vec<Member>,
    example: String,
}

#[derive(Debug)]
struct Answer {
    status: String,
    description: String,
}

impl Operation {
    /// The command line that sends the request. `$SITE` and `$TOKEN` are variables of the shell, as in docs/reference/api.md.
    fn curl(&self) -> String {
        let mut parts = vec![format!("curl -s \"$SITE{}\"", self.path)];
        if self.method != "GET" {
            parts.push(format!("-X {}", self.method));
        }
        if self.needs_token {
            parts.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
        }
        for parameter in &self.parameters {
            if parameter.place == "header" && parameter.is_required {
                parts.push(format!("-H '{}: *'", parameter.name));
            }
        }
        if let Some(body) = &self.body {
            parts.push(format!("-H 'Content-Type: {}'", body.content_type));
            // A quote in an example would end the argument.
            parts.push(format!("-d '{}'", body.example.replace('\'', "’")));
        }
        parts.join(" \\\n  ")
    }

    fn has_path_parameter(&self) -> bool {
        self.parameters.iter().any(|parameter| parameter.place == "path")
    }
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        // The part after `/api/v1/` is the kind of object.
        let name = path.split('/').nth(3).unwrap_or_default().replace('-', " ");
        for method in METHODS {
            if let Some(described) = item.get(method) {
                let operation = operation(document, path, method, described);
                groups.entry(name.clone()).or_default().push(operation);
            }
        }
    }
    let groups = groups.into_iter();
    groups.map(|(name, operations)| Group { name, operations }).collect()
}

fn operation(document: &Value, path: &str, method: &str, described: &Value) -> Operation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut security = described["security"].as_array().into_iter().flatten();
    let scopes = security.find_map(|scheme| scheme["token"].as_array());
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        is_required: parameter["required"] == true,
        kind: type_text(document, &parameter["schema"]),
        description: text(&parameter["description"]),
    });
    let content = described["requestBody"]["content"].as_object();
    let body = content
        .and_then(|content| content.iter().next())
        .map(|(kind, media)| Body {
            content_type: kind.clone(),
            members: members(document, &media["schema"]),
            example: example(document, &media["schema"]),
        });
    let answers = described["responses"].as_object().into_iter().flatten();
    let answers = answers.map(|(status, answer)| {
        let reference = answer["$ref"]
            .as_str()
            .and_then(|name| document.pointer(name.trim_start_matches('#')));
        Answer {
            status: status.clone(),
            description: text(&reference.unwrap_or(answer)["description"]),
        }
    });
    Operation {
        id: text(&described["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&described["summary"]),
        description: text(&described["description"]),
        needs_token: scopes.is_some(),
        scope: scopes.and_then(|scopes| scopes.first()).map(text),
        parameters: parameters.collect(),
        body,
        answers: answers.collect(),
    }
}

/// GET `/api`.
pub(super) async fn show(State(web): Shared) -> Result<Response, WebError> {
    let site = &web.app.config.site;
    let shown = ApiPage {
        site_name: site.name.clone(),
        site_url: site.url.as_url().as_str().trim_end_matches('/').to_owned(),
        groups: &GROUPS,
    };
    let Html(html) = render(&shown)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response())
}
