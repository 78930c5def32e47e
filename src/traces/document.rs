//! Spans as a document of the OpenTelemetry Protocol in JSON
//! ([OTLP 1, JSON Protobuf Encoding](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding)).

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde_json::{Value as Json, json};

use super::span::{EndedSpan, Value};

/// `SPAN_KIND_INTERNAL`: work inside of the program.
const INTERNAL: u8 = 1;

/// The body of a request with these spans.
pub(super) fn document(spans: &[EndedSpan]) -> Json {
    let resource = [
        attribute("service.name", &json!({ "stringValue": "daywire" })),
        attribute("service.version", &json!({ "stringValue": env!("CARGO_PKG_VERSION") })),
    ];
    json!({
        "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{
                "scope": { "name": "daywire" },
                "spans": spans.iter().map(span).collect::<Vec<_>>(),
            }],
        }],
    })
}

fn span(span: &EndedSpan) -> Json {
    let attributes = span.attributes.iter().map(|(name, of_span)| {
        // A number of 64 bits is a text, as in all JSON of Protobuf.
        let value = match of_span {
            Value::Text(text) => json!({ "stringValue": text }),
            Value::Number(number) => json!({ "intValue": number.to_string() }),
            Value::Truth(truth) => json!({ "boolValue": truth }),
        };
        attribute(name, &value)
    });
    json!({
        "traceId": span.trace.simple().to_string(),
        "spanId": HEXLOWER.encode(&span.id.0),
        "parentSpanId": span.parent.map_or_else(String::new, |parent| HEXLOWER.encode(&parent.0)),
        "name": span.name,
        "kind": INTERNAL,
        "startTimeUnixNano": nanoseconds(span.started_at),
        "endTimeUnixNano": nanoseconds(span.ended_at),
        "attributes": attributes.collect::<Vec<_>>(),
    })
}

fn attribute(name: &str, value: &Json) -> Json {
    json!({ "key": name, "value": value })
}

/// Nanoseconds since 1970 as a text. [`DateTime`] can count them until the year 2262.
fn nanoseconds(at: DateTime<Utc>) -> String {
    at.timestamp_nanos_opt().unwrap_or(i64::MAX).to_string()
}
