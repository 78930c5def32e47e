//! Which recipients received an issue, and how often, according to the sink's log.

use std::collections::HashMap;

use crate::support::newsroom;

/// Counts of the copies of one issue.
#[derive(Debug, Default)]
pub struct ReceivedCopies {
    /// Recipients who received nothing.
    pub lost: u32,
    /// Copies beyond the first of each recipient.
    pub doubled: u32,
    /// Recipients whose copies differ in their Message-ID.
    pub changed_ids: u32,
    /// Copies whose Message-ID another recipient received, too.
    pub shared_ids: u32,
    /// Log lines whose recipient is not one of the issue.
    pub unknown_recipients: u32,
    /// The first recipient who received nothing, to look for in the database.
    pub first_lost: Option<String>,
}

impl ReceivedCopies {
    /// Counts the lines that the sink wrote during the issue: connection, recipient, Message-ID, return path.
    pub fn count(log: &str, recipients: u32) -> Self {
        let mut copies = Self::default();
        let mut ids: Vec<Option<&str>> = vec![None; recipients as usize];
        let mut owners: HashMap<&str, u32> = HashMap::with_capacity(ids.len());
        for line in log.lines() {
            let mut fields = line.split(' ');
            let (_, recipient, id) = (fields.next(), fields.next(), fields.next());
            let reader = recipient.and_then(newsroom::number);
            let (Some(reader), Some(id)) = (reader.filter(|reader| *reader < recipients), id) else {
                copies.unknown_recipients += 1;
                continue;
            };
            match &mut ids[reader as usize] {
                unseen @ None => *unseen = Some(id),
                Some(first) => {
                    copies.doubled += 1;
                    copies.changed_ids += u32::from(*first != id);
                }
            }
            let owner = *owners.entry(id).or_insert(reader);
            copies.shared_ids += u32::from(owner != reader);
        }
        for (reader, _) in (0..).zip(&ids).filter(|(_, id)| id.is_none()) {
            copies.lost += 1;
            copies.first_lost.get_or_insert_with(|| newsroom::address(reader));
        }
        copies
    }
}
