//! Lists in pages. A page begins after the last object of the previous one (keyset), so it takes the same time everywhere in the list, and
//! objects that are added meanwhile do not move others to another page.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use super::input::text;

pub(super) const DEFAULT_PAGE_SIZE: i64 = 50;
pub(super) const MAX_PAGE_SIZE: i64 = 200;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    items: Vec<T>,
    /// The value of `after` for the next page; null on the last page
    #[schema(required)]
    next: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// A page of at most `limit` of the rows. The caller reads one row more than that, which says that there is another page.
    pub(super) fn new<R>(mut rows: Vec<R>, limit: i64, position: impl Fn(&R) -> String, item: impl Fn(R) -> T) -> Self {
        let mut next = None;
        if i64::try_from(rows.len()).is_ok_and(|length| length > limit) {
            rows.truncate(usize::try_from(limit).unwrap_or(0));
            next = rows.last().map(position);
        }
        Self {
            items: rows.into_iter().map(item).collect(),
            next,
        }
    }

    /// A page of these items, with the position of the next one.
    pub(super) const fn before(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }
}

/// The parameters of a list whose items are named by an id, and that has no filter.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields, bound(deserialize = "I: FromStr + PartialSchema"))]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery<I: PartialSchema> {
    /// The number of items on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "position")]
    #[param(value_type = Option<Uuid>)]
    after: Option<I>,
}

impl<I: PartialSchema> Default for PageQuery<I> {
    fn default() -> Self {
        Self {
            limit: None,
            after: None,
        }
    }
}

impl<I: PartialSchema> PageQuery<I> {
    /// The number of items on the page, and the item after which it begins.
    pub(super) fn limit_and_position(self) -> (i64, Option<I>) {
        (self.limit.unwrap_or(DEFAULT_PAGE_SIZE), self.after)
    }
}

/// Reads the `limit` of a query.
pub(super) fn page_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let size = text(deserializer)?.map(|text| {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let size = text
            .parse()
            .ok()
            .filter(|size| is_plain && (1..=MAX_PAGE_SIZE).contains(size));
        size.ok_or_else(|| D::Error::custom(format!("is a number from 1 to {MAX_PAGE_SIZE}")))
    });
    size.transpose()
}

/// Reads an `after` that is the `next` of the previous page.
pub(super) fn position<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = text(deserializer)?.map(|text| {
        let value = text.parse();
        value.map_err(|_| D::Error::custom("is not the `next` of a page"))
    });
    value.transpose()
}

/// A position in a list that is ordered by time and then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct TimePosition {
    pub(super) at: DateTime<Utc>,
    pub(super) id: Uuid,
}

impl fmt::Display for TimePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.timestamp_micros(), self.id.simple())
    }
}

impl FromStr for TimePosition {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('_').ok_or(())?;
        let is_number = (1..=16).contains(&at.len()) && at.bytes().all(|byte| byte.is_ascii_digit());
        let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_number || !is_id {
            return Err(());
        }
        let at = at.parse().ok().and_then(DateTime::from_timestamp_micros);
        Ok(Self {
            at: at.ok_or(())?,
            id: Uuid::parse_str(id).map_err(|_| ())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_and_parsed() {
        let position = TimePosition {
            at: DateTime::from_timestamp_micros(1_795_000_000_123_456).expect("a valid time"),
            id: Uuid::from_u128(7),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in [
            "",
            "1",
            "1_2",
            "-1_00000000000000000000000000000007",
            "1_0000000000000000000000000000000G",
        ] {
            assert_eq!(wrong.parse::<TimePosition>(), Err(()), "{wrong}");
        }
    }
}
