//! The kinds of metrics that the parts of [`Metrics`](super::Metrics) are made of.

use std::borrow::Cow;
use std::sync::atomic::AtomicU64;

use chrono::{DateTime, Utc};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// The labels of a sample. Their values come from a short list in the code, or from the settings: never from a request or a mail.
pub(super) type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];
pub(super) type Counters<const N: usize> = Family<Labels<N>, Counter>;
/// Without labels too a gauge can be cleared, so that it shows no old value.
pub(super) type Gauges<const N: usize> = Family<Labels<N>, Gauge>;
pub(super) type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;
/// Points in time and ages, in seconds.
pub(super) type Seconds<const N: usize> = Family<Labels<N>, Gauge<f64, AtomicU64>>;

/// Counts something in use: from the creation of this value until it is dropped.
#[derive(Debug)]
pub(crate) struct InUse(Gauge);

impl InUse {
    pub(crate) fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A point in time as seconds since 1970.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 have fewer than 53 bits until the year 280000"
)]
pub(super) fn timestamp(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}
