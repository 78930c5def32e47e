//! How far an issue is: the part of its page that is updated while it is being sent.

use askama::Template;

use super::super::console::Console;
use super::super::drafts::count;
use crate::domain::states::DeliveryState;
use crate::text::plain::percent;
use crate::web::live_issues::IssueProgress;

/// The fragment of the page.
#[derive(Debug, Template)]
#[template(path = "admin/progress.html")]
pub(super) struct ProgressView<'a> {
    console: &'a Console,
    progress: &'a IssueProgress,
}

impl<'a> ProgressView<'a> {
    pub(super) fn new(console: &'a Console, progress: &'a IssueProgress) -> Self {
        Self { console, progress }
    }

    /// The states that deliveries are in, each with its number and share.
    fn rows(&self) -> Vec<(DeliveryState, u64, String)> {
        let total = self.progress.total();
        let counts = self.progress.counts.iter().filter(|(_, deliveries)| **deliveries > 0);
        counts
            .map(|(state, deliveries)| (*state, count(*deliveries), percent(*deliveries, total)))
            .collect()
    }

    fn done(&self) -> u64 {
        count(self.progress.done())
    }

    fn total(&self) -> u64 {
        count(self.progress.total())
    }

    /// Whether every frozen recipient is in one of the states.
    fn adds_up(&self) -> bool {
        self.progress.total() == self.progress.frozen
    }
}
