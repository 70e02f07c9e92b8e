use super::*;

fn change(source: &str, name: &str, rest: &str) -> Option<PolicyChange> {
    let text = format!(
        r#"{{"eventSource":"{source}.amazonaws.com","eventName":"{name}","recipientAccountId":"111122223333",{rest}}}"#
    );
    PolicyChange::from_event(&Event::from_json(&text).unwrap())
}

fn target(source: &str, name: &str, rest: &str) -> ChangeTarget {
    change(source, name, rest).unwrap().target
}

#[test]
fn a_failed_call_changed_nothing() {
    let rest = r#""errorCode":"AccessDenied","requestParameters":{"roleName":"r","policyArn":"a"}"#;
    assert_eq!(change("iam", "DetachRolePolicy", rest), None);
}

#[test]
fn holders_and_policies_are_named() {
    let put = r#""requestParameters":{"roleName":"r","policyName":"p","policyDocument":"{}"}"#;
    let put = change("iam", "PutRolePolicy", put).unwrap();
    assert_eq!(put.target, ChangeTarget::Role("r".to_owned()));
    assert_eq!(put.kind, ChangeKind::InlinePolicyPut { policy: "p".to_owned() });
    assert_eq!(put.new_document.as_deref(), Some("{}"));
    assert_eq!(put.account, AccountId::parse("111122223333"));
    let group =
        target("iam", "AttachGroupPolicy", r#""requestParameters":{"groupName":"g","policyArn":"a"}"#);
    assert_eq!(group, ChangeTarget::Group("g".to_owned()));
    let member =
        change("iam", "RemoveUserFromGroup", r#""requestParameters":{"groupName":"g","userName":"u"}"#);
    assert_eq!(member.unwrap().kind, ChangeKind::MemberRemoved { user: "u".to_owned() });
    let boundary = r#""requestParameters":{"userName":"u","permissionsBoundary":"arn:aws:iam::1:policy/b"}"#;
    assert_eq!(target("iam", "PutUserPermissionsBoundary", boundary), ChangeTarget::User("u".to_owned()));
}

#[test]
fn a_new_version_counts_only_as_the_default() {
    let version = |default| {
        let rest = format!(
            r#""requestParameters":{{"policyArn":"a","policyDocument":"{{}}","setAsDefault":{default}}},
            "responseElements":{{"policyVersion":{{"versionId":"v2"}}}}"#
        );
        change("iam", "CreatePolicyVersion", &rest).unwrap().kind
    };
    assert_eq!(version("true"), ChangeKind::VersionCreated { version: Some("v2".to_owned()), default: true });
    assert_eq!(
        version("false"),
        ChangeKind::VersionCreated { version: Some("v2".to_owned()), default: false }
    );
}

// IAM answers with percent-encoded documents; service-linked roles show their trust policy only there.
#[test]
fn percent_encoded_documents_are_decoded() {
    let rest = r#""responseElements":{"role":{"roleName":"r","assumeRolePolicyDocument":"%7B%22Version%22%3A%20%222012-10-17%22%7D"}}"#;
    let created = change("iam", "CreateServiceLinkedRole", rest).unwrap();
    assert_eq!(created.new_document.as_deref(), Some(r#"{"Version": "2012-10-17"}"#));
}

// https://docs.aws.amazon.com/kms/latest/developerguide/ct-retire-grant.html
#[test]
fn a_retired_grant_has_no_parameters() {
    let rest = r#""requestParameters":null,"additionalEventData":{"grantId":"g"},
        "resources":[{"accountId":"1","type":"AWS::KMS::Key","ARN":"arn:aws:kms:r:1:key/k"}]"#;
    let retired = change("kms", "RetireGrant", rest).unwrap();
    assert_eq!(retired.target, ChangeTarget::Key("arn:aws:kms:r:1:key/k".to_owned()));
    assert_eq!(retired.kind, ChangeKind::GrantRetired { grant: Some("g".to_owned()) });
}

#[test]
fn keys_and_aliases() {
    let put = change(
        "kms",
        "PutKeyPolicy",
        r#""requestParameters":{"keyId":"k","policyName":"default","policy":"{}"}"#,
    );
    assert_eq!(put.unwrap().new_document.as_deref(), Some("{}"));
    let alias = r#""requestParameters":{"aliasName":"alias/a","targetKeyId":"k"}"#;
    assert_eq!(target("kms", "UpdateAlias", alias), ChangeTarget::Alias("alias/a".to_owned()));
    let rest = r#""requestParameters":{"keyId":"k"}"#;
    assert_eq!(change("kms", "ScheduleKeyDeletion", rest).unwrap().kind, ChangeKind::KeyDeletionScheduled);
    assert_eq!(change("kms", "Decrypt", rest), None);
}

#[test]
fn organizations_hide_some_documents() {
    let update = r#""requestParameters":{"policyId":"p-1","content":"{}"}"#;
    assert_eq!(change("organizations", "UpdatePolicy", update).unwrap().new_document.as_deref(), Some("{}"));
    let hidden = r#""requestParameters":{"content":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#;
    let hidden = change("organizations", "PutResourcePolicy", hidden).unwrap();
    assert!(hidden.document_hidden);
    assert_eq!(hidden.new_document, None);
    let moved =
        r#""requestParameters":{"accountId":"1","sourceParentId":"ou-a","destinationParentId":"ou-b"}"#;
    let kind = change("organizations", "MoveAccount", moved).unwrap().kind;
    assert_eq!(kind, ChangeKind::AccountMoved { from: "ou-a".to_owned(), to: "ou-b".to_owned() });
}

#[test]
fn endpoints_are_nested_like_xml() {
    let put = r#""requestParameters":{"ModifyVpcEndpointRequest":{"VpcEndpointId":"vpce-1","PolicyDocument":"{}"}}"#;
    let put = change("ec2", "ModifyVpcEndpoint", put).unwrap();
    assert_eq!(put.target, ChangeTarget::VpcEndpoints(vec!["vpce-1".to_owned()]));
    assert_eq!(put.kind, ChangeKind::ResourcePolicyPut);
    let deleted = r#""requestParameters":{"DeleteVpcEndpointsRequest":{"VpcEndpointId":[{"tag":2,"content":"vpce-2"},{"tag":1,"content":"vpce-1"}]}}"#;
    let ids = vec!["vpce-1".to_owned(), "vpce-2".to_owned()];
    assert_eq!(target("ec2", "DeleteVpcEndpoints", deleted), ChangeTarget::VpcEndpoints(ids));
    let routed = r#""requestParameters":{"ModifyVpcEndpointRequest":{"VpcEndpointId":"vpce-1","AddRouteTableId":"rtb-1"}}"#;
    assert_eq!(change("ec2", "ModifyVpcEndpoint", routed).unwrap().kind, ChangeKind::EndpointRouted);
}

#[test]
fn policies_in_attributes() {
    let set = r#""requestParameters":{"queueUrl":"q","attributes":{"Policy":"{}"}}"#;
    assert_eq!(change("sqs", "SetQueueAttributes", set).unwrap().kind, ChangeKind::ResourcePolicyPut);
    let removed = r#""requestParameters":{"queueUrl":"q","attributes":{"Policy":""}}"#;
    assert_eq!(change("sqs", "SetQueueAttributes", removed).unwrap().kind, ChangeKind::ResourcePolicyDeleted);
    let other = r#""requestParameters":{"queueUrl":"q","attributes":{"VisibilityTimeout":"1"}}"#;
    assert_eq!(change("sqs", "SetQueueAttributes", other), None);
    let topic = r#""requestParameters":{"topicArn":"t","attributeName":"Policy","attributeValue":"{}"}"#;
    assert_eq!(target("sns", "SetTopicAttributes", topic), ChangeTarget::Topic("t".to_owned()));
    let repository = r#""requestParameters":{"repositoryName":"r","policyText":"{}"}"#;
    assert_eq!(target("ecr", "SetRepositoryPolicy", repository), ChangeTarget::Repository("r".to_owned()));
    let secret = r#""requestParameters":{"secretId":"s","resourcePolicy":"{}"}"#;
    assert_eq!(target("secretsmanager", "PutResourcePolicy", secret), ChangeTarget::Secret("s".to_owned()));
}
