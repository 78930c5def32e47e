//! The feeds that newsletters read, for a list that other programs can import.

use crate::feeds::opml::{Folder, Listed};
use crate::store::feeds::Feed;
use crate::store::{StoreError, Tx};

/// The feeds of one newsletter, or of each newsletter in a folder of its own. A newsletter that reads no feed has no folder.
///
/// # Errors
/// When the database fails.
pub(crate) async fn folders(tx: &mut Tx, slug: Option<&str>) -> Result<Vec<Folder>, StoreError> {
    let feeds = tx.feeds().await?;
    let readers = tx.newsletters_by_feed().await?;
    let listed = |feed: &Feed| Listed {
        title: feed.title.clone(),
        url: feed.url.clone(),
        full_text: feed.full_text,
        text_from: feed.text_from,
    };
    let mut folders = Vec::new();
    for newsletter in tx.newsletters().await? {
        if slug.is_some_and(|slug| slug != newsletter.slug) {
            continue;
        }
        let read: std::collections::BTreeSet<_> = readers
            .iter()
            .filter(|(_, slug)| *slug == newsletter.slug)
            .map(|(feed, _)| *feed)
            .collect();
        let read: Vec<_> = feeds
            .iter()
            .filter(|feed| read.contains(&feed.id))
            .map(listed)
            .collect();
        if !read.is_empty() {
            folders.push(Folder {
                name: newsletter.name,
                feeds: read,
            });
        }
    }
    Ok(folders)
}
