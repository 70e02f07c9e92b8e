"""Serves moto on a free port of the loopback interface, and puts an evidence bundle into it.

    serve.py BUNDLE

One line of JSON on standard output says where it is, with which keys the principal of the bundle calls, and which ids
moto gave instead of those in the bundle. It ends when standard input ends, so it never outlives a test.
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

# Read when moto is loaded: attaching an AWS managed policy fails without.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import boto3
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.server import ThreadedMotoServer

NO_POLICY = []
# Everything was there before the story: whoever is created after a denial was somebody else then.
LONG_AGO = datetime(2020, 1, 1)


class Seed:
    def __init__(self, bundle, url):
        self.bundle, self.url, self.renamed = Path(bundle), url, {}

    def client(self, service, account, region="eu-west-1"):
        """A client whose calls are made in an account: moto takes the account from a header."""
        client = boto3.client(
            service, region_name=region, endpoint_url=self.url, aws_access_key_id="seed", aws_secret_access_key="seed"
        )

        def in_account(request, **_):
            request.headers["x-moto-account-id"] = account
            request.url = request.url.replace(f"//{account}.", "//")

        client.meta.events.register("before-send.*.*", in_account)
        return client

    def read(self, path):
        """A file of the bundle with moto's ids, or nothing."""
        file = self.bundle / path
        return json.loads(self.rename(file.read_text())) if file.is_file() else None

    def rename(self, text):
        for old, new in self.renamed.items():
            text = text.replace(old, new)
        return text

    def names(self, path):
        folder = self.bundle / path
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []

    def everything(self):
        for account in self.names("accounts"):
            self.identities(account)
        for account in self.names("accounts"):
            for key in self.names(f"accounts/{account}/keys"):
                self.key(account, f"accounts/{account}/keys/{key}", key)
            for bucket in self.names(f"accounts/{account}/buckets"):
                self.bucket(account, f"accounts/{account}/buckets/{bucket}", bucket)
            block = self.read(f"accounts/{account}/public-access-block.json")
            if block:
                self.client("s3control", account).put_public_access_block(AccountId=account, **block)

        for account in self.names("accounts"):
            backdate(account)

    def identities(self, account):
        iam = self.client("iam", account, "us-east-1")
        found = self.read(f"accounts/{account}/iam.json") or {}
        for policy in found.get("Policies", []):
            if ":aws:policy/" not in policy["Arn"]:
                default = next(version for version in policy["PolicyVersionList"] if version["IsDefaultVersion"])
                created = iam.create_policy(
                    PolicyName=policy["PolicyName"], Path=policy["Path"], PolicyDocument=text(default["Document"])
                )
                self.renamed[policy["PolicyId"]] = created["Policy"]["PolicyId"]
        for group in found.get("GroupDetailList", []):
            name = {"GroupName": group["GroupName"]}
            iam.create_group(Path=group["Path"], **name)
            attach(group, "GroupPolicyList", name, iam.put_group_policy, iam.attach_group_policy)
        for user in found.get("UserDetailList", []):
            name = {"UserName": user["UserName"]}
            created = iam.create_user(Path=user["Path"], Tags=user.get("Tags", []), **name)
            self.renamed[user["UserId"]] = created["User"]["UserId"]
            attach(user, "UserPolicyList", name, iam.put_user_policy, iam.attach_user_policy)
            for group in user.get("GroupList", []):
                iam.add_user_to_group(GroupName=group, **name)
        for role in found.get("RoleDetailList", []):
            name = {"RoleName": role["RoleName"]}
            trust = text(role["AssumeRolePolicyDocument"])
            created = iam.create_role(Path=role["Path"], AssumeRolePolicyDocument=trust, Tags=role.get("Tags", []), **name)
            self.renamed[role["RoleId"]] = created["Role"]["RoleId"]
            attach(role, "RolePolicyList", name, iam.put_role_policy, iam.attach_role_policy)

    def key(self, account, folder, key):
        kms = self.client("kms", account)
        policy = self.read(f"{folder}/policy.json")
        created = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["KeyId"]
        self.renamed[key] = created
        for alias in (self.read(f"{folder}/aliases.json") or {}).get("Aliases", []):
            kms.create_alias(AliasName=alias["AliasName"], TargetKeyId=created)

    def bucket(self, account, folder, bucket):
        s3 = self.client("s3", account)
        name = {"Bucket": bucket}
        s3.create_bucket(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}, **name)
        encryption = self.read(f"{folder}/encryption.json")
        if encryption:
            s3.put_bucket_encryption(**name, **encryption)
        ownership = self.read(f"{folder}/ownership-controls.json")
        if ownership:
            s3.put_bucket_ownership_controls(**name, **ownership)
        block = self.read(f"{folder}/public-access-block.json")
        if block and block["PublicAccessBlockConfiguration"]:
            s3.put_public_access_block(**name, **block)
        policy = self.read(f"{folder}/policy.json")
        # Last: moto applies a bucket policy to whoever comes after, without looking at conditions.
        if policy and policy["Statement"] != NO_POLICY:
            s3.put_bucket_policy(Policy=json.dumps(policy), **name)

    def caller(self, principal):
        """Keys of a user or of a role session."""
        account, name = principal.split(":")[4:6]
        kind, *rest = name.split("/")
        if kind == "user":
            key = self.client("iam", account, "us-east-1").create_access_key(UserName=rest[-1])["AccessKey"]
            return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        role = f"arn:aws:iam::{account}:role/{rest[0]}"
        key = self.client("sts", account).assume_role(RoleArn=role, RoleSessionName=rest[1])["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_SESSION_TOKEN": key["SessionToken"],
        }


def text(document):
    return unquote(document) if isinstance(document, str) else json.dumps(document)


def attach(entry, inline, name, put, attach_managed):
    for policy in entry.get(inline, []):
        put(PolicyName=policy["PolicyName"], PolicyDocument=text(policy["PolicyDocument"]), **name)
    for policy in entry.get("AttachedManagedPolicies", []):
        attach_managed(PolicyArn=policy["PolicyArn"], **name)


def backdate(account):
    iam = iam_backends[account]["aws"]
    for entity in [*iam.users.values(), *iam.groups.values(), *iam.roles.values(), *iam.managed_policies.values()]:
        entity.create_date = LONG_AGO
    for key in kms_backends[account]["eu-west-1"].keys.values():
        key.creation_date = LONG_AGO.timestamp()


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    seed = Seed(sys.argv[1], f"http://{host}:{port}")
    seed.everything()
    principal = seed.read("bundle.json")["principal"]
    print(json.dumps({"url": seed.url, "caller": seed.caller(principal), "renamed": seed.renamed}), flush=True)
    sys.stdin.read()


main()
