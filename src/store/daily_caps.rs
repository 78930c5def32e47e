//! The daily cap of a relay: how many messages are reserved or sent on a day.
//!
//! A process reserves a portion of the cap before it sends, and returns what it did not use. So all processes together stay below the cap.

use chrono::NaiveDate;

use super::{Result, Tx, on};

impl Tx {
    /// Reserves up to `portion` messages of a relay's cap for a day. Returns how many could be reserved.
    pub(crate) async fn reserve_from_cap(
        &mut self,
        relay: &str,
        day: NaiveDate,
        portion: i64,
        cap: i64,
    ) -> Result<i64> {
        // The column is text, and PostgreSQL does not compare a date with text.
        let day_text = day.to_string();
        on!(
            self,
            execute,
            "INSERT INTO daily_caps (relay, day, used) VALUES ($1, $2, 0) ON CONFLICT (relay, day) DO NOTHING",
            relay,
            &day_text
        )?;
        // The portion is added first and the part over the cap returned afterwards. The update locks the row, so no other process changes
        // the count between these statements. If the count were read first, two processes could read the same one.
        on!(
            self,
            execute,
            "UPDATE daily_caps SET used = used + $3 WHERE relay = $1 AND day = $2",
            relay,
            &day_text,
            portion
        )?;
        let (used,) = on!(
            self,
            one as (i64,),
            "SELECT used FROM daily_caps WHERE relay = $1 AND day = $2",
            relay,
            &day_text
        )?;
        let over = (used - cap).clamp(0, portion);
        if over > 0 {
            self.return_to_cap(relay, day, over).await?;
        }
        Ok(portion - over)
    }

    /// How many messages of a relay's cap for a day are reserved or sent.
    pub async fn used_of_cap(&mut self, relay: &str, day: NaiveDate) -> Result<i64> {
        let used: Option<(i64,)> = on!(
            self,
            optional as (i64,),
            "SELECT used FROM daily_caps WHERE relay = $1 AND day = $2",
            relay,
            day.to_string()
        )?;
        Ok(used.map_or(0, |(used,)| used))
    }

    /// Counts a message that was sent without a reservation. The count may exceed the cap.
    pub(crate) async fn count_towards_cap(&mut self, relay: &str, day: NaiveDate) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO daily_caps (relay, day, used) VALUES ($1, $2, 1) \
             ON CONFLICT (relay, day) DO UPDATE SET used = daily_caps.used + 1",
            relay,
            day.to_string()
        )?;
        Ok(())
    }

    /// Returns messages that were reserved and not sent.
    pub(crate) async fn return_to_cap(&mut self, relay: &str, day: NaiveDate, unused: i64) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE daily_caps SET used = used - $3 WHERE relay = $1 AND day = $2",
            relay,
            day.to_string(),
            unused
        )?;
        Ok(())
    }
}
