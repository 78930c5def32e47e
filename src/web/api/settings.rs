//! `/api/v1/settings`: the settings in force, and where each comes from. Secrets are left out.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ReadSettings};
use super::failure::Failure;
use super::input::{Query, flag, text};
use crate::config::{Origin, SettingInForce};
use crate::web::state::Shared;

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SettingQuery {
    /// Only settings with this text in their path, value or meaning
    #[serde(deserialize_with = "text")]
    search: Option<String>,
    /// true: only settings that differ from the defaults
    #[serde(deserialize_with = "flag")]
    #[param(default = false)]
    changed: Option<bool>,
}

/// The settings in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettingList {
    items: Vec<Setting>,
}

/// A setting in force.
#[derive(Debug, Serialize, ToSchema)]
struct Setting {
    /// Such as `site.url`; with several relays `relay[1].url`
    path: String,
    /// As it is written in a settings file; null: it is secret, and set
    #[schema(required)]
    value: Option<String>,
    origin: SettingOrigin,
    /// The path of the file, or the name of the environment variable; null for a default
    #[schema(required)]
    place: Option<String>,
    about: String,
}

/// Where a value was written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SettingOrigin {
    Default,
    File,
    Environment,
}

impl From<&SettingInForce> for Setting {
    fn from(setting: &SettingInForce) -> Self {
        let (origin, place) = match &setting.origin {
            Origin::Default => (SettingOrigin::Default, None),
            Origin::File(path) => (SettingOrigin::File, Some(path.display().to_string())),
            Origin::Environment(name) => (SettingOrigin::Environment, Some(name.clone())),
        };
        Self {
            path: setting.path.clone(),
            value: setting.value.clone(),
            origin,
            place,
            about: setting.about.clone(),
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/settings", operation_id = "listSettings",
    summary = "The settings in force, and where each comes from. Secrets are left out",
    params(SettingQuery),
    responses((status = 200, description = "The settings", body = SettingList)),
    security(("token" = ["read"])),
)]
pub(super) async fn list(
    _: Bearer<ReadSettings>,
    State(web): Shared,
    query: Query<SettingQuery>,
) -> Result<Json<SettingList>, Failure> {
    query.errors.finish()?;
    let search = query.parameters.search.unwrap_or_default().trim().to_lowercase();
    let only_changed = query.parameters.changed.unwrap_or(false);
    let settings = web.app.config.in_force.iter();
    let settings = settings.filter(|setting| setting.contains(&search));
    let settings = settings.filter(|setting| !only_changed || setting.origin != Origin::Default);
    Ok(Json(SettingList {
        items: settings.map(Setting::from).collect(),
    }))
}
