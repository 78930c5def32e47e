//! Which stories an issue takes: at most `max_stories`, and no more of one topic or one source than the caps allow.

use std::collections::HashMap;

use super::inputs::{Candidate, Inputs};
use super::rules::is_same;
use super::selection::{Story, beyond_max_stories, most};
use crate::domain::ids::FeedId;

/// Takes the first stories that the caps allow. The others go to `out`.
///
/// A source without a cap leads at most its share of the issue while stories of other sources fill it. If they do not, the
/// share grows until the issue is full.
pub(super) fn cap<'a>(inputs: &Inputs, stories: Vec<Story<'a>>, out: &mut Vec<Story<'a>>) -> Vec<Story<'a>> {
    let max = inputs.rules.max_stories;
    let claims: Vec<Claim> = stories.iter().map(|story| Claim::of(inputs, story)).collect();
    let mut share = max.div_ceil(4);
    let verdicts = loop {
        let verdicts = verdicts(&claims, max, share);
        let is_full = verdicts.iter().filter(|verdict| verdict.is_taken()).count() >= max;
        if is_full || !verdicts.contains(&Verdict::BeyondShare) {
            break verdicts;
        }
        share += 1;
    };
    let mut chosen = Vec::new();
    for (mut story, verdict) in stories.into_iter().zip(verdicts) {
        let source = &story.lead().source_name;
        let reason = match verdict {
            Verdict::Pinned => "pinned by an editor".to_owned(),
            Verdict::ByScore => format!("number {} by score", chosen.len() + 1),
            Verdict::Dropped => dropped(inputs, &story).cloned().unwrap_or_default(),
            Verdict::OtherTopic => "not of the topics that these readers chose".to_owned(),
            Verdict::BeyondTopic(max) => format!("beyond the {} of topic “{}” (caps)", most(max), story.topic()),
            Verdict::BeyondSource(max) => format!("beyond the {} led by “{source}” (caps)", most(max)),
            Verdict::BeyondMax => beyond_max_stories(max),
            Verdict::BeyondShare => {
                format!(
                    "beyond the {} that “{source}” leads while other sources fill the issue (caps)",
                    most(share)
                )
            }
        };
        story.reason = reason;
        if verdict.is_taken() {
            chosen.push(story);
        } else {
            out.push(story);
        }
    }
    chosen
}

/// Why an editor dropped a story, if one did.
fn dropped<'a>(inputs: &'a Inputs, story: &Story<'_>) -> Option<&'a String> {
    let mut dropped = inputs.edits.dropped.iter();
    dropped.find_map(|(id, why)| story.has(id).then_some(why))
}

/// What becomes of a story.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Pinned,
    ByScore,
    Dropped,
    OtherTopic,
    BeyondTopic(usize),
    BeyondSource(usize),
    BeyondMax,
    BeyondShare,
}

impl Verdict {
    fn is_taken(self) -> bool {
        matches!(self, Self::Pinned | Self::ByScore)
    }
}

/// What stories are counted by.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Topic(String),
    /// A source that the caps name.
    Name(String),
    /// A feed writes its own title, and could take another's: its stories are counted by the feed.
    Feed(FeedId),
}

/// What decides whether a story is in, as far as that does not depend on the stories before it.
struct Claim {
    verdict: Option<Verdict>,
    topic: Key,
    max_of_topic: Option<usize>,
    source: Key,
    max_of_source: Option<usize>,
    /// Whether the lead's source gets no more than its share.
    has_share: bool,
    is_pinned: bool,
}

impl Claim {
    fn of(inputs: &Inputs, story: &Story<'_>) -> Self {
        let caps = &inputs.rules.caps;
        let Candidate {
            source_name, feed, own, ..
        } = story.lead();
        let pinned_by_draft = inputs.edits.pinned.iter().any(|id| story.has(id));
        let is_pinned = pinned_by_draft || story.reports.iter().any(|report| report.pinned);
        let is_named = !source_name.is_empty();
        let (named, topic) = (caps.of_source_by_name(source_name), story.topic());
        let max_of_source = named.or(caps.per_source).filter(|_| is_named && !is_pinned);
        let is_of_chosen_topic = inputs.topics.is_empty() || inputs.topics.iter().any(|chosen| is_same(chosen, topic));
        Self {
            verdict: if dropped(inputs, story).is_some() {
                Some(Verdict::Dropped)
            } else if is_of_chosen_topic {
                None
            } else {
                Some(Verdict::OtherTopic)
            },
            topic: Key::Topic(topic.to_lowercase()),
            max_of_topic: caps.of_topic(topic).filter(|_| !topic.is_empty() && !is_pinned),
            source: match feed {
                Some(feed) if named.is_none() => Key::Feed(*feed),
                _ => Key::Name(source_name.trim().to_lowercase()),
            },
            max_of_source,
            has_share: max_of_source.is_none() && is_named && !is_pinned && !own,
            is_pinned,
        }
    }
}

/// What becomes of each story if a source without a cap leads at most `share` of them.
fn verdicts(claims: &[Claim], max: usize, share: usize) -> Vec<Verdict> {
    let mut counts: HashMap<&Key, usize> = HashMap::new();
    let mut taken = 0;
    let mut verdicts = Vec::with_capacity(claims.len());
    for claim in claims {
        let of = |key: &Key| counts.get(key).copied().unwrap_or_default();
        let (of_topic, of_source) = (of(&claim.topic), of(&claim.source));
        let verdict = match (claim.verdict, claim.max_of_topic, claim.max_of_source) {
            (Some(verdict), _, _) => verdict,
            (_, Some(max), _) if of_topic >= max => Verdict::BeyondTopic(max),
            (_, _, Some(max)) if of_source >= max => Verdict::BeyondSource(max),
            _ if taken >= max => Verdict::BeyondMax,
            _ if claim.has_share && of_source >= share => Verdict::BeyondShare,
            _ if claim.is_pinned => Verdict::Pinned,
            _ => Verdict::ByScore,
        };
        if verdict.is_taken() {
            *counts.entry(&claim.topic).or_default() += 1;
            *counts.entry(&claim.source).or_default() += 1;
            taken += 1;
        }
        verdicts.push(verdict);
    }
    verdicts
}
