//! The stories and corrections of one mail, as a [`LayoutPlan`] lays them out.

use super::entry::{CorrectionEntry, Entry, corrections, put_headings};
use super::layout_plans::{LayoutPlan, Shown};
use super::view::DigestView;

/// The stories and corrections as a plan lays them out.
pub(super) struct Layout {
    /// Stories with their excerpts.
    pub(super) full: Vec<Entry>,
    /// Stories that are listed by headline.
    pub(super) headlines: Vec<Entry>,
    /// How many stories are only counted.
    pub(super) counted: usize,
    pub(super) corrections: Vec<CorrectionEntry>,
    /// How many corrections are only counted.
    pub(super) more_corrections: usize,
    pub(super) shown: Vec<Shown>,
}

impl Layout {
    pub(super) fn new(view: &DigestView, plan: &LayoutPlan) -> Self {
        let (listed, counted) = view.stories.split_at(plan.listed);
        let (mut full, mut shown): (Vec<_>, Vec<_>) = listed
            .iter()
            .map(|story| Entry::new(story, plan, &view.words, &view.language))
            .unzip();
        let headlines = full.split_off(plan.with_excerpt);
        shown[plan.with_excerpt..].fill(Shown::HeadlineOnly);
        shown.resize(view.stories.len(), Shown::Counted);
        if view.by_topic {
            put_headings(&mut full, &view.stories, &view.words);
        }
        let (corrections, more_corrections) = corrections(&view.corrections, &view.words);
        Self {
            full,
            headlines,
            counted: counted.len(),
            corrections,
            more_corrections,
            shown,
        }
    }
}
