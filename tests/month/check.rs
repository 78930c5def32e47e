//! What is in the database and at the readers in the end, beside what must be there.

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

use super::ledger::{Book, Expected};
use super::world::{Piece, World};
use super::{Outside, READERS};
use crate::support::TestApp;
use crate::support::mock_relay::parse;

/// An article of a newsletter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
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

/// The columns of a [`Row`].
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

impl From<Columns> for Row {
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

/// What the database holds in the end.
pub struct Found {
    rows: Vec<Row>,
    /// The runs and issues of each newsletter.
    histories: Vec<(Vec<Run>, Vec<Issue>)>,
    feeds: Vec<Feed>,
}

/// Reads it.
pub async fn find(app: &TestApp, newsletters: &[Newsletter]) -> Found {
    let mut rows = rows(app).await;
    rows.sort();
    let mut histories = Vec::new();
    for newsletter in newsletters {
        histories.push(history(app, newsletter).await);
    }
    let mut tx = app.app.store.read().await.expect("the database answers");
    let feeds = tx.feeds().await.expect("feeds");
    Found { rows, histories, feeds }
}

/// Checks everything, and returns how much there was, with a hash of all that must be the same for the same seed.
pub fn check(app: &TestApp, outside: &Outside, found: &Found, doubles: usize) -> String {
    let words: HashMap<String, Piece> = outside
        .world
        .pieces()
        .map(|piece| (World::word(piece), piece))
        .collect();
    let rows = without_old_ones(&found.rows, &words);
    every_article_is_one(&rows, &words, &outside.world);
    every_failure_is_on_record(&found.feeds, outside);
    let mut hash = Sha256::new();
    let mut account = format!("{} articles exist", words.len());
    let mut once = 0;
    for (book, (runs, issues)) in outside.ledger.books.iter().zip(&found.histories) {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.newsletter == book.slug).copied().collect();
        every_due_time_has_its_run(book, runs, issues);
        every_article_is_in_its_issue(book, &rows, &words, &outside.world, runs, issues);
        let mails = every_reader_has_every_issue_once(app, book, &rows, &words, issues);
        once += mails;
        let inside = rows.iter().filter(|row| row.position.is_some()).count();
        let is_out = |row: &&&Row| row.position.is_none() && row.reason.is_some();
        let out = rows.iter().filter(is_out).count();
        let stories = rows.iter().filter(|row| row.is_mailed()).count();
        let _ = write!(
            account,
            "; {}: {} due times, {} issues of {stories} stories, {mails} mails, {inside} articles in, {out} out for a reason, \
             {} wait",
            book.slug,
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
            hash.update(format!("{:?}", (run.due_at, &run.outcome, &run.reason)));
        }
        hash.update(format!("{rows:?}"));
    }
    every_series_was_considered(&rows, &words, outside);
    let twice = app.relay.copies().values().sum::<usize>() - once;
    println!("{twice} mails came twice, of {doubles} that may have");
    assert!(twice <= doubles, "{twice} mails came twice");
    let hash = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
    format!("{account}; {hash:016x}")
}

async fn rows(app: &TestApp) -> Vec<Row> {
    let rows: sqlx::Result<Vec<Columns>> = match &app.app.store {
        Store::Sqlite { read, .. } => sqlx::query_as(ROWS).fetch_all(read).await,
        Store::Postgres(cluster) => sqlx::query_as(ROWS).fetch_all(&cluster.pool()).await,
    };
    let rows = rows.expect("the database answers");
    rows.into_iter().map(Row::from).collect()
}

/// A newsletter's runs and issues, the earliest first.
async fn history(app: &TestApp, newsletter: &Newsletter) -> (Vec<Run>, Vec<Issue>) {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let mut runs = tx.runs(newsletter.id, 1000).await.expect("runs");
    runs.reverse();
    let mut issues = Vec::new();
    for line in tx.issues(Some(newsletter.id), 1000).await.expect("issues") {
        issues.push(tx.issue(line.id).await.expect("an answer").expect("an issue"));
    }
    issues.sort_by_key(|issue| issue.number);
    (runs, issues)
}

impl Row {
    /// Whether its headline is in the issue, or only its source.
    fn is_mailed(&self) -> bool {
        self.position.is_some() && self.leads_its_story == Some(true)
    }
}

/// Which article it is, by the word that it has in its headline, text or address.
fn piece_of(row: &Row, words: &HashMap<String, Piece>) -> Piece {
    let texts = [row.title.as_str(), &row.summary, row.url.as_deref().unwrap_or_default()];
    let mut known = texts.into_iter().flat_map(|text| pieces_in(text, words));
    known.next().unwrap_or_else(|| panic!("{row:?} is nobody's article"))
}

/// The articles whose words are in a text.
fn pieces_in(text: &str, words: &HashMap<String, Piece>) -> impl Iterator<Item = Piece> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| words.get(word).copied())
}

/// The rows without an article of a feed's back catalogue that another feed brought to the newsletter as well.
fn without_old_ones<'a>(rows: &'a [Row], words: &HashMap<String, Piece>) -> Vec<&'a Row> {
    let is_old = |row: &Row| {
        let why = row.reason.as_deref().unwrap_or_default();
        row.issue.is_none() && why.contains("feeds.back_catalogue")
    };
    let mut kept: BTreeMap<(&str, Piece), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        kept.entry((&row.newsletter, piece_of(row, words)))
            .or_default()
            .push(row);
    }
    for of_piece in kept.values_mut() {
        of_piece.sort_by_key(|row| (is_old(row), row.arrived_at));
        let live = of_piece.iter().filter(|row| !is_old(row)).count();
        of_piece.truncate(live.max(1));
    }
    kept.into_values().flatten().collect()
}

/// A newsletter has no article under two ids, and no id for two articles.
fn every_article_is_one(rows: &[&Row], words: &HashMap<String, Piece>, world: &World) {
    let mut ids: BTreeMap<(&str, Piece), BTreeSet<(&str, &str)>> = BTreeMap::new();
    for row in rows {
        ids.entry((&row.newsletter, piece_of(row, words)))
            .or_default()
            .insert((&row.public_id, &row.title));
    }
    let mut twice = String::new();
    for ((_, piece), ids) in ids.iter().filter(|(_, ids)| ids.len() > 1) {
        let _ = writeln!(twice, "{ids:?}: {:?}", world.history(*piece));
    }
    assert!(twice.is_empty(), "articles with two ids:\n{twice}");
}

/// Each feed has as many failures in a row as its last answers were, those that were cut off included.
fn every_failure_is_on_record(feeds: &[Feed], outside: &Outside) {
    for feed in feeds {
        let number = feed.url.rsplit('/').next().and_then(|last| last.parse().ok());
        let expected = outside.ledger.failures(number.expect("a feed's path"));
        let case = format!("{}: {:?}", feed.url, feed.last_error);
        assert_eq!(feed.failures, expected, "{case}");
        assert_eq!(feed.last_error.is_some(), expected > 0, "{case}");
    }
    let cuts = ["cut", "cut in the middle"];
    assert!(
        cuts.iter().any(|cut| outside.world.deeds.contains_key(cut)),
        "no answer was cut off"
    );
}

/// Articles of each kind of series were considered for an issue, and none was taken for a copy of another. How many were mailed
/// depends on what else there was.
fn every_series_was_considered(rows: &[&Row], words: &HashMap<String, Piece>, outside: &Outside) {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in rows {
        let Some(series) = outside.world.series(piece_of(row, words)) else {
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

fn every_due_time_has_its_run(book: &Book, runs: &[Run], issues: &[Issue]) {
    let due: Vec<_> = runs.iter().map(|run| run.due_at).collect();
    assert_eq!(due, book.runs.keys().copied().collect::<Vec<_>>(), "{}", book.slug);
    for run in runs {
        let case = format!("{} {}: {} {:?}", book.slug, run.due_at, run.outcome, run.reason);
        match (&book.runs[&run.due_at], run.outcome.as_str()) {
            (Expected::Considered(_), "made") => assert!(run.issue_id.is_some(), "{case}"),
            (Expected::Considered(_), "empty") | (Expected::Skipped(_), "skipped") => {
                assert!(run.issue_id.is_none() && run.reason.is_some(), "{case}");
            }
            _ => panic!("{case}"),
        }
    }
    // Numbers and windows have no gap, and each issue is one run's.
    let made: Vec<_> = runs.iter().filter_map(|run| run.issue_id).collect();
    assert_eq!(
        made,
        issues.iter().map(|issue| issue.id).collect::<Vec<_>>(),
        "{}",
        book.slug
    );
    for (issue, number) in issues.iter().zip(1..) {
        assert_eq!((issue.number, issue.state), (number, IssueState::Sent), "{}", book.slug);
    }
    for pair in issues.windows(2) {
        assert_eq!(
            pair[0].window_to, pair[1].window_from,
            "{} {}",
            book.slug, pair[1].number
        );
    }
}

fn every_article_is_in_its_issue(
    book: &Book,
    rows: &[&Row],
    words: &HashMap<String, Piece>,
    world: &World,
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
    let there: BTreeSet<Piece> = rows.iter().map(|row| piece_of(row, words)).collect();
    let missing: Vec<_> = book.arrived.keys().filter(|piece| !there.contains(piece)).collect();
    assert!(
        missing.is_empty(),
        "{}: taken for others, or lost: {:?}",
        book.slug,
        missing
            .iter()
            .map(|piece| (World::word(**piece), world.series(**piece), world.history(**piece)))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        (there.len(), there.len()),
        (rows.len(), book.arrived.len()),
        "{}",
        book.slug
    );
    let closed = issues.last().map(|issue| issue.window_to);
    for row in rows {
        let piece = piece_of(row, words);
        let (at, old) = book.arrived[&piece];
        let due = book.taken.get(&piece);
        let case = format!("{row:?}: {:?}", world.history(piece));
        assert_eq!(row.arrived_at, at, "{case}");
        assert_eq!(row.issue, due.map(|due| numbers[due]), "{case}");
        match (row.issue, row.position, &row.reason) {
            (Some(_), _, Some(_)) => assert!(!old, "{case}"),
            (None, None, Some(reason)) => assert!(old && reason.contains("feeds.back_catalogue"), "{case}"),
            (None, None, None) => assert!(!old && closed.is_none_or(|closed| row.arrived_at >= closed), "{case}"),
            _ => panic!("{case}"),
        }
    }
}

/// Returns how many mails there were, each counted once.
fn every_reader_has_every_issue_once(
    app: &TestApp,
    book: &Book,
    rows: &[&Row],
    words: &HashMap<String, Piece>,
    issues: &[Issue],
) -> usize {
    let mut count = 0;
    for reader in 0..READERS {
        let mut mailed: HashMap<Piece, i64> = HashMap::new();
        let to = format!("reader{reader}@{}.example", book.slug);
        let mut ids: BTreeMap<i64, HashSet<String>> = BTreeMap::new();
        for mail in app.relay.received_for(&to) {
            let message = parse(&mail.bytes);
            let subject = message.subject().expect("a subject");
            let number = subject
                .split([' ', ':'])
                .nth(1)
                .and_then(|number| number.parse().ok())
                .expect("a number");
            let issue: &Issue = issues.iter().find(|issue| issue.number == number).expect("an issue");
            assert_eq!(subject, issue.subject);
            let text = message.body_text(0).expect("a text");
            for piece in pieces_in(&text, words) {
                let before = *mailed.entry(piece).or_insert(number);
                let word = World::word(piece);
                assert_eq!(before, number, "{to}: {word} was in another issue before");
            }
            ids.entry(number)
                .or_default()
                .insert(message.message_id().expect("a Message-ID").to_owned());
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
            let mailed = mailed.get(&piece_of(row, words)).copied();
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
