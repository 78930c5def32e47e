//! The proof that a sign-up needs while there are many: a proof of work that the browser computes, or the answer to a question for
//! readers without scripts.

use chrono::{DateTime, TimeDelta, Utc};

use super::request::SentProof;
use crate::app::App;
use crate::domain::form_token::{FORM_NONCE_LENGTH, FormPurpose};
use crate::domain::proof_of_work::{self, Challenge};
use crate::store::rate_limits::{LimitKey, Permit};
use crate::store::spent_tokens::SpentKey;

/// How long a challenge or a question is valid.
const MAX_AGE: TimeDelta = TimeDelta::minutes(15);
/// A network may answer one question for this many sign-ups of its limit: a program can answer it, too.
const SIGNUPS_FOR_A_QUESTION: u32 = 6;

/// The checked proof of a request.
#[derive(Debug)]
pub(crate) enum Proof {
    /// The request has none.
    Missing,
    /// It is invalid or has expired.
    Wrong,
    /// It is valid, and its token may be used once.
    Valid {
        token: (SpentKey, DateTime<Utc>),
        /// The permit that it takes besides.
        permit: Option<Permit>,
    },
}

/// A new challenge, as JSON.
pub(crate) fn new_challenge(app: &App) -> String {
    let cost = app.config.signup.proof_of_work.cost;
    let expires_at = app.clock.now() + MAX_AGE;
    Challenge::new(&app.keys, cost, expires_at, app.rng.bytes(), app.rng.bytes()).to_json()
}

/// A question that a reader answers with a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) summands: [u8; 2],
    pub(crate) token: String,
}

/// A new question with its signed token.
pub(crate) fn new_question(app: &App) -> Question {
    let nonce = app.rng.bytes();
    Question {
        summands: summands(app, nonce),
        token: app.keys.form_token(FormPurpose::Question, app.clock.now(), nonce),
    }
}

/// The numbers of the question with this nonce, each from 2 to 9. Nobody can compute them without the keys of this site.
fn summands(app: &App, nonce: [u8; FORM_NONCE_LENGTH]) -> [u8; 2] {
    let [one, other, ..] = app.keys.limit_key("question", &[&nonce]);
    [2 + one % 8, 2 + other % 8]
}

/// Checks a proof. A proof of work takes about a millisecond.
pub(super) fn check_proof(app: &App, proof: Option<&SentProof>, network: Option<LimitKey>) -> Proof {
    let now = app.clock.now();
    let checked = match proof {
        None => return Proof::Missing,
        Some(SentProof::Work(solution)) => proof_of_work::check(&app.keys, solution, now).map(|solved| Proof::Valid {
            token: (app.keys.limit_key("proof of work", &[&solved.nonce]), solved.expires_at),
            permit: None,
        }),
        Some(SentProof::Answer { token, answer }) => check_answer(app, token, answer, network, now),
    };
    checked.unwrap_or(Proof::Wrong)
}

fn check_answer(app: &App, token: &str, answer: &str, network: Option<LimitKey>, now: DateTime<Utc>) -> Option<Proof> {
    let question = app.keys.open_form_token(FormPurpose::Question, token)?;
    let expires_at = question.made_at.checked_add_signed(MAX_AGE)?;
    let [one, other] = summands(app, question.nonce);
    let is_right = answer.trim() == (one + other).to_string();
    let is_valid = is_right && question.made_at <= now && now < expires_at;
    let per_network = app.config.signup.limits.per_network_per_hour;
    is_valid.then(|| Proof::Valid {
        token: (app.keys.limit_key("answer", &[&question.nonce]), expires_at),
        permit: network.map(|network| Permit {
            key: app.keys.limit_key("answers", &[&network]),
            per_hour: (per_network / SIGNUPS_FOR_A_QUESTION).max(1),
        }),
    })
}
