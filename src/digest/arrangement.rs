//! The order of the chosen stories in an issue: top stories by score, the others by topic, then the editor's moves.

use super::inputs::Inputs;
use super::story::Story;
use crate::domain::topics::is_same_topic;

/// Arranges stories that are sorted by score, and sets their headings.
pub(super) fn arrange<'a>(inputs: &Inputs, chosen: Vec<Story<'a>>) -> Vec<Story<'a>> {
    let mut arranged = chosen;
    let mut rest = arranged.split_off(inputs.rules.top_stories.min(arranged.len()));
    sort_by_topic(&mut rest);
    arranged.extend(rest);
    apply_moves(inputs, &mut arranged);
    arranged
}

/// Groups stories by topic, topics in the order of their best story, and puts stories without a topic last.
fn sort_by_topic(stories: &mut [Story<'_>]) {
    // The first spelling of each topic: it becomes the heading.
    let mut topics: Vec<String> = Vec::new();
    for story in stories.iter_mut() {
        let Some(topic) = story.topic().map(str::to_owned) else {
            continue;
        };
        let known = topics.iter().find(|known| is_same_topic(known, &topic)).cloned();
        if known.is_none() {
            topics.push(topic.clone());
        }
        story.heading = known.or(Some(topic));
    }
    // The sort is stable: within a topic the score decides. `topics.len()` puts stories without a topic last.
    stories.sort_by_key(|story| {
        let heading = story.heading.as_ref();
        heading
            .and_then(|heading| topics.iter().position(|topic| topic == heading))
            .unwrap_or(topics.len())
    });
}

/// Moves stories to the positions that an editor chose, in the order of the moves.
fn apply_moves(inputs: &Inputs, stories: &mut Vec<Story<'_>>) {
    for (id, position) in &inputs.edits.moved {
        // The story may have been dropped or left out since.
        let Some(from) = stories.iter().position(|story| story.has(id)) else {
            continue;
        };
        let mut story = stories.remove(from);
        let to = position.saturating_sub(1).min(stories.len());
        // It takes the heading of the story that it displaces, or at the end that of the story before it. With its own heading it
        // would split another topic's group in two.
        let neighbour = stories.get(to).or(stories.last());
        story.heading = neighbour.and_then(|neighbour| neighbour.heading.clone());
        story.reason = "moved by an editor".into();
        stories.insert(to, story);
    }
}
