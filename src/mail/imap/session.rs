//! A session with an IMAP server: one mailbox is open, and messages are searched, fetched and moved by their UIDs.

use std::time::Duration;

use imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode, Status};

use super::capabilities::Capabilities;
use super::connection::{Budget, Connection, Reply, ReplyCode, Step};
use super::error::ImapError;
use super::login::log_in;
use super::server::{Credential, MailboxName, Server};
use crate::mail::relay::Security;
use crate::mail::transport::{Broken, NotSecured, connect, within};

/// For the TCP connection, and again for the TLS handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// For each command. Searching and moving in a large mailbox takes a server some time.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(2);
/// For a group of messages over a slow line.
const FETCH_TIMEOUT: Duration = Duration::from_mins(5);
/// For a search: up to eleven bytes for each message of the mailbox.
const SEARCH_BUDGET: Budget = Budget {
    response: 16 * 1024 * 1024,
    total: 24 * 1024 * 1024,
};
/// The most UIDs of a search.
const MAX_FOUND: usize = 4_000_000;
/// What a response with a message has beside its content.
const MAX_FETCH_OVERHEAD: usize = 16 * 1024;
/// For LOGOUT. No outcome depends on its reply.
const LOGOUT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection after login. After an error, drop it.
pub(crate) struct Session {
    connection: Connection,
    capabilities: Capabilities,
    /// The server in errors.
    server: String,
    /// The tag of the IDLE command that is running.
    idle: Option<String>,
}

/// The beginning of a message.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) uid: u32,
    pub(crate) content: Vec<u8>,
}

impl Session {
    /// Connects, starts TLS if the settings ask for it, and logs in.
    ///
    /// # Errors
    /// [`ImapError`]. The texts of errors that an operator can fix say what to do.
    pub(crate) async fn open(server: &Server, credential: &Credential) -> Result<Self, ImapError> {
        let name = || server.to_string();
        let lost = |Broken(reason)| ImapError::Lost { server: name(), reason };
        let untrusted = |error| match error {
            NotSecured::Stalled(broken) => lost(broken),
            NotSecured::Failed(Broken(reason)) => ImapError::Tls { server: name(), reason },
        };
        let tcp = connect(&server.host, server.port, CONNECT_TIMEOUT).await;
        let tcp = tcp.map_err(|Broken(reason)| ImapError::Unreachable { server: name(), reason })?;
        let mut connection = Connection::new(Box::new(tcp));
        let secure = |connection: Connection| connection.secure(server.tls.clone(), &server.host, CONNECT_TIMEOUT);
        if server.security == Security::Tls {
            connection = secure(connection).await.map_err(untrusted)?;
        }
        expect_greeting(&mut connection, server).await?;
        if server.security == Security::StartTls {
            if !Capabilities::ask(&mut connection, COMMAND_TIMEOUT)
                .await
                .map_err(lost)?
                .has("STARTTLS")
            {
                return Err(ImapError::NoStartTls { server: name() });
            }
            let reply = connection
                .run("STARTTLS", Budget::BEFORE_LOGIN, COMMAND_TIMEOUT, |_| ())
                .await
                .map_err(lost)?;
            refused_unless_ok(&name(), "STARTTLS", reply)?;
            connection = secure(connection).await.map_err(untrusted)?;
        }
        // What was offered before TLS or before the login does not count
        // ([RFC 3501 §6.2.1](https://www.rfc-editor.org/rfc/rfc3501#section-6.2.1)).
        let offered = Capabilities::ask(&mut connection, COMMAND_TIMEOUT)
            .await
            .map_err(lost)?;
        log_in(&mut connection, server, credential, &offered, COMMAND_TIMEOUT).await?;
        let capabilities = Capabilities::ask(&mut connection, COMMAND_TIMEOUT)
            .await
            .map_err(lost)?;
        Ok(Self {
            connection,
            capabilities,
            server: name(),
            idle: None,
        })
    }

    /// Opens a mailbox, and returns its UIDVALIDITY: UIDs mean the same messages while it does not change
    /// ([RFC 3501 §2.3.1.1](https://www.rfc-editor.org/rfc/rfc3501#section-2.3.1.1)).
    pub(crate) async fn select(&mut self, mailbox: &MailboxName) -> Result<u32, ImapError> {
        let mut uid_validity = None;
        let reply = self
            .run(&format!("SELECT {}", mailbox.quoted()), |data| {
                if let Response::Data { outcome, .. } = data
                    && let Some(ResponseCode::UidValidity(value)) = outcome.code
                {
                    uid_validity = Some(value);
                }
            })
            .await?;
        let not_opened = |reply: &str| ImapError::Mailbox {
            server: self.server.clone(),
            mailbox: mailbox.to_string(),
            reply: reply.to_owned(),
        };
        if !reply.is_ok {
            return Err(not_opened(&reply.text));
        }
        if reply.code == ReplyCode::ReadOnly {
            return Err(not_opened("it is read-only, so no message can be moved"));
        }
        uid_validity.ok_or_else(|| not_opened("the server sent no UIDVALIDITY"))
    }

    /// The UIDs of the messages above `last`, in ascending order, without those that are marked as deleted.
    pub(crate) async fn uids_above(&mut self, last: u32) -> Result<Vec<u32>, ImapError> {
        let Some(first) = last.checked_add(1) else {
            return Ok(Vec::new());
        };
        // A server may report messages that arrived in its reply to NOOP only.
        let reply = self.run("NOOP", |_| ()).await?;
        refused_unless_ok(&self.server, "NOOP", reply)?;
        self.connection.has_new_messages = false;
        let mut found = self.search(&format!("{first}:*")).await?;
        // `*` is the highest UID, even if it is below `first`, and a range has no direction.
        found.retain(|uid| *uid >= first);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Which messages of a sequence set are there and not marked as deleted.
    async fn search(&mut self, uids: &str) -> Result<Vec<u32>, ImapError> {
        let (mut found, mut is_too_long) = (Vec::new(), false);
        let command = format!("UID SEARCH UID {uids} UNDELETED");
        let reply = self
            .run_within(&command, SEARCH_BUDGET, COMMAND_TIMEOUT, |data| {
                if let Response::MailboxData(MailboxDatum::Search(uids)) = data {
                    is_too_long |= uids.len() > MAX_FOUND - found.len();
                    if !is_too_long {
                        found.extend_from_slice(uids);
                    }
                }
            })
            .await?;
        if is_too_long {
            return Err(self.lost(Broken(format!("a search finds more than {MAX_FOUND} messages"))));
        }
        refused_unless_ok(&self.server, "SEARCH", reply)?;
        Ok(found)
    }

    /// The first `max_bytes` of messages. A message that another client has removed is missing in the result. It does not mark
    /// messages as read.
    ///
    /// # Errors
    /// Also when the server returns nothing for a message that is still there, as Exchange does with some.
    pub(crate) async fn fetch(&mut self, uids: &[u32], max_bytes: usize) -> Result<Vec<Fetched>, ImapError> {
        let mut found: Vec<Fetched> = Vec::new();
        let command = format!("UID FETCH {} (UID BODY.PEEK[]<0.{max_bytes}>)", set(uids));
        let response = max_bytes + MAX_FETCH_OVERHEAD;
        let budget = Budget {
            response,
            total: response.saturating_mul(uids.len()).saturating_add(Budget::SHORT.total),
        };
        let reply = self
            .run_within(&command, budget, FETCH_TIMEOUT, |data| {
                let Response::Fetch(_, attributes) = data else { return };
                let uid = attributes.iter().find_map(|attribute| match attribute {
                    AttributeValue::Uid(uid) => Some(*uid),
                    _ => None,
                });
                let content = attributes.iter().find_map(|attribute| match attribute {
                    AttributeValue::BodySection {
                        section: None, data, ..
                    } => Some(data.as_deref().unwrap_or_default()),
                    _ => None,
                });
                // A server may also report changed flags, of any message.
                if let (Some(uid), Some(content)) = (uid, content)
                    && uids.contains(&uid)
                    && found.iter().all(|known| known.uid != uid)
                {
                    let content = content[..content.len().min(max_bytes)].to_vec();
                    found.push(Fetched { uid, content });
                }
            })
            .await?;
        refused_unless_ok(&self.server, "FETCH", reply)?;
        let mut missing = uids.to_vec();
        missing.retain(|uid| found.iter().all(|message| message.uid != *uid));
        if !missing.is_empty() && !self.search(&set(&missing)).await?.is_empty() {
            return Err(ImapError::Refused {
                server: self.server.clone(),
                command: "FETCH",
                reply: "it returned nothing for a message that is there".to_owned(),
            });
        }
        Ok(found)
    }

    /// Moves messages to another mailbox, which is created if necessary. Without MOVE
    /// ([RFC 6851](https://www.rfc-editor.org/rfc/rfc6851)) they are copied and marked as deleted, and removed only if the server can
    /// remove exactly these.
    pub(crate) async fn move_messages(&mut self, uids: &[u32], mailbox: &MailboxName) -> Result<(), ImapError> {
        let (uids, to) = (set(uids), mailbox.quoted());
        let has_move = self.capabilities.has("MOVE");
        let command = format!("UID {} {uids} {to}", if has_move { "MOVE" } else { "COPY" });
        let mut reply = self.run(&command, |_| ()).await?;
        if !reply.is_ok {
            // The mailbox may be missing. Not every server says so with the code TRYCREATE.
            let created = self.run(&format!("CREATE {to}"), |_| ()).await?;
            if created.is_ok {
                // Many clients list subscribed mailboxes only. Nothing depends on the reply.
                self.run(&format!("SUBSCRIBE {to}"), |_| ()).await?;
                reply = self.run(&command, |_| ()).await?;
            }
        }
        if !reply.is_ok {
            return Err(ImapError::Move {
                server: self.server.clone(),
                mailbox: mailbox.to_string(),
                reply: reply.text,
            });
        }
        if !has_move {
            let mark = format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)");
            let reply = self.run(&mark, |_| ()).await?;
            refused_unless_ok(&self.server, "STORE", reply)?;
            // Without UIDPLUS, EXPUNGE would also remove what other clients have marked.
            if self.capabilities.has("UIDPLUS") {
                let reply = self.run(&format!("UID EXPUNGE {uids}"), |_| ()).await?;
                refused_unless_ok(&self.server, "EXPUNGE", reply)?;
            }
        }
        Ok(())
    }

    /// Whether the server has reported new messages since the last search.
    pub(crate) const fn has_new_messages(&self) -> bool {
        self.connection.has_new_messages
    }

    /// Whether [`Session::start_idle`] can be used.
    pub(crate) fn can_idle(&self) -> bool {
        self.capabilities.has("IDLE")
    }

    /// Asks the server to report new messages ([RFC 2177](https://www.rfc-editor.org/rfc/rfc2177)).
    pub(crate) async fn start_idle(&mut self) -> Result<(), ImapError> {
        let connection = &mut self.connection;
        let started = within(COMMAND_TIMEOUT, "answer", async {
            let tag = connection.begin("IDLE", Budget::IDLE).await?;
            loop {
                match connection.step(&tag, &mut |_| ()).await? {
                    Step::Continue => return Ok(Ok(tag)),
                    Step::Done(reply) => return Ok(Err(reply)),
                    Step::Untagged => {}
                }
            }
        });
        match started.await.map_err(|broken| self.lost(broken))? {
            Ok(tag) => {
                self.idle = Some(tag);
                Ok(())
            }
            Err(reply) => refused_unless_ok(&self.server, "IDLE", Reply { is_ok: false, ..reply }),
        }
    }

    /// Waits for a report of new messages. It can be dropped and called again. Without IDLE it never ends.
    pub(crate) async fn wait_for_new_messages(&mut self) -> Result<(), ImapError> {
        let Some(tag) = &self.idle else {
            return std::future::pending().await;
        };
        while !self.connection.has_new_messages {
            match self.connection.step(tag, &mut |_| ()).await {
                Ok(Step::Done(_)) => {
                    // The server ended IDLE itself.
                    self.idle = None;
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) => return Err(self.lost(Broken(error.to_string()))),
            }
        }
        Ok(())
    }

    /// Ends IDLE, so that other commands can follow.
    pub(crate) async fn stop_idle(&mut self) -> Result<(), ImapError> {
        let Some(tag) = self.idle.take() else { return Ok(()) };
        let connection = &mut self.connection;
        let stopped = within(COMMAND_TIMEOUT, "answer", async {
            connection.send("DONE").await?;
            loop {
                if let Step::Done(reply) = connection.step(&tag, &mut |_| ()).await? {
                    return Ok(reply);
                }
            }
        });
        let reply = stopped.await.map_err(|broken| self.lost(broken))?;
        refused_unless_ok(&self.server, "IDLE", reply)
    }

    /// Ends the session in good order, if the server answers in time.
    pub(crate) async fn log_out(mut self) {
        if self.stop_idle().await.is_ok() {
            // The reply begins with BYE, which counts as the end of the connection.
            let _ = self
                .connection
                .run("LOGOUT", Budget::SHORT, LOGOUT_TIMEOUT, |_| ())
                .await;
        }
    }

    /// Runs a command with a short result.
    async fn run(&mut self, command: &str, on_data: impl FnMut(&Response<'_>)) -> Result<Reply, ImapError> {
        self.run_within(command, Budget::SHORT, COMMAND_TIMEOUT, on_data).await
    }

    async fn run_within(
        &mut self,
        command: &str,
        budget: Budget,
        limit: Duration,
        on_data: impl FnMut(&Response<'_>),
    ) -> Result<Reply, ImapError> {
        let reply = self.connection.run(command, budget, limit, on_data).await;
        reply.map_err(|broken| self.lost(broken))
    }

    fn lost(&self, Broken(reason): Broken) -> ImapError {
        ImapError::Lost {
            server: self.server.clone(),
            reason,
        }
    }
}

/// Reads the greeting. PREAUTH means that the server has logged somebody in without a password, who may be anybody.
async fn expect_greeting(connection: &mut Connection, server: &Server) -> Result<(), ImapError> {
    let greeting = within(COMMAND_TIMEOUT, "greet", connection.read()).await;
    let greeting = greeting.map_err(|Broken(reason)| ImapError::Lost {
        server: server.to_string(),
        reason,
    })?;
    let reply = match Response::parse(&greeting) {
        Ok((_, Response::Data { status: Status::Ok, .. })) => return Ok(()),
        Ok((
            _,
            Response::Data {
                status: Status::PreAuth,
                ..
            },
        )) => "it has logged in another user already".to_owned(),
        Ok((_, Response::Data { outcome, .. })) => connection.text_of(&outcome),
        _ => "its greeting is not IMAP".to_owned(),
    };
    Err(ImapError::NotAccepted {
        server: server.to_string(),
        reply,
    })
}

fn refused_unless_ok(server: &str, command: &'static str, reply: Reply) -> Result<(), ImapError> {
    if reply.is_ok {
        return Ok(());
    }
    Err(ImapError::Refused {
        server: server.to_owned(),
        command,
        reply: reply.text,
    })
}

/// UIDs as a sequence set.
fn set(uids: &[u32]) -> String {
    let uids: Vec<_> = uids.iter().map(ToString::to_string).collect();
    uids.join(",")
}
