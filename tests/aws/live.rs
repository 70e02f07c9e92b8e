//! The program, run against a server, with credentials of a scenario and nothing of the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use tempfile::TempDir;

use crate::program::{self, Run, finished};
use crate::server::{ACCESS_KEY, Server};

/// The environment of a run: a home of its own, with the profiles of the scenario.
pub struct Live {
    home: TempDir,
    variables: Vec<(String, String)>,
    profiles: Vec<(String, String)>,
}

/// What a run gave, and how long it took.
pub struct Timed {
    pub run: Run,
    pub took: Duration,
}

impl Live {
    /// Calls the server as whom its bundle is about.
    pub fn new(server: &Server) -> Self {
        Self::at(&server.url(), &[("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", "secret")])
    }

    /// Calls an address with credentials in variables.
    pub fn at(url: &str, credentials: &[(&str, &str)]) -> Self {
        let mut live =
            Self { home: tempfile::tempdir().unwrap(), variables: Vec::new(), profiles: Vec::new() };
        live.variable("AWS_ENDPOINT_URL", url).variable("AWS_REGION", "eu-west-1");
        for (name, value) in credentials {
            live.variable(name, value);
        }
        live
    }

    /// Sets a variable of the environment.
    pub fn variable(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a profile with an access key; the one of the name `default` replaces the variables.
    pub fn profile(&mut self, name: &str, access_key: &str) -> &mut Self {
        self.variables
            .retain(|(known, _)| !matches!(known.as_str(), "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY"));
        self.profiles.push((name.to_owned(), access_key.to_owned()));
        let entry = |(name, key): &(String, String)| {
            format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n")
        };
        let text: String = self.profiles.iter().map(entry).collect();
        fs::write(self.home.path().join("credentials"), text).unwrap();
        self
    }

    /// A folder that is gone after the run.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn command(&self) -> Command {
        let mut command = program::program();
        for name in of_the_machine() {
            command.env_remove(name);
        }
        let home = self.home.path();
        command
            .env("HOME", home)
            .env("AWS_CONFIG_FILE", home.join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", home.join("credentials"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The same for a process that a test itself ends.
    pub fn process(&self) -> std::process::Command {
        let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_why-denied"));
        for name in of_the_machine() {
            process.env_remove(name);
        }
        let home = self.home.path();
        process
            .env("HOME", home)
            .env("AWS_CONFIG_FILE", home.join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", home.join("credentials"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        process
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.timed(args).run
    }

    pub fn timed(&self, args: &[&str]) -> Timed {
        let started = Instant::now();
        let run = finished(&self.command().args(args).output().expect("the program runs"));
        Timed { run, took: started.elapsed() }
    }
}

/// Variables that must not show in a run: credentials and proxies of the machine that runs the test.
fn of_the_machine() -> Vec<String> {
    let is_foreign = |name: &String| {
        let upper = name.to_uppercase();
        upper.starts_with("AWS_") || upper.ends_with("_PROXY")
    };
    std::env::vars().map(|(name, _)| name).filter(is_foreign).collect()
}

/// `explain --format json` of a folder, without AWS.
pub fn explain_bundle(bundle: &Path) -> Run {
    program::run(["explain", "--format", "json", "--bundle", bundle.to_str().unwrap()])
}
