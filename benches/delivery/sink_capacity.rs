//! How many messages a second the minimal sink can accept from a client that only writes one prepared message again and again, with
//! pipelined commands.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};

use crate::measurement::{to_f64, wait_for_messages};
use crate::options::SinkChoice;
use crate::report::{self, median, range, thousands};
use crate::setup::{Setup, Sink};
use crate::support::process;

/// Enough connections to keep the sink busy.
const CONNECTIONS: u32 = 4;
/// The commands before each message.
const GROUP: &str = "MAIL FROM:<source@news.example>\r\nRCPT TO:<r0000001@d1.example>\r\nDATA\r\n";

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let mut sink = Sink::start(SinkChoice::Minimal, &[])?;
    let (mut rates, mut cpus) = (Vec::new(), Vec::new());
    for _ in 0..setup.options.rounds {
        sink.reset()?;
        let before = process::cpu(sink.pid()).unwrap_or(0.0);
        let each = setup.options.recipients / CONNECTIONS;
        let (address, size) = (sink.address(), setup.options.size);
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| std::thread::spawn(move || client(address, size, each)))
            .collect();
        for client in clients {
            client.join().map_err(|_| anyhow::anyhow!("a client failed"))??;
        }
        let (messages, seconds) = wait_for_messages(&mut sink, u64::from(each * CONNECTIONS), None)?;
        rates.push(to_f64(messages) / seconds);
        cpus.push((process::cpu(sink.pid()).unwrap_or(0.0) - before) / to_f64(messages) * 1000.0);
    }
    let (slowest, fastest) = range(&rates);
    let row = [
        "a client that only pipelines".to_owned(),
        thousands(median(&rates)),
        thousands(slowest),
    ];
    let row = row
        .into_iter()
        .chain([thousands(fastest), format!("{:.3}", median(&cpus))]);
    let columns = ["sender", "messages/s", "slowest", "fastest", "sink's CPU s/1,000"];
    report::print("what the minimal sink can accept", &columns, vec![row.collect()]);
    Ok(json!({ "messages_per_second": rates, "sink_cpu_per_1000": cpus }))
}

fn client(address: SocketAddr, size: usize, messages: u32) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let line = "Seventy characters of text, as a digest has them, and a line end too\r\n";
    let mut message = line.repeat(size / line.len());
    message.push_str(".\r\n");
    message.push_str(GROUP);
    read_until_line(&mut stream, "220")?;
    stream.write_all(b"EHLO client\r\n")?;
    read_until_line(&mut stream, "250 ")?;
    stream.write_all(GROUP.as_bytes())?;
    for _ in 0..messages {
        read_until_line(&mut stream, "354")?;
        stream.write_all(message.as_bytes())?;
    }
    read_until_line(&mut stream, "354")
}

/// Reads until a line begins with `start`.
fn read_until_line(stream: &mut TcpStream, start: &str) -> anyhow::Result<()> {
    let (mut text, mut buffer) = (String::new(), [0; 1024]);
    loop {
        let read = stream.read(&mut buffer)?;
        anyhow::ensure!(read > 0, "the sink closed the connection");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        if text.ends_with('\n') && text.lines().any(|line| line.starts_with(start)) {
            return Ok(());
        }
    }
}
