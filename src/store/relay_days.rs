//! How many messages each relay was given on each day, while its sending address is warmed up.

use chrono::NaiveDate;

use super::{Result, Tx, on};

impl Tx {
    /// Takes up to `portion` of a relay's cap for a day; how many there were left to take.
    pub async fn reserve_from_cap(&mut self, relay: &str, day: NaiveDate, portion: i64, cap: i64) -> Result<i64> {
        let date = day;
        let day = day.to_string();
        on!(
            self,
            execute,
            "INSERT INTO relay_days (relay, day, taken) VALUES ($1, $2, 0) ON CONFLICT (relay, day) DO NOTHING",
            relay,
            &day
        )?;
        // The row is locked by the first statement that changes it, so the two agree.
        on!(
            self,
            execute,
            "UPDATE relay_days SET taken = taken + $3 WHERE relay = $1 AND day = $2",
            relay,
            &day,
            portion
        )?;
        let (taken,) = on!(
            self,
            one as (i64,),
            "SELECT taken FROM relay_days WHERE relay = $1 AND day = $2",
            relay,
            &day
        )?;
        let over = (taken - cap).clamp(0, portion);
        if over > 0 {
            self.return_to_cap(relay, date, over).await?;
        }
        Ok(portion - over)
    }

    /// How much of a relay's cap for a day is taken.
    pub async fn used_of_cap(&mut self, relay: &str, day: NaiveDate) -> Result<i64> {
        let taken: Option<(i64,)> = on!(
            self,
            optional as (i64,),
            "SELECT taken FROM relay_days WHERE relay = $1 AND day = $2",
            relay,
            day.to_string()
        )?;
        Ok(taken.map_or(0, |(taken,)| taken))
    }

    /// Gives back what was taken and not used.
    pub async fn return_to_cap(&mut self, relay: &str, day: NaiveDate, left: i64) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE relay_days SET taken = taken - $3 WHERE relay = $1 AND day = $2",
            relay,
            day.to_string(),
            left
        )?;
        Ok(())
    }
}
