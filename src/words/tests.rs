//! Every language is complete, and every message says what its English original says with the same values.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser::parse;

use super::formats::Formats;
use super::linked::Linked;
use super::messages::declarations;
use super::overrides::{Reference, collect, texts_of};
use super::sources::Sources;
use super::{Language, Locales, Voice};

/// The largest number of things that a message counts.
const MAX_COUNT: u64 = 100_000;

/// The files of a language with their names: the shared ones and those of the two voices.
fn files(language: Language) -> Vec<(String, &'static str)> {
    let sources = Sources::of(language);
    let shared = sources
        .shared
        .iter()
        .map(|(name, text)| (format!("{language}/{name}.ftl"), *text));
    let voices = Voice::ALL.map(|voice| (format!("{language}/{}.ftl", voice.as_str()), sources.of_voice(voice)));
    shared.chain(voices).collect()
}

/// Each message of a file: its id and its text.
fn messages(file: &str, text: &'static str) -> Vec<(&'static str, Pattern<&'static str>)> {
    let resource = parse(text).unwrap_or_else(|(_, errors)| panic!("{file} does not parse: {errors:?}"));
    let messages = resource.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => {
            assert!(
                message.attributes.is_empty(),
                "{file}: {} has an attribute",
                message.id.name
            );
            Some((
                message.id.name,
                message.value.expect("a message without attributes has a text"),
            ))
        }
        Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => None,
        Entry::Term(_) | Entry::Junk { .. } => panic!("{file} has an entry that is no message"),
    });
    messages.collect()
}

#[test]
fn every_language_has_every_message_once_in_each_voice() {
    let declared: BTreeSet<&str> = declarations().map(|declaration| declaration.id).collect();
    assert_eq!(declared.len(), declarations().count(), "a message is declared twice");
    let english: BTreeMap<String, Vec<&str>> = files(Language::English)
        .into_iter()
        .map(|(file, text)| {
            (
                file.replace("en/", ""),
                messages(&file, text).into_iter().map(|(id, _)| id).collect(),
            )
        })
        .collect();
    assert_eq!(english["plain.ftl"], english["radio.ftl"]);
    for language in Language::ALL {
        for (file, text) in files(language) {
            let ids: Vec<&str> = messages(&file, text).into_iter().map(|(id, _)| id).collect();
            let name = file.replace(&format!("{language}/"), "");
            assert_eq!(
                ids, english[&name],
                "{file} has other messages than en/{name}, or another order"
            );
        }
    }
    let in_files: Vec<&str> = english
        .iter()
        .filter(|(file, _)| *file != "radio.ftl")
        .flat_map(|(_, ids)| ids.clone())
        .collect();
    assert_eq!(in_files.len(), declared.len());
    assert_eq!(in_files.into_iter().collect::<BTreeSet<_>>(), declared);
}

#[test]
fn every_message_uses_the_declared_values_and_has_the_declared_link() {
    for language in Language::ALL {
        for (file, text) in files(language) {
            for (id, pattern) in messages(&file, text) {
                let declaration = declarations().find(|declaration| declaration.id == id);
                let declaration = declaration.unwrap_or_else(|| panic!("{file}: {id} is not declared"));
                let mut references = Vec::new();
                collect(&pattern, &mut references);
                let mut used = BTreeSet::new();
                for reference in references {
                    match reference {
                        Reference::Variable(name) => used.insert(name),
                        Reference::Other(name) => panic!("{file}: {id} refers to {name}"),
                    };
                }
                let declared: BTreeSet<&str> = declaration.variables.iter().copied().collect();
                // The radio voice names neither the newsletter nor the kind of an article.
                let may_leave_out = file.ends_with("radio.ftl");
                let is_complete = used == declared || may_leave_out && used.is_subset(&declared);
                assert!(is_complete, "{file}: {id} uses {used:?} of {declared:?}");
                for text in texts_of(&pattern) {
                    assert_eq!(Linked::is_in(&text), declaration.is_linked, "{file}: {id}: {text}");
                    assert!(declaration.is_linked || !text.contains("<a>"), "{file}: {id}: {text}");
                }
            }
        }
    }
}

/// The plural forms that whole numbers have in a language.
fn plural_forms(language: Language) -> BTreeSet<&'static str> {
    let formats = Formats::of(language);
    let numbers = (0..=1_000).chain([10_000, MAX_COUNT]);
    numbers.map(|number| formats.plural_form(number)).collect()
}

#[test]
fn every_choice_by_number_has_all_plural_forms_of_the_language() {
    let mut choices = 0;
    for language in Language::ALL {
        let expected = plural_forms(language);
        for (file, text) in files(language) {
            for (id, pattern) in messages(&file, text) {
                for element in &pattern.elements {
                    let PatternElement::Placeable {
                        expression: Expression::Select { selector, variants },
                    } = element
                    else {
                        continue;
                    };
                    let InlineExpression::VariableReference { id: variable } = selector else {
                        panic!("{file}: {id} selects by something else than a variable");
                    };
                    assert_eq!(variable.name, "count", "{file}: {id}");
                    let forms: BTreeSet<&str> = variants
                        .iter()
                        .filter_map(|variant| match variant.key {
                            VariantKey::Identifier { name } => Some(name),
                            VariantKey::NumberLiteral { .. } => None,
                        })
                        .collect();
                    assert_eq!(forms, expected, "{file}: {id}");
                    choices += 1;
                }
            }
        }
    }
    assert!(choices > 80, "only {choices} choices were looked at");
}

#[test]
fn one_story_is_singular_and_every_other_number_plural() {
    let locales = Locales::default();
    let plain = locales.words(Language::English, Voice::Plain);
    assert_eq!(plain.opening(1_usize), "In this issue: 1 story.");
    assert_eq!(
        plain.opening(16_usize),
        "In this issue: 16 stories, the most important first."
    );
    let radio = locales.words(Language::English, Voice::Radio);
    assert_eq!(radio.opening_by_hand(1_usize), "1 transmission on the log.");
    let polish = locales.words(Language::Polish, Voice::Radio);
    assert_eq!(polish.opening_by_hand(3_usize), "3 transmisje w dzienniku.");
    assert_eq!(polish.opening_by_hand(5_usize), "5 transmisji w dzienniku.");
    let arabic = locales.words(Language::Arabic, Voice::Plain);
    assert_eq!(arabic.opening_by_hand(2_usize), "في هذا العدد: خبران.");
    assert_eq!(arabic.opening_by_hand(103_usize), "في هذا العدد: 103 أخبار.");
    assert_eq!(
        arabic.opening(0_usize),
        "لا أخبار جديدة في هذا العدد. وهو يصحّح ما ورد في أعداد سابقة."
    );
}

#[test]
fn dates_and_numbers_are_written_as_the_language_writes_them() {
    let locales = Locales::default();
    let date = NaiveDate::from_ymd_opt(2025, 11, 23).expect("the date exists");
    let at = date.and_hms_opt(7, 9, 0).expect("the time exists").and_utc();
    for (language, full, day, moment, many) in [
        (
            Language::English,
            "Sunday 23 November 2025",
            "23 November 2025",
            "23 Nov 2025 · 07:09 UTC",
            "1,234,567 more",
        ),
        (
            Language::German,
            "Sonntag, 23. November 2025",
            "23. November 2025",
            "23.11.2025 · 07:09 UTC",
            "1.234.567 weitere",
        ),
    ] {
        let words = locales.words(language, Voice::Plain);
        assert_eq!(words.full_date(date), full);
        assert_eq!(words.day(date), day);
        assert_eq!(words.month(date), "November 2025");
        assert_eq!(words.moment(&at), moment);
        assert_eq!(words.more_sources(1_234_567_usize), many);
    }
    for language in Language::ALL {
        let words = locales.words(language, Voice::Plain);
        let shown = [words.full_date(date), words.day(date), words.moment(&at)];
        for text in &shown {
            assert!(text.contains("23") && text.contains("2025"), "{language}: {text}");
        }
        // In a text from right to left the time is isolated.
        let moment = words.moment(&at);
        assert!(
            moment.trim_end_matches('\u{2069}').ends_with("07:09 UTC"),
            "{language}: {moment}"
        );
    }
    let far = NaiveDate::from_ymd_opt(260_000, 1, 2).expect("the date exists");
    assert_eq!(locales.words(Language::German, Voice::Plain).day(far), "+260000-01-02");
}

#[test]
fn a_voice_in_another_language_keeps_its_identifiers() {
    for language in Language::ALL {
        let radio = Locales::default().words(language, Voice::Radio);
        assert_eq!(radio.signup_label(), "transmission_log");
        assert_eq!(radio.comments_label(), "operator_channel");
        assert_eq!(radio.comments_status(), "comments_offline · provider_not_configured");
        assert_eq!(Locales::default().words(language, Voice::Plain).signup_label(), "");
    }
}
