//! Minimal HTTP requests to a service on loopback.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// Sends a GET, and returns status and body of the response.
pub fn get(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
    )
}

/// Signs an address up by the API.
pub fn sign_up(address: SocketAddr, email: &str, newsletter: &str) -> anyhow::Result<()> {
    let document = format!("{{\"email\": \"{email}\", \"newsletters\": [\"{newsletter}\"]}}");
    let request = format!(
        "POST /api/v1/subscriptions HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{document}",
        document.len()
    );
    let (status, body) = ask(address, &request)?;
    ensure!(status == 202, "the response to the sign-up is {status}: {body}");
    Ok(())
}

/// Waits until something listens on an address.
pub fn wait_until_open(address: SocketAddr) -> anyhow::Result<()> {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        ensure!(
            start.elapsed() < Duration::from_secs(10),
            "nothing listens on {address}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// The value of a header field in the response to a GET.
pub fn header(address: SocketAddr, path: &str, name: &str) -> anyhow::Result<String> {
    let answer = send(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
    )?;
    let head = answer.split_once("\r\n\r\n").map_or("", |(head, _)| head);
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    let field = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
    Ok(field.with_context(|| format!("{path} has no {name}"))?.1.to_owned())
}

fn ask(address: SocketAddr, request: &str) -> anyhow::Result<(u16, String)> {
    let answer = send(address, request)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((
        status.with_context(|| format!("the response is not HTTP: {answer}"))?,
        body.to_owned(),
    ))
}

fn send(address: SocketAddr, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// An address on loopback with an unused port.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
