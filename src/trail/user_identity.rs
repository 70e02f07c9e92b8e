//! `userIdentity` as CloudTrail writes it. What it means is told by [`super::identity`].
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::event::texts;
use super::fields::Fields;

/// `userIdentity`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserIdentity {
    /// `type`, for example `AssumedRole`; events of services can lack it.
    pub kind: Option<String>,
    /// `principalId`: `AIDA…`, `AROA…:session`, an account id, …
    pub principal_id: Option<String>,
    /// `arn`.
    pub arn: Option<String>,
    /// `accountId` as written; not always twelve digits.
    pub account_id: Option<String>,
    /// `accessKeyId`.
    pub access_key_id: Option<String>,
    /// `userName`.
    pub user_name: Option<String>,
    /// `invokedBy`: the service that made the call.
    pub invoked_by: Option<String>,
    /// `sessionContext`.
    pub session_context: Option<SessionContext>,
    /// `identityProvider`, of SAML and web identity callers.
    pub identity_provider: Option<String>,
    /// `credentialId`, of bearer tokens.
    pub credential_id: Option<String>,
    /// `onBehalfOf`: the IAM Identity Center user.
    pub on_behalf_of: Option<OnBehalfOf>,
    /// `inScopeOf.credentialsIssuedTo`: the instance or function that holds the credentials.
    pub credentials_issued_to: Option<String>,
}

/// `userIdentity.sessionContext`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionContext {
    /// `sessionIssuer`; an empty object counts as absent.
    pub session_issuer: Option<SessionIssuer>,
    /// `attributes.mfaAuthenticated`.
    pub mfa_authenticated: Option<bool>,
    /// `attributes.creationDate`: when the temporary credentials were issued.
    pub creation_date: Option<Timestamp>,
    /// `webIdFederationData`; an empty object counts as absent.
    pub web_id_federation: Option<WebIdFederation>,
    /// `sourceIdentity`.
    pub source_identity: Option<String>,
    /// `assumedRoot`: the session comes from `sts:AssumeRoot`.
    pub assumed_root: Option<bool>,
    /// `ec2RoleDelivery`: the version of the instance metadata service.
    pub ec2_role_delivery: Option<String>,
    /// `signInSessionArn`.
    pub sign_in_session_arn: Option<String>,
}

/// `sessionContext.sessionIssuer`: the role or user that the session stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionIssuer {
    /// `type`: `Role`, `IAMUser`, `Root`.
    pub kind: Option<String>,
    /// `principalId`.
    pub principal_id: Option<String>,
    /// `arn`, path included.
    pub arn: Option<String>,
    /// `accountId`.
    pub account_id: Option<String>,
    /// `userName`: the name of the role or user, without its path.
    pub user_name: Option<String>,
}

/// `sessionContext.webIdFederationData`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebIdFederation {
    /// `federatedProvider`.
    pub provider: Option<String>,
    /// `attributes`.
    pub attributes: BTreeMap<String, String>,
}

/// `onBehalfOf`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// `userId`.
    pub user_id: Option<String>,
    /// `identityStoreArn`.
    pub identity_store_arn: Option<String>,
}

impl UserIdentity {
    pub(super) fn from_fields(fields: &mut Fields<'_>) -> Self {
        let issued_to = fields.nested("inScopeOf", |scope| scope.text("credentialsIssuedTo"));
        Self {
            kind: fields.text("type"),
            principal_id: fields.text("principalId"),
            arn: fields.text("arn"),
            account_id: fields.text("accountId"),
            access_key_id: fields.text("accessKeyId"),
            user_name: fields.text("userName"),
            invoked_by: fields.text("invokedBy"),
            session_context: fields.nested("sessionContext", SessionContext::from_fields),
            identity_provider: fields.text("identityProvider"),
            credential_id: fields.text("credentialId"),
            on_behalf_of: fields.nested("onBehalfOf", OnBehalfOf::from_fields),
            credentials_issued_to: issued_to.flatten(),
        }
    }

    /// The session's issuer, where there is a session that has one.
    pub fn session_issuer(&self) -> Option<&SessionIssuer> {
        self.session_context.as_ref()?.session_issuer.as_ref()
    }
}

impl SessionContext {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        let attributes = fields.nested("attributes", |attributes| {
            (attributes.boolean("mfaAuthenticated"), attributes.time("creationDate"))
        });
        let (mfa_authenticated, creation_date) = attributes.unwrap_or_default();
        let issuer = fields.nested("sessionIssuer", SessionIssuer::from_fields);
        let federation = fields.nested("webIdFederationData", WebIdFederation::from_fields);
        Self {
            session_issuer: issuer.filter(|issuer| *issuer != SessionIssuer::default()),
            mfa_authenticated,
            creation_date,
            web_id_federation: federation.filter(|data| *data != WebIdFederation::default()),
            source_identity: fields.text("sourceIdentity"),
            assumed_root: fields.boolean("assumedRoot"),
            ec2_role_delivery: fields.text("ec2RoleDelivery"),
            sign_in_session_arn: fields.text("signInSessionArn"),
        }
    }
}

impl SessionIssuer {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        Self {
            kind: fields.text("type"),
            principal_id: fields.text("principalId"),
            arn: fields.text("arn"),
            account_id: fields.text("accountId"),
            user_name: fields.text("userName"),
        }
    }
}

impl WebIdFederation {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        let attributes = match fields.value("attributes") {
            Some(Value::Object(map)) => {
                map.iter().map(|(key, value)| (key.clone(), texts(value).join(","))).collect()
            }
            _ => BTreeMap::new(),
        };
        Self { provider: fields.text("federatedProvider"), attributes }
    }
}

impl OnBehalfOf {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        Self { user_id: fields.text("userId"), identity_store_arn: fields.text("identityStoreArn") }
    }
}
