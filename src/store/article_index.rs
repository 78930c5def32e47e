//! The words of articles in the index of the site's search.

use const_format::concatcp;
use uuid::Uuid;

use super::articles::Article;
use super::search_documents::SearchSubject;
use super::{Columns, Result, Tx, on};
use crate::domain::ids::ArticleId;
use crate::text::html::running_text;
use crate::text::search::SearchText;

impl Tx {
    /// Writes the words of some articles for the site's search, after one in the order of their ids. Returns the last one; `None` if there
    /// are no more.
    pub(crate) async fn index_articles_after(&mut self, after: Option<ArticleId>) -> Result<Option<ArticleId>> {
        let after = after.unwrap_or(ArticleId(Uuid::nil()));
        let articles = on!(
            &mut *self,
            all as Article,
            concatcp!(
                "SELECT ",
                Article::COLUMNS,
                " FROM articles WHERE id > $1 ORDER BY id LIMIT 200"
            ),
            after
        )?;
        for article in &articles {
            self.index_article(article).await?;
        }
        Ok(articles.last().map(|article| article.id))
    }

    /// Writes the words by which the site's search finds an article. It finds no retracted one, and none that no issue may contain.
    pub(super) async fn index_article(&mut self, article: &Article) -> Result<()> {
        if article.retracted_at.is_some() || article.over_limit_reason.is_some() {
            return Ok(());
        }
        let body = running_text(&article.content_html);
        let category = article.category.as_deref().unwrap_or_default();
        let texts = [
            &article.summary,
            &article.source_name,
            &article.authors,
            category,
            &body,
        ];
        let words = SearchText::new(&article.title, &texts);
        self.put_search_document(SearchSubject::Article(article.id), &words)
            .await
    }
}
