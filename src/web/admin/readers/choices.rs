//! The form with a reader's preferences for one newsletter.

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::digest::rules::language_of;
use crate::digest::topics::{newsletter_topics_as_written, topic_name};
use crate::domain::states::Cadence;
use crate::preferences::{offered_topics, zone_of};
use crate::store::preferences::Preferences;
use crate::store::subscribers::Subscriber;
use crate::store::subscriptions::Subscription;
use crate::store::{StoreError, Tx};
use crate::web::pages::{FieldProblems, LanguageChoice, TopicChoice};
use crate::web::preferences::FormFields;
use crate::words::Language;

/// The form as the page shows it.
#[derive(Debug)]
pub(super) struct PreferencesForm {
    pub(super) topics: Vec<TopicChoice>,
    pub(super) weekly: bool,
    pub(super) timezone: String,
    pub(super) languages: Vec<LanguageChoice>,
    pub(super) pause_until: String,
    pub(super) resume: bool,
    /// The stored preferences that the operator saw, for the check that nobody changed them meanwhile.
    pub(super) seen: String,
    pub(super) problems: FieldProblems,
}

/// Stands for stored preferences in the form.
pub(super) fn fingerprint(stored: &Preferences, zone: Option<chrono_tz::Tz>) -> String {
    let digest = Sha256::digest(format!("{stored:?} {zone:?}"));
    data_encoding::HEXLOWER.encode(&digest[..8])
}

/// The form with the stored preferences.
pub(super) async fn form(
    tx: &mut Tx,
    app: &App,
    subscriber: &Subscriber,
    subscription: &Subscription,
) -> Result<PreferencesForm, StoreError> {
    let newsletter = tx.newsletter(subscription.newsletter_id).await?;
    let offered = offered_topics(tx, app, &newsletter, subscription).await?;
    let written = newsletter_topics_as_written(tx, app, &newsletter).await?;
    let stored = tx.preferences(subscription.id).await?;
    let zone = zone_of(Some(subscriber));
    let language = stored.language.unwrap_or_else(|| language_of(app, &newsletter));
    Ok(PreferencesForm {
        topics: offered
            .into_iter()
            .map(|name| TopicChoice {
                chosen: stored.topics.iter().any(|topic| topic == name),
                label: topic_name(&name, &written),
                name,
            })
            .collect(),
        weekly: stored.cadence == Cadence::Weekly,
        timezone: zone.map(|zone| zone.name().to_owned()).unwrap_or_default(),
        languages: Language::ALL
            .into_iter()
            .map(|choice| LanguageChoice {
                language: choice,
                chosen: choice == language,
            })
            .collect(),
        pause_until: String::new(),
        resume: false,
        seen: fingerprint(&stored, zone),
        problems: FieldProblems::default(),
    })
}

impl PreferencesForm {
    /// The names of the chosen topics; none for all topics.
    pub(super) fn chosen_topics(&self) -> Vec<&str> {
        let chosen = self.topics.iter().filter(|topic| topic.chosen);
        chosen.map(|topic| topic.label.as_str()).collect()
    }

    /// Puts what was typed into the form, with what is wrong with it.
    pub(super) fn keep(&mut self, typed: &FormFields, problems: FieldProblems) {
        for topic in &mut self.topics {
            topic.chosen = typed.topics.contains(&topic.name);
        }
        self.weekly = typed.cadence == Cadence::Weekly.as_str();
        self.timezone.clone_from(&typed.timezone);
        for choice in &mut self.languages {
            choice.chosen = choice.language.tag() == typed.language;
        }
        self.pause_until.clone_from(&typed.pause_until);
        self.resume = typed.resume;
        self.problems = problems;
    }
}
