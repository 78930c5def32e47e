//! Compares what the database and the readers have at the end with what the model predicts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use daywire::domain::states::IssueState;
use daywire::store::Store;
use daywire::store::feeds::Feed;
use daywire::store::issues::Issue;
use daywire::store::newsletters::Newsletter;
use daywire::store::runs::Run;
use sha2::{Digest, Sha256};

use super::model::{ExpectedRun, NewsletterModel};
use super::publishers::{ModelArticle, Publishers};
use super::{READERS, Scenario};
use crate::support::TestApp;
use crate::support::mock_relay::parse;

/// An article as it is stored for a newsletter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ArticleRow {
    newsletter: String,
    public_id: String,
    title: String,
    arrived_at: DateTime<Utc>,
    issue: Option<i64>,
    position: Option<i64>,
    reason: Option<String>,
    leads_its_story: Option<bool>,
    summary: String,
    url: Option<String>,
}

/// The columns of a [`ArticleRow`].
type Columns = (
    String,
    String,
    String,
    DateTime<Utc>,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<bool>,
    String,
    Option<String>,
);

impl From<Columns> for ArticleRow {
    fn from(columns: Columns) -> Self {
        let (newsletter, public_id, title, arrived_at, issue, position, reason, leads_its_story, summary, url) =
            columns;
        Self {
            newsletter,
            public_id,
            title,
            arrived_at,
            issue,
            position,
            reason,
            leads_its_story,
            summary,
            url,
        }
    }
}

const ROWS: &str = "SELECT n.slug, a.public_id, a.title, w.arrived_at, i.number, w.position, w.reason, s.lead_article_id = a.id, \
    a.summary, a.url FROM newsletter_articles w JOIN articles a ON a.id = w.article_id JOIN newsletters n ON n.id = w.newsletter_id \
    LEFT JOIN issues i ON i.id = w.issue_id LEFT JOIN issue_stories s ON s.issue_id = w.issue_id AND s.story = w.story \
    WHERE w.left_out IS NULL OR w.left_out <> 'same_article'";

/// What the database has at the end.
pub struct Recorded {
    rows: Vec<ArticleRow>,
    /// The runs and issues of each newsletter, in the order of the model.
    histories: Vec<(Vec<Run>, Vec<Issue>)>,
    feeds: Vec<Feed>,
}

pub async fn read(app: &TestApp, newsletters: &[Newsletter]) -> Recorded {
    let mut rows = rows(app).await;
    rows.sort();
    let mut histories = Vec::new();
    for newsletter in newsletters {
        histories.push(history(app, newsletter).await);
    }
    let mut tx = app.app.store.read().await.expect("the database answers");
    let feeds = tx.feeds().await.expect("the feeds are listed");
    Recorded { rows, histories, feeds }
}

/// Makes every check. Returns a summary with a hash of all that must be equal for equal seeds.
pub fn check(app: &TestApp, scenario: &Scenario, recorded: &Recorded, max_duplicates: usize) -> String {
    let by_word: HashMap<String, ModelArticle> = scenario
        .publishers
        .articles()
        .map(|article| (Publishers::word(article), article))
        .collect();
    let rows = without_repeated_back_catalogue(&recorded.rows, &by_word);
    every_article_has_one_id(&rows, &by_word, &scenario.publishers);
    every_failure_is_on_record(&recorded.feeds, scenario);
    let mut hash = Sha256::new();
    let mut summary = format!("{} articles exist", by_word.len());
    let mut distinct = 0;
    for (newsletter, (runs, issues)) in scenario.model.newsletters.iter().zip(&recorded.histories) {
        let rows: Vec<&ArticleRow> = rows
            .iter()
            .filter(|row| row.newsletter == newsletter.slug)
            .copied()
            .collect();
        every_due_time_has_its_run(newsletter, runs, issues);
        every_article_is_in_its_issue(newsletter, &rows, &by_word, &scenario.publishers, runs, issues);
        let mails = every_reader_has_every_issue_once(app, newsletter, &rows, &by_word, issues);
        distinct += mails;
        let inside = rows.iter().filter(|row| row.position.is_some()).count();
        let is_out = |row: &&&ArticleRow| row.position.is_none() && row.reason.is_some();
        let out = rows.iter().filter(is_out).count();
        let stories = rows.iter().filter(|row| row.is_mailed()).count();
        let _ = write!(
            summary,
            "; {}: {} due times, {} issues of {stories} stories, {mails} mails, {inside} articles in, {out} out for a reason, \
             {} wait",
            newsletter.slug,
            runs.len(),
            issues.len(),
            rows.len() - inside - out
        );
        for issue in issues {
            hash.update(format!(
                "{:?}",
                (issue.number, issue.due_at, issue.window_from, issue.window_to)
            ));
            hash.update(format!("{:?}", (&issue.subject, &issue.html, &issue.text)));
        }
        for run in runs {
            hash.update(format!("{:?}", (run.due_at, &run.state, &run.reason)));
        }
        hash.update(format!("{rows:?}"));
    }
    every_series_was_considered(&rows, &by_word, scenario);
    let duplicates = app.relay.copies().values().sum::<usize>() - distinct;
    println!("{duplicates} mails came twice; {max_duplicates} may have");
    assert!(duplicates <= max_duplicates, "{duplicates} mails came twice");
    let hash = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    format!("{summary}; {hash:016x}")
}

async fn rows(app: &TestApp) -> Vec<ArticleRow> {
    let rows: sqlx::Result<Vec<Columns>> = match &app.app.store {
        Store::Sqlite { read, .. } => sqlx::query_as(ROWS).fetch_all(read).await,
        Store::Postgres(cluster) => sqlx::query_as(ROWS).fetch_all(&cluster.pool()).await,
    };
    let rows = rows.expect("the database answers");
    rows.into_iter().map(ArticleRow::from).collect()
}

/// A newsletter's runs and issues, ordered by due time and number.
async fn history(app: &TestApp, newsletter: &Newsletter) -> (Vec<Run>, Vec<Issue>) {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let mut runs = tx.runs(newsletter.id, 1000).await.expect("the runs are listed");
    runs.reverse();
    let mut issues = Vec::new();
    for line in tx
        .issues(Some(newsletter.id), 1000)
        .await
        .expect("the issues are listed")
    {
        issues.push(
            tx.issue(line.id)
                .await
                .expect("the database answers")
                .expect("the issue exists"),
        );
    }
    issues.sort_by_key(|issue| issue.number);
    (runs, issues)
}

impl ArticleRow {
    /// Whether an issue shows its headline. Of the other articles of a story, issues name only the source.
    fn is_mailed(&self) -> bool {
        self.position.is_some() && self.leads_its_story == Some(true)
    }
}

/// The article of a row, recognised by its word in the headline, the text or the address.
fn article_of(row: &ArticleRow, by_word: &HashMap<String, ModelArticle>) -> ModelArticle {
    let texts = [row.title.as_str(), &row.summary, row.url.as_deref().unwrap_or_default()];
    let mut found = texts.into_iter().flat_map(|text| articles_in(text, by_word));
    found
        .next()
        .unwrap_or_else(|| panic!("no publisher has the article {row:?}"))
}

/// The articles whose words are in a text.
fn articles_in(text: &str, by_word: &HashMap<String, ModelArticle>) -> impl Iterator<Item = ModelArticle> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| by_word.get(word).copied())
}

/// Removes rows of back catalogue whose article another feed brought to the same newsletter.
fn without_repeated_back_catalogue<'a>(
    rows: &'a [ArticleRow],
    by_word: &HashMap<String, ModelArticle>,
) -> Vec<&'a ArticleRow> {
    let is_old = |row: &ArticleRow| {
        let why = row.reason.as_deref().unwrap_or_default();
        row.issue.is_none() && why.contains("feeds.back_catalogue")
    };
    let mut by_article: BTreeMap<(&str, ModelArticle), Vec<&ArticleRow>> = BTreeMap::new();
    for row in rows {
        by_article
            .entry((&row.newsletter, article_of(row, by_word)))
            .or_default()
            .push(row);
    }
    for of_article in by_article.values_mut() {
        of_article.sort_by_key(|row| (is_old(row), row.arrived_at));
        let live = of_article.iter().filter(|row| !is_old(row)).count();
        of_article.truncate(live.max(1));
    }
    by_article.into_values().flatten().collect()
}

/// Checks that a newsletter stores no article under two ids, and no two articles under one id.
fn every_article_has_one_id(rows: &[&ArticleRow], by_word: &HashMap<String, ModelArticle>, publishers: &Publishers) {
    let mut ids: BTreeMap<(&str, ModelArticle), BTreeSet<(&str, &str)>> = BTreeMap::new();
    for row in rows {
        ids.entry((&row.newsletter, article_of(row, by_word)))
            .or_default()
            .insert((&row.public_id, &row.title));
    }
    let mut twice = String::new();
    for ((_, article), ids) in ids.iter().filter(|(_, ids)| ids.len() > 1) {
        let _ = writeln!(twice, "{ids:?}: {:?}", publishers.history(*article));
    }
    assert!(twice.is_empty(), "articles with two ids:\n{twice}");
}

/// Checks that each feed has the predicted number of failures in a row. A response that was cut off is a failure.
fn every_failure_is_on_record(feeds: &[Feed], scenario: &Scenario) {
    for feed in feeds {
        let number = feed.url.rsplit('/').next().and_then(|last| last.parse().ok());
        let expected = scenario
            .model
            .failures(number.expect("the address ends with the feed's number"));
        let case = format!("{}: {:?}", feed.url, feed.last_error);
        assert_eq!(feed.failures, expected, "{case}");
        assert_eq!(feed.last_error.is_some(), expected > 0, "{case}");
    }
    let cuts = ["cut", "cut in the middle"];
    assert!(
        cuts.iter().any(|cut| scenario.publishers.counts.contains_key(cut)),
        "no response was cut off"
    );
}

/// Checks that articles of each kind of series were considered for an issue, and that none was taken for a copy of another. How many
/// were mailed depends on the other articles.
fn every_series_was_considered(rows: &[&ArticleRow], by_word: &HashMap<String, ModelArticle>, scenario: &Scenario) {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let Some(series) = scenario.publishers.series(article_of(row, by_word)) else {
            continue;
        };
        let reason = row.reason.as_deref().unwrap_or_default();
        assert!(!reason.starts_with("a copy of"), "{series}: {row:?}");
        let (considered, mailed) = counts.entry(series).or_default();
        *considered += usize::from(row.issue.is_some());
        *mailed += usize::from(row.is_mailed());
    }
    for (series, (considered, mailed)) in counts {
        println!("{series}: {considered} considered, {mailed} mailed");
        assert!(considered > 0, "no {series} was considered for an issue");
    }
}

fn every_due_time_has_its_run(newsletter: &NewsletterModel, runs: &[Run], issues: &[Issue]) {
    let due: Vec<_> = runs.iter().map(|run| run.due_at).collect();
    assert_eq!(
        due,
        newsletter.runs.keys().copied().collect::<Vec<_>>(),
        "{}",
        newsletter.slug
    );
    for run in runs {
        let case = format!("{} {}: {} {:?}", newsletter.slug, run.due_at, run.state, run.reason);
        match (&newsletter.runs[&run.due_at], run.state.as_str()) {
            (ExpectedRun::Considered(_), "made") => assert!(run.issue_id.is_some(), "{case}"),
            (ExpectedRun::Considered(_), "empty") | (ExpectedRun::Skipped(_), "skipped") => {
                assert!(run.issue_id.is_none() && run.reason.is_some(), "{case}");
            }
            _ => panic!("{case}"),
        }
    }
    // Each issue belongs to one run. Numbers and windows have no gap.
    let made: Vec<_> = runs.iter().filter_map(|run| run.issue_id).collect();
    assert_eq!(
        made,
        issues.iter().map(|issue| issue.id).collect::<Vec<_>>(),
        "{}",
        newsletter.slug
    );
    for (issue, number) in issues.iter().zip(1..) {
        assert_eq!(
            (issue.number, issue.state),
            (number, IssueState::Sent),
            "{}",
            newsletter.slug
        );
    }
    for pair in issues.windows(2) {
        assert_eq!(
            pair[0].window_to, pair[1].window_from,
            "{} {}",
            newsletter.slug, pair[1].number
        );
    }
}

fn every_article_is_in_its_issue(
    newsletter: &NewsletterModel,
    rows: &[&ArticleRow],
    by_word: &HashMap<String, ModelArticle>,
    publishers: &Publishers,
    runs: &[Run],
    issues: &[Issue],
) {
    let numbers: HashMap<DateTime<Utc>, i64> = runs
        .iter()
        .filter_map(|run| {
            Some((
                run.due_at,
                issues.iter().find(|issue| Some(issue.id) == run.issue_id)?.number,
            ))
        })
        .collect();
    let stored: BTreeSet<ModelArticle> = rows.iter().map(|row| article_of(row, by_word)).collect();
    let missing: Vec<_> = newsletter
        .arrivals
        .keys()
        .filter(|article| !stored.contains(article))
        .collect();
    assert!(
        missing.is_empty(),
        "{}: lost, or taken for other articles: {:?}",
        newsletter.slug,
        missing
            .iter()
            .map(|article| (
                Publishers::word(**article),
                publishers.series(**article),
                publishers.history(**article)
            ))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        (stored.len(), stored.len()),
        (rows.len(), newsletter.arrivals.len()),
        "{}",
        newsletter.slug
    );
    let closed = issues.last().map(|issue| issue.window_to);
    for row in rows {
        let article = article_of(row, by_word);
        let arrival = newsletter.arrivals[&article];
        let (at, is_old) = (arrival.at, arrival.is_back_catalogue);
        let due = newsletter.considered.get(&article);
        let case = format!("{row:?}: {:?}", publishers.history(article));
        assert_eq!(row.arrived_at, at, "{case}");
        assert_eq!(row.issue, due.map(|due| numbers[due]), "{case}");
        match (row.issue, row.position, &row.reason) {
            (Some(_), _, Some(_)) => assert!(!is_old, "{case}"),
            (None, None, Some(reason)) => assert!(is_old && reason.contains("feeds.back_catalogue"), "{case}"),
            (None, None, None) => assert!(
                !is_old && closed.is_none_or(|closed| row.arrived_at >= closed),
                "{case}"
            ),
            _ => panic!("{case}"),
        }
    }
}

/// Checks the mails of a newsletter's readers. Returns how many different mails they got.
fn every_reader_has_every_issue_once(
    app: &TestApp,
    newsletter: &NewsletterModel,
    rows: &[&ArticleRow],
    by_word: &HashMap<String, ModelArticle>,
    issues: &[Issue],
) -> usize {
    let mut count = 0;
    for reader in 0..READERS {
        let mut mailed: HashMap<ModelArticle, i64> = HashMap::new();
        let to = format!("reader{reader}@{}.example", newsletter.slug);
        let mut ids: BTreeMap<i64, HashSet<String>> = BTreeMap::new();
        for mail in app.relay.received_for(&to) {
            let message = parse(&mail.bytes);
            let subject = message.subject().expect("the mail has a subject");
            let number = subject
                .split([' ', ':'])
                .nth(1)
                .and_then(|number| number.parse().ok())
                .expect("the subject contains the number");
            let issue: &Issue = issues
                .iter()
                .find(|issue| issue.number == number)
                .expect("the issue is on record");
            assert_eq!(subject, issue.subject);
            let text = message.body_text(0).expect("the mail has a text part");
            for article in articles_in(&text, by_word) {
                let before = *mailed.entry(article).or_insert(number);
                let word = Publishers::word(article);
                assert_eq!(before, number, "{to}: {word} was in another issue before");
            }
            ids.entry(number)
                .or_default()
                .insert(message.message_id().expect("the mail has a Message-ID").to_owned());
        }
        assert!(
            ids.values().all(|ids| ids.len() == 1),
            "{to}: an issue with two Message-IDs: {ids:?}"
        );
        assert_eq!(
            ids.keys().copied().collect::<Vec<_>>(),
            issues.iter().map(|issue| issue.number).collect::<Vec<_>>(),
            "{to}"
        );
        count += ids.len();
        for row in rows {
            let mailed = mailed.get(&article_of(row, by_word)).copied();
            let inside = row.issue.filter(|_| row.position.is_some());
            // The text names the sources of a story that do not lead it, not their headlines.
            assert!(
                mailed == inside || mailed.is_none() && row.leads_its_story == Some(false),
                "{to}: {row:?}: mailed in {mailed:?}"
            );
        }
    }
    count
}
