//! `daywire webhook`: addresses of other programs that get events. The secret of one is printed once and stored encrypted.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::acting_operator::command_actor;
use super::context::Context;
use super::output::{self, note};
use crate::app::App;
use crate::domain::seen::Seen;
use crate::domain::webhook::{EventSelection, MessageState};
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::store::webhook_messages::{LoggedMessage, ReplaySelection};
use crate::text::plain::counted;
use crate::webhooks::{self, EndpointChange, NewEndpoint, WebhookError};

/// Sends events to other programs: adds, lists, tests and removes their addresses.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add a webhook: an address that gets events. Prints the secret that signs them, once.
    Add {
        /// The address, such as `https://example.org/events`.
        url: String,
        /// The name of the webhook in the other commands; the host of the address if it is not given.
        #[arg(long, default_value = "")]
        name: String,
        /// An event such as subscription.confirmed, or a group such as subscription; may be repeated. Without it, all events.
        #[arg(long, value_name = "EVENT")]
        event: Vec<String>,
    },
    /// Change the address of a webhook, or the events that it gets.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["url", "event", "all_events"]))]
    Change {
        /// The name of the webhook.
        name: String,
        /// The new address. Waiting messages are sent there, too.
        #[arg(long)]
        url: Option<String>,
        /// Send only this event or group of events from now on; may be repeated.
        #[arg(long, value_name = "EVENT", conflicts_with = "all_events")]
        event: Vec<String>,
        /// Send all events from now on.
        #[arg(long)]
        all_events: bool,
    },
    /// List webhooks, and how many messages wait, were delivered and failed.
    List,
    /// Show a webhook.
    Show {
        /// The name of the webhook.
        name: String,
    },
    /// Remove a webhook. Its waiting messages are not sent.
    Remove {
        /// The name of the webhook.
        name: String,
    },
    /// Make a new secret, and print it. For 24 hours, messages are signed with both.
    Rotate {
        /// The name of the webhook.
        name: String,
    },
    /// List the messages of a webhook, the newest first.
    Log {
        /// The name of the webhook.
        name: String,
        /// Only messages in this state: waiting, delivered or failed.
        #[arg(long)]
        state: Option<MessageState>,
        /// At most this many messages.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
        limit: i64,
    },
    /// Send messages again: one, those of a period, or those that failed.
    #[command(group = clap::ArgGroup::new("which").required(true).multiple(true).args(["id", "since", "until", "failed"]))]
    Replay {
        /// The name of the webhook.
        name: String,
        /// Only the message with this id, as `log` shows it.
        #[arg(long)]
        id: Option<String>,
        /// Only events at this time (RFC 3339) or later.
        #[arg(long, value_name = "TIME")]
        since: Option<DateTime<Utc>>,
        /// Only events before this time (RFC 3339).
        #[arg(long, value_name = "TIME")]
        until: Option<DateTime<Utc>>,
        /// Only messages that failed.
        #[arg(long)]
        failed: bool,
    },
    /// Send the event webhook.test now, and print the answer.
    Test {
        /// The name of the webhook.
        name: String,
    },
    /// Enable a webhook that is disabled, or try at once one that fails.
    Enable {
        /// The name of the webhook.
        name: String,
    },
    /// Disable a webhook: it gets no events until it is enabled.
    Disable {
        /// The name of the webhook.
        name: String,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let app = context.app().await?;
    let actor = command_actor();
    match command {
        Command::Add { url, name, event } => {
            let new = NewEndpoint {
                url: &url,
                name: &name,
                events: EventSelection::parse_names(&event).map_err(WebhookError::from)?,
            };
            let (endpoint, secret) = webhooks::add(&app, &actor, &new).await?;
            if context.json {
                let mut document = document(&endpoint);
                document["secret"] = json!(secret);
                return output::json(&document);
            }
            show_secret(&secret)?;
            note!(
                "The webhook is named {0}; `daywire webhook test {0}` sends it an event.",
                endpoint.name
            );
            Ok(())
        }
        Command::Change {
            name,
            url,
            event,
            all_events,
        } => {
            let events = (all_events || !event.is_empty()).then(|| EventSelection::parse_names(&event));
            let change = EndpointChange {
                url: url.as_deref(),
                events: events.transpose()?,
                ..EndpointChange::default()
            };
            webhooks::change(&app, &actor, &name, &change).await?;
            finish(context, &name, "changed")
        }
        Command::List => list(context, &app).await,
        Command::Show { name } => show(context, &app, &name).await,
        Command::Remove { name } => {
            webhooks::remove(&app, &actor, &name, &Seen::Any).await?;
            finish(context, &name, "removed")
        }
        Command::Rotate { name } => {
            let secret = webhooks::rotate(&app, &actor, &name).await?;
            if context.json {
                return output::json(&json!({ "name": name, "secret": secret }));
            }
            show_secret(&secret)?;
            note!("For 24 hours, messages are also signed with the previous secret.");
            Ok(())
        }
        Command::Log { name, state, limit } => log(context, &app, &name, state, limit).await,
        Command::Replay {
            name,
            id,
            since,
            until,
            failed,
        } => {
            let selection = ReplaySelection {
                event_id: id,
                since,
                until,
                failed,
            };
            let replayed = webhooks::replay(&app, &actor, &name, &selection).await?;
            if context.json {
                return output::json(&json!({ "name": name, "replayed": replayed }));
            }
            output::text(&format!(
                "{} sent again by a running service",
                counted(replayed, "message is", "messages are")
            ))
        }
        Command::Test { name } => test(context, &app, &name).await,
        Command::Enable { name } => {
            set_enabled(&app, &name, true).await?;
            finish(context, &name, "enabled")
        }
        Command::Disable { name } => {
            set_enabled(&app, &name, false).await?;
            finish(context, &name, "disabled")
        }
    }
}

async fn set_enabled(app: &App, name: &str, enabled: bool) -> Result<(), WebhookError> {
    let change = EndpointChange {
        enabled: Some(enabled),
        ..EndpointChange::default()
    };
    webhooks::change(app, &command_actor(), name, &change).await?;
    Ok(())
}

fn finish(context: &Context, name: &str, what: &str) -> anyhow::Result<()> {
    if context.json {
        return output::json(&json!({ "name": name, "done": what }));
    }
    output::text(&format!("webhook {name} {what}"))
}

/// Prints a secret alone on standard output, so that a script can read it.
fn show_secret(secret: &str) -> anyhow::Result<()> {
    output::text(secret)?;
    note!("It is not shown again: the program that gets the events checks their signatures with it.");
    Ok(())
}

async fn test(context: &Context, app: &App, name: &str) -> anyhow::Result<()> {
    let answer = webhooks::test(app, name).await?;
    if context.json {
        output::json(&json!({ "name": name, "status": answer.status, "error": answer.error }))?;
    }
    if let Some(error) = answer.error {
        anyhow::bail!("the test event was not accepted: {error}");
    }
    if context.json {
        return Ok(());
    }
    output::text(&format!(
        "the test event was accepted with the status {}",
        answer.status.unwrap_or_default()
    ))
}

async fn list(context: &Context, app: &App) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let endpoints = tx.webhook_endpoints().await?;
    let counts = tx.webhook_counts().await?;
    let count = |endpoint: &WebhookEndpoint, state| {
        let found = counts.iter().find(|(id, of, _)| *id == endpoint.id && *of == state);
        found.map_or(0, |(_, _, count)| *count)
    };
    if context.json {
        let documents: Vec<_> = endpoints
            .iter()
            .map(|endpoint| {
                let mut document = document(endpoint);
                for state in MessageState::ALL {
                    document[state.as_str()] = json!(count(endpoint, *state));
                }
                document
            })
            .collect();
        return output::json(&documents);
    }
    let rows = endpoints.iter().map(|endpoint| {
        vec![
            endpoint.name.clone(),
            endpoint.url.clone(),
            endpoint.events.to_string(),
            health(endpoint),
            count(endpoint, MessageState::Waiting).to_string(),
            count(endpoint, MessageState::Delivered).to_string(),
            count(endpoint, MessageState::Failed).to_string(),
        ]
    });
    output::table(
        &["name", "address", "events", "state", "waiting", "delivered", "failed"],
        rows.collect(),
        "no webhook yet; `daywire webhook add URL` adds one",
    )
}

async fn show(context: &Context, app: &App, name: &str) -> anyhow::Result<()> {
    let endpoint = find(app, name).await?;
    if context.json {
        return output::json(&document(&endpoint));
    }
    let mut lines = vec![
        format!("name     {}", endpoint.name),
        format!("address  {}", endpoint.url),
        format!("events   {}", endpoint.events),
        format!("state    {}", health(&endpoint)),
        format!("added    {}", output::time(endpoint.created_at)),
    ];
    if let Some(until) = endpoint.previous_secret_until.filter(|until| *until > app.clock.now()) {
        lines.push(format!(
            "secret   the previous one also signs until {}",
            output::time(until)
        ));
    }
    if let Some(reason) = &endpoint.disabled_reason {
        lines.push(format!("reason   {reason}"));
    }
    output::text(&lines.join("\n"))
}

async fn find(app: &App, name: &str) -> anyhow::Result<WebhookEndpoint> {
    let found = app.store.read().await?.webhook_endpoint_by_name(name).await?;
    Ok(found.ok_or_else(|| WebhookError::Unknown(name.to_owned()))?)
}

async fn log(context: &Context, app: &App, name: &str, state: Option<MessageState>, limit: i64) -> anyhow::Result<()> {
    let endpoint = find(app, name).await?;
    let messages = app
        .store
        .read()
        .await?
        .webhook_log(endpoint.id, state, None, limit)
        .await?;
    if context.json {
        return output::json(&messages.iter().map(message_document).collect::<Vec<_>>());
    }
    let rows = messages.iter().map(|message| {
        vec![
            output::time(message.created_at),
            message.event.to_string(),
            message.state.to_string(),
            message.attempts.to_string(),
            message.last_status.map(|status| status.to_string()).unwrap_or_default(),
            message.last_error.clone().unwrap_or_default(),
            message.event_id.clone(),
        ]
    });
    output::table(
        &["time", "event", "state", "attempts", "status", "error", "id"],
        rows.collect(),
        "no such message; an event is written here when it happens",
    )
}

/// Whether an endpoint works, in words.
fn health(endpoint: &WebhookEndpoint) -> String {
    match (endpoint.disabled_at, endpoint.failing_since) {
        (Some(at), _) => format!("disabled since {}", output::time(at)),
        (None, Some(since)) => format!("failing since {}", output::time(since)),
        (None, None) => "enabled".to_owned(),
    }
}

fn document(endpoint: &WebhookEndpoint) -> Value {
    json!({
        "name": endpoint.name,
        "url": endpoint.url,
        "events": endpoint.events.to_string().split(' ').collect::<Vec<_>>(),
        "failing_since": endpoint.failing_since,
        "failures": endpoint.failures,
        "disabled_at": endpoint.disabled_at,
        "disabled_reason": endpoint.disabled_reason,
        "created_at": endpoint.created_at,
    })
}

fn message_document(message: &LoggedMessage) -> Value {
    json!({
        "id": message.event_id,
        "event": message.event,
        "state": message.state,
        "attempts": message.attempts,
        "status": message.last_status,
        "error": message.last_error,
        "next_attempt_at": (message.state == MessageState::Waiting).then_some(message.next_attempt_at),
        "finished_at": message.finished_at,
        "created_at": message.created_at,
    })
}
