//! What a check found, and the report of all checks.

use std::fmt::Display;

use serde::Serialize;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There is nothing to mend.
    Ok,
    /// It works, and may not for long or not for everybody.
    Warning,
    /// It must be mended.
    Failed,
    /// It could not be checked, or there is nothing to check.
    Skipped,
}

impl State {
    /// The word that commands print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A check, with what it found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which check it is, such as `relay.login`. docs/reference/doctor.md lists all of them.
    pub name: &'static str,
    /// What was checked, if there may be several: a relay, a domain, a DNS name.
    pub subject: Option<String>,
    /// Whether something must be mended.
    pub state: State,
    /// What was found, in a few words.
    pub found: String,
    /// What to do; `None` if there is nothing to do.
    pub advice: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, State::Ok, found, None)
    }

    pub(super) fn warning(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(name, State::Warning, found, Some(advice.into()))
    }

    pub(super) fn failed(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(name, State::Failed, found, Some(advice.into()))
    }

    pub(super) fn skipped(name: &'static str, reason: impl Into<String>) -> Self {
        Self::new(name, State::Skipped, reason, None)
    }

    /// A failed check from an error. The texts of errors end in what to do, after a semicolon; `otherwise` is the advice if this one does
    /// not.
    pub(super) fn failed_by(name: &'static str, error: &impl Display, otherwise: &str) -> Self {
        let text = error.to_string();
        match text.rsplit_once("; ") {
            Some((found, advice)) => Self::failed(name, found, advice),
            None => Self::failed(name, text, otherwise),
        }
    }

    fn new(name: &'static str, state: State, found: impl Into<String>, advice: Option<String>) -> Self {
        Self {
            name,
            subject: None,
            state,
            found: found.into(),
            advice,
        }
    }

    /// The same check of one of several things.
    #[must_use]
    pub(super) fn of(self, subject: impl Into<String>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..self
        }
    }
}

/// All checks, in the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Each check with its result.
    pub checks: Vec<Check>,
}

impl Report {
    /// The report on settings that cannot be read, without which nothing else can be checked.
    #[must_use]
    pub fn of_unreadable_settings(error: &impl Display) -> Self {
        let advice = "correct the settings; config/default.toml explains each one";
        Self {
            checks: vec![Check::failed_by("settings", error, advice)],
        }
    }

    /// How many checks have this result.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.checks.iter().filter(|check| check.state == state).count()
    }

    /// Whether nothing must be mended.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.count(State::Failed) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_error_becomes_the_advice() {
        let check = Check::failed_by("database", &"a; b; run `daywire migrate`", "look");
        assert_eq!(
            (check.found.as_str(), check.advice.as_deref()),
            ("a; b", Some("run `daywire migrate`"))
        );
        let check = Check::failed_by("database", &"it broke", "look");
        assert_eq!(
            (check.found.as_str(), check.advice.as_deref()),
            ("it broke", Some("look"))
        );
    }
}
