//! The list of readers: by newsletter and state, or by words of addresses and names.

use std::collections::{BTreeMap, HashSet};

use crate::domain::ids::{NewsletterId, SubscriberId};
use crate::domain::states::SubscriptionState;
use crate::store::subscriber_search::{FoundSubscriber, SearchPosition, SubscriberQuery};
use crate::store::{StoreError, Tx};

/// How many matches of a search are compared with the filter at a time.
const CHUNK: i64 = 500;
/// How many matches of a search one page compares with the filter. So a page costs little, even if the filter excludes nearly all of them.
const MAX_COMPARED: i64 = 5_000;

/// Which readers are listed. `None` lists all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReaderFilter {
    pub(crate) newsletter: Option<NewsletterId>,
    /// The state of a subscription; with `newsletter`, of the subscription to it.
    pub(crate) state: Option<SubscriptionState>,
}

/// A reader in the list.
#[derive(Debug)]
pub(crate) struct ListedReader {
    pub(crate) subscriber: FoundSubscriber,
    /// The slugs of the newsletters, and the states of the subscriptions to them.
    pub(crate) subscriptions: Vec<(String, SubscriptionState)>,
    pub(crate) is_suppressed: bool,
}

/// A page of the list.
#[derive(Debug)]
pub(crate) struct ReaderPage {
    pub(crate) readers: Vec<ListedReader>,
    /// Where the next page begins; `None` after the last one.
    pub(crate) next: Option<ReaderPosition>,
}

/// A position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReaderPosition {
    /// In the list without a search, after this reader. The newest readers come first.
    Before(SubscriberId),
    InSearch(SearchPosition),
}

/// A page of at most `limit` readers: those whom a search finds, or all, the newest first.
///
/// # Errors
/// If the database fails.
pub(crate) async fn readers(
    tx: &mut Tx,
    query: Option<&SubscriberQuery>,
    filter: ReaderFilter,
    position: Option<ReaderPosition>,
    limit: i64,
) -> Result<ReaderPage, StoreError> {
    let (found, next) = if let Some(query) = query {
        let position = match position {
            Some(ReaderPosition::InSearch(position)) => Some(position),
            Some(ReaderPosition::Before(_)) | None => None,
        };
        let (found, next) = search(tx, query, filter, position, limit).await?;
        (found, next.map(ReaderPosition::InSearch))
    } else {
        let before = match position {
            Some(ReaderPosition::Before(before)) => Some(before),
            Some(ReaderPosition::InSearch(_)) | None => None,
        };
        newest(tx, filter, before, limit).await?
    };
    Ok(ReaderPage {
        readers: with_subscriptions(tx, found).await?,
        next,
    })
}

async fn newest(
    tx: &mut Tx,
    filter: ReaderFilter,
    before: Option<SubscriberId>,
    limit: i64,
) -> Result<(Vec<FoundSubscriber>, Option<ReaderPosition>), StoreError> {
    // One more row shows whether there is another page.
    let rows = limit + 1;
    let mut found = if filter.newsletter.is_none() && filter.state.is_none() {
        tx.newest_subscribers(before, rows).await?
    } else {
        // The first page of the list consists of rows of the first pages of each newsletter and state. There are few of these.
        let mut all = BTreeMap::new();
        let newsletters = tx.newsletter_slugs().await?.into_iter().map(|(id, _)| id);
        for newsletter in newsletters.filter(|id| filter.newsletter.is_none_or(|wanted| wanted == *id)) {
            let states = SubscriptionState::ALL.iter().copied();
            for state in states.filter(|state| filter.state.is_none_or(|wanted| wanted == *state)) {
                let page = tx.newest_readers(newsletter, state, before, rows).await?;
                all.extend(page.into_iter().map(|found| (found.id, found)));
            }
        }
        all.into_values().rev().collect()
    };
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = found.len() > length;
    found.truncate(length);
    let next = found.last().filter(|_| has_more);
    Ok((found.clone(), next.map(|last| ReaderPosition::Before(last.id))))
}

/// Compares the matches of a search with the filter until a page is full. If [`MAX_COMPARED`] are reached before, the page is shorter.
async fn search(
    tx: &mut Tx,
    query: &SubscriberQuery,
    filter: ReaderFilter,
    mut position: Option<SearchPosition>,
    limit: i64,
) -> Result<(Vec<FoundSubscriber>, Option<SearchPosition>), StoreError> {
    if filter.newsletter.is_none() && filter.state.is_none() {
        let page = tx.find_subscribers(query, position, limit).await?;
        return Ok((page.subscribers, page.next));
    }
    let length = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut matching = Vec::new();
    let mut compared = 0;
    loop {
        let page = tx.find_subscribers(query, position, CHUNK).await?;
        let ids: Vec<_> = page.subscribers.iter().map(|found| found.id).collect();
        let kept: HashSet<SubscriberId> = tx
            .subscriptions_of_all(&ids)
            .await?
            .into_iter()
            .filter(|(_, newsletter, _, state)| {
                filter.newsletter.is_none_or(|wanted| wanted == *newsletter)
                    && filter.state.is_none_or(|wanted| wanted == *state)
            })
            .map(|(subscriber, ..)| subscriber)
            .collect();
        for found in page.subscribers.iter().filter(|found| kept.contains(&found.id)) {
            matching.push(found.clone());
            if matching.len() == length {
                let is_last = page.next.is_none() && page.subscribers.last().is_none_or(|last| last.id == found.id);
                let next = (!is_last).then(|| page.position_after(found.id));
                return Ok((matching, next));
            }
        }
        compared += CHUNK;
        position = page.next;
        if position.is_none() || compared >= MAX_COMPARED {
            return Ok((matching, position));
        }
    }
}

async fn with_subscriptions(tx: &mut Tx, found: Vec<FoundSubscriber>) -> Result<Vec<ListedReader>, StoreError> {
    let ids: Vec<_> = found.iter().map(|found| found.id).collect();
    let suppressed = tx.suppressed_subscribers(&ids).await?;
    let mut subscriptions: BTreeMap<SubscriberId, Vec<(String, SubscriptionState)>> = BTreeMap::new();
    for (subscriber, _, slug, state) in tx.subscriptions_of_all(&ids).await? {
        subscriptions.entry(subscriber).or_default().push((slug, state));
    }
    let readers = found.into_iter().map(|subscriber| {
        let mut subscriptions = subscriptions.remove(&subscriber.id).unwrap_or_default();
        subscriptions.sort_unstable();
        ListedReader {
            is_suppressed: suppressed.contains(&subscriber.id),
            subscriptions,
            subscriber,
        }
    });
    Ok(readers.collect())
}
