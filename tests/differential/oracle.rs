//! The package as a process: simulations in, answers out.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Map, Value, json};
use why_denied::evaluate::Decision;
use why_denied::request::{KeyState, Request};

use crate::parse;
use crate::rewrites::everywhere;

/// What the package says of a line.
#[derive(Debug, Clone)]
pub enum Opinion {
    /// It cannot be asked, or refuses the input.
    Refused(String),
    /// Its answer, and the context keys that it left out of account.
    Says { decision: Decision, ignored: Vec<String> },
}

pub struct Oracle {
    process: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Oracle {
    /// Starts the package, after installing it if need be.
    pub fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential");
        if !folder.join("node_modules").exists() {
            let installed =
                Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(&folder).status();
            assert!(installed.expect("npm is needed").success(), "npm ci failed");
        }
        let mut process = Command::new("node")
            .arg(folder.join("oracle.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is needed");
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().expect("piped")).lines();
        Self { process, input, output }
    }

    /// One opinion a line.
    pub fn ask(&mut self, lines: &[Value]) -> Vec<Opinion> {
        let simulations: Vec<Result<Value, String>> = lines.iter().map(simulation).collect();
        let input = self.input.as_mut().expect("open until dropped");
        for simulation in simulations.iter().flatten() {
            writeln!(input, "{simulation}").expect("the package is still running");
        }
        input.flush().expect("the package is still running");
        simulations.into_iter().map(|sent| sent.map_or_else(Opinion::Refused, |_| self.answer())).collect()
    }

    fn answer(&mut self) -> Opinion {
        let text = self.output.next().expect("an answer a line").expect("readable");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let decision = match answer["verdict"].as_str() {
            Some("Allowed") => Decision::Allowed,
            Some("ExplicitlyDenied") => Decision::ExplicitDeny,
            Some("ImplicitlyDenied") => Decision::ImplicitDeny,
            _ => return Opinion::Refused(format!("refused: {}", reason(&answer))),
        };
        let ignored = answer["ignored"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Opinion::Says { decision, ignored: ignored.map(str::to_owned).collect() }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.input = None;
        // Nothing is lost if it ended by itself.
        let _ = self.process.wait();
    }
}

/// The messages of a refusal, without the places.
fn reason(answer: &Value) -> String {
    let text = answer["error"].as_str().unwrap_or_default();
    let Ok(errors) = serde_json::from_str::<Value>(text) else { return text.chars().take(80).collect() };
    let mut messages = Vec::new();
    collect(&errors, &mut messages);
    messages.sort();
    messages.dedup();
    messages.join("; ").chars().take(120).collect()
}

fn collect(value: &Value, messages: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                match (name.as_str(), member.as_str()) {
                    ("message", Some(text)) if text != "policy.errors" => messages.push(text.to_owned()),
                    _ => collect(member, messages),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, messages)),
        _ => {}
    }
}

/// A line in the package's own form.
fn simulation(line: &Value) -> Result<Value, String> {
    let parsed = parse(line).ok_or("not readable")?;
    let request = &parsed.request;
    let principal = match &line["principal"] {
        Value::String(text) => text.as_str(),
        _ => "anonymous",
    };
    let owner = request.resource.owner().or_else(|| request.principal.account());
    let is_foreign_bucket =
        request.resource.owner().is_none() && request.action.service() == "s3" && !request.resource.is_none();
    let owner = owner.filter(|_| !is_foreign_bucket).ok_or("the owner of the resource is not given")?;
    let sessions = list(&line["session_policies"]);
    Ok(json!({
        "request": {
            "principal": principal,
            "action": request.action.as_str(),
            "resource": { "resource": request.resource.as_str(), "accountId": owner.to_string() },
            "contextVariables": context(request),
        },
        "identityPolicies": named(&list(&line["identity_policies"])),
        "permissionBoundaryPolicies": one(&line["permissions_boundary"]).map(|policy| named(&[policy])),
        "sessionPolicy": merged(&sessions)?,
        "resourcePolicy": one(&line["resource_policy"]),
        "vpcEndpointPolicies": one(&line["vpc_endpoint_policy"]).map(|policy| named(&[policy])),
        "serviceControlPolicies": levels(&line["service_control_policies"], false),
        "resourceControlPolicies": levels(&line["resource_control_policies"], true),
        "additionalSettings": {
            "s3": { "blockPublicAccess": line["s3"]["block_public_access"]["RestrictPublicBuckets"] == true }
        },
    }))
}

/// Every key with a value, those that AWS fills in included: the package takes the context as it is given.
fn context(request: &Request) -> Value {
    let mut context = Map::new();
    for entry in request.context.entries() {
        if let KeyState::Known(values) = request.context.get(&entry.name.to_ascii_lowercase()) {
            let value = match values.as_slice() {
                [value] if matches!(values, why_denied::request::Values::One(_)) => json!(value),
                values => json!(values),
            };
            context.insert(entry.name.clone(), value);
        }
    }
    Value::Object(context)
}

/// A policy without the name around it. The package fails on some JSON booleans and numbers, which AWS reads as text.
fn bare(policy: &Value) -> Value {
    let mut document = policy.get("document").unwrap_or(policy).clone();
    everywhere(&mut document, &mut |value| {
        if value.is_boolean() || value.is_number() {
            *value = json!(value.to_string());
        }
    });
    document
}

fn one(policy: &Value) -> Option<Value> {
    policy.is_object().then(|| bare(policy))
}

fn list(policies: &Value) -> Vec<Value> {
    policies.as_array().into_iter().flatten().map(bare).collect()
}

fn named(policies: &[Value]) -> Value {
    policies
        .iter()
        .enumerate()
        .map(|(index, policy)| json!({ "name": format!("p{index}"), "policy": policy }))
        .collect()
}

/// The package adds RCPFullAWSAccess itself, and refuses other RCPs that allow.
fn levels(levels: &Value, deny_only: bool) -> Value {
    let mut out = Vec::new();
    for (index, level) in levels.as_array().into_iter().flatten().enumerate() {
        let mut policies = list(&level["policies"]);
        if deny_only {
            for policy in &mut policies {
                drop_allows(policy);
            }
            policies.retain(|policy| policy["Statement"].as_array().is_none_or(|list| !list.is_empty()));
        }
        out.push(json!({ "orgIdentifier": format!("level-{index}"), "policies": named(&policies) }));
    }
    json!(out)
}

fn drop_allows(policy: &mut Value) {
    let everything = |statement: &Value| statement["Effect"] == "Allow" && statement["Action"] == "*";
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.retain(|statement| !everything(statement)),
        Some(statement) if everything(statement) => *statement = json!([]),
        _ => {}
    }
}

/// The package takes one session policy; several are the union of their statements.
fn merged(policies: &[Value]) -> Result<Option<Value>, String> {
    let Some((first, rest)) = policies.split_first() else { return Ok(None) };
    let mut merged = first.clone();
    let statements = |policy: &Value| match &policy["Statement"] {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let mut all = statements(first);
    for policy in rest {
        if policy.get("Version") != first.get("Version") {
            return Err("session policies of several versions".to_owned());
        }
        all.extend(statements(policy));
    }
    if !rest.is_empty() {
        merged["Statement"] = json!(all);
    }
    Ok(Some(merged))
}
