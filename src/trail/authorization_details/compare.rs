//! Whether details are about a request, and how they go with the message that came with their id.

use super::{AuthorizationCheck, AuthorizationDetails, AuthorizationEffect, AuthorizationEvaluation};
use crate::arn::Arn;
use crate::trail::message::{DenialMessage, MessageEffect};

impl AuthorizationDetails {
    /// Whether they can be about a caller, by its ARN: they name the role with its path, and events name the session.
    pub fn is_by(&self, caller: &str) -> bool {
        self.principal().is_none_or(|said| {
            said == caller || name(said).is_some_and(|said| name(caller).is_some_and(|name| name == said))
        })
    }

    /// The evaluation of a call.
    pub fn evaluation_of(&self, action: &str, resource: Option<&str>) -> Option<&AuthorizationEvaluation> {
        let is_it = |evaluation: &&AuthorizationEvaluation| {
            let same_resource = match (resource, evaluation.resource.as_deref()) {
                (Some(ours), Some(theirs)) => {
                    // Messages also name resources in words, such as `role NAME`.
                    ours == theirs || [ours, theirs].iter().any(|arn| arn.contains('*') || !arn.contains(':'))
                }
                _ => true,
            };
            evaluation.action.eq_ignore_ascii_case(action) && same_resource
        };
        self.evaluations.iter().find(is_it)
    }

    /// The actions that AWS refused.
    pub fn refused(&self) -> Vec<&str> {
        let refused =
            self.evaluations.iter().filter(|one| one.effect.is_some_and(AuthorizationEffect::denies));
        refused.map(|evaluation| evaluation.action.as_str()).collect()
    }

    /// In which respects they say something else than a message: then one of them is about another request, or tells
    /// less.
    pub fn contradictions(&self, message: &DenialMessage) -> Vec<String> {
        let mut found = Vec::new();
        if let (Some(said), Some(caller)) = (self.principal(), &message.principal)
            && !self.is_by(caller)
        {
            found.push(format!("the details are about {said}, the message is about {caller}"));
        }
        let Some(action) = &message.action else { return found };
        match self.evaluation_of(action, message.resource.as_deref()) {
            None => {
                let on = message.resource.as_deref().map_or_else(String::new, |arn| format!(" on {arn}"));
                found.push(format!(
                    "the details have no evaluation of {action}{on}, which the message is about"
                ));
            }
            Some(evaluation) => found.extend(beside(evaluation, message)),
        }
        found
    }
}

fn beside(evaluation: &AuthorizationEvaluation, message: &DenialMessage) -> Vec<String> {
    let mut found = Vec::new();
    let effect = evaluation.effect;
    let said = match message.effect {
        MessageEffect::Explicit => Some((AuthorizationEffect::ExplicitDeny, "an explicit deny")),
        MessageEffect::Implicit => Some((AuthorizationEffect::ImplicitDeny, "that nothing allows it")),
        _ => None,
    };
    match (effect, said) {
        (Some(AuthorizationEffect::Allow), _) => {
            found.push(format!("the details say that {} was allowed", evaluation.action));
        }
        (Some(effect), Some((wanted, words))) if effect != wanted => {
            found.push(format!("the message says {words}, the details say {}", effect.name()));
        }
        _ => {}
    }
    let checks = || evaluation.checks.iter().flatten();
    if let Some(kind) = message.policy_type
        && checks().any(AuthorizationCheck::denies)
        && !checks().any(|check| check.denies() && check.policy_type() == Some(kind))
    {
        let types: Vec<&str> =
            checks().filter(|check| check.denies()).map(|check| check.check_type.as_str()).collect();
        found.push(format!(
            "the message names a {}, the details say that these refuse: {}",
            kind.title(),
            types.join(", ")
        ));
    }
    let named: Vec<&str> =
        checks().flat_map(AuthorizationCheck::denying).map(|policy| policy.uri.as_str()).collect();
    if let Some(arn) = message.policy_arn.as_deref().filter(|arn| !named.is_empty() && !named.contains(arn)) {
        found.push(format!("the message names {arn}, the details name {}", named.join(", ")));
    }
    found
}

/// What the ARNs of a principal and of its sessions have in common.
fn name(text: &str) -> Option<(String, bool, String)> {
    let arn = Arn::parse(text).ok()?;
    let (kind, rest) = arn.resource_type().unwrap_or(("", arn.resource()));
    let name = match kind {
        "assumed-role" => rest.split('/').next(),
        _ => rest.rsplit('/').next(),
    };
    let is_role = matches!(kind, "assumed-role" | "role");
    Some((arn.account_text().to_owned(), is_role, name.unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trail::authorization_details::AuthorizationPolicy;

    const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/Boundary";

    fn details(check_type: &str, effect: AuthorizationEffect) -> AuthorizationDetails {
        let policy = AuthorizationPolicy {
            uri: BOUNDARY.to_owned(),
            policy_type: None,
            inline: false,
            attached_to: Vec::new(),
            source: None,
            statements: vec![("No".to_owned(), "DENY".to_owned())],
        };
        let check = AuthorizationCheck {
            check_type: check_type.to_owned(),
            effect: Some(effect),
            target: None,
            matched: vec![policy],
        };
        AuthorizationDetails {
            context: [(
                "aws:PrincipalArn".to_owned(),
                vec!["arn:aws:iam::111122223333:role/team/app".to_owned()],
            )]
            .into(),
            evaluations: vec![AuthorizationEvaluation {
                action: "iam:CreateUser".to_owned(),
                resource: Some("arn:aws:iam::111122223333:user/new".to_owned()),
                effect: Some(effect),
                checks: Some(vec![check]),
                matched: Vec::new(),
            }],
            is_cut: false,
        }
    }

    fn message(text: &str) -> DenialMessage {
        DenialMessage::parse(&format!(
            "User: arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: {text}"
        ))
    }

    #[test]
    fn a_session_is_known_by_its_role() {
        let details = details("PRINCIPAL", AuthorizationEffect::ExplicitDeny);
        assert!(details.is_by("arn:aws:sts::111122223333:assumed-role/app/s"));
        for other in [
            "arn:aws:sts::444455556666:assumed-role/app/s",
            "arn:aws:sts::111122223333:assumed-role/s/app",
            "arn:aws:iam::111122223333:user/app",
        ] {
            assert!(!details.is_by(other), "{other}");
        }
    }

    #[test]
    fn a_message_that_says_the_same_is_not_contradicted() {
        let details = details("PERMISSIONS_BOUNDARY", AuthorizationEffect::ExplicitDeny);
        let same = format!(
            "iam:CreateUser on resource: arn:aws:iam::111122223333:user/new with an explicit deny in a permissions boundary: {BOUNDARY}"
        );
        assert_eq!(details.contradictions(&message(&same)), Vec::<String>::new());
    }

    #[test]
    fn what_a_message_says_otherwise_is_named() {
        let details = details("PERMISSIONS_BOUNDARY", AuthorizationEffect::ExplicitDeny);
        for (text, wanted) in [
            (
                "iam:DeleteUser with an explicit deny in a permissions boundary",
                "have no evaluation of iam:DeleteUser",
            ),
            (
                "iam:CreateUser on resource: arn:aws:iam::111122223333:user/other with an explicit deny in a permissions boundary",
                "have no evaluation of iam:CreateUser on arn:aws:iam::111122223333:user/other",
            ),
            (
                "iam:CreateUser because no permissions boundary allows the iam:CreateUser action",
                "the details say EXPLICIT_DENY",
            ),
            (
                "iam:CreateUser with an explicit deny in a service control policy",
                "names a service control policy (SCP), the details say that these refuse: PERMISSIONS_BOUNDARY",
            ),
            (
                "iam:CreateUser with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy/Other",
                "the details name arn:aws:iam::111122223333:policy/Boundary",
            ),
        ] {
            let found = details.contradictions(&message(text));
            assert!(found.iter().any(|line| line.contains(wanted)), "{text}: {found:?}");
        }
    }
}
