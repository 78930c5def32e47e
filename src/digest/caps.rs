//! Which stories an issue contains: at most `max_stories`, and no more of one topic or source than the caps allow.
//!
//! A source without a cap of its own gets a share of the issue, so that one busy feed cannot fill it. The share grows when the other
//! sources do not have enough stories.

use std::collections::HashMap;

use super::inputs::{Candidate, Inputs};
use super::story::Story;
use crate::domain::ids::FeedId;
use crate::domain::topics::{is_same_topic, normal};

/// A source leads at most one of this many stories, rounded up, while other sources fill the issue.
const SHARES: usize = 4;

/// Takes the first stories that the caps allow, in their order, and sets the reason of each. The others go to `left_out`.
pub(super) fn apply_caps<'a>(
    inputs: &Inputs,
    stories: Vec<Story<'a>>,
    left_out: &mut Vec<Story<'a>>,
) -> Vec<Story<'a>> {
    let max = inputs.rules.max_stories;
    let limits: Vec<StoryLimits<'_>> = stories.iter().map(|story| StoryLimits::of(inputs, story)).collect();
    let mut share = max.div_ceil(SHARES);
    // A larger share lets in other stories early in the order, which can use up a cap that a later story used before. So each round decides
    // about all stories again. The loop ends: at the latest with `share` = `max` no story is beyond the share.
    let decisions = loop {
        let decisions = decide(&limits, max, share);
        let is_full = decisions.iter().filter(|decision| decision.is_taken()).count() >= max;
        if is_full || !decisions.contains(&CapDecision::BeyondShare) {
            break decisions;
        }
        share += 1;
    };
    let mut chosen = Vec::new();
    for (mut story, decision) in stories.into_iter().zip(decisions) {
        story.is_beyond_max_stories = decision == CapDecision::BeyondMax;
        story.reason = decision.reason(max, &story, chosen.len() + 1, share);
        if decision.is_taken() {
            chosen.push(story);
        } else {
            left_out.push(story);
        }
    }
    chosen
}

/// The reason that an editor gave for dropping a story; `None` if no editor dropped it.
fn drop_reason<'a>(inputs: &'a Inputs, story: &Story<'_>) -> Option<&'a str> {
    let mut dropped = inputs.edits.dropped.iter();
    dropped.find_map(|(id, reason)| story.has(id).then_some(reason.as_str()))
}

/// Whether a story is in the issue, and by which rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CapDecision<'a> {
    Pinned,
    ByScore,
    /// By an editor, who gave this reason.
    Dropped(&'a str),
    OtherTopic,
    BeyondTopic(usize),
    BeyondSource(usize),
    BeyondMax,
    BeyondShare,
}

impl CapDecision<'_> {
    fn is_taken(self) -> bool {
        matches!(self, Self::Pinned | Self::ByScore)
    }

    /// The decision in words. `number` is the story's 1-based number among the chosen stories in the order of their rank. Pinned
    /// stories have the first numbers.
    fn reason(self, max_stories: usize, story: &Story<'_>, number: usize, share: usize) -> String {
        let source = &story.lead().source_name;
        match self {
            Self::Pinned => "pinned by an editor".to_owned(),
            Self::ByScore => format!("number {number} by score"),
            Self::Dropped(reason) => reason.to_owned(),
            Self::OtherTopic => "not of the topics that these subscribers chose".to_owned(),
            Self::BeyondTopic(max) => {
                let topic = story.topic().unwrap_or_default();
                format!("beyond the {} of topic “{topic}” (caps)", in_words(max))
            }
            Self::BeyondSource(max) => format!("beyond the {} led by “{source}” (caps)", in_words(max)),
            Self::BeyondMax => format!("beyond the {} of an issue (max_stories)", in_words(max_stories)),
            Self::BeyondShare => format!(
                "beyond the {} that “{source}” leads while other sources fill the issue (caps)",
                in_words(share)
            ),
        }
    }
}

/// `3 stories`, or `one story`: "beyond the 1 story" would be hard to read.
fn in_words(stories: usize) -> String {
    match stories {
        1 => "one story".to_owned(),
        many => format!("{many} stories"),
    }
}

/// What stories are counted by.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Topic(String),
    /// The name of a source: one that the caps name, or the source of an article without a feed.
    Name(String),
    /// Stories of feeds are counted by feed and not by name, because a feed chooses its name and could take another feed's.
    Feed(FeedId),
}

/// The limits of a story, as far as they do not depend on the stories before it.
struct StoryLimits<'a> {
    /// Set if the story is left out for a reason that no limit changes.
    decision: Option<CapDecision<'a>>,
    topic: Option<Key>,
    max_of_topic: Option<usize>,
    source: Key,
    max_of_source: Option<usize>,
    /// Whether its source leads at most a share of the issue.
    is_limited_to_share: bool,
    is_pinned: bool,
}

impl<'a> StoryLimits<'a> {
    fn of(inputs: &'a Inputs, story: &Story<'_>) -> Self {
        let caps = &inputs.rules.caps;
        let Candidate {
            source_name,
            feed_id,
            is_editorial,
            ..
        } = story.lead();
        let is_pinned = story.is_pinned(inputs);
        let is_named = !source_name.is_empty();
        let cap_by_name = caps.of_source_by_name(source_name);
        // A pin is the editor's explicit choice, so no cap of its topic or source applies, but `max_stories` does. A pinned story counts
        // towards the caps of the stories after it.
        let max_of_source = cap_by_name.or(caps.per_source).filter(|_| is_named && !is_pinned);
        let topic = story.topic();
        let is_chosen_topic = |topic: &str| inputs.topics.iter().any(|chosen| is_same_topic(chosen, topic));
        let decision = if let Some(reason) = drop_reason(inputs, story) {
            Some(CapDecision::Dropped(reason))
        } else if inputs.topics.is_empty() || topic.is_some_and(is_chosen_topic) {
            None
        } else {
            Some(CapDecision::OtherTopic)
        };
        Self {
            decision,
            topic: topic.map(|topic| Key::Topic(normal(topic))),
            max_of_topic: topic.and_then(|topic| caps.of_topic(topic)).filter(|_| !is_pinned),
            source: match feed_id {
                Some(feed) if cap_by_name.is_none() => Key::Feed(*feed),
                _ => Key::Name(source_name.trim().to_lowercase()),
            },
            max_of_source,
            // The newsroom chooses how many editorial articles it publishes.
            is_limited_to_share: max_of_source.is_none() && is_named && !is_pinned && !is_editorial,
            is_pinned,
        }
    }
}

/// The decision on each story if a source without a cap leads at most `share` stories.
fn decide<'a>(limits: &[StoryLimits<'a>], max: usize, share: usize) -> Vec<CapDecision<'a>> {
    let mut counts: HashMap<&Key, usize> = HashMap::new();
    let mut taken = 0;
    let mut decisions = Vec::with_capacity(limits.len());
    for story in limits {
        let count = |key: &Key| counts.get(key).copied().unwrap_or(0);
        let of_topic = story.topic.as_ref().map_or(0, count);
        let of_source = count(&story.source);
        let decision = match (story.decision, story.max_of_topic, story.max_of_source) {
            (Some(decision), _, _) => decision,
            (_, Some(max), _) if of_topic >= max => CapDecision::BeyondTopic(max),
            (_, _, Some(max)) if of_source >= max => CapDecision::BeyondSource(max),
            _ if taken >= max => CapDecision::BeyondMax,
            _ if story.is_limited_to_share && of_source >= share => CapDecision::BeyondShare,
            _ if story.is_pinned => CapDecision::Pinned,
            _ => CapDecision::ByScore,
        };
        if decision.is_taken() {
            for key in story.topic.iter().chain([&story.source]) {
                *counts.entry(key).or_default() += 1;
            }
            taken += 1;
        }
        decisions.push(decision);
    }
    decisions
}
