//! What is put into the files of a bundle, apart from `iam.json`.

use serde::Deserialize as _;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Draft, DraftError, printed};
use crate::arn::Arn;
use crate::bundle::layout::{self, ORGANIZATION};
use crate::ids::AccountId;
use crate::sources::MAX_RECORD;

/// When a file of events has this many bytes, the next one begins: editors and diffs can still bear it.
const FULL: usize = 16 * 1024 * 1024;

/// A fact about a bucket, apart from its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BucketFact {
    /// `aws s3api get-bucket-encryption`
    Encryption,
    /// `aws s3api get-public-access-block`
    PublicAccessBlock,
    /// `aws s3api get-bucket-ownership-controls`
    OwnershipControls,
    /// `aws s3api get-bucket-acl`
    Acl,
    /// `aws s3api get-bucket-location`
    Location,
    /// `aws s3api get-bucket-abac`
    Abac,
}

impl BucketFact {
    fn file(self) -> &'static str {
        match self {
            Self::Encryption => "encryption.json",
            Self::PublicAccessBlock => "public-access-block.json",
            Self::OwnershipControls => "ownership-controls.json",
            Self::Acl => "acl.json",
            Self::Location => "location.json",
            Self::Abac => "abac.json",
        }
    }
}

/// A fact about a KMS key, apart from its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFact {
    /// `aws kms describe-key`
    Metadata,
    /// `aws kms list-grants`
    Grants,
    /// `aws kms list-aliases`
    Aliases,
}

impl KeyFact {
    fn file(self) -> &'static str {
        match self {
            Self::Metadata => "key.json",
            Self::Grants => "grants.json",
            Self::Aliases => "aliases.json",
        }
    }
}

impl Draft {
    /// `organization.json`; see the bundle format for its fields.
    pub fn set_organization(&mut self, organization: &Value) -> Result<(), DraftError> {
        self.set_json(ORGANIZATION.to_owned(), organization)
    }

    /// The document of an SCP or RCP, as AWS returned it.
    pub fn set_organization_policy(&mut self, id: &str, document: &str) -> Result<(), DraftError> {
        self.set_text(format!("organization/policies/{}.json", name(id)?), document)
    }

    /// `aws s3control get-public-access-block`
    pub fn set_public_access_block(&mut self, account: AccountId, block: &Value) -> Result<(), DraftError> {
        self.set_json(layout::in_account(account, "public-access-block.json"), block)
    }

    /// `aws resourcegroupstaggingapi get-resources`, all pages of it.
    pub fn set_resource_tags(&mut self, account: AccountId, resources: &Value) -> Result<(), DraftError> {
        self.set_json(layout::in_account(account, "resource-tags.json"), resources)
    }

    /// The tags of one resource, beside those that are there: `[{"Key", "Value"}]`, empty if it is known to have none.
    pub fn add_resource_tags(
        &mut self,
        account: AccountId,
        arn: &str,
        tags: &Value,
    ) -> Result<(), DraftError> {
        let file = layout::in_account(account, "resource-tags.json");
        let there = self.files.get(&file).and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
        let listed = there.as_ref().and_then(|there| there.get("ResourceTagMappingList")?.as_array());
        let mut resources = listed.cloned().unwrap_or_default();
        resources.retain(|resource| resource.get("ResourceARN").and_then(Value::as_str) != Some(arn));
        resources.push(json!({ "ResourceARN": arn, "Tags": tags }));
        resources.sort_by_cached_key(|resource| resource.get("ResourceARN").map(Value::to_string));
        self.set_json(file, &json!({ "ResourceTagMappingList": resources }))
    }

    /// A fact about a bucket, as `aws s3api get-…` prints it.
    pub fn set_bucket(
        &mut self,
        account: AccountId,
        bucket: &str,
        fact: BucketFact,
        printed: &Value,
    ) -> Result<(), DraftError> {
        let file = format!("buckets/{}/{}", name(bucket)?, fact.file());
        self.set_json(layout::in_account(account, &file), printed)
    }

    /// A bucket policy, as AWS returned it.
    pub fn set_bucket_policy(
        &mut self,
        account: AccountId,
        bucket: &str,
        document: &str,
    ) -> Result<(), DraftError> {
        let file = format!("buckets/{}/policy.json", name(bucket)?);
        self.set_text(layout::in_account(account, &file), document)
    }

    /// A fact about a key, as `aws kms` prints it. The id is that of the key, not an alias or ARN.
    pub fn set_key(
        &mut self,
        account: AccountId,
        id: &str,
        fact: KeyFact,
        printed: &Value,
    ) -> Result<(), DraftError> {
        let file = format!("keys/{}/{}", name(id)?, fact.file());
        self.set_json(layout::in_account(account, &file), printed)
    }

    /// A key policy, as AWS returned it.
    pub fn set_key_policy(&mut self, account: AccountId, id: &str, document: &str) -> Result<(), DraftError> {
        let file = format!("keys/{}/policy.json", name(id)?);
        self.set_text(layout::in_account(account, &file), document)
    }

    /// `aws ec2 describe-vpc-endpoints` with this endpoint in it.
    pub fn set_vpc_endpoint(
        &mut self,
        account: AccountId,
        id: &str,
        printed: &Value,
    ) -> Result<(), DraftError> {
        let file = format!("vpc-endpoints/{}.json", name(id)?);
        self.set_json(layout::in_account(account, &file), printed)
    }

    /// The policy of any other resource, as AWS returned it.
    ///
    /// A bundle knows the resource by the account, the service and the name in the ARN: of two queues of one name in
    /// two Regions it can hold no policy, and this is an error.
    pub fn set_resource_policy(
        &mut self,
        account: AccountId,
        resource: &Arn,
        document: &str,
    ) -> Result<(), DraftError> {
        let of = resource.resource_type().map_or(resource.resource(), |(_, rest)| rest);
        let service = name(resource.service())?;
        let file = format!("resource-policies/{service}/{}.json", layout::encoded(of));
        let file = layout::in_account(account, &file);
        let one = self.described.entry(file.clone()).or_insert_with(|| resource.to_string());
        if one != resource.as_str() {
            let one = one.clone();
            self.files.remove(&file);
            // No ARN is empty, so whoever comes next is refused too.
            self.described.insert(file, String::new());
            return Err(DraftError::SameName { one, other: resource.to_string() });
        }
        self.set_text(file, document)
    }

    /// A `CloudTrail` event, as JSON. Events with the same label, such as a Region, are put together into files.
    pub fn add_event(&mut self, label: &str, event: &str) -> Result<(), DraftError> {
        let raw: &RawValue = serde_json::from_str(event).map_err(DraftError::Event)?;
        serde_json::Map::deserialize(raw).map_err(DraftError::Event)?;
        if event.len() > MAX_RECORD {
            return Err(DraftError::LongEvent);
        }
        let file = self.events_file(name(label)?, event.len())?;
        let lines = self.files.entry(file).or_default();
        // In JSON a line break is never a part of a value.
        lines.extend(raw.get().bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
        lines.push(b'\n');
        Ok(())
    }

    /// The file that has room for so many bytes more.
    fn events_file(&mut self, label: &str, bytes: usize) -> Result<String, DraftError> {
        // The reader ignores files whose names begin with a dot.
        if label.starts_with('.') || label.len() > 200 {
            return Err(DraftError::Name(label.to_owned()));
        }
        let path = |number: usize| format!("events/{label}-{number:04}.jsonl");
        let number = self.open_events.entry(label.to_owned()).or_insert(1);
        while self.files.get(&path(*number)).is_some_and(|lines| lines.len() + bytes > FULL) {
            *number += 1;
        }
        Ok(path(*number))
    }

    pub(super) fn set_json(&mut self, file: String, value: &Value) -> Result<(), DraftError> {
        self.set_file(file, printed(value))
    }

    fn set_text(&mut self, file: String, text: &str) -> Result<(), DraftError> {
        self.set_file(file, text.as_bytes().to_vec())
    }
}

fn name(name: &str) -> Result<&str, DraftError> {
    if layout::is_name(name) { Ok(name) } else { Err(DraftError::Name(name.to_owned())) }
}
