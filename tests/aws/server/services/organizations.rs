//! AWS Organizations. Any account of an organization may describe it; only the management account and delegated
//! administrators may ask more.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html>

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;
use super::kms::to_epochs;

pub fn answer(world: &World, call: &Call) -> Answer {
    let mut organization = world.organization().ok_or_else(|| call.denied(""))?;
    to_epochs(&mut organization);
    if organization["Organization"].is_null() || !is_member(&organization, call.account()) {
        return Err(refused(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ));
    }
    if call.operation == "DescribeOrganization" {
        return Ok(Body::Json(json!({"Organization": organization["Organization"]})));
    }
    if !may_read(&organization, call.account()) {
        return Err(call.denied(""));
    }
    match call.operation.as_str() {
        "DescribePolicy" => policy(world, &organization, call),
        "DescribeResourcePolicy" => resource_policy(&organization, call),
        "DescribeAccount" => {
            one(&organization, "Accounts", call.text("AccountId"), "Account", "AccountNotFoundException")
        }
        "DescribeOrganizationalUnit" => one(
            &organization,
            "OrganizationalUnits",
            call.text("OrganizationalUnitId"),
            "OrganizationalUnit",
            "OrganizationalUnitNotFoundException",
        ),
        _ => list(world, &organization, call),
    }
}

fn refused(code: &str, message: &str) -> Refusal {
    Refusal::new(400, code, message)
}

fn entries(organization: &Value, field: &str) -> Vec<Value> {
    organization[field].as_array().cloned().unwrap_or_default()
}

fn is_member(organization: &Value, account: &str) -> bool {
    organization["Organization"]["MasterAccountId"] == account
        || entries(organization, "Accounts").iter().any(|listed| listed["Id"] == account)
}

fn may_read(organization: &Value, account: &str) -> bool {
    organization["Organization"]["MasterAccountId"] == account
        || entries(organization, "DelegatedAdministrators").iter().any(|listed| listed["Id"] == account)
}

fn without_parent(mut entry: Value) -> Value {
    if let Some(fields) = entry.as_object_mut() {
        fields.remove("ParentId");
        fields.remove("DelegatedServices");
    }
    entry
}

fn one(organization: &Value, field: &str, id: &str, name: &str, missing: &str) -> Answer {
    let found = entries(organization, field).into_iter().find(|entry| entry["Id"] == id);
    let found = found.ok_or_else(|| refused(missing, "You specified something that doesn't exist."))?;
    Ok(Body::Json(json!({name: without_parent(found)})))
}

fn policy(world: &World, organization: &Value, call: &Call) -> Answer {
    let id = call.text("PolicyId");
    let summary = entries(organization, "Policies").into_iter().find(|policy| policy["Id"] == id);
    let summary = summary
        .ok_or_else(|| refused("PolicyNotFoundException", "You specified a policy that doesn't exist."))?;
    let content = world.policy(&format!("organization/policies/{id}.json")).ok_or_else(|| call.denied(""))?;
    Ok(Body::Json(json!({"Policy": {"PolicySummary": summary, "Content": content}})))
}

fn resource_policy(organization: &Value, call: &Call) -> Answer {
    match organization.get("ResourcePolicy") {
        None => Err(call.denied("")),
        Some(Value::Null) => Err(refused(
            "ResourcePolicyNotFoundException",
            "We can't find a resource policy with the parameters you specified.",
        )),
        Some(policy) => {
            let content = &policy["Content"];
            let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
            let summary = json!({"Id": "rp-exampleid", "Arn": "arn:aws:organizations::111122223333:resourcepolicy/o-example/rp-exampleid"});
            Ok(Body::Json(json!({"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": text}})))
        }
    }
}

fn list(world: &World, organization: &Value, call: &Call) -> Answer {
    let (name, section) = match call.operation.as_str() {
        "ListRoots" => ("Roots", "Roots"),
        "ListAccounts" | "ListAccountsForParent" => ("Accounts", "Accounts"),
        "ListOrganizationalUnitsForParent" => ("OrganizationalUnits", "OrganizationalUnits"),
        "ListChildren" => ("Children", "Accounts"),
        "ListParents" => ("Parents", "Accounts"),
        "ListPolicies" | "ListPoliciesForTarget" => ("Policies", "Policies"),
        "ListTargetsForPolicy" => ("Targets", "PolicyTargets"),
        "ListDelegatedAdministrators" => ("DelegatedAdministrators", "DelegatedAdministrators"),
        "ListDelegatedServicesForAccount" => ("DelegatedServices", "DelegatedAdministrators"),
        _ => return Err(super::unknown_operation(call)),
    };
    // What the bundle does not have, nobody may read.
    let is_unknown = organization.get(section).is_none() && section != "OrganizationalUnits";
    if is_unknown
        || (call.operation == "ListPoliciesForTarget" && organization.get("PolicyTargets").is_none())
    {
        return Err(call.denied(""));
    }
    let whole = match name {
        "Roots" => entries(organization, "Roots"),
        "Accounts" | "OrganizationalUnits" => below(organization, section, call),
        "Children" => children(organization, call),
        "Parents" => parents(organization, call)?,
        "Policies" => policies(organization, call),
        "Targets" => targets(organization, call),
        "DelegatedAdministrators" => administrators(organization, call),
        _ => services(organization, call)?,
    };
    paged(world, call, name, &whole)
}

fn paged(world: &World, call: &Call, name: &str, whole: &[Value]) -> Answer {
    let size = call.number("MaxResults").unwrap_or(20).min(world.page);
    let (page, next) = super::page(whole, call.text("NextToken"), size)
        .map_err(|()| refused("InvalidInputException", "You specified an invalid value for nextToken."))?;
    let mut body = json!({name: page});
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Body::Json(body))
}

fn below(organization: &Value, section: &str, call: &Call) -> Vec<Value> {
    let parent = call.text("ParentId");
    let listed = entries(organization, section).into_iter();
    listed.filter(|entry| parent.is_empty() || entry["ParentId"] == parent).map(without_parent).collect()
}

fn children(organization: &Value, call: &Call) -> Vec<Value> {
    let kind = call.text("ChildType");
    let section = if kind == "ACCOUNT" { "Accounts" } else { "OrganizationalUnits" };
    below(organization, section, call).iter().map(|entry| json!({"Id": entry["Id"], "Type": kind})).collect()
}

fn parents(organization: &Value, call: &Call) -> Result<Vec<Value>, Refusal> {
    let child = call.text("ChildId");
    let mut all = entries(organization, "Accounts");
    all.extend(entries(organization, "OrganizationalUnits"));
    let found = all.into_iter().find(|entry| entry["Id"] == child);
    let found = found
        .ok_or_else(|| refused("ChildNotFoundException", "You specified a child that doesn't exist."))?;
    let parent = found["ParentId"].as_str().unwrap_or_default();
    let kind = if parent.starts_with("r-") { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    Ok(vec![json!({"Id": parent, "Type": kind})])
}

fn policies(organization: &Value, call: &Call) -> Vec<Value> {
    let all =
        entries(organization, "Policies").into_iter().filter(|policy| policy["Type"] == call.text("Filter"));
    if call.operation == "ListPolicies" {
        return all.collect();
    }
    let attached = entries(&organization["PolicyTargets"], call.text("TargetId"));
    all.filter(|policy| attached.contains(&policy["Id"])).collect()
}

fn targets(organization: &Value, call: &Call) -> Vec<Value> {
    let policy = Value::from(call.text("PolicyId"));
    let attached = organization["PolicyTargets"].as_object().into_iter().flatten();
    attached
        .filter(|(_, policies)| policies.as_array().is_some_and(|policies| policies.contains(&policy)))
        .map(|(target, _)| {
            let kind = match target.split('-').next() {
                Some("r") => "ROOT",
                Some("ou") => "ORGANIZATIONAL_UNIT",
                _ => "ACCOUNT",
            };
            json!({"TargetId": target, "Name": target, "Type": kind, "Arn": format!("arn:aws:organizations:::{target}")})
        })
        .collect()
}

fn administrators(organization: &Value, call: &Call) -> Vec<Value> {
    let service = call.text("ServicePrincipal");
    let serves = |entry: &Value| {
        service.is_empty()
            || entries(entry, "DelegatedServices")
                .iter()
                .any(|delegated| delegated["ServicePrincipal"] == service)
    };
    entries(organization, "DelegatedAdministrators").into_iter().filter(serves).map(without_parent).collect()
}

fn services(organization: &Value, call: &Call) -> Result<Vec<Value>, Refusal> {
    let account = call.text("AccountId");
    let found =
        entries(organization, "DelegatedAdministrators").into_iter().find(|entry| entry["Id"] == account);
    let found = found.ok_or_else(|| {
        refused(
            "AccountNotRegisteredException",
            "The specified account is not a delegated administrator for this AWS service.",
        )
    })?;
    Ok(entries(&found, "DelegatedServices"))
}
