//! APIs that only certain accounts may call, and what the error codes say.

use serde_json::json;
use why_denied::knowledge::error_codes::{ErrorClass, error_code, names_account_kind};
use why_denied::knowledge::organizations_callers::{self, CallerKind};

#[test]
fn organizations_apis_know_their_callers() {
    let list = organizations_callers::callers("Organizations:listaccounts").unwrap();
    assert_eq!(list.kinds, [CallerKind::Management, CallerKind::DelegatedAdministrator]);
    assert_eq!(
        organizations_callers::callers("organizations:LeaveOrganization").unwrap().kinds,
        [CallerKind::Member]
    );
    assert!(organizations_callers::callers("organizations:NoSuch").is_none());
    assert!(organizations_callers::all().iter().all(|rule| !rule.kinds.is_empty()));
    assert_eq!(organizations_callers::all().len(), 63);
    let ids = |action| organizations_callers::restrictions(action).map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids("sts:assumeroot"), ["assume-root"]);
    assert_eq!(ids("cloudformation:DeleteStackSet"), ["stacksets-service-managed"]);
    assert!(ids("s3:GetObject").is_empty());
    let trail = organizations_callers::restrictions("cloudtrail:CreateTrail").next().unwrap();
    assert_eq!(trail.when.holds(Some(&json!({"isOrganizationTrail": true}))), Some(true));
    assert_eq!(trail.when.holds(Some(&json!({"isOrganizationTrail": false}))), Some(false));
}

/// <https://dev.classmethod.jp/articles/cloudtrail-error-message-callervalidation-check-failed/>
#[test]
fn refusals_of_the_account_kind_are_recognized() {
    let refusal =
        |code, message| organizations_callers::refusal("organizations.amazonaws.com", code, message);
    assert!(refusal("AccessDenied", "CallerValidation check failed").is_some());
    assert!(
        refusal("AccessDenied", "User: x is not authorized to perform: organizations:ListAccounts").is_none()
    );
    assert!(names_account_kind("AccountNotManagementOrDelegatedAdministratorException"));
    assert!(names_account_kind("SomeNewNotManagementAccountException"));
    assert!(!names_account_kind("AccessDenied"));
}

#[test]
fn error_codes_have_classes() {
    for (code, class) in [
        ("accessdenied", ErrorClass::Denied),
        ("Client.UnauthorizedOperation", ErrorClass::Denied),
        ("KMSAccessDeniedException", ErrorClass::Downstream),
        ("OrganizationAccessDeniedException", ErrorClass::AccountKind),
        ("KMS.DisabledException", ErrorClass::KeyState),
        ("Client.DryRunOperation", ErrorClass::NotDenied),
        ("InvalidAccessException", ErrorClass::Maybe),
    ] {
        assert_eq!(error_code(code).unwrap().class, class, "{code}");
    }
    assert_eq!(error_code("KmsAccessDenied").unwrap().behind, Some("kms"));
    assert!(error_code("NoSuchBucket").is_none());
}
