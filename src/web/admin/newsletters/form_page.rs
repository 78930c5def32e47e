//! The page with the form of a newsletter.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::Console;
use super::form::NewsletterForm;
use super::runs::Runs;
use super::schedule::{DAYS, Mode};
use crate::domain::time_zone::ZONES_BY_REGION;
use crate::newsletter::fields::{FIELDS, FieldKind, FieldMistake};
use crate::web::error::{WebError, page as render};
use crate::web::state::Web;
use crate::words::Words;

/// Somebody else changed the newsletter while the form was open.
#[derive(Debug)]
pub(super) struct Conflict {
    /// Who changed it and when.
    pub(super) changes: Vec<String>,
    /// Fields that both changed: label and stored value.
    pub(super) now: Vec<(String, String)>,
}

#[derive(Debug, Template)]
#[template(path = "admin/newsletter_form.html")]
pub(super) struct FormPage {
    console: Console,
    action: String,
    /// Slug and name of the newsletter that is changed; `None` for a new one.
    newsletter: Option<(String, String)>,
    form: NewsletterForm,
    seen: String,
    loaded: i64,
    mistakes: Vec<FieldMistake>,
    conflict: Option<Conflict>,
    runs: Runs,
}

/// A field of a group.
#[derive(Debug)]
struct Field {
    key: &'static str,
    /// The key as the `id` of an element.
    id: String,
    label: String,
    kind: FieldKind,
    text: String,
    problem: Option<String>,
}

impl FormPage {
    pub(super) fn new(
        web: &Web,
        console: Console,
        newsletter: Option<(String, String)>,
        (form, seen): (NewsletterForm, String),
        loaded: i64,
    ) -> Self {
        let line = form.choice.line().unwrap_or_default();
        let skip = form.text("skip").replace('\n', " ");
        Self {
            runs: Runs::of(web, &console, &line, form.text("timezone").trim(), &skip),
            action: match &newsletter {
                Some((slug, _)) => format!("/admin/newsletters/{slug}/edit"),
                None => "/admin/newsletters".to_owned(),
            },
            console,
            newsletter,
            form,
            seen,
            loaded,
            mistakes: Vec::new(),
            conflict: None,
        }
    }

    pub(super) fn with_mistakes(self, mistakes: Vec<FieldMistake>) -> Self {
        Self { mistakes, ..self }
    }

    pub(super) fn with_conflict(self, conflict: Conflict) -> Self {
        Self {
            conflict: Some(conflict),
            ..self
        }
    }

    pub(super) fn answer(self, status: StatusCode) -> Result<Response, WebError> {
        Ok((status, render(&self)?).into_response())
    }

    pub(super) fn runs(&self) -> &Runs {
        &self.runs
    }

    pub(super) fn console(&self) -> &Console {
        &self.console
    }

    fn problem_at(&self, key: &str) -> Option<&str> {
        let found = self.mistakes.iter().find(|mistake| mistake.key == key);
        found.map(|mistake| mistake.reason.as_str())
    }

    fn is_mode(&self, mode: &str) -> bool {
        mode == match self.form.choice.mode {
            Mode::None => "none",
            Mode::Days => "days",
            Mode::Cron => "cron",
        }
    }

    /// The days of the week with their names.
    fn days(&self) -> Vec<(&'static str, String)> {
        let words = &self.console.words;
        let names = [
            words.day_monday(),
            words.day_tuesday(),
            words.day_wednesday(),
            words.day_thursday(),
            words.day_friday(),
            words.day_saturday(),
            words.day_sunday(),
        ];
        DAYS.into_iter().zip(names).collect()
    }

    /// Whether the chosen time zone is none of the list.
    fn has_other_zone(&self) -> bool {
        let zone = self.form.text("timezone");
        !zone.is_empty() && zone != "UTC" && !zones().iter().any(|(_, names)| names.contains(&zone))
    }

    /// The groups of fields besides the schedule's: whether it is open at first, title and fields.
    fn groups(&self) -> Vec<(bool, String, Vec<Field>)> {
        let words = &self.console.words;
        let is_new = self.newsletter.is_none();
        let group = |is_open: bool, title: String, keys: &[&str]| {
            let named = FIELDS.iter().filter(|(key, _)| keys.contains(key));
            let shown = named.filter(|(key, _)| is_new || *key != "slug");
            let fields: Vec<_> = shown.map(|(key, kind)| self.field(key, *kind)).collect();
            let is_open = is_open || fields.iter().any(|field| field.problem.is_some());
            (is_open, title, fields)
        };
        vec![
            group(
                true,
                words.newsletter_identity(),
                &[
                    "slug",
                    "name",
                    "description",
                    "from",
                    "reply_to",
                    "language",
                    "public",
                    "archive",
                    "welcome",
                    "help",
                    "topics",
                ],
            ),
            group(
                false,
                words.newsletter_content(),
                &[
                    "subject",
                    "intro",
                    "min_stories",
                    "max_stories",
                    "top_stories",
                    "story_note",
                    "include.topics",
                    "include.sources",
                    "include.words",
                    "exclude.topics",
                    "exclude.sources",
                    "exclude.words",
                    "caps.per_topic",
                    "caps.per_source",
                    "caps.topics",
                    "caps.sources",
                ],
            ),
            group(
                false,
                words.newsletter_ranking(),
                &[
                    "ranking.sources",
                    "ranking.source",
                    "ranking.freshness",
                    "ranking.topic",
                    "ranking.novelty",
                    "ranking.half_life",
                    "ranking.memory",
                    "ranking.source_weights",
                    "ranking.topic_weights",
                ],
            ),
        ]
    }

    /// The fields of the schedule besides the time zone.
    fn schedule_fields(&self) -> Vec<Field> {
        let keys = ["lead_time", "skip", "local_time", "grace", "expire_after"];
        let named = FIELDS.iter().filter(|(key, _)| keys.contains(key));
        named.map(|(key, kind)| self.field(key, *kind)).collect()
    }

    fn field(&self, key: &'static str, kind: FieldKind) -> Field {
        Field {
            key,
            id: key.replace('.', "-"),
            label: label(&self.console.words, key),
            kind,
            text: self.form.text(key).to_owned(),
            problem: self.problem_at(key).map(str::to_owned),
        }
    }
}

impl Field {
    fn is_switch(&self) -> bool {
        self.kind == FieldKind::Switch
    }

    fn is_on(&self) -> bool {
        self.text == "true"
    }

    /// How many lines the field shows; 1 for an input.
    fn rows(&self) -> usize {
        match self.kind {
            FieldKind::Line | FieldKind::Number | FieldKind::Switch => 1,
            FieldKind::Text | FieldKind::Lines | FieldKind::Numbers | FieldKind::Topics => 3,
        }
    }

    fn is_number(&self) -> bool {
        self.kind == FieldKind::Number
    }

    /// What is written into it, with an example.
    fn note(&self, words: &Words) -> Option<String> {
        Some(match (self.key, self.kind) {
            ("slug", _) => words.newsletter_slug_note(),
            ("from" | "reply_to", _) => words.newsletter_mailbox_note(),
            ("welcome", _) => words.newsletter_welcome_note(),
            ("topics", _) => words.newsletter_topics_note(),
            ("lead_time", _) => words.newsletter_lead_note(),
            ("skip", _) => words.newsletter_skip_note(),
            ("grace" | "expire_after" | "ranking.half_life" | "ranking.memory", _) => words.newsletter_span_note(),
            ("subject", _) => words.newsletter_subject_note(),
            (_, FieldKind::Lines) => words.newsletter_lines_note(),
            (_, FieldKind::Numbers) => words.newsletter_numbers_note(),
            _ => return None,
        })
    }
}

/// The time zones of each region.
fn zones() -> &'static [(&'static str, Vec<&'static str>)] {
    &ZONES_BY_REGION
}

/// The label of a field.
pub(super) fn label(words: &Words, key: &str) -> String {
    match key {
        "slug" => words.newsletter_slug(),
        "name" => words.newsletter_name(),
        "description" => words.newsletter_description(),
        "from" => words.newsletter_from(),
        "reply_to" => words.newsletter_reply_to(),
        "welcome" => words.newsletter_welcome(),
        "help" => words.newsletter_help(),
        "public" => words.newsletter_public(),
        "archive" => words.newsletter_archive(),
        "topics" => words.newsletter_topics(),
        "schedule" => words.newsletter_schedule(),
        "timezone" => words.newsletter_timezone(),
        "skip" => words.newsletter_skip(),
        "local_time" => words.newsletter_local_time(),
        "weekly_day" => words.newsletter_weekly_day(),
        "lead_time" => words.newsletter_lead_time(),
        "approval" => words.newsletter_approval(),
        "grace" => words.newsletter_grace(),
        "expire_after" => words.newsletter_expire_after(),
        "subject" => words.draft_subject(),
        "intro" => words.draft_intro(),
        "language" => words.article_language(),
        "min_stories" => words.newsletter_min_stories(),
        "max_stories" => words.newsletter_max_stories(),
        "top_stories" => words.newsletter_top_stories(),
        "story_note" => words.newsletter_story_note(),
        "include.topics" => words.newsletter_include_topics(),
        "include.sources" => words.newsletter_include_sources(),
        "include.words" => words.newsletter_include_words(),
        "exclude.topics" => words.newsletter_exclude_topics(),
        "exclude.sources" => words.newsletter_exclude_sources(),
        "exclude.words" => words.newsletter_exclude_words(),
        "caps.per_topic" => words.newsletter_caps_per_topic(),
        "caps.per_source" => words.newsletter_caps_per_source(),
        "caps.topics" => words.newsletter_caps_topics(),
        "caps.sources" => words.newsletter_caps_sources(),
        "ranking.sources" => words.newsletter_ranking_sources(),
        "ranking.source" => words.newsletter_ranking_source(),
        "ranking.freshness" => words.newsletter_ranking_freshness(),
        "ranking.topic" => words.newsletter_ranking_topic(),
        "ranking.novelty" => words.newsletter_ranking_novelty(),
        "ranking.half_life" => words.newsletter_ranking_half_life(),
        "ranking.memory" => words.newsletter_ranking_memory(),
        "ranking.source_weights" => words.newsletter_ranking_source_weights(),
        "ranking.topic_weights" => words.newsletter_ranking_topic_weights(),
        other => other.to_owned(),
    }
}
