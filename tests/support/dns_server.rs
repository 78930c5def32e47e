//! A DNS server on loopback, which answers from a zone that the test changes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Records by their names.
#[derive(Clone, Default)]
pub struct Zone {
    records: Vec<(Name, RData)>,
    /// Answers SERVFAIL to everything.
    pub is_broken: bool,
}

fn name(text: &str) -> Name {
    Name::from_str_relaxed(format!("{text}.")).expect("a DNS name")
}

impl Zone {
    pub fn address(&mut self, host: &str, address: Ipv4Addr) -> &mut Self {
        self.add(host, RData::A(A(address)))
    }

    /// Adds a TXT record, whose text is split as the DNS requires.
    pub fn text(&mut self, owner: &str, text: &str) -> &mut Self {
        let strings = text.as_bytes().chunks(255);
        let strings = strings.map(|part| String::from_utf8(part.to_vec()).expect("the text is ASCII"));
        self.add(owner, RData::TXT(TXT::new(strings.collect())))
    }

    pub fn mail_host(&mut self, domain: &str, host: &str) -> &mut Self {
        self.add(domain, RData::MX(MX::new(10, name(host))))
    }

    /// Adds the name of an address.
    pub fn reverse(&mut self, address: Ipv4Addr, host: &str) -> &mut Self {
        let owner = Name::from(IpAddr::V4(address)).to_ascii();
        self.add(owner.trim_end_matches('.'), RData::PTR(PTR(name(host))))
    }

    /// Removes the records of one type.
    pub fn remove(&mut self, owner: &str, kind: RecordType) -> &mut Self {
        let owner = name(owner);
        self.records
            .retain(|(found, data)| *found != owner || data.record_type() != kind);
        self
    }

    fn add(&mut self, owner: &str, data: RData) -> &mut Self {
        self.records.push((name(owner), data));
        self
    }

    /// The response to a query.
    fn answer(&self, query: &Message) -> Message {
        let mut response = Message::response(query.metadata.id, query.metadata.op_code);
        response.metadata.recursion_desired = true;
        response.metadata.recursion_available = true;
        response.add_queries(query.queries.iter().cloned());
        if self.is_broken {
            response.metadata.response_code = ResponseCode::ServFail;
            return response;
        }
        let mut exists = false;
        for asked in &query.queries {
            for (owner, data) in self.records.iter().filter(|(owner, _)| owner == asked.name()) {
                exists = true;
                if data.record_type() == asked.query_type() {
                    response.add_answer(Record::from_rdata(owner.clone(), 60, data.clone()));
                }
            }
        }
        if !exists {
            response.metadata.response_code = ResponseCode::NXDomain;
        }
        response
    }
}

/// Listens until it is dropped.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    task: JoinHandle<()>,
}

impl DnsServer {
    pub async fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let address = socket.local_addr().expect("the socket is bound");
        let zone = Arc::new(Mutex::new(zone));
        let shared = Arc::clone(&zone);
        let task = tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
                let Ok(query) = Message::from_vec(&buffer[..length]) else {
                    continue;
                };
                let response = shared.lock().expect("no test panicked here").answer(&query);
                let bytes = response.to_vec().expect("the response can be written");
                // The client may have closed its socket.
                let _ = socket.send_to(&bytes, client).await;
            }
        });
        Self { address, zone, task }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn replace(&self, zone: Zone) {
        *self.zone.lock().expect("no test panicked here") = zone;
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
