//! The request context that an event shows. What it cannot show stays unknown.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

mod services;
mod tags;

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
        if self.event.session_credential_from_console == Some(true) {
            self.request.context.declare_console_session();
        }
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
                self.absent("aws:TokenIssueTime");
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
