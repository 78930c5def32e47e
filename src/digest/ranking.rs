//! The order of stories, the most important first. For now: more sources first, then the newest.

use std::cmp::Reverse;

use super::stories::Story;

/// Sorts stories, the most important first. Equal ones are sorted by their id, so that the order is always the same.
#[must_use]
pub fn rank(mut stories: Vec<Story>) -> Vec<Story> {
    stories.sort_by_cached_key(|story| {
        let lead = story.lead();
        // A date in the future says nothing: such an article counts as published when it arrived.
        let published = lead.published_at.map_or(lead.arrived_at, |at| at.min(lead.arrived_at));
        (
            Reverse(story.sources().len()),
            Reverse(published),
            lead.public_id.clone(),
        )
    });
    stories
}
