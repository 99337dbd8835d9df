//! Asking an etcd over HTTPS, on any [`Wire`]: certificates of our CA on both sides, nothing else.
//!
//! A minimal HTTP/1.1 client: what etcd's JSON gateway, `/version`, `/health` and `/metrics` need.
//! Under TLS 1.3 a handshake succeeds before the server has looked at the client's certificate, so
//! only an answer that was read proves a path.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    net::IpAddr,
};

use openssl::{
    error::ErrorStack,
    pkey::PKey,
    ssl::{Ssl, SslContext, SslMethod, SslMode, SslStream, SslVerifyMode, SslVersion},
    x509::{X509, X509VerifyResult, store::X509StoreBuilder},
};

use super::Wire;
use crate::cluster::Secret;

/// The largest body that is read, in bytes (etcd's `/metrics` is about 100 KiB).
const LARGEST: usize = 4 * 1024 * 1024;
/// The longest header line, and the most of them.
const LONGEST_LINE: u64 = 16 * 1024;
const MOST_HEADERS: usize = 100;

/// A client with a certificate of the cluster's CA. Built once, used by all.
#[derive(Clone)]
pub struct TlsClient(SslContext);

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: &'static str,
    /// From the first slash on.
    pub path: String,
    /// JSON, for a `POST`.
    pub body: Option<String>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status code.
    pub status: u16,
    /// What came with it.
    pub body: Vec<u8>,
}

/// Why no answer was read. Reads on from "no path from n1 to n2: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// One side does not take the other's certificate, or they share no cipher.
    #[error("{}: {reason}", if *from_peer { "the other side refuses our TLS" } else { "its TLS is not right" })]
    Tls {
        /// OpenSSL's words.
        reason: String,
        /// The peer sent an alert; else it was us who refused.
        from_peer: bool,
    },
    /// The connection ended before an answer.
    #[error("it closed the connection without an answer")]
    Closed,
    /// What came is no HTTP.
    #[error("it does not speak HTTP: {0}")]
    Http(String),
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
}

impl TlsClient {
    /// A client that trusts `ca_pem` alone and shows the first certificate of `cert_pem` (the
    /// others are its chain) with its key.
    ///
    /// # Errors
    /// If one of them cannot be read, or the key is not the certificate's.
    pub fn new(ca_pem: &[u8], cert_pem: &[u8], key: &Secret) -> Result<Self, ErrorStack> {
        // Not a connector: that begins by reading all CAs of the system.
        let mut builder = SslContext::builder(SslMethod::tls_client())?;
        builder.set_mode(SslMode::AUTO_RETRY);
        let mut trusted = X509StoreBuilder::new()?;
        for ca in X509::stack_from_pem(ca_pem)? {
            trusted.add_cert(ca)?;
        }
        // These alone: a public CA has no say in a cluster.
        builder.set_cert_store(trusted.build());
        builder.set_verify(SslVerifyMode::PEER);
        builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
        let mut chain = X509::stack_from_pem(cert_pem)?.into_iter();
        if let Some(leaf) = chain.next() {
            builder.set_certificate(&leaf)?;
        }
        for issuer in chain {
            builder.add_extra_chain_cert(issuer)?;
        }
        let key = PKey::private_key_from_pem(key.reveal())?;
        builder.set_private_key(&key)?;
        builder.check_private_key()?;
        Ok(Self(builder.build()))
    }

    /// Opens a connection over `wire` to the server at `ip`, which its certificate must name.
    ///
    /// # Errors
    /// If TLS does not come about.
    pub fn open<W: Wire>(&self, wire: W, ip: IpAddr) -> Result<Connection<W>, PathError> {
        let tls = |e: &ErrorStack| PathError::Tls { reason: words(e), from_peer: false };
        let mut ssl = Ssl::new(&self.0).map_err(|e| tls(&e))?;
        ssl.param_mut().set_ip(ip).map_err(|e| tls(&e))?;
        let mut stream = SslStream::new(ssl, wire).map_err(|e| tls(&e))?;
        if let Err(error) = stream.connect() {
            let verdict = stream.ssl().verify_result();
            if verdict != X509VerifyResult::OK {
                let reason = verdict.error_string().to_owned();
                return Err(PathError::Tls { reason, from_peer: false });
            }
            return Err(of_ssl(&error));
        }
        Ok(Connection { stream: BufReader::new(stream), host: ip })
    }

    /// One request over a connection of its own.
    ///
    /// # Errors
    /// If no answer was read.
    pub fn send<W: Wire>(
        &self,
        wire: W,
        ip: IpAddr,
        request: &Request,
    ) -> Result<Response, PathError> {
        self.open(wire, ip)?.send(request)
    }
}

/// An open connection, good for several requests.
pub struct Connection<W: Wire> {
    stream: BufReader<SslStream<W>>,
    host: IpAddr,
}

impl<W: Wire> Connection<W> {
    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// If no answer was read; the connection is of no use then.
    pub fn send(&mut self, request: &Request) -> Result<Response, PathError> {
        let body = request.body.as_deref().unwrap_or_default();
        let host = match self.host {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let length = match &request.body {
            Some(body) => {
                format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
            }
            None => String::new(),
        };
        let Request { method, path, .. } = request;
        let text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{length}\r\n{body}");
        let stream = self.stream.get_mut();
        stream.write_all(text.as_bytes()).and_then(|()| stream.flush()).map_err(|e| of_io(&e))?;
        read(&mut self.stream)
    }
}

/// Reads one answer, no byte more.
fn read(from: &mut impl BufRead) -> Result<Response, PathError> {
    loop {
        let status = status(&line(from)?)?;
        let headers = headers(from)?;
        let header = |name: &str| {
            headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
        };
        let chunked =
            header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
        let body = match (status, chunked, header("content-length")) {
            (100..200, ..) => continue,
            (204 | 304, ..) => Vec::new(),
            (_, true, _) => chunks(from)?,
            (_, false, Some(length)) => {
                let length: usize = length
                    .parse()
                    .map_err(|_| PathError::Http(format!("a length of {length:?}")))?;
                exactly(from, bounded(length)?)?
            }
            (_, false, None) => {
                let mut body = Vec::new();
                let limit = u64::try_from(LARGEST).unwrap_or(u64::MAX);
                from.take(limit).read_to_end(&mut body).map_err(|e| of_io(&e))?;
                body
            }
        };
        return Ok(Response { status, body });
    }
}

fn status(line: &str) -> Result<u16, PathError> {
    let code = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    code.and_then(|code| code.parse().ok()).ok_or_else(|| {
        PathError::Http(format!("it begins with {:?}", super::clean::line(line.as_bytes())))
    })
}

fn headers(from: &mut impl BufRead) -> Result<Vec<(String, String)>, PathError> {
    let mut headers = Vec::new();
    loop {
        let line = line(from)?;
        if line.is_empty() {
            return Ok(headers);
        }
        if headers.len() >= MOST_HEADERS {
            return Err(PathError::Http(format!("more than {MOST_HEADERS} headers")));
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
}

fn chunks(from: &mut impl BufRead) -> Result<Vec<u8>, PathError> {
    let mut body = Vec::new();
    loop {
        let line = line(from)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16)
            .map_err(|_| PathError::Http(format!("a chunk of {digits:?} bytes")))?;
        if size == 0 {
            headers(from)?;
            return Ok(body);
        }
        bounded(body.len().saturating_add(size))?;
        body.append(&mut exactly(from, size)?);
        exactly(from, 2)?;
    }
}

fn bounded(size: usize) -> Result<usize, PathError> {
    if size > LARGEST { Err(PathError::Http(format!("a body of {size} bytes"))) } else { Ok(size) }
}

fn exactly(from: &mut impl BufRead, size: usize) -> Result<Vec<u8>, PathError> {
    let mut bytes = vec![0; size];
    from.read_exact(&mut bytes).map_err(|e| of_io(&e))?;
    Ok(bytes)
}

fn line(from: &mut impl BufRead) -> Result<String, PathError> {
    let mut bytes = Vec::new();
    from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(|e| of_io(&e))?;
    match bytes.strip_suffix(b"\n") {
        Some(line) => {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            Ok(String::from_utf8_lossy(line).into_owned())
        }
        None if bytes.is_empty() => Err(PathError::Closed),
        None => Err(PathError::Http("a line without an end".to_owned())),
    }
}

/// OpenSSL's words for the oldest error, which is the cause.
fn words(errors: &ErrorStack) -> String {
    let first = errors.errors().first();
    first.and_then(openssl::error::Error::reason).map_or_else(|| errors.to_string(), str::to_owned)
}

fn of_ssl(error: &openssl::ssl::Error) -> PathError {
    if let Some(errors) = error.ssl_error() {
        // ssl(7): an alert that was received has the reason SSL_AD_REASON_OFFSET + its number.
        let from_peer = errors.errors().iter().any(|e| e.reason_code() >= 1000);
        return PathError::Tls { reason: words(errors), from_peer };
    }
    error.io_error().map_or(PathError::Closed, of_io)
}

fn of_io(error: &io::Error) -> PathError {
    if let Some(ssl) = error.get_ref().and_then(|e| e.downcast_ref::<openssl::ssl::Error>()) {
        return of_ssl(ssl);
    }
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => PathError::TimedOut,
        _ => PathError::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> Result<(u16, String), PathError> {
        // One byte at a time, as a slow path brings it.
        let mut bytes = BufReader::with_capacity(1, text.as_bytes());
        read(&mut bytes).map(|r| (r.status, String::from_utf8(r.body).unwrap()))
    }

    #[test]
    fn answers_are_read_to_their_end_and_no_further() {
        let ok = |status, body: &str| Ok((status, body.to_owned()));
        for (text, want) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiNEXT", ok(200, "hi")),
            ("HTTP/1.1 503 No\r\ncontent-length:0\r\n\r\n", ok(503, "")),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\nNEXT",
                ok(200, "abc0123456789"),
            ),
            ("HTTP/1.1 204 No Content\r\n\r\nNEXT", ok(204, "")),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                ok(200, "x"),
            ),
            ("HTTP/1.0 200 OK\n\nto the end", ok(200, "to the end")),
            ("", Err(PathError::Closed)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", Err(PathError::Closed)),
            ("\u{15}\u{3}", Err(PathError::Http("a line without an end".to_owned()))),
            ("SSH-2.0-x\r\n", Err(PathError::Http("it begins with \"SSH-2.0-x\"".to_owned()))),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                Err(PathError::Http("a body of 99999999999 bytes".to_owned())),
            ),
        ] {
            assert_eq!(answer(text), want, "{text}");
        }
    }
}
