//! `[log]`: the level and format of the log, and where traces go.

use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use url::Url;

use super::value::{Setting, optional, required};
use crate::feeds::guard::Allowed;

/// The settings of the section `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The lowest level that is logged.
    #[serde(deserialize_with = "required")]
    pub level: LevelFilter,
    /// Whether a log line is text or JSON.
    pub format: LogFormat,
    /// The collector to which traces are sent; `None` sends none.
    #[serde(deserialize_with = "optional")]
    pub otlp_endpoint: Option<CollectorUrl>,
}

/// The format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line of text with fields.
    Text,
    /// One JSON object a line.
    Json,
}

/// The base address of a collector that accepts OTLP over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorUrl(Url);

impl Setting for CollectorUrl {
    const ALLOWED: &'static str =
        "the http or https address of a collector without a login, such as \"http://127.0.0.1:4318\"";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_base = url.query().is_none() && url.fragment().is_none();
        let has_login = !url.username().is_empty() || url.password().is_some();
        (is_http && is_base && !has_login).then_some(Self(url))
    }
}

impl CollectorUrl {
    /// The address for traces: `/v1/traces` below the base
    /// ([OTLP/HTTP Request](https://opentelemetry.io/docs/specs/otlp/#otlphttp-request)).
    pub(crate) fn traces(&self) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/v1/traces", self.0.path().trim_end_matches('/')));
        url
    }

    /// Lets requests reach the collector although it may be in a private network.
    pub(crate) fn allowed(&self) -> Vec<Allowed> {
        self.0.host_str().and_then(Allowed::parse).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_traces_is_below_that_of_the_collector() {
        for (base, traces) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            (
                "https://otlp.example.org/team/",
                "https://otlp.example.org/team/v1/traces",
            ),
        ] {
            let url = CollectorUrl::read(base).expect("the address is allowed");
            assert_eq!(url.traces().as_str(), traces);
            assert_eq!(url.allowed().len(), 1, "{base}");
        }
        for refused in [
            "127.0.0.1:4318",
            "grpc://127.0.0.1:4317",
            "http://a:b@collector.example/",
            "https://collector.example/?key=1",
        ] {
            assert_eq!(CollectorUrl::read(refused), None, "{refused}");
        }
    }
}
