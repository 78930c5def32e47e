//! The Markdown in which an editor wrote the text of an article.

use super::{Result, Tx, on};
use crate::domain::ids::ArticleId;

impl Tx {
    /// Keeps the Markdown of an article's text; `None` if its text was not written in Markdown.
    pub(crate) async fn put_article_markdown(&mut self, article: ArticleId, markdown: Option<&str>) -> Result<()> {
        match markdown {
            Some(markdown) => on!(
                self,
                execute,
                "INSERT INTO article_markdown (article_id, markdown) VALUES ($1, $2) \
                 ON CONFLICT (article_id) DO UPDATE SET markdown = excluded.markdown",
                article,
                markdown
            )?,
            None => on!(
                self,
                execute,
                "DELETE FROM article_markdown WHERE article_id = $1",
                article
            )?,
        };
        Ok(())
    }

    /// The Markdown in which an editor last wrote the text of an article. The text may have changed in another way since.
    pub(crate) async fn article_markdown(&mut self, article: ArticleId) -> Result<Option<String>> {
        let found = on!(
            self,
            optional as (String,),
            "SELECT markdown FROM article_markdown WHERE article_id = $1",
            article
        )?;
        Ok(found.map(|(markdown,)| markdown))
    }
}
