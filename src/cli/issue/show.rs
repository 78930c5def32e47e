//! `daywire issue show`: an issue or edition with its articles, stories, deliveries and editions, or the text of its mail. Other
//! commands print it after they have changed the issue.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context as _;
use serde_json::json;

use super::tables::{self, DecisionRow};
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output;
use crate::delivery::expected_audience::{ExpectedAudience, PlannedEdition, edition_of_issue};
use crate::delivery::report::BounceCounts;
use crate::delivery::sending_report::{HeldRelay, held_relays};
use crate::delivery::{control, preflight, report};
use crate::digest::ranking::Terms;
use crate::digest::{Decision, drafts, stored_terms, with_links_of};
use crate::domain::ids::IssueId;
use crate::domain::states::{DeliveryState, IssueState};
use crate::domain::time::due;
use crate::preflight::Findings;
use crate::store::Tx;
use crate::store::editions::Edition;
use crate::store::issue_lists::issue_name;
use crate::store::issue_stories::IssueStory;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::placements::IssueArticle;
use crate::store::returned_counts::ReturnedCounts;
use crate::text::plain::counted;

/// Prints an issue or edition.
pub(crate) async fn run(context: &Context, app: &App, id: IssueId) -> anyhow::Result<()> {
    let details = Details::read(app, id).await?;
    if context.json {
        return output::json(&details.as_json(app));
    }
    details.print(app)
}

/// An issue with everything that is shown of it.
struct Details {
    issue: Issue,
    newsletter: Newsletter,
    name: String,
    articles: Vec<IssueArticle>,
    stories: Vec<IssueStory>,
    /// The terms of each story's score, by the story's number.
    terms: HashMap<i64, Terms>,
    editions: Vec<Edition>,
    deliveries: BTreeMap<DeliveryState, i64>,
    returned: ReturnedCounts,
    /// Why relays that send it wait; empty unless it is being sent.
    held_relays: Vec<HeldRelay>,
    /// Who would be mailed; `None` once the issue has started.
    expected: Option<ExpectedAudience>,
    /// The editions that it would have; empty once it has started.
    planned: Vec<PlannedEdition>,
    /// What preflight found; `None` once the issue has started, when it is of no use.
    findings: Option<Findings>,
}

impl Details {
    async fn read(app: &App, id: IssueId) -> anyhow::Result<Self> {
        let mut tx = app.store.read().await?;
        let issue = control::require_issue(&mut tx, id).await?;
        let newsletter = tx.newsletter(issue.newsletter_id).await?;
        let name = issue_name(&newsletter.slug, issue.number, issue.edition);
        let (mut articles, stories) = considered(&mut tx, app, &issue).await?;
        let terms = terms_of(&name, &stories)?;
        let editions = tx.editions_of(id).await?;
        // Headlines that an editor changed are stored with the issue, not with the articles.
        let retitled = drafts::inputs(&mut tx, id).await?.edits.titles;
        for article in &mut articles {
            if let Some(edited) = retitled.get(&article.public_id) {
                article.title.clone_from(edited);
            }
        }
        let is_unsent = matches!(issue.state, IssueState::Draft | IssueState::Approved);
        let returned = tx.returned_counts(id).await?;
        drop(tx);
        let expected = if is_unsent {
            Some(ExpectedAudience::read(app, &newsletter, &issue, None).await?)
        } else {
            None
        };
        let (expected, planned) = match expected {
            Some((expected, planned)) => (Some(expected), planned),
            None => (None, Vec::new()),
        };
        let is_sending =
            issue.state == IssueState::Sending || editions.iter().any(|edition| edition.state == IssueState::Sending);
        let held_relays = if is_sending {
            held_relays(app, &issue, &newsletter).await?
        } else {
            Vec::new()
        };
        Ok(Self {
            held_relays,
            findings: is_unsent.then(|| preflight::check(app, &newsletter, &issue)),
            deliveries: report::count(app, id).await?,
            returned,
            issue,
            newsletter,
            name,
            articles,
            stories,
            terms,
            editions,
            expected,
            planned,
        })
    }

    fn is_unsent(&self) -> bool {
        self.expected.is_some()
    }

    fn recipients(&self) -> i64 {
        self.deliveries.values().sum()
    }

    fn as_json(&self, app: &App) -> serde_json::Value {
        let issue = &self.issue;
        let articles = self.articles.iter().map(|article| {
            json!({
                "id": article.public_id,
                "title": article.title,
                "story": article.story,
                "position": article.position,
                "reason": article.reason,
            })
        });
        let stories = self.stories.iter().map(|story| {
            let terms = &self.terms[&story.story];
            json!({
                "story": story.story,
                "position": story.position,
                "reason": story.reason,
                "score": terms.score(),
                "terms": terms,
            })
        });
        json!({
            "id": issue.id,
            "name": self.name,
            "newsletter": self.newsletter.slug,
            "number": issue.number,
            "state": issue.state,
            "reason": issue.reason,
            "subject": issue.subject,
            "window": { "from": issue.window_from, "to": issue.window_to },
            "due_at": issue.due_at,
            "created_at": issue.created_at,
            "started_at": issue.started_at,
            "finished_at": issue.finished_at,
            "overdue": self.is_unsent() && issue.due_at.is_some_and(|due| due <= app.clock.now()),
            "would_be_mailed": self.expected.as_ref().map(|expected| expected.mailed),
            "expected": self.expected,
            "recipients": self.recipients(),
            "deliveries": self.deliveries,
            "relays_waiting": self.held_relays,
            "bounces": BounceCounts::from(self.returned),
            "complaints": self.returned.complaints,
            "edition": issue.edition_name,
            "editions": self.editions,
            "planned_editions": self.planned.iter().map(tables::planned_edition).collect::<Vec<_>>(),
            "groups_without_edition": issue.groups_without_edition,
            "stories": stories.collect::<Vec<_>>(),
            "articles": articles.collect::<Vec<_>>(),
            "findings": self.findings,
        })
    }

    fn print(self, app: &App) -> anyhow::Result<()> {
        let (is_unsent, recipients) = (self.is_unsent(), self.recipients());
        let issue = self.issue;
        let reason = issue.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let mut lines = vec![format!("{}: {}{reason}", self.name, issue.state), issue.subject];
        if let Some(at) = issue.due_at.filter(|_| is_unsent) {
            lines.push(format!("due {}", due(at, self.newsletter.timezone, app.clock.now())));
        }
        lines.push(match &self.expected {
            Some(expected) => would_be_mailed(expected),
            None => recipients_of(
                recipients,
                self.editions.iter().filter_map(|edition| edition.recipients).sum(),
            ),
        });
        lines.extend(self.held_relays.iter().map(ToString::to_string));
        lines.push(format!("id {}", issue.id));
        output::text(&lines.join("\n"))?;
        let max_editions = app.config.digest.max_editions;
        let has_editions = !self.editions.is_empty();
        editions_table(&self.name, self.editions, issue.groups_without_edition, max_editions)?;
        tables::planned_editions(&self.planned)?;
        let rows = self.articles.into_iter().map(|article| DecisionRow {
            terms: article.story.and_then(|story| self.terms.get(&story).copied()),
            position: article.position,
            reason: article.reason,
            public_id: article.public_id,
            title: article.title,
            story: article.story,
        });
        tables::decisions(rows)?;
        let accepted = self.deliveries.get(&DeliveryState::Accepted).copied();
        let deliveries = self.deliveries.into_iter().filter(|(_, count)| *count > 0);
        let rows = deliveries.map(|(state, count)| vec![state.to_string(), count.to_string()]);
        let if_empty = match (is_unsent, has_editions) {
            (true, _) => "not sent yet",
            (false, true) => "sent as editions only",
            (false, false) => "sent to nobody",
        };
        output::table(&["delivery", "count"], rows.collect(), if_empty)?;
        tables::came_back(self.returned.into(), self.returned.complaints, accepted.unwrap_or(0))?;
        self.findings.as_ref().map_or(Ok(()), output::findings)
    }
}

/// Prints the editions of an issue, and how many groups of readers get no edition because of `digest.max_editions`.
fn editions_table(issue: &str, editions: Vec<Edition>, without: i64, max_editions: usize) -> anyhow::Result<()> {
    if !editions.is_empty() {
        let rows = editions.into_iter().map(|edition| {
            let recipients = edition.recipients.map(|count| count.to_string());
            vec![
                format!("{issue}/{}", edition.number),
                edition.name,
                edition.state.to_string(),
                recipients.unwrap_or_default(),
            ]
        });
        output::table(&["edition", "of", "state", "recipients"], rows.collect(), "")?;
    }
    if without > 0 {
        output::text(&format!(
            "{} of readers would also get an edition of their own; they get the whole issue, because an issue has at most {} \
             (digest.max_editions)",
            counted(without, "more group", "more groups"),
            counted(max_editions, "edition", "editions")
        ))?;
    }
    Ok(())
}

/// The articles and stories that were considered for an issue or edition.
async fn considered(tx: &mut Tx, app: &App, issue: &Issue) -> anyhow::Result<(Vec<IssueArticle>, Vec<IssueStory>)> {
    if issue.edition_of.is_none() {
        return Ok((tx.articles_of_issue(issue.id).await?, tx.issue_stories(issue.id).await?));
    }
    let (decisions, stories) = drafts::decisions_of_edition(app, issue.id).await?;
    let line = |decision: Decision| IssueArticle {
        position: decision.position,
        reason: Some(decision.reason),
        public_id: decision.id,
        title: decision.title,
        story: Some(decision.story),
    };
    Ok((decisions.into_iter().map(line).collect(), stories))
}

/// The terms of each story's score, by the story's number. An unreadable row is an error that names the story.
fn terms_of(issue: &str, stories: &[IssueStory]) -> anyhow::Result<HashMap<i64, Terms>> {
    let parse = |row: &IssueStory| {
        let terms = stored_terms(row).with_context(|| format!("issue {issue} cannot be shown"))?;
        Ok((row.story, terms))
    };
    stories.iter().map(parse).collect()
}

/// Prints the text or the HTML of an issue's mail, or of an edition's. Its links have `TOKEN` in place of a recipient's token.
pub(crate) async fn part(
    app: &App,
    id: IssueId,
    edition: Option<i64>,
    part: impl Fn(&Issue) -> &str,
) -> anyhow::Result<()> {
    let issue = match edition {
        Some(number) => edition_of_issue(app, id, number).await?,
        None => control::require_issue(&mut app.store.read().await?, id).await?,
    };
    output::text(&with_links_of(app, &issue, part(&issue), "TOKEN"))
}

/// How many readers would get an issue that is not sent yet, and why the others would not.
fn would_be_mailed(expected: &ExpectedAudience) -> String {
    let not_mailed = expected.not_mailed();
    if expected.mailed == 0 && not_mailed.is_empty() {
        return "it has no reader: nobody has a confirmed subscription".to_owned();
    }
    let mut shown = format!("{} would be mailed now", counted(expected.mailed, "reader", "readers"));
    if expected.mailed_weekly > 0 {
        shown = format!("{shown}, {} of them with the weekly edition", expected.mailed_weekly);
    }
    if !not_mailed.is_empty() {
        shown = format!("{shown}; not mailed: {not_mailed}");
    }
    shown
}

/// `3 recipients`, and how many more the editions have.
fn recipients_of(recipients: i64, of_editions: i64) -> String {
    let people = |count: i64| counted(count, "recipient", "recipients");
    if of_editions == 0 {
        people(recipients)
    } else {
        format!(
            "{} of the issue itself, {} of its editions",
            people(recipients),
            people(of_editions)
        )
    }
}
