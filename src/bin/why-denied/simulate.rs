//! `why-denied simulate`

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};
use why_denied::evaluate::{Decision, Verdict, decide, explain};
use why_denied::knowledge::service_reference;
use why_denied::render::{harmless_json, printable};
use why_denied::simulate::{Answer, ParsedLine, PolicyCache, answer_text, error_json, parse_line};

use crate::failure::{Exit, Hinted};
use crate::output::{print, print_json};
use crate::simulate_args::{AnswerFormat, SimulateArgs};

/// The longest line of a request file.
const MAX_LINE: u64 = 64 * 1024 * 1024;

pub fn run(args: &SimulateArgs) -> anyhow::Result<Exit> {
    match (&args.requests, args.bench) {
        (Some(path), None) => many(path),
        (Some(path), Some(times)) => bench(path, times),
        (None, _) => one(args),
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file =
        File::open(path).with_context(|| format!("cannot open the request file `{}`", path.display()))?;
    Ok(Box::new(BufReader::with_capacity(1 << 20, file)))
}

/// Calls `each` for every line that is not empty; memory does not grow with the number of lines.
fn for_lines(
    path: &Path,
    mut each: impl FnMut(u64, Result<&str, TooLong>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut input = open(path)?;
    let mut bytes = Vec::new();
    let reading = || format!("cannot read the request file `{}`", path.display());
    for number in 1.. {
        bytes.clear();
        let read =
            std::io::Read::take(&mut input, MAX_LINE).read_until(b'\n', &mut bytes).with_context(reading)?;
        if read == 0 {
            break;
        }
        if read as u64 == MAX_LINE && bytes.last() != Some(&b'\n') {
            input.skip_until(b'\n').with_context(reading)?;
            each(number, Err(TooLong))?;
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim();
        if !line.is_empty() {
            each(number, Ok(line))?;
        }
    }
    Ok(())
}

/// A line of a request file is longer than [`MAX_LINE`].
#[derive(Debug, thiserror::Error)]
#[error("the line is longer than {MAX_LINE} bytes")]
struct TooLong;

fn many(path: &Path) -> anyhow::Result<Exit> {
    let mut cache = PolicyCache::default();
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let mut unread = false;
    for_lines(path, |number, line| {
        let answer = match line.map(|line| (line, parse_line(line, &mut cache))) {
            Ok((_, Ok(parsed))) => {
                let evaluation = explain(&parsed.request, &parsed.policies);
                serde_json::to_string(
                    &Answer::new(&parsed.id, &evaluation).with_warning(unknown_action(&parsed)),
                )?
            }
            Ok((line, Err(error))) => {
                unread = true;
                error_json(&id_of(line), number, &error).to_string()
            }
            Err(error) => {
                unread = true;
                error_json(&Value::Null, number, &error).to_string()
            }
        };
        out.write_all(harmless_json(&answer).as_bytes())?;
        out.write_all(b"\n")?;
        Ok(())
    })?;
    out.flush()?;
    Ok(if unread { Exit::Partly } else { Exit::Success })
}

/// The id of a line that could not be read as a request, if it is JSON at all.
fn id_of(line: &str) -> Value {
    let value: Option<Value> = serde_json::from_str(line).ok();
    value.and_then(|value| value.get("id").cloned()).unwrap_or(Value::Null)
}

fn bench(path: &Path, times: u32) -> anyhow::Result<Exit> {
    let mut cache = PolicyCache::default();
    let mut lines: Vec<ParsedLine> = Vec::new();
    for_lines(path, |_, line| {
        lines.push(parse_line(line?, &mut cache)?);
        Ok(())
    })?;
    if lines.is_empty() {
        bail!("there are no requests in `{}`", path.display());
    }
    let mut counts = [0_u64; 4];
    let started = Instant::now();
    for _ in 0..times {
        for line in &lines {
            let slot = match decide(&line.request, &line.policies).decision() {
                Some(Decision::Allowed) => 0,
                Some(Decision::ExplicitDeny) => 1,
                Some(Decision::ImplicitDeny) => 2,
                None => 3,
            };
            if let Some(count) = counts.get_mut(slot) {
                *count += 1;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let decided: u64 = counts.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 52 bits")]
    let per_second = decided as f64 / seconds;
    let [allowed, explicit_deny, implicit_deny, undetermined] = counts;
    let report = json!({
        "requests": lines.len(), "decided": decided, "seconds": seconds, "per_second": per_second,
        "Allowed": allowed, "ExplicitDeny": explicit_deny, "ImplicitDeny": implicit_deny,
        "Undetermined": undetermined,
    });
    print(&format!("{report}\n"))?;
    Ok(Exit::Success)
}

fn one(args: &SimulateArgs) -> anyhow::Result<Exit> {
    let request = request(args)?.to_string();
    let parsed = parse_line(&request, &mut PolicyCache::default()).map_err(|error| Hinted {
        message: error.to_string(),
        hint: "see `why-denied simulate --help`".to_owned(),
        usage: true,
    })?;
    for problem in problems(&parsed) {
        crate::output::say(&format!("warning: {problem}"));
    }
    let unknown = unknown_action(&parsed);
    if let Some(warning) = &unknown {
        crate::output::say(&format!("warning: {warning}"));
    }
    let evaluation = explain(&parsed.request, &parsed.policies);
    match args.format {
        AnswerFormat::Json => {
            print_json(&Answer::new(&Value::Null, &evaluation).with_warning(unknown))?;
        }
        AnswerFormat::Text => print(
            &answer_text(&evaluation)
                .lines()
                .map(|line| printable(line).into_owned() + "\n")
                .collect::<String>(),
        )?,
    }
    Ok(match evaluation.verdict {
        Verdict::Determined(Decision::Allowed) => Exit::Success,
        Verdict::Determined(_) => Exit::Denied,
        Verdict::Undetermined { .. } => Exit::Undetermined,
    })
}

/// An action that AWS does not list is decided all the same: it may be newer than the list.
fn unknown_action(parsed: &ParsedLine) -> Option<String> {
    let action = parsed.request.action.to_string();
    let (prefix, name) = action.split_once(':')?;
    service_reference::lacks(prefix, name).then(|| {
        format!("AWS's service reference ({}) has no action `{action}`", service_reference::version())
    })
}

fn problems(parsed: &ParsedLine) -> Vec<String> {
    let mut out = Vec::new();
    for policy in parsed.policies.named() {
        for problem in &policy.document.problems {
            let (line, column) = policy.document.line_column(problem.span.start);
            out.push(format!("{}:{line}:{column}: {problem}", policy.name));
        }
    }
    out
}

/// The flags as one line of a request file.
fn request(args: &SimulateArgs) -> anyhow::Result<Value> {
    let mut line = Map::new();
    line.insert("principal".to_owned(), json!(args.principal));
    line.insert("action".to_owned(), json!(args.action));
    line.insert("resource".to_owned(), json!(args.resource));
    line.insert("context_complete".to_owned(), json!(args.context_complete));
    line.insert("context".to_owned(), context(&args.context)?);
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            line.insert(name.to_owned(), value);
        }
    };
    set("principal_facts", args.role_arn.as_ref().map(|arn| json!({ "role_arn": arn })));
    set("resource_account", args.resource_account.as_ref().map(|account| json!(account)));
    set("identity_policies", Some(policies(&args.identity_policy)?));
    set("session_policies", Some(policies(&args.session_policy)?));
    set("permissions_boundary", args.permissions_boundary.as_deref().map(policy).transpose()?);
    set("resource_policy", args.resource_policy.as_deref().map(policy).transpose()?);
    set("vpc_endpoint_policy", args.vpc_endpoint_policy.as_deref().map(policy).transpose()?);
    set("service_control_policies", levels(&args.scp)?);
    set("resource_control_policies", levels(&args.rcp)?);
    Ok(Value::Object(line))
}

/// Repeated keys become lists.
fn context(pairs: &[String]) -> anyhow::Result<Value> {
    let mut map: Map<String, Value> = Map::new();
    for pair in pairs {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Hinted {
                message: format!("`{pair}` is not KEY=VALUE"),
                hint: "for example --context aws:SourceIp=203.0.113.7".to_owned(),
                usage: true,
            }
            .into());
        };
        match map.get_mut(key) {
            None => {
                map.insert(key.to_owned(), json!(value));
            }
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(single) => *single = json!([single.clone(), value]),
        }
    }
    Ok(Value::Object(map))
}

/// A policy as its text, so that its lines and columns are those of the file.
fn policy(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the policy `{}`", path.display()))?;
    Ok(json!({ "name": path.display().to_string(), "document": text }))
}

fn policies(paths: &[std::path::PathBuf]) -> anyhow::Result<Value> {
    paths.iter().map(|path| policy(path)).collect::<anyhow::Result<Vec<Value>>>().map(Value::Array)
}

/// `TARGET=FILE` in the order given; the same target again is the same level.
fn levels(pairs: &[String]) -> anyhow::Result<Option<Value>> {
    let mut levels: Vec<(String, Vec<Value>)> = Vec::new();
    for pair in pairs {
        let Some((target, path)) = pair.split_once('=') else {
            return Err(Hinted {
                message: format!("`{pair}` is not TARGET=FILE"),
                hint: "for example --scp ou-ab12-11111111=guardrail.json".to_owned(),
                usage: true,
            }
            .into());
        };
        let policy = policy(Path::new(path))?;
        match levels.iter_mut().find(|(known, _)| known == target) {
            Some((_, list)) => list.push(policy),
            None => levels.push((target.to_owned(), vec![policy])),
        }
    }
    let levels: Vec<Value> = levels
        .into_iter()
        .map(|(target, policies)| json!({ "target": target, "policies": policies }))
        .collect();
    Ok((!levels.is_empty()).then(|| json!(levels)))
}
