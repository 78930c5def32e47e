//! The sink's connections. Replies are sent at once, or after a delay.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::faults::{Fault, Stage};
use super::session::{Next, Session};
use super::shared::Shared;

const GREETING: &[u8] = b"220 sink ESMTP\r\n";

/// Accepts connections, and never returns without an error.
pub async fn serve(listener: TcpListener, shared: Rc<Shared>) -> anyhow::Result<()> {
    let mut number = 0;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        number += 1;
        shared.tally().totals.connections += 1;
        let shared = Rc::clone(&shared);
        tokio::task::spawn_local(async move {
            // A killed sender breaks its connections, so an error is expected.
            let _ = if shared.is_prompt() {
                prompt(stream, number, &shared).await
            } else {
                delayed(stream, number, &shared).await
            };
        });
    }
}

/// Sends replies at once. Replies to commands that arrived together are sent in one write.
async fn prompt(mut stream: TcpStream, number: u64, shared: &Shared) -> io::Result<()> {
    let mut session = Session::new(number);
    let mut out = Vec::with_capacity(256);
    let mut next = greet(shared, &mut out);
    loop {
        if !out.is_empty() {
            stream.write_all(&out).await?;
            out.clear();
        }
        match next {
            Next::Close => return Ok(()),
            Next::Silence => return ignore(&mut stream, shared).await,
            Next::Read => {}
        }
        match answer(&mut stream, &mut session, shared, &mut out).await? {
            Some(then) => next = then,
            None => return Ok(()),
        }
    }
}

/// Sends replies after a delay, and reads on meanwhile. So this is a distant relay, and not a slow one.
async fn delayed(stream: TcpStream, number: u64, shared: &Rc<Shared>) -> io::Result<()> {
    let (mut input, output) = stream.into_split();
    let (replies, due) = mpsc::unbounded_channel();
    let writer = tokio::task::spawn_local(write(output, due, Rc::clone(shared)));
    let mut session = Session::new(number);
    let mut out = Vec::new();
    let mut next = greet(shared, &mut out);
    loop {
        if !out.is_empty() {
            let came = Instant::now();
            let due = shared.due(came, std::mem::take(&mut session.accepted));
            // The writer ends early only if the connection broke, which the next read reports.
            let _ = replies.send((came, due, std::mem::take(&mut out)));
        }
        match next {
            Next::Close => break,
            Next::Silence => {
                // Until the client closes the connection, which ends `ignore`, neither the writer nor the client has anything to do.
                ignore(&mut input, shared).await?;
                break;
            }
            Next::Read => {}
        }
        match answer(&mut input, &mut session, shared, &mut out).await? {
            Some(then) => next = then,
            None => break,
        }
    }
    drop(replies);
    let _ = writer.await;
    Ok(())
}

async fn write(
    mut output: OwnedWriteHalf,
    mut replies: mpsc::UnboundedReceiver<(Instant, Instant, Vec<u8>)>,
    shared: Rc<Shared>,
) {
    while let Some((came, due, reply)) = replies.recv().await {
        tokio::time::sleep_until(due.into()).await;
        if output.write_all(&reply).await.is_err() {
            return;
        }
        let delays = &mut shared.tally().delays;
        *delays = (delays.0 + 1, delays.1 + came.elapsed());
    }
}

fn greet(shared: &Shared, out: &mut Vec<u8>) -> Next {
    match shared.faults.borrow_mut().at(Stage::Greeting) {
        Some(Fault::Silence) => Next::Silence,
        Some(_) => Next::Close,
        None => {
            out.extend_from_slice(GREETING);
            Next::Read
        }
    }
}

/// Reads available input, and has the session answer it while it is in the shared buffer. `None` at the end of the input.
async fn answer(
    input: &mut (impl AsyncRead + Unpin),
    session: &mut Session,
    shared: &Shared,
    out: &mut Vec<u8>,
) -> io::Result<Option<Next>> {
    poll_fn(|context| {
        let mut buffer = shared.buffer.borrow_mut();
        let mut read = ReadBuf::new(&mut buffer);
        match Pin::new(&mut *input).poll_read(context, &mut read) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) if read.filled().is_empty() => Poll::Ready(Ok(None)),
            Poll::Ready(Ok(())) => Poll::Ready(Ok(Some(session.feed(read.filled(), shared, out)))),
        }
    })
    .await
}

/// Reads until the client closes the connection, and sends nothing.
async fn ignore(input: &mut (impl AsyncRead + Unpin), shared: &Shared) -> io::Result<()> {
    loop {
        let read = poll_fn(|context| {
            let mut buffer = shared.buffer.borrow_mut();
            let mut read = ReadBuf::new(&mut buffer);
            Pin::new(&mut *input)
                .poll_read(context, &mut read)
                .map_ok(|()| read.filled().len())
        })
        .await?;
        if read == 0 {
            return Ok(());
        }
    }
}
