//! Parses JSON of API requests strictly: an object that contains a field twice is refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// Parses one document. Of two fields with one name `serde_json` keeps the last, and other programs keep the first: a proxy that
/// checks a document could read another value than this program
/// ([RFC 8259 §4](https://www.rfc-editor.org/rfc/rfc8259#section-4)).
pub(crate) fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Unique(value)| value)
}

/// What is wrong with one line of JSON lines. The text of `serde_json` would name line 1 for every line, and, for text that is not
/// JSON, a token of its own grammar.
pub(crate) fn line_error(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Eof => "the line ends before its JSON object does".to_owned(),
        Category::Data => {
            let text = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            text.strip_suffix(&place).unwrap_or(&text).to_owned()
        }
        Category::Syntax | Category::Io => format!(
            "it is not JSON, as column {} shows; write an object such as {{\"title\": \"…\"}} on each line",
            error.column()
        ),
    }
}

/// A value in which no object has two fields with the same name.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unique(value))) = fields.next_entry::<String, Unique>()? {
            if object.contains_key(&name) {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                return Err(A::Error::custom(format_args!("duplicate field `{shown}`")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_json_is_parsed_like_serde_json_does() {
        for text in [
            r#"{"a": [1, -2, 0.5, 1e3, "x\n", true, null, {}], "b": {"c": {"a": ""}}}"#,
            "[]",
            "\"text\"",
            "18446744073709551615",
        ] {
            let expected: Value = serde_json::from_str(text).expect("it is JSON");
            assert_eq!(parse(text.as_bytes()).expect("it is JSON"), expected);
        }
    }

    #[test]
    fn a_field_named_twice_is_refused_at_any_depth() {
        for text in [
            r#"{"a": 1, "a": 1}"#,
            r#"{"b": [{"c": {"a": 1, "x": 2, "a": 3}}]}"#,
            r#"{"a": 1, "\u0061": 2}"#,
        ] {
            let error = parse(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains("duplicate field `a`"), "{error}");
        }
    }

    #[test]
    fn invalid_json_is_an_error() {
        for text in ["", "{", "{} {}", "1e999", "\u{feff}{}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text:?}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).is_err(), "nesting has a limit");
    }
}
