use super::*;

fn event(source: &str, name: &str, rest: &str) -> Event {
    Event::from_json(&format!(r#"{{"eventSource":"{source}.amazonaws.com","eventName":"{name}"{rest}}}"#))
        .unwrap()
}

fn class_of_code(code: &str) -> Option<DenialClass> {
    classify(&event("x", "Y", &format!(r#","errorCode":"{code}""#)))
}

#[test]
fn denied_codes_are_known_in_every_spelling() {
    for code in [
        "AccessDenied",
        "AccessDeniedException",
        "Client.UnauthorizedOperation",
        "UnauthorizedOperation",
        "VpceAccessDenied",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "NotAuthorizedException",
        "UnauthorizedException",
        "Forbidden",
        "ForbiddenException",
        "KMSAccessDeniedException",
        "KMS.AccessDeniedException",
        "KmsAccessDenied",
        "AccessDeniedFault",
        "S3AccessDeniedFault",
        "DBSubnetGroupNotAuthorizedFault",
        "OrganizationAccessDeniedException",
        "com.amazonaws.foo#AccessDeniedException",
        "AccountNotManagementOrDelegatedAdministratorException",
        "NotOrganizationMasterAccountException",
    ] {
        assert_eq!(class_of_code(code), Some(DenialClass::Denied), "{code}");
    }
}

#[test]
fn other_codes_are_told_apart() {
    for code in
        ["InvalidAccessException", "AuthFailure", "OptInRequired", "KMS.DisabledException", "NoSuchKey"]
    {
        assert_eq!(class_of_code(code), Some(DenialClass::MaybeDenied), "{code}");
    }
    for code in [
        "Client.DryRunOperation",
        "ThrottlingException",
        "ExpiredTokenException",
        "ExpiredToken",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "NoSuchBucketPolicy",
        "Client.InvalidVpcID.NotFound",
        "RequestExpired",
    ] {
        assert_eq!(class_of_code(code), Some(DenialClass::NotDenied), "{code}");
    }
    assert_eq!(classify(&event("s3", "GetObject", "")), None);
}

// A dry run that would have succeeded must not be listed however its text reads.
#[test]
fn a_dry_run_that_would_have_succeeded_is_no_denial() {
    let dry = event(
        "ec2",
        "RunInstances",
        r#","errorCode":"Client.DryRunOperation","errorMessage":"Request would have succeeded, but DryRun flag is set.""#,
    );
    assert_eq!(Denial::from_event(&dry), None);
}

// invictus-ir: a trust policy in disguise.
#[test]
fn the_message_can_tell_a_denial_that_the_code_hides() {
    let lambda = event(
        "lambda",
        "CreateFunction20150331",
        r#","errorCode":"InvalidParameterValueException","errorMessage":"The role defined for the function cannot be assumed by Lambda.""#,
    );
    assert_eq!(classify(&lambda), Some(DenialClass::MaybeDenied));
    let pass = event(
        "x",
        "Y",
        r#","errorCode":"ValidationException","errorMessage":"User: arn:aws:iam::111122223333:user/u is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/r""#,
    );
    let denial = Denial::from_event(&pass).unwrap();
    assert_eq!(denial.class, DenialClass::Denied);
    assert!(denial.action_in_message.unwrap().is("iam:PassRole"));
    assert_eq!(denial.resource_in_message.as_deref(), Some("arn:aws:iam::111122223333:role/r"));
    assert_eq!(denial.caller.principal.unwrap().to_string(), "arn:aws:iam::111122223333:user/u");
}

#[test]
fn sign_in_is_no_authorization_but_a_role_switch_is() {
    let failed = event(
        "signin",
        "ConsoleLogin",
        r#","errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"}"#,
    );
    assert_eq!(classify(&failed), Some(DenialClass::NotDenied));
    let switch = event("signin", "SwitchRole", r#","responseElements":{"SwitchRole":"Failure"}"#);
    assert_eq!(classify(&switch), Some(DenialClass::MaybeDenied));
    assert_eq!(
        classify(&event("signin", "ConsoleLogin", r#","responseElements":{"ConsoleLogin":"Success"}"#)),
        None
    );
}

#[test]
fn a_refused_part_of_a_batch_is_found() {
    let batch = event(
        "secretsmanager",
        "BatchGetSecretValue",
        r#","responseElements":{"errors":[{"secretId":"s","errorCode":"AccessDeniedException","message":"Access to KMS is not allowed"}]}"#,
    );
    let denial = Denial::from_event(&batch).unwrap();
    assert_eq!(denial.found_in, FoundIn::ResponseElements);
    assert_eq!(denial.message.unwrap().kind, MessageKind::KmsNotAllowed);
}

#[test]
fn only_organizations_means_the_kind_of_account() {
    let text = r#","errorCode":"AccessDeniedException","errorMessage":"You don't have permissions to access this resource.""#;
    let kind = |source| Denial::from_event(&event(source, "X", text)).unwrap().message.unwrap().kind;
    assert_eq!(kind("organizations"), MessageKind::CallerValidation);
    assert_eq!(kind("quicksight"), MessageKind::GenericDenied);
}

// Step Functions makes EventBridge rules as the role that it is given:
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
// Lambda makes network interfaces as the execution role: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
#[test]
fn the_passed_role_is_told_from_the_caller() {
    let role = |text: &str| Some(Principal::parse(text, None).unwrap());
    let arn = "arn:aws:iam::111122223333:role/flow";
    let step_functions = event(
        "states",
        "CreateStateMachine",
        &format!(
            r#","errorCode":"AccessDeniedException","errorMessage":"'{arn}' is not authorized to create managed-rule.""#
        ),
    );
    let denial = Denial::from_event(&step_functions).unwrap();
    assert_eq!(
        (denial.passed_role, denial.action_in_message.unwrap().to_string()),
        (role(arn), "events:PutRule".to_owned())
    );
    let lambda = event(
        "lambda",
        "CreateFunction20150331",
        &format!(
            r#","errorCode":"InvalidParameterValueException","requestParameters":{{"functionName":"f","role":"{arn}"}},
            "errorMessage":"The provided execution role does not have permissions to call CreateNetworkInterface on EC2""#
        ),
    );
    let denial = Denial::from_event(&lambda).unwrap();
    assert_eq!(denial.class, DenialClass::Denied);
    assert_eq!(
        (denial.passed_role, denial.action_in_message.unwrap().to_string()),
        (role(arn), "ec2:CreateNetworkInterface".to_owned())
    );
    let other = event("s3", "GetObject", r#","errorCode":"AccessDenied","errorMessage":"Access Denied""#);
    assert_eq!(Denial::from_event(&other).unwrap().passed_role, None);
}

#[test]
fn an_action_is_written_as_iam_writes_it() {
    let publish = event(
        "sns",
        "Publish",
        r#","errorCode":"AuthorizationError","errorMessage":"User: arn:aws:iam::111122223333:user/u is not authorized to perform: SNS:Publish on resource: arn:aws:sns:eu-west-1:111122223333:t""#,
    );
    assert_eq!(Denial::from_event(&publish).unwrap().action_in_message.unwrap().to_string(), "sns:Publish");
}
