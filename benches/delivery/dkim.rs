//! The cost of DKIM: rates compared with the unsigned one, and processor time compared with bare signatures of the same key.

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::measurement::Sender;
use crate::options::{Dkim, SinkChoice};
use crate::report::{self, Series, median, or_dash, range, thousands};
use crate::rounds::run_rounds;
use crate::setup::{Setup, Sink};
use crate::support::process;

/// Signatures in one measurement.
const SIGNATURES: u32 = 2000;
/// Input of about the length that DKIM signs: a hash and some headers.
const TEXT: &[u8] = &[b'x'; 1024];

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let kinds = setup.options.dkim_or(&[Dkim::None, Dkim::Ed25519, Dkim::Rsa]);
    let mut sink = Sink::start(SinkChoice::Minimal, &[])?;
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for database in setup.options.database.kinds() {
        let senders: Vec<Sender> = kinds.iter().map(|dkim| Sender::Daywire(*database, *dkim)).collect();
        let series = run_rounds(setup, &senders, &mut sink)?;
        let unsigned = kinds.iter().position(|dkim| *dkim == Dkim::None).map(|at| &series[at]);
        for (dkim, series) in kinds.iter().zip(&series) {
            let bare = bare(setup, *dkim)?;
            rows.push(row(series, unsigned, bare));
            results.push(json!({ "of": series.document(), "bare_signatures_cpu": bare }));
        }
    }
    let columns = [
        "sender",
        "messages/s",
        "slowest",
        "fastest",
        "to unsigned",
        "CPU s/1,000",
        "more",
        "bare",
        "more/bare",
    ];
    report::print(
        "signing, into minimal; bare: processor time of 1,000 signatures without a message",
        &columns,
        rows,
    );
    Ok(Value::Array(results))
}

fn row(series: &Series, unsigned: Option<&Series>, bare: Option<f64>) -> Vec<String> {
    let (slowest, fastest) = range(&series.of(|measurement| measurement.rate));
    let cpu = series.median(|measurement| measurement.cpu);
    let more = unsigned
        .map(|unsigned| cpu - unsigned.median(|measurement| measurement.cpu))
        .filter(|_| bare.is_some());
    vec![
        series.name.clone(),
        thousands(series.median(|measurement| measurement.rate)),
        thousands(slowest),
        thousands(fastest),
        or_dash(unsigned.map(|unsigned| series.ratio_to(unsigned)), |ratio| {
            format!("{ratio:.2}")
        }),
        format!("{cpu:.3}"),
        or_dash(more, |more| format!("{more:.3}")),
        or_dash(bare, |bare| format!("{bare:.3}")),
        or_dash(more.zip(bare).map(|(more, bare)| more / bare), |ratio| {
            format!("{ratio:.2}")
        }),
    ]
}

/// Seconds of processor time of 1,000 signatures with the key that Daywire uses. The median of five measurements.
fn bare(setup: &mut Setup, dkim: Dkim) -> anyhow::Result<Option<f64>> {
    if dkim == Dkim::None {
        return Ok(None);
    }
    let pem = std::fs::read_to_string(setup.key(dkim)?)?;
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(base64)?;
    let random = SystemRandom::new();
    let mut sign: Box<dyn FnMut() -> anyhow::Result<()>> = if dkim == Dkim::Rsa {
        let key = RsaKeyPair::from_pkcs8(&der)?;
        let mut signature = vec![0; key.public().modulus_len()];
        Box::new(move || Ok(key.sign(&RSA_PKCS1_SHA256, &random, TEXT, &mut signature)?))
    } else {
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)?;
        Box::new(move || {
            std::hint::black_box(key.sign(TEXT));
            Ok(())
        })
    };
    let pid = std::process::id();
    let mut measured = Vec::new();
    for _ in 0..5 {
        let before = process::cpu(pid).context("/proc is needed")?;
        for _ in 0..SIGNATURES {
            sign()?;
        }
        let after = process::cpu(pid).context("/proc is needed")?;
        measured.push((after - before) / f64::from(SIGNATURES) * 1000.0);
    }
    Ok(Some(median(&measured)))
}
