//! What every request for a page reads from the database: the site's revision, and whether the form of the page was used.
//!
//! Requests that arrive while one read runs share the next one. So there is one read at a time, however many requests there are, and
//! each request sees every change that was committed before it arrived.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::app::App;
use crate::store::StoreError;
use crate::store::spent_tokens::SpentKey;

/// What a request read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageState {
    /// The site's revision, which every change that pages show increases.
    pub(super) revision: i64,
    /// Whether the network has sent the form that its browser has.
    pub(super) form_is_used: bool,
}

/// Reads for all requests of a router.
#[derive(Debug, Default)]
pub(super) struct PageReads {
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: Vec<Waiter>,
    /// Whether a task reads. It takes the waiting requests when it has finished its read.
    is_reading: bool,
}

#[derive(Debug)]
struct Waiter {
    form: Option<SpentKey>,
    answer: oneshot::Sender<PageState>,
}

impl PageReads {
    /// Reads the revision, and whether the form with this key was used.
    pub(super) async fn read(&self, app: &Arc<App>, form: Option<SpentKey>) -> Result<PageState, StoreError> {
        let (answer, answered) = oneshot::channel();
        let is_first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.requests.push(Waiter { form, answer });
            !std::mem::replace(&mut waiting.is_reading, true)
        };
        if is_first {
            // A task of its own, because the request that began it may be cancelled.
            let reading = Reading {
                waiting: Arc::clone(&self.waiting),
                is_finished: false,
            };
            tokio::spawn(reading.run(Arc::clone(app)));
        }
        match answered.await {
            Ok(state) => Ok(state),
            // The shared read failed. The request reads again by itself, so it reports the error.
            Err(_) => read(app, form.as_slice()).await.map(|found| found.of(form)),
        }
    }
}

/// The task that reads. If it panics, the waiting requests read by themselves, and the next request begins another task.
struct Reading {
    waiting: Arc<Mutex<Waiting>>,
    is_finished: bool,
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.is_finished {
            *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Waiting::default();
        }
    }
}

impl Reading {
    /// The requests that wait; `None` if there are none, and then the task is finished.
    fn next(&mut self) -> Option<Vec<Waiter>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = std::mem::take(&mut waiting.requests);
        waiting.is_reading = !requests.is_empty();
        self.is_finished = requests.is_empty();
        (!requests.is_empty()).then_some(requests)
    }

    /// Answers the waiting requests, and those that arrive meanwhile.
    async fn run(mut self, app: Arc<App>) {
        while let Some(requests) = self.next() {
            let forms: Vec<SpentKey> = requests.iter().filter_map(|request| request.form).collect();
            // On an error the requests are dropped, and each reads by itself.
            let Ok(found) = read(&app, &forms).await else {
                continue;
            };
            for Waiter { form, answer } in requests {
                // A cancelled request does not wait for its answer.
                let _ = answer.send(found.of(form));
            }
        }
    }
}

/// What one read found.
struct Found {
    revision: i64,
    spent: HashSet<SpentKey>,
}

impl Found {
    fn of(&self, form: Option<SpentKey>) -> PageState {
        PageState {
            revision: self.revision,
            form_is_used: form.is_some_and(|form| self.spent.contains(&form)),
        }
    }
}

async fn read(app: &App, forms: &[SpentKey]) -> Result<Found, StoreError> {
    let mut tx = app.store.read_separately().await?;
    Ok(Found {
        revision: tx.site_revision().await?,
        spent: tx.spent_tokens(forms).await?,
    })
}
