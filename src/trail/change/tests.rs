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

fn kind(source: &str, name: &str, rest: &str) -> ChangeKind {
    change(source, name, rest).unwrap().kind
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html; CloudTrail writes older events of EC2 flat.
#[test]
fn endpoints_are_also_written_flat() {
    let put = r#""requestParameters":{"vpcEndpointId":"vpce-1","policyDocument":"{}"}"#;
    let put = change("ec2", "ModifyVpcEndpoint", put).unwrap();
    assert_eq!(put.target, ChangeTarget::VpcEndpoints(vec!["vpce-1".to_owned()]));
    assert_eq!((put.kind, put.new_document.as_deref()), (ChangeKind::ResourcePolicyPut, Some("{}")));
    let reset = r#""requestParameters":{"vpcEndpointId":"vpce-1","resetPolicy":true}"#;
    assert_eq!(kind("ec2", "ModifyVpcEndpoint", reset), ChangeKind::ResourcePolicyDeleted);
    let created = r#""requestParameters":{"vpcId":"vpc-1"},"responseElements":{"vpcEndpoint":{"vpcEndpointId":"vpce-2"}}"#;
    let ids = vec!["vpce-2".to_owned()];
    assert_eq!(target("ec2", "CreateVpcEndpoint", created), ChangeTarget::VpcEndpoints(ids));
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
#[test]
fn routes_lead_somewhere() {
    let route = r#""requestParameters":{"routeTableId":"rtb-1","destinationPrefixListId":"pl-1","vpcEndpointId":"vpce-1"}"#;
    assert_eq!(target("ec2", "CreateRoute", route), ChangeTarget::RouteTable("rtb-1".to_owned()));
    let expected = ChangeKind::RouteSet { destination: "pl-1".to_owned(), via: Some("vpce-1".to_owned()) };
    assert_eq!(kind("ec2", "ReplaceRoute", route), expected);
    let deleted = r#""requestParameters":{"routeTableId":"rtb-1","destinationCidrBlock":"0.0.0.0/0"}"#;
    let expected = ChangeKind::RouteDeleted { destination: "0.0.0.0/0".to_owned() };
    assert_eq!(kind("ec2", "DeleteRoute", deleted), expected);
    let associated = r#""requestParameters":{"routeTableId":"rtb-1","subnetId":"subnet-1"}"#;
    let expected = ChangeKind::RouteTableAssociated { with: Some("subnet-1".to_owned()) };
    assert_eq!(kind("ec2", "AssociateRouteTable", associated), expected);
}

// https://docs.aws.amazon.com/lake-formation/latest/dg/logging-using-cloudtrail.html
#[test]
fn lake_formation_names_whom_and_what() {
    let entry = r#""principal":{"dataLakePrincipalIdentifier":"arn:aws:iam::111122223333:role/r"},
        "resource":{"table":{"databaseName":"sales","name":"orders"}},"permissions":["SELECT"]"#;
    let (principals, permissions) =
        (vec!["arn:aws:iam::111122223333:role/r".to_owned()], vec!["SELECT".to_owned()]);
    let one = format!(r#""requestParameters":{{{entry}}}"#);
    let granted = change("lakeformation", "GrantPermissions", &one).unwrap();
    assert_eq!(granted.target, ChangeTarget::DataCatalog(vec!["table/sales/orders".to_owned()]));
    let expected = ChangeKind::DataPermissionsGranted {
        principals: principals.clone(),
        permissions: permissions.clone(),
    };
    assert_eq!(granted.kind, expected);
    let batch = format!(r#""requestParameters":{{"entries":[{{"id":"1",{entry}}}]}}"#);
    let expected = ChangeKind::DataPermissionsRevoked { principals, permissions };
    assert_eq!(kind("lakeformation", "BatchRevokePermissions", &batch), expected);
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
#[test]
fn s3_settings_of_buckets_and_accounts() {
    let block = r#""requestParameters":{"accountId":"444455556666","PublicAccessBlockConfiguration":{"BlockPublicPolicy":true}}"#;
    let expected = ChangeTarget::AccountPublicAccess(AccountId::parse("444455556666"));
    assert_eq!(target("s3", "PutAccountPublicAccessBlock", block), expected);
    let owner = r#""requestParameters":{"bucketName":"b","OwnershipControls":{"Rule":{"ObjectOwnership":"BucketOwnerEnforced"}}}"#;
    let owner = change("s3", "PutBucketOwnershipControls", owner).unwrap();
    assert_eq!(owner.kind, ChangeKind::OwnershipPut);
    assert!(owner.new_document.unwrap().contains("BucketOwnerEnforced"));
    let bucket = r#""requestParameters":{"bucketName":"b"}"#;
    assert_eq!(kind("s3", "CreateBucket", bucket), ChangeKind::Created);
    assert_eq!(kind("s3", "DeleteBucketEncryption", bucket), ChangeKind::EncryptionDeleted);
    let tags =
        r#""requestParameters":{"bucketName":"b","Tagging":{"TagSet":{"Tag":{"Key":"team","Value":"a"}}}}"#;
    let expected = ChangeKind::Tagged([("team".to_owned(), "a".to_owned())].into());
    assert_eq!(kind("s3", "PutBucketTagging", tags), expected);
}

// https://docs.aws.amazon.com/kms/latest/developerguide/ct-createkey.html
#[test]
fn a_new_key_has_its_first_policy() {
    let created = r#""requestParameters":{"policy":"{\"Statement\":[]}"},"responseElements":{"keyMetadata":{"arn":"arn:aws:kms:r:1:key/k"}}"#;
    let created = change("kms", "CreateKey", created).unwrap();
    assert_eq!(created.target, ChangeTarget::Key("arn:aws:kms:r:1:key/k".to_owned()));
    assert_eq!(
        (created.kind, created.new_document.as_deref()),
        (ChangeKind::Created, Some("{\"Statement\":[]}"))
    );
    let tagged = r#""requestParameters":{"keyId":"k","tags":[{"tagKey":"team","tagValue":"a"}]}"#;
    let expected = ChangeKind::Tagged([("team".to_owned(), "a".to_owned())].into());
    assert_eq!(kind("kms", "TagResource", tagged), expected);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html
#[test]
fn identity_providers_and_new_names() {
    let arn = "arn:aws:iam::111122223333:oidc-provider/p.example.com";
    let added = format!(r#""requestParameters":{{"openIDConnectProviderArn":"{arn}","clientID":"c"}}"#);
    assert_eq!(
        target("iam", "AddClientIDToOpenIDConnectProvider", &added),
        ChangeTarget::IdentityProvider(arn.to_owned())
    );
    let created = format!(r#""responseElements":{{"openIDConnectProviderArn":"{arn}"}}"#);
    assert_eq!(kind("iam", "CreateOpenIDConnectProvider", &created), ChangeKind::Created);
    let renamed = r#""requestParameters":{"userName":"u","newUserName":"v"}"#;
    assert_eq!(kind("iam", "UpdateUser", renamed), ChangeKind::Renamed { to: "v".to_owned() });
}

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
#[test]
fn accounts_come_and_go() {
    let created =
        r#""serviceEventDetails":{"createAccountStatus":{"state":"SUCCEEDED","accountId":"444455556666"}}"#;
    let created = change("organizations", "CreateAccountResult", created).unwrap();
    assert_eq!(created.target, ChangeTarget::OrganizationTarget("444455556666".to_owned()));
    assert_eq!(created.kind, ChangeKind::AccountJoined);
    let removed = r#""requestParameters":{"accountId":"444455556666"}"#;
    assert_eq!(kind("organizations", "RemoveAccountFromOrganization", removed), ChangeKind::AccountLeft);
    let left = target("organizations", "LeaveOrganization", r#""requestParameters":null"#);
    assert_eq!(left, ChangeTarget::OrganizationTarget("111122223333".to_owned()));
    let delegated =
        r#""requestParameters":{"accountId":"444455556666","servicePrincipal":"config.amazonaws.com"}"#;
    let expected = ChangeKind::DelegatedAdministratorSet { service: "config.amazonaws.com".to_owned() };
    assert_eq!(kind("organizations", "RegisterDelegatedAdministrator", delegated), expected);
}

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html and its likes
#[test]
fn resource_policies_of_other_services() {
    let table = r#""requestParameters":{"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","policy":"{}"}"#;
    let table = change("dynamodb", "PutResourcePolicy", table).unwrap();
    let of = |service: &str, name: &str| ChangeTarget::PolicyOf {
        service: service.to_owned(),
        name: name.to_owned(),
    };
    assert_eq!(table.target, of("dynamodb", "orders"));
    assert_eq!(table.new_document.as_deref(), Some("{}"));
    let catalog = target("glue", "PutResourcePolicy", r#""requestParameters":{"policyInJson":"{}"}"#);
    assert_eq!(catalog, of("glue", "catalog"));
    let other = r#""requestParameters":{"domainName":"d","advancedOptions":{}}"#;
    assert_eq!(change("es", "UpdateDomainConfig", other), None, "the policy was left as it was");
    let bus = r#""requestParameters":{"statementId":"s","principal":"444455556666"}"#;
    assert_eq!(target("events", "PutPermission", bus), of("events", "default"));
    let layer = r#""requestParameters":{"layerName":"l","statementId":"s"}"#;
    let expected = ChangeKind::PermissionAdded { statement: "s".to_owned() };
    assert_eq!(kind("lambda", "AddLayerVersionPermission20181031", layer), expected);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html
#[test]
fn tags_are_written_in_many_forms() {
    let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    let expected = ChangeKind::Tagged([("team".to_owned(), "a".to_owned())].into());
    for tags in [r#"{"team":"a"}"#, r#"[{"key":"team","value":"a"}]"#, r#"[{"Key":"team","Value":"a"}]"#] {
        let tagged = format!(r#""requestParameters":{{"resourceArn":"{arn}","tags":{tags}}}"#);
        assert_eq!(target("dynamodb", "TagResource", &tagged), ChangeTarget::Resource(arn.to_owned()));
        assert_eq!(kind("dynamodb", "TagResource", &tagged), expected, "{tags}");
    }
    let ec2 = r#""requestParameters":{"resourcesSet":{"items":[{"resourceId":"i-1"}]},"tagSet":{"items":[{"key":"team","value":"a"}]}}"#;
    assert_eq!(target("ec2", "CreateTags", ec2), ChangeTarget::Resource("i-1".to_owned()));
    assert_eq!(kind("ec2", "CreateTags", ec2), expected);
    let untagged =
        r#""requestParameters":{"queueUrl":"https://sqs.eu-west-1.amazonaws.com/1/q","tagKeys":["team"]}"#;
    assert_eq!(kind("sqs", "UntagQueue", untagged), ChangeKind::Untagged(vec!["team".to_owned()]));
}
