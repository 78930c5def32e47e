//! How soon a confirmation is out while an issue is sent: from the POST to the moment the sink has the mail.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::heat::{Sender, until};
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, median, range};
use crate::stage::{Sink, Stage};
use crate::support::newsroom::SLUG;
use crate::support::{http, sink_process::SinkProcess};

/// The domain of the addresses that sign up.
const DOMAIN: &str = "signup.example";
/// Sign-ups before the issue, and while it is sent.
const SIGN_UPS: u32 = 10;
/// A confirmation that takes longer will not come.
const MAIL_TIMEOUT: Duration = Duration::from_mins(2);

/// Measures and prints; everything that was measured.
pub fn run(stage: &mut Stage) -> anyhow::Result<Value> {
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in stage.options.database.kinds() {
        let mut sink = Sink::start(SinkChoice::Minimal, &["--watch-domain", DOMAIN])?;
        let mut newsroom = stage.take_newsroom(*kind)?;
        let issue = newsroom.build_issue()?;
        let site = http::free_address()?;
        let program = newsroom.program.clone().with("http.listen", site);
        let program = program.with("relay.url", format!("smtp://{}", sink.address()));
        // All of them come from this machine.
        let serving = program
            .with("signup.limits.per_network_per_hour", 1_000_000)
            .serve(&[])?;
        serving.ready()?;
        let (mut idle, mut busy) = (Vec::new(), Vec::new());
        for number in 0..SIGN_UPS {
            idle.push(sign_up(site, &format!("idle{number}"), minimal(&mut sink)?)?);
        }
        sink.reset()?;
        newsroom.send(&issue)?;
        for number in 0..SIGN_UPS {
            let moment = u64::from(newsroom.recipients) * u64::from(number + 1) / u64::from(SIGN_UPS + 2);
            until(&mut sink, moment, Some(&serving))?;
            let taken = sign_up(site, &format!("busy{number}"), minimal(&mut sink)?)?;
            if sink.count()?.0 < u64::from(newsroom.recipients) {
                busy.push(taken);
            }
        }
        ensure!(
            !busy.is_empty(),
            "the issue was sent before anybody could sign up; say more --recipients"
        );
        // The confirmations are among the messages, too.
        newsroom.until_sent(&issue, Duration::from_hours(1))?;
        serving.terminate()?;
        let sender = Sender::Daywire(*kind, Dkim::None).to_string();
        let show = |seconds: &[f64]| [median(seconds), range(seconds).1].map(|seconds| format!("{seconds:.3}"));
        let counts = [sender.clone(), busy.len().to_string()];
        rows.push(counts.into_iter().chain(show(&idle)).chain(show(&busy)).collect());
        results.push(json!({ "sender": sender, "idle_seconds": idle, "busy_seconds": busy }));
        stage.put_back(*kind, newsroom);
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

/// Seconds from the POST to the mail.
fn sign_up(site: std::net::SocketAddr, name: &str, sink: &SinkProcess) -> anyhow::Result<f64> {
    let address = format!("{name}@{DOMAIN}");
    let start = Instant::now();
    let (status, body) = http::ask(
        site,
        "/subscribe",
        Some(&format!("email={name}%40{DOMAIN}&newsletter={SLUG}")),
    )?;
    ensure!(status == 303, "the sign-up was answered {status}: {body}");
    let (at, seen) = sink
        .event(MAIL_TIMEOUT)?
        .with_context(|| format!("no confirmation came to {address}"))?;
    if seen != format!("seen {address}") {
        bail!("something else came than a mail to {address}: {seen}");
    }
    Ok(at.duration_since(start).as_secs_f64())
}

fn minimal(sink: &mut Sink) -> anyhow::Result<&SinkProcess> {
    match sink {
        Sink::Minimal(sink) => Ok(sink),
        Sink::Postfix(_) => bail!("only the minimal sink tells of single mails"),
    }
}
