//! What a denial message proves and what it leaves open.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use super::{BlockPublicAccess, DenialMessage, MessageEffect, MessageKind, PolicyType};

impl DenialMessage {
    /// What is sure once AWS wrote this.
    pub fn proves(&self) -> Vec<String> {
        let mut out = vec![self.kind.reason().map_or_else(|| self.by_policy(), str::to_owned)];
        if let MessageKind::BlockPublicAccess(switch) = self.kind
            && let Some(name) = switch.name()
        {
            out.push(format!("the setting is {name}"));
        }
        if let Some(arn) = &self.policy_arn {
            out.push(format!("the policy is {arn}"));
        }
        out.extend(self.hidden_call());
        out
    }

    /// What it does not say.
    pub fn leaves_open(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let hypotheses = self.kind.hypotheses();
        if !hypotheses.is_empty() {
            out.push(format!("which of these it is: {}", hypotheses.join("; ")));
        } else if self.kind.reason().is_none() && self.kind != MessageKind::RoleCannotBeAssumed {
            out.push(match self.policy_type {
                Some(_) => "AWS names one policy type only, although several may deny".to_owned(),
                None => "AWS names no policy type, and several may deny".to_owned(),
            });
            out.push("which statement and which element decided".to_owned());
        }
        if self.encoded {
            out.push("what the encoded message says: aws sts decode-authorization-message".to_owned());
        }
        if self.truncated {
            out.push("what stood behind the cut: CloudTrail keeps 1,024 characters".to_owned());
        }
        out
    }

    fn by_policy(&self) -> String {
        let policy = self.policy_type.map(PolicyType::title);
        match (self.effect, policy) {
            (MessageEffect::Explicit, Some(policy)) => format!("AWS found an explicit deny in a {policy}"),
            (MessageEffect::Explicit, None) => "AWS found an explicit deny in some policy".to_owned(),
            (MessageEffect::Implicit, Some(policy)) => format!("no {policy} allows the action"),
            (MessageEffect::Service, _) => "a rule of the service refused, not a policy".to_owned(),
            (MessageEffect::Unknown, Some(policy)) => {
                format!("a {policy} refused, by a Deny or by allowing too little")
            }
            _ => "that the request was refused, and nothing of why".to_owned(),
        }
    }

    /// A message that an SDK shows for one operation and that is about the action of another service.
    fn hidden_call(&self) -> Option<String> {
        let (operation, action) = (self.wrapper.operation.as_ref()?, self.action.as_ref()?);
        let (_, name) = action.split_once(':')?;
        let operation = operation.rsplit(':').next()?;
        (!name.eq_ignore_ascii_case(operation))
            .then(|| format!("{operation} was called, and what was refused is {action}, which it needs"))
    }
}

impl MessageKind {
    /// What refused, where the text alone says so and it is no policy.
    fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::CallerValidation => {
                "an account of this kind may not call it: AWS lets the management account or a delegated \
                 administrator, whatever the caller's policies say"
            }
            Self::BlockPublicAccess(_) => "S3 Block Public Access refused, which is a setting and no policy",
            Self::SseCBlocked => {
                "the bucket refuses customer-provided keys (SSE-C), by a setting and no policy"
            }
            Self::AclsDisabled => {
                "the bucket has access control lists (ACLs) disabled, and the request sets one"
            }
            Self::ObjectLock => "S3 Object Lock protects the object version",
            Self::KmsKeyState => "the state of the KMS key refused, not a policy",
            Self::LakeFormation => "Lake Formation refused: its permissions are needed beside those of IAM",
            Self::AccountSetting => "a setting of the account refused, not a policy",
            Self::Entitlement => {
                "the account has no access to this part of the service, which no policy gives"
            }
            Self::CrossAccountPassRole => {
                "a role of another account cannot be passed, which no policy can change"
            }
            Self::CredentialKind => {
                "credentials of this kind cannot make the call, which no policy can change"
            }
            Self::Expired => {
                "the credentials or the request had expired: nothing was decided about permissions"
            }
            Self::SignInFailed | Self::WrongMfaCode => {
                "the sign-in failed: nothing was decided about permissions"
            }
            _ => return None,
        })
    }

    /// The reasons between which the text does not choose.
    fn hypotheses(self) -> &'static [&'static str] {
        match self {
            Self::KmsThreeHypotheses | Self::KmsCiphertext => &[
                "the KMS key does not exist in this Region",
                "no key policy, grant or policy of the caller allows it",
                "a policy denies it",
            ],
            Self::MayNotExist => &["the resource does not exist", "a policy refuses"],
            Self::LogGroupKey => &[
                "the key policy does not let CloudWatch Logs use the key for this log group",
                "the KMS key does not exist in this Region",
            ],
            Self::RoleCannotBeAssumed => {
                &["the role's trust policy does not name the service", "the role is a few seconds old"]
            }
            _ => &[],
        }
    }
}

impl PolicyType {
    /// What AWS calls it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Boundary => "permissions boundary",
            Self::Scp => "service control policy (SCP)",
            Self::Rcp => "resource control policy (RCP)",
            Self::VpcEndpoint => "VPC endpoint policy",
            Self::Session => "session policy",
            Self::RoleTrust => "role trust policy",
        }
    }
}

impl BlockPublicAccess {
    fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::BlockPublicAcls => "BlockPublicAcls",
            Self::IgnorePublicAcls => "IgnorePublicAcls",
            Self::BlockPublicPolicy => "BlockPublicPolicy",
            Self::RestrictPublicBuckets => "RestrictPublicBuckets",
            Self::Unnamed => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::DenialMessage;

    fn proves(text: &str) -> Vec<String> {
        DenialMessage::parse(text).proves()
    }

    #[test]
    fn an_endpoint_that_denies_is_named() {
        let said = proves("The request was denied due to a VPC endpoint policy");
        assert_eq!(said, ["a VPC endpoint policy refused, by a Deny or by allowing too little"]);
    }

    #[test]
    fn a_call_behind_the_call_is_named() {
        let said = proves(
            "An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:iam::111122223333:user/u \
             is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/k because no \
             identity-based policy allows the kms:Decrypt action",
        );
        assert_eq!(
            said,
            [
                "no identity-based policy allows the action",
                "GetObject was called, and what was refused is kms:Decrypt, which it needs",
            ]
        );
        let same = proves(
            "An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:iam::111122223333:user/u \
             is not authorized to perform: iam:ListUsers on resource: * because no identity-based policy allows the \
             iam:ListUsers action",
        );
        assert_eq!(same.len(), 1, "{same:?}");
    }

    #[test]
    fn hypotheses_are_listed() {
        let message = DenialMessage::parse(
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are \
             not allowed to access.",
        );
        assert!(
            message.leaves_open()[0].contains("the KMS key does not exist in this Region; no key policy")
        );
    }

    #[test]
    fn what_no_policy_refused_leaves_no_policy_open() {
        let message = DenialMessage::parse("AccessDenied: CallerValidation check failed");
        assert!(message.proves()[0].contains("management account"), "{:?}", message.proves());
        assert!(message.leaves_open().is_empty());
    }
}
