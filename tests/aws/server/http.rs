//! As much HTTP/1.1 as the AWS clients speak, on a plain socket, so that an answer can also be late, slow or cut.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use percent_encoding::percent_decode_str;

const HEADERS: usize = 64;

/// A request, its path and query decoded, its header names in lower case.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// The next request of a connection; `None` when the client has closed it.
pub fn read(stream: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    loop {
        if let Some((mut request, head)) = parse_head(&bytes)? {
            let body = bytes.split_off(head);
            request.body = read_body(stream, body, &request)?;
            return Ok(Some(request));
        }
        if !read_more(stream, &mut bytes)? {
            return Ok(None);
        }
    }
}

fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let count = stream.read(&mut buffer)?;
    bytes.extend_from_slice(&buffer[..count]);
    Ok(count > 0)
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(length) = parsed.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let target = parsed.path.unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = parsed
        .headers
        .iter()
        .map(|header| (header.name.to_lowercase(), String::from_utf8_lossy(header.value).into_owned()))
        .collect();
    let method = parsed.method.unwrap_or_default().to_owned();
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    Ok(Some((Request { method, path, query: form(query), headers, body: Vec::new() }, length)))
}

fn read_body(stream: &mut TcpStream, mut body: Vec<u8>, request: &Request) -> io::Result<Vec<u8>> {
    let length = request.header("content-length").parse().unwrap_or(0);
    while body.len() < length {
        if !read_more(stream, &mut body)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(body)
}

/// The fields of `a=b&c=d`.
pub fn form(text: &str) -> BTreeMap<String, String> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The head of an answer with this many bytes of body.
pub fn write_head(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&str, String)],
    length: usize,
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} -\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())
}
