//! Old paths of posts from an earlier site, and the articles that they became.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::ids::ArticleId;

row! {
    /// An old path, and the article to which it redirects.
    #[derive(Clone, Debug)]
    pub struct ArticleRedirect {
        /// The path, decoded and without a slash at its end.
        pub path: String,
        /// The id in addresses of the site.
        pub public_id: String,
        /// The headline, which the address contains too.
        pub title: String,
    }
}

impl Tx {
    /// Lets a path redirect to an article. Returns whether that is new; a path that redirects to another article is not changed.
    pub(crate) async fn add_redirect(&mut self, path: &str, article: ArticleId, now: DateTime<Utc>) -> Result<bool> {
        let added = on!(
            self,
            execute,
            "INSERT INTO article_redirects (path, article_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (path) DO NOTHING",
            path,
            article,
            now
        )?;
        Ok(added == 1)
    }

    /// The article to which a path redirects.
    pub(crate) async fn redirect_of_path(&mut self, path: &str) -> Result<Option<ArticleRedirect>> {
        Ok(on!(
            self,
            optional as ArticleRedirect,
            "SELECT r.path, a.public_id, a.title FROM article_redirects r JOIN articles a ON a.id = r.article_id \
             WHERE r.path = $1",
            path
        )?)
    }

    /// The redirects in the order of their paths, after one of them.
    pub async fn redirects_after(&mut self, after: &str, limit: i64) -> Result<Vec<ArticleRedirect>> {
        Ok(on!(
            self,
            all as ArticleRedirect,
            "SELECT r.path, a.public_id, a.title FROM article_redirects r JOIN articles a ON a.id = r.article_id \
             WHERE r.path > $1 ORDER BY r.path LIMIT $2",
            after,
            limit
        )?)
    }

    /// Removes the redirect of a path. Returns whether there was one.
    pub(crate) async fn remove_redirect(&mut self, path: &str) -> Result<bool> {
        let removed = on!(self, execute, "DELETE FROM article_redirects WHERE path = $1", path)?;
        Ok(removed == 1)
    }
}
