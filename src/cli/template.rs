//! `daywire template check`: renders the operator's templates with sample data, or with the stories of an issue.

mod sample_mail;
mod samples;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;

use super::context::Context;
use super::names::{self, IssueName};
use super::output::{self, note};
use crate::config::Config;
use crate::digest::drafts;
use crate::mail::look::{MailDesign, MailLook};
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
    /// Also render the digest with the stories of this issue, such as daily/12 or `last`.
    #[arg(long, value_name = "ISSUE")]
    issue: Option<IssueName>,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let Command::Check(CheckArgs { folder, issue }) = command;
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
    let (replaced, faults) = match Templates::read(&folder) {
        Ok(templates) => {
            let mut faults = faults(&config, &locales, &templates);
            if let Some(issue) = issue.filter(|_| faults.is_empty()) {
                faults = faults_with_issue(context, &config, &templates, &issue).await?;
            }
            (templates.replaced(), faults)
        }
        Err(fault) => (Vec::new(), vec![fault]),
    };
    if context.json {
        let listed = faults
            .iter()
            .map(|fault| serde_json::json!({ "file": fault.file, "line": fault.line, "reason": fault.reason }));
        output::json(&serde_json::json!({ "templates": replaced, "faults": listed.collect::<Vec<_>>() }))?;
    } else {
        for fault in &faults {
            note!("{fault}");
        }
    }
    match faults.len() {
        0 if context.json => Ok(()),
        0 if replaced.is_empty() => output::text(&format!("{} has no template", folder.display())),
        0 => output::text(&format!("{}: no fault found", replaced.join(", "))),
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
    // Rendering would find some of these again, with less to say about them.
    let unknown = templates.unknown_names();
    if !unknown.is_empty() {
        return unknown;
    }
    if templates.replaced().is_empty() {
        return Vec::new();
    }
    let look = look_for_check(config, templates);
    let preflight = samples::render_all(config, locales, &look);
    collect(&look, preflight)
}

/// The look of mails, with templates that collect their faults.
fn look_for_check(config: &Config, templates: &Templates) -> Arc<MailLook> {
    let mut look = config.brand.mail_look(&config.site.url);
    look.templates = templates.for_check();
    Arc::new(look)
}

/// What is wrong with the digest's templates if they show a stored issue.
async fn faults_with_issue(
    context: &Context,
    config: &Config,
    templates: &Templates,
    issue: &IssueName,
) -> anyhow::Result<Vec<TemplateFault>> {
    let app = context.app().await?;
    let id = names::issue(&mut app.store.read().await?, issue).await?;
    let look = look_for_check(config, templates);
    let design = MailDesign {
        look: Arc::clone(&look),
        ..app.mail_design()
    };
    let compiled = drafts::compile_again(&app, id, design).await?;
    let mail = samples::issue_mail(config, compiled.subject, &compiled.html, &compiled.text);
    Ok(collect(&look, mail.preflight(config, templates)))
}

/// The faults that rendering found, and those of preflight, each once.
fn collect(look: &MailLook, preflight: Vec<TemplateFault>) -> Vec<TemplateFault> {
    let mut faults: Vec<TemplateFault> = Vec::new();
    for fault in look.templates.take_check().faults.into_iter().chain(preflight) {
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::templates::{NAMES, Variables};

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
        for name in NAMES {
            let (given, documented) = (&given[name], &Variables::of(name).0);
            let missing: Vec<_> = given.difference(documented).collect();
            let surplus: Vec<_> = documented.difference(given).collect();
            assert!(
                missing.is_empty(),
                "docs/reference/templates.md does not explain {missing:?} of {name}"
            );
            assert!(
                surplus.is_empty(),
                "docs/reference/templates.md explains {surplus:?}, which {name} does not get"
            );
        }
    }
}
