//! Schemas of the description in words, for the page about the API: the type of a value, the members of an object, and an example.

use serde_json::{Map, Value};

/// How deep an example is. A schema can contain itself.
const MAX_DEPTH: usize = 4;

/// A member of a document.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) is_required: bool,
    pub(super) description: String,
}

/// The schema that a reference leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str();
    let found = reference.and_then(|name| document.pointer(name.trim_start_matches('#')));
    found.unwrap_or(schema)
}

/// The alternatives of a schema that are not null.
fn alternatives<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let of = ["oneOf", "anyOf"].iter().find_map(|name| schema[name].as_array());
    let alternatives = of.into_iter().flatten().map(|schema| resolved(document, schema));
    alternatives.filter(|schema| schema["type"] != "null").collect()
}

/// The type of a value in words, such as `list of text` or `accepted or resend`.
pub(super) fn type_text(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return words.join(" or ");
    }
    let alternatives = alternatives(document, schema);
    if !alternatives.is_empty() {
        let texts: Vec<_> = alternatives.iter().map(|schema| type_text(document, schema)).collect();
        return texts.join(" or ");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object"],
    };
    let kinds = kinds.into_iter().filter(|kind| *kind != "null");
    let words = kinds.map(|kind| match kind {
        "string" => match schema["format"].as_str() {
            Some("date-time") => "time".to_owned(),
            Some(format) => format.to_owned(),
            None => "text".to_owned(),
        },
        "integer" | "number" => "number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => format!("list of {}", type_text(document, &schema["items"])),
        other => other.to_owned(),
    });
    words.collect::<Vec<_>>().join(" or ")
}

/// The members of an object; none for another schema.
pub(super) fn members(document: &Value, schema: &Value) -> Vec<Member> {
    let schema = resolved(document, schema);
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|required| required.iter().any(|other| other == name));
    let properties = schema["properties"].as_object().into_iter().flatten();
    let members = properties.map(|(name, property)| Member {
        name: name.clone(),
        kind: type_text(document, property),
        is_required: is_required(name),
        description: property["description"].as_str().unwrap_or_default().to_owned(),
    });
    members.collect()
}

/// An example with the members that a document must have, or with the first one if it must have none. Empty if it is no JSON.
pub(super) fn example(document: &Value, schema: &Value) -> String {
    example_value(document, schema, MAX_DEPTH).map_or_else(String::new, |value| value.to_string())
}

fn example_value(document: &Value, schema: &Value, depth: usize) -> Option<Value> {
    let schema = resolved(document, schema);
    let depth = depth.checked_sub(1)?;
    if let Some(word) = schema["enum"].as_array().and_then(|words| words.first()) {
        return Some(word.clone());
    }
    if let Some(schema) = alternatives(document, schema).first() {
        return example_value(document, schema, depth);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    };
    match kind? {
        "string" => Some(match schema["format"].as_str() {
            Some("email") => "ada@reader.example".into(),
            Some("uuid") => "01a2077f-8b8a-7e38-8883-88624038db7d".into(),
            _ => "…".into(),
        }),
        "integer" | "number" => Some(schema["minimum"].as_i64().unwrap_or(1).into()),
        "boolean" => Some(true.into()),
        "array" => Some(Value::Array(
            example_value(document, &schema["items"], depth).into_iter().collect(),
        )),
        "object" => {
            let members = members(document, schema);
            let required = members.iter().filter(|member| member.is_required);
            let mut names: Vec<_> = required.map(|member| &member.name).collect();
            if names.is_empty() {
                names.extend(members.first().map(|member| &member.name));
            }
            let fields = names.into_iter().filter_map(|name| {
                let value = example_value(document, &schema["properties"][name], depth)?;
                Some((name.clone(), value))
            });
            Some(Value::Object(fields.collect::<Map<_, _>>()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_shown_in_words_and_by_an_example() {
        let document = json!({ "components": { "schemas": {
            "State": { "type": "string", "enum": ["draft", "sent"] },
            "Move": {
                "type": "object",
                "required": ["story", "place"],
                "properties": {
                    "story": { "type": "string", "description": "Which" },
                    "place": { "type": "integer", "minimum": 2 },
                    "state": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/State" }] },
                    "moves": { "type": ["array", "null"], "items": { "$ref": "#/components/schemas/Move" } },
                },
            },
        } } });
        let schema = json!({ "$ref": "#/components/schemas/Move" });
        let members = members(&document, &schema);
        let shown: Vec<_> = members
            .iter()
            .map(|member| (member.name.as_str(), member.kind.as_str(), member.is_required))
            .collect();
        let expected = [
            ("moves", "list of object", false),
            ("place", "number", true),
            ("state", "draft or sent", false),
            ("story", "text", true),
        ];
        assert_eq!(shown, expected);
        assert_eq!(members[3].description, "Which");
        assert_eq!(
            example(&document, &schema),
            json!({ "place": 2, "story": "…" }).to_string()
        );
        assert_eq!(example(&document, &json!({})), "");
    }
}
