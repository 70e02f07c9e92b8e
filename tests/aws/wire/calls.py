"""Calls of boto3 to the scenario server, with what AWS would answer for the bundle that it serves."""

import json
import os
import sys

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

ONCE = Config(retries={"total_max_attempts": 1})
ACCOUNT = "111122223333"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}"


def client(service, region="eu-west-1", endpoint=None, **settings):
    return boto3.client(service, region_name=region, endpoint_url=endpoint, config=ONCE.merge(Config(**settings)))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return error.response
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def equal(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def cloudtrail():
    found = client("cloudtrail").lookup_events()["Events"]
    assert found and found[0]["EventTime"] >= found[-1]["EventTime"]
    denied = [event for event in found if json.loads(event["CloudTrailEvent"]).get("errorCode") == "AccessDenied"]
    equal([event["EventName"] for event in denied], ["Decrypt"])
    equal(client("cloudtrail", "ap-northeast-1").lookup_events()["Events"], [])
    attribute = [{"AttributeKey": "EventName", "AttributeValue": "Decrypt"}]
    found_by = client("cloudtrail").lookup_events(LookupAttributes=attribute)["Events"]
    equal({event["EventName"] for event in found_by}, {"Decrypt"})
    pages = client("cloudtrail").get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3})
    equal(sum(len(page["Events"]) for page in pages), len(found))
    refused("InvalidNextTokenException", client("cloudtrail").lookup_events, NextToken="what")


def kms():
    calls = client("kms")
    equal(calls.describe_key(KeyId=KEY)["KeyMetadata"]["CreationDate"].year, 2026)
    equal(calls.describe_key(KeyId="alias/iam-error-test")["KeyMetadata"]["Arn"], KEY_ARN)
    assert "Enable IAM User Permissions" in calls.get_key_policy(KeyId=KEY_ARN)["Policy"]
    equal(calls.list_grants(KeyId=KEY_ARN)["Grants"], [])
    equal(calls.list_aliases()["Aliases"][0]["TargetKeyId"], KEY)
    equal(len(calls.list_aliases(KeyId=KEY_ARN)["Aliases"]), 1)
    refused("NotFoundException", calls.describe_key, KeyId="alias/nothing")
    refused("NotFoundException", client("kms", "us-east-1").describe_key, KeyId=KEY)
    foreign = KEY_ARN.replace(ACCOUNT, "444455556666")
    refused("AccessDeniedException", calls.get_key_policy, KeyId=foreign)


def identity():
    calls = client("iam", "us-east-1")
    user = calls.get_user()["User"]
    equal(user["UserName"], "s3_full_access")
    equal(user["CreateDate"].year, 2026)
    equal(calls.list_attached_user_policies(UserName="s3_full_access")["AttachedPolicies"][0]["PolicyName"], "AmazonS3FullAccess")
    equal(calls.list_user_policies(UserName="s3_full_access")["PolicyNames"], [])
    equal(calls.list_groups_for_user(UserName="s3_full_access")["Groups"], [])
    equal(calls.list_user_tags(UserName="s3_full_access")["Tags"], [])
    arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    equal(calls.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v2")
    version = calls.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    equal(version["Document"]["Statement"][0]["Resource"], "*")
    equal([version["VersionId"] for version in calls.list_policy_versions(PolicyArn=arn)["Versions"]], ["v2"])
    pages = list(calls.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1}))
    equal(len(pages), sum(len(page["UserDetailList"]) + len(page["Policies"]) for page in pages))
    only = calls.get_account_authorization_details(Filter=["User"])
    equal((len(only["UserDetailList"]), only["Policies"]), (2, []))
    refused("NoSuchEntity", calls.get_role, RoleName="nobody")
    equal(client("sts").get_caller_identity()["Account"], ACCOUNT)
    denied = refused("AccessDenied", client("sts").assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="reader")
    equal(denied["ResponseMetadata"]["HTTPStatusCode"], 403)
    refused("InvalidAuthorizationMessageException", client("sts").decode_authorization_message, EncodedMessage="x")
    refused("AWSOrganizationsNotInUseException", client("organizations", "us-east-1").describe_organization)


def buckets():
    # A number has no subdomains, so only a name shows the bucket in the host name.
    named = os.environ["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost")
    for style, endpoint in (("path", None), ("virtual", named)):
        calls = client("s3", endpoint=endpoint, s3={"addressing_style": style})
        name = {"Bucket": "iam-error-test"}
        if style == "virtual":
            calls.meta.events.register("before-send.s3.*", to_loopback)
        refused("NoSuchBucketPolicy", calls.get_bucket_policy, **name)
        rule = calls.get_bucket_encryption(**name)["ServerSideEncryptionConfiguration"]["Rules"][0]
        equal(rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"], KEY_ARN)
        equal(rule["BucketKeyEnabled"], False)
        equal(calls.get_public_access_block(**name)["PublicAccessBlockConfiguration"]["BlockPublicAcls"], True)
        rule = calls.get_bucket_ownership_controls(**name)["OwnershipControls"]["Rules"][0]
        equal(rule["ObjectOwnership"], "BucketOwnerEnforced")
        equal(calls.get_bucket_location(**name)["LocationConstraint"], "eu-west-1")
        equal(calls.get_bucket_acl(**name)["Grants"][0]["Permission"], "FULL_CONTROL")
        if style == "virtual":
            break
        equal([bucket["Name"] for bucket in calls.list_buckets()["Buckets"]], ["iam-error-test"])
        refused("NoSuchBucket", calls.get_bucket_acl, Bucket="nobody-has-this")
        equal(calls.list_objects_v2(**name)["KeyCount"], 0)
        refused("NoSuchKey", calls.get_object, Key="a/b", **name)


def to_loopback(request, **_):
    """Not every system knows that every name below `localhost` is the machine itself."""
    host = request.url.split("//")[1].split("/")[0]
    if request.url.endswith("?location"):
        return
    assert host.startswith("iam-error-test.localhost:"), host
    request.url = request.url.replace("iam-error-test.localhost", "127.0.0.1")
    request.headers["Host"] = host


def others():
    calls = client("s3control")
    calls.meta.events.register("before-send.s3-control.*", without_account)
    equal(calls.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], True)
    equal(len(client("account", "us-east-1").list_regions()["Regions"]), 4)
    equal(len(client("ec2").describe_regions()["Regions"]), 4)
    endpoint = client("ec2").describe_vpc_endpoints(VpcEndpointIds=["vpce-0123456789abcdef0"])["VpcEndpoints"][0]
    equal(json.loads(endpoint["PolicyDocument"])["Version"], "2012-10-17")
    refused("InvalidVpcEndpointId.NotFound", client("ec2").describe_vpc_endpoints, VpcEndpointIds=["vpce-1"])


def without_account(request, **_):
    """`ACCOUNT.127.0.0.1` is no name either."""
    request.url = request.url.replace(f"//{ACCOUNT}.", "//")


def policies():
    arn = "arn:aws:{}:eu-west-1:" + ACCOUNT + ":"
    queue = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders"
    found = [
        client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"],
        client("sns").get_topic_attributes(TopicArn=arn.format("sns") + "alarms")["Attributes"]["Policy"],
        client("secretsmanager").get_resource_policy(SecretId=arn.format("secretsmanager") + "secret:atlas/db-AbCdEf")["ResourcePolicy"],
        client("ecr").get_repository_policy(repositoryName="team/image")["policyText"],
        client("lambda").get_policy(FunctionName="resize")["Policy"],
        client("dynamodb").get_resource_policy(ResourceArn=arn.format("dynamodb") + "table/table")["Policy"],
    ]
    for policy in found:
        equal(json.loads(policy)["Statement"][0]["Effect"], "Allow")
    denied = refused("AccessDeniedException", client("lambda").get_policy, FunctionName="other")
    assert "not authorized to perform: lambda:GetPolicy" in denied["Error"]["Message"], denied


def organization():
    def of(key):
        return boto3.client("organizations", region_name="us-east-1", config=ONCE, aws_access_key_id=key, aws_secret_access_key="s")

    member, manager, delegate = of("AKIAMEMBEREXAMPLE"), of("AKIAMANAGEREXAMPLE"), of("AKIADELEGATEEXAMPLE")
    for calls in (member, manager, delegate):
        equal(calls.describe_organization()["Organization"]["Id"], "o-exampleorg1")
    refused("AccessDeniedException", member.list_accounts)
    refused("AccessDeniedException", member.list_parents, ChildId="777788889999")
    equal(len(delegate.list_accounts()["Accounts"]), len(manager.list_accounts()["Accounts"]))
    equal(manager.list_accounts()["Accounts"][0]["JoinedTimestamp"].year, 2021)
    equal(manager.list_roots()["Roots"][0]["Id"], "r-exam")
    equal(manager.list_parents(ChildId="777788889999")["Parents"], [{"Id": "ou-exam-w0rkload", "Type": "ORGANIZATIONAL_UNIT"}])
    equal(manager.list_parents(ChildId="ou-exam-w0rkload")["Parents"], [{"Id": "r-exam", "Type": "ROOT"}])
    attached = manager.list_policies_for_target(TargetId="777788889999", Filter="SERVICE_CONTROL_POLICY")["Policies"]
    equal([policy["Id"] for policy in attached], ["p-FullAWSAccess"])
    equal(len(manager.list_policies(Filter="RESOURCE_CONTROL_POLICY")["Policies"]), 1)
    equal(len(manager.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]), 6)
    content = manager.describe_policy(PolicyId="p-FullAWSAccess")["Policy"]["Content"]
    equal(json.loads(content)["Statement"][0]["Effect"], "Allow")
    pages = manager.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    assert len(list(pages)) >= 3
    units = manager.list_organizational_units_for_parent(ParentId="r-exam")["OrganizationalUnits"]
    equal([unit["Name"] for unit in units], ["Security", "Workloads"])
    equal(manager.list_children(ParentId="ou-exam-5ecur1ty", ChildType="ACCOUNT")["Children"][0]["Type"], "ACCOUNT")
    administrators = manager.list_delegated_administrators()["DelegatedAdministrators"]
    equal([administrator["Id"] for administrator in administrators], ["444455556666"])
    services = manager.list_delegated_services_for_account(AccountId="444455556666")["DelegatedServices"]
    equal(services[0]["ServicePrincipal"], "inspector2.amazonaws.com")
    refused("AccountNotRegisteredException", manager.list_delegated_services_for_account, AccountId="777788889999")
    refused("ResourcePolicyNotFoundException", manager.describe_resource_policy)


GROUPS = {"download": (cloudtrail, kms, identity, buckets, others, policies), "organization": (organization,)}

for part in GROUPS[sys.argv[1]]:
    part()
print("all as expected")
