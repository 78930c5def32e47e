//! The stories of the site's front page: the newest articles that a public newsletter admits, grouped by event.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::clustering::{Report, group_reports};
use super::error::CompileError;
use super::exclusion::exclusion;
use super::gather::candidate;
use super::rules::{Rules, rules_of};
use crate::app::App;
use crate::domain::ids::{ArticleId, IssueId, NewsletterId};
use crate::store::Tx;
use crate::store::arrivals::ArrivalState;
use crate::store::articles::ArticleHead;
use crate::store::newsletters::Newsletter;
use crate::text::language::is_same_language;

/// How many articles are read at once, and how often. If the rules exclude most of them, the front page has fewer articles.
const BATCH: i64 = 200;
const MAX_BATCHES: usize = 5;
/// At most this many articles are grouped. More than the page has stories, because several can belong to one story.
const MAX_GROUPED: usize = 120;

/// The articles of the front page, and how issues grouped them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Newest {
    /// Sorted by time, the newest first.
    pub(crate) articles: Vec<ArticleHead>,
    /// The issue and the number of the story there, for each article that is in an issue.
    issue_stories: HashMap<ArticleId, (IssueId, i64)>,
    /// The language of the first newsletter. A report in this language is preferred as lead.
    language: String,
}

/// A story on the front page.
#[derive(Clone, Debug)]
pub(crate) struct FrontStory {
    /// The report whose headline is shown.
    pub(crate) lead: ArticleHead,
    /// The other reports of the same event.
    pub(crate) also: Vec<ArticleHead>,
}

/// Reads the articles of the front page. A newsletter admits an article that arrived for it, was not left out on arrival, and that its
/// `include` and `exclude` rules let in. An article that arrived for no newsletter was published for the site alone, so it is shown.
pub(crate) async fn newest(tx: &mut Tx, app: &App, newsletters: &[Newsletter]) -> Result<Newest, CompileError> {
    let mut rules = Vec::new();
    for newsletter in newsletters {
        rules.push((newsletter.id, rules_of(newsletter)?));
    }
    let language = rules.first().map_or("en", |(_, rules)| &rules.language).to_owned();
    let mut newest = Newest {
        language,
        ..Newest::default()
    };
    let mut after = None;
    for _ in 0..MAX_BATCHES {
        let batch = tx.newest_articles(after, BATCH).await?;
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            break;
        };
        after = Some((last.listed_at(), last.id));
        let is_last = i64::try_from(batch.len()).is_ok_and(|read| read < BATCH);
        let mut placements: HashMap<ArticleId, Vec<ArrivalState>> = HashMap::new();
        for placement in tx.arrivals_between(last.listed_at(), first.listed_at()).await? {
            placements.entry(placement.article_id).or_default().push(placement);
        }
        for article in batch {
            let placed = placements.remove(&article.id).unwrap_or_default();
            if !is_admitted(app, &article, &placed, &rules) {
                continue;
            }
            let story = rules
                .iter()
                .find_map(|(newsletter, _)| issue_story(&placed, *newsletter));
            if let Some(story) = story {
                newest.issue_stories.insert(article.id, story);
            }
            newest.articles.push(article);
        }
        if is_last || newest.articles.len() >= MAX_GROUPED {
            break;
        }
    }
    newest.articles.truncate(MAX_GROUPED);
    Ok(newest)
}

fn is_admitted(app: &App, article: &ArticleHead, placed: &[ArrivalState], rules: &[(NewsletterId, Rules)]) -> bool {
    if placed.is_empty() {
        return true;
    }
    let candidate = candidate(app, article.clone(), false, 1.0);
    rules.iter().any(|(newsletter, rules)| {
        placed.iter().any(|arrival| {
            // With a reason and no issue, the article was left out when it arrived.
            let is_left_out = arrival.issue_id.is_none() && arrival.reason.is_some();
            arrival.newsletter_id == *newsletter && !is_left_out && exclusion(rules, &candidate).is_none()
        })
    })
}

/// The issue of a newsletter that contains an article, and the number of the story there.
fn issue_story(placed: &[ArrivalState], newsletter: NewsletterId) -> Option<(IssueId, i64)> {
    let arrival = placed.iter().find(|arrival| arrival.newsletter_id == newsletter)?;
    arrival.issue_id.zip(arrival.story)
}

/// Groups the articles into stories, the newest first. It takes several milliseconds of processor time, so call it on the blocking
/// pool.
pub(crate) fn stories(newest: &Newest) -> Vec<FrontStory> {
    let reports: Vec<Report<'_>> = newest.articles.iter().map(report).collect();
    let story = |at: usize| newest.issue_stories.get(&newest.articles[at].id).copied();
    let groups = follow_issues(group_reports(&reports), story).into_iter();
    let mut stories: Vec<FrontStory> = groups
        .filter_map(|mut group| {
            group.sort_by_cached_key(|at| lead_order(newest, &newest.articles[*at]));
            let mut reports = group.into_iter().map(|at| newest.articles[at].clone());
            Some(FrontStory {
                lead: reports.next()?,
                also: reports.collect(),
            })
        })
        .collect();
    stories.sort_by_key(|story| (Reverse(story.lead.listed_at()), Reverse(story.lead.id)));
    stories
}

fn report(article: &ArticleHead) -> Report<'_> {
    Report {
        title: &article.title,
        text: &article.summary,
        language: article.language.as_deref(),
    }
}

/// The order of leads. The smallest value wins: the newsroom's own report, then one in the first newsletter's language, then one with
/// an excerpt, then the newest.
fn lead_order(newest: &Newest, article: &ArticleHead) -> impl Ord + use<> {
    (
        !article.full_text,
        match &article.language {
            Some(language) if is_same_language(language, &newest.language) => 0,
            None => 1,
            Some(_) => 2,
        },
        article.summary.is_empty(),
        Reverse(article.listed_at()),
        article.id,
    )
}

/// Changes groups so that they agree with the issues that were built, including an editor's changes. Two stories of one issue are never
/// in one group, and the reports of one story of an issue are always together.
fn follow_issues(groups: Vec<Vec<usize>>, story: impl Fn(usize) -> Option<(IssueId, i64)>) -> Vec<Vec<usize>> {
    /// Issue and story of the members that are in issues, and all members.
    type Part = (Vec<(IssueId, i64)>, Vec<usize>);
    let mut parts: Vec<Part> = Vec::new();
    for group in groups {
        let (in_issues, in_no_issue): (Vec<usize>, Vec<usize>) = group.into_iter().partition(|at| story(*at).is_some());
        // First split the group, so that no part has two stories of one issue.
        let mut own: Vec<Part> = Vec::new();
        for at in in_issues {
            let Some(key) = story(at) else { continue };
            let fits = |part: &&mut Part| part.0.iter().all(|(issue, number)| *issue != key.0 || *number == key.1);
            match own.iter_mut().find(fits) {
                Some((keys, members)) => {
                    keys.push(key);
                    members.push(at);
                }
                None => own.push((vec![key], vec![at])),
            }
        }
        match own.first_mut() {
            Some((_, members)) => members.extend(in_no_issue),
            None => own.push((Vec::new(), in_no_issue)),
        }
        // Then join parts of earlier groups that have a story of an issue in common.
        for (keys, members) in own {
            match parts
                .iter_mut()
                .find(|part| keys.iter().any(|key| part.0.contains(key)))
            {
                Some(part) => {
                    part.0.extend(keys);
                    part.1.extend(members);
                }
                None => parts.push((keys, members)),
            }
        }
    }
    parts.into_iter().map(|(_, members)| members).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn groups_follow_the_stories_of_issues() {
        let issue = |number: u128| IssueId(Uuid::from_u128(number));
        let story = |at: usize| match at {
            0 => Some((issue(1), 1)),
            1 => Some((issue(1), 2)),
            3 | 4 => Some((issue(1), 3)),
            6 => Some((issue(2), 1)),
            _ => None,
        };
        let parts = follow_issues(vec![vec![0, 1, 2], vec![3, 5, 6], vec![4]], story);
        assert_eq!(parts, [vec![0, 2], vec![1], vec![3, 6, 5, 4]]);
    }
}
