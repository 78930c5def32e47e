//! `daywire schedule`: the coming runs of every newsletter, in its time zone and in UTC.

use serde_json::json;

use super::context::Context;
use super::output;

/// Options of `daywire schedule`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many runs of each newsletter to show.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let newsletters = app.store.read().await?.newsletters().await?;
    let mut runs = Vec::new();
    for newsletter in &newsletters {
        let Some(schedule) = &newsletter.schedule else {
            continue;
        };
        let zone = newsletter.timezone.0;
        for due in schedule.after(zone, app.clock.now()).take(usize::from(args.count)) {
            runs.push((newsletter.slug.clone(), due.with_timezone(&zone), due));
        }
    }
    runs.sort_by_key(|(slug, _, due)| (*due, slug.clone()));
    if context.json {
        let documents = runs.iter().map(|(slug, local, utc)| {
            json!({ "newsletter": slug, "local": local.to_rfc3339(), "zone": local.timezone().name(), "utc": utc })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = runs.into_iter().map(|(slug, local, utc)| {
        vec![
            slug,
            local.format("%a %Y-%m-%d %H:%M %Z").to_string(),
            utc.format("%Y-%m-%d %H:%M UTC").to_string(),
        ]
    });
    output::table(
        &["newsletter", "local", "utc"],
        rows.collect(),
        "no newsletter has a schedule",
    )
}
