//! Adds the answers that follow from what an operation takes to the description: without a token it answers 401, with a document that is too
//! large 413, and so on. So handlers describe only the answers of their own.

use serde_json::{Map, Value, json};

/// The methods of operations in a path's description.
pub(super) const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

const PROBLEM: &str = "ProblemAnswer";
const UNAUTHORIZED: &str = "UnauthorizedAnswer";
const INVALID: &str = "InvalidAnswer";

/// Adds the common answers to every operation.
pub(super) fn add(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                add_to(operation, path);
            }
        }
    }
}

fn add_to(operation: &mut Value, path: &str) {
    let takes = |place: &str, name: Option<&str>| {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let mut found = parameters.filter(|parameter| parameter["in"] == place);
        found.any(|parameter| name.is_none_or(|name| parameter["name"] == name))
    };
    // A request can be malformed before it comes to its operation: it may lack the Host field.
    let mut common = vec![("400", PROBLEM)];
    let security = operation["security"].as_array().into_iter().flatten();
    if security
        .filter_map(Value::as_object)
        .any(|scheme| scheme.contains_key("token"))
    {
        common.extend([
            ("401", UNAUTHORIZED),
            ("403", PROBLEM),
            ("429", PROBLEM),
            ("503", PROBLEM),
        ]);
    }
    if path.contains('{') {
        common.push(("404", PROBLEM));
    }
    if operation.get("requestBody").is_some() {
        common.extend([("408", PROBLEM), ("413", PROBLEM), ("415", PROBLEM), ("422", INVALID)]);
    }
    if takes("query", None) {
        common.push(("422", INVALID));
    }
    if takes("header", Some("If-Match")) {
        common.extend([("412", PROBLEM), ("428", PROBLEM)]);
    }
    if takes("header", Some("Idempotency-Key")) {
        common.extend([("408", PROBLEM), ("409", PROBLEM), ("413", PROBLEM), ("422", INVALID)]);
    }
    let gives_tag = takes("header", Some("If-None-Match"));
    let Some(answers) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, answer) in common {
        let reference = json!({ "$ref": format!("#/components/responses/{answer}") });
        answers.entry(status).or_insert(reference);
    }
    if gives_tag {
        let unchanged = json!({ "description": "It still has the tag that `If-None-Match` names" });
        answers.entry("304").or_insert(unchanged);
    }
    if gives_tag && let Some(shown) = answers.get_mut("200").and_then(Value::as_object_mut) {
        let tag = json!({ "description": "The tag of this version", "required": true, "schema": { "type": "string" } });
        let headers = shown.entry("headers").or_insert_with(|| Value::Object(Map::new()));
        headers["ETag"] = tag;
    }
}
