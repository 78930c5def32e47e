//! The fields of an article that an editor changed after it was added. If the file that the article came from is added again, it does
//! not overwrite them.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::ArticleId;
use crate::domain::states::ArticleField;

row! {
    /// A field of an article that an editor changed.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FieldEdit {
        /// The field that was changed.
        pub field: ArticleField,
        /// When an editor last changed it.
        pub at: DateTime<Utc>,
        /// The editor's note; may be empty.
        pub note: String,
    }
}

impl Tx {
    /// Records that an editor changed a field of an article.
    pub(crate) async fn put_article_edit(&mut self, article: ArticleId, edit: &FieldEdit) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO article_edits (article_id, field, at, note) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (article_id, field) DO UPDATE SET at = excluded.at, note = excluded.note",
            article,
            &edit.field,
            edit.at,
            &edit.note
        )?;
        Ok(())
    }

    /// The fields of an article that an editor changed, and that no file has replaced since.
    pub(crate) async fn article_edits(&mut self, article: ArticleId) -> Result<Vec<FieldEdit>> {
        Ok(on!(
            self,
            all as FieldEdit,
            "SELECT field, at, note FROM article_edits WHERE article_id = $1 ORDER BY field",
            article
        )?)
    }

    /// Removes the record that an editor changed a field.
    pub(crate) async fn remove_article_edit(&mut self, article: ArticleId, field: ArticleField) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM article_edits WHERE article_id = $1 AND field = $2",
            article,
            field
        )?;
        Ok(())
    }
}
