//! The clock of this machine, compared with that of the database server, or else with that of the server that answers for the site.

use chrono::{DateTime, TimeDelta, Utc};

use super::check::Check;
use super::database::Database;
use crate::clock::Clock;

const NAME: &str = "clock";
/// Codes of authenticator apps change every 30 seconds, and receivers refuse signatures from the future.
const MAX_SKEW: TimeDelta = TimeDelta::seconds(30);
/// A clock that is kept right by NTP is never this far off.
const SUSPICIOUS_SKEW: TimeDelta = TimeDelta::seconds(3);
const ADVICE: &str = "start a time service such as chrony or systemd-timesyncd on both machines";

/// Compares the clocks. `site` is the time here and by the server of the site, at the same moment.
pub(super) async fn check(
    clock: &Clock,
    database: Option<&Database>,
    site: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Check {
    let before = clock.now();
    let theirs = match database {
        Some(database) => server_time(database).await,
        None => Ok(None),
    };
    match theirs {
        Ok(Some(theirs)) => {
            let ours = before + (clock.now() - before) / 2;
            compare(ours, theirs, "the database server")
        }
        Ok(None) => match site {
            Some((ours, theirs)) => compare(ours, theirs, "the server that answers for site.url"),
            None => Check::skipped(NAME, "no other machine answered whose clock could be compared"),
        },
        Err(error) => Check::skipped(NAME, format!("the database server does not report its time: {error}")),
    }
}

async fn server_time(database: &Database) -> Result<Option<DateTime<Utc>>, crate::store::StoreError> {
    database.store.read().await?.server_time().await
}

/// Compares the time of this machine with that of another one.
fn compare(ours: DateTime<Utc>, theirs: DateTime<Utc>, other: &str) -> Check {
    let skew = ours - theirs;
    let seconds = skew.abs().num_seconds();
    let direction = if skew < TimeDelta::zero() { "behind" } else { "ahead of" };
    let found = format!("this machine's clock is {seconds} s {direction} that of {other}");
    if skew.abs() > MAX_SKEW {
        Check::failed(NAME, found, ADVICE)
    } else if skew.abs() > SUSPICIOUS_SKEW {
        Check::warning(NAME, found, ADVICE)
    } else {
        Check::ok(NAME, format!("it agrees with that of {other}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    #[test]
    fn clocks_that_differ_by_seconds_warn_and_by_half_a_minute_fail() {
        let ours = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let state = |seconds| compare(ours, ours + TimeDelta::seconds(seconds), "the server").state;
        assert_eq!(state(1), State::Ok);
        assert_eq!(state(-4), State::Warning);
        assert_eq!(state(31), State::Failed);
        let found = compare(ours, ours + TimeDelta::seconds(60), "the server").found;
        assert_eq!(found, "this machine's clock is 60 s behind that of the server");
    }
}
