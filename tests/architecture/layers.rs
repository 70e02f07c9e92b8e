//! The layer table: which module stands where, what it may touch, and the few neighbours it may use.

/// Contact with the world outside plain data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    Files,
    Stdin,
    Output,
    Environment,
    Clock,
    Process,
    Sockets,
    Aws,
}

/// A top-level module of the library.
pub struct Layer {
    pub height: u8,
    pub module: &'static str,
    pub may: &'static [Touch],
}

const fn pure(height: u8, module: &'static str) -> Layer {
    Layer { height, module, may: &[] }
}

/// A module imports only what stands lower.
pub const LAYERS: &[Layer] = &[
    pure(0, "arn"),
    pure(0, "ids"),
    pure(1, "knowledge"),
    pure(1, "policy"),
    pure(1, "request"),
    pure(2, "evaluate"),
    pure(2, "filter"),
    pure(3, "trail"),
    pure(4, "evidence"),
    pure(5, "diagnose"),
    Layer { height: 5, module: "aws", may: &[Touch::Aws] },
    pure(6, "render"),
    pure(6, "simulate"),
    Layer { height: 6, module: "bundle", may: &[Touch::Files] },
    Layer { height: 6, module: "sources", may: &[Touch::Files, Touch::Stdin, Touch::Aws] },
    Layer { height: 7, module: "collect", may: &[Touch::Aws] },
    pure(7, "lessons"),
];

/// The binary stands above everything. Asynchronous code ends at `collect` and `sources`, so it does not see that either.
pub const BINARY: &[Touch] = &[
    Touch::Files,
    Touch::Stdin,
    Touch::Output,
    Touch::Environment,
    Touch::Clock,
    Touch::Process,
    Touch::Sockets,
];

/// Neighbours of one layer where one may use the other, never both ways, each with its reason.
pub const NEIGHBOURS: &[(&str, &str, &str)] = &[
    ("arn", "ids", "an ARN is made of a partition, a region and an account"),
    (
        "request",
        "knowledge",
        "which keys a request carries is a fact of AWS; the tables know nothing of requests",
    ),
    ("bundle", "sources", "the events of a bundle come in any form that events come in"),
];

pub fn layer(module: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.module == module)
}

/// Paths by what they touch. A path also stands for everything below it.
pub const TOUCHING: &[(Touch, &[&str])] = &[
    (Touch::Files, &["std::fs", "std::os::unix::fs", "walkdir", "tempfile"]),
    (Touch::Stdin, &["std::io::stdin", "std::io::Stdin"]),
    (
        Touch::Output,
        &[
            "std::io::stdout",
            "std::io::stderr",
            "std::io::Stdout",
            "std::io::Stderr",
            "anstream",
            "indicatif",
        ],
    ),
    (Touch::Environment, &["std::env", "terminal_size"]),
    (
        Touch::Clock,
        &[
            "std::time::SystemTime",
            "std::time::Instant",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
            "std::thread::sleep",
        ],
    ),
    (Touch::Process, &["std::process"]),
    (
        Touch::Sockets,
        &[
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "std::net::ToSocketAddrs",
            "std::os::unix::net",
        ],
    ),
    (Touch::Aws, &["tokio"]),
];

/// The first segment of every crate that talks to AWS begins with one of these.
pub const AWS_CRATES: &[&str] =
    &["aws_sdk_", "aws_config", "aws_smithy_", "aws_types", "aws_credential_types", "aws_runtime"];

/// Macros that write to standard output or standard error.
pub const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];
