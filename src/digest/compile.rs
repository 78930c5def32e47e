//! Compiles an issue from its inputs, and from nothing else: neither database nor clock. Equal inputs give equal bytes.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::grouping::Grouping;
use super::inputs::{Candidate, CombinedFor, CombinedIssues, Inputs};
use super::links::page_path;
use super::placeholders::{PREFERENCES_PLACEHOLDER, UNSUBSCRIBE_PLACEHOLDER};
use super::render::{RenderError, render};
use super::selection::select;
use super::story::{Story, source_names};
use super::subject::Values;
use super::view::{DigestView, SourceView, StoryView};
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::is_same_topic;
use crate::mail::look::MailDesign;
use crate::text::language::is_same_language;
use crate::words::Words;

/// A compiled issue. Its parts contain placeholders for each subscriber's links.
#[derive(Clone, Debug)]
pub(super) struct Compilation<'a> {
    pub(super) subject: String,
    pub(super) html: String,
    pub(super) text: String,
    /// Every story: those in the issue first, in their order.
    pub(super) stories: Vec<Story<'a>>,
}

impl Compilation<'_> {
    /// How many stories the issue has.
    pub(super) fn story_count(&self) -> usize {
        self.stories.iter().filter(|story| story.position.is_some()).count()
    }
}

/// Compiles an issue, however few stories it has.
pub(super) fn compile<'a>(inputs: &'a Inputs, design: &MailDesign) -> Result<Compilation<'a>, RenderError> {
    compile_grouped(inputs, &Grouping::of(inputs), design)
}

/// [`compile`] with a grouping that editions share, because grouping takes most of the time.
pub(super) fn compile_grouped<'a>(
    inputs: &'a Inputs,
    grouping: &Grouping,
    design: &MailDesign,
) -> Result<Compilation<'a>, RenderError> {
    let words = design.locales.words(inputs.language, inputs.site.voice);
    let stories = select(inputs, grouping);
    let TimeZone(zone) = inputs.timezone;
    let chosen: Vec<&Story<'_>> = stories.iter().filter(|story| story.position.is_some()).collect();
    let date_line = date_line(inputs, &words);
    let views: Vec<StoryView> = chosen
        .iter()
        .map(|story| story_view(inputs, &story.reports, story.heading.clone(), zone, &words))
        .collect();
    let lead = views.first().map_or("", |story| story.title.as_str());
    let values = Values {
        lead,
        date: &date_line,
        count: views.len(),
        newsletter: &inputs.newsletter_name,
        number: inputs.issue_number,
    };
    let subject = match &inputs.edits.subject {
        // An editor's subject is not shortened. Preflight reports if it is too long.
        Some(edited) => edited.fill_whole(&values),
        // There is no lead story for the newsletter's template.
        None if inputs.corrections_only => words.corrections_subject(inputs.corrections.len(), &inputs.newsletter_name),
        None => inputs.rules.subject.fill(&values),
    };
    let rendered = render(&DigestView {
        combined: inputs
            .combined_issues
            .as_ref()
            .map(|combined| combined_issues_line(combined, &words)),
        intro: intro(inputs),
        language: inputs.rules.language.clone(),
        site_name: inputs.site.name.clone(),
        site_url: inputs.site.url.clone(),
        newsletter_name: inputs.newsletter_name.clone(),
        issue_number: inputs.issue_number,
        date_line,
        by_topic: views.iter().any(|story| story.heading.is_some()),
        by_score: !chosen.iter().any(|story| story.is_placed_by_hand(inputs)),
        stories: views,
        corrections: inputs.corrections.clone(),
        unsubscribe_url: UNSUBSCRIBE_PLACEHOLDER.to_owned(),
        preferences_url: PREFERENCES_PLACEHOLDER.to_owned(),
        page: inputs.page_url.clone(),
        postal_address: inputs.site.postal_address.clone(),
        look: Arc::clone(&design.look),
        words,
    })?;
    Ok(Compilation {
        subject,
        html: rendered.html,
        text: rendered.text,
        stories,
    })
}

/// The date of an issue, such as `Sunday 23 November 2025`.
pub(super) fn date_line(inputs: &Inputs, words: &Words) -> String {
    let TimeZone(zone) = inputs.timezone;
    words.full_date(inputs.at.with_timezone(&zone).date_naive())
}

/// The text before the stories: the editor's, or the newsletter's.
pub(super) fn intro(inputs: &Inputs) -> Option<String> {
    let intro = inputs.edits.intro.clone().or_else(|| inputs.rules.intro.clone());
    intro.filter(|intro| !intro.is_empty())
}

/// Which issues this edition combines, for its subscribers.
pub(super) fn combined_issues_line(combined: &CombinedIssues, words: &Words) -> String {
    let CombinedIssues { reason, first, last } = combined;
    match reason {
        CombinedFor::WeeklyDigest if first == last => words.best_of_week_issue(first),
        CombinedFor::WeeklyDigest => words.best_of_week(first, last),
        CombinedFor::EndedPause if first == last => words.missed_issue(first),
        CombinedFor::EndedPause => words.missed_issues(first, last),
    }
}

/// A story as an issue shows it. `reports` are its reports, the lead first.
pub(super) fn story_view(
    inputs: &Inputs,
    reports: &[&Candidate],
    heading: Option<String>,
    zone: Tz,
    words: &Words,
) -> StoryView {
    let lead = reports[0];
    let retitled = reports
        .iter()
        .find_map(|report| inputs.edits.titles.get(&report.public_id));
    let title = retitled.unwrap_or(&lead.title);
    // Some feeds repeat the headline as the summary; it would be printed twice.
    let excerpt = Some(&lead.summary).filter(|summary| *summary != title);
    let reported = reports.iter().filter(|report| !report.source_name.is_empty());
    StoryView {
        public_id: lead.public_id.clone(),
        lead_topic: lead.category.clone(),
        language: lead.language.clone(),
        title: title.clone(),
        url: lead.url.clone(),
        excerpt: excerpt.cloned().unwrap_or_default(),
        sources: reported
            .map(|report| SourceView {
                name: report.source_name.clone(),
                url: Some(report.url.clone()),
                title: report.title.clone(),
            })
            .collect(),
        note: inputs.rules.story_note.then(|| note(inputs, reports, zone, words)),
        heading_language: heading
            .as_deref()
            // The newsletter's own topics are in its language.
            .filter(|_| inputs.rules.topics.is_empty())
            .and_then(|heading| heading_language(reports, heading, &inputs.rules.language)),
        heading,
        image: reports.iter().find_map(|report| report.image.clone()),
    }
}

/// The language of a heading that is the topic of one of these reports. `None` if it is unknown or equals `frame`, the newsletter's
/// language.
pub(super) fn heading_language(reports: &[&Candidate], heading: &str, frame: &str) -> Option<String> {
    let has_topic = |report: &&&Candidate| {
        report
            .category
            .as_deref()
            .is_some_and(|topic| is_same_topic(topic, heading))
    };
    let language = reports.iter().find(has_topic)?.language.as_deref()?;
    (!language.is_empty() && !is_same_language(language, frame)).then(|| language.to_owned())
}

/// A line such as `4 sources, the first reached us at 06:12 CET`. It names the weekday if that was not the day of the issue. An
/// article that is only on this site did not reach us: the line says that it was published.
fn note(inputs: &Inputs, reports: &[&Candidate], zone: Tz, words: &Words) -> String {
    let first = reports.iter().map(|report| report.arrived_at).min();
    let local = |at: DateTime<Utc>| at.with_timezone(&zone);
    let first = local(first.unwrap_or(inputs.at));
    let time = words.time_of_day(&first, local(inputs.at).date_naive());
    let site = inputs.site.url.trim_end_matches('/');
    let is_on_site =
        |report: &&Candidate| report.url == format!("{site}{}", page_path(&report.public_id, &report.title));
    match source_names(reports).len() {
        0 | 1 if reports.iter().all(is_on_site) => words.story_published(time),
        0 | 1 => words.story_reached_us(time),
        many => words.story_sources(many, time),
    }
}
