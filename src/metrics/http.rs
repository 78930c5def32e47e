//! Requests by the template of their route, and the connections of the site.

use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::labels::{Counters, Gauges, Histograms};

/// The bounds of the buckets in seconds: from a page in memory to the time limit of a request.
const BUCKETS: [f64; 8] = [0.002, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// The metrics of the listeners of this process.
#[derive(Debug)]
pub(crate) struct HttpMetrics {
    requests: Counters<3>,
    durations: Histograms<2>,
    connections: Gauges<1>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        Self {
            requests: Counters::default(),
            durations: Histograms::new_with_constructor(|| Histogram::new(BUCKETS)),
            connections: Gauges::default(),
        }
    }
}

/// The open connections of a listener: those that get every page, and those of the reserve.
#[derive(Clone, Debug, Default)]
pub struct ConnectionGauges {
    pub(crate) site: Gauge,
    pub(crate) reserve: Gauge,
}

impl HttpMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "http_requests",
            "Requests that this process answered, by route, method and class of status",
            self.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "The time until the head of the answer was ready",
            self.durations.clone(),
        );
        registry.register(
            "http_connections",
            "Open connections of http.listen: of the site, and of the reserve that answers health checks while the site is full",
            self.connections.clone(),
        );
    }

    /// The gauges of the site's connections.
    pub(crate) fn site_connections(&self) -> ConnectionGauges {
        let of = |pool: &'static str| self.connections.get_or_create_owned(&[("pool", pool.into())]);
        ConnectionGauges {
            site: of("site"),
            reserve: of("reserve"),
        }
    }

    /// Counts a request. `route` is the template of the route, such as `/articles/{id}`, so the number of its values is bounded.
    pub(crate) fn answered(&self, route: &str, method: &str, status: u16, duration: Duration) {
        let method = known_method(method);
        let class = match status / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let labels = [("route", route.to_owned().into()), ("method", method.into())];
        let histogram = self.durations.get_or_create(&labels);
        histogram.observe(duration.as_secs_f64());
        let [route, method] = labels;
        let labels = [route, method, ("status", class.into())];
        self.requests.get_or_create(&labels).inc();
    }
}

/// A client may send any word as its method.
fn known_method(method: &str) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_method_makes_no_label() {
        assert_eq!(known_method("GET"), "GET");
        assert_eq!(known_method("X-ADA@EXAMPLE.ORG"), "other");
    }
}
