use super::*;
use crate::evaluate::Known;
use crate::evidence::{Organization, OrganizationFacts, OrganizationPolicy, PolicyType};
use crate::policy::PolicyDocument;

const DENY: &str = r#""Sid":"D","Effect":"Deny","Action":"s3:*","Resource":"*""#;

fn organization(kind: PolicyType, arn: Option<&str>, elements: &str) -> Evidence {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{{{elements}}}]}}"#);
    let policy = OrganizationPolicy {
        id: "p-perimeter".to_owned(),
        name: None,
        arn: arn.map(str::to_owned),
        kind,
        document: Some(PolicyDocument::parse(&text).into()),
    };
    let mut facts = OrganizationFacts::default();
    facts.policies.insert(policy.id.clone(), policy);
    Evidence { organization: Organization(Known::Known(Some(facts))), ..Evidence::default() }
}

fn reasons(kind: PolicyType, more: &str) -> Vec<String> {
    let before = organization(kind, None, r#""Effect":"Deny","Action":"s3:Get*","Resource":"*""#);
    refused(&before, &organization(kind, None, &format!("{DENY}{more}")))
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
#[test]
fn a_resource_control_policy_names_everybody() {
    assert!(reasons(PolicyType::ResourceControl, r#","Principal":"*""#).is_empty());
    for more in ["", r#","Principal":{"AWS":"444455556666"}"#, r#","NotPrincipal":"*""#] {
        let found = reasons(PolicyType::ResourceControl, more);
        assert!(found.len() == 1 && found[0].contains(r#"Principal is not "*""#), "{more}: {found:?}");
    }
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
#[test]
fn a_service_control_policy_names_nobody() {
    assert!(reasons(PolicyType::ServiceControl, "").is_empty());
    let found = reasons(PolicyType::ServiceControl, r#","Principal":"*""#);
    assert!(found.len() == 1 && found[0].contains("has a Principal"), "{found:?}");
}

#[test]
fn nobody_but_aws_edits_what_belongs_to_aws() {
    let arn = Some("arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess");
    let before =
        organization(PolicyType::ServiceControl, arn, r#""Effect":"Allow","Action":"*","Resource":"*""#);
    let found = refused(&before, &organization(PolicyType::ServiceControl, arn, DENY));
    assert!(found.len() == 1 && found[0].contains("belongs to AWS"), "{found:?}");
}
