//! `daywire issue proof`: the delivery report of an issue and its editions, as text and as a file. The report balances if every
//! recipient that was frozen is in exactly one state.

use std::path::Path;

use serde_json::json;

use super::tables;
use crate::app::App;
use crate::cli::context::Context;
use crate::cli::output;
use crate::delivery::{report, report_file};
use crate::domain::ids::IssueId;
use crate::store::issue_lists::issue_name;
use crate::text::plain::counted;

/// Prints the report, and writes it to the file `out` if given. Fails if it does not balance.
pub(crate) async fn run(
    context: &Context,
    app: &App,
    id: IssueId,
    out: Option<&Path>,
    addresses: bool,
) -> anyhow::Result<()> {
    let name = app.store.read().await?.issue_name(id).await?;
    let (report, digest) = match out {
        Some(file) => {
            let (report, digest) = report::write_report(app, id, file, addresses).await?;
            (report, Some(digest))
        }
        None => (report::delivery_report(app, id).await?, None),
    };
    if context.json {
        let mut document = serde_json::to_value(&report)?;
        if let (Some(digest), Some(fields)) = (&digest, document.as_object_mut()) {
            fields.insert("sha256".into(), json!(digest));
        }
        output::json(&document)?;
    } else {
        tables::delivery_report(&report)?;
        let result = if report.balanced {
            "the delivery report balances"
        } else {
            "THE DELIVERY REPORT DOES NOT BALANCE"
        };
        let with = match report.editions {
            0 => String::new(),
            1 => " with its edition".to_owned(),
            editions => format!(" with its {editions} editions"),
        };
        output::text(&format!("{name}{with} is {}; {result}", report.state))?;
        if let (Some(digest), Some(file)) = (digest, out) {
            let warning = if addresses {
                ", with addresses: keep it where they are safe"
            } else {
                ""
            };
            output::text(&format!("written to {}{warning}; SHA-256 {digest}", file.display()))?;
        }
    }
    anyhow::ensure!(
        report.balanced,
        "the delivery report of {name} does not balance: {}",
        report.problems().join(", ")
    );
    Ok(())
}

/// Checks a file that `--out` wrote. Needs no database.
pub(crate) fn check_file(context: &Context, file: &Path) -> anyhow::Result<()> {
    let (header, sums, digest) = report_file::check(file)?;
    if context.json {
        return output::json(&json!({
            "intact": true,
            "issue": header.issue,
            "newsletter": header.newsletter,
            "number": header.number,
            "state": header.state,
            "recipients": sums.recipients,
            "deliveries": sums.deliveries,
            "sha256": digest,
        }));
    }
    output::text(&format!(
        "The file is intact: {} is {}, and its {}\nid {}\nSHA-256 {digest}",
        issue_name(&header.newsletter, header.number, 0),
        header.state,
        counted(
            sums.recipients,
            "recipient is in one state",
            "recipients are in one state each"
        ),
        header.issue,
    ))
}
