//! Patterns with `*` and `?`, policy variables, and the comparison of actions and resources.

use super::Modelled;
use super::request::{Context, Request};

/// One character of a policy text after its variables were replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// A character that the author of the policy wrote.
    Written(char),
    /// A character that came out of a variable. It never acts as a wildcard.
    Substituted(char),
    /// `*`
    AnyRun,
    /// `?`
    AnyOne,
}

/// IAM User Guide, `reference_policies_elements_resource` ("Using wildcards in resource ARNs") and
/// `reference_policies_elements_condition_operators` (StringLike): `*` stands for any run of characters, also an empty
/// one; `?` stands for exactly one character.
pub fn matches_pattern(pattern: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reachable[i] says: the pieces read so far can match exactly the first i characters.
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for piece in pattern {
        let mut next = vec![false; text.len() + 1];
        for i in 0..=text.len() {
            if !reachable[i] {
                continue;
            }
            match piece {
                Piece::AnyRun => next[i..].fill(true),
                Piece::AnyOne if i < text.len() => next[i + 1] = true,
                Piece::Written(c) | Piece::Substituted(c) if i < text.len() && text[i] == *c => {
                    next[i + 1] = true
                }
                _ => {}
            }
        }
        reachable = next;
    }
    reachable[text.len()]
}

/// A text without variables: only `*` and `?` are special.
pub fn plain_pattern(text: &str) -> Vec<Piece> {
    text.chars().map(written_piece).collect()
}

fn written_piece(c: char) -> Piece {
    match c {
        '*' => Piece::AnyRun,
        '?' => Piece::AnyOne,
        other => Piece::Written(other),
    }
}

/// The text as operators without wildcards read it: `*` and `?` are ordinary characters.
pub fn as_literal(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Written(c) | Piece::Substituted(c) => *c,
            Piece::AnyRun => '*',
            Piece::AnyOne => '?',
        })
        .collect()
}

/// IAM User Guide, `reference_policies_variables`: replaces `${key}`, `${key, 'default'}`, `${*}`, `${?}` and `${$}`.
///
/// `None` means that a variable has no value: "the value is effectively null. There is no equal or like value."
/// `variables_on` is false for every policy whose Version is not 2012-10-17 (`reference_policies_elements_version`):
/// there, `${aws:username}` is an ordinary text.
pub fn replace_variables(text: &str, variables_on: bool, context: &Context) -> Modelled<Option<Vec<Piece>>> {
    if !variables_on {
        return Ok(Some(plain_pattern(text)));
    }
    let mut pieces = Vec::new();
    let mut has_value = true;
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        pieces.extend(plain_pattern(&rest[..start]));
        let after = &rest[start + 2..];
        let Some(end) = after.find('}') else {
            return Err(format!("a policy variable without its closing brace in {text:?}"));
        };
        match variable_value(&after[..end], context)? {
            Some(value) => pieces.extend(value.chars().map(Piece::Substituted)),
            None => has_value = false,
        }
        rest = &after[end + 1..];
    }
    pieces.extend(plain_pattern(rest));
    Ok(has_value.then_some(pieces))
}

/// IAM User Guide, `reference_policies_variables`, sections "Special characters", "Specifying default values" and
/// "Policy variables with no value".
fn variable_value(inside: &str, context: &Context) -> Modelled<Option<String>> {
    if let "*" | "?" | "$" = inside {
        return Ok(Some(inside.to_owned()));
    }
    // "surround the default value with single quotes, and separate the variable text and the default value with a
    // comma and space"
    let (key, default) = match inside.split_once(", '") {
        Some((key, quoted)) => match quoted.strip_suffix('\'') {
            Some(default) => (key, Some(default)),
            None => return Err(format!("unclear default value in the variable ${{{inside}}}")),
        },
        None => (inside, None),
    };
    if key.is_empty() || key != key.trim() || key.contains([',', '\'', '$', '{', '*', '?']) {
        return Err(format!("unclear policy variable ${{{inside}}}"));
    }
    if default.is_some_and(|text| text.is_empty() || text.contains(['*', '?', '$', '\''])) {
        return Err(format!("undocumented default value in the variable ${{{inside}}}"));
    }
    let Some(entry) = context.get(key)? else {
        return Ok(default.map(str::to_owned));
    };
    // `reference_policies_condition-single-vs-multi-valued-context-keys`: "you can't use a multivalued context key as
    // a policy variable". A list with one value may be either kind of key.
    if entry.is_list {
        return match (entry.values.len(), default) {
            (2.., None) => Ok(None),
            _ => Err(format!("a list is the value of the policy variable {key}")),
        };
    }
    match entry.values.first() {
        Some(value) if !value.is_empty() => Ok(Some(value.clone())),
        _ => Err(format!("the policy variable {key} has an empty value")),
    }
}

/// IAM User Guide, `reference_policies_elements_action`: "The prefix and the action name are case insensitive";
/// wildcards `*` and `?` in the action name; `*` alone is every action of every service.
pub fn action_matches(pattern: &str, action: &str) -> Modelled<bool> {
    if pattern == "*" || pattern == "*:*" {
        return Ok(true);
    }
    let Some((pattern_service, pattern_name)) = pattern.split_once(':') else {
        return Err(format!("action pattern {pattern:?} without a service prefix"));
    };
    if pattern_service.contains(['*', '?']) {
        return Err(format!("wildcard in the service prefix of the action pattern {pattern:?}"));
    }
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    let name_matches =
        matches_pattern(&plain_pattern(&pattern_name.to_ascii_lowercase()), &name.to_ascii_lowercase());
    Ok(pattern_service.eq_ignore_ascii_case(service) && name_matches)
}

/// Whether a policy may abbreviate ARNs. IAM User Guide, `reference-arns`: "When you specify an incomplete ARN (one with
/// fewer than the standard six fields) in an identity-based policy, AWS automatically completes the ARN by adding wildcard
/// characters (*) to all missing fields." Session policies "do not support incomplete ARNs"; of others nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomplete {
    Completed,
    Undocumented,
}

/// IAM User Guide, `reference_policies_elements_resource`: an ARN pattern is compared part by part (partition, service,
/// region, account, and everything after the fifth colon as one part); ARNs are case-sensitive; `*` alone is every
/// resource.
/// `reference_policies_variables`, "Resource element": variables "only in the resource portion of the ARN […] after the
/// fifth colon"; "the resource that includes a policy variable with no value will not match any resource".
pub fn resource_matches(
    pattern: &str,
    incomplete: Incomplete,
    variables_on: bool,
    request: &Request,
) -> Modelled<bool> {
    if pattern == "*" {
        return Ok(true);
    }
    let mut wanted: Vec<&str> = pattern.splitn(6, ':').collect();
    let written = wanted.len();
    if written < 2 || wanted[0] != "arn" {
        return Err(format!("resource pattern {pattern:?} is not an ARN"));
    }
    if wanted.get(2).is_some_and(|service| service.contains(['*', '?'])) {
        return Err(format!("wildcard in the service part of the resource pattern {pattern:?}"));
    }
    if variables_on && wanted.iter().take(5).any(|part| part.contains("${")) {
        return Err(format!("policy variable before the fifth colon of {pattern:?}"));
    }
    wanted.resize(6, "*");
    let resource = match request.resource.as_str() {
        "*" => match resource_of_account_action(request) {
            Some(resource) => resource,
            None => return Ok(false),
        },
        resource => resource.to_owned(),
    };
    let given: Vec<&str> = resource.splitn(6, ':').collect();
    if given.len() < 6 {
        return Err(format!("the resource {resource:?} is not an ARN of six parts"));
    }
    let heads_match = (0..5).all(|part| matches_pattern(&plain_pattern(wanted[part]), given[part]));
    let matches = heads_match
        && match replace_variables(wanted[5], variables_on, &request.context)? {
            Some(last) => matches_pattern(&last, given[5]),
            None => false,
        };
    match (written < 6, matches) {
        // The page on the Resource element has `*` at the end of a part run on over the colons behind it.
        (true, false) if wanted[..written].iter().any(|part| part.ends_with('*')) => {
            Err(format!("a `*` of {pattern:?} that runs on over colons"))
        }
        (true, true) if incomplete == Incomplete::Undocumented => {
            Err(format!("the incomplete ARN {pattern:?} outside of identity-based policies"))
        }
        _ => Ok(matches),
    }
}

/// Service Authorization Reference: an action without a resource type must have "*" as its resource. S3 User Guide,
/// `example-policies-s3`: the policies for such actions of S3 name `arn:aws:s3:::*`.
fn resource_of_account_action(request: &Request) -> Option<String> {
    (request.service == "s3").then(|| format!("arn:{}:s3:::*", request.caller.partition().unwrap_or("aws")))
}
