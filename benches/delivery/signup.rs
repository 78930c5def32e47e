//! How soon a confirmation mail is sent while an issue is sent: from the POST until the sink has accepted the mail.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::measurement::{Sender, wait_for_messages};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, median, range};
use crate::setup::{Setup, Sink};
use crate::support::newsroom::SLUG;
use crate::support::{http, sink_process::SinkProcess};

/// The domain of the addresses that sign up.
const DOMAIN: &str = "signup.example";
/// Sign-ups before the issue, and while it is sent.
const SIGN_UPS: u32 = 10;
/// If a confirmation takes longer, the benchmark fails.
const MAIL_TIMEOUT: Duration = Duration::from_mins(2);

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in setup.options.database.kinds() {
        let mut sink = Sink::start(SinkChoice::Minimal, &["--watch-domain", DOMAIN])?;
        let mut newsroom = setup.take_newsroom(*kind)?;
        let issue = newsroom.build_issue()?;
        let site = http::free_address()?;
        let program = newsroom.program.clone().with("http.listen", site);
        let program = program.with("relay.url", format!("smtp://{}", sink.address()));
        // All sign-ups come from this machine.
        let service = program
            .with("signup.limits.per_network_per_hour", 1_000_000)
            .with("signup.proof_of_work.from_per_hour", 0)
            .serve(&[])?;
        service.ready()?;
        let (mut idle, mut busy) = (Vec::new(), Vec::new());
        for number in 0..SIGN_UPS {
            idle.push(sign_up(site, &format!("idle{number}"), minimal(&mut sink)?)?);
        }
        sink.reset()?;
        newsroom.send(&issue)?;
        for number in 0..SIGN_UPS {
            let messages = u64::from(newsroom.recipients) * u64::from(number + 1) / u64::from(SIGN_UPS + 2);
            wait_for_messages(&mut sink, messages, Some(&service))?;
            let seconds = sign_up(site, &format!("busy{number}"), minimal(&mut sink)?)?;
            if sink.count()?.0 < u64::from(newsroom.recipients) {
                busy.push(seconds);
            }
        }
        ensure!(
            !busy.is_empty(),
            "the issue was sent before the first sign-up; use more --recipients"
        );
        // The sink counts the confirmations, too, so some messages of the issue may be missing yet.
        newsroom.wait_until_sent(&issue, Duration::from_hours(1))?;
        service.terminate()?;
        let sender = Sender::Daywire(*kind, Dkim::None).to_string();
        let show = |seconds: &[f64]| [median(seconds), range(seconds).1].map(|seconds| format!("{seconds:.3}"));
        let counts = [sender.clone(), busy.len().to_string()];
        rows.push(counts.into_iter().chain(show(&idle)).chain(show(&busy)).collect());
        results.push(json!({ "sender": sender, "idle_seconds": idle, "busy_seconds": busy }));
        setup.put_back(*kind, newsroom);
    }
    let columns = [
        "service",
        "sign-ups",
        "idle: median s",
        "slowest",
        "while sending: median s",
        "slowest",
    ];
    report::print("from a sign-up's POST to its confirmation at the sink", &columns, rows);
    Ok(Value::Array(results))
}

/// Signs up. Returns the seconds from the POST until the sink has accepted the mail.
fn sign_up(site: std::net::SocketAddr, name: &str, sink: &SinkProcess) -> anyhow::Result<f64> {
    let address = format!("{name}@{DOMAIN}");
    let start = Instant::now();
    http::sign_up(site, &address, SLUG)?;
    let (at, seen) = sink
        .event(MAIL_TIMEOUT)?
        .with_context(|| format!("the sink received no confirmation for {address}"))?;
    if seen != format!("seen {address}") {
        bail!("the sink reported something else than a mail to {address}: {seen}");
    }
    Ok(at.duration_since(start).as_secs_f64())
}

fn minimal(sink: &mut Sink) -> anyhow::Result<&SinkProcess> {
    match sink {
        Sink::Minimal(sink) => Ok(sink),
        Sink::Postfix(_) => bail!("only the minimal sink reports single mails"),
    }
}
