//! What a service answers, and how each protocol writes it.

use serde_json::{Value, json};

use super::xml;

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0 and 1.1.
    Json,
    /// AWS query: a form in, XML out.
    Query,
    /// EC2's own kind of query.
    Ec2,
    /// Amazon S3: REST with XML.
    S3,
    /// REST with JSON, as AWS Lambda.
    RestJson,
}

#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// An error as AWS gives it: its HTTP status, its code, its message.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    pub headers: Vec<(&'static str, String)>,
}

pub type Answer = Result<Body, Refusal>;

#[derive(Debug, Clone)]
pub enum Body {
    Json(Value),
    /// The inside of the result element of a query, or a whole document elsewhere.
    Xml(String),
    Bytes(Vec<u8>),
}

impl Refusal {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), headers: Vec::new() }
    }

    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

const REQUEST_ID: &str = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

pub fn write(protocol: Protocol, service: &str, operation: &str, answer: Answer) -> Reply {
    match answer {
        Ok(body) => success(protocol, service, operation, body),
        Err(refusal) => failure(protocol, service, refusal),
    }
}

/// A page of somebody who is not AWS, well-formed so that it is also XML.
pub fn portal() -> Reply {
    let page =
        "<html><head><title>Welcome</title></head><body><p>Please accept the terms of use.</p></body></html>";
    Reply { status: 200, headers: vec![("Content-Type", "text/html".to_owned())], body: page.into() }
}

fn success(protocol: Protocol, service: &str, operation: &str, body: Body) -> Reply {
    let (kind, body) = match (body, protocol) {
        (Body::Json(value), Protocol::Json) => ("application/x-amz-json-1.1", value.to_string().into_bytes()),
        (Body::Json(value), _) => ("application/json", value.to_string().into_bytes()),
        (Body::Xml(inner), Protocol::Query) => ("text/xml", result(service, operation, &inner).into_bytes()),
        (Body::Xml(inner), Protocol::Ec2) => {
            ("text/xml;charset=UTF-8", ec2_result(operation, &inner).into_bytes())
        }
        (Body::Xml(document), _) => ("application/xml", declared(&document).into_bytes()),
        (Body::Bytes(bytes), _) => ("binary/octet-stream", bytes),
    };
    let headers = vec![("Content-Type", kind.to_owned()), ("x-amzn-RequestId", REQUEST_ID.to_owned())];
    Reply { status: 200, headers, body }
}

fn failure(protocol: Protocol, service: &str, refusal: Refusal) -> Reply {
    let Refusal { status, code, message, mut headers } = refusal;
    let (kind, body) = match protocol {
        Protocol::Json => (
            "application/x-amz-json-1.1",
            json!({"__type": code, "Message": message, "message": message}).to_string(),
        ),
        Protocol::RestJson => {
            headers.push(("x-amzn-ErrorType", code.clone()));
            ("application/json", json!({"Message": message, "message": message}).to_string())
        }
        Protocol::Query => {
            let sender = if status < 500 { "Sender" } else { "Receiver" };
            let error = format!("{}{}", xml::element("Type", sender), error(&code, &message));
            let inner = format!("{}{}", xml::wrapped("Error", &error), xml::element("RequestId", REQUEST_ID));
            ("text/xml", format!("<ErrorResponse xmlns=\"{}\">{inner}</ErrorResponse>", namespace(service)))
        }
        Protocol::Ec2 => {
            let errors = xml::wrapped("Errors", &xml::wrapped("Error", &error(&code, &message)));
            (
                "text/xml;charset=UTF-8",
                declared(&format!("<Response>{errors}<RequestID>{REQUEST_ID}</RequestID></Response>")),
            )
        }
        Protocol::S3 => {
            let inner =
                format!("{}{}", error(&code, &message), xml::element("RequestId", "4442587FB7D0A2F9"));
            ("application/xml", declared(&xml::wrapped("Error", &inner)))
        }
    };
    headers.push(("Content-Type", kind.to_owned()));
    headers.push(("x-amzn-RequestId", REQUEST_ID.to_owned()));
    Reply { status, headers, body: body.into_bytes() }
}

fn error(code: &str, message: &str) -> String {
    format!("{}{}", xml::element("Code", code), xml::element("Message", message))
}

fn declared(document: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{document}")
}

fn result(service: &str, operation: &str, inner: &str) -> String {
    let namespace = namespace(service);
    let metadata = xml::wrapped("ResponseMetadata", &xml::element("RequestId", REQUEST_ID));
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{inner}</{operation}Result>{metadata}</{operation}Response>"
    )
}

fn ec2_result(operation: &str, inner: &str) -> String {
    let namespace = namespace("ec2");
    declared(&format!(
        "<{operation}Response xmlns=\"{namespace}\"><requestId>{REQUEST_ID}</requestId>{inner}</{operation}Response>"
    ))
}

fn namespace(service: &str) -> &'static str {
    match service {
        "iam" => "https://iam.amazonaws.com/doc/2010-05-08/",
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        "sns" => "http://sns.amazonaws.com/doc/2010-03-31/",
        _ => "http://ec2.amazonaws.com/doc/2016-11-15/",
    }
}
