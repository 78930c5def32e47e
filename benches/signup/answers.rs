//! How long an answer takes for addresses of every status. The times must not reveal the status.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Context;
use daywire::app::App;
use daywire::clock::{Clock, Rng};
use daywire::config::Config;
use daywire::domain::address::EmailAddress;
use daywire::domain::consent::ConsentSource;
use daywire::domain::states::SuppressionReason;
use daywire::unsubscribe::unsubscribe;

use crate::support::http;
use crate::support::newsroom::SLUG;
use crate::support::program::Program;
use crate::support::rng;

/// The addresses of each status.
const ADDRESSES: usize = 200;
/// The statuses, in the order of their addresses.
const STATUSES: [&str; 5] = ["new", "pending", "confirmed", "unsubscribed", "suppressed"];
/// The connections that ask at the same time.
const CLIENTS: usize = 4;

fn address(status: &str, number: usize) -> String {
    format!("{status}{number}@host{}.example", number % 20)
}

/// Stores the subscribers, before the service starts.
pub fn prepare(program: &Program, database: &str) -> anyhow::Result<()> {
    let mut readers = String::from("email\n");
    for number in 0..ADDRESSES {
        for status in ["confirmed", "unsubscribed"] {
            readers.push_str(&address(status, number));
            readers.push('\n');
        }
    }
    let readers = program.file("readers.csv", &readers)?;
    let import = [
        "subscriber",
        "import",
        &readers,
        "--newsletter",
        SLUG,
        "--status",
        "confirmed",
    ];
    program.run(&[&import[..], &["--provenance", "made up for the benchmark"]].concat())?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut config = Config::default();
        config.database.url = database.parse()?;
        let app = App::open_existing(config, Clock::System, Rng::System).await?;
        let all = app.store.read().await?.subscriptions_after(None, None, 10_000).await?;
        for subscription in all {
            if subscription.address.as_typed().starts_with("unsubscribed") {
                let source = ConsentSource::Other("benchmark".into());
                unsubscribe(&app, subscription.id, &source, None).await?;
            }
        }
        let mut tx = app.store.write().await?;
        for number in 0..ADDRESSES {
            let address = EmailAddress::parse(&address("suppressed", number))?;
            let hash = app.keys.address_hash(address.key());
            tx.suppress(&hash, SuppressionReason::Operator, "benchmark", app.clock.now())
                .await?;
        }
        tx.commit().await?;
        app.store.close().await;
        Ok(())
    })
}

/// Signs all addresses up in random order, and prints the times of each status.
pub fn measure(name: &str, site: SocketAddr) -> anyhow::Result<()> {
    for number in 0..ADDRESSES {
        http::sign_up(site, &address("pending", number), SLUG)?;
    }
    let mut order: Vec<(usize, usize)> = (0..STATUSES.len())
        .flat_map(|status| (0..ADDRESSES).map(move |number| (status, number)))
        .collect();
    let mut random = rng::Rng::seeded(rng::Rng::new_seed());
    order.sort_by_cached_key(|_| random.next());
    let clients: Vec<_> = order
        .chunks(order.len().div_ceil(CLIENTS))
        .map(|part| {
            let part = part.to_vec();
            std::thread::spawn(move || -> anyhow::Result<Vec<(usize, f64)>> {
                let mut times = Vec::with_capacity(part.len());
                for (status, number) in part {
                    let start = Instant::now();
                    http::sign_up(site, &address(STATUSES[status], number), SLUG)?;
                    times.push((status, start.elapsed().as_secs_f64() * 1000.0));
                }
                Ok(times)
            })
        })
        .collect();
    let mut times = vec![Vec::new(); STATUSES.len()];
    for client in clients {
        let measured = client.join().ok().context("a client failed")??;
        for (status, time) in measured {
            times[status].push(time);
        }
    }
    for (status, times) in STATUSES.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let quantile = |share: usize| times[(times.len() - 1) * share / 100];
        println!(
            "{name}, {status}: median {:.2} ms, half of them between {:.2} and {:.2} ms",
            quantile(50),
            quantile(25),
            quantile(75)
        );
    }
    Ok(())
}
