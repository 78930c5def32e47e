//! What people can subscribe to: the public newsletters with their topics, and the words of the form. A process keeps it until the
//! site's revision in the database changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::form_words::words_of_site;
use super::request::SignupError;
use crate::app::App;
use crate::digest::topics::newsletter_topics;
use crate::domain::ids::NewsletterId;
use crate::domain::topics::{self, Topics};
use crate::store::StoreError;
use crate::store::newsletters::Newsletter;
use crate::store::texts::SharedText;
use crate::words::Language;

/// An older offer is read again.
const MAX_AGE: TimeDelta = TimeDelta::hours(1);

/// What people can subscribe to.
#[derive(Debug)]
pub(super) struct Offer {
    /// The site's revision in the database when this was read.
    revision: i64,
    read_at: DateTime<Utc>,
    /// The public newsletters, oldest first.
    pub(super) newsletters: Vec<Newsletter>,
    /// The topics that each newsletter offers. `None` if no request has named topics yet: reading them takes longer than all the rest.
    topics: Option<HashMap<NewsletterId, Vec<String>>>,
    /// The words that the form of this site shows in each language, made when a request first needs them.
    words: [OnceLock<SharedText>; Language::ALL.len()],
}

/// Keeps the latest [`Offer`].
#[derive(Debug, Default)]
pub(super) struct OfferCache(Mutex<Option<Arc<Offer>>>);

/// Why a request does not fit the offer.
#[derive(Debug)]
pub(super) enum OfferError {
    /// The request is refused.
    Refused(SignupError),
    /// The topics that the request names have to be read first.
    TopicsUnread,
}

impl<E: Into<SignupError>> From<E> for OfferError {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl OfferCache {
    pub(super) fn latest(&self) -> Option<Arc<Offer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the offer from the database and keeps it.
    pub(super) async fn read(&self, app: &App, with_topics: bool) -> Result<(), StoreError> {
        let mut tx = app.store.read_snapshot().await?;
        let revision = tx.site_revision().await?;
        let newsletters = tx.public_newsletters().await?;
        let mut topics = None;
        if with_topics {
            let mut offered = HashMap::new();
            for newsletter in &newsletters {
                offered.insert(newsletter.id, newsletter_topics(&mut tx, app, newsletter).await?);
            }
            topics = Some(offered);
        }
        drop(tx);
        let offer = Offer {
            revision,
            read_at: app.clock.now(),
            newsletters,
            topics,
            words: std::array::from_fn(|_| OnceLock::new()),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(offer));
        Ok(())
    }
}

impl Offer {
    /// The words that the form of this site shows in a language.
    pub(super) fn words(&self, app: &App, language: Language) -> &SharedText {
        self.words[language as usize].get_or_init(|| {
            let words = words_of_site(&app.words(language), &app.config.site, &self.newsletters);
            SharedText::new(words.as_shown())
        })
    }

    /// The words of the form in all languages that requests have needed.
    pub(super) fn needed_words(&self) -> Vec<&SharedText> {
        self.words.iter().filter_map(OnceLock::get).collect()
    }

    /// Whether the offer is unchanged. The topics of articles also depend on the time, so an old offer is read again.
    pub(super) fn is_current(&self, revision: i64, now: DateTime<Utc>) -> bool {
        self.revision == revision && self.read_at <= now && now < self.read_at + MAX_AGE
    }

    /// The newsletters with these slugs, always in the order of the offer.
    pub(super) fn requested(&self, slugs: &[String]) -> Result<Vec<&Newsletter>, SignupError> {
        if slugs.is_empty() {
            let first = self.newsletters.first().ok_or(SignupError::NoNewsletter)?;
            return Ok(vec![first]);
        }
        // The sign-up page sends an empty slug beside those that the reader chose. A request without any slug is for the first
        // newsletter. A reader who unticks all newsletters sends only the empty slug, and must not be subscribed to one.
        let slugs: Vec<_> = slugs.iter().filter(|slug| !slug.is_empty()).collect();
        if slugs.is_empty() {
            return Err(SignupError::NoneChosen);
        }
        let is_offered = |slug: &str| self.newsletters.iter().any(|newsletter| newsletter.slug == slug);
        if let Some(unknown) = slugs.iter().find(|slug| !is_offered(slug)) {
            return Err(SignupError::UnknownNewsletter(unknown.chars().take(64).collect()));
        }
        let is_requested = |newsletter: &&Newsletter| slugs.contains(&&newsletter.slug);
        Ok(self.newsletters.iter().filter(is_requested).collect())
    }

    /// Why newsletters and topics of a request do not fit the offer; `None` if they do, or if the topics are not read.
    pub(super) fn refusal(&self, newsletters: &[String], topics: &[String]) -> Option<SignupError> {
        let newsletters = match self.requested(newsletters) {
            Ok(newsletters) => newsletters,
            Err(error) => return Some(error),
        };
        match self.topics(&newsletters, topics) {
            Err(OfferError::Refused(error)) => Some(error),
            Ok(_) | Err(OfferError::TopicsUnread) => None,
        }
    }

    pub(super) const fn has_topics(&self) -> bool {
        self.topics.is_some()
    }

    /// For each newsletter those of the requested topics that it offers. At least one newsletter has to offer each topic. For a newsletter
    /// that offers none of them, the reader gets all topics.
    pub(super) fn topics(&self, newsletters: &[&Newsletter], requested: &[String]) -> Result<Vec<Topics>, OfferError> {
        if requested.is_empty() {
            return Ok(vec![Topics::default(); newsletters.len()]);
        }
        let Some(topics) = &self.topics else {
            return Err(OfferError::TopicsUnread);
        };
        let offered: Vec<&[String]> = newsletters
            .iter()
            .map(|newsletter| topics.get(&newsletter.id).map_or(&[][..], Vec::as_slice))
            .collect();
        let mut all = offered.concat();
        all.sort();
        all.dedup();
        topics::choose(requested, &all)?;
        let chosen_of = |offered: &&[String]| {
            let chosen = requested.iter().filter(|topic| offered.contains(topic)).cloned();
            Topics::normalised(&chosen.collect::<Vec<_>>())
        };
        Ok(offered.iter().map(chosen_of).collect())
    }
}
