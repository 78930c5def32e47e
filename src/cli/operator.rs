//! `daywire operator`: the people and programs that may use the console and the API, their passwords and tokens. A token is printed once
//! and stored as a hash.

use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use super::acting_operator::acting_operator;
use super::context::Context;
use super::output::{self, note};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::audit::Actor;
use crate::domain::role::{Role, Scope, Scopes};
use crate::domain::seen::Seen;
use crate::domain::time::time_delta;
use crate::operators::{self, NewOperator, OperatorEdit, TokenRequest};
use crate::store::operators::{Operator, OperatorToken};

/// The longest line that is read as a password, in bytes.
const MAX_PASSWORD_LINE: u64 = 4096;

/// Adds, changes and removes operators, and makes and revokes their tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Add an operator: a person or a program.
    Add {
        /// The name: letters, digits, `.`, `-`, `_` and `@`.
        name: String,
        /// What it may do: owner, publisher, editor or analyst.
        #[arg(long, default_value = "publisher")]
        role: Role,
        /// The address of a person, for signing in, and for a new password if the old one is forgotten. Nothing is mailed to it now; see
        /// `daywire operator invite`.
        #[arg(long, value_name = "ADDRESS", default_value = "")]
        email: String,
    },
    /// Set the password with which an operator signs in at /admin. It is read from standard input, or asked for. All sessions end.
    Passwd {
        /// The name of the operator.
        name: String,
    },
    /// Mail another invitation to an operator who has not chosen a password yet. The link of the earlier one no longer works.
    Invite {
        /// The name of the operator.
        name: String,
    },
    /// Remove the authenticator app of an operator who has lost it. The next sign-in needs the password only.
    ResetTotp {
        /// The name of the operator.
        name: String,
    },
    /// Remove all passkeys of an operator who has lost a device. The next sign-in needs the password.
    RemovePasskeys {
        /// The name of the operator.
        name: String,
    },
    /// Unlink an operator from the account at the identity provider. The next sign-in there links the account with the operator's address.
    Unlink {
        /// The name of the operator.
        name: String,
    },
    /// Change what an operator may do.
    Role {
        /// The name of the operator.
        name: String,
        /// The new role: owner, publisher, editor or analyst.
        role: Role,
    },
    /// Change the address of an operator. Links that were mailed to the former one no longer work.
    Email {
        /// The name of the operator.
        name: String,
        /// The new address. Without it, the operator has none.
        #[arg(default_value = "")]
        address: String,
    },
    /// Remove an operator: all sessions end and all tokens are revoked. The last owner who can sign in cannot be removed.
    Remove {
        /// The name of the operator.
        name: String,
    },
    /// Make a token with which a program uses the API as this operator. It is shown only once.
    Token {
        /// The name of the operator.
        name: String,
        /// What the token is for.
        #[arg(long, default_value = "")]
        label: String,
        /// What it may be used for: read, write, send, readers or admin; may be repeated. All but admin if it is not given.
        #[arg(long)]
        scope: Vec<Scope>,
        /// How long it works, such as 90d. It does not expire if this is not given.
        #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
        expires: Option<Duration>,
    },
    /// List operators and the first characters of their tokens.
    List,
    /// Revoke the tokens of an operator: the API refuses them from now on.
    Revoke {
        /// The name of the operator.
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
    let actor = Actor::at_command_line(acting_operator(None));
    match command {
        Command::Add { name, role, email } => {
            let new = NewOperator {
                name: &name,
                role,
                email: &email,
            };
            let operator = operators::add(&app, &actor, &new).await?;
            finish(context, &operator, &next_steps(&operator))
        }
        Command::Passwd { name } => {
            let password = read_password(&name)?;
            let operator = operators::set_password(&app, &actor, &name, &password).await?;
            finish(context, &operator, "has a new password; all sessions ended")
        }
        Command::Invite { name } => {
            let operator = operators::invite_again(&app, &actor, &name).await?;
            finish(
                context,
                &operator,
                "is mailed a new invitation, which works for seven days",
            )
        }
        Command::ResetTotp { name } => {
            let operator = operators::reset_authenticator(&app, &actor, &name).await?;
            finish(
                context,
                &operator,
                "signs in without a code; set an authenticator app up again at /admin/account",
            )
        }
        Command::RemovePasskeys { name } => {
            let operator = operators::remove_passkeys(&app, &actor, &name).await?;
            finish(context, &operator, "has no passkey; add one again at /admin/account")
        }
        Command::Unlink { name } => {
            let operator = operators::unlink(&app, &actor, &name).await?;
            finish(
                context,
                &operator,
                "is linked to no account at an identity provider; the next sign-in there links one",
            )
        }
        Command::Role { name, role } => {
            let edit = OperatorEdit::role(role);
            let operator = operators::edit(&app, &actor, &name, edit, &Seen::Any).await?;
            finish(context, &operator, &format!("has the role {role}"))
        }
        Command::Email { name, address } => {
            let edit = OperatorEdit::email(&address);
            let operator = operators::edit(&app, &actor, &name, edit, &Seen::Any).await?;
            finish(context, &operator, &address_text(&operator))
        }
        Command::Remove { name } => {
            let operator = operators::remove(&app, &actor, &name, &Seen::Any).await?;
            finish(context, &operator, "removed")
        }
        Command::Token {
            name,
            label,
            scope,
            expires,
        } => {
            let request = TokenRequest {
                label: &label,
                scopes: if scope.is_empty() {
                    Scopes::usual()
                } else {
                    scope.into_iter().collect()
                },
                expires_at: expires.map(|after| app.clock.now() + time_delta(after)),
            };
            make_token(context, &app, &actor, &name, request).await
        }
        Command::List => list(context, &app).await,
        Command::Revoke { name, token } => {
            let revoked = operators::revoke(&app, &actor, &name, token.as_deref()).await?;
            print_revoked(context, &revoked)
        }
    }
}

fn print_revoked(context: &Context, revoked: &[OperatorToken]) -> anyhow::Result<()> {
    if context.json {
        return output::json(&json!({ "revoked": revoked.iter().map(|token| &token.prefix).collect::<Vec<_>>() }));
    }
    let lines = revoked.iter().map(|token| format!("{}… revoked", token.prefix));
    match lines.collect::<Vec<_>>().as_slice() {
        [] => output::text("there was no token to revoke"),
        lines => output::text(&lines.join("\n")),
    }
}

/// How an operator who was just added gets a password or a token.
fn next_steps(operator: &Operator) -> String {
    let Operator { name, role, email, .. } = operator;
    let or_invite = match email {
        None => String::new(),
        Some(_) => format!(" or `daywire operator invite {name}` mails a link to choose it"),
    };
    format!(
        "added with the role {role}; `daywire operator passwd {name}` sets the password for /admin{or_invite}, \
         `daywire operator token {name}` makes a token for the API"
    )
}

fn address_text(operator: &Operator) -> String {
    operator.email.as_ref().map_or_else(
        || "has no address".to_owned(),
        |email| format!("has the address {}", email.as_typed()),
    )
}

fn finish(context: &Context, operator: &Operator, what: &str) -> anyhow::Result<()> {
    if context.json {
        return output::json(&document(operator));
    }
    output::text(&format!("{} {what}", operator.name))
}

/// The new password: a line of standard input, or what is typed without being shown.
fn read_password(name: &str) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        let terminal = console::Term::stderr();
        let ask = |prompt: String| {
            terminal.write_str(&prompt)?;
            terminal.read_secure_line()
        };
        let password = ask(format!("New password of {name}: "))?;
        let again = ask("Once more: ".to_owned())?;
        anyhow::ensure!(password == again, "the two passwords differ; nothing was changed");
        return Ok(password);
    }
    let mut line = String::new();
    let mut input = std::io::Read::take(std::io::stdin().lock(), MAX_PASSWORD_LINE);
    input
        .read_line(&mut line)
        .context("standard input, from which the password is read, is not UTF-8 text")?;
    let password = line.trim_end_matches(['\n', '\r']);
    anyhow::ensure!(
        !password.is_empty(),
        "no password: write it on standard input, or run the command in a terminal, which asks for it"
    );
    Ok(password.to_owned())
}

async fn make_token(
    context: &Context,
    app: &App,
    actor: &Actor,
    name: &str,
    request: TokenRequest<'_>,
) -> anyhow::Result<()> {
    let new = operators::token(app, actor, name, request).await?;
    if context.json {
        let mut document = token_document(&new.stored);
        document["token"] = json!(new.secret);
        return output::json(&document);
    }
    // Standard output has only the token, so that a script can read it.
    output::text(&new.secret)?;
    note!("It is not shown again: keep it where secrets are kept.");
    Ok(())
}

async fn list(context: &Context, app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut tx = app.store.read().await?;
    let mut documents = Vec::new();
    let mut rows = Vec::new();
    for operator in tx.operators().await? {
        let tokens = tx.operator_tokens(operator.id).await?;
        let (name, role) = (operator.name.clone(), operator.role.to_string());
        if tokens.is_empty() {
            rows.push(vec![name.clone(), role.clone(), "no token".into()]);
        }
        rows.extend(tokens.iter().map(|token| {
            let state = match (token.revoked_at, token.expires_at) {
                (Some(at), _) => format!("revoked {}", output::time(at)),
                (None, Some(at)) if at <= now => format!("expired {}", output::time(at)),
                (None, Some(at)) => format!("good until {}", output::time(at)),
                (None, None) => "good".into(),
            };
            vec![
                name.clone(),
                role.clone(),
                format!("{}…", token.prefix),
                output::time(token.created_at),
                state,
                token.scopes.to_string(),
                token.label.clone(),
            ]
        }));
        let mut document = document(&operator);
        document["tokens"] = tokens.iter().map(token_document).collect();
        documents.push(document);
    }
    if context.json {
        return output::json(&documents);
    }
    let nothing = "no operator yet; `daywire operator add NAME` adds one";
    output::table(
        &["name", "role", "token", "made", "state", "scopes", "label"],
        rows,
        nothing,
    )
}

fn document(operator: &Operator) -> serde_json::Value {
    json!({
        "name": operator.name,
        "role": operator.role,
        "email": operator.email.as_ref().map(EmailAddress::as_typed),
        "created": operator.created_at,
    })
}

fn token_document(token: &OperatorToken) -> serde_json::Value {
    json!({
        "prefix": token.prefix,
        "label": token.label,
        "scopes": token.scopes.list().collect::<Vec<_>>(),
        "created": token.created_at,
        "expires": token.expires_at,
        "revoked": token.revoked_at,
    })
}
