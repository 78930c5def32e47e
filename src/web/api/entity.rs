//! Single objects with their entity tags, and the conditions of requests ([RFC 9110 §13](https://www.rfc-editor.org/rfc/rfc9110#section-13)).
//!
//! The tag of an object is a hash of its document, so it needs no column. A change names the tag that its sender saw, and fails if the
//! object has another one.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

use super::failure::Failure;
use crate::domain::seen::Seen;

/// The document of an object, and its entity tag.
#[derive(Debug)]
pub(super) struct Entity {
    json: Vec<u8>,
    tag: String,
}

impl Entity {
    pub(super) fn new(object: &impl Serialize) -> Result<Self, Failure> {
        let json = serde_json::to_vec(object).map_err(|error| Failure::Internal(error.to_string()))?;
        let hash = Sha256::digest(&json);
        let tag = format!("\"{}\"", BASE64URL_NOPAD.encode(&hash[..15]));
        Ok(Self { json, tag })
    }

    /// An object whose tag is computed from a part of it. Counts that change by themselves are not in that part, so that they do not cause
    /// a conflict.
    pub(super) fn with_tag_of(object: &impl Serialize, part: &impl Serialize) -> Result<Self, Failure> {
        Ok(Self {
            json: Self::new(object)?.json,
            tag: Self::new(part)?.tag,
        })
    }

    /// The same document with the tag of another object.
    pub(super) fn tagged_as(self, other: &Self) -> Self {
        Self {
            tag: other.tag.clone(),
            ..self
        }
    }

    /// The answer to a change.
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::ETAG, tag_value(&self.tag)),
        ];
        (status, headers, self.json).into_response()
    }

    /// The answer to a GET: 304 if the client has the object.
    pub(super) fn unless(self, known: &IfNoneMatch) -> Response {
        if known.0.name(&self.tag) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag_value(&self.tag))]).into_response();
        }
        self.answer(StatusCode::OK)
    }
}

fn tag_value(tag: &str) -> HeaderValue {
    HeaderValue::try_from(tag).expect("a tag is visible ASCII")
}

/// The tags of a condition; `None` without the field.
#[derive(Clone, Debug)]
struct Tags(Option<String>);

impl Tags {
    fn of(headers: &HeaderMap, name: &HeaderName) -> Self {
        let fields: Vec<_> = headers.get_all(name).iter().collect();
        let texts = fields.iter().map(|field| field.to_str().unwrap_or("unreadable"));
        Self((!fields.is_empty()).then(|| texts.collect::<Vec<_>>().join(",")))
    }

    /// Whether the field names the tag. A proxy that compresses an answer makes its tag weak, and the object is still the same.
    fn name(&self, tag: &str) -> bool {
        let Some(text) = &self.0 else { return false };
        let mut tags = text.split(',').map(str::trim);
        tags.any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
    }
}

/// The condition of a read. Without the field it has no effect.
#[derive(Clone, Debug)]
pub(super) struct IfNoneMatch(Tags);

/// The header field, for the description of the API.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct KnownTag {
    /// The `ETag` of the object that you have. The answer is 304 if it is still the same
    #[param(rename = "If-None-Match")]
    tag: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(Tags::of(&parts.headers, &header::IF_NONE_MATCH)))
    }
}

/// The condition of a change. As a handler's argument it answers 428 without the field
/// ([RFC 6585 §3](https://www.rfc-editor.org/rfc/rfc6585#section-3)).
#[derive(Clone, Debug)]
pub(super) struct IfMatch(Tags);

/// The header field, for the description of the API.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only the description of the API uses the type")]
pub(super) struct SeenTag {
    /// The `ETag` of the object that you saw; `*` changes it in any version
    #[param(rename = "If-Match", required)]
    tag: String,
}

impl IfMatch {
    /// Fails with 412 if the object has another tag.
    pub(super) fn require(&self, object: &Entity) -> Result<(), Failure> {
        if self.0.name(&object.tag) {
            return Ok(());
        }
        Err(Failure::Changed)
    }

    /// The version that the transaction of a change must find. Fails with 412 if the object has another tag.
    pub(super) fn seen<T>(&self, object: &Entity, version: T) -> Result<Seen<T>, Failure> {
        self.require(object)?;
        Ok(if self.is_any() { Seen::Any } else { Seen::This(version) })
    }

    /// Whether the change is for the object in any version.
    pub(super) fn is_any(&self) -> bool {
        self.0.0.as_deref().is_some_and(|text| text.trim() == "*")
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let tags = Tags::of(&parts.headers, &header::IF_MATCH);
        if tags.0.is_none() {
            return Err(Failure::NoCondition);
        }
        Ok(Self(tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_matches_one_of_its_tags() {
        let object = Entity::new(&"object").expect("text can be written");
        let condition = |text: &str| IfMatch(Tags(Some(text.to_owned())));
        let tag = object.tag.clone();
        for text in [tag.clone(), "*".to_owned(), format!("\"x\", {tag}"), format!("W/{tag}")] {
            assert!(condition(&text).require(&object).is_ok(), "{text}");
        }
        for text in ["", "\"\"", "\"x\"", tag.trim_matches('"'), "unreadable"] {
            assert!(condition(text).require(&object).is_err(), "{text}");
        }
        let other = Entity::new(&"another").expect("text can be written");
        assert_ne!(other.tag, tag);
    }
}
