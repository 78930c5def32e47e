//! What is wrong with the fields of a form, in the language of the page. The API and the commands have the same reasons in English.

use super::pages::FieldProblems;
use crate::domain::address::AddressError;
use crate::domain::topics::{MAX_NAMED, MAX_TOPICS, TopicError};
use crate::preferences::PreferenceError;
use crate::signup::SignupError;
use crate::words::Words;

/// Adds what a refused sign-up is about, each beside its field.
pub(super) fn add_signup_problems(problems: &mut FieldProblems, error: &SignupError, words: &Words) {
    for error in error.each() {
        problems.add(signup_field(error), signup_problem(error, words));
    }
}

/// A sentence for a refused sign-up.
fn signup_problem(error: &SignupError, words: &Words) -> String {
    match error {
        SignupError::Address(error) => address_problem(error, words),
        SignupError::UnknownNewsletter(slug) => words.newsletter_unknown(slug),
        SignupError::NoneChosen => words.newsletter_none_chosen(),
        SignupError::NoNewsletter => words.newsletter_none(),
        SignupError::Timezone(zone) => words.time_zone_unknown(zone),
        SignupError::Name => words.name_invalid(),
        SignupError::Topic(error) => topic_problem(error, words),
        SignupError::TooMany => words.too_many_happened(),
        // These are answered with another page.
        SignupError::Several(_) | SignupError::ProofRequired | SignupError::Store(_) | SignupError::Template(_) => {
            words.broken_happened()
        }
    }
}

/// The name of the field that a refused sign-up is about.
pub(super) const fn signup_field(error: &SignupError) -> &'static str {
    match error {
        SignupError::UnknownNewsletter(_) | SignupError::NoneChosen | SignupError::NoNewsletter => "newsletter",
        SignupError::Timezone(_) => "timezone",
        SignupError::Name => "name",
        SignupError::Topic(_) => "topic",
        SignupError::Address(_)
        | SignupError::TooMany
        | SignupError::Several(_)
        | SignupError::ProofRequired
        | SignupError::Store(_)
        | SignupError::Template(_) => "email",
    }
}

/// Adds why preferences were not saved, each reason beside its field.
pub(super) fn add_preference_problems(problems: &mut FieldProblems, error: &PreferenceError, words: &Words) {
    match error {
        PreferenceError::Several(errors) => {
            for error in errors {
                add_preference_problems(problems, error, words);
            }
        }
        PreferenceError::Begun(day) => problems.add("pause_until", words.pause_day_begun(words.day(*day))),
        PreferenceError::NoDay(day) => problems.add("pause_until", words.pause_day_impossible(words.day(*day))),
        PreferenceError::TooLong { latest } => problems.add("pause_until", words.pause_too_long(words.day(*latest))),
        PreferenceError::Topic(error) => problems.add("topic", topic_problem(error, words)),
        PreferenceError::NotConfirmed(_) => problems.of_page = Some(words.pause_not_possible()),
        PreferenceError::NotPaused(_) => problems.of_page = Some(words.pause_not_running()),
        PreferenceError::TooMany => problems.of_page = Some(words.pause_too_often()),
        // The first only happens to programs, and the others are answered with another page.
        PreferenceError::Outdated | PreferenceError::Store(_) | PreferenceError::Template(_) => {
            problems.of_page = Some(words.broken_happened());
        }
    }
}

fn topic_problem(error: &TopicError, words: &Words) -> String {
    match error {
        TopicError::NotOffered { topic, offered } if offered.is_empty() => words.topic_none_offered(topic),
        TopicError::NotOffered { topic, offered } => {
            let separator = words.list_separator();
            let mut named = offered
                .iter()
                .take(MAX_NAMED)
                .cloned()
                .collect::<Vec<_>>()
                .join(&separator);
            if offered.len() > MAX_NAMED {
                named.push_str(&separator);
                named.push('…');
            }
            words.topic_unknown(topic, named)
        }
        TopicError::TooMany => words.topics_too_many(MAX_TOPICS),
    }
}

pub(super) fn address_problem(error: &AddressError, words: &Words) -> String {
    match error {
        AddressError::Empty => words.address_empty(),
        AddressError::NoAt => words.address_without_at(),
        AddressError::SeveralAts => words.address_several_ats(),
        AddressError::DisplayName => words.address_with_name(),
        AddressError::Control => words.address_control(),
        AddressError::Space => words.address_space(),
        AddressError::Comment => words.address_comment(),
        AddressError::Invisible => words.address_invisible(),
        AddressError::LocalEmpty => words.address_local_empty(),
        AddressError::LocalTooLong => words.address_local_too_long(),
        AddressError::LocalDots => words.address_local_dots(),
        AddressError::LocalCharacter(character) if character.is_ascii_graphic() => {
            words.address_local_character(character.to_string())
        }
        AddressError::LocalCharacter(character) => {
            words.address_local_character(format!("U+{:04X}", u32::from(*character)))
        }
        AddressError::LocalQuotes => words.address_local_quotes(),
        AddressError::DomainEmpty => words.address_domain_empty(),
        AddressError::DomainLiteral => words.address_domain_literal(),
        AddressError::DomainWithoutDot => words.address_domain_without_dot(),
        AddressError::DomainDots => words.address_domain_dots(),
        AddressError::DomainNumericTld => words.address_domain_number(),
        AddressError::DomainTld => words.address_domain_tld(),
        AddressError::DomainTooLong => words.address_domain_too_long(),
        AddressError::DomainInvalid => words.address_domain_invalid(),
        AddressError::TooLong => words.address_too_long(),
    }
}
