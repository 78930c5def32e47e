//! The parameter of a path that names an object.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::failure::Failure;

/// The parameter of a path. What cannot be the name of an object names none, so it answers 404.
#[derive(Clone, Debug)]
pub(super) struct Named<T>(pub(super) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let named = path.ok().and_then(|Path(text)| text.parse().ok());
        named.map(Self).ok_or_else(|| {
            Failure::NotFound("Nothing has this name; the list of the objects shows their names.".to_owned())
        })
    }
}
