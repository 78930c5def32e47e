//! The site's search: the words by which a past issue is found, and the articles and past issues that a query finds.

use std::collections::HashMap;

use super::archive::read;
use super::error::CompileError;
use super::front::admitted;
use crate::app::App;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::public_id::PublicId;
use crate::store::Tx;
use crate::store::archive::PastIssue;
use crate::store::articles::ArticleHead;
use crate::store::newsletters::Newsletter;
use crate::store::search_documents::SearchSubject;
use crate::text::search::{SearchQuery, SearchText};

/// At most this many documents are found. More do not help a reader, who then adds a word.
pub(crate) const MAX_FOUND: usize = 200;

/// What a query found.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Article(Box<ArticleHead>),
    Issue(PastIssue),
}

/// The words by which the search finds an issue, without those of stories whose lead was retracted. `None` if the inputs of the issue
/// are not stored.
pub(crate) async fn issue_words(
    tx: &mut Tx,
    app: &App,
    issue: IssueId,
    subject: &str,
) -> Result<Option<SearchText>, CompileError> {
    // The words of the frame are not indexed, so their language does not matter.
    let frame = app.words(app.config.site.language);
    let Some(archived) = read(tx, issue, &frame).await? else {
        return Ok(None);
    };
    let stories = archived.stories.iter().filter(|story| !story.retracted);
    let of_stories = stories.flat_map(|story| [story.title.as_str(), story.excerpt.as_str()]);
    let texts: Vec<&str> = archived.intro.as_deref().into_iter().chain(of_stories).collect();
    Ok(Some(SearchText::new(subject, &texts)))
}

/// Writes the words of the started issues with an article again, because the article was retracted or restored.
pub(crate) async fn index_issues_of(tx: &mut Tx, app: &App, article: ArticleId) -> Result<(), CompileError> {
    for (id, _) in tx.started_issues_containing(article).await? {
        let Some(issue) = tx.issue(id).await? else { continue };
        if let Some(words) = issue_words(tx, app, id, &issue.subject).await? {
            tx.put_search_document(SearchSubject::Issue(id), &words).await?;
        }
    }
    Ok(())
}

/// The articles and past issues with all words of a query that the site shows, the best first and at most [`MAX_FOUND`]. The article
/// whose id was typed comes before all others.
pub(crate) async fn find(
    tx: &mut Tx,
    app: &App,
    newsletters: &[Newsletter],
    query: &SearchQuery,
) -> Result<Vec<Found>, CompileError> {
    let mut subjects = tx.search(query, i64::try_from(MAX_FOUND).unwrap_or(i64::MAX)).await?;
    if let Some(id) = article_id(query)
        && let Some(article) = tx.article_by_public_id(id.as_str()).await?
    {
        let named = SearchSubject::Article(article.id);
        subjects.retain(|subject| *subject != named);
        subjects.insert(0, named);
        subjects.truncate(MAX_FOUND);
    }
    let (mut articles, mut issues) = (Vec::new(), Vec::new());
    for subject in &subjects {
        match subject {
            SearchSubject::Article(id) => articles.push(*id),
            SearchSubject::Issue(id) => issues.push(*id),
        }
    }
    let mut found: HashMap<SearchSubject, Found> = HashMap::new();
    let listed = tx.listed_articles(&articles).await?;
    for article in admitted(tx, app, newsletters, listed).await? {
        found.insert(SearchSubject::Article(article.id), Found::Article(Box::new(article)));
    }
    for issue in tx.past_issues_by_id(&issues).await? {
        found.insert(SearchSubject::Issue(issue.id), Found::Issue(issue));
    }
    Ok(subjects.iter().filter_map(|subject| found.remove(subject)).collect())
}

/// The article whose id was typed, in any case, and with or without `TX_`. The six digits alone can also be a word, such as “decade”.
fn article_id(query: &SearchQuery) -> Option<PublicId> {
    let digits = match query.words() {
        [prefix, digits] if prefix == "tx" => digits,
        [one] => one.strip_prefix("tx").unwrap_or(one),
        _ => return None,
    };
    PublicId::from_digits(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_every_spelling() {
        let id = |text| {
            let query = SearchQuery::parse(text).expect("it has words");
            article_id(&query).map(|id| id.to_string())
        };
        for text in [
            "TX_0DCAB2",
            "tx_0dcab2",
            " 0DcAb2 ",
            "tx0dcab2",
            "TX-0dcab2",
            "“TX_0DCAB2”",
            "ＴＸ＿０ＤＣＡＢ２",
        ] {
            assert_eq!(id(text).as_deref(), Some("TX_0DCAB2"), "{text}");
        }
        // This is a word as well, so the search also looks for it.
        assert_eq!(id("decade").as_deref(), Some("TX_DECADE"));
        for text in [
            "TX_0DCAB",
            "TX_0DCAB22",
            "TX_0DCABG",
            "tx",
            "article TX_0DCAB2",
            "TX_0DCAB2 kernel",
        ] {
            assert_eq!(id(text), None, "{text}");
        }
    }
}
