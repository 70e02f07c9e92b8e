//! Rewrites of a line that take out what the two see differently.

use serde_json::{Map, Value, json};
use why_denied::ids::AccountId;
use why_denied::policy::Glob;

use crate::oracle::Opinion;
use crate::parse;

pub fn action(line: &Value) -> String {
    line["action"].as_str().unwrap_or_default().to_ascii_lowercase()
}

fn principal(line: &Value) -> &str {
    line["principal"].as_str().unwrap_or_default()
}

fn remove(line: &mut Value, name: &str) {
    if let Some(members) = line.as_object_mut() {
        members.remove(name);
    }
}

pub fn without_grants(line: &mut Value, _: &Opinion) {
    remove(line, "kms_grants");
}

pub fn without_ignored_keys(line: &mut Value, opinion: &Opinion) {
    let Opinion::Says { ignored, .. } = opinion else { return };
    if ignored.is_empty() {
        return;
    }
    if !line["context"].is_object() {
        line["context"] = json!({});
    }
    if let Some(context) = line["context"].as_object_mut() {
        context.retain(|name, _| !ignored.iter().any(|key| key.eq_ignore_ascii_case(name)));
        context.extend(ignored.iter().map(|key| (key.clone(), Value::Null)));
    }
}

pub fn root_with_a_policy(line: &mut Value, _: &Opinion) {
    if principal(line).ends_with(":root") {
        // Nothing of that can be attached to the root user.
        remove(line, "permissions_boundary");
        remove(line, "session_policies");
        line["identity_policies"] = json!([allow_everything()]);
    }
}

fn allow_everything() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

pub fn without_guardrails_of_linked_roles(line: &mut Value, _: &Opinion) {
    let linked = |text: &str| text.contains("aws-service-role/") || text.contains("/AWSServiceRoleFor");
    if linked(principal(line)) {
        remove(line, "service_control_policies");
        remove(line, "resource_control_policies");
    }
}

pub fn without_guardrails_of_management(line: &mut Value, _: &Opinion) {
    let Some(management) = line["organization"]["management_account"].as_str().map(str::to_owned) else {
        return;
    };
    let Some(parsed) = parse(line) else { return };
    let is_management = |account: Option<AccountId>| account.is_some_and(|id| id.to_string() == management);
    let caller = parsed.request.principal.account();
    if is_management(caller) {
        remove(line, "service_control_policies");
    }
    if is_management(parsed.request.resource.owner().or(caller)) {
        remove(line, "resource_control_policies");
    }
}

pub fn without_rcp_of_other_services(line: &mut Value, _: &Opinion) {
    let others =
        ["sns:", "lambda:", "ec2:", "ebs:", "iam:", "organizations:", "execute-api:", "elasticfilesystem:"];
    if others.iter().any(|service| action(line).starts_with(service)) {
        remove(line, "resource_control_policies");
    }
}

pub fn without_rcp_of_retire_grant(line: &mut Value, _: &Opinion) {
    if action(line) == "kms:retiregrant" {
        remove(line, "resource_control_policies");
    }
}

/// The account of the key delegates kms:RetireGrant by its IAM policies, whatever the key policy says.
pub fn with_a_key_policy_that_delegates(line: &mut Value, _: &Opinion) {
    let Some(owner) = parse(line).and_then(|parsed| parsed.request.resource.owner()) else { return };
    if action(line) == "kms:retiregrant" {
        line["resource_policy"] = allow_everything();
        line["resource_policy"]["Statement"][0]["Principal"] = json!({ "AWS": owner.to_string() });
    }
}

/// Operations of the generator that no policy lets another account call: the pages are in `known.md`.
pub const OWN_ACCOUNT_ONLY: &[&str] = &[
    "s3:getbucketpolicy",
    "s3:putbucketpolicy",
    "s3:deletebucketpolicy",
    "sqs:deletequeue",
    "sqs:setqueueattributes",
    "sqs:tagqueue",
    "dynamodb:createbackup",
    "dynamodb:putresourcepolicy",
    "dynamodb:describetimetolive",
    "secretsmanager:createsecret",
    "kms:getkeypolicy",
    "kms:schedulekeydeletion",
    "kms:createalias",
];

/// To callers of other accounts and of none the policy of the resource allows nothing. Of AWS services no page speaks.
pub fn without_allows_across_accounts(line: &mut Value, _: &Opinion) {
    let Some(parsed) = parse(line) else { return };
    let is_foreign = parsed.request.principal.account() != parsed.request.resource.owner();
    let is_service = principal(line).ends_with(".amazonaws.com");
    if OWN_ACCOUNT_ONLY.contains(&action(line).as_str()) && is_foreign && !is_service {
        remove(line, "kms_grants");
        allow_somebody_else(line);
    }
}

/// Every Allow of the resource-based policy is for an account that does not call.
fn allow_somebody_else(line: &mut Value) {
    in_statements(line, "resource_policy", &mut |statement| {
        if statement["Effect"] == "Allow" {
            statement.remove("NotPrincipal");
            statement.insert("Principal".to_owned(), json!({ "AWS": "999999999999" }));
        }
    });
}

fn in_statements(line: &mut Value, layer: &str, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some(policies) = line.get_mut(layer) else { return };
    everywhere(policies, &mut |value| {
        if let Some(statement) = value.as_object_mut().filter(|members| members.contains_key("Effect")) {
            change(statement);
        }
    });
}

pub fn is_origin_access_identity(line: &Value) -> bool {
    principal(line).contains(":iam::cloudfront:user/")
}

/// It has no account whose policies could allow or deny: the package is asked as if its account allowed everything.
pub fn with_an_account_of_cloudfront(line: &mut Value, _: &Opinion) {
    if is_origin_access_identity(line) {
        remove(line, "service_control_policies");
        remove(line, "permissions_boundary");
        remove(line, "session_policies");
        line["identity_policies"] = json!([allow_everything()]);
    }
}

/// The root user of the owner's account reads or replaces the policy of a bucket or a queue.
pub fn keeps_resource_policy(line: &Value) -> bool {
    let about_policy = [
        "s3:getbucketpolicy",
        "s3:putbucketpolicy",
        "s3:deletebucketpolicy",
        "sqs:setqueueattributes",
        "sqs:removepermission",
    ];
    about_policy.contains(&action(line).as_str())
        && principal(line).ends_with(":root")
        && parse(line)
            .is_some_and(|parsed| parsed.request.principal.account() == parsed.request.resource.owner())
}

pub fn without_denies_to_the_root_user(line: &mut Value, _: &Opinion) {
    if !keeps_resource_policy(line) {
        return;
    }
    let nobody = json!({ "AWS": "999999999999" });
    in_statements(line, "resource_policy", &mut |statement| {
        if statement["Effect"] == "Deny" {
            statement.remove("NotPrincipal");
            statement.insert("Principal".to_owned(), nobody.clone());
        }
    });
}

/// What belongs to no bucket is every bucket for policies that name buckets.
pub fn with_everything_for_every_bucket(line: &mut Value, _: &Opinion) {
    if !action(line).starts_with("s3:") || line["resource"] != "*" {
        return;
    }
    let partition = principal(line).split(':').nth(1).unwrap_or("aws").to_owned();
    let every_bucket = [partition.as_str(), "s3", "", "", "*"];
    in_policies(line, &mut |value| {
        let Some(parts) = value.as_str().and_then(|text| text.strip_prefix("arn:")) else { return };
        let parts: Vec<&str> = parts.splitn(5, ':').collect();
        let covered = parts.iter().zip(every_bucket).all(|(part, text)| Glob::new(part).matches(text));
        if parts.len() == 5 && covered {
            *value = json!("*");
        }
    });
}

/// An ARN of fewer than six parts gets a `*` for each that is missing.
pub fn with_completed_arns(line: &mut Value, _: &Opinion) {
    for layer in ["identity_policies", "permissions_boundary"] {
        in_statements(line, layer, &mut |statement| {
            for name in ["Resource", "NotResource"] {
                let Some(patterns) = statement.get_mut(name) else { continue };
                everywhere(patterns, &mut |value| {
                    let Some(text) = value.as_str().filter(|text| text.starts_with("arn:")) else { return };
                    let missing = 6_usize.saturating_sub(text.split(':').count());
                    *value = json!(format!("{text}{}", ":*".repeat(missing)));
                });
            }
        });
    }
}

/// The beginning of the ARN is that of the API whose policy it is.
pub fn with_beginnings_of_apis(line: &mut Value, _: &Opinion) {
    let Some((api, _)) = line["resource"].as_str().and_then(|text| text.split_once('/')) else { return };
    let api = api.to_owned();
    let Some(policy) = line.get_mut("resource_policy") else { return };
    everywhere(policy, &mut |value| {
        if let Some(path) = value.as_str().and_then(|text| text.strip_prefix("execute-api:/")) {
            *value = json!(format!("{api}/{path}"));
        }
    });
}

/// A trust policy says who may assume the role, and nothing of IAM's operations on it.
pub fn without_policies_of_iam_resources(line: &mut Value, _: &Opinion) {
    if action(line).starts_with("iam:") {
        remove(line, "resource_policy");
    }
}

pub fn in_two_partitions(line: &Value) -> bool {
    let partition =
        |text: &str| text.strip_prefix("arn:").and_then(|rest| rest.split(':').next()).map(str::to_owned);
    match (partition(principal(line)), partition(line["resource"].as_str().unwrap_or_default())) {
        (Some(caller), Some(resource)) => caller != resource,
        _ => false,
    }
}

/// The caller moves to the partition of the resource, into an account to which nothing is allowed.
pub fn with_a_stranger_of_the_partition(line: &mut Value, _: &Opinion) {
    if !in_two_partitions(line) {
        return;
    }
    let Some(account) = principal(line).split(':').nth(4).map(str::to_owned) else { return };
    for service in ["iam", "sts"] {
        let own = format!("arn:aws-us-gov:{service}::{account}:");
        everywhere(line, &mut |value| {
            if let Some(rest) = value.as_str().and_then(|text| text.strip_prefix(own.as_str())) {
                *value = json!(format!("arn:aws:{service}::888888888888:{rest}"));
            }
        });
    }
    remove(line, "kms_grants");
    allow_somebody_else(line);
    // A role or a key always has a policy.
    if ["sts:", "kms:"].iter().any(|service| action(line).starts_with(service))
        && line["resource_policy"].is_null()
    {
        line["resource_policy"] = json!({ "Version": "2012-10-17", "Statement": [] });
    }
}

pub fn without_scp_of_services(line: &mut Value, _: &Opinion) {
    if principal(line).ends_with(".amazonaws.com") || principal(line).contains("oidc-provider") {
        remove(line, "service_control_policies");
    }
}

pub fn with_a_session_policy(line: &mut Value, _: &Opinion) {
    let has_one = line["session_policies"].as_array().is_some_and(|list| !list.is_empty());
    if principal(line).contains(":federated-user/") && !has_one {
        line["session_policies"] = json!([allow_everything()]);
    }
}

pub fn without_object_owner(line: &mut Value, _: &Opinion) {
    if let Some(facts) = line.get_mut("s3").and_then(Value::as_object_mut) {
        facts.remove("object_owner");
    }
}

pub fn restrict_public_buckets_only(line: &mut Value, _: &Opinion) {
    let settings = line.get_mut("s3").and_then(|facts| facts.get_mut("block_public_access"));
    if let Some(settings) = settings.and_then(Value::as_object_mut) {
        settings.retain(|name, _| name == "RestrictPublicBuckets");
    }
}

pub fn with_version_2012(line: &mut Value, _: &Opinion) {
    if !line.to_string().contains("${") {
        return;
    }
    everywhere(line, &mut |value| {
        if value.get("Statement").is_some() {
            value["Version"] = json!("2012-10-17");
        }
    });
}

/// A variable whose key the request lacks becomes its default, or a text that nothing is equal to.
pub fn without_missing_variables(line: &mut Value, _: &Opinion) {
    let Some(parsed) = crate::parse(line) else { return };
    let is_missing = |key: &str| {
        let key = key.split(',').next().unwrap_or_default().to_ascii_lowercase();
        !matches!(key.as_str(), "*" | "?" | "$")
            && matches!(parsed.request.context.get(&key), why_denied::request::KeyState::Absent)
    };
    everywhere(line, &mut |value| {
        let Some(text) = value.as_str().filter(|text| text.contains("${")) else { return };
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((key, after)) = after.split_once('}') else {
                out.push_str("${");
                rest = after;
                break;
            };
            let default = key.split_once(", '").and_then(|(_, quoted)| quoted.strip_suffix('\''));
            let filled = match default {
                _ if !is_missing(key) => format!("${{{key}}}"),
                Some(default) => default.to_owned(),
                None => "no-such-value".to_owned(),
            };
            out.push_str(&filled);
            rest = after;
        }
        out.push_str(rest);
        *value = Value::String(out);
    });
}

pub fn with_iso_dates(line: &mut Value, _: &Opinion) {
    everywhere(line, &mut |value| match value.as_str() {
        Some("1795255200") => *value = json!("2026-11-21T10:00:00Z"),
        Some("1795255201") => *value = json!("2026-11-21T10:00:01Z"),
        _ => {}
    });
    // Whether the epoch can have a fraction is not documented.
    let fraction = |value: &mut Value| {
        if *value == json!("4.99") {
            *value = json!("1970-01-01T00:00:04Z");
        }
    };
    let mut keys = Vec::new();
    in_policies(line, &mut |value| {
        for (operator, pairs) in
            value.get_mut("Condition").and_then(Value::as_object_mut).into_iter().flatten()
        {
            if operator.contains("Date") {
                keys.extend(pairs.as_object().into_iter().flatten().map(|(key, _)| key.to_ascii_lowercase()));
                everywhere(pairs, &mut |value| fraction(value));
            }
        }
    });
    for (key, value) in line.get_mut("context").and_then(Value::as_object_mut).into_iter().flatten() {
        if keys.contains(&key.to_ascii_lowercase()) {
            everywhere(value, &mut |value| fraction(value));
        }
    }
}

pub fn without_empty_values(line: &mut Value, _: &Opinion) {
    everywhere(line, &mut |value| {
        if value == "" {
            *value = json!("filled");
        }
    });
}

/// The id of the caller becomes its ARN, in the facts too.
pub fn with_arns_for_ids(line: &mut Value, _: &Opinion) {
    let Some(id) = line["principal_facts"]["unique_id"].as_str().map(str::to_owned) else { return };
    let role = line["principal_facts"]["role_arn"].as_str();
    let arn = role.unwrap_or_else(|| principal(line)).to_owned();
    everywhere(line, &mut |value| {
        if *value == json!(id) {
            *value = json!(arn);
        }
    });
}

pub fn without_issuer(line: &mut Value, _: &Opinion) {
    if let Some(facts) = line.get_mut("principal_facts").and_then(Value::as_object_mut) {
        facts.remove("user_arn");
    }
}

pub fn without_identity_of_others(line: &mut Value, _: &Opinion) {
    if principal(line).ends_with(".amazonaws.com") || principal(line).contains("oidc-provider") {
        remove(line, "identity_policies");
        remove(line, "permissions_boundary");
        remove(line, "session_policies");
    }
}

/// `f*nction:f` becomes `function:f` where it stands for that.
pub fn with_literal_resource_types(line: &mut Value, _: &Opinion) {
    let resource = line["resource"].as_str().unwrap_or_default().to_owned();
    let Some(wanted) = rest(&resource).map(str::to_owned) else { return };
    in_policies(line, &mut |value| {
        let Some(found) = value.as_str().and_then(rest).map(str::to_owned) else { return };
        let kind = found.split(['/', ':']).next().unwrap_or_default();
        if found != "*" && kind.contains(['*', '?']) && Glob::new(&found).matches(&wanted) {
            let text = value.as_str().unwrap_or_default();
            *value = json!(format!("{}{wanted}", text.strip_suffix(found.as_str()).unwrap_or_default()));
        }
    });
}

/// What stands after the fifth colon of an ARN.
fn rest(arn: &str) -> Option<&str> {
    arn.splitn(6, ':').nth(5)
}

/// A `*` at the end of a part runs on over the colons: `arn:aws:s3:*` is `arn:aws:s3:*:*:*`. A pattern that covers nothing
/// in this way and nothing when it is completed covers nothing.
pub fn with_whole_arns(line: &mut Value, _: &Opinion) {
    in_policies(line, &mut |value| {
        let Some(text) = value.as_str().filter(|text| text.starts_with("arn:")) else { return };
        let missing = 6_usize.saturating_sub(text.split(':').count());
        *value = json!(format!("{text}{}", ":*".repeat(missing)));
    });
}

pub fn without_paths(line: &mut Value, _: &Opinion) {
    everywhere(line, &mut |value| {
        if let Some(text) = value.as_str().filter(|text| text.contains(":role/team/app")) {
            *value = json!(text.replace(":role/team/app", ":role/app"));
        }
    });
}

/// `NotPrincipal` that lists the account beside others of it.
pub fn without_accounts_in_not_principal(line: &mut Value, _: &Opinion) {
    in_policies(line, &mut |value| {
        let Some(listed) = value.get_mut("NotPrincipal") else { return };
        everywhere(listed, &mut |entry| {
            let is_account = entry.as_str().is_some_and(|text| text.ends_with(":root") || text.len() == 12);
            if is_account {
                *entry = json!("arn:aws:iam::999999999999:root");
            }
        });
    });
}

pub fn with_single_values(line: &mut Value, _: &Opinion) {
    let Some(context) = line.get_mut("context").and_then(Value::as_object_mut) else { return };
    for (key, value) in context {
        if !MULTI_VALUED.contains(&key.to_ascii_lowercase().as_str()) && value.is_array() {
            *value = value.get(0).cloned().unwrap_or(Value::Null);
        }
    }
}

pub fn without_empty_lists(line: &mut Value, _: &Opinion) {
    if let Some(context) = line.get_mut("context").and_then(Value::as_object_mut) {
        context.retain(|_, value| value.as_array().is_none_or(|items| !items.is_empty()));
    }
}

const MULTI_VALUED: &[&str] = &["aws:calledvia", "aws:tagkeys"];

pub fn with_set_operators(line: &mut Value, _: &Opinion) {
    in_policies(line, &mut |value| {
        let Some(operators) = value.get_mut("Condition").and_then(Value::as_object_mut) else { return };
        let mut out = serde_json::Map::new();
        for (operator, keys) in std::mem::take(operators) {
            let (many, single): (Vec<_>, Vec<_>) = keys
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, values)| (key.clone(), values.clone()))
                .partition(|(key, _)| MULTI_VALUED.contains(&key.to_ascii_lowercase().as_str()));
            let bare = !operator.contains(':') && operator != "Null";
            let set = if bare { format!("ForAnyValue:{operator}") } else { operator.clone() };
            for (operator, keys) in [(operator, single), (set, many)] {
                if let Some(members) = out.entry(operator).or_insert_with(|| json!({})).as_object_mut() {
                    members.extend(keys);
                }
            }
        }
        out.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
        *operators = out;
    });
}

/// The provider becomes one of the role's account, and no policy names an account.
pub fn with_own_provider(line: &mut Value, _: &Opinion) {
    if !principal(line).contains(":oidc-provider/") {
        return;
    }
    let Some(owner) = parse(line).and_then(|parsed| parsed.request.resource.owner()) else { return };
    let provider = principal(line).to_owned();
    let account = provider.split(':').nth(4).unwrap_or_default().to_owned();
    let own = provider.replace(&account, &owner.to_string());
    everywhere(line, &mut |value| {
        if *value == json!(provider) {
            *value = json!(own);
        }
    });
    in_policies(line, &mut |value| {
        let names_account = value.as_str().is_some_and(|text| {
            text.ends_with(":root") || text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
        });
        if names_account {
            *value = json!("arn:aws:iam::999999999999:root");
        }
    });
}

pub fn with_own_organization(line: &mut Value, _: &Opinion) {
    let Some(caller) = parse(line).and_then(|parsed| parsed.request.principal.account()) else { return };
    let own = format!(":organizations::{caller}:");
    everywhere(line, &mut |value| {
        if let Some(text) = value.as_str().filter(|text| text.contains(":organizations::333333333333:")) {
            *value = json!(text.replace(":organizations::333333333333:", &own));
        }
    });
    if action(line).starts_with("organizations:") && line.get("resource_account").is_some() {
        line["resource_account"] = json!(caller.to_string());
    }
}

pub fn without_escapes(line: &mut Value, _: &Opinion) {
    everywhere(line, &mut |value| match value.as_str() {
        Some(text) if text.contains("b${*}e") || text.contains("b*e") => {
            *value = json!(text.replace("b${*}e", "bXe").replace("b*e", "bXe"));
        }
        Some(text) if text.contains("${*}") => *value = json!(text.replace("${*}", "X")),
        _ => {}
    });
}

pub fn with_plain_networks(line: &mut Value, _: &Opinion) {
    in_policies(line, &mut |value| {
        let plain = match value.as_str() {
            Some("203.0.113.7") => "203.0.113.7/32",
            Some("198.51.100.1") => "198.51.100.1/32",
            Some("10.1.2.3") => "10.1.2.3/32",
            Some("2001:db8::1" | "2001:DB8:0:0::1") => "2001:db8::1/128",
            Some("0.0.0.0/0") => "128.0.0.0/1",
            Some("::/0") => "2000::/3",
            _ => return,
        };
        *value = json!(plain);
    });
}

fn in_policies(line: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    for (name, member) in line.as_object_mut().into_iter().flatten() {
        if name.ends_with("policies") || name.ends_with("policy") || name == "permissions_boundary" {
            everywhere(member, change);
        }
    }
}

/// Changes every value inside.
pub fn everywhere(value: &mut Value, change: &mut dyn FnMut(&mut Value)) {
    change(value);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| everywhere(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| everywhere(member, change)),
        _ => {}
    }
}

/// A condition on a key that the package does not count among those that make a bucket policy non-public.
/// ARNs under operators for ARNs, and the key of an encryption under operators for texts.
pub fn with_operators_of_the_key(line: &mut Value, _: &Opinion) {
    if line["s3"]["block_public_access"].is_null() {
        return;
    }
    let fitting = |operator: &str, key: &str| match key.to_ascii_lowercase().as_str() {
        "aws:sourcearn" if !operator.contains("IgnoreCase") => operator.replace("String", "Arn"),
        "s3:x-amz-server-side-encryption-aws-kms-key-id" => operator.replace("Arn", "String"),
        _ => operator.to_owned(),
    };
    in_statements(line, "resource_policy", &mut |statement| {
        let Some(Value::Object(operators)) = statement.get_mut("Condition") else { return };
        let mut moved = Map::new();
        for (operator, keys) in std::mem::take(operators) {
            let Value::Object(keys) = keys else {
                moved.insert(operator, keys);
                continue;
            };
            for (key, values) in keys {
                let of_operator = moved.entry(fitting(&operator, &key)).or_insert_with(|| json!({}));
                if let Some(of_operator) = of_operator.as_object_mut() {
                    of_operator.insert(key, values);
                }
            }
        }
        *operators = moved;
    });
}

/// A bucket policy whose statements all have a `Principal`.
pub fn without_statements_for_nobody(line: &mut Value, _: &Opinion) {
    if line["s3"]["block_public_access"].is_null() {
        return;
    }
    let names_nobody = |statement: &Value| {
        statement.is_object() && statement.get("Principal").or(statement.get("NotPrincipal")).is_none()
    };
    match line.get_mut("resource_policy").and_then(|policy| policy.get_mut("Statement")) {
        Some(Value::Array(statements)) => statements.retain(|statement| !names_nobody(statement)),
        Some(statement) if names_nobody(statement) => *statement = json!([]),
        _ => {}
    }
}

pub fn without_key_id_of_encryption(line: &mut Value, _: &Opinion) {
    in_policies(line, &mut |value| {
        let Some(operators) = value.get_mut("Condition").and_then(Value::as_object_mut) else { return };
        for keys in operators.values_mut().filter_map(Value::as_object_mut) {
            if let Some(found) = keys.remove("s3:x-amz-server-side-encryption-aws-kms-key-id") {
                drop(found);
                keys.insert("aws:PrincipalOrgID".to_owned(), json!("o-other"));
            }
        }
    });
}
