//! The fields of a newsletter as a person types them.

use sha2::{Digest, Sha256};

use super::super::forms::field;
use super::schedule::{Choice, Missing, canonical};
use crate::newsletter::fields::{FIELDS, FieldKind, FieldMistake, FieldTexts};
use crate::text::plain::without_nul;
use crate::words::Words;

/// The form with its schedule.
#[derive(Clone, Debug, Default)]
pub(super) struct NewsletterForm {
    pub(super) texts: FieldTexts,
    pub(super) choice: Choice,
}

/// The fields that others changed, and of these the fields that the operator changed to another value.
#[derive(Clone, Debug, Default)]
pub(super) struct Merge {
    pub(super) by_others: Vec<&'static str>,
    pub(super) by_both: Vec<&'static str>,
}

impl NewsletterForm {
    /// The fields that were posted.
    pub(super) fn read(body: &[u8]) -> Self {
        let text = |key: &str, kind| match kind {
            FieldKind::Switch => (!field(body, key).is_empty()).to_string(),
            _ => without_nul(&field(body, key).replace("\r\n", "\n")),
        };
        let mut texts: FieldTexts = FIELDS.iter().map(|(key, kind)| (*key, text(key, *kind))).collect();
        let choice = Choice::read(body);
        texts.insert("schedule", choice.line().unwrap_or_default());
        Self { texts, choice }
    }

    /// The fields of a stored newsletter.
    pub(super) fn of(texts: FieldTexts) -> Self {
        let choice = Choice::of(texts.get("schedule").map_or("", String::as_str));
        Self { texts, choice }
    }

    pub(super) fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// What the schedule lacks.
    pub(super) fn schedule_mistake(&self, words: &Words) -> Option<FieldMistake> {
        let reason = match self.choice.line().err()? {
            Missing::Day => words.schedule_without_day(),
            Missing::Time => words.schedule_without_time(),
        };
        Some(FieldMistake {
            key: "schedule",
            reason,
        })
    }

    /// The value of a field to compare it.
    fn compared(&self, key: &str) -> String {
        let text = self.text(key);
        match key {
            "schedule" => canonical(text),
            _ => text.trim().to_owned(),
        }
    }

    /// The hashes of the shown values. The form sends them back, so that [`Self::merge`] finds the fields that others changed meanwhile.
    pub(super) fn seen(&self) -> String {
        let hashes = FIELDS.iter().map(|(key, _)| hash(&self.compared(key)));
        hashes.collect::<Vec<_>>().join("-")
    }

    /// Takes the stored value of each field that the operator did not change. `seen` is what [`Self::seen`] returned when the form was
    /// shown.
    pub(super) fn merge(&mut self, stored: &Self, seen: &str) -> Merge {
        let seen: Vec<&str> = seen.split('-').collect();
        let mut merge = Merge::default();
        for (index, (key, _)) in FIELDS.iter().enumerate() {
            let seen = seen.get(index).copied().unwrap_or_default();
            let (typed, now) = (self.compared(key), stored.compared(key));
            let by_others = hash(&now) != seen;
            if typed == now || hash(&typed) == seen {
                // Also for equal values: two forms of one schedule are no change.
                self.texts.insert(key, stored.text(key).to_owned());
                if *key == "schedule" {
                    self.choice.clone_from(&stored.choice);
                }
            } else if by_others {
                merge.by_both.push(key);
            }
            if by_others {
                merge.by_others.push(key);
            }
        }
        merge
    }
}

fn hash(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..4])
}
