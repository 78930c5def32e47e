//! Who got what, read from the sink's log.

use std::collections::HashMap;

use crate::support::newsroom;

/// How often each recipient of an issue got it.
#[derive(Debug, Default)]
pub struct Account {
    /// Recipients who got nothing.
    pub lost: u32,
    /// Copies beyond the first of each recipient.
    pub doubled: u32,
    /// Recipients whose copies differ in their Message-ID.
    pub changed_ids: u32,
    /// Message-IDs that several recipients got.
    pub shared_ids: u32,
    /// Lines that name nobody who was to get the issue.
    pub strangers: u32,
    /// The first who was lost, to look for in the database.
    pub first_lost: Option<String>,
}

impl Account {
    /// Reads the lines that the sink wrote during the issue: connection, recipient, Message-ID.
    pub fn of(log: &str, recipients: u32) -> Self {
        let mut account = Self::default();
        let mut ids: Vec<Option<&str>> = vec![None; recipients as usize];
        let mut owners: HashMap<&str, u32> = HashMap::with_capacity(ids.len());
        for line in log.lines() {
            let mut fields = line.split(' ');
            let (_, recipient, id) = (fields.next(), fields.next(), fields.next());
            let reader = recipient.and_then(newsroom::number);
            let (Some(reader), Some(id)) = (reader.filter(|reader| *reader < recipients), id) else {
                account.strangers += 1;
                continue;
            };
            match &mut ids[reader as usize] {
                place @ None => *place = Some(id),
                Some(first) => {
                    account.doubled += 1;
                    account.changed_ids += u32::from(*first != id);
                }
            }
            let owner = *owners.entry(id).or_insert(reader);
            account.shared_ids += u32::from(owner != reader);
        }
        for (reader, _) in (0..).zip(&ids).filter(|(_, id)| id.is_none()) {
            account.lost += 1;
            account.first_lost.get_or_insert_with(|| newsroom::address(reader));
        }
        account
    }
}
