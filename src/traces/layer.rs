//! The layer of `tracing` that reads the spans of issues.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc::Sender;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::span::{EndedSpan, Fields, OpenSpan, SpanId};
use crate::clock::{Clock, Rng};

/// Puts the spans that end into the queue. It never waits.
#[derive(Debug)]
pub(super) struct SpanLayer {
    queue: Sender<EndedSpan>,
    /// How many spans found the queue full.
    dropped: Arc<AtomicU64>,
    clock: Clock,
    rng: Rng,
}

/// Only spans of this program that have the field `issue.id`. Whether one has it is decided once for each place in the code, so the
/// spans of requests cost nothing.
pub(super) fn spans_of_issues() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    let is_of_issue: fn(&Metadata<'_>) -> bool = |metadata| {
        metadata.is_span() && metadata.target().starts_with("daywire") && metadata.fields().field("issue.id").is_some()
    };
    filter_fn(is_of_issue).with_max_level_hint(LevelFilter::ERROR)
}

impl SpanLayer {
    pub(super) fn new(queue: Sender<EndedSpan>, clock: Clock, rng: Rng) -> Self {
        Self {
            queue,
            dropped: Arc::default(),
            clock,
            rng,
        }
    }

    pub(super) fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for SpanLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(OpenSpan {
            id: SpanId(self.rng.bytes()),
            started_at: self.clock.now(),
            fields,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<OpenSpan>() {
            values.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<OpenSpan>() else {
            return;
        };
        let Some(issue) = open.issue() else { return };
        let around = span.scope().skip(1).find_map(|outer| {
            let extensions = outer.extensions();
            extensions
                .get::<OpenSpan>()
                .filter(|outer| outer.is_about(issue))
                .cloned()
        });
        let ended = open.end(span.name(), around.as_ref(), self.clock.now());
        if ended.is_some_and(|ended| self.queue.try_send(ended).is_err()) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tokio::sync::mpsc;
    use tracing::subscriber::with_default;
    use tracing_subscriber::layer::SubscriberExt as _;
    use uuid::Uuid;

    use super::*;
    use crate::traces::span::Value;

    const ISSUE: Uuid = Uuid::from_u128(0x01a2_06fd_6ae8_792e_830f_db8f_5bf9_5255);
    const EDITION: Uuid = Uuid::from_u128(0x01a2_06fd_6ae8_7161_814d_1de1_1fa2_0a9c);

    /// The spans that end during `work`, and how many found no place.
    fn spans(places: usize, work: impl FnOnce(&Clock)) -> (Vec<EndedSpan>, u64) {
        let (sender, mut queue) = mpsc::channel(places);
        let clock = Clock::fixed(DateTime::UNIX_EPOCH);
        let layer = SpanLayer::new(sender, clock.clone(), Rng::seeded(1));
        let dropped = layer.dropped();
        let subscriber = tracing_subscriber::registry().with(layer.with_filter(spans_of_issues()));
        with_default(subscriber, || work(&clock));
        let ended = std::iter::from_fn(|| queue.try_recv().ok()).collect();
        (ended, dropped.load(Ordering::Relaxed))
    }

    #[test]
    fn a_span_belongs_to_the_one_around_it_or_to_the_life_of_its_issue() {
        let (ended, _) = spans(10, |clock| {
            tracing::error_span!("schedule", newsletter.slug = "daily").in_scope(|| {
                let send = tracing::error_span!("send", issue.id = %ISSUE, delivery.count = 5, error = "private");
                send.in_scope(|| tracing::error_span!("pause", issue.id = %ISSUE).in_scope(|| {}));
            });
            clock.advance(chrono::TimeDelta::seconds(3));
            let created_at = "1969-12-31T23:00:00+00:00";
            drop(tracing::error_span!("issue", issue.id = %ISSUE, issue.created_at = created_at));
        });
        let [pause, send, life] = ended.as_slice() else {
            panic!("three spans are about the issue: {ended:?}");
        };
        let names = [pause.name, send.name, life.name];
        assert_eq!(names, ["pause", "send", "issue"]);
        assert!(ended.iter().all(|span| span.trace == ISSUE));
        assert_eq!(life.id.0, [0x83, 0x0f, 0xdb, 0x8f, 0x5b, 0xf9, 0x52, 0x55]);
        let parents = [pause.parent, send.parent, life.parent];
        assert_eq!(parents, [Some(send.id), Some(life.id), None]);
        let exported: Vec<_> = send.attributes.iter().map(|(name, _)| *name).collect();
        assert_eq!(exported, ["issue.id", "delivery.count"]);
        assert_eq!(send.attributes[1].1, Value::Number(5));
        assert_eq!((life.ended_at - life.started_at).num_seconds(), 3603);
    }

    #[test]
    fn an_edition_belongs_to_the_trace_of_its_issue() {
        let (ended, _) = spans(10, |_| {
            let send = tracing::error_span!("send", issue.id = %EDITION, edition.of = %ISSUE);
            send.in_scope(|| tracing::error_span!("pause", issue.id = %EDITION).in_scope(|| {}));
            drop(send);
            drop(tracing::error_span!("issue", issue.id = %EDITION, edition.of = %ISSUE));
        });
        assert_eq!(ended.len(), 3, "{ended:?}");
        assert!(ended.iter().all(|span| span.trace == ISSUE), "{ended:?}");
        assert_eq!(ended[1].parent, Some(SpanId::of_life(EDITION)));
        assert_eq!(ended[2].parent, Some(SpanId::of_life(ISSUE)));
    }

    #[test]
    fn an_id_may_be_recorded_later_and_without_one_nothing_is_exported() {
        let (ended, _) = spans(10, |_| {
            drop(tracing::error_span!("compile", issue.id = tracing::field::Empty));
            let compile = tracing::error_span!("compile", issue.id = tracing::field::Empty);
            compile.record("issue.id", tracing::field::display(ISSUE));
        });
        assert_eq!(ended.len(), 1, "{ended:?}");
        assert_eq!(ended[0].trace, ISSUE);
    }

    #[test]
    fn a_full_queue_drops_spans() {
        let (ended, dropped) = spans(2, |_| {
            for _ in 0..5 {
                drop(tracing::error_span!("send", issue.id = %ISSUE));
            }
        });
        assert_eq!((ended.len(), dropped), (2, 3));
    }
}
