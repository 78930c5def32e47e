//! Editions: what readers of one issue get who chose topics, want one digest a week, or come back from a pause. Each distinct
//! content is compiled once, from what the issue was frozen with, and is an issue of its own to the delivery.

mod wanted;

use std::collections::HashMap;

pub use self::wanted::WithoutEdition;
use self::wanted::{Wanted, limit, wanted, week_due};
use super::compile::compile_grouped;
use super::inputs::{Edits, Inputs, Stored};
use super::selection::Grouping;
use super::{CompileError, candidate, freeze, stored_inputs};
use crate::app::App;
use crate::domain::delta;
use crate::domain::ids::{ArticleId, IssueId};
use crate::domain::states::{Cadence, IssueState};
use crate::store::Tx;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::store::subscriber_groups::{PreferenceKey, SubscriberGroup};

/// What a group of readers gets of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The issue as it is.
    Whole,
    /// The index of the edition in [`Plan::editions`].
    Edition(usize),
    /// Nothing this time.
    Nothing,
}

/// Why a group of readers gets no mail with an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMail {
    /// No story is of their topics.
    NoStory,
    /// They get one issue a week, and this is not the day.
    WeeklyLater,
    /// They come back from a pause, and this issue has corrections only.
    NextStories,
}

/// What decides the editions of an issue, read in one transaction.
#[derive(Debug)]
pub struct Snapshot {
    /// What each group wants; `None` if it gets no mail this time.
    groups: Vec<(SubscriberGroup, Option<Wanted>)>,
    /// The inputs of the issue, and of its recaps by the number of their first issue.
    inputs: HashMap<Option<i64>, Inputs>,
    without_edition: WithoutEdition,
}

/// An edition that was compiled, not stored yet.
#[derive(Debug)]
pub struct Edition {
    /// The delivery treats it as an issue.
    pub issue: Issue,
    /// Its HTML and text as differences from those of the issue.
    content: (String, String),
    /// Its inputs in their stored form.
    frozen: String,
}

/// The editions of an issue, and which group gets which.
#[derive(Debug)]
pub struct Plan {
    /// The editions that differ from the issue.
    pub editions: Vec<Edition>,
    /// Groups that want an edition and get the issue.
    pub without_edition: WithoutEdition,
    shares: HashMap<PreferenceKey, Share>,
}

impl Plan {
    /// What a group of readers gets; `None` if the plan does not know the group.
    #[must_use]
    pub fn share(&self, group: &SubscriberGroup) -> Option<Share> {
        if group.is_plain() {
            return Some(Share::Whole);
        }
        self.shares.get(&group.key()).copied()
    }

    /// Why a group of readers gets no mail; `None` if it gets one.
    pub(crate) fn no_mail(&self, group: &PreferenceKey) -> Option<NoMail> {
        match self.shares.get(group)? {
            Share::Whole => None,
            Share::Edition(at) => {
                let has_readers = self.editions.get(*at).is_some_and(Edition::has_readers);
                (!has_readers).then_some(NoMail::NoStory)
            }
            Share::Nothing if group.cadence == Cadence::Weekly => Some(NoMail::WeeklyLater),
            Share::Nothing => Some(NoMail::NextStories),
        }
    }
}

impl Edition {
    /// Whether it is sent; an edition without a story is stored as skipped.
    #[must_use]
    pub fn has_readers(&self) -> bool {
        self.issue.state == IssueState::Draft
    }

    /// Stores it, as a difference from its issue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn store(&self, tx: &mut Tx) -> Result<(), CompileError> {
        let (html, text) = self.content.clone();
        tx.add_issue(&Issue {
            html,
            text,
            ..self.issue.clone()
        })
        .await?;
        Ok(tx.put_issue_inputs(self.issue.id, &self.frozen).await?)
    }
}

impl Snapshot {
    /// Reads what the groups of a newsletter's readers want of an issue that is about to begin.
    ///
    /// # Errors
    /// [`CompileError`].
    pub async fn read(tx: &mut Tx, app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<Self, CompileError> {
        let mut snapshot = Self {
            groups: Vec::new(),
            inputs: HashMap::new(),
            without_edition: WithoutEdition::default(),
        };
        let groups = tx.subscriber_groups(newsletter.id).await?;
        if groups.iter().all(SubscriberGroup::is_plain) {
            return Ok(snapshot);
        }
        // Without inputs nothing can be compiled: every reader gets the issue as it is.
        let inputs = stored_inputs(tx, issue.id).await?;
        let corrects = inputs.as_ref().is_some_and(|inputs| inputs.corrections_only);
        let Some(inputs) = inputs.filter(|inputs| !inputs.corrections_only) else {
            let whole = |group: SubscriberGroup| {
                // A reader who comes back gets the missed stories with the next issue that has stories, including later corrections.
                let waits = corrects && group.missed_since.is_some();
                (group, (!waits).then(Wanted::whole))
            };
            snapshot.groups = groups.into_iter().map(whole).collect();
            return Ok(snapshot);
        };
        let week = week_due(tx, newsletter, issue, &inputs).await?;
        for group in groups {
            let wanted = wanted(tx, newsletter, issue, &group, week).await?;
            snapshot.groups.push((group, wanted));
        }
        let most = app.config.digest.max_editions;
        snapshot.without_edition = limit(&mut snapshot.groups, most, issue, week);
        for from in snapshot.firsts() {
            let recap = gather(tx, app, newsletter, issue, &inputs, from).await?;
            snapshot.inputs.insert(Some(from), recap);
        }
        snapshot.inputs.insert(None, inputs);
        Ok(snapshot)
    }

    /// The first issues of the recaps, each once.
    fn firsts(&self) -> Vec<i64> {
        let wanted = self.groups.iter().filter_map(|(_, wanted)| wanted.as_ref());
        let mut firsts: Vec<i64> = wanted.filter_map(Wanted::first).collect();
        firsts.sort_unstable();
        firsts.dedup();
        firsts
    }

    /// Compiles each distinct edition once. Editions without a story are kept as skipped.
    ///
    /// # Errors
    /// [`CompileError`].
    pub fn compile(mut self, app: &App, issue: &Issue) -> Result<Plan, CompileError> {
        let mut made: Vec<(Wanted, Share)> = Vec::new();
        // Only the articles of a recap change how reports are grouped, so all other editions share one grouping.
        let mut groupings: HashMap<Option<i64>, Grouping> = HashMap::new();
        // The editions that have the whole inputs of a recap stored with them.
        let mut bases: HashMap<Option<i64>, IssueId> = HashMap::from([(None, issue.id)]);
        let mut plan = Plan {
            editions: Vec::new(),
            without_edition: self.without_edition,
            shares: HashMap::new(),
        };
        for (group, wanted) in self.groups {
            let Some(wanted) = wanted else {
                plan.shares.insert(group.key(), Share::Nothing);
                continue;
            };
            let known = made.iter().find(|(known, _)| *known == wanted);
            let share = match (known, self.inputs.get_mut(&wanted.first())) {
                (Some((_, share)), _) => *share,
                (None, Some(inputs)) if wanted != Wanted::whole() => {
                    let number = i64::try_from(made.len()).unwrap_or(i64::MAX) + 1;
                    let from = wanted.first();
                    inputs.topics.clone_from(&wanted.topics);
                    inputs.recap.clone_from(&wanted.recap);
                    let grouping = groupings.entry(from).or_insert_with(|| Grouping::of(inputs));
                    let base = bases.get(&from).copied();
                    let share = match make(app, issue, inputs, grouping, number, base)? {
                        Some(edition) => {
                            bases.entry(from).or_insert(edition.issue.id);
                            plan.editions.push(edition);
                            Share::Edition(plan.editions.len() - 1)
                        }
                        None => Share::Whole,
                    };
                    made.push((wanted, share));
                    share
                }
                (None, _) => Share::Whole,
            };
            plan.shares.insert(group.key(), share);
        }
        Ok(plan)
    }
}

/// The inputs of an edition that gathers the issues from number `from` on. It is ranked again; what an editor thought of
/// single articles holds: headlines, weights, and what is one story.
async fn gather(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    inputs: &Inputs,
    from: i64,
) -> Result<Inputs, CompileError> {
    let mut edits = Edits::default();
    let mut weights: HashMap<ArticleId, f64> = HashMap::new();
    let mut issues = tx.started_issues_from(newsletter.id, from).await?;
    // It is about to begin.
    issues.push((issue.id, issue.number));
    issues.sort_by_key(|(_, number)| *number);
    for (id, _) in &issues {
        let Some(past) = stored_inputs(tx, *id).await? else {
            continue;
        };
        edits.titles.extend(past.edits.titles);
        edits.regrouped.extend(past.edits.regrouped);
        weights.extend(past.candidates.iter().map(|known| (known.id, known.weight)));
    }
    let placed = tx.placed_articles(&issues).await?.into_iter();
    let candidates = placed.map(|(_, article)| {
        let now = inputs.candidates.iter().find(|known| known.id == article.id);
        let weight = weights.get(&article.id).copied().unwrap_or(1.0);
        now.cloned().unwrap_or_else(|| candidate(app, article, false, weight))
    });
    Ok(Inputs {
        candidates: candidates.collect(),
        // These readers have not received any of its stories.
        told: Vec::new(),
        edits,
        ..inputs.clone()
    })
}

/// Compiles an edition; `None` if it equals the issue. `base` is the issue or edition whose inputs differ only in topics and
/// recap, if there is one.
fn make(
    app: &App,
    issue: &Issue,
    inputs: &Inputs,
    grouping: &Grouping,
    number: i64,
    base: Option<IssueId>,
) -> Result<Option<Edition>, CompileError> {
    let compilation = compile_grouped(inputs, grouping)?;
    if compilation.html == issue.html && compilation.subject == issue.subject {
        return Ok(None);
    }
    let now = app.clock.now();
    let empty = compilation.chosen() == 0;
    let edition = Issue {
        id: IssueId(app.rng.uuid(now)),
        state: if empty { IssueState::Skipped } else { IssueState::Draft },
        reason: empty.then(|| "no story for the readers of this edition".into()),
        subject: compilation.subject.clone(),
        html: compilation.html.clone(),
        text: compilation.text.clone(),
        edition: number,
        edition_of: Some(issue.id),
        edition_name: name(inputs),
        weekly: inputs.recap.as_ref().is_some_and(|recap| recap.weekly),
        created_at: now,
        started_at: None,
        finished_at: empty.then_some(now),
        recipients: None,
        revision: 0,
        groups_without_edition: 0,
        ..issue.clone()
    };
    let frozen = match base {
        Some(base) => freeze(
            edition.id,
            &Stored::Like {
                base,
                topics: inputs.topics.clone(),
                recap: inputs.recap.clone(),
            },
        )?,
        None => freeze(edition.id, &inputs.into())?,
    };
    let difference = |whole: &str, own: &str| {
        delta::encode(whole, own).map_err(|error| CompileError::Stored(format!("issue {}", edition.id), error))
    };
    Ok(Some(Edition {
        content: (
            difference(&issue.html, &edition.html)?,
            difference(&issue.text, &edition.text)?,
        ),
        issue: edition,
        frozen,
    }))
}

/// What operators know an edition by.
fn name(inputs: &Inputs) -> String {
    let topics = (!inputs.topics.is_empty()).then(|| format!("topics: {}", inputs.topics.join(", ")));
    let recap = inputs.recap.as_ref().map(|recap| {
        if recap.weekly {
            "weekly".to_owned()
        } else {
            format!("what you missed since no. {}", recap.from)
        }
    });
    [recap, topics].into_iter().flatten().collect::<Vec<_>>().join("; ")
}
