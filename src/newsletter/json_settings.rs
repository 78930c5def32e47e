//! The settings of a newsletter as a JSON document with the keys of its file, for the API.

use serde_json::{Map, Value};
use toml::Table;

use super::error::NewsletterError;
use super::fields::{INDEPENDENT, parse_table, without_place};
use super::file::NewsletterFile;
use crate::domain::article_input::FieldError;
use crate::text::plain::without_nul;

/// Changes a document by a merge patch ([RFC 7396](https://www.rfc-editor.org/rfc/rfc7396)): null removes a key, and an object changes only
/// the keys that it names.
pub(crate) fn merge(document: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (key, value) in patch {
        match (document.get_mut(&key), value) {
            (_, Value::Null) => {
                document.remove(&key);
            }
            (Some(Value::Object(section)), Value::Object(patch)) => merge(section, patch),
            (_, Value::Object(patch)) => {
                let mut section = Map::new();
                merge(&mut section, patch);
                document.insert(key, Value::Object(section));
            }
            (_, value) => {
                document.insert(key, value);
            }
        }
    }
}

/// The file that a document describes.
///
/// # Errors
/// Every key that cannot be read by itself, else the first one that does not fit the others.
pub(crate) fn file_from_json(document: Map<String, Value>) -> Result<NewsletterFile, Vec<FieldError>> {
    let mut table = Table::new();
    let missing = ["slug", "name"].into_iter().filter(|key| !document.contains_key(*key));
    let missing = missing.map(|key| FieldError::new(key, format!("`{key}` is missing")));
    let mut errors: Vec<_> = missing.collect();
    for (key, value) in document {
        let key = without_nul(&key);
        match toml_value(&key, value) {
            Ok(value) => {
                table.insert(key, value);
            }
            Err(reason) => errors.push(FieldError::new(&key, reason)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    parse_table(&table).map_err(|error| vec![field_error(&error)])
}

/// The key that an error is about.
pub(crate) fn field_error(error: &NewsletterError) -> FieldError {
    match error {
        NewsletterError::Value { key, reason } => FieldError::new(*key, reason.clone()),
        other => FieldError::new("", other.to_string()),
    }
}

/// The value of a key in TOML. A file with only this key shows whether the key alone is wrong.
fn toml_value(key: &str, value: Value) -> Result<toml::Value, String> {
    let value = toml::Value::try_from(without_nuls(value))
        .map_err(|_| "has null in a list, or a number that is too large".to_owned())?;
    let mut alone = Table::new();
    alone.insert("slug".to_owned(), "a".into());
    alone.insert("name".to_owned(), "A".into());
    alone.insert(key.to_owned(), value.clone());
    match parse_table(&alone) {
        Err(NewsletterError::Syntax(reason)) => Err(without_place(&reason, key)),
        Err(NewsletterError::Value { reason, .. }) if INDEPENDENT.contains(&key) => Err(reason),
        // What does not fit the other keys is found later, with all of them.
        _ => Ok(value),
    }
}

/// PostgreSQL cannot store NUL characters.
fn without_nuls(value: Value) -> Value {
    match value {
        Value::String(text) => without_nul(&text).into(),
        Value::Array(items) => items.into_iter().map(without_nuls).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(key, value)| (without_nul(&key), without_nuls(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other} is not an object"),
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_removes() {
        let mut settings =
            object(json!({ "name": "A", "intro": "Hello.", "caps": { "per_topic": 2, "per_source": 3 } }));
        let patch = json!({ "intro": null, "caps": { "per_topic": null, "topics": { "x": 1 } }, "include": { "words": ["a"] } });
        merge(&mut settings, object(patch));
        let expected =
            json!({ "name": "A", "caps": { "per_source": 3, "topics": { "x": 1 } }, "include": { "words": ["a"] } });
        assert_eq!(Value::Object(settings), expected);
    }

    #[test]
    fn every_wrong_key_is_named() {
        let settings = json!({
            "name": 5, "grace": "soon", "max_stories": "many", "caps": { "topics": 3 }, "colour": "red", "skip": [null],
            "description": "a\u{0}b"
        });
        let errors = file_from_json(object(settings)).expect_err("keys are wrong");
        let mut fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            ["caps", "colour", "grace", "max_stories", "name", "skip", "slug"],
            "{errors:?}"
        );
        assert!(
            errors.iter().all(|error| !error.detail.starts_with("line")),
            "{errors:?}"
        );
        let settings = json!({ "slug": "a", "name": "A", "schedule": "61 * * * *" });
        let errors = file_from_json(object(settings)).expect_err("the schedule is wrong");
        assert_eq!(errors[0].field, "schedule");
    }
}
