//! Who made the call of an event: the principal, what AWS vouches for, and what the caller merely said.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use jiff::Timestamp;

use super::event::Event;
use super::principal::{principal_of, unique_part};
use super::user_identity::UserIdentity;
use crate::ids::AccountId;
use crate::request::Principal;

/// The caller of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caller {
    /// The principal to evaluate. `None` where the caller is no IAM principal or cannot be told.
    pub principal: Option<Principal>,
    /// Whether the ARN of a user was built from a name, so that its path is an assumption.
    pub path_assumed: bool,
    /// What AWS vouches for.
    pub proven: Proven,
    /// What the caller chose to say.
    pub claimed: Claimed,
}

/// Facts about a caller that AWS vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proven {
    /// `userIdentity.type`.
    pub kind: Option<String>,
    /// The caller's account.
    pub account: Option<AccountId>,
    /// `AIDA…` or `AROA…`, without the session name.
    pub unique_id: Option<String>,
    /// The access key.
    pub access_key: Option<AccessKey>,
    /// Whether the session was made with MFA. `None` if there is no session: the condition key is absent then.
    pub mfa: Option<bool>,
    /// When the session's credentials were issued.
    pub session_created: Option<Timestamp>,
    /// Whether the session comes from `sts:AssumeRoot`.
    pub assumed_root: bool,
    /// The identity provider that vouched for the caller.
    pub identity_provider: Option<String>,
    /// The instance or function that the credentials were issued to.
    pub credentials_issued_to: Option<String>,
    /// The user in IAM Identity Center on whose behalf the call was made.
    pub identity_center_user: Option<String>,
}

/// What the caller chose to say: good for finding somebody, no ground for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claimed {
    /// The role session name, which the caller of `AssumeRole` chooses.
    pub session_name: Option<String>,
    /// The source identity. It cannot change any more once it is set, but whoever set it chose it, unless a
    /// trust policy restricted it.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>
    pub source_identity: Option<String>,
    /// The user name that an identity provider gave.
    pub federated_user: Option<String>,
}

/// An access key id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessKey {
    /// The id, for example `AKIAIOSFODNN7EXAMPLE`.
    pub id: String,
    /// What the prefix tells.
    pub kind: AccessKeyKind,
}

/// Kinds of access keys.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccessKeyKind {
    /// `AKIA…`: the key of a user or of root.
    LongTerm,
    /// `ASIA…`: issued by STS.
    Temporary,
    /// Another prefix, or a redacted id.
    Other,
}

/// A service stands between the caller and the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViaService {
    /// The service principal; `None` where the record only says `AWS Internal`.
    pub service: Option<String>,
    /// The field that told it.
    pub field: &'static str,
}

impl AccessKey {
    /// Reads an access key id.
    pub fn new(id: &str) -> Self {
        let kind = match id.get(..4) {
            Some("AKIA") => AccessKeyKind::LongTerm,
            Some("ASIA") => AccessKeyKind::Temporary,
            _ => AccessKeyKind::Other,
        };
        Self { id: id.to_owned(), kind }
    }
}

impl Caller {
    /// The caller of an event. `message_principal` is the principal that the denial message names: the owner of a
    /// bucket or key sees the caller's ARN only there.
    pub fn of(event: &Event, message_principal: Option<&str>) -> Self {
        let mut caller = Self::from_identity(&event.user_identity);
        caller.saml_provider(event);
        let hidden = matches!(caller.principal, None | Some(Principal::SomeoneIn { .. }));
        if !hidden {
            return caller;
        }
        if let Some(principal) = message_principal.and_then(|text| Principal::parse(text, None).ok()) {
            caller.proven.account = caller.proven.account.or_else(|| principal.account());
            caller.claimed.session_name = session_name(&principal);
            caller.principal = Some(principal);
        }
        caller
    }

    /// A SAML user's `identityProvider` is a hash; the provider's ARN stands in the request parameters.
    fn saml_provider(&mut self, event: &Event) {
        let is_saml = event.user_identity.kind.as_deref() == Some("SAMLUser");
        let provider = event.parameter(&["principalArn"]).and_then(serde_json::Value::as_str);
        let Some(provider) = provider.filter(|_| is_saml || self.principal.is_none()) else { return };
        if !provider.contains(":saml-provider/") {
            return;
        }
        self.principal = Some(Principal::Federated { provider: provider.to_owned() });
        self.claimed.federated_user.clone_from(&event.user_identity.user_name);
    }

    /// The caller that a `userIdentity` tells.
    pub fn from_identity(identity: &UserIdentity) -> Self {
        let session = identity.session_context.as_ref();
        let federation = session.and_then(|context| context.web_id_federation.as_ref());
        let issuer_id = identity.session_issuer().and_then(|issuer| issuer.principal_id.as_deref());
        let (principal, path_assumed) = principal_of(identity);
        let federated = matches!(principal, Some(Principal::Federated { .. }));
        let account = identity.account_id.as_deref().and_then(AccountId::parse);
        let unique_id = identity.principal_id.as_deref().and_then(unique_part).or(issuer_id);
        Self {
            proven: Proven {
                kind: identity.kind.clone(),
                account: account.or_else(|| principal.as_ref().and_then(Principal::account)),
                unique_id: unique_id.map(str::to_owned),
                access_key: identity.access_key_id.as_deref().map(AccessKey::new),
                mfa: session.and_then(|context| context.mfa_authenticated),
                session_created: session.and_then(|context| context.creation_date),
                assumed_root: session.and_then(|context| context.assumed_root).unwrap_or_default(),
                identity_provider: identity
                    .identity_provider
                    .clone()
                    .or_else(|| federation.and_then(|data| data.provider.clone())),
                credentials_issued_to: identity.credentials_issued_to.clone(),
                identity_center_user: identity.on_behalf_of.as_ref().and_then(|user| user.user_id.clone()),
            },
            claimed: Claimed {
                session_name: principal.as_ref().and_then(session_name),
                source_identity: session.and_then(|context| context.source_identity.clone()),
                federated_user: identity.user_name.clone().filter(|_| federated),
            },
            principal,
            path_assumed,
        }
    }

    /// Whether nobody issued the caller's credentials inside AWS: a user, root, an outside identity, a service.
    pub fn is_origin(&self) -> bool {
        match &self.principal {
            None
            | Some(Principal::Role(_) | Principal::FederatedUser { .. } | Principal::SomeoneIn { .. }) => {
                false
            }
            Some(Principal::Root { .. }) => !self.proven.assumed_root,
            Some(_) => true,
        }
    }
}

impl ViaService {
    /// Whether a service made the call, by any of `invokedBy`, `sourceIPAddress` and `userAgent`: real events carry
    /// the sign in one, two or all three of them.
    pub fn of(event: &Event) -> Option<Self> {
        let fields = [
            ("userIdentity.invokedBy", event.user_identity.invoked_by.as_deref()),
            ("sourceIPAddress", event.source_ip_address.as_deref()),
            ("userAgent", event.user_agent.as_deref().filter(|agent| !is_console_agent(agent))),
        ];
        let signs = fields.into_iter().filter_map(|(field, value)| Some((field, value?)));
        let mut unnamed = None;
        for (field, value) in signs {
            if is_service_host(value) {
                return Some(Self { service: Some(value.to_owned()), field });
            }
            if value == "AWS Internal" && unnamed.is_none() {
                unnamed = Some(Self { service: None, field });
            }
        }
        unnamed
    }
}

pub(super) fn is_service_host(text: &str) -> bool {
    text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn")
}

/// A person in the console. Older events have these as the user agent.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
fn is_console_agent(agent: &str) -> bool {
    agent.starts_with("console.") || agent.starts_with("signin.")
}

fn session_name(principal: &Principal) -> Option<String> {
    match principal {
        Principal::Role(session) => session.session_name().map(str::to_owned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(identity: &str, rest: &str) -> Event {
        let text = format!(
            r#"{{"eventSource":"s3.amazonaws.com","eventName":"X","userIdentity":{identity}{rest}}}"#
        );
        Event::from_json(&text).unwrap()
    }

    fn caller(identity: &str) -> Caller {
        Caller::of(&event(identity, ""), None)
    }

    // stratus-red-team, ec2-serial-console-send-ssh-public-key: the path is only in sessionIssuer.
    #[test]
    fn the_path_of_a_role_comes_from_the_session_issuer() {
        let caller = caller(
            r#"{"type":"AssumedRole","principalId":"AROAEXAMPLE:mia@example.com","accountId":"111122223333",
            "arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_a_1/mia@example.com","accessKeyId":"ASIAEXAMPLE",
            "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a_1"},
            "attributes":{"mfaAuthenticated":"false","creationDate":"2024-11-26T15:14:58Z"},"sourceIdentity":"mia"}}"#,
        );
        let Some(Principal::Role(role)) = &caller.principal else { panic!("not a role") };
        assert!(role.path_known);
        assert_eq!(role.role.resource(), "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a_1");
        assert_eq!(role.unique_id.as_deref(), Some("AROAEXAMPLE"));
        assert_eq!(caller.claimed.session_name.as_deref(), Some("mia@example.com"));
        assert_eq!(caller.claimed.source_identity.as_deref(), Some("mia"));
        assert_eq!(caller.proven.mfa, Some(false));
        assert_eq!(caller.proven.access_key.unwrap().kind, AccessKeyKind::Temporary);
        assert!(caller.proven.session_created.is_some());
    }

    #[test]
    fn without_an_issuer_the_path_is_assumed() {
        let caller = caller(r#"{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/r/s"}"#);
        let Some(Principal::Role(role)) = caller.principal else { panic!("not a role") };
        assert!(!role.path_known);
    }

    #[test]
    fn a_session_is_put_together_from_its_issuer() {
        let caller = caller(
            r#"{"type":"AssumedRole","principalId":"AROAEXAMPLE:s",
            "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/p/r"}}}"#,
        );
        assert_eq!(caller.principal.unwrap().to_string(), "arn:aws:sts::111122223333:assumed-role/r/s");
    }

    #[test]
    fn every_type_gives_its_principal() {
        for (identity, wanted) in [
            (
                r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/p/u"}"#,
                "arn:aws:iam::111122223333:user/p/u",
            ),
            (r#"{"type":"Root","accountId":"111122223333"}"#, "arn:aws:iam::111122223333:root"),
            (
                r#"{"type":"Role","arn":"arn:aws:iam::111122223333:role/r"}"#,
                "arn:aws:iam::111122223333:role/r",
            ),
            (
                r#"{"type":"FederatedUser","arn":"arn:aws:sts::111122223333:federated-user/f"}"#,
                "arn:aws:sts::111122223333:federated-user/f",
            ),
            (
                r#"{"type":"AWSAccount","accountId":"111122223333","principalId":"AIDAEXAMPLE"}"#,
                "AIDAEXAMPLE in account 111122223333",
            ),
            (r#"{"type":"AWSAccount","accountId":"anonymous","principalId":""}"#, "anonymous"),
            (r#"{"type":"AWSAccount","accountId":"ANONYMOUS_PRINCIPAL"}"#, "anonymous"),
            (r#"{"type":"AWSService","invokedBy":"inspector2.amazonaws.com"}"#, "inspector2.amazonaws.com"),
            (r#"{"accountId":"111122223333","invokedBy":"ec2.amazonaws.com"}"#, "ec2.amazonaws.com"),
            (
                r#"{"type":"WebIdentityUser","identityProvider":"token.actions.githubusercontent.com"}"#,
                "token.actions.githubusercontent.com",
            ),
            (
                r#"{"type":"WebIdentityUser","principalId":"accounts.google.com:app:u"}"#,
                "accounts.google.com",
            ),
            (
                r#"{"type":"WebIdentityUser","principalId":"arn:aws:iam::111122223333:oidc-provider/h/p:aud:sub"}"#,
                "arn:aws:iam::111122223333:oidc-provider/h/p",
            ),
        ] {
            assert_eq!(
                caller(identity).principal.map(|p| p.to_string()).as_deref(),
                Some(wanted),
                "{identity}"
            );
        }
        for identity in
            [r#"{"type":"IdentityCenterUser"}"#, r#"{"type":"Directory"}"#, r#"{"type":"Unknown"}"#, "{}"]
        {
            assert_eq!(caller(identity).principal, None, "{identity}");
        }
    }

    // invictus-ir: signin CheckMfa has accountId and userName and no arn.
    #[test]
    fn a_user_without_an_arn_has_an_assumed_path() {
        let caller =
            caller(r#"{"type":"IAMUser","accountId":"111122223333","userName":"bert","accessKeyId":""}"#);
        assert!(caller.path_assumed);
        assert_eq!(caller.principal.unwrap().to_string(), "arn:aws:iam::111122223333:user/bert");
        assert_eq!(caller.proven.access_key, None);
    }

    // The bucket owner's copy of a cross-account denial (EventBridge form, real and redacted).
    #[test]
    fn the_message_names_a_caller_whom_the_record_hides() {
        let event =
            event(r#"{"type":"AWSAccount","accountId":"111122223333","principalId":"AROAEXAMPLE:s"}"#, "");
        let caller = Caller::of(&event, Some("arn:aws:sts::111122223333:assumed-role/r/s"));
        assert_eq!(caller.principal.unwrap().to_string(), "arn:aws:sts::111122223333:assumed-role/r/s");
        assert_eq!(caller.proven.unique_id.as_deref(), Some("AROAEXAMPLE"));
    }

    #[test]
    fn a_service_shows_in_any_of_three_fields() {
        let via = |identity, rest| ViaService::of(&event(identity, rest));
        let internal = r#","sourceIPAddress":"AWS Internal","userAgent":"AWS Internal""#;
        assert_eq!(via("{}", internal).unwrap(), ViaService { service: None, field: "sourceIPAddress" });
        let airflow =
            via("{}", r#","sourceIPAddress":"AWS Internal","userAgent":"airflow.amazonaws.com""#).unwrap();
        assert_eq!(airflow.service.as_deref(), Some("airflow.amazonaws.com"));
        assert_eq!(
            via(r#"{"invokedBy":"rds.amazonaws.com"}"#, internal).unwrap().field,
            "userIdentity.invokedBy"
        );
        assert_eq!(via("{}", r#","sourceIPAddress":"203.0.113.1","userAgent":"aws-cli/2""#), None);
        assert_eq!(
            via("{}", r#","sourceIPAddress":"203.0.113.1","userAgent":"console.amazonaws.com""#),
            None
        );
    }
}
