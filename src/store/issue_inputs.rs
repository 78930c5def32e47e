//! The data from which an issue was compiled. Compiling it again gives the same bytes.

use super::{Result, Tx, on};
use crate::domain::ids::IssueId;

impl Tx {
    /// Stores the data that an issue was compiled from, as JSON.
    pub(crate) async fn put_issue_inputs(&mut self, issue: IssueId, inputs: &str) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO issue_inputs (issue_id, inputs) VALUES ($1, $2) ON CONFLICT (issue_id) DO UPDATE SET inputs = $2",
            issue,
            inputs
        )?;
        Ok(())
    }

    /// The data that an issue was compiled from, as JSON; `None` for an issue that was stored without it.
    pub async fn issue_inputs(&mut self, issue: IssueId) -> Result<Option<String>> {
        let row = on!(
            self,
            optional as (String,),
            "SELECT inputs FROM issue_inputs WHERE issue_id = $1",
            issue
        )?;
        Ok(row.map(|(inputs,)| inputs))
    }
}
