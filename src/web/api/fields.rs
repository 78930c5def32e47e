//! Reads what a program sent, field by field, and keeps all that is wrong with it.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::failure::Failure;
use crate::domain::article_input::FieldError;
use crate::domain::json;
use crate::text::plain::{plain_line, without_nul};

/// The most errors that one answer reports. A document may have more wrong fields than anybody wants to read about.
const MOST: usize = 50;

/// The fields of a document, or the parameters of a query.
#[derive(Debug, Default)]
pub struct Fields {
    left: Map<String, Value>,
    wrong: Vec<FieldError>,
}

impl Fields {
    /// Those of a JSON document.
    pub fn of_document(bytes: &[u8]) -> Result<Self, Failure> {
        match json::parse(bytes) {
            Ok(Value::Object(left)) => Ok(Self {
                left,
                ..Self::default()
            }),
            Ok(_) => Err(Failure::Invalid(vec![FieldError::new(
                "",
                "the document must be one JSON object",
            )])),
            Err(error) => Err(Failure::Malformed(format!(
                "The document is not JSON that can be read: {error}."
            ))),
        }
    }

    /// Those behind the question mark of an address.
    pub fn of_query(query: Option<&str>) -> Self {
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let before = fields.left.insert(name.to_string(), Value::String(value.into_owned()));
            if before.is_some() {
                fields.refuse(&name, format!("`{}` stands there twice", plain_line(&name)));
            }
        }
        fields
    }

    /// Notes that a field is wrong, up to [`MOST`]; what is said first of a field counts.
    pub fn refuse(&mut self, field: &str, detail: impl Into<String>) {
        if self.wrong.len() < MOST && self.wrong.iter().all(|wrong| wrong.field != field) {
            self.wrong.push(FieldError::new(field, detail));
        }
    }

    /// The same of several.
    pub fn refuse_all(&mut self, wrong: Vec<FieldError>) {
        for wrong in wrong {
            self.refuse(&wrong.field, wrong.detail);
        }
    }

    /// Takes a field out; null counts as absent.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.left.remove(field).filter(|value| !value.is_null())
    }

    /// Whether a field is there, and null.
    pub fn is_null(&self, field: &str) -> bool {
        self.left.get(field).is_some_and(Value::is_null)
    }

    /// A text.
    pub fn text(&mut self, field: &str) -> Option<String> {
        if let Value::String(text) = self.take(field)? {
            return Some(without_nul(&text));
        }
        self.refuse(field, format!("`{field}` must be text"));
        None
    }

    /// A text or a whole number, such as other programs have for an id.
    pub fn name(&mut self, field: &str) -> Option<String> {
        match self.left.get(field) {
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {
                let name = number.to_string();
                self.left.remove(field);
                Some(name)
            }
            Some(Value::Number(_)) => {
                self.left.remove(field);
                self.refuse(
                    field,
                    format!("`{field}` must be text, or a whole number of at most 64 bits"),
                );
                None
            }
            _ => self.text(field),
        }
    }

    /// Several texts; one may stand alone.
    pub fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        let texts = match self.take(field)? {
            Value::String(text) => Some(vec![without_nul(&text)]),
            Value::Array(values) => values.iter().map(|value| value.as_str().map(without_nul)).collect(),
            _ => None,
        };
        if texts.is_none() {
            self.refuse(field, format!("`{field}` must be a list of texts"));
        }
        texts
    }

    /// A number.
    pub fn number(&mut self, field: &str) -> Option<f64> {
        let number = self.take(field)?.as_f64();
        if number.is_none() {
            self.refuse(field, format!("`{field}` must be a number"));
        }
        number
    }

    /// True or false; in a query, the word.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        let flag = match self.take(field)? {
            Value::Bool(flag) => Some(flag),
            Value::String(word) => word.parse().ok(),
            _ => None,
        };
        if flag.is_none() {
            self.refuse(field, format!("`{field}` must be true or false"));
        }
        flag
    }

    /// Ends the reading: what nobody asked for is wrong too.
    pub fn end(mut self, known: &str) -> Result<(), Failure> {
        let left: Vec<_> = self.left.keys().take(MOST).map(|name| plain_line(name)).collect();
        for name in left {
            self.refuse(&name, format!("there is no `{name}` here; there are {known}"));
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::Invalid(self.wrong))
    }
}
