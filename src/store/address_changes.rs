//! Changes of address: requested by a reader, confirmed at the new address, and undone from the old one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::signups::AddressHash;
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
    /// Adds a change that waits for its confirmation. The hashes are those of the old address and of the new one.
    pub(crate) async fn add_address_change(
        &mut self,
        change: &AddressChange,
        [from_hash, to_hash]: [AddressHash; 2],
    ) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO address_changes (id, subscriber_id, from_address, to_address, from_hash, to_hash, requested_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            change.id,
            change.subscriber_id,
            &change.from_address,
            &change.to_address,
            &from_hash[..],
            &to_hash[..],
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

    /// Records that a change was made. The caller has changed the address in this transaction.
    pub(crate) async fn confirm_address_change(&mut self, id: Uuid, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE address_changes SET confirmed_at = $2, \
             generation = (SELECT p.link_generation FROM subscribers p WHERE p.id = subscriber_id) WHERE id = $1",
            id,
            now
        )?;
        Ok(())
    }

    /// Records that a change and all changes that the subscriber made after it are undone. No change that waits can be confirmed any more,
    /// whenever it was requested: the person who requested one of them may have requested all.
    pub(crate) async fn undo_address_changes(&mut self, change: &AddressChange, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE address_changes SET undone_at = $3 WHERE subscriber_id = $1 AND undone_at IS NULL \
             AND (generation IS NULL OR generation >= (SELECT c.generation FROM address_changes c WHERE c.id = $2))",
            change.subscriber_id,
            change.id,
            now
        )?;
        Ok(())
    }

    /// When the subscriber's last change was made that the old address can still undo: one after `after`.
    pub(crate) async fn last_undoable_change(
        &mut self,
        subscriber: SubscriberId,
        after: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let last = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT confirmed_at FROM address_changes WHERE subscriber_id = $1 AND confirmed_at > $2 AND undone_at IS NULL \
             ORDER BY confirmed_at DESC LIMIT 1",
            subscriber,
            after
        )?;
        Ok(last.map(|(confirmed_at,)| confirmed_at))
    }

    /// The changes from or to an address, of all subscribers.
    pub(crate) async fn address_changes_with(&mut self, address_hash: &[u8]) -> Result<Vec<AddressChange>> {
        Ok(on!(
            self,
            all as AddressChange,
            "SELECT id, subscriber_id, from_address, to_address, requested_at, confirmed_at, undone_at FROM address_changes \
             WHERE from_hash = $1 OR to_hash = $1 ORDER BY requested_at, id",
            address_hash
        )?)
    }

    /// Deletes the changes from or to an address. They can be neither confirmed nor undone any more.
    pub(crate) async fn delete_address_changes_with(&mut self, address_hash: &[u8]) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM address_changes WHERE from_hash = $1 OR to_hash = $1",
            address_hash
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
