//! Reads a JSON document or a query into a struct, and collects every error instead of only the first.
//!
//! serde stops at the first error. So a wrong field is recorded and removed, and the rest is read again. The same structs describe
//! the API (`description.rs`), so the description cannot name other fields than those that are read. For this each of their fields
//! must be optional: a required field is checked afterwards.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, NaiveDate, Utc};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use url::form_urlencoded;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};

use super::failure::Failure;
use super::field_errors;
use crate::domain::article_input::FieldError;
use crate::domain::json;
use crate::text::plain::{plain_line, without_nul};

/// The maximum number of errors in one answer.
const MAX_ERRORS: usize = 50;

/// The errors of one request. For each field only the first error is kept.
#[derive(Debug, Default)]
pub(super) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    pub(super) fn add(&mut self, field: &str, detail: impl Into<String>) {
        if !self.is_full() && self.0.iter().all(|error| error.field != field) {
            self.0.push(FieldError::new(field, detail));
        }
    }

    pub(super) fn add_all(&mut self, errors: Vec<FieldError>) {
        for error in errors {
            self.add(&error.field, error.detail);
        }
    }

    /// Fails if there are errors.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Failure::Invalid(self.0))
    }

    /// The value of a field that the document must have. After `None` there is an error, so [`FieldErrors::finish`] fails.
    pub(super) fn require<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(field, format!("`{field}` is missing"));
        }
        value
    }

    /// The failure of a request that has errors.
    pub(super) fn into_failure(self) -> Failure {
        Failure::Invalid(self.0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MAX_ERRORS
    }
}

/// Reads a JSON document. The result has no value for a wrong field.
pub(super) fn document<T: DeserializeOwned>(bytes: &[u8], errors: &mut FieldErrors) -> Result<T, Failure> {
    match json::parse(bytes) {
        Ok(Value::Object(fields)) => read(fields, errors),
        Ok(_) => {
            let error = FieldError::new("", "the document must be one JSON object");
            Err(Failure::Invalid(vec![error]))
        }
        Err(error) => Err(Failure::Malformed(format!(
            "The document is not JSON that can be read: {error}."
        ))),
    }
}

/// The query of an address. It has no value for a wrong parameter.
pub(super) struct Query<T> {
    pub(super) parameters: T,
    /// The handler adds its own errors, and then calls [`FieldErrors::finish`].
    pub(super) errors: FieldErrors,
}

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let mut errors = FieldErrors::default();
        let mut values = Map::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            let before = values.insert(name.to_string(), Value::String(value.into_owned()));
            if before.is_some() {
                let name = plain_line(&name);
                errors.add(&name, format!("`{name}` is given twice"));
            }
        }
        let parameters = read(values, &mut errors)?;
        Ok(Self { parameters, errors })
    }
}

fn read<T: DeserializeOwned>(mut fields: Map<String, Value>, errors: &mut FieldErrors) -> Result<T, Failure> {
    loop {
        let document = Value::Object(fields);
        let error = match serde_path_to_error::deserialize(&document) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        let Value::Object(rest) = document else {
            unreachable!("the document was made as an object")
        };
        fields = rest;
        let message = error.inner().to_string();
        let detail = field_errors::detail(error.path(), &message);
        let wrong = match error.path().iter().next() {
            Some(Segment::Map { key }) => fields.remove_entry(key),
            _ => None,
        };
        let Some((name, _)) = wrong else {
            return Err(Failure::Malformed(format!("The fields cannot be read: {message}.")));
        };
        let shown = plain_line(&name);
        errors.add(&shown, detail);
        if errors.is_full() {
            return Err(Failure::Invalid(std::mem::take(&mut errors.0)));
        }
    }
}

/// Reads text without NUL characters, which PostgreSQL cannot store.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(without_nul(&text))),
        _ => Err(Error::custom("must be text")),
    }
}

/// Reads text, and keeps null apart from an absent field.
#[expect(
    clippy::option_option,
    reason = "null removes the value, an absent field leaves it unchanged"
)]
pub(super) fn nullable_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    text(deserializer).map(Some)
}

/// Reads another program's id: text or a whole number.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Some(number.to_string())),
        Value::Number(_) => Err(Error::custom("must be text, or a whole number of at most 64 bits")),
        other => text(other).map_err(Error::custom),
    }
}

/// The schema of what [`id`] reads.
pub(super) fn id_schema() -> Schema {
    let types = [Type::String, Type::Integer, Type::Null];
    ObjectBuilder::new().schema_type(SchemaType::from_iter(types)).into()
}

/// Reads a list of texts, or a single text as a list of one.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let texts = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::String(text) => Some(vec![without_nul(&text)]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(without_nul)).collect(),
        _ => None,
    };
    texts.map(Some).ok_or_else(|| Error::custom("must be a list of texts"))
}

/// The schema of what [`texts`] reads.
pub(super) fn texts_schema() -> Schema {
    let types = [Type::Array, Type::String, Type::Null];
    let text = ObjectBuilder::new().schema_type(Type::String);
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter(types))
        .items(text)
        .into()
}

pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        other => other
            .as_f64()
            .map(Some)
            .ok_or_else(|| Error::custom("must be a number")),
    }
}

/// Reads a time ([RFC 3339](https://www.rfc-editor.org/rfc/rfc3339)).
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let time = text(deserializer)?.map(|text| text.parse());
    time.transpose()
        .map_err(|_| Error::custom("must be a time such as 2026-11-24T06:00:00Z"))
}

/// Reads a day of the calendar.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let day = text(deserializer)?.map(|text| text.parse());
    day.transpose()
        .map_err(|_| Error::custom("must be a day such as 2026-11-24"))
}

/// Reads true or false of a document.
pub(super) fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(value)),
        _ => Err(Error::custom("must be true or false")),
    }
}

/// Reads true or false of a query, as a word.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let flag = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::Bool(flag) => Some(flag),
        Value::String(word) => word.parse().ok(),
        _ => None,
    };
    flag.map(Some).ok_or_else(|| Error::custom("must be true or false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        title: Option<String>,
        #[serde(deserialize_with = "number")]
        weight: Option<f64>,
        #[serde(deserialize_with = "nullable_text")]
        #[expect(
            clippy::option_option,
            reason = "null removes the value, an absent field leaves it unchanged"
        )]
        category: Option<Option<String>>,
    }

    fn read_sample(text: &str) -> (Sample, Vec<(String, String)>) {
        let mut errors = FieldErrors::default();
        let sample = document(text.as_bytes(), &mut errors).expect("the sample is an object");
        let errors = errors.0.into_iter().map(|error| (error.field, error.detail));
        (sample, errors.collect())
    }

    #[test]
    fn every_wrong_field_is_reported_and_the_others_are_read() {
        let (sample, errors) = read_sample(r#"{"title": 1, "weight": 2.5, "x\u0007": {}, "category": null}"#);
        assert_eq!((sample.title, sample.weight), (None, Some(2.5)));
        assert_eq!(sample.category, Some(None), "null is not the same as an absent field");
        let expected = [
            ("title", "`title` must be text"),
            ("x", "there is no `x` here, only `title`, `weight`, `category`"),
        ];
        assert_eq!(
            errors,
            expected.map(|(field, detail)| (field.to_owned(), detail.to_owned()))
        );
        let (sample, errors) = read_sample(r#"{"title": "a\u0000b"}"#);
        assert_eq!(
            (sample.title.as_deref(), sample.category, errors.len()),
            (Some("ab"), None, 0)
        );
    }
}
