//! The columns of one file: their roles, and what a row says in them.

use std::collections::BTreeMap;

use super::meaning::{self, Meaning, folded};
use super::role::{ADDRESS, Role, role};
use crate::domain::redact::without_addresses;

/// No export of a mailing system comes near this number of columns.
const MAX_COLUMNS: usize = 1_000;

/// The columns of one file.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    roles: Vec<Role>,
    pub(super) address: usize,
    /// The meanings that the operator gave for values, by column and folded value.
    values: BTreeMap<(usize, String), Meaning>,
    seen: Seen,
}

/// What the first pass over the file collects about each column.
#[derive(Debug, Default)]
struct Seen {
    /// The line and the text of the first value that is not empty.
    first: Vec<Option<(u64, String)>>,
    /// The first value that means that somebody unsubscribed.
    leaving: Vec<Option<(u64, String)>>,
    /// How many values are status words, and how many are not.
    status: Vec<(u64, u64)>,
}

/// Why the columns cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ColumnFault {
    #[error("the first line names {0} columns and at most {MAX_COLUMNS} are read; is this file a CSV?")]
    TooMany(usize),
    #[error("no column is named email or address; the first line must name the columns, and it names {}", quoted(.0))]
    NoAddress(Vec<String>),
    #[error("columns {first} and {second} are both named \"{name}\"; rename or delete one of them")]
    Twice { name: String, first: usize, second: usize },
    #[error("no column is named \"{0}\"; the columns are {names}", names = quoted(.1))]
    NoSuchColumn(String, Vec<String>),
}

/// A column that may be about consent and is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnclearColumn {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) value: String,
}

/// What a row says.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) meaning: Meaning,
    /// The column and value that decided, such as `Global status: bounced`; empty if none did.
    pub(super) because: String,
    /// The same for a summary of many rows, without values that differ by row, such as a time.
    pub(super) in_short: String,
    /// Columns and values about the sign-up and confirmation, such as `CONFIRM_TIME: 2020-03-23 17:30:05`.
    pub(super) evidence: String,
    pub(super) name: Option<String>,
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

impl Columns {
    /// Finds the role of each column by its name. Columns in `ignored` have none.
    pub(super) fn find(
        header: &[String],
        ignored: &[String],
        values: &[(String, String, Meaning)],
    ) -> Result<Self, ColumnFault> {
        if header.len() > MAX_COLUMNS {
            return Err(ColumnFault::TooMany(header.len()));
        }
        let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
        for (index, name) in header.iter().enumerate() {
            first_of.entry(folded(name)).or_insert(index);
        }
        let position = |name: &String| {
            let found = first_of.get(&folded(name)).copied();
            found.ok_or_else(|| ColumnFault::NoSuchColumn(name.clone(), header.to_vec()))
        };
        let ignored = ignored.iter().map(position).collect::<Result<Vec<_>, _>>()?;
        let mut by_value = BTreeMap::new();
        for (column, value, meaning) in values {
            by_value.insert((position(column)?, folded(value)), *meaning);
        }
        let mut roles: Vec<_> = header.iter().map(|name| role(name)).collect();
        for index in ignored {
            roles[index] = Role::Other;
        }
        for (second, name) in header.iter().enumerate() {
            let first = first_of.get(&folded(name)).copied().unwrap_or(second);
            if first < second && !folded(name).is_empty() && (roles[first], roles[second]) != (Role::Other, Role::Other)
            {
                let (name, first, second) = (name.clone(), first + 1, second + 1);
                return Err(ColumnFault::Twice { name, first, second });
            }
        }
        // A file may have a column for the postal address, too.
        let ranked = |index: &usize| ADDRESS.position(&folded(&header[*index]));
        let candidates = (0..header.len()).filter(|index| roles[*index] == Role::Address);
        let address = candidates
            .min_by_key(ranked)
            .ok_or_else(|| ColumnFault::NoAddress(header.to_vec()))?;
        let columns = header.len();
        Ok(Self {
            names: header.to_vec(),
            roles,
            address,
            values: by_value,
            seen: Seen {
                first: vec![None; columns],
                leaving: vec![None; columns],
                status: vec![(0, 0); columns],
            },
        })
    }

    /// First pass: collects what the columns contain.
    pub(super) fn look_at(&mut self, line: u64, fields: &[String]) {
        for (index, value) in fields.iter().enumerate() {
            if value.is_empty() {
                continue;
            }
            match self.roles[index] {
                Role::Unclear if self.seen.first[index].is_none() => {
                    self.seen.first[index] = Some((line, value.clone()));
                }
                Role::PossibleStatus => {
                    let (known, unknown) = &mut self.seen.status[index];
                    match meaning::status(value) {
                        Meaning::Unknown => *unknown += 1,
                        _ => *known += 1,
                    }
                    if self.seen.leaving[index].is_none() && meaning::speaks_of_leaving(value) {
                        self.seen.leaving[index] = Some((line, value.clone()));
                    }
                }
                Role::Other if self.seen.leaving[index].is_none() && meaning::speaks_of_leaving(value) => {
                    self.seen.leaving[index] = Some((line, value.clone()));
                }
                _ => {}
            }
        }
    }

    /// After the first pass: decides the role of columns that depend on their content, and returns those that are not understood.
    pub(super) fn settle(&mut self, ignored: &[String]) -> Vec<UnclearColumn> {
        let mut unclear = Vec::new();
        for index in 0..self.roles.len() {
            if self.roles[index] == Role::PossibleStatus {
                let (known, unknown) = self.seen.status[index];
                let status = known > 0 && (known >= unknown || self.seen.leaving[index].is_some());
                self.roles[index] = if status { Role::Status } else { Role::Other };
            }
            let name = &self.names[index];
            if ignored.iter().any(|other| folded(other) == folded(name)) {
                continue;
            }
            let seen = match self.roles[index] {
                Role::Unclear => &self.seen.first[index],
                Role::Other => &self.seen.leaving[index],
                _ => &None,
            };
            if let Some((line, value)) = seen {
                let (name, line, value) = (name.clone(), *line, value.clone());
                unclear.push(UnclearColumn { name, line, value });
            }
        }
        unclear.extend(self.unproved_status());
        unclear
    }

    /// listmonk's export has one status for all lists of a subscriber. Those who never confirmed are "enabled" too.
    fn unproved_status(&self) -> Option<UnclearColumn> {
        let named = |wanted: &str| self.names.iter().position(|name| folded(name) == wanted);
        named("uuid").and(named("attributes"))?;
        let index = named("status").filter(|index| self.roles[*index] == Role::Status)?;
        let value = "enabled".to_owned();
        (!self.values.contains_key(&(index, value.clone()))).then(|| UnclearColumn {
            name: self.names[index].clone(),
            line: 2,
            value,
        })
    }

    /// Second pass: what a row says. If several columns say something, the most severe [`Meaning`] decides.
    pub(super) fn read(&self, fields: &[String]) -> Said {
        let mut said = Said {
            meaning: Meaning::Active,
            because: String::new(),
            in_short: String::new(),
            evidence: String::new(),
            name: None,
        };
        for (index, value) in fields.iter().enumerate() {
            let meaning = match self.values.get(&(index, folded(value))) {
                Some(meaning) => *meaning,
                None => self.meaning(index, value),
            };
            if meaning > said.meaning {
                said.meaning = meaning;
                said.because = format!("{}: {}", self.names[index], without_addresses(value));
                let is_word = value.len() <= 30 && !value.contains(|c: char| c.is_ascii_digit());
                said.in_short = if is_word {
                    said.because.clone()
                } else {
                    self.names[index].clone()
                };
            }
            if matches!(self.roles[index], Role::Evidence | Role::Confirmed) && !value.is_empty() {
                let between = if said.evidence.is_empty() { "" } else { ", " };
                said.evidence = format!("{}{between}{}: {value}", said.evidence, self.names[index]);
            }
        }
        said.name = self.name(fields);
        said
    }

    fn meaning(&self, index: usize, value: &str) -> Meaning {
        let answer = meaning::yes_or_no(value);
        match self.roles[index] {
            Role::Status => meaning::status(value),
            Role::Affirmed(no) => match answer {
                // An empty cell is not a consent.
                _ if value.is_empty() => Meaning::Unconfirmed,
                Some(true) => Meaning::Active,
                Some(false) => no,
                None if is_time(value) => Meaning::Active,
                None => meaning::status(value),
            },
            Role::Denied(yes) => match (answer, meaning::status(value)) {
                (Some(false), _) => Meaning::Active,
                (None, Meaning::Unknown) if folded(value).contains("soft") => Meaning::Unknown,
                _ => yes,
            },
            Role::Confirmed if value.is_empty() || answer == Some(false) => Meaning::Unconfirmed,
            Role::Counted(what) => match value.parse::<f64>() {
                Ok(number) if number > 0.0 && what == Meaning::Complained => what,
                Ok(number) if number <= 0.0 => Meaning::Active,
                _ if value.is_empty() => Meaning::Active,
                _ => Meaning::Unknown,
            },
            Role::Happened(what) => match answer {
                Some(false) => Meaning::Active,
                _ => what,
            },
            _ => Meaning::Active,
        }
    }

    fn name(&self, fields: &[String]) -> Option<String> {
        let of = |role: Role| {
            let index = self.roles.iter().position(|other| *other == role);
            index.map_or("", |index| fields[index].as_str())
        };
        let whole = of(Role::Name);
        let name = match (whole, of(Role::FirstName), of(Role::LastName)) {
            ("", first, last) => format!("{first} {last}"),
            // Some systems call the first name "Name" and the last one "Surname".
            (whole, "", last) if !last.is_empty() => format!("{whole} {last}"),
            (whole, ..) => whole.to_owned(),
        };
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }
}

/// Whether the text is a date, with or without a time of day.
fn is_time(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    digits >= 6 && value.chars().all(|c| c.is_ascii_digit() || " -/.:TZ+".contains(c))
}
