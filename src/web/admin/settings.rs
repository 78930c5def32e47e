//! The settings in force, and where each comes from.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Html;

use super::console::Console;
use super::forms::field;
use crate::config::{Origin, SettingInForce};
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;
use crate::words::Words;

#[derive(Debug, Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    console: Console,
    search: String,
    only_changed: bool,
    sections: Vec<Section>,
}

#[derive(Debug)]
struct Section {
    name: String,
    settings: Vec<SettingLine>,
}

#[derive(Debug)]
struct SettingLine {
    name: String,
    value: String,
    is_default: bool,
    origin: String,
    about: String,
}

impl SettingLine {
    fn new(words: &Words, setting: &SettingInForce) -> Self {
        let name = setting.path.rsplit('.').next().unwrap_or(&setting.path);
        Self {
            name: name.to_owned(),
            value: setting.value.clone().unwrap_or_else(|| words.settings_hidden()),
            is_default: setting.origin == Origin::Default,
            origin: match &setting.origin {
                Origin::Default => words.settings_default(),
                Origin::File(path) => words.settings_file(path.display().to_string()),
                Origin::Environment(name) => words.settings_environment(name),
            },
            about: setting.about.clone(),
        }
    }
}

pub(super) async fn page(
    State(web): Shared,
    console: Console,
    RawQuery(query): RawQuery,
) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let search = field(query.as_bytes(), "search");
    let only_changed = !field(query.as_bytes(), "changed").is_empty();
    let wanted = search.trim().to_lowercase();
    let mut sections: Vec<Section> = Vec::new();
    for setting in &web.app.config.in_force {
        if !setting.contains(&wanted) || only_changed && setting.origin == Origin::Default {
            continue;
        }
        let line = SettingLine::new(&console.words, setting);
        match sections.last_mut().filter(|last| last.name == setting.section()) {
            Some(last) => last.settings.push(line),
            None => sections.push(Section {
                name: setting.section().to_owned(),
                settings: vec![line],
            }),
        }
    }
    render(&SettingsPage {
        console,
        search,
        only_changed,
        sections,
    })
}
