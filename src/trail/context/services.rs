//! Condition keys of single services, from the parameters of their calls.

use serde_json::Value;

use super::Keys;
use crate::knowledge::actions::passed_to;
use crate::request::Principal;
use crate::trail::identity::ViaService;

impl Keys<'_> {
    pub(super) fn kms(&mut self) {
        self.kms_of_service();
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

    /// Whether a service made the call for the caller, and which.
    ///
    /// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource>
    fn kms_of_service(&mut self) {
        let via = ViaService::of(self.event);
        let of_grants = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];
        // A person in the console can have `AWS Internal` for a user agent.
        let is_sure = via.as_ref().is_none_or(|via| via.field != "userAgent");
        if is_sure && of_grants.iter().any(|action| self.request.action.is(action)) {
            self.known("kms:GrantIsForAWSResource", via.is_some().to_string(), "userIdentity.invokedBy");
        }
        let named = via.as_ref().and_then(|via| calls_kms_as(via.service.as_deref()?));
        if let Some((service, via)) = named.zip(via.as_ref()) {
            let region = self.event.aws_region.clone().unwrap_or_default();
            self.known("kms:ViaService", format!("{service}.{region}.amazonaws.com"), via.field);
        }
    }

    fn is_via_service(&self) -> bool {
        ViaService::of(self.event).is_some()
    }

    pub(super) fn s3(&mut self) {
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
        let version = self.event.tls_details.as_ref().and_then(|tls| tls.version.as_deref());
        if let Some(version) = version.and_then(|version| version.strip_prefix("TLSv")).map(str::to_owned) {
            self.known("s3:TlsVersion", version, "tlsDetails.tlsVersion");
        }
        for header in
            ["x-amz-acl", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"]
        {
            if let Some(text) = self.text(header) {
                self.known(&format!("s3:{header}"), text, "requestParameters");
            }
        }
        // S3 takes one kind of server-side encryption with a request, and CloudTrail shows that it was SSE-C.
        // Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
        if self.parameter("x-amz-server-side-encryption-customer-algorithm").is_some() {
            self.absent("s3:x-amz-server-side-encryption");
            self.absent("s3:x-amz-server-side-encryption-aws-kms-key-id");
        }
    }

    pub(super) fn sts(&mut self) {
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

    pub(super) fn iam(&mut self) {
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

/// The name in `kms:ViaService` of a service that calls AWS KMS for its callers. The front end of EC2 calls as EC2.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>
fn calls_kms_as(host: &str) -> Option<&'static str> {
    let name = match host.split('.').next()? {
        "ec2-frontend-api" => "ec2",
        name => name,
    };
    crate::knowledge::kms::service_before(name)
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
