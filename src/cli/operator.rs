//! `daywire operator`: the people and programs that may use the API, and their tokens. A token is printed once and stored as a hash.

use serde_json::json;

use super::context::Context;
use super::output::{self, note};
use crate::operators;
use crate::store::operators::OperatorToken;

/// Adds operators, and makes and revokes their tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add an operator: a person or a program.
    Add {
        /// Its name: letters, digits, `.`, `-`, `_` and `@`.
        name: String,
    },
    /// Make a token with which a program uses the API as this operator. It is shown only once.
    Token {
        /// The operator.
        name: String,
        /// What the token is for.
        #[arg(long, default_value = "")]
        label: String,
    },
    /// List operators and the first characters of their tokens.
    List,
    /// Revoke the tokens of an operator: the API refuses them from now on.
    Revoke {
        /// The operator.
        name: String,
        /// Only the token that begins with this; all of them if it is not given.
        #[arg(long, value_name = "PREFIX")]
        token: Option<String>,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let app = match &command {
        Command::Add { .. } => context.app_or_new().await?,
        _ => context.app().await?,
    };
    match command {
        Command::Add { name } => {
            let operator = operators::add(&app, &name).await?;
            if context.json {
                return output::json(&json!({ "name": operator.name, "created": operator.created_at }));
            }
            let name = operator.name;
            output::text(&format!(
                "{name} added; `daywire operator token {name}` makes a token for the API"
            ))
        }
        Command::Token { name, label } => {
            let new = operators::token(&app, &name, &label).await?;
            if context.json {
                let mut document = document(&new.stored);
                document["token"] = json!(new.secret);
                return output::json(&document);
            }
            // Standard output has only the token, so that a script can read it.
            output::text(&new.secret)?;
            note!("It is not shown again: keep it where secrets are kept.");
            Ok(())
        }
        Command::List => {
            let mut tx = app.store.read().await?;
            let mut documents = Vec::new();
            let mut rows = Vec::new();
            for operator in tx.operators().await? {
                let tokens = tx.operator_tokens(operator.id).await?;
                if tokens.is_empty() {
                    rows.push(vec![operator.name.clone(), "no token".into()]);
                }
                rows.extend(tokens.iter().map(|token| {
                    let state = token
                        .revoked_at
                        .map_or("good".into(), |at| format!("revoked {}", output::time(at)));
                    let name = operator.name.clone();
                    vec![
                        name,
                        format!("{}…", token.prefix),
                        output::time(token.created_at),
                        state,
                        token.label.clone(),
                    ]
                }));
                documents.push(json!({
                    "name": operator.name,
                    "created": operator.created_at,
                    "tokens": tokens.iter().map(document).collect::<Vec<_>>(),
                }));
            }
            if context.json {
                return output::json(&documents);
            }
            let nothing = "no operator yet; `daywire operator add NAME` adds one";
            output::table(&["name", "token", "made", "state", "label"], rows, nothing)
        }
        Command::Revoke { name, token } => {
            let revoked = operators::revoke(&app, &name, token.as_deref()).await?;
            if context.json {
                return output::json(
                    &json!({ "revoked": revoked.iter().map(|token| &token.prefix).collect::<Vec<_>>() }),
                );
            }
            let lines: Vec<_> = revoked
                .iter()
                .map(|token| format!("{}… revoked", token.prefix))
                .collect();
            match lines.as_slice() {
                [] => output::text("there was no token to revoke"),
                lines => output::text(&lines.join("\n")),
            }
        }
    }
}

fn document(token: &OperatorToken) -> serde_json::Value {
    json!({
        "prefix": token.prefix,
        "label": token.label,
        "created": token.created_at,
        "revoked": token.revoked_at,
    })
}
