//! A span of an issue's life, and its ids.
//!
//! All spans of an issue and its editions are one trace, from whichever process they come, because the trace's id is the issue's id.
//! Each issue or edition has one span for its whole life. Its id is the second half of the issue's id, so a process that knows the issue
//! knows the parent of its spans.

use chrono::{DateTime, Utc};
use tracing::field::{Field, Visit};
use uuid::Uuid;

/// The name of the span of an issue's whole life.
pub(super) const LIFE: &str = "issue";
/// The fields that are exported. Each is an id, a name or a number: no address, no token and no text that somebody wrote.
const EXPORTED: [&str; 7] = [
    "issue.id",
    "issue.name",
    "edition.of",
    "newsletter.id",
    "recipient.count",
    "delivery.count",
    "delivery.resend",
];

/// The id of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpanId(pub(super) [u8; 8]);

impl SpanId {
    /// The id of the span of an issue's or edition's whole life. The second half of a UUID of version 7 is random.
    pub(super) fn of_life(issue: Uuid) -> Self {
        Self(issue.as_u64_pair().1.to_be_bytes())
    }
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Truth(bool),
}

/// The fields of a span that has not ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// The issue or edition; `None` until it is known.
    issue: Option<Uuid>,
    /// The issue of which it is an edition.
    edition_of: Option<Uuid>,
    /// When the issue was compiled. Only the span of its life has this field.
    created_at: Option<DateTime<Utc>>,
    attributes: Vec<(&'static str, Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        if let Value::Text(text) = &value {
            match field.name() {
                "issue.id" => self.issue = text.parse().ok(),
                "edition.of" => self.edition_of = text.parse().ok(),
                "issue.created_at" => self.created_at = text.parse().ok(),
                _ => {}
            }
        }
        if EXPORTED.contains(&field.name()) {
            self.attributes.push((field.name(), value));
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.put(field, Value::Text(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Text(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Truth(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::Number(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Value::Number(i64::try_from(value).unwrap_or(i64::MAX)));
    }
}

/// A span that has not ended.
#[derive(Clone, Debug)]
pub(super) struct OpenSpan {
    pub(super) id: SpanId,
    pub(super) started_at: DateTime<Utc>,
    pub(super) fields: Fields,
}

/// A span that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EndedSpan {
    /// The issue, or the one that the edition belongs to.
    pub(super) trace: Uuid,
    pub(super) id: SpanId,
    pub(super) parent: Option<SpanId>,
    pub(super) name: &'static str,
    pub(super) started_at: DateTime<Utc>,
    pub(super) ended_at: DateTime<Utc>,
    pub(super) attributes: Vec<(&'static str, Value)>,
}

impl OpenSpan {
    pub(super) fn is_about(&self, issue: Uuid) -> bool {
        self.fields.issue == Some(issue)
    }

    pub(super) const fn issue(&self) -> Option<Uuid> {
        self.fields.issue
    }

    /// Ends the span. `around` is the innermost span about the same issue in which it was opened. `None` if the span is about no issue.
    pub(super) fn end(self, name: &'static str, around: Option<&Self>, now: DateTime<Utc>) -> Option<EndedSpan> {
        let issue = self.fields.issue?;
        let edition_of = self
            .fields
            .edition_of
            .or(around.and_then(|around| around.fields.edition_of));
        let (id, parent) = if name == LIFE {
            (SpanId::of_life(issue), edition_of.map(SpanId::of_life))
        } else {
            let parent = around.map_or_else(|| SpanId::of_life(issue), |around| around.id);
            (self.id, Some(parent))
        };
        Some(EndedSpan {
            trace: edition_of.unwrap_or(issue),
            id,
            parent,
            name,
            started_at: self.fields.created_at.unwrap_or(self.started_at),
            ended_at: now,
            attributes: self.fields.attributes,
        })
    }
}
