//! The columns of one file: finds the role of each, and reads from a row what the other system reports about a subscriber.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::cell_time::is_set_time;
use super::column_fault::{ColumnFault, MAX_COLUMNS, UnclearColumn};
use super::column_role::{ADDRESS, ColumnRole, role_of};
use super::column_samples::{ColumnSample, Rules};
use super::reported_status::{ReportedStatus, interpret_status, yes_or_no};
use super::value_rule::ValueRule;
use super::word_list::fold;
use crate::domain::redact::without_addresses;
use crate::domain::time_zone::TimeZone;
use crate::feeds::date;
use crate::text::plain::beginning;

/// What decided the status if it was the name of the file.
const NAME_OF_FILE: &str = "the name of the file";
/// The longest value that a summary of rows names. Longer values are rarely words.
const MAX_SUMMARY_VALUE_BYTES: usize = 30;

/// The columns of one file.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    roles: Vec<ColumnRole>,
    /// The index of the address column.
    pub(super) address: usize,
    /// The folded names of the columns that the operator set to be ignored.
    ignored: BTreeSet<String>,
    /// What values report according to the operator, by column.
    rules: BTreeMap<usize, Rules>,
    /// What the name of the file reports about everybody in it.
    status_of_file: Option<ReportedStatus>,
    /// Whether network addresses are read.
    pub(super) keeps_network_addresses: bool,
    samples: Vec<ColumnSample>,
}

/// What the content of the columns decides.
#[derive(Debug)]
pub(super) struct Decided {
    /// The columns that are not understood.
    pub(super) unclear: Vec<UnclearColumn>,
    /// Whether more columns report a status than before.
    pub(super) has_more_statuses: bool,
}

/// What a row reports about a subscriber.
#[derive(Clone, Debug)]
pub(super) struct ReportedSubscriber {
    pub(super) status: ReportedStatus,
    /// The column and value that decided the status, such as `Global status: bounced`; empty if none did.
    pub(super) because: String,
    /// The time in the cell that decided the status, if it is one.
    pub(super) since: Option<DateTime<Utc>>,
    /// The same as `because` for a summary of many rows, without values that differ by row, such as a time.
    pub(super) because_in_summary: String,
    /// Columns and values about sign-up and confirmation, such as `CONFIRM_TIME: 2020-03-23 17:30:05`.
    pub(super) evidence: String,
    /// The network address from which the person confirmed; without it, the one from which they signed up.
    pub(super) network_address: Option<IpAddr>,
    pub(super) name: Option<String>,
    pub(super) timezone: Option<TimeZone>,
    pub(super) tags: Vec<String>,
}

impl Columns {
    /// Finds the role of each column by its name. The columns named in `ignored` have none.
    pub(super) fn find(header: &[String], ignored: &[String], value_rules: &[ValueRule]) -> Result<Self, ColumnFault> {
        if header.len() > MAX_COLUMNS {
            return Err(ColumnFault::TooMany(header.len()));
        }
        let mut first_with_name: BTreeMap<String, usize> = BTreeMap::new();
        for (index, name) in header.iter().enumerate() {
            first_with_name.entry(fold(name)).or_insert(index);
        }
        let index_of = |name: &String| {
            let index = first_with_name.get(&fold(name)).copied();
            index.ok_or_else(|| ColumnFault::NoSuchColumn(name.clone(), header.to_vec()))
        };
        let mut rule_of: BTreeMap<usize, Rules> = BTreeMap::new();
        for rule in value_rules {
            let rules = rule_of.entry(index_of(&rule.column)?).or_default();
            rules.insert(fold(&rule.value), rule.status);
        }
        let mut roles: Vec<_> = header.iter().map(|name| role_of(name)).collect();
        for name in ignored {
            roles[index_of(name)?] = ColumnRole::Other;
        }
        for (second, name) in header.iter().enumerate() {
            let first = index_of(name)?;
            let matters = [first, second].iter().any(|index| {
                !matches!(
                    roles[*index],
                    ColumnRole::Other | ColumnRole::Unexplained | ColumnRole::Tags
                )
            });
            if first < second && !fold(name).is_empty() && matters {
                let (name, first, second) = (name.clone(), first + 1, second + 1);
                return Err(ColumnFault::Twice { name, first, second });
            }
        }
        // A file may have a column for the postal address, too.
        let certainty = |index: &usize| ADDRESS.position(&fold(&header[*index]));
        let address = (0..header.len())
            .filter(|index| roles[*index] == ColumnRole::Address)
            .min_by_key(certainty)
            .ok_or_else(|| ColumnFault::NoAddress(header.to_vec()))?;
        Ok(Self {
            names: header.to_vec(),
            roles,
            address,
            ignored: ignored.iter().map(|name| fold(name)).collect(),
            rules: rule_of,
            status_of_file: None,
            keeps_network_addresses: true,
            samples: vec![ColumnSample::default(); header.len()],
        })
    }

    /// Takes the name of the file into account. Mailchimp exports people in different states as different files, which it names after the
    /// state, and the file of those who never subscribed has no other sign of it.
    pub(super) fn set_file_name(&mut self, name: &str) {
        let has = |folded: &str| self.names.iter().any(|name| fold(name) == folded);
        let word = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if has("leid") && has("euid") {
            self.status_of_file = match fold(word).as_str() {
                "unsubscribed" | "nonsubscribed" | "transactional" => Some(ReportedStatus::Unsubscribed),
                "cleaned" => Some(ReportedStatus::Bounced),
                _ => None,
            };
        }
    }

    /// First pass: collects what the columns contain.
    pub(super) fn sample(&mut self, line: u64, fields: &[String]) {
        for (index, value) in fields.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
            self.samples[index].add(self.roles[index], line, value, self.rules.get(&index));
        }
    }

    /// After the first pass: decides the roles that depend on content.
    pub(super) fn decide_roles(&mut self) -> Decided {
        let mut unclear = Vec::new();
        let mut has_more_statuses = false;
        for (index, sample) in self.samples.iter().enumerate() {
            let has_rule = self.rules.contains_key(&index);
            let role = match self.roles[index] {
                ColumnRole::PossibleStatus if sample.is_status() => ColumnRole::Status,
                ColumnRole::PossibleStatus | ColumnRole::Unexplained if sample.has_only_answers() => {
                    ColumnRole::Unclear
                }
                ColumnRole::PossibleStatus | ColumnRole::Unexplained => ColumnRole::Other,
                known => known,
            };
            has_more_statuses |=
                role != self.roles[index] && (role == ColumnRole::Status || role == ColumnRole::Unclear && has_rule);
            self.roles[index] = role;
            if self.ignored.contains(&fold(&self.names[index])) {
                continue;
            }
            let found = match role {
                ColumnRole::Unclear if has_rule => &None,
                ColumnRole::Unclear => &sample.first,
                ColumnRole::Other | ColumnRole::Tags | ColumnRole::Evidence | ColumnRole::Timezone => &sample.leaving,
                _ => &None,
            };
            if let Some((line, value)) = found {
                let (name, line, value) = (self.names[index].clone(), *line, value.clone());
                unclear.push(UnclearColumn { name, line, value });
            }
        }
        unclear.extend(self.unproved_status());
        Decided {
            unclear,
            has_more_statuses,
        }
    }

    /// The status column of a listmonk export. It has one status for all lists of a subscriber, and people who never confirmed are
    /// "enabled", too.
    fn unproved_status(&self) -> Option<UnclearColumn> {
        let index_of = |folded: &str| self.names.iter().position(|name| fold(name) == folded);
        index_of("uuid").and(index_of("attributes"))?;
        let index = index_of("status").filter(|index| self.roles[*index] == ColumnRole::Status)?;
        let value = "enabled".to_owned();
        let has_rule = self.rules.get(&index).is_some_and(|rules| rules.contains_key(&value));
        (!has_rule).then(|| UnclearColumn {
            name: self.names[index].clone(),
            line: 2,
            value,
        })
    }

    /// The names of the columns that an import used nothing of. Evidence is used only in a consent record, which a pending
    /// subscription does not have.
    pub(super) fn unused(&self, has_consent_records: bool, uses_tags: bool) -> Vec<String> {
        let has_rule = |index: usize| self.rules.contains_key(&index);
        let is_unused = |index: usize| match self.roles[index] {
            ColumnRole::Other | ColumnRole::Unexplained | ColumnRole::Unclear => !has_rule(index),
            ColumnRole::Tags => !uses_tags && !has_rule(index),
            ColumnRole::Evidence => !has_consent_records,
            ColumnRole::Address => index != self.address,
            _ => false,
        };
        let names = self.names.iter().enumerate();
        names
            .filter(|(index, name)| !name.is_empty() && is_unused(*index))
            .map(|(_, name)| name.clone())
            .collect()
    }

    /// Second pass: what a row reports. If its cells differ, the most severe [`ReportedStatus`] counts.
    pub(super) fn read(&self, fields: &[String]) -> ReportedSubscriber {
        let mut reported = ReportedSubscriber {
            status: self.status_of_file.unwrap_or(ReportedStatus::Active),
            because: String::new(),
            since: None,
            because_in_summary: String::new(),
            evidence: String::new(),
            network_address: None,
            name: self.name(fields),
            timezone: None,
            tags: Vec::new(),
        };
        if self.status_of_file.is_some() {
            NAME_OF_FILE.clone_into(&mut reported.because);
            NAME_OF_FILE.clone_into(&mut reported.because_in_summary);
        }
        for (index, value) in fields.iter().enumerate() {
            let status = self.status_with_rules(index, value);
            let name = &self.names[index];
            if status > reported.status {
                reported.status = status;
                reported.since = date::parse(value);
                reported.because = format!("{name}: {}", without_addresses(value));
                let is_word = value.len() <= MAX_SUMMARY_VALUE_BYTES && !value.contains(|c: char| c.is_ascii_digit());
                reported.because_in_summary = if is_word {
                    reported.because.clone()
                } else {
                    name.clone()
                };
            }
            if matches!(self.roles[index], ColumnRole::Evidence | ColumnRole::Confirmed) && !value.is_empty() {
                if let Ok(network_address) = value.parse() {
                    if !self.keeps_network_addresses {
                        continue;
                    }
                    if reported.network_address.is_none() || name.to_ascii_lowercase().contains("confirm") {
                        reported.network_address = Some(network_address);
                    }
                }
                for part in [if reported.evidence.is_empty() { "" } else { ", " }, name, ": ", value] {
                    reported.evidence.push_str(part);
                }
            }
        }
        for (index, role) in self.roles.iter().enumerate() {
            match role {
                ColumnRole::Timezone => reported.timezone = reported.timezone.or_else(|| fields[index].parse().ok()),
                ColumnRole::Tags => reported.tags.extend(tags(&fields[index])),
                _ => {}
            }
        }
        reported
    }

    /// The status that [`Self::read`] finds, without the other things.
    pub(super) fn reported_status(&self, fields: &[String]) -> ReportedStatus {
        let cells = fields.iter().enumerate();
        let statuses = cells.map(|(index, value)| self.status_with_rules(index, value));
        statuses.fold(self.status_of_file.unwrap_or(ReportedStatus::Active), Ord::max)
    }

    /// What one cell reports, according to the operator or by its column.
    fn status_with_rules(&self, index: usize, value: &str) -> ReportedStatus {
        let Some(rules) = self.rules.get(&index) else {
            return self.status(index, value);
        };
        match rules.get(&fold(value)) {
            Some(status) => *status,
            // The operator has named only some of the values. If these are confirmed, an empty cell may be a no.
            None if self.roles[index] == ColumnRole::Unclear => {
                let names_confirmed = rules.values().any(|status| *status == ReportedStatus::Active);
                if value.is_empty() && !names_confirmed {
                    ReportedStatus::Active
                } else {
                    ReportedStatus::Unknown
                }
            }
            None => self.status(index, value),
        }
    }

    /// What one cell reports by its column.
    fn status(&self, index: usize, value: &str) -> ReportedStatus {
        let role = self.roles[index];
        if matches!(
            role,
            ColumnRole::Address
                | ColumnRole::Name
                | ColumnRole::FirstName
                | ColumnRole::LastName
                | ColumnRole::Evidence
                | ColumnRole::Timezone
                | ColumnRole::Tags
                | ColumnRole::Unclear
                | ColumnRole::Unexplained
                | ColumnRole::Other
        ) {
            return ReportedStatus::Active;
        }
        let answer = yes_or_no(value);
        match role {
            ColumnRole::Status => interpret_status(value),
            ColumnRole::Affirmed(no) => match answer {
                // An empty cell is not a consent.
                _ if value.is_empty() => ReportedStatus::Unconfirmed,
                Some(true) => ReportedStatus::Active,
                Some(false) => no,
                None if is_set_time(value) => ReportedStatus::Active,
                None => interpret_status(value),
            },
            ColumnRole::Denied(yes) => match (answer, interpret_status(value)) {
                (Some(false), _) => ReportedStatus::Active,
                (None, ReportedStatus::Unknown) if fold(value).contains("soft") => ReportedStatus::Unknown,
                _ => yes,
            },
            ColumnRole::Confirmed => match answer {
                Some(true) => ReportedStatus::Active,
                Some(false) => ReportedStatus::Unconfirmed,
                None if is_set_time(value) => ReportedStatus::Active,
                None => match interpret_status(value) {
                    ReportedStatus::Active => ReportedStatus::Active,
                    other => other.max(ReportedStatus::Unconfirmed),
                },
            },
            ColumnRole::Counted(status) => match value.parse::<f64>() {
                Ok(number) if number > 0.0 && status == ReportedStatus::Complained => status,
                Ok(number) if number <= 0.0 => ReportedStatus::Active,
                _ if value.is_empty() => ReportedStatus::Active,
                _ => ReportedStatus::Unknown,
            },
            ColumnRole::Happened(status) => match answer {
                Some(false) => ReportedStatus::Active,
                _ => status,
            },
            _ => ReportedStatus::Active,
        }
    }

    /// The column and value by which a row says that the person may be mailed; `None` if no column says so.
    pub(super) fn active_because(&self, fields: &[String]) -> Option<String> {
        let is_affirmative = |index: usize| matches!(self.roles[index], ColumnRole::Status | ColumnRole::Affirmed(_));
        let mut cells = fields.iter().enumerate();
        let (index, value) = cells.find(|(index, value)| {
            is_affirmative(*index) && !value.is_empty() && self.status(*index, value) == ReportedStatus::Active
        })?;
        Some(format!(
            "{}: {}",
            beginning(&self.names[index]),
            beginning(&without_addresses(value))
        ))
    }

    fn name(&self, fields: &[String]) -> Option<String> {
        let cell = |role: ColumnRole| {
            let index = self.roles.iter().position(|other| *other == role);
            index.map_or("", |index| fields[index].as_str())
        };
        let whole = cell(ColumnRole::Name);
        let name = match (whole, cell(ColumnRole::FirstName), cell(ColumnRole::LastName)) {
            ("", first, last) => format!("{first} {last}"),
            // Some systems call the first name "Name" and the last one "Surname".
            (whole, "", last) if !last.is_empty() => format!("{whole} {last}"),
            (whole, ..) => whole.to_owned(),
        };
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }
}

/// The tags in a cell: `VIP,News`, `"VIP","News"` as Mailchimp writes them, or `["VIP", "News"]`.
fn tags(cell: &str) -> impl Iterator<Item = String> {
    let tags = cell.split([',', ';', '|', '\n']);
    let tags = tags.map(|tag| tag.trim_matches(|c: char| c.is_whitespace() || "\"'[]".contains(c)));
    tags.filter(|tag| !tag.is_empty()).map(str::to_owned)
}
