//! A rule by which an operator says what a value of a column means.

use std::str::FromStr;

use super::reported_status::ReportedStatus;

/// `COLUMN:VALUE=MEANING`, such as `status:VIP=confirmed`.
#[derive(Clone, Debug)]
pub struct ValueRule {
    pub(super) column: String,
    pub(super) value: String,
    pub(super) status: ReportedStatus,
}

impl FromStr for ValueRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write COLUMN:VALUE=MEANING, such as status:VIP=confirmed";
        let (place, word) = text.rsplit_once('=').ok_or(FORM)?;
        let (column, value) = place.split_once(':').ok_or(FORM)?;
        let status = match word.trim() {
            "confirmed" => ReportedStatus::Active,
            "unconfirmed" => ReportedStatus::Unconfirmed,
            "unsubscribed" => ReportedStatus::Unsubscribed,
            "suppressed" => ReportedStatus::Suppressed,
            "bounced" => ReportedStatus::Bounced,
            "complained" => ReportedStatus::Complained,
            other => {
                return Err(format!(
                    "\"{other}\" is not a meaning; write confirmed, unconfirmed, unsubscribed, suppressed, \
                     bounced or complained"
                ));
            }
        };
        let (column, value) = (column.trim().to_owned(), value.trim().to_owned());
        Ok(Self { column, value, status })
    }
}
