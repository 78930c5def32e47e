//! From what waits to what is in: stories, in order, each in or out by a rule that it can name.

use std::cmp::Reverse;

use url::Url;

use super::caps::cap;
use super::inputs::{Candidate, Inputs, Told};
use super::ranking::{Terms, terms};
use super::rules::{Rules, is_same};
use super::stories::{Report, copies, group_reports};
use crate::domain::canonical_url::canonicalise;
use crate::text::language::is_same_language;

/// A story and what became of it.
#[derive(Clone, Debug)]
pub struct Story<'a> {
    /// Its reports, the leading one first; never empty.
    pub reports: Vec<&'a Candidate>,
    /// How many of them are independent of each other.
    pub independent: usize,
    /// The terms of its score.
    pub terms: Terms,
    /// Its place from 1; none: left out.
    pub position: Option<usize>,
    /// The rule that decided.
    pub reason: String,
    /// The heading it stands under; none for the first ones.
    pub heading: Option<String>,
}

impl Story<'_> {
    /// The report that stands for the story.
    #[must_use]
    pub fn lead(&self) -> &Candidate {
        self.reports[0]
    }

    /// Its topic: the leading report's, else any report's.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.reports
            .iter()
            .find_map(|report| report.category.as_deref())
            .unwrap_or_default()
    }

    /// Whether an editor pinned or moved it, so that its place does not follow from its score.
    pub(super) fn is_placed_by_hand(&self, inputs: &Inputs) -> bool {
        let edits = &inputs.edits;
        let mut placed = edits.pinned.iter().chain(edits.moved.iter().map(|(id, _)| id));
        self.reports.iter().any(|report| report.pinned) || placed.any(|id| self.has(id))
    }

    /// Whether one of its reports has this id.
    #[must_use]
    pub fn has(&self, public_id: &str) -> bool {
        self.reports.iter().any(|report| report.public_id == public_id)
    }
}

/// Which reports tell the same story. It depends on neither topics nor places, so that editions of one issue share it.
#[derive(Clone, Debug)]
pub struct Grouping(Vec<Group>);

/// Reports by their numbers: first what readers were told, then what is not excluded.
#[derive(Clone, Debug)]
struct Group {
    reports: Vec<usize>,
    /// The same ones, those that are copies of one text together.
    texts: Vec<Vec<usize>>,
}

impl Grouping {
    /// Groups what an issue is compiled from.
    #[must_use]
    pub fn of(inputs: &Inputs) -> Self {
        let eligible = eligible(inputs);
        let told = inputs.told.iter().map(Told::report);
        let reports: Vec<Report<'_>> = told
            .chain(eligible.iter().map(|candidate| candidate.report()))
            .collect();
        let number = |id: &str| {
            let at = eligible.iter().position(|candidate| candidate.public_id == id)?;
            Some(inputs.told.len() + at)
        };
        let groups = regroup(inputs, group_reports(&reports), number).into_iter();
        let with_texts = |group: Vec<usize>| {
            let members: Vec<Report<'_>> = group.iter().map(|report| reports[*report]).collect();
            let texts = copies(&members).into_iter();
            Group {
                texts: texts
                    .map(|text| text.into_iter().map(|member| group[member]).collect())
                    .collect(),
                reports: group,
            }
        };
        Self(groups.map(with_texts).collect())
    }
}

/// Every story of what waits: those that are in, in their order, then the others by score. `grouping` is that of the same
/// candidates, rules and edits.
#[must_use]
pub fn select<'a>(inputs: &'a Inputs, grouping: &Grouping) -> Vec<Story<'a>> {
    let (eligible, excluded): (Vec<_>, Vec<_>) = inputs
        .candidates
        .iter()
        .map(|candidate| (candidate, exclusion(&inputs.rules, candidate)))
        .partition(|(_, exclusion)| exclusion.is_none());
    let eligible: Vec<&Candidate> = eligible.into_iter().map(|(candidate, _)| candidate).collect();
    let (mut stories, mut out) = tell(inputs, &eligible, grouping);
    out.extend(excluded.into_iter().map(|(candidate, reason)| {
        let terms = terms(inputs, &[candidate], 1, false);
        story(vec![candidate], 1, terms, reason.unwrap_or_default())
    }));
    stories.sort_by_cached_key(|story| order(inputs, story));
    let chosen = cap(inputs, stories, &mut out);
    let mut chosen = arrange(inputs, chosen);
    for (story, position) in chosen.iter_mut().zip(1..) {
        story.position = Some(position);
    }
    out.sort_by_cached_key(|story| order(inputs, story));
    chosen.extend(out);
    chosen
}

/// The articles that no rule excludes.
fn eligible(inputs: &Inputs) -> Vec<&Candidate> {
    let candidates = inputs.candidates.iter();
    candidates
        .filter(|candidate| exclusion(&inputs.rules, candidate).is_none())
        .collect()
}

/// Why an article is out whatever its story, if so.
pub(super) fn exclusion(rules: &Rules, candidate: &Candidate) -> Option<String> {
    if candidate.retracted {
        return Some("retracted".into());
    }
    if let Some(what) = rules.exclude.names(candidate) {
        return Some(format!("excluded by {what} (exclude)"));
    }
    if !rules.include.is_empty() && rules.include.names(candidate).is_none() {
        return Some("not among what is included (include)".into());
    }
    None
}

/// Makes stories of the groups. Returns them, and what is only a copy of what readers have.
fn tell<'a>(inputs: &'a Inputs, eligible: &[&'a Candidate], grouping: &Grouping) -> (Vec<Story<'a>>, Vec<Story<'a>>) {
    let before = inputs.told.len();
    let (mut stories, mut out) = (Vec::new(), Vec::new());
    for Group { reports, texts } in &grouping.0 {
        let (old, new): (Vec<usize>, Vec<usize>) = reports.iter().partition(|report| **report < before);
        let copied = |report: &usize, candidate: &Candidate| {
            let text = texts.iter().find(|text| text.contains(report))?;
            let mut told = text.iter().filter_map(|report| inputs.told.get(*report));
            told.find(|told| !is_next_of_series(candidate, told))
        };
        let mut fresh = Vec::new();
        for report in new {
            let candidate = eligible[report - before];
            if let Some(told) = copied(&report, candidate) {
                let terms = terms(inputs, &[candidate], 1, true);
                let reason = format!("a copy of {}, which was in issue {}", told.public_id, told.issue);
                out.push(story(vec![candidate], 1, terms, reason));
            } else {
                fresh.push((report, candidate));
            }
        }
        if fresh.is_empty() {
            continue;
        }
        let texts = texts
            .iter()
            .filter(|text| fresh.iter().any(|(report, _)| text.contains(report)))
            .count();
        let mut reports: Vec<&Candidate> = fresh.into_iter().map(|(_, candidate)| candidate).collect();
        reports.sort_by_cached_key(|report| lead_order(inputs, report));
        prefer_publisher(inputs, &mut reports);
        let independent = sources(&reports).len().clamp(1, texts.max(1));
        let terms = terms(inputs, &reports, independent, !old.is_empty());
        stories.push(story(reports, independent, terms, String::new()));
    }
    (stories, out)
}

/// Whether an article is a later part of a feed's series that an article of an earlier issue belongs to, so that it is no copy of
/// that article however alike they are: a daily item or an anchor at the same address, or another text under the same headline.
fn is_next_of_series(candidate: &Candidate, told: &Told) -> bool {
    if candidate.feed.is_none() || candidate.feed != told.feed {
        return false;
    }
    let page = |url: &str| Url::parse(url).ok().map(|url| canonicalise(&url));
    let (page, told_page) = (page(&candidate.url), page(&told.url));
    // Of one feed, two entries with one address are two articles only if the feed told them apart.
    if page.is_some() && page == told_page {
        return true;
    }
    let texts = [candidate.report(), told.report()].map(|report| Report { title: "", ..report });
    candidate.title.trim() == told.title.trim() && copies(&texts).len() == 2
}

/// Puts articles where the editor wants them, whatever their words say. `number` is where an article is among the reports.
fn regroup(inputs: &Inputs, groups: Vec<Vec<usize>>, number: impl Fn(&str) -> Option<usize>) -> Vec<Vec<usize>> {
    let mut groups = groups;
    for (id, with) in &inputs.edits.regrouped {
        let (Some(report), with) = (number(id), with.as_deref().map(&number)) else {
            continue;
        };
        // The other one may be excluded, and then there is no story to join.
        let join = match with {
            Some(None) => continue,
            Some(Some(other)) => groups.iter().position(|group| group.contains(&other)),
            None => None,
        };
        for group in &mut groups {
            group.retain(|member| *member != report);
        }
        match join {
            Some(at) => groups[at].push(report),
            None => groups.push(vec![report]),
        }
        groups.retain(|group| !group.is_empty());
    }
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

fn story(reports: Vec<&Candidate>, independent: usize, terms: Terms, reason: String) -> Story<'_> {
    Story {
        reports,
        independent,
        terms,
        position: None,
        reason,
        heading: None,
    }
}

/// Who published reports, each once, in their order.
#[must_use]
pub fn sources<'a>(reports: &[&'a Candidate]) -> Vec<&'a str> {
    let mut sources: Vec<&str> = Vec::new();
    for report in reports {
        if !report.source_name.is_empty() && !sources.iter().any(|source| is_same(source, &report.source_name)) {
            sources.push(&report.source_name);
        }
    }
    sources
}

/// What editors and the newsletter's settings prefer in a leading report; the least is preferred.
fn preference(inputs: &Inputs, report: &Candidate) -> (Reverse<bool>, Reverse<i64>, u8) {
    let terms = terms(inputs, &[report], 1, false);
    (
        Reverse(report.pinned || inputs.edits.pinned.contains(&report.public_id)),
        Reverse(thousandths(terms.source + terms.editor)),
        match &report.language {
            Some(language) if is_same_language(language, &inputs.rules.language) => 0,
            None => 1,
            Some(_) => 2,
        },
    )
}

/// Which report leads: in this order, a pinned one, one from the source with the most weight, one in the newsletter's language,
/// one with an excerpt, the first.
fn lead_order(inputs: &Inputs, report: &Candidate) -> impl Ord + use<> {
    (
        preference(inputs, report),
        report.summary.is_empty(),
        report.listed_at(),
        report.public_id.clone(),
    )
}

/// Lets the publisher's report lead instead of another source's report with the address of the same page. Otherwise a feed could put
/// its own headline over another site's article, by linking to it.
fn prefer_publisher(inputs: &Inputs, reports: &mut [&Candidate]) {
    let Some(&lead) = reports.first() else { return };
    let page = |report: &Candidate| Url::parse(&report.url).ok().map(|url| canonicalise(&url));
    let (page_of_lead, preferred) = (page(lead), preference(inputs, lead));
    let closer = reports.iter().enumerate().filter(|(_, report)| {
        report.closeness > lead.closeness && page(report) == page_of_lead && preference(inputs, report) == preferred
    });
    if let Some((place, _)) = closer.max_by_key(|(place, report)| (report.closeness, Reverse(*place))) {
        reports[..=place].rotate_right(1);
    }
}

/// What the editor pinned comes first, then the highest score, then the newest.
fn order(inputs: &Inputs, story: &Story<'_>) -> impl Ord + use<> {
    let pinned = inputs.edits.pinned.iter().position(|id| story.has(id));
    (
        pinned.unwrap_or(usize::MAX),
        !story.reports.iter().any(|report| report.pinned),
        Reverse(thousandths(story.terms.score())),
        Reverse(story.lead().listed_at()),
        story.lead().public_id.clone(),
    )
}

/// Points as a number that can be compared and sorted.
#[expect(clippy::cast_possible_truncation, reason = "points are sums of a few logarithms")]
fn thousandths(points: f64) -> i64 {
    (points * 1000.0).round() as i64
}

/// `3 stories`, or `one story`: "the 1 story" would sound as if there were no other.
pub(super) fn most(stories: usize) -> String {
    match stories {
        1 => "one story".to_owned(),
        many => format!("{many} stories"),
    }
}

/// The reason of a story that is left out because the issue is full.
#[must_use]
pub fn beyond_max_stories(max_stories: usize) -> String {
    format!("beyond the {} of an issue (max_stories)", most(max_stories))
}

/// The most important first, then the others by topic, topics in the order of their best; then what the editor moved.
fn arrange<'a>(inputs: &Inputs, chosen: Vec<Story<'a>>) -> Vec<Story<'a>> {
    let mut arranged = chosen;
    let mut rest = arranged.split_off(inputs.rules.top_stories.min(arranged.len()));
    if rest.iter().any(|story| !story.topic().is_empty()) {
        let mut topics: Vec<String> = Vec::new();
        for story in &mut rest {
            let topic = story.topic().to_owned();
            if !topics.iter().any(|known| is_same(known, &topic)) {
                topics.push(topic.clone());
            }
            story.heading = topics.iter().find(|known| is_same(known, &topic)).cloned();
        }
        // What has no topic comes last. The sort is stable: within a topic the score decides.
        rest.sort_by_key(|story| {
            let place = topics.iter().position(|topic| is_same(topic, story.topic()));
            (story.topic().is_empty(), place)
        });
    }
    arranged.extend(rest);
    for (id, place) in &inputs.edits.moved {
        if let Some(at) = arranged.iter().position(|story| story.has(id)) {
            let mut story = arranged.remove(at);
            let to = place.saturating_sub(1).min(arranged.len());
            // It stands under the heading of the one whose place it takes; at the end, of the one before.
            let neighbour = arranged.get(to).or(arranged.last());
            story.heading = neighbour.and_then(|neighbour| neighbour.heading.clone());
            story.reason = "moved by an editor".into();
            arranged.insert(to, story);
        }
    }
    arranged
}

impl Candidate {
    fn report(&self) -> Report<'_> {
        Report {
            title: &self.title,
            text: &self.summary,
            language: self.language.as_deref(),
        }
    }
}

impl Told {
    fn report(&self) -> Report<'_> {
        Report {
            title: &self.title,
            text: &self.summary,
            language: self.language.as_deref(),
        }
    }
}
