//! The message of a transaction: DATA, and the replies after it.

use std::{io, mem};

use tokio::{io::AsyncBufReadExt, time::timeout};

use super::{
    super::{super::dot_stuffing::DataReader, Content, Deferral, Received, Receiver, Stage},
    Flow, Session,
};

impl<R: Receiver> Session<R> {
    pub(super) async fn data(&mut self) -> io::Result<Flow> {
        if self.transaction.recipients.is_empty() {
            return Ok(self.protocol_error(503, "5.5.1 send MAIL and RCPT first"));
        }
        if let Some(flow) = self.intervene(Stage::Data).await {
            return Ok(flow);
        }
        self.reply(354, "send the message, then a line with only a dot");
        self.flush().await?;
        let mut message = DataReader::new(self.options.size_limit);
        loop {
            let limit = self.idle_timeout();
            let read = tokio::select! {
                read = timeout(limit, self.stream.fill_buf()) => read,
                () = self.place.replaced.cancelled() => return Ok(self.replaced()),
            };
            let Ok(bytes) = read else { return Ok(self.time_out()) };
            let bytes = bytes?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let (length, end) = (bytes.len(), message.feed(bytes));
            self.stream.consume(end.unwrap_or(length));
            if end.is_some() {
                break;
            }
        }
        let flow = self.deliver(message).await;
        self.reset();
        self.commands_since_message = 0;
        Ok(flow)
    }

    /// Gives the message to the receiver, and replies: once, or in LMTP once for each recipient
    /// ([RFC 2033 §4.2](https://www.rfc-editor.org/rfc/rfc2033#section-4.2)).
    async fn deliver(&mut self, message: DataReader) -> Flow {
        let refusal = self.refusal(&message);
        let recipients = mem::take(&mut self.transaction.recipients);
        let groups: Vec<Vec<String>> = if self.is_lmtp {
            recipients.into_iter().map(|recipient| vec![recipient]).collect()
        } else {
            vec![recipients]
        };
        let mut bytes = message.into_bytes();
        let mut failure = None;
        let last = groups.len().saturating_sub(1);
        for (index, group) in groups.into_iter().enumerate() {
            self.transaction.recipients = group;
            if let Some(flow) = self.intervene(Stage::FinalDot).await {
                match flow {
                    Flow::Continue => continue,
                    Flow::Close => return Flow::Close,
                }
            }
            if let Some((code, text)) = &refusal {
                self.reply(*code, text);
                continue;
            }
            // What cannot be stored for one recipient cannot be stored for the next, and finding out may take a timeout for each.
            if failure.is_none() {
                let mail = Received {
                    transaction: self.transaction.clone(),
                    bytes: if index == last {
                        mem::take(&mut bytes)
                    } else {
                        bytes.clone()
                    },
                };
                match self.receiver.clone().accept(mail).await {
                    Ok(()) => {}
                    Err(Deferral::System(reason)) => failure = Some(reason),
                    Err(Deferral::Recipient(reason)) => {
                        self.reply(452, &format!("4.2.2 {reason}"));
                        continue;
                    }
                }
            }
            if let Some(reason) = &failure {
                let text = format!("4.3.0 {reason}");
                self.reply(451, &text);
                continue;
            }
            self.transaction.messages += 1;
            self.place.record_message();
            match self.intervene(Stage::AfterAccept).await {
                Some(Flow::Close) => return Flow::Close,
                Some(Flow::Continue) => {}
                None => {
                    self.reply(250, "2.0.0 accepted");
                }
            }
        }
        Flow::Continue
    }

    /// The reply to a message that breaks a rule; `None` if it is accepted.
    fn refusal(&self, message: &DataReader) -> Option<(u16, String)> {
        if self.options.content == Content::AsReceived {
            return None;
        }
        if message.too_large {
            return Some((552, self.too_large_text()));
        }
        if message.bare_break {
            let text = "5.6.0 the message contains a CR or LF that is not part of a line end";
            return Some((554, text.to_owned()));
        }
        let text = "5.6.0 the message has a line longer than 998 characters";
        message.long_line.then(|| (554, text.to_owned()))
    }
}
