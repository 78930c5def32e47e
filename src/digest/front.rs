//! The stories of the site's front page and its other lists: the newest articles that a public newsletter admits, grouped by event.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::clustering::{Report, group_reports};
use super::error::CompileError;
use super::exclusion::exclusion;
use super::gather::candidate;
use super::rules::{Rules, rules_of};
use super::site_topics::TopicPage;
use crate::app::App;
use crate::domain::ids::{ArticleId, IssueId, NewsletterId};
use crate::store::arrivals::ArrivalState;
use crate::store::articles::ArticleHead;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};
use crate::text::language::is_same_language;

/// Articles are read in batches of this many.
const BATCH: usize = 200;
/// At most this many batches are read. If the rules exclude nearly all of these articles, the front page has fewer.
const MAX_BATCHES: usize = 5;
/// At most this many articles are grouped. More than the page has stories, because several can belong to one story.
const MAX_GROUPED: usize = 120;

/// A list of articles on the site, or a later part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListQuery {
    /// Only articles of this topic; `None` for all.
    pub(crate) topic: Option<TopicPage>,
    /// The list continues after this position; `None` for its beginning.
    pub(crate) after: Option<(DateTime<Utc>, ArticleId)>,
}

/// The newest articles of a list, and how issues grouped them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Newest {
    /// Sorted by time, the newest first.
    pub(crate) articles: Vec<ArticleHead>,
    /// Whether the list has older articles.
    pub(crate) has_more: bool,
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
    pub(crate) other_reports: Vec<ArticleHead>,
}

/// Decides which articles the site lists. A newsletter admits an article that arrived for it, was not left out on arrival, and that its
/// `include` and `exclude` rules let in. An article that arrived for no newsletter was published for the site alone, so it is listed.
struct Admission<'a> {
    app: &'a App,
    /// The rules of every public newsletter, in the order of the newsletters.
    rules: Vec<(NewsletterId, Rules)>,
}

impl<'a> Admission<'a> {
    /// # Errors
    /// If the stored rules of a newsletter do not parse.
    fn new(app: &'a App, newsletters: &[Newsletter]) -> Result<Self, CompileError> {
        let rules = newsletters
            .iter()
            .map(|newsletter| Ok((newsletter.id, rules_of(newsletter)?)));
        Ok(Self {
            app,
            rules: rules.collect::<Result<_, CompileError>>()?,
        })
    }

    /// Whether a newsletter admits an article that arrived so.
    fn admits(&self, article: &ArticleHead, arrivals: &[ArrivalState]) -> bool {
        if arrivals.is_empty() {
            return true;
        }
        self.rules.iter().any(|(newsletter, rules)| {
            let mut arrivals = arrivals.iter().filter(|arrival| arrival.newsletter_id == *newsletter);
            // With a reason and no issue, the article was left out when it arrived.
            let arrived = arrivals.any(|arrival| arrival.issue_id.is_some() || arrival.reason.is_none());
            arrived && exclusion(rules, &candidate(self.app, article.clone(), rules, false, 1.0)).is_none()
        })
    }
}

/// Those of the articles that a public newsletter admits, in their order.
pub(crate) async fn admitted(
    tx: &mut Tx,
    app: &App,
    newsletters: &[Newsletter],
    articles: Vec<ArticleHead>,
) -> Result<Vec<ArticleHead>, CompileError> {
    let admission = Admission::new(app, newsletters)?;
    let arrivals = arrivals_of(tx, &articles).await?;
    let arrivals = |article: &ArticleHead| arrivals.get(&article.id).map_or(&[] as &[_], Vec::as_slice);
    let admitted = articles
        .into_iter()
        .filter(|article| admission.admits(article, arrivals(article)));
    Ok(admitted.collect())
}

/// How each article arrived.
async fn arrivals_of(
    tx: &mut Tx,
    articles: &[ArticleHead],
) -> Result<HashMap<ArticleId, Vec<ArrivalState>>, StoreError> {
    let ids: Vec<ArticleId> = articles.iter().map(|article| article.id).collect();
    let mut arrivals: HashMap<ArticleId, Vec<ArrivalState>> = HashMap::new();
    for arrival in tx.arrival_states(&ids).await? {
        arrivals.entry(arrival.article_id).or_default().push(arrival);
    }
    Ok(arrivals)
}

/// Reads the newest articles of a list.
pub(crate) async fn newest(
    tx: &mut Tx,
    app: &App,
    newsletters: &[Newsletter],
    list: &ListQuery,
) -> Result<Newest, CompileError> {
    let admission = Admission::new(app, newsletters)?;
    let rules = &admission.rules;
    let language = rules.first().map_or("en", |(_, rules)| &rules.language).to_owned();
    let mut newest = Newest {
        language,
        ..Newest::default()
    };
    let mut after = list.after;
    for _ in 0..MAX_BATCHES {
        let batch = batch(tx, list, after).await?;
        let Some(oldest) = batch.last() else {
            newest.has_more = false;
            break;
        };
        after = Some((oldest.listed_at(), oldest.id));
        newest.has_more = batch.len() == BATCH;
        let mut arrivals = arrivals_of(tx, &batch).await?;
        for article in batch {
            let placed = arrivals.remove(&article.id).unwrap_or_default();
            if !admission.admits(&article, &placed) {
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
        if !newest.has_more || newest.articles.len() >= MAX_GROUPED {
            break;
        }
    }
    newest.has_more |= newest.articles.len() > MAX_GROUPED;
    newest.articles.truncate(MAX_GROUPED);
    Ok(newest)
}

/// The next articles of a list, at most [`BATCH`], the newest first.
async fn batch(
    tx: &mut Tx,
    list: &ListQuery,
    after: Option<(DateTime<Utc>, ArticleId)>,
) -> Result<Vec<ArticleHead>, StoreError> {
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let Some(topic) = &list.topic else {
        return tx.newest_articles(after, limit).await;
    };
    let mut articles = Vec::new();
    // One statement for each category, because each reads its part of the index in order.
    for category in &topic.categories {
        articles.extend(tx.newest_articles_of_category(category, after, limit).await?);
    }
    if let Some(except) = &topic.others_except {
        articles.extend(tx.newest_articles_of_slug(&topic.slug, except, after, limit).await?);
    }
    articles.sort_by_key(|article| Reverse((article.listed_at(), article.id)));
    articles.truncate(BATCH);
    Ok(articles)
}

/// The issue of a newsletter that contains an article, and the number of the story there.
fn issue_story(placed: &[ArrivalState], newsletter: NewsletterId) -> Option<(IssueId, i64)> {
    let arrival = placed.iter().find(|arrival| arrival.newsletter_id == newsletter)?;
    arrival.issue_id.zip(arrival.story)
}

/// Groups the articles into stories, the newest first. It takes several milliseconds of processor time, so call it on the blocking
/// pool.
pub(crate) fn stories(newest: &Newest) -> Vec<FrontStory> {
    let reports: Vec<Report<'_>> = newest.articles.iter().map(Report::from).collect();
    let story = |article: usize| newest.issue_stories.get(&newest.articles[article].id).copied();
    let groups = follow_issues(&group_reports(&reports), story).into_iter();
    let mut stories: Vec<FrontStory> = groups
        .filter_map(|mut group| {
            group.sort_by_cached_key(|article| lead_order(newest, &newest.articles[*article]));
            let mut reports = group.into_iter().map(|article| newest.articles[article].clone());
            Some(FrontStory {
                lead: reports.next()?,
                other_reports: reports.collect(),
            })
        })
        .collect();
    stories.sort_by_key(|story| (Reverse(story.lead.listed_at()), Reverse(story.lead.id)));
    stories
}

impl<'a> From<&'a ArticleHead> for Report<'a> {
    fn from(article: &'a ArticleHead) -> Self {
        Self {
            title: &article.title,
            text: &article.summary,
            language: article.language.as_deref(),
        }
    }
}

/// The order of leads. The smallest value wins: an editorial article, then one in the first newsletter's language, then one with
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

/// Articles that are one story on the front page.
#[derive(Default)]
struct Part {
    /// The issues that contain members, each with the number of the story there. No issue occurs twice.
    issue_stories: Vec<(IssueId, i64)>,
    members: Vec<usize>,
}

impl Part {
    /// Whether the two together would contain two stories of one issue.
    fn conflicts_with(&self, other: &Self) -> bool {
        let mut pairs = self
            .issue_stories
            .iter()
            .flat_map(|one| other.issue_stories.iter().map(move |two| (one, two)));
        pairs.any(|(one, two)| one.0 == two.0 && one.1 != two.1)
    }
}

/// Changes groups so that they agree with the issues that were built, including an editor's changes. Two stories of one issue are never
/// in one group, and the reports of one story of an issue are always together.
fn follow_issues(groups: &[Vec<usize>], story: impl Fn(usize) -> Option<(IssueId, i64)>) -> Vec<Vec<usize>> {
    // An article is in at most one story of one issue here. So the parts start as the stories of the issues, independent of the groups,
    // and nothing separates their members later.
    let mut parts: Vec<Part> = Vec::new();
    let mut part_of: HashMap<(IssueId, i64), usize> = HashMap::new();
    for article in groups.iter().flatten() {
        let Some(issue_story) = story(*article) else { continue };
        let part = *part_of.entry(issue_story).or_insert_with(|| {
            parts.push(Part {
                issue_stories: vec![issue_story],
                members: Vec::new(),
            });
            parts.len() - 1
        });
        parts[part].members.push(*article);
    }
    // Then each group joins the parts that it has members of, except where two stories of one issue would be in one part.
    for group in groups {
        let mut parts_of_group: Vec<usize> = Vec::new();
        for issue_story in group.iter().filter_map(|article| story(*article)) {
            let Some(&part) = part_of.get(&issue_story).filter(|part| !parts_of_group.contains(part)) else {
                continue;
            };
            let target = parts_of_group
                .iter()
                .find(|target| !parts[**target].conflicts_with(&parts[part]));
            let Some(&target) = target else {
                parts_of_group.push(part);
                continue;
            };
            let joined = std::mem::take(&mut parts[part]);
            part_of.extend(joined.issue_stories.iter().map(|issue_story| (*issue_story, target)));
            parts[target].issue_stories.extend(joined.issue_stories);
            parts[target].members.extend(joined.members);
        }
        let in_no_issue = group.iter().copied().filter(|article| story(*article).is_none());
        match parts_of_group.first() {
            Some(first) => parts[*first].members.extend(in_no_issue),
            None => parts.push(Part {
                issue_stories: Vec::new(),
                members: in_no_issue.collect(),
            }),
        }
    }
    let mut groups: Vec<Vec<usize>> = parts.into_iter().map(|part| part.members).collect();
    groups.retain(|group| !group.is_empty());
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// The groups that follow issues, if article `n` is in `placed[n]`: an issue and the number of the story there.
    fn followed(groups: &[Vec<usize>], placed: &[Option<(u128, i64)>]) -> Vec<Vec<usize>> {
        let story = |article: usize| placed[article].map(|(issue, story)| (IssueId(Uuid::from_u128(issue)), story));
        let mut groups = follow_issues(groups, story);
        groups.sort_unstable();
        groups
    }

    #[test]
    fn groups_follow_the_stories_of_issues() {
        let placed = [
            Some((1, 1)),
            Some((1, 2)),
            None,
            Some((1, 3)),
            Some((1, 3)),
            None,
            Some((2, 1)),
        ];
        assert_eq!(
            followed(&[vec![0, 1, 2], vec![3, 5, 6], vec![4]], &placed),
            [vec![0, 2], vec![1], vec![3, 4, 5, 6]]
        );
    }

    #[test]
    fn a_group_joins_all_stories_of_issues_that_it_has_reports_of() {
        let placed = [Some((1, 1)), Some((2, 1)), Some((1, 1)), Some((2, 1))];
        assert_eq!(followed(&[vec![0], vec![1], vec![2, 3]], &placed), [[0, 1, 2, 3]]);
    }

    #[test]
    fn two_stories_of_one_issue_are_not_joined_through_a_story_of_another_issue() {
        let placed = [Some((1, 1)), Some((2, 1)), Some((2, 1)), Some((1, 2))];
        assert_eq!(followed(&[vec![0, 1], vec![2, 3]], &placed), [vec![0, 1, 2], vec![3]]);
    }
}
