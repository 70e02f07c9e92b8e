//! Reading one line of the request file.

use super::Modelled;
use serde_json::Value;
use std::collections::BTreeMap;

/// Who makes the request. IAM User Guide, `reference_policies_elements_principal`, names the same kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    Root {
        arn: String,
        account: String,
    },
    User {
        arn: String,
        account: String,
    },
    /// A role whose session is not named.
    Role {
        role_arn: String,
        account: String,
    },
    RoleSession {
        session_arn: String,
        role_arn: String,
        account: String,
    },
    /// A session of `sts:GetFederationToken`, with the user that federated where the line tells.
    FederatedUser {
        session_arn: String,
        user_arn: Option<String>,
        account: String,
    },
    Service {
        name: String,
    },
    /// The caller of AssumeRoleWithSAML or AssumeRoleWithWebIdentity: an identity provider, no IAM principal.
    Provider {
        name: String,
    },
    /// CloudFront Developer Guide, `private-content-restricting-access-to-s3`: a CloudFront user of no account.
    OriginAccessIdentity {
        arn: String,
    },
    Anonymous,
}

impl Caller {
    pub fn account(&self) -> Option<&str> {
        match self {
            Caller::Root { account, .. }
            | Caller::User { account, .. }
            | Caller::Role { account, .. }
            | Caller::RoleSession { account, .. }
            | Caller::FederatedUser { account, .. } => Some(account),
            Caller::Service { .. }
            | Caller::Provider { .. }
            | Caller::OriginAccessIdentity { .. }
            | Caller::Anonymous => None,
        }
    }

    pub fn role_arn(&self) -> Option<&str> {
        match self {
            Caller::Role { role_arn, .. } | Caller::RoleSession { role_arn, .. } => Some(role_arn),
            _ => None,
        }
    }

    /// IAM User Guide, `using-service-linked-roles`: the path of a service-linked role is /aws-service-role/.
    pub fn is_service_linked_role(&self) -> bool {
        self.role_arn().is_some_and(is_service_linked_role_arn)
    }

    pub fn partition(&self) -> Option<&str> {
        match self {
            Caller::Root { arn, .. } | Caller::User { arn, .. } => arn.split(':').nth(1),
            Caller::Role { role_arn, .. } => role_arn.split(':').nth(1),
            Caller::RoleSession { session_arn, .. } | Caller::FederatedUser { session_arn, .. } => {
                session_arn.split(':').nth(1)
            }
            _ => None,
        }
    }
}

pub fn is_service_linked_role_arn(arn: &str) -> bool {
    arn.splitn(6, ':').nth(5).is_some_and(|rest| rest.starts_with("role/aws-service-role/"))
}

pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// One key of the request context.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key as the line writes it.
    pub key: String,
    pub values: Vec<String>,
    /// The line gives a JSON list, as for a multivalued key.
    pub is_list: bool,
}

/// The request context. Key names are case-insensitive (`reference_policies_elements_condition`).
#[derive(Debug, Default)]
pub struct Context {
    entries: BTreeMap<String, Entry>,
    /// Keys of which AWS would know a value and we do not.
    not_known: BTreeMap<String, &'static str>,
}

impl Context {
    /// The entry of a key; `None` if the key is absent from the request.
    pub fn get(&self, key: &str) -> Modelled<Option<&Entry>> {
        let name = key.to_lowercase();
        if let Some(entry) = self.entries.get(&name) {
            return Ok(Some(entry));
        }
        match self.not_known.get(&name) {
            Some(reason) => Err(format!("{key}: {reason}")),
            None => Ok(None),
        }
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    fn give(&mut self, key: &str, values: Vec<String>, is_list: bool) -> Modelled<()> {
        let entry = Entry { key: key.to_owned(), values, is_list };
        match self.entries.insert(key.to_lowercase(), entry) {
            Some(_) => Err(format!("the context key {key} is given twice")),
            None => Ok(()),
        }
    }

    /// "Given context keys win over derived ones."
    fn derive(&mut self, key: &str, value: &str) {
        self.entries.entry(key.to_lowercase()).or_insert_with(|| Entry {
            key: key.to_owned(),
            values: vec![value.to_owned()],
            is_list: false,
        });
    }

    fn unknown(&mut self, key: &str, reason: &'static str) {
        self.not_known.insert(key.to_lowercase(), reason);
    }
}

#[derive(Debug)]
pub struct Request<'a> {
    pub line: &'a Value,
    pub caller: Caller,
    /// The caller and the resource are in two partitions.
    pub from_other_partition: bool,
    /// As the line writes it.
    pub action: String,
    /// The part before the colon, in lower case.
    pub service: String,
    /// The part after the colon, in lower case.
    pub operation: String,
    pub resource: String,
    /// The account that owns the resource; for a request without a resource, the caller's account.
    pub resource_account: String,
    pub context: Context,
}

impl<'a> Request<'a> {
    pub fn read(line: &'a Value) -> Modelled<Request<'a>> {
        if line.get("context_complete") == Some(&Value::Bool(false)) {
            return Err("the context is not complete".to_owned());
        }
        let action = text_of(line, "action")?;
        let Some((service, operation)) = action.split_once(':') else {
            return Err(format!("action {action:?} without a service prefix"));
        };
        let (service, operation) = (service.to_ascii_lowercase(), operation.to_ascii_lowercase());
        let caller = read_caller(line, &service)?;
        let resource = text_of(line, "resource")?;
        let known_account = known_resource_account(line, &resource)?;
        let resource_account = match (&known_account, resource.as_str(), caller.account()) {
            // Organizations answers its own callers; the account in its ARNs is the management account
            // (Organizations User Guide, `orgs_permissions_overview`), and no resource policy of it takes part here.
            (_, _, Some(own)) if service == "organizations" => own.to_owned(),
            (Some(account), _, _) => account.clone(),
            // Organizations User Guide, `orgs_manage_policies_rcps`, and `reference_policies_evaluation-logic`:
            // a request without a resource concerns the caller's own account.
            (None, "*", Some(own)) => own.to_owned(),
            // S3 API Reference, `API_CreateBucket`: "By creating the bucket, you become the bucket owner."
            (None, _, Some(own)) if service == "s3" && operation == "createbucket" => own.to_owned(),
            (None, _, _) => return Err(format!("the account that owns {resource} is not known")),
        };
        let from_other_partition = match (caller.partition(), resource.split(':').nth(1)) {
            (Some(own), Some(other)) => own != other,
            _ => false,
        };
        if from_other_partition && service == "organizations" {
            return Err("an organization in another partition".to_owned());
        }
        let carried = carries_resource_account(&service, &operation);
        let mut context = read_context(line, &caller, &service)?;
        match (carried, &known_account) {
            (Carried::Yes, Some(account)) => context.derive("aws:ResourceAccount", account),
            (Carried::No, _) => {}
            (Carried::Yes, None) if service == "s3" && operation == "createbucket" => {
                context.derive("aws:ResourceAccount", &resource_account);
            }
            (Carried::Yes, None) => {
                context.unknown("aws:ResourceAccount", "the request has no resource with a known account");
            }
            (Carried::Sometimes, _) => {
                context.unknown("aws:ResourceAccount", "some event buses do not carry it");
            }
        }
        Ok(Request {
            line,
            caller,
            from_other_partition,
            action,
            service,
            operation,
            resource,
            resource_account,
            context,
        })
    }

    /// A layer of the line: absent and null mean that it does not exist; `"unknown"` could not be read.
    pub fn layer(&self, name: &str) -> Modelled<Option<&'a Value>> {
        match self.line.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text == "unknown" => Err(format!("the layer {name} is unknown")),
            Some(value) => Ok(Some(value)),
        }
    }

    /// A layer that is a list. An absent layer is an empty list.
    pub fn list_layer(&self, name: &str) -> Modelled<&'a [Value]> {
        match self.layer(name)? {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(format!("{name} is not a list")),
        }
    }

    /// The caller belongs to the account that owns the resource.
    pub fn same_account(&self) -> bool {
        !self.from_other_partition && self.caller.account() == Some(self.resource_account.as_str())
    }
}

fn text_of(value: &Value, name: &str) -> Modelled<String> {
    match value.get(name).and_then(Value::as_str) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("{name} is missing or not a string")),
    }
}

/// IAM User Guide, `reference_policies_elements_principal` and `reference_identifiers`: what each ARN stands for.
fn read_caller(line: &Value, service_of_action: &str) -> Modelled<Caller> {
    let principal = match line.get("principal") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(map)) if map.get("type").and_then(Value::as_str) == Some("Anonymous") => {
            return Ok(Caller::Anonymous);
        }
        _ => return Err("principal is missing or of an unknown form".to_owned()),
    };
    // `reference_policies_elements_principal`, "Web identity session principals": these four names are identity
    // providers in calls of AWS STS.
    let web_identity =
        ["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];
    if service_of_action == "sts" && web_identity.contains(&principal.as_str()) {
        return Ok(Caller::Provider { name: principal });
    }
    let parts: Vec<&str> = principal.splitn(6, ':').collect();
    if principal.starts_with("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ") {
        return Ok(Caller::OriginAccessIdentity { arn: principal });
    }
    if parts.len() < 6 {
        return match principal.ends_with(".amazonaws.com") {
            true => Ok(Caller::Service { name: principal }),
            false => Err(format!("principal {principal:?} is neither an ARN nor a service principal")),
        };
    }
    let (service, account, rest) = (parts[2], parts[4].to_owned(), parts[5]);
    if !is_account_id(&account) {
        return Err(format!("principal {principal:?} has no account id"));
    }
    let fact =
        |name: &str| line.get("principal_facts").and_then(|facts| facts.get(name)).and_then(Value::as_str);
    match (service, rest.split_once('/').map_or(rest, |(kind, _)| kind)) {
        ("iam", "root") => Ok(Caller::Root { arn: principal, account }),
        ("iam", "user") => Ok(Caller::User { arn: principal, account }),
        ("iam", "role") => Ok(Caller::Role { role_arn: principal, account }),
        ("iam", "oidc-provider" | "saml-provider") => Ok(Caller::Provider { name: principal }),
        // `reference_identifiers`: the session ARN has no path, so that the role's ARN has to be told.
        ("sts", "assumed-role") => {
            let Some(role_arn) = fact("role_arn") else {
                return Err("principal_facts.role_arn of the role session is missing".to_owned());
            };
            let role_name = role_arn.rsplit('/').next();
            if rest.split('/').nth(1) != role_name || role_arn.split(':').nth(4) != Some(account.as_str()) {
                return Err("principal_facts.role_arn is not the role of the session".to_owned());
            }
            let role_arn = role_arn.to_owned();
            Ok(Caller::RoleSession { session_arn: principal, role_arn, account })
        }
        ("sts", "federated-user") => {
            let user_arn = fact("user_arn").map(str::to_owned);
            Ok(Caller::FederatedUser { session_arn: principal, user_arn, account })
        }
        _ => Err(format!("principal {principal:?} is of an unknown kind")),
    }
}

/// The owner as the line tells it: by `resource_account`, or by the account part of the ARN.
fn known_resource_account(line: &Value, resource: &str) -> Modelled<Option<String>> {
    let in_arn = resource.split(':').nth(4).filter(|part| is_account_id(part));
    match line.get("resource_account") {
        None | Some(Value::Null) => Ok(in_arn.map(str::to_owned)),
        Some(Value::String(account)) if is_account_id(account) => match in_arn {
            Some(other) if other != account && !resource.contains(":organizations:") => {
                Err("resource_account and the account in the resource ARN differ".to_owned())
            }
            _ => Ok(Some(account.clone())),
        },
        Some(_) => Err("resource_account is not an account id".to_owned()),
    }
}

/// IAM User Guide, `reference_policies_condition-keys` (properties of the principal and of the resource) and
/// `reference_policies_variables` ("Principal key values"); KMS Developer Guide, `conditions-kms` (kms:CallerAccount).
fn read_context(line: &Value, caller: &Caller, service: &str) -> Modelled<Context> {
    let mut context = Context::default();
    match line.get("context") {
        None => {}
        Some(Value::Object(map)) => {
            for (key, value) in map {
                let (values, is_list) = match value {
                    Value::Array(items) => (items.iter().map(scalar_text).collect::<Option<Vec<_>>>(), true),
                    single => (scalar_text(single).map(|text| vec![text]), false),
                };
                let Some(values) = values else {
                    return Err(format!(
                        "the value of the context key {key} is not a text, number, boolean or list"
                    ));
                };
                context.give(key, values, is_list)?;
            }
        }
        Some(_) => return Err("context is not an object".to_owned()),
    }

    match caller {
        Caller::Root { arn, .. } => {
            context.derive("aws:PrincipalArn", arn);
            context.derive("aws:PrincipalType", "Account");
        }
        Caller::User { arn, .. } => {
            context.derive("aws:PrincipalArn", arn);
            context.derive("aws:PrincipalType", "User");
            context.derive("aws:username", arn.rsplit('/').next().unwrap_or_default());
        }
        // "For IAM roles, the request context returns the ARN of the role, not the ARN of the user that assumed it."
        Caller::Role { role_arn, .. } | Caller::RoleSession { role_arn, .. } => {
            context.derive("aws:PrincipalArn", role_arn);
            context.derive("aws:PrincipalType", "AssumedRole");
        }
        Caller::FederatedUser { session_arn, .. } => {
            context.derive("aws:PrincipalArn", session_arn);
            context.derive("aws:PrincipalType", "FederatedUser");
        }
        Caller::Service { name } => {
            context.derive("aws:PrincipalServiceName", name);
            context.unknown("aws:PrincipalType", "its value for a service principal is not documented");
            context.unknown("aws:PrincipalArn", "its value for a service principal is not documented");
            context.unknown("aws:PrincipalAccount", "its value for a service principal is not documented");
            context.unknown("aws:PrincipalServiceNamesList", "all names of the service are not known");
        }
        Caller::OriginAccessIdentity { .. } => {
            for key in ["aws:PrincipalType", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:userid"] {
                context.unknown(key, "its value for an origin access identity is not documented");
            }
            context.unknown(
                "aws:PrincipalIsAWSService",
                "whether CloudFront's identity counts is not documented",
            );
        }
        Caller::Provider { .. } => {
            context.unknown("aws:PrincipalType", "its value before the role is assumed is not documented");
            context.unknown("aws:PrincipalArn", "its value before the role is assumed is not documented");
            context.unknown("aws:PrincipalAccount", "its value before the role is assumed is not documented");
            context.unknown(
                "aws:PrincipalIsAWSService",
                "its value before the role is assumed is not documented",
            );
        }
        Caller::Anonymous => {
            context.derive("aws:PrincipalType", "Anonymous");
            // "For anonymous requests, the request context returns anonymous."
            context.derive("aws:PrincipalAccount", "anonymous");
        }
    }
    // "This key is present in the request context for all signed API requests that use AWS credentials. Anonymous
    // requests do not include this key."
    match caller {
        Caller::Anonymous | Caller::Provider { .. } | Caller::OriginAccessIdentity { .. } => {}
        Caller::Service { .. } => context.derive("aws:PrincipalIsAWSService", "true"),
        _ => context.derive("aws:PrincipalIsAWSService", "false"),
    }
    if let Some(account) = caller.account() {
        context.derive("aws:PrincipalAccount", account);
        if service == "kms" {
            context.derive("kms:CallerAccount", account);
        }
    }
    match caller.account() {
        Some(_) => derive_chain(&mut context),
        // aws:CalledVia: "when a service […] uses the credentials of an IAM principal".
        None if context.entries.contains_key("aws:calledvia") => {
            for key in ["aws:CalledViaFirst", "aws:CalledViaLast"] {
                context.unknown(key, "a chain of services behind a caller that is no IAM principal");
            }
        }
        None => {}
    }
    if let Some(tags) = line.get("principal_facts").and_then(|facts| facts.get("tags")) {
        let Value::Object(tags) = tags else {
            return Err("principal_facts.tags is not an object".to_owned());
        };
        for (tag, value) in tags {
            let Some(value) = scalar_text(value) else {
                return Err(format!("the value of the principal tag {tag} is not a text"));
            };
            context.derive(&format!("aws:PrincipalTag/{tag}"), &value);
        }
        let mut names: Vec<String> = tags.keys().map(|tag| tag.to_lowercase()).collect();
        names.sort();
        names.dedup();
        if names.len() < tags.len() {
            return Err("two principal tags differ only in letter case".to_owned());
        }
    }
    Ok(context)
}

/// `reference_policies_condition-keys`: aws:CalledVia is "an ordered list of each service in the chain"; aws:CalledViaFirst
/// and aws:CalledViaLast "indicate the first and last services that made calls in the chain of requests".
fn derive_chain(context: &mut Context) {
    let Some(chain) = context.entries.get("aws:calledvia").map(|entry| entry.values.clone()) else {
        return;
    };
    if let (Some(first), Some(last)) = (chain.first(), chain.last()) {
        context.derive("aws:CalledViaFirst", first);
        context.derive("aws:CalledViaLast", last);
    }
}

/// Whether requests carry aws:ResourceAccount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carried {
    Yes,
    No,
    Sometimes,
}

/// `reference_policies_condition-keys`, aws:ResourceAccount: "The following actions don't support this key".
fn carries_resource_account(service: &str, operation: &str) -> Carried {
    match (service, operation) {
        ("ebs", _)
        | ("auditmanager", "updateassessmentframeworkshare")
        | ("detective", "acceptinvitation")
        | ("ds", "acceptshareddirectory")
        | (
            "ec2",
            "accepttransitgatewaypeeringattachment"
            | "acceptvpcendpointconnections"
            | "acceptvpcpeeringconnection"
            | "copysnapshot"
            | "createtransitgatewaypeeringattachment"
            | "createvpcendpoint"
            | "createvpcpeeringconnection",
        )
        | ("guardduty", "acceptadministratorinvitation")
        | ("macie2", "acceptinvitation")
        | ("es", "acceptinboundconnection")
        | ("route53", "associatevpcwithhostedzone" | "createvpcassociationauthorization")
        | ("securityhub", "acceptadministratorinvitation") => Carried::No,
        // "calls on an event bus in another account, if that event bus was configured as a cross-account EventBridge
        // target before March 2, 2023"
        ("events", "putevents") => Carried::Sometimes,
        _ => Carried::Yes,
    }
}

/// A value of a condition as text: `"5"` and `5`, `"true"` and `true` are the same
/// (IAM User Guide, `reference_policies_grammar`).
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
