//! Compiles an issue from its inputs, and from nothing else: equal inputs give equal bytes.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::inputs::{Candidate, Inputs, Recap};
use super::render::{PREFERENCES_PLACEHOLDER, RenderError, UNSUBSCRIBE_PLACEHOLDER, render};
use super::rules::is_same;
use super::selection::{Grouping, Story, select, sources};
use super::subject::Values;
use super::view::{DigestView, SourceView, StoryView};
use crate::domain::time_zone::TimeZone;
use crate::text::language::is_same_language;

/// A compiled issue.
#[derive(Clone, Debug)]
pub struct Compilation<'a> {
    /// The subject.
    pub subject: String,
    /// The HTML, with a placeholder for the reader's link.
    pub html: String,
    /// The text, with the same placeholder.
    pub text: String,
    /// Every story, those that are in first and in their order.
    pub stories: Vec<Story<'a>>,
}

impl Compilation<'_> {
    /// How many stories are in.
    #[must_use]
    pub fn chosen(&self) -> usize {
        self.stories.iter().filter(|story| story.position.is_some()).count()
    }
}

/// Compiles an issue, however few stories it has.
///
/// # Errors
/// [`RenderError`].
pub fn compile(inputs: &Inputs) -> Result<Compilation<'_>, RenderError> {
    compile_grouped(inputs, &Grouping::of(inputs))
}

/// [`compile`] with reports that were grouped before.
///
/// # Errors
/// [`RenderError`].
pub fn compile_grouped<'a>(inputs: &'a Inputs, grouping: &Grouping) -> Result<Compilation<'a>, RenderError> {
    let stories = select(inputs, grouping);
    let TimeZone(zone) = inputs.timezone;
    let chosen: Vec<&Story<'_>> = stories.iter().filter(|story| story.position.is_some()).collect();
    let date_line = date_line(inputs);
    let views: Vec<StoryView> = chosen
        .iter()
        .map(|story| story_view(inputs, &story.reports, story.heading.clone(), zone))
        .collect();
    let lead = views.first().map_or("", |story| story.title.as_str());
    let values = Values {
        lead,
        date: &date_line,
        count: views.len(),
        newsletter: &inputs.newsletter,
        number: inputs.number,
    };
    let subject = match &inputs.edits.subject {
        // Nobody cuts an editor's words behind their back; preflight says if they are too many.
        Some(edited) => edited.fill_whole(&values),
        // It has no first headline, so the subject says that it is a correction.
        None if inputs.corrections_only => match inputs.corrections.len() {
            1 => format!("{}: a correction", inputs.newsletter),
            many => format!("{}: {many} corrections", inputs.newsletter),
        },
        None => inputs.rules.subject.fill(&values),
    };
    let rendered = render(&DigestView {
        voice: inputs.site.voice,
        language: inputs.rules.language.clone(),
        site_name: inputs.site.name.clone(),
        site_url: inputs.site.url.clone(),
        newsletter_name: inputs.newsletter.clone(),
        issue_number: inputs.number,
        date_line,
        intro: intro(inputs),
        by_topic: views.iter().any(|story| story.topic.is_some()),
        by_score: !chosen.iter().any(|story| story.is_placed_by_hand(inputs)),
        stories: views,
        corrections: inputs.corrections.clone(),
        unsubscribe_url: UNSUBSCRIBE_PLACEHOLDER.to_owned(),
        preferences_url: PREFERENCES_PLACEHOLDER.to_owned(),
        page: inputs.page.clone(),
        postal_address: inputs.site.postal_address.clone(),
    })?;
    Ok(Compilation {
        subject,
        html: rendered.html,
        text: rendered.text,
        stories,
    })
}

/// The day of an issue as people read it.
pub(super) fn date_line(inputs: &Inputs) -> String {
    let TimeZone(zone) = inputs.timezone;
    inputs.at.with_timezone(&zone).format("%A %-d %B %Y").to_string()
}

/// The word before the stories, if there is any.
pub(super) fn intro(inputs: &Inputs) -> Option<String> {
    let own = inputs.edits.intro.clone().or_else(|| inputs.rules.intro.clone());
    let recap = inputs.recap.as_ref().map(recap_line);
    let intro = recap.into_iter().chain(own).collect::<Vec<_>>().join(" ");
    Some(intro).filter(|intro| !intro.is_empty())
}

/// What this issue gathers, for its readers.
fn recap_line(recap: &Recap) -> String {
    let issues = match recap.from {
        first if first == recap.to => format!("no. {first}"),
        first => format!("no. {first} to {}", recap.to),
    };
    if recap.weekly {
        format!("The best of the week, from {issues}.")
    } else {
        format!("What you missed: the best of {issues}.")
    }
}

/// A story as an issue says it, from its reports, of which the first leads it.
pub(super) fn story_view(inputs: &Inputs, reports: &[&Candidate], heading: Option<String>, zone: Tz) -> StoryView {
    let lead = reports[0];
    let retitled = reports
        .iter()
        .find_map(|report| inputs.edits.titles.get(&report.public_id));
    let title = retitled.unwrap_or(&lead.title);
    // Some feeds repeat the headline as the summary.
    let lede = Some(&lead.summary).filter(|lede| *lede != title);
    let reported = reports.iter().filter(|report| !report.source_name.is_empty());
    StoryView {
        public_id: lead.public_id.clone(),
        category: lead.category.clone(),
        language: lead.language.clone(),
        title: title.clone(),
        url: lead.url.clone(),
        lede: lede.cloned().unwrap_or_default(),
        sources: reported
            .map(|report| SourceView {
                name: report.source_name.clone(),
                url: Some(report.url.clone()),
                title: report.title.clone(),
            })
            .collect(),
        note: inputs.rules.story_note.then(|| note(inputs, reports, zone)),
        topic_language: heading
            .as_deref()
            .and_then(|heading| heading_language(reports, heading, &inputs.rules.language)),
        topic: heading,
        image: reports.iter().find_map(|report| report.image.clone()),
    }
}

/// The language of a heading that is the topic of one of these reports; `None` if it is unknown or the frame's.
pub(super) fn heading_language(reports: &[&Candidate], heading: &str, frame: &str) -> Option<String> {
    let has_topic = |report: &&&Candidate| report.category.as_deref().is_some_and(|topic| is_same(topic, heading));
    let language = reports.iter().find(has_topic)?.language.as_deref()?;
    (!language.is_empty() && !is_same_language(language, frame)).then(|| language.to_owned())
}

/// `4 sources, the first reached us at 06:12 CET`; with the weekday if it was another day. For the site's own report it says
/// "published" instead.
fn note(inputs: &Inputs, reports: &[&Candidate], zone: Tz) -> String {
    let first = reports.iter().map(|report| report.arrived_at).min();
    let local = |at: DateTime<Utc>| at.with_timezone(&zone);
    let first = local(first.unwrap_or(inputs.at));
    let same_day = first.date_naive() == local(inputs.at).date_naive();
    let time = first.format(if same_day { "%H:%M %Z" } else { "%a %H:%M %Z" });
    let own_pages = format!("{}articles/", inputs.site.url);
    match sources(reports).len() {
        0 | 1 if reports.iter().all(|report| report.url.starts_with(&own_pages)) => format!("published {time}"),
        0 | 1 => format!("reached us at {time}"),
        many => format!("{many} sources, the first reached us at {time}"),
    }
}
