//! S3: what decides about a bucket.

use std::future::Future;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLocationConstraint, Grant, Owner, Permission, PublicAccessBlockConfiguration,
    ServerSideEncryptionRule,
};
use serde_json::{Map, Value, json};

use super::put::Brought;
use crate::aws::{CallError, Connection, Message, Service, xml_texts};
use crate::bundle::BucketFact;
use crate::evidence::BucketWant;
use crate::ids::AccountId;

const S3_CONTROL: Service = Service { id: "S3 Control", signing_name: "s3", host: "s3-control" };

/// A policy that allows and denies nothing, which stands for having none.
const NO_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// A fact about a bucket. S3 answers only if the bucket belongs to the account, so the answer proves whose it is.
pub(super) async fn fetch(
    connection: &Connection,
    account: AccountId,
    name: &str,
    want: BucketWant,
) -> Result<Brought, CallError> {
    let bucket = Bucket { connection, owner: account.to_string(), name: name.to_owned() };
    let name = name.to_owned();
    let (fact, printed) = match want {
        BucketWant::Policy => {
            let policy = bucket.policy().await?;
            return Ok(Brought::put(move |draft| draft.set_bucket_policy(account, &name, &policy)));
        }
        BucketWant::PublicAccess => (BucketFact::PublicAccessBlock, bucket.public_access().await?),
        BucketWant::Encryption => (BucketFact::Encryption, bucket.encryption().await?),
        BucketWant::Ownership => (BucketFact::OwnershipControls, bucket.ownership().await?),
        BucketWant::Acl => (BucketFact::Acl, bucket.acl().await?),
        BucketWant::Abac => (BucketFact::Abac, bucket.abac().await?),
        BucketWant::Location => (BucketFact::Location, bucket.location().await?),
    };
    Ok(Brought::put(move |draft| draft.set_bucket(account, &name, fact, &printed)))
}

/// S3 Block Public Access of an account.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html>
pub(super) async fn account_public_access(
    connection: &Connection,
    account: AccountId,
) -> Result<Brought, CallError> {
    let region = connection.region();
    let message = Message {
        method: "GET",
        path: "/v20180820/configuration/publicAccessBlock".to_owned(),
        headers: vec![("x-amz-account-id", account.to_string())],
        body: String::new(),
    };
    let answer = connection.send(S3_CONTROL, "GetPublicAccessBlock", region, message).await;
    let settings = match answer {
        Ok(xml) => switches(&xml),
        Err(error) if error.code() == Some("NoSuchPublicAccessBlockConfiguration") => Some(Map::new()),
        Err(error) => return Err(error),
    };
    let Some(settings) = settings else {
        return Err(CallError::not_understood(
            "s3:GetAccountPublicAccessBlock",
            region,
            "it has no settings",
        ));
    };
    let printed = json!({ "PublicAccessBlockConfiguration": settings });
    Ok(Brought::put(move |draft| draft.set_public_access_block(account, &printed)))
}

/// The four switches; one that is not given is off. Where there is no configuration, nothing is known of them.
fn switches(xml: &str) -> Option<Map<String, Value>> {
    let document = roxmltree::Document::parse(xml).ok()?;
    document.descendants().find(|node| node.tag_name().name() == "PublicAccessBlockConfiguration")?;
    let names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let on = |name| Some(xml_texts(xml, name)?.iter().any(|text| text.trim().eq_ignore_ascii_case("true")));
    names.into_iter().map(|name| Some((name.to_owned(), json!(on(name)?)))).collect()
}

struct Bucket<'c> {
    connection: &'c Connection,
    owner: String,
    name: String,
}

impl Bucket<'_> {
    /// Asks in the Region of the connection, and where S3 then says that the bucket is.
    async fn ask<T, F>(&self, ask: impl Fn(Client, String) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let region = self.connection.region();
        let answer = ask(self.connection.s3(region), region.to_owned()).await;
        match answer {
            Err(CallError { bucket_region: Some(there), .. }) if there != region => {
                ask(self.connection.s3(&there), there).await
            }
            answer => answer,
        }
    }

    fn not_understood(&self, action: &str, why: &str) -> CallError {
        CallError::not_understood(action, self.connection.region(), why)
    }

    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>
    async fn policy(&self) -> Result<String, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request = s3.get_bucket_policy().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetBucketPolicy", &region, request.send()).await
        });
        match answer.await {
            Ok(answer) => answer
                .policy
                .filter(|policy| is_object(policy))
                .ok_or_else(|| self.not_understood("s3:GetBucketPolicy", "it is no policy")),
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => Ok(NO_POLICY.to_owned()),
            Err(error) => Err(error),
        }
    }

    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html>
    async fn public_access(&self) -> Result<Value, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request = s3.get_public_access_block().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetBucketPublicAccessBlock", &region, request.send()).await
        });
        let settings = match answer.await {
            Ok(answer) => match answer.public_access_block_configuration {
                Some(settings) => printed(&settings),
                None => {
                    return Err(self.not_understood("s3:GetBucketPublicAccessBlock", "it has no settings"));
                }
            },
            Err(error) if error.code() == Some("NoSuchPublicAccessBlockConfiguration") => json!({}),
            Err(error) => return Err(error),
        };
        Ok(json!({ "PublicAccessBlockConfiguration": settings }))
    }

    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>
    async fn encryption(&self) -> Result<Value, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request = s3.get_bucket_encryption().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetEncryptionConfiguration", &region, request.send()).await
        });
        let found = answer.await?.server_side_encryption_configuration;
        let found = found
            .ok_or_else(|| self.not_understood("s3:GetEncryptionConfiguration", "it has no configuration"))?;
        let rules: Vec<Value> = found.rules.iter().map(rule).collect();
        Ok(json!({ "ServerSideEncryptionConfiguration": { "Rules": rules } }))
    }

    /// A bucket without controls is as old as they are young: ACLs are on, objects belong to whoever wrote them.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>
    async fn ownership(&self) -> Result<Value, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request =
                s3.get_bucket_ownership_controls().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetBucketOwnershipControls", &region, request.send()).await
        });
        let rules: Vec<Value> = match answer.await {
            Ok(answer) => {
                let controls = answer.ownership_controls.ok_or_else(|| {
                    self.not_understood("s3:GetBucketOwnershipControls", "it has no controls")
                })?;
                controls
                    .rules
                    .iter()
                    .map(|rule| json!({ "ObjectOwnership": rule.object_ownership.as_str() }))
                    .collect()
            }
            Err(error) if error.code() == Some("OwnershipControlsNotFoundError") => {
                vec![json!({ "ObjectOwnership": "ObjectWriter" })]
            }
            Err(error) => return Err(error),
        };
        Ok(json!({ "OwnershipControls": { "Rules": rules } }))
    }

    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAbac.html>
    async fn abac(&self) -> Result<Value, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request = s3.get_bucket_abac().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetBucketAbac", &region, request.send()).await
        });
        let Some(status) = answer.await?.abac_status.and_then(|found| found.status) else {
            return Err(self.not_understood("s3:GetBucketAbac", "it has no status"));
        };
        Ok(json!({ "AbacStatus": { "Status": status.as_str() } }))
    }

    /// A bucket in us-east-1 has none.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
    async fn location(&self) -> Result<Value, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request = s3.get_bucket_location().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetBucketLocation", &region, request.send()).await
        });
        let constraint = answer.await?.location_constraint;
        let region =
            constraint.as_ref().map(BucketLocationConstraint::as_str).filter(|name| !name.is_empty());
        Ok(json!({ "LocationConstraint": region }))
    }

    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html>
    async fn acl(&self) -> Result<Value, CallError> {
        let answer = self.ask(async |s3: Client, region: String| {
            let request = s3.get_bucket_acl().bucket(&self.name).expected_bucket_owner(&self.owner);
            self.connection.ask("s3:GetBucketAcl", &region, request.send()).await
        });
        let answer = answer.await?;
        let Some(grants) = answer.grants else {
            return Err(self.not_understood("s3:GetBucketAcl", "it has no grants"));
        };
        let grants: Vec<Value> = grants.iter().map(grant).collect();
        Ok(json!({ "Owner": answer.owner.as_ref().map(owner), "Grants": grants }))
    }
}

/// Whether it is a JSON object, as every policy is, and not a page of somebody in between.
fn is_object(text: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

fn printed(settings: &PublicAccessBlockConfiguration) -> Value {
    json!({
        "BlockPublicAcls": settings.block_public_acls.unwrap_or_default(),
        "IgnorePublicAcls": settings.ignore_public_acls.unwrap_or_default(),
        "BlockPublicPolicy": settings.block_public_policy.unwrap_or_default(),
        "RestrictPublicBuckets": settings.restrict_public_buckets.unwrap_or_default(),
    })
}

fn rule(rule: &ServerSideEncryptionRule) -> Value {
    let mut fields = Map::new();
    if let Some(default) = &rule.apply_server_side_encryption_by_default {
        let mut by_default = Map::new();
        by_default.insert("SSEAlgorithm".to_owned(), json!(default.sse_algorithm.as_str()));
        if let Some(key) = &default.kms_master_key_id {
            by_default.insert("KMSMasterKeyID".to_owned(), json!(key));
        }
        fields.insert("ApplyServerSideEncryptionByDefault".to_owned(), Value::Object(by_default));
    }
    fields.insert("BucketKeyEnabled".to_owned(), json!(rule.bucket_key_enabled.unwrap_or_default()));
    if let Some(blocked) = &rule.blocked_encryption_types {
        let types = blocked.encryption_type.iter().flatten().map(|kind| json!(kind.as_str()));
        let types: Vec<Value> = types.collect();
        fields.insert("BlockedEncryptionTypes".to_owned(), json!({ "EncryptionType": types }));
    }
    Value::Object(fields)
}

fn owner(owner: &Owner) -> Value {
    json!({ "ID": owner.id })
}

fn grant(grant: &Grant) -> Value {
    let grantee = grant.grantee.as_ref().map(|grantee| {
        let mut fields = Map::new();
        fields.insert("Type".to_owned(), json!(grantee.r#type.as_str()));
        if let Some(id) = &grantee.id {
            fields.insert("ID".to_owned(), json!(id));
        }
        if let Some(uri) = &grantee.uri {
            fields.insert("URI".to_owned(), json!(uri));
        }
        Value::Object(fields)
    });
    json!({ "Grantee": grantee, "Permission": grant.permission.as_ref().map(Permission::as_str) })
}

#[cfg(test)]
mod tests {
    use super::*;

    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
    #[test]
    fn what_is_no_configuration_has_no_switches() {
        for other in ["<html><body>Please accept</body></html>", "", "<PublicAccessBlock/>"] {
            assert!(switches(other).is_none(), "{other}");
        }
        let tight = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>";
        assert_eq!(switches(tight).unwrap()["BlockPublicAcls"], json!(true));
    }

    #[test]
    fn a_switch_that_is_not_given_is_off() {
        let xml = r#"<?xml version="1.0"?><PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">
            <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls></PublicAccessBlockConfiguration>"#;
        let switches = Value::Object(switches(xml).unwrap());
        assert_eq!(
            switches,
            json!({"BlockPublicAcls": true, "IgnorePublicAcls": false, "BlockPublicPolicy": false, "RestrictPublicBuckets": false})
        );
    }
}
