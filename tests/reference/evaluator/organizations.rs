//! Organization policies (SCP, RCP) and the operations of AWS Organizations that only some accounts may call.

use super::Modelled;
use super::request::{Caller, Request, is_service_linked_role_arn};
use super::statement::{Found, PolicyKind, read_policies};
use serde_json::Value;

/// Organizations User Guide, `orgs_manage_policies_rcps`, "List of AWS services that support RCPs": their prefixes.
const RCP_SERVICES: &[&str] = &[
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "signin",
    "sqs",
    "sts",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// What the levels (root, organizational units, account) of an organization policy say together.
#[derive(Debug, Default)]
pub struct Levels {
    pub denies: bool,
    /// At least one level has no matching Allow.
    pub not_allowed: bool,
}

/// Organizations User Guide, `orgs_manage_policies_scps_evaluation`: "for a permission to be allowed for a specific
/// account, there must be an explicit Allow statement at every level from the root through each OU in the direct path
/// to the account (including the target account itself)"; a Deny at any level denies.
fn read_levels(levels: &[Value], kind: PolicyKind, request: &Request) -> Modelled<Levels> {
    let mut result = Levels::default();
    for level in levels {
        let Some(Value::Array(policies)) = level.get("policies") else {
            return Err("a level without a list of policies".to_owned());
        };
        let Found { denies, allows } = read_policies(policies, kind, request)?;
        result.denies |= denies;
        result.not_allowed |= allows.is_empty();
    }
    Ok(result)
}

/// Organizations User Guide, `orgs_manage_policies_scps`: SCPs affect the IAM users, roles and root users of member
/// accounts. They do not affect the management account, service-linked roles, and callers that are no principals of the
/// organization's accounts (AWS services, anonymous callers, identity providers).
pub fn service_control_policies(request: &Request) -> Modelled<Levels> {
    let levels = request.list_layer("service_control_policies")?;
    let exempt = match &request.caller {
        Caller::Service { .. }
        | Caller::Provider { .. }
        | Caller::OriginAccessIdentity { .. }
        | Caller::Anonymous => true,
        caller => caller.is_service_linked_role() || caller.account() == management_account(request)?,
    };
    match exempt {
        true => Ok(Levels::default()),
        false => read_levels(levels, PolicyKind::ServiceControl, request),
    }
}

/// Organizations User Guide, `orgs_manage_policies_rcps`: RCPs affect the resources of member accounts, whoever calls
/// (root users, callers from outside, AWS services and anonymous callers too). "Resources and permissions not
/// restricted by RCPs": resources of the management account; calls of service-linked roles and the assumption of
/// service-linked roles; kms:RetireGrant; AWS managed KMS keys; services not in the list.
pub fn resource_control_policies(request: &Request) -> Modelled<Levels> {
    let levels = request.list_layer("resource_control_policies")?;
    if levels.is_empty() {
        return Ok(Levels::default());
    }
    // The page lists OpenSearch with the prefix "opensearch"; the actions of its domains have the prefix "es".
    if request.service == "es" {
        return Err("whether RCPs cover the actions es:* is not clear".to_owned());
    }
    let exempt = !RCP_SERVICES.contains(&request.service.as_str())
        || management_account(request)? == Some(&request.resource_account)
        || request.caller.is_service_linked_role()
        || is_service_linked_role_arn(&request.resource)
        || (request.service == "kms" && request.operation == "retiregrant")
        || is_aws_managed_key(request)?;
    match exempt {
        true => Ok(Levels::default()),
        false => read_levels(levels, PolicyKind::ResourceControl, request),
    }
}

/// KMS Developer Guide, `concepts`, "AWS managed keys": their aliases "have the format aws/service-name".
fn is_aws_managed_key(request: &Request) -> Modelled<bool> {
    if request.service != "kms" {
        return Ok(false);
    }
    for key in ["kms:ResourceAliases", "kms:RequestAlias"] {
        if let Some(entry) = request.context.get(key)?
            && entry.values.iter().any(|alias| alias.starts_with("alias/aws/"))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn management_account<'a>(request: &Request<'a>) -> Modelled<Option<&'a str>> {
    match request.layer("organization")? {
        None => Ok(None),
        Some(facts) => Ok(facts.get("management_account").and_then(Value::as_str)),
    }
}

/// Organizations API Reference: "You can only call this operation from the management account."
const MANAGEMENT_ONLY: &[&str] = &[
    "createaccount",
    "creategovcloudaccount",
    "createorganizationalunit",
    "deleteorganization",
    "deleteorganizationalunit",
    "deleteresourcepolicy",
    "deregisterdelegatedadministrator",
    "disableawsserviceaccess",
    "enableawsserviceaccess",
    "enableallfeatures",
    "inviteaccounttoorganization",
    "inviteorganizationtotransferresponsibility",
    "moveaccount",
    "putresourcepolicy",
    "registerdelegatedadministrator",
    "removeaccountfromorganization",
    "updateorganizationalunit",
];

/// Operations whose page has no sentence about the caller, and that concern the management account.
const MANAGEMENT_BELIEVED: &[&str] = &[
    "closeaccount",
    "describeresponsibilitytransfer",
    "listinboundresponsibilitytransfers",
    "listoutboundresponsibilitytransfers",
    "terminateresponsibilitytransfer",
    "updateresponsibilitytransfer",
];

/// Organizations API Reference: "You can only call this operation from the management account or a member account that
/// is a delegated administrator."
const DELEGATED_READ: &[&str] = &[
    "describeaccount",
    "describecreateaccountstatus",
    "describeorganizationalunit",
    "describepolicy",
    "describeresourcepolicy",
    "listawsserviceaccessfororganization",
    "listaccounts",
    "listaccountsforparent",
    "listaccountswithinvalideffectivepolicy",
    "listchildren",
    "listcreateaccountstatus",
    "listdelegatedadministrators",
    "listdelegatedservicesforaccount",
    "listeffectivepolicyvalidationerrors",
    "listhandshakesfororganization",
    "listorganizationalunitsforparent",
    "listparents",
    "listpolicies",
    "listpoliciesfortarget",
    "listroots",
    "listtagsforresource",
    "listtargetsforpolicy",
];

/// The same sentence; a delegated administrator needs the delegation policy of the organization as well
/// (`orgs_delegate_policies`).
const DELEGATED_WRITE: &[&str] = &[
    "attachpolicy",
    "createpolicy",
    "deletepolicy",
    "detachpolicy",
    "disablepolicytype",
    "enablepolicytype",
    "tagresource",
    "untagresource",
    "updatepolicy",
];

/// Organizations API Reference: "You can call this operation from any account in a organization."
const ANY_MEMBER: &[&str] =
    &["describeeffectivepolicy", "describehandshake", "describeorganization", "listhandshakesforaccount"];

/// Organizations API Reference, the sentence about the caller on the page of each operation. The answer is true if the
/// caller's account may call the operation.
pub fn account_may_call(request: &Request) -> Modelled<bool> {
    let Some(account) = request.caller.account() else {
        return Err("a call of Organizations without an account".to_owned());
    };
    let Some(facts) = request.layer("organization")? else {
        return Err("a call of Organizations without facts about the organization".to_owned());
    };
    let Some(management) = management_account(request)? else {
        return Err("the management account of the organization is not known".to_owned());
    };
    let is_management = account == management;
    let is_delegated = match facts.get("delegated_administrators") {
        None | Some(Value::Null) => false,
        Some(Value::Object(services)) => services
            .values()
            .filter_map(Value::as_array)
            .flatten()
            .any(|administrator| administrator.as_str() == Some(account)),
        Some(_) => return Err("delegated_administrators is not an object".to_owned()),
    };
    let operation = request.operation.as_str();
    if MANAGEMENT_ONLY.contains(&operation) {
        return Ok(is_management);
    }
    if DELEGATED_READ.contains(&operation) {
        return Ok(is_management || is_delegated);
    }
    if DELEGATED_WRITE.contains(&operation) {
        return match is_delegated && !is_management {
            true => {
                Err("a delegated administrator that changes policies needs the delegation policy".to_owned())
            }
            false => Ok(is_management),
        };
    }
    if ANY_MEMBER.contains(&operation) {
        return Ok(true);
    }
    if operation == "leaveorganization" {
        return Ok(!is_management);
    }
    if MANAGEMENT_BELIEVED.contains(&operation) && is_management {
        return Ok(true);
    }
    Err(format!("who may call {} is not documented or not known", request.action))
}
