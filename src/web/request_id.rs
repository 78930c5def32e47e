//! The id of a request, by which an operator finds its lines in the log.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The field that carries the id, in requests of trusted proxies and in all answers.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The most characters of an id that a proxy chose.
const MAX_CHARS: usize = 64;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequestId(Arc<str>);

impl RequestId {
    pub(super) fn new(id: Uuid) -> Self {
        Self(id.to_string().into())
    }

    /// The id that a trusted proxy chose; `None` if it has characters that could disturb a log or a page.
    pub(super) fn of_proxy(value: &HeaderValue) -> Option<Self> {
        let text = value.to_str().ok()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_usable = (1..=MAX_CHARS).contains(&text.len()) && text.bytes().all(is_plain);
        is_usable.then(|| Self(text.into()))
    }

    /// The id of the request that this task answers; `None` outside of a request.
    pub(super) fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs `answer`, in which [`Self::current`] is this id.
    pub(super) async fn scope<T>(self, answer: impl Future<Output = T>) -> T {
        CURRENT.scope(self, answer).await
    }

    /// Runs `work`, which may be a task of its own, as a part of the current request.
    pub(super) fn scope_of_current<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
        let current = Self::current();
        async move {
            match current {
                Some(id) => id.scope(work).await,
                None => work.await,
            }
        }
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_proxy_has_plain_characters() {
        let of = |text: &str| RequestId::of_proxy(&HeaderValue::from_str(text).expect("a valid value"));
        assert_eq!(of("a-1_B.c").map(|id| id.to_string()).as_deref(), Some("a-1_B.c"));
        for refused in ["", "a b", "ada@example.org", "<b>", "\"", "é", &"a".repeat(65)] {
            assert_eq!(of(refused), None, "{refused}");
        }
    }
}
