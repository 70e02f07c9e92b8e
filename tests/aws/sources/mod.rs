//! `denials` and `explain` over the places in AWS where events are kept, against the scenario server.
//!
//! The story is that of `policies/examples/s3-kms-download`: one download, refused because of `kms:Decrypt`.

pub mod athena;
mod history;
mod lake;
mod logs;
pub mod trail;

use crate::program::{Run, finished, program};
use crate::server::{ACCESS_KEY, Server};

/// Runs the program with the credentials of the story, and nothing of those of whoever runs the test.
fn run(server: &Server, args: &[&str]) -> Run {
    let mut command = program();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    finished(&command.args(args).output().expect("the program runs"))
}

/// The one denial of the story, whatever it was read from.
#[track_caller]
fn is_the_denial(run: &Run) {
    let found = run.json();
    assert_eq!(found["total"], 1, "{found}\n{}", run.stderr);
    let denial = &found["denials"][0];
    assert_eq!(denial["action"], "kms:Decrypt", "{found}");
    assert_eq!(denial["principal"], "arn:aws:iam::111122223333:user/s3_full_access", "{found}");
}

/// How often an operation was called.
fn count(server: &Server, operation: &str) -> usize {
    server.calls().iter().filter(|call| call.operation == operation).count()
}
