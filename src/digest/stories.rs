//! Stories: the articles that report the same event, shown once with all their sources. For now each article is its own.

use crate::store::articles::Article;

/// One event.
#[derive(Clone, Debug)]
pub struct Story {
    /// The reports of it, the leading one first; never empty.
    pub articles: Vec<Article>,
}

impl Story {
    /// The article that stands for the story.
    #[must_use]
    pub fn lead(&self) -> &Article {
        &self.articles[0]
    }

    /// Who reported it, each once.
    #[must_use]
    pub fn sources(&self) -> Vec<String> {
        let mut sources: Vec<String> = Vec::new();
        for article in &self.articles {
            if !article.source_name.is_empty() && !sources.contains(&article.source_name) {
                sources.push(article.source_name.clone());
            }
        }
        sources
    }
}

/// Groups articles into stories, in the order of their arrival.
#[must_use]
pub fn group(articles: Vec<Article>) -> Vec<Story> {
    articles
        .into_iter()
        .map(|article| Story {
            articles: vec![article],
        })
        .collect()
}
