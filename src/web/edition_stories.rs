//! The stories of editions, in memory.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::error::WebError;
use crate::app::App;
use crate::digest::drafts::{self, EditError};
use crate::domain::ids::IssueId;
use crate::store::issue_stories::IssueStory;

/// The most editions whose stories are kept.
const MAX_KEPT: usize = 64;

/// The stories of the editions that were shown last. Selecting them again takes processor time, and they never change.
#[derive(Debug, Default)]
pub(super) struct EditionStories {
    kept: Mutex<HashMap<IssueId, Arc<Vec<IssueStory>>>>,
}

impl EditionStories {
    /// The stories of an edition. One edition is compiled at a time.
    pub(super) async fn of(&self, app: &App, edition: IssueId) -> Result<Arc<Vec<IssueStory>>, WebError> {
        let mut kept = self.kept.lock().await;
        if let Some(stories) = kept.get(&edition) {
            return Ok(Arc::clone(stories));
        }
        let selected = drafts::decisions_of_edition(app, edition).await;
        let (_, stories) = selected.map_err(|error| match error {
            EditError::Compile(error) => error.into(),
            _ => WebError::NotFound,
        })?;
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        let stories = Arc::new(stories);
        kept.insert(edition, Arc::clone(&stories));
        Ok(stories)
    }
}
