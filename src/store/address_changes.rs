//! Changes of address: requested by a reader, confirmed at the new address, and undone from the old one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;

row! {
    /// A change of address.
    #[derive(Clone)]
    pub(crate) struct AddressChange {
        pub(crate) id: Uuid,
        pub(crate) subscriber_id: SubscriberId,
        pub(crate) from_address: EmailAddress,
        pub(crate) to_address: EmailAddress,
        pub(crate) requested_at: DateTime<Utc>,
        /// `None` until the link in the mail to the new address was used.
        pub(crate) confirmed_at: Option<DateTime<Utc>>,
        /// `None` unless the link in the mail to the old address was used, or that of an earlier change.
        pub(crate) undone_at: Option<DateTime<Utc>>,
    }
}

/// The address that a subscriber had at a time. `changes` are those on record, and `current` is the address now.
pub(crate) fn address_at<'a>(
    changes: &'a [AddressChange],
    current: &'a EmailAddress,
    at: DateTime<Utc>,
) -> &'a EmailAddress {
    let is_before = |time: Option<DateTime<Utc>>| time.is_some_and(|time| time <= at);
    let in_force = changes
        .iter()
        .filter(|change| is_before(change.confirmed_at) && !is_before(change.undone_at));
    if let Some(last) = in_force.max_by_key(|change| change.confirmed_at) {
        return &last.to_address;
    }
    let later = changes
        .iter()
        .filter(|change| change.confirmed_at.is_some_and(|confirmed| confirmed > at));
    let first = later.min_by_key(|change| change.confirmed_at);
    first.map_or(current, |first| &first.from_address)
}

impl Tx {
    /// Adds a change that waits for its confirmation.
    pub(crate) async fn add_address_change(&mut self, change: &AddressChange) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO address_changes (id, subscriber_id, from_address, to_address, requested_at) VALUES ($1, $2, $3, $4, $5)",
            change.id,
            change.subscriber_id,
            &change.from_address,
            &change.to_address,
            change.requested_at
        )?;
        Ok(())
    }

    pub(crate) async fn address_change(&mut self, id: Uuid) -> Result<Option<AddressChange>> {
        Ok(on!(
            self,
            optional as AddressChange,
            "SELECT id, subscriber_id, from_address, to_address, requested_at, confirmed_at, undone_at FROM address_changes \
             WHERE id = $1",
            id
        )?)
    }

    /// The changes that are on record about a subscriber.
    pub(crate) async fn address_changes_of(&mut self, subscriber: SubscriberId) -> Result<Vec<AddressChange>> {
        Ok(on!(
            self,
            all as AddressChange,
            "SELECT id, subscriber_id, from_address, to_address, requested_at, confirmed_at, undone_at FROM address_changes \
             WHERE subscriber_id = $1 ORDER BY requested_at, id",
            subscriber
        )?)
    }

    /// How many changes a subscriber has requested since `since`.
    pub(crate) async fn count_address_changes(
        &mut self,
        subscriber: SubscriberId,
        since: DateTime<Utc>,
    ) -> Result<i64> {
        let (count,) = on!(
            self,
            one as (i64,),
            "SELECT COUNT(*) FROM address_changes WHERE subscriber_id = $1 AND requested_at > $2",
            subscriber,
            since
        )?;
        Ok(count)
    }

    /// Gives a subscriber another address, and invalidates the confirmation links that were mailed to the one before. Returns false, and
    /// changes nothing, if another subscriber has `to`, or if `from` is given and is not the subscriber's address any more.
    pub(crate) async fn change_address(
        &mut self,
        subscriber: SubscriberId,
        from: Option<&EmailAddress>,
        to: &EmailAddress,
        to_hash: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let changed = on!(
            self,
            execute,
            "UPDATE subscribers SET address = $3, address_key = $4, address_hash = $5 \
             WHERE id = $1 AND address_key = COALESCE($2, address_key) \
             AND NOT EXISTS (SELECT 1 FROM subscribers o WHERE o.address_key = $4 AND o.id <> $1)",
            subscriber,
            from.map(EmailAddress::key),
            to.as_typed(),
            to.key(),
            to_hash
        )?;
        if changed == 1 {
            self.expire_confirmations_of_address(to_hash, now).await?;
        }
        Ok(changed == 1)
    }

    pub(crate) async fn confirm_address_change(&mut self, id: Uuid, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE address_changes SET confirmed_at = $2 WHERE id = $1",
            id,
            now
        )?;
        Ok(())
    }

    /// Records that the changes which a subscriber requested at `since` or later are undone. Those that wait cannot be confirmed any more.
    pub(crate) async fn undo_address_changes(
        &mut self,
        subscriber: SubscriberId,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE address_changes SET undone_at = $3 WHERE subscriber_id = $1 AND requested_at >= $2 AND undone_at IS NULL",
            subscriber,
            since,
            now
        )?;
        Ok(())
    }

    /// Deletes changes that were requested before `requested_before` and not confirmed, or confirmed before `confirmed_before`.
    pub(crate) async fn purge_address_changes(
        &mut self,
        requested_before: DateTime<Utc>,
        confirmed_before: DateTime<Utc>,
    ) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "DELETE FROM address_changes WHERE (confirmed_at IS NULL AND requested_at < $1) OR confirmed_at < $2",
            requested_before,
            confirmed_before
        )?)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_earlier_address_is_found_through_changes_and_undone_ones() {
        let at = |hours| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        let address = |name: &str| EmailAddress::parse(&format!("{name}@reader.example")).expect("it is valid");
        let change = |from: &str, to: &str, confirmed: i64, undone: Option<i64>| AddressChange {
            id: Uuid::nil(),
            subscriber_id: SubscriberId(Uuid::nil()),
            from_address: address(from),
            to_address: address(to),
            requested_at: at(confirmed),
            confirmed_at: Some(at(confirmed)),
            undone_at: undone.map(at),
        };
        let found = |changes: &[AddressChange], current: &str, hours: i64| {
            address_at(changes, &address(current), at(hours))
                .as_typed()
                .replace("@reader.example", "")
        };
        let twice = [change("a", "b", 10, None), change("b", "c", 20, None)];
        assert_eq!([5, 15, 25].map(|hours| found(&twice, "c", hours)), ["a", "b", "c"]);
        let undone = [
            change("a", "b", 10, Some(30)),
            change("b", "c", 20, Some(30)),
            change("a", "d", 40, None),
        ];
        let hours = [5, 15, 25, 35, 45];
        assert_eq!(hours.map(|hours| found(&undone, "d", hours)), ["a", "b", "c", "a", "d"]);
        assert_eq!(found(&[], "a", 5), "a");
        let waiting = AddressChange {
            confirmed_at: None,
            ..change("a", "b", 10, None)
        };
        assert_eq!(found(&[waiting], "a", 5), "a");
    }
}
