//! The options of an import of subscribers.

use super::value_rule::ValueRule;

/// The options of the import.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command")]
pub struct Options {
    /// Whether rows become confirmed unless a column says otherwise.
    pub confirmed: bool,
    /// Where the consent comes from, for the consent record.
    pub provenance: Option<String>,
    /// Names of columns that are not about consent although their names or values suggest it.
    pub ignored_columns: Vec<String>,
    /// What values mean according to the operator.
    pub rules: Vec<ValueRule>,
    /// Whether tags that are topics of the newsletter become the topics of new subscriptions.
    pub tags_as_topics: bool,
    /// Whether those who become pending, or are, are asked by mail to confirm.
    pub ask: bool,
    /// Whether to report what would happen and write nothing.
    pub dry_run: bool,
    /// The name of the file, for the evidence of suppressions.
    pub file: String,
}
