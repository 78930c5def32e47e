//! `daywire template check`: renders the operator's templates with sample data.

mod samples;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;

use super::context::Context;
use super::output::{self, note};
use crate::config::Config;
use crate::templates::{TemplateFault, Templates};
use crate::words::Locales;

/// Commands about templates.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Render every template of templates.dir with sample data, and say what is wrong.
    Check(CheckArgs),
}

/// Options of `daywire template check`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Check this folder instead of templates.dir.
    #[arg(long, value_name = "FOLDER", visible_alias = "dir")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let Command::Check(CheckArgs { folder }) = command;
    let mut config = context.config()?;
    if folder.is_some() {
        config.templates.dir = folder;
    }
    let Some(folder) = config.templates.dir.clone() else {
        if context.json {
            return output::json(&serde_json::json!({ "templates": [], "faults": [] }));
        }
        return output::text("templates.dir is not set, so all templates are the built-in ones");
    };
    let locales = match &config.site.locales {
        Some(folder) => Locales::with_overrides(folder)?,
        None => Locales::default(),
    };
    let (names, faults) = match Templates::read(&folder) {
        Ok(templates) => (templates.replaced(), faults(&config, &locales, &templates)),
        Err(fault) => (Vec::new(), vec![fault]),
    };
    if context.json {
        let listed = faults
            .iter()
            .map(|fault| serde_json::json!({ "file": fault.file, "line": fault.line, "reason": fault.reason }));
        output::json(&serde_json::json!({ "templates": names, "faults": listed.collect::<Vec<_>>() }))?;
    } else {
        for fault in &faults {
            note!("{fault}");
        }
    }
    match faults.len() {
        0 if context.json => Ok(()),
        0 if names.is_empty() => output::text(&format!("{} has no template", folder.display())),
        0 => output::text(&format!("{}: no fault found", names.join(", "))),
        1 => bail!("1 fault found in the templates of {}; correct it", folder.display()),
        many => bail!(
            "{many} faults found in the templates of {}; correct them",
            folder.display()
        ),
    }
}

/// Refuses templates with a fault, at the start of the service.
pub(crate) fn require_sound(config: &Config, locales: &Locales, templates: &Templates) -> anyhow::Result<()> {
    match faults(config, locales, templates).into_iter().next() {
        Some(fault) => Err(fault.into()),
        None => Ok(()),
    }
}

/// What is wrong with the templates: each fault once.
fn faults(config: &Config, locales: &Locales, templates: &Templates) -> Vec<TemplateFault> {
    if templates.replaced().is_empty() {
        return Vec::new();
    }
    let checked = templates.for_check();
    let mut look = config.brand.mail_look(&config.site.url);
    look.templates = checked.clone();
    let preflight = samples::render_all(config, locales, &Arc::new(look));
    let mut faults: Vec<TemplateFault> = Vec::new();
    for fault in checked.take_check().faults.into_iter().chain(preflight) {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::templates::NAMES;

    /// The variables in the tables of docs/templates.md by the names of the templates in the heading above.
    fn documented() -> BTreeMap<String, BTreeSet<String>> {
        let doc = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md");
        let text = fs::read_to_string(doc).expect("the document exists");
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("## ") {
                names = heading
                    .split('`')
                    .filter(|name| NAMES.contains(name))
                    .map(ToOwned::to_owned)
                    .collect();
                if heading == "Variables of every mail" {
                    names = NAMES
                        .iter()
                        .filter(|name| **name != "page.html")
                        .map(ToString::to_string)
                        .collect();
                }
            } else if let Some(name) = line.strip_prefix("| `").and_then(|rest| rest.split('`').next()) {
                for template in &names {
                    found.entry(template.clone()).or_default().insert(name.to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn every_variable_is_documented() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for name in NAMES {
            fs::write(folder.path().join(name), "").expect("the file is written");
        }
        let mut config = Config::default();
        config.site.postal_address = Some("1 Mast Road".into());
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/brands/harbour/daywire.toml");
        config.brand = crate::config::load::<&Path>(Some(&example), [], [])
            .expect("the example is valid")
            .brand;
        let templates = Templates::read(folder.path()).expect("the templates parse").for_check();
        let mut look = config.brand.mail_look(&config.site.url);
        look.templates = templates.clone();
        samples::render_all(&config, &Locales::default(), &Arc::new(look));
        let given = templates.take_check().variables;
        let documented = documented();
        for name in NAMES {
            let (given, documented) = (&given[name], &documented[name]);
            let missing: Vec<_> = given.difference(documented).collect();
            let surplus: Vec<_> = documented.difference(given).collect();
            assert!(
                missing.is_empty(),
                "docs/templates.md does not explain {missing:?} of {name}"
            );
            assert!(
                surplus.is_empty(),
                "docs/templates.md explains {surplus:?}, which {name} does not get"
            );
        }
    }
}
