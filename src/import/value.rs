//! The meaning that an operator gives to a value of a column.

use std::str::FromStr;

use super::meaning::Meaning;

/// `COLUMN:VALUE=MEANING`, such as `status:VIP=confirmed`.
#[derive(Clone, Debug)]
pub struct ValueMeaning {
    pub(super) column: String,
    pub(super) value: String,
    pub(super) meaning: Meaning,
}

impl FromStr for ValueMeaning {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write COLUMN:VALUE=MEANING, such as status:VIP=confirmed";
        let (place, meaning) = text.rsplit_once('=').ok_or(FORM)?;
        let (column, value) = place.split_once(':').ok_or(FORM)?;
        let meaning = match meaning.trim() {
            "confirmed" => Meaning::Active,
            "unconfirmed" => Meaning::Unconfirmed,
            "unsubscribed" => Meaning::Left,
            "bounced" => Meaning::Bounced,
            "complained" => Meaning::Complained,
            other => {
                return Err(format!(
                    "\"{other}\" is not a meaning; write confirmed, unconfirmed, unsubscribed, bounced or complained"
                ));
            }
        };
        let (column, value) = (column.trim().to_owned(), value.trim().to_owned());
        Ok(Self { column, value, meaning })
    }
}
