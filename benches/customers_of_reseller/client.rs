//! The client: kept-alive connections, each with one request at a time.
//!
//! It shares the processor with the server, so it does as little as possible: each request is a prepared text, and of the
//! response it reads only the status, the length and that many bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::book::TOKEN;

/// The bytes of a request.
pub(crate) fn request(path: &str, body: &serde_json::Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends one request and returns the body of the response.
pub(crate) async fn ask(server: SocketAddr, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    Connection::open(server).await?.ask(request).await.map(<[u8]>::to_vec)
}

/// The result of sending requests for some time.
pub(crate) struct Load {
    /// Responses per second.
    pub(crate) rate: f64,
    /// The duration of each request in milliseconds, sorted.
    pub(crate) times: Vec<f64>,
}

impl Load {
    /// The times of all workers, which began at that moment.
    pub(crate) async fn gather(
        started: Instant,
        mut workers: JoinSet<anyhow::Result<Vec<f64>>>,
    ) -> anyhow::Result<Self> {
        let mut times = Vec::new();
        while let Some(done) = workers.join_next().await {
            times.append(&mut done??);
        }
        let rate = times.len() as f64 / started.elapsed().as_secs_f64();
        times.sort_by(f64::total_cmp);
        Ok(Self { rate, times })
    }

    /// The duration that this percentage of the requests did not exceed.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        self.times.get(self.times.len() * percent / 100).copied().unwrap_or(f64::NAN)
    }
}

/// Keeps this many connections busy for `time`. Each sends the requests one after another.
pub(crate) async fn load(
    server: SocketAddr,
    requests: &Arc<[Vec<u8>]>,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Load> {
    let started = Instant::now();
    let mut busy = JoinSet::new();
    for number in 0..connections {
        let requests = requests.clone();
        busy.spawn(async move {
            let mut connection = Connection::open(server).await?;
            let mut times = Vec::new();
            // Each connection starts at another request, so that no two send the same one at the same time.
            let turns = requests.iter().cycle().skip(number * requests.len() / connections);
            for request in turns {
                if started.elapsed() >= time {
                    break;
                }
                let sent = Instant::now();
                connection.ask(request).await?;
                times.push(sent.elapsed().as_secs_f64() * 1_000.0);
            }
            anyhow::Ok(times)
        });
    }
    Load::gather(started, busy).await
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(server: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(128 * 1024) })
    }

    async fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, length) = loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
            if let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break (end + 4, length_of(&self.buffer[..end])?);
            }
        };
        while self.buffer.len() < head + length {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the connection was closed");
        }
        Ok(&self.buffer[head..])
    }
}

fn length_of(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("the server answered {}", head.lines().next().unwrap_or_default());
    }
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let length = length.clone().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.context("the response has no Content-Length")?.1.trim().parse()?)
}
