//! The request context that an event shows. What it cannot show stays unknown.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::event::Event;
use super::identity::ViaService;
use crate::request::{ContextValue, Principal, Provenance, Request};

const KEYS_PAGE: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";

/// Fills in what the event tells about the context of a request.
pub(super) fn fill(event: &Event, request: &mut Request) {
    let via = ViaService::of(event);
    let mut keys = Keys { request, event };
    keys.event_context();
    keys.always();
    keys.network(via.as_ref());
    keys.session();
    keys.tags();
    keys.via(via.as_ref());
    match keys.request.action.service() {
        "kms" => keys.kms(),
        "s3" => keys.s3(),
        "sts" => keys.sts(),
        "iam" => keys.iam(),
        _ => {}
    }
}

struct Keys<'a> {
    request: &'a mut Request,
    event: &'a Event,
}

impl Keys<'_> {
    fn known(&mut self, key: &str, value: impl Into<crate::request::Values>, field: &str) {
        let value = ContextValue::Known(value.into());
        self.request.context.set_default(key, value, Provenance::Event(field.to_owned()));
    }

    fn absent(&mut self, key: &str) {
        self.request.context.set_default(key, ContextValue::Absent, Provenance::Documented(KEYS_PAGE));
    }

    fn unknown(&mut self, key: &str, why: &str) {
        let value = ContextValue::Unknown(why.to_owned());
        self.request.context.set_default(key, value, Provenance::Event("not shown".to_owned()));
    }

    /// `eventContext` of CloudTrail Lake holds the real condition keys.
    fn event_context(&mut self) {
        let Some(context) = &self.event.event_context else { return };
        for (key, values) in &context.request_context {
            let values = match values.as_slice() {
                [one] => crate::request::Values::One(one.clone()),
                many => crate::request::Values::Many(many.to_vec()),
            };
            self.request.context.set_default(
                key,
                ContextValue::Known(values),
                Provenance::Event("eventContext.requestContext".to_owned()),
            );
        }
    }

    fn always(&mut self) {
        if let Some(time) = self.event.event_time {
            self.known("aws:CurrentTime", time.to_string(), "eventTime");
            self.known("aws:EpochTime", time.as_second().to_string(), "eventTime");
        }
        if let Some(region) = &self.event.aws_region {
            self.known("aws:RequestedRegion", region.clone(), "awsRegion");
        }
        if self.event.tls_details.is_some() {
            self.known("aws:SecureTransport", "true", "tlsDetails");
        }
    }

    fn network(&mut self, via: Option<&ViaService>) {
        let address = self.event.source_ip_address.as_deref().filter(|text| text.parse::<IpAddr>().is_ok());
        if self.event.vpc_endpoint_id.is_none() && address.is_some_and(is_private) {
            // A private address gets here through a VPC endpoint or from inside AWS; the event does not show which.
            for key in
                ["aws:SourceIp", "aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp", "aws:SourceVpcArn"]
            {
                self.unknown(
                    key,
                    "the call came from a private address, and the event names no VPC endpoint",
                );
            }
            return;
        }
        match (&self.event.vpc_endpoint_id, via, address) {
            (Some(endpoint), _, address) => {
                self.known("aws:SourceVpce", endpoint.clone(), "vpcEndpointId");
                // "This key is not available when a request is made through a VPC endpoint."
                self.absent("aws:SourceIp");
                if let Some(address) = address {
                    self.known("aws:VpcSourceIp", address, "sourceIPAddress");
                }
            }
            (None, Some(_), _) => {
                self.unknown("aws:SourceIp", "a service made the call on the caller's behalf");
            }
            (None, None, Some(address)) => {
                self.known("aws:SourceIp", address, "sourceIPAddress");
                for key in ["aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp", "aws:SourceVpcArn"] {
                    self.absent(key);
                }
            }
            (None, None, None) => {}
        }
        if via.is_none()
            && let Some(agent) = self.event.user_agent.clone()
        {
            self.known("aws:UserAgent", agent, "userAgent");
        }
    }

    fn session(&mut self) {
        let identity = &self.event.user_identity;
        let long_term = identity.access_key_id.as_deref().is_some_and(|key| key.starts_with("AKIA"));
        match &identity.session_context {
            Some(session) => {
                let mfa = session.mfa_authenticated;
                let issued = session.creation_date;
                let source_identity = session.source_identity.clone();
                let provider = session.web_id_federation.as_ref().and_then(|web| web.provider.clone());
                self.session_keys(mfa, issued);
                match source_identity {
                    Some(text) => self.known("aws:SourceIdentity", text, "sessionContext.sourceIdentity"),
                    None => self.absent("aws:SourceIdentity"),
                }
                if let Some(provider) = provider {
                    self.known("aws:FederatedProvider", provider, "sessionContext.webIdFederationData");
                }
            }
            // AssumeRole and GetSessionToken carry MFA in the call itself.
            None if long_term && self.request.action.service() == "sts" => {
                self.unknown(
                    "aws:MultiFactorAuthPresent",
                    "the event does not show whether an MFA code was passed",
                );
            }
            None if long_term => {
                // "The key is not present in requests that are made with long-term credentials."
                let keys = [
                    "aws:MultiFactorAuthPresent",
                    "aws:MultiFactorAuthAge",
                    "aws:TokenIssueTime",
                    "aws:SourceIdentity",
                ];
                for key in keys {
                    self.absent(key);
                }
            }
            None => {}
        }
        if let Some(id) = identity
            .principal_id
            .clone()
            .filter(|_| !matches!(self.request.principal, Principal::Service { .. }))
        {
            self.known("aws:userid", id, "userIdentity.principalId");
        }
    }

    fn session_keys(&mut self, mfa: Option<bool>, issued: Option<Timestamp>) {
        if let Some(mfa) = mfa {
            self.known(
                "aws:MultiFactorAuthPresent",
                mfa.to_string(),
                "sessionContext.attributes.mfaAuthenticated",
            );
            if !mfa {
                self.absent("aws:MultiFactorAuthAge");
            }
        }
        if let Some(issued) = issued {
            self.known("aws:TokenIssueTime", issued.to_string(), "sessionContext.attributes.creationDate");
        }
    }

    fn parameter(&self, name: &str) -> Option<&Value> {
        self.event.request_parameters.as_ref()?.as_object()?.get(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.parameter(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// Tags that the request sets; a request whose parameters are shown and hold none sets none.
    fn tags(&mut self) {
        let Some(parameters) = self.event.request_parameters.as_ref().and_then(Value::as_object) else {
            return;
        };
        let found = ["tags", "tagList", "Tags", "tagSet", "tagSpecificationSet"]
            .iter()
            .find_map(|name| parameters.get(*name));
        let mentions_tags = parameters.iter().any(|(name, value)| mentions_tags(name, value, 0));
        match found.map(tag_pairs) {
            None if mentions_tags || parameters.contains_key("omitted") => {}
            None => {
                self.request.context.declare_family_complete("aws:RequestTag/");
                self.absent("aws:TagKeys");
            }
            Some(pairs) if pairs.is_empty() => {}
            Some(pairs) => {
                let keys: Vec<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
                for (key, value) in pairs {
                    self.known(&format!("aws:RequestTag/{key}"), value, "requestParameters.tags");
                }
                self.request.context.declare_family_complete("aws:RequestTag/");
                self.known("aws:TagKeys", keys, "requestParameters.tags");
            }
        }
    }

    /// Calls that a service makes with the caller's credentials.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html>
    fn via(&mut self, via: Option<&ViaService>) {
        match via {
            None => {
                self.known("aws:ViaAWSService", "false", "userIdentity.invokedBy");
                for key in ["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "kms:ViaService"] {
                    self.absent(key);
                }
            }
            // A role session may be a service role, with which a service acts for itself: "false if the service uses
            // a service role or service-linked role to make a call on the principal's behalf".
            Some(_) if matches!(self.request.principal, Principal::Role(_)) => {
                for key in ["aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"] {
                    self.unknown(
                        key,
                        "the event does not show whether the service used the caller's credentials",
                    );
                }
            }
            Some(via) if !matches!(self.request.principal, Principal::Service { .. }) => {
                self.known("aws:ViaAWSService", "true", via.field);
            }
            Some(_) => {}
        }
    }

    fn kms(&mut self) {
        let Some(context) = self.parameter("encryptionContext").and_then(Value::as_object).cloned() else {
            if self.event.request_parameters.as_ref().is_some_and(Value::is_object) {
                self.request.context.declare_family_complete("kms:EncryptionContext:");
                self.absent("kms:EncryptionContextKeys");
            }
            return;
        };
        let keys: Vec<String> = context.keys().cloned().collect();
        for (key, value) in &context {
            if let Some(value) = value.as_str() {
                let name = format!("kms:EncryptionContext:{key}");
                self.known(&name, value, "requestParameters.encryptionContext");
            }
        }
        self.request.context.declare_family_complete("kms:EncryptionContext:");
        self.known("kms:EncryptionContextKeys", keys, "requestParameters.encryptionContext");
        if let Some(service) = via_service(&context).filter(|_| self.is_via_service()) {
            let region = self.event.aws_region.clone().unwrap_or_default();
            self.known("kms:ViaService", format!("{service}.{region}.amazonaws.com"), "encryptionContext");
        }
        if let Some(algorithm) = self.text("encryptionAlgorithm") {
            self.known("kms:EncryptionAlgorithm", algorithm, "requestParameters.encryptionAlgorithm");
        }
    }

    fn is_via_service(&self) -> bool {
        ViaService::of(self.event).is_some()
    }

    fn s3(&mut self) {
        let lists =
            self.request.action.is("s3:ListBucket") || self.request.action.is("s3:ListBucketVersions");
        for (parameter, key) in
            [("prefix", "s3:prefix"), ("delimiter", "s3:delimiter"), ("max-keys", "s3:max-keys")]
        {
            match self.parameter(parameter) {
                Some(Value::String(text)) => {
                    let text = text.clone();
                    self.known(key, text, "requestParameters");
                }
                Some(Value::Number(number)) => {
                    let text = number.to_string();
                    self.known(key, text, "requestParameters");
                }
                _ if !lists => self.absent(key),
                _ => {}
            }
        }
        for header in
            ["x-amz-acl", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"]
        {
            if let Some(text) = self.text(header) {
                self.known(&format!("s3:{header}"), text, "requestParameters");
            }
        }
    }

    fn sts(&mut self) {
        self.web_identity();
        if !self.event.request_parameters.as_ref().is_some_and(Value::is_object) {
            return;
        }
        let pairs = [
            ("roleSessionName", "sts:RoleSessionName"),
            ("externalId", "sts:ExternalId"),
            ("sourceIdentity", "sts:SourceIdentity"),
        ];
        for (parameter, key) in pairs {
            match self.text(parameter) {
                Some(text) => self.known(key, text, "requestParameters"),
                None => self.absent(key),
            }
        }
    }

    /// The claims of a token that CloudTrail keeps: `principalId` is the provider, the audience and the subject.
    ///
    /// Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>,
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
    fn web_identity(&mut self) {
        let identity = &self.event.user_identity;
        if identity.kind.as_deref() != Some("WebIdentityUser") {
            return;
        }
        let Principal::Federated { provider } = self.request.principal.clone() else { return };
        let Some(subject) = identity.user_name.clone() else { return };
        let prefix = provider.rsplit_once(":oidc-provider/").map_or(provider.as_str(), |(_, host)| host);
        let (sub, aud) = (format!("{prefix}:sub"), format!("{prefix}:aud"));
        let parts = identity.principal_id.as_deref().and_then(|id| id.strip_prefix(provider.as_str()));
        let audience = parts.and_then(|rest| {
            rest.strip_prefix(':')?.strip_suffix(subject.as_str())?.strip_suffix(':').map(str::to_owned)
        });
        self.known(&sub, subject, "userIdentity.userName");
        // The key of Google tokens is the authorized party, which can be another than the audience.
        if let Some(audience) = audience.filter(|_| prefix != "accounts.google.com") {
            self.known(&aud, audience, "userIdentity.principalId");
        }
    }

    fn iam(&mut self) {
        if self.request.action.is("iam:PassRole")
            && let Some(service) = passed_to(&self.event.event_source, &self.event.event_name)
        {
            self.known("iam:PassedToService", service, "eventSource");
        }
        if !self.event.request_parameters.as_ref().is_some_and(Value::is_object) {
            return;
        }
        match self.text("permissionsBoundary") {
            Some(arn) => self.known("iam:PermissionsBoundary", arn, "requestParameters.permissionsBoundary"),
            None if self.event.event_name.starts_with("Create") => self.absent("iam:PermissionsBoundary"),
            None => {}
        }
        if let Some(arn) = self.text("policyArn") {
            self.known("iam:PolicyARN", arn, "requestParameters.policyArn");
        }
    }
}

/// The service that put its name into the encryption context.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
fn via_service(context: &serde_json::Map<String, Value>) -> Option<&'static str> {
    let pairs = context.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
    let guess = crate::knowledge::kms::surface_of("kms:Decrypt", pairs)?;
    match guess.service() {
        // EBS volumes are encrypted by EC2.
        "ebs" => Some("ec2"),
        service => Some(service),
    }
}

/// The service that a role is passed to, where the called API leaves no doubt.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
fn passed_to(event_source: &str, event_name: &str) -> Option<&'static str> {
    match (event_source, event_name) {
        ("lambda.amazonaws.com", name) if name.starts_with("CreateFunction") => Some("lambda.amazonaws.com"),
        ("ec2.amazonaws.com", "RunInstances" | "AssociateIamInstanceProfile") => Some("ec2.amazonaws.com"),
        ("ecs.amazonaws.com", "RunTask" | "RegisterTaskDefinition") => Some("ecs-tasks.amazonaws.com"),
        ("glue.amazonaws.com", "CreateJob" | "CreateCrawler") => Some("glue.amazonaws.com"),
        ("states.amazonaws.com", "CreateStateMachine") => Some("states.amazonaws.com"),
        ("cloudformation.amazonaws.com", "CreateStack" | "UpdateStack") => {
            Some("cloudformation.amazonaws.com")
        }
        _ => None,
    }
}

/// Whether a parameter may hold tags, under whatever name and however deep.
fn mentions_tags(name: &str, value: &Value, depth: u8) -> bool {
    if name.to_ascii_lowercase().contains("tag") {
        return true;
    }
    match value {
        Value::Object(map) if depth < 16 => {
            map.iter().any(|(name, value)| mentions_tags(name, value, depth + 1))
        }
        Value::Array(items) if depth < 16 => items.iter().any(|item| mentions_tags("", item, depth + 1)),
        Value::Object(_) | Value::Array(_) => true,
        _ => false,
    }
}

/// An address that does not come over the internet.
fn is_private(text: &str) -> bool {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            let shared = address.octets()[0] == 100 && (64..128).contains(&address.octets()[1]);
            address.is_private() || address.is_loopback() || address.is_link_local() || shared
        }
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        Err(_) => false,
    }
}

/// Tags in any of the forms in which services log them.
fn tag_pairs(value: &Value) -> Vec<(String, String)> {
    let pair = |item: &Value| {
        let get = |names: [&str; 2]| names.iter().find_map(|name| item.get(*name)).and_then(Value::as_str);
        Some((get(["key", "Key"])?.to_owned(), get(["value", "Value"])?.to_owned()))
    };
    match value {
        Value::Array(items) => items.iter().filter_map(pair).collect(),
        Value::Object(map) if map.contains_key("items") => {
            map.get("items").map(nested_tags).unwrap_or_default()
        }
        Value::Object(map) => {
            map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => Vec::new(),
    }
}

/// EC2's `tagSpecificationSet.items[].tags[]`.
fn nested_tags(value: &Value) -> Vec<(String, String)> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.get("tags")).flat_map(tag_pairs).collect()
}
