//! What the program counts and measures, for the page `/metrics`. docs/reference/metrics.md lists all metrics.
//!
//! [`Metrics`] belongs to [`App`](crate::app::App), so two programs in one process, as in tests, count apart. Counters and histograms are
//! of one process. The gauges in `stored.rs` describe the whole database.

mod database;
mod http;
mod labels;
mod mail;
mod stored;
mod work;

use std::fmt;

use prometheus_client::encoding::{prometheus_text, text};
pub(crate) use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use database::{Access, DatabaseMetrics, TransactionTimer};
pub use http::ConnectionGauges;
pub(crate) use http::HttpMetrics;
pub(crate) use labels::InUse;
pub(crate) use mail::{ConnectionMetrics, MailMetrics, RelayMetrics};
pub(crate) use stored::{Feeds, Pool, Queue, RecipientsLeft, StoredMetrics, Waiting};
pub(crate) use work::WorkMetrics;

/// All metrics of an open installation.
#[derive(Debug)]
pub struct Metrics {
    pub(crate) http: HttpMetrics,
    pub(crate) mail: MailMetrics,
    pub(crate) stored: StoredMetrics,
    pub(crate) work: WorkMetrics,
    registry: Registry,
}

impl Metrics {
    /// The metrics of a process that uses the database with these metrics.
    pub(crate) fn new(database: &DatabaseMetrics) -> Self {
        let mut registry = Registry::with_prefix("daywire");
        registry.register(
            "build",
            "The version of the program",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        database.register(&mut registry);
        let (http, mail) = (HttpMetrics::default(), MailMetrics::default());
        let (stored, work) = (StoredMetrics::default(), WorkMetrics::default());
        http.register(&mut registry);
        mail.register(&mut registry);
        stored.register(&mut registry);
        work.register(&mut registry);
        Self {
            http,
            mail,
            stored,
            work,
            registry,
        }
    }

    /// All metrics as text, with the media type of the format.
    ///
    /// # Errors
    /// If a metric cannot be written as text. All registered metrics can.
    pub(crate) fn text(&self, format: Format) -> Result<(&'static str, String), fmt::Error> {
        let mut body = String::new();
        match format {
            Format::Prometheus => prometheus_text::encode(&mut body, &self.registry)?,
            Format::OpenMetrics => text::encode(&mut body, &self.registry)?,
        }
        Ok((format.media_type(), body))
    }
}

/// A text format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// [Version 0.0.4](https://prometheus.io/docs/instrumenting/exposition_formats/), which every program reads.
    Prometheus,
    /// [OpenMetrics 1.0](https://prometheus.io/docs/specs/om/open_metrics_spec/), for programs that ask for it.
    OpenMetrics,
}

impl Format {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Prometheus => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}
