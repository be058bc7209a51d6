//! A city in a few lines: one answer for each request, as the test says, and a memory of what was
//! asked.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method, self.path.split('?').next().unwrap())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &Value) -> Self {
        Self { status, body: body.to_string() }
    }
}

/// Listens until the test ends.
#[derive(Clone, Debug)]
pub(crate) struct PlayedCity {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl PlayedCity {
    pub(crate) fn start(play: impl Fn(&Self, &Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let city = Self { address, requests: Arc::default() };
        let (answering, play) = (city.clone(), Arc::new(play));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (city, play) = (answering.clone(), Arc::clone(&play));
                std::thread::spawn(move || city.serve(stream.unwrap(), &*play));
            }
        });
        city
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    fn serve(&self, stream: TcpStream, play: &dyn Fn(&Self, &Request) -> Answer) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut writer = stream;
        while let Some(request) = read(&mut reader) {
            self.requests.lock().unwrap().push(request.clone());
            let Answer { status, body } = play(self, &request);
            let kind = if status < 300 { "application/json" } else { "application/problem+json" };
            let head = format!(
                "HTTP/1.1 {status} Played\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
                body.len(),
            );
            if writer.write_all((head + &body).as_bytes()).is_err() {
                return; // the caller has gone
            }
        }
    }
}

/// The next request, or nothing at the end of the connection.
fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = || {
        let mut line = String::new();
        let read = reader.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}
