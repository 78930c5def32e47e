//! `daywire subscriber export`: everything on record about one address, as the reader gets it.

use crate::cli::context::Context;
use crate::cli::output;
use crate::domain::address::EmailAddress;
use crate::privacy;

pub(crate) async fn run(context: &Context, address: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let address = EmailAddress::parse(address)?;
    output::json(&privacy::export(&app, &address).await?)
}
