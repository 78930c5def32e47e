//! Makes the sign-up form for the pages that have one.

use super::error::WebError;
use super::pages::{FieldProblems, NewsletterChoice, SignupDetails, SignupForm, Site, TopicChoice, TopicGroup};
use super::signup_fields::FormFields;
use super::state::Web;
use crate::digest::rules::rules_of;
use crate::domain::states::Cadence;
use crate::domain::topics::normal;
use crate::schedule::is_sent_more_than_weekly;
use crate::signup::form_words::{words_of_newsletter, words_of_site};
use crate::signup::{new_form_token, renewed_form_token};
use crate::store::newsletters::Newsletter;

/// Where a form is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum FormPlacement<'a> {
    /// The box on other pages, which only asks for the address.
    Box,
    /// The page of its own, `/subscribe`.
    Page,
    /// The page for iframes on other sites, which is for one newsletter.
    Embed(&'a Newsletter),
}

/// The empty form for the box on other pages. The layer `etag::answer_page` fills in its token.
pub(super) async fn box_form(web: &Web, site: &Site) -> Result<SignupForm, WebError> {
    make_form(
        web,
        site,
        FormPlacement::Box,
        &FormFields::default(),
        FieldProblems::default(),
    )
    .await
}

/// The empty form with one newsletter preselected.
pub(super) async fn box_form_for(web: &Web, site: &Site, newsletter: &str) -> Result<SignupForm, WebError> {
    let fields = FormFields::for_newsletter(newsletter);
    make_form(web, site, FormPlacement::Box, &fields, FieldProblems::default()).await
}

/// The empty form with one newsletter preselected, for a page that is not kept.
pub(super) async fn own_form_for(web: &Web, site: &Site, newsletter: &str) -> Result<SignupForm, WebError> {
    let form = box_form_for(web, site, newsletter).await?;
    Ok(SignupForm {
        token: new_form_token(&web.app),
        ..form
    })
}

/// The form with what was typed, and what is wrong with it.
pub(super) async fn make_form(
    web: &Web,
    site: &Site,
    place: FormPlacement<'_>,
    fields: &FormFields,
    problems: FieldProblems,
) -> Result<SignupForm, WebError> {
    let newsletters = match place {
        FormPlacement::Embed(newsletter) => vec![newsletter.clone()],
        FormPlacement::Box | FormPlacement::Page => web.newsletters().await?,
    };
    let config = &web.app.config.site;
    let words = match place {
        FormPlacement::Embed(newsletter) => words_of_newsletter(&site.words, config, newsletter),
        FormPlacement::Box | FormPlacement::Page => words_of_site(&site.words, config, &newsletters),
    };
    let details = match place {
        FormPlacement::Box => None,
        FormPlacement::Page | FormPlacement::Embed(_) => Some(details(web, site, &newsletters, fields)),
    };
    let choices = newsletters
        .into_iter()
        .enumerate()
        .map(|(index, newsletter)| NewsletterChoice {
            chosen: if fields.newsletters.is_empty() {
                index == 0
            } else {
                fields.newsletters.contains(&newsletter.slug)
            },
            slug: newsletter.slug,
            name: newsletter.name,
            description: newsletter.description,
        });
    Ok(SignupForm {
        words,
        newsletters: choices.collect(),
        email: fields.email.chars().take(320).collect(),
        name: fields.name.chars().take(200).collect(),
        problems,
        token: match place {
            FormPlacement::Box => web.form_placeholder.clone(),
            FormPlacement::Page | FormPlacement::Embed(_) => renewed_form_token(&web.app, &fields.form),
        },
        hidden: Vec::new(),
        details,
    })
}

/// What the form asks of what the newsletters use. Topics are only those that a newsletter's file names: those of articles change daily.
fn details(web: &Web, site: &Site, newsletters: &[Newsletter], fields: &FormFields) -> SignupDetails {
    let now = web.app.clock.now();
    let groups = newsletters.iter().filter_map(|newsletter| {
        // Rules that cannot be read are reported when the next issue is compiled.
        let named = rules_of(newsletter).ok()?.topics;
        let topics = named.into_iter().map(|topic| {
            let name = normal(&topic.name);
            TopicChoice {
                chosen: fields.topics.iter().any(|chosen| normal(chosen) == name),
                name,
                label: topic.name,
            }
        });
        let topics: Vec<_> = topics.collect();
        (!topics.is_empty()).then(|| TopicGroup {
            newsletter: (newsletters.len() > 1).then(|| newsletter.name.clone()),
            topics,
        })
    });
    let has_weekly_edition = newsletters
        .iter()
        .any(|newsletter| is_sent_more_than_weekly(newsletter, now));
    let has_local_time = newsletters.iter().any(|newsletter| newsletter.local_time);
    SignupDetails {
        topics: groups.collect(),
        cadence: has_weekly_edition.then(|| fields.cadence.parse().unwrap_or(Cadence::Every)),
        timezone: has_local_time.then(|| fields.timezone.chars().take(64).collect()),
        language: fields.language.unwrap_or(site.words.language()),
    }
}
