//! Every row of every table has its source; the small tables answer.

use std::collections::BTreeSet;
use why_denied::knowledge::condition_keys::{self, Presence};
use why_denied::knowledge::service_reference as reference;
use why_denied::knowledge::{
    Certainty, console_callers, data_events, global_services, managed_policies, permissionless, rcp_services,
    s3, table,
};

#[test]
fn every_row_has_a_source_that_can_be_read() {
    let mut count = 0;
    for (name, rows) in table::all() {
        assert!(!rows.is_empty(), "{name}");
        for row in rows {
            count += 1;
            assert!(row.is_complete(), "{name}: {row:?}");
            assert!(!row.source().as_str().is_empty(), "{name}: {row:?}");
            assert!(
                row.source().references().all(|text| text.is_some_and(|t| t.len() > 8)),
                "{name}: {row:?}"
            );
        }
    }
    assert!(count > 1000, "{count}");
}

#[test]
fn no_table_file_is_forgotten() {
    let mut files: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/knowledge/tables"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".tsv", ""))
        .filter(|name| name != "sources")
        .collect();
    files.sort();
    assert_eq!(files, table::all().map(|(name, _)| name).collect::<Vec<_>>());
}

/// What is only believed says so: a row whose every source is belief is not called documented.
#[test]
fn belief_is_not_documentation() {
    for (name, rows) in table::all() {
        for row in rows.iter().filter(|row| !row.get("certainty").is_empty()) {
            let known = ["documented", "observed", "believed"].contains(&row.get("certainty"));
            assert!(known, "{name}: {row:?}");
            assert!(
                row.source().as_str() != "BEL" || row.certainty() == Certainty::Believed,
                "{name}: {row:?}"
            );
        }
    }
}

/// A table that names an action which the reference lacks has a misprint, but for the actions that are newer.
#[test]
fn actions_of_the_tables_are_in_the_service_reference() {
    let mut unknown = BTreeSet::new();
    for (name, rows) in table::all().filter(|(name, _)| *name != "no_action") {
        for row in rows {
            let cells = ["action", "kms_action", "actions"].map(|column| row.get(column));
            for action in cells.iter().flat_map(|cell| cell.split(',')).filter(|action| !action.is_empty()) {
                let (prefix, action_name) = action.split_once(':').unwrap();
                let known = if action_name.contains('*') {
                    reference::service(prefix).is_some()
                } else {
                    reference::action(prefix, action_name).is_some()
                };
                if !known {
                    unknown.insert(format!("{name} {action}"));
                }
            }
        }
    }
    insta::assert_snapshot!(unknown.into_iter().collect::<Vec<_>>().join("\n"), @r"
    event_actions iam:GetRequestAuthorizationDetails
    event_actions iam:GetRequestAuthorizationPolicy
    kms_actions kms:Decapsulate
    kms_actions kms:Encapsulate
    operation_rules sso:GetRoleCredentials
    operation_rules sso:ListAccountRoles
    operation_rules sso:ListAccounts
    operation_rules sso:Logout
    permissionless sso:GetRoleCredentials
    permissionless sso:ListAccountRoles
    permissionless sso:ListAccounts
    permissionless sso:Logout
    ");
}

#[test]
fn global_keys_know_when_they_are_there() {
    let key = |name| condition_keys::global(name).unwrap();
    assert_eq!(key("AWS:username").presence, Presence::IamUser);
    assert_eq!(key("aws:MultiFactorAuthPresent").presence, Presence::TemporaryCredentials);
    assert_eq!(key("aws:SourceIp").presence, Presence::NoVpcEndpoint);
    assert_eq!(key("aws:SourceVpce").event_field, Some("vpcEndpointId"));
    assert_eq!(key("aws:PrincipalOrgID").event_field, None);
    assert!(
        key("aws:PrincipalOrgPaths").multi_valued
            && key("aws:CalledVia").multi_valued
            && key("aws:TagKeys").multi_valued
    );
    assert!(!key("aws:PrincipalTag/team").multi_valued);
    assert!(condition_keys::global("aws:Nothing").is_none());
    assert!(condition_keys::global("é").is_none());
}

#[test]
fn s3_block_public_access_has_its_texts() {
    let message = "Access Denied because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.";
    assert_eq!(s3::setting_named_in(message).unwrap().setting, "BlockPublicPolicy");
    assert!(s3::setting_named_in("Access Denied").is_none());
    assert_eq!(s3::block_public_access().len(), 4);
    assert_eq!(s3::non_public_key("AWS:SourceIp").unwrap().certainty, Certainty::Documented);
    assert!(s3::non_public_key("aws:UserAgent").is_none());
}

#[test]
fn small_tables_answer() {
    assert!(rcp_services::supports_rcp("ES") && rcp_services::supports_rcp("kms"));
    assert!(!rcp_services::supports_rcp("opensearch") && !rcp_services::supports_rcp("ec2"));
    assert_eq!(rcp_services::all().len(), 62);
    assert!(rcp_services::exemptions().iter().any(|row| row.what == "kms:RetireGrant"));
    assert_eq!(permissionless::permissionless("STS:GetCallerIdentity").unwrap().deny_ignored, Some(true));
    assert!(permissionless::permissionless("sts:AssumeRole").is_none());
    assert_eq!(global_services::global_service("iam.amazonaws.com").unwrap().region, "us-east-1");
    assert_eq!(global_services::home_region("aws-us-gov"), Some("us-gov-west-1"));
    assert!(global_services::global_service("kms.amazonaws.com").is_none());
    assert_eq!(console_callers::console("inspector2.amazonaws.com").unwrap().certainty, Certainty::Observed);
    assert!(data_events::data_event("s3.amazonaws.com", "getobject").unwrap().object_level);
    assert!(!data_events::data_event("s3.amazonaws.com", "ListObjects").unwrap().object_level);
    assert!(data_events::data_event("kms.amazonaws.com", "Decrypt").is_none());
    let leaked =
        managed_policies::special("arn:aws-us-gov:iam::aws:policy/AWSCompromisedKeyQuarantineV3").unwrap();
    assert_eq!(leaked.meaning, "compromised-key");
    assert_eq!(managed_policies::special("FullAWSAccess").unwrap().meaning, "default-scp");
    assert!(managed_policies::special("MyPolicy").is_none());
}
