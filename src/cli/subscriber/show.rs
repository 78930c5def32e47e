//! `daywire subscriber show`: everything on record about one address, and what follows from it: subscriptions, preferences, consent,
//! suppression, returned mail, deliveries. Every address has a page, also one that nobody has used.

mod document;
mod page;

use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::domain::address::EmailAddress;
use crate::readers;

pub(crate) async fn run(context: &Context, name: &str) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.read().await?;
    let address = if name.contains('@') {
        EmailAddress::parse(name)?
    } else {
        names::subscription(&mut tx, name).await?.address
    };
    let record = readers::read(&app, &mut tx, address).await?;
    drop(tx);
    if context.json {
        output::json(&document::document(&record))
    } else {
        page::print(&record)
    }
}
