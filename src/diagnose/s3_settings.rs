//! Settings of buckets that decide beside the policies: Block Public Access, object ownership, ACLs.

use super::gather::Gatherer;
use crate::evaluate::{Acls, BlockPublicAccess, Known, ObjectOwner, S3Facts};
use crate::evidence::{BucketWant, Want};
use crate::ids::AccountId;
use crate::request::Request;

impl Gatherer<'_> {
    pub(super) fn s3_facts(&mut self, request: &Request) -> S3Facts {
        let Some(arn) = request.resource.arn().filter(|arn| arn.service() == "s3") else {
            return S3Facts::default();
        };
        let bucket = arn.resource().split('/').next().unwrap_or_default().to_owned();
        self.want_s3(&bucket, request.resource.owner());
        let block_public_access = match self.world.bucket(&bucket) {
            Some((owner, found)) => {
                let account = self.world.accounts.get(&owner).and_then(|account| account.public_access_block);
                match (found.public_access_block, account) {
                    (Some(bucket), Some(account)) => Known::Known(strictest(bucket, account)),
                    (Some(all), None) if all == ALL_ON => Known::Known(all),
                    (None, Some(all)) if all == ALL_ON => Known::Known(all),
                    _ => Known::Unknown(format!("S3 Block Public Access of bucket {bucket} and its account")),
                }
            }
            None => Known::Unknown(format!("S3 Block Public Access of bucket {bucket}")),
        };
        let ownership = self.world.bucket(&bucket).and_then(|(_, found)| found.object_ownership.clone());
        // "When ACLs are disabled, the bucket owner owns every object in the bucket."
        let object_owner = match ownership.as_deref() {
            Some("BucketOwnerEnforced") => ObjectOwner::BucketOwner,
            _ => ObjectOwner::Unknown(format!("which account owns the object in bucket {bucket}")),
        };
        S3Facts { block_public_access, object_owner, acls: self.acls(&bucket, ownership.as_deref()) }
    }

    /// What is looked at beside the bucket policy. None of it is a gap in itself: Block Public Access matters for few
    /// requests, and ACLs are off in most buckets.
    fn want_s3(&mut self, bucket: &str, owner: Option<AccountId>) {
        let found = self.world.bucket(bucket);
        let owner = found.map(|(owner, _)| owner).or(owner);
        let bucket_facts = found.map(|(_, bucket)| bucket);
        let mut want = |fact| {
            self.wants.insert(Want::Bucket { name: bucket.to_owned(), owner, fact });
        };
        if bucket_facts.is_none_or(|bucket| bucket.public_access_block.is_none()) {
            want(BucketWant::PublicAccess);
        }
        let ownership = bucket_facts.and_then(|bucket| bucket.object_ownership.as_deref());
        if ownership.is_none() {
            want(BucketWant::Ownership);
        }
        let has_acl = bucket_facts.is_some_and(|bucket| bucket.acl.is_some());
        if !has_acl && matches!(ownership, Some("BucketOwnerPreferred" | "ObjectWriter")) {
            want(BucketWant::Acl);
        }
        if let Some(owner) = owner
            && self.world.accounts.get(&owner).is_none_or(|account| account.public_access_block.is_none())
        {
            self.wants.insert(Want::AccountPublicAccess(owner));
        }
    }

    /// The bucket's ACL, where it was read and ACLs are on. An object's ACL has no place in the evidence.
    fn acls(&self, bucket: &str, ownership: Option<&str>) -> Acls {
        let on = matches!(ownership, Some("BucketOwnerPreferred" | "ObjectWriter"));
        let list = self.world.bucket(bucket).and_then(|(_, found)| found.acl.clone());
        Acls { bucket: Known::Known(list.filter(|_| on)), ..Acls::default() }
    }
}

const ALL_ON: BlockPublicAccess = BlockPublicAccess {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

/// "S3 applies the most restrictive combination of the bucket-level and account-level settings."
fn strictest(left: BlockPublicAccess, right: BlockPublicAccess) -> BlockPublicAccess {
    BlockPublicAccess {
        block_public_acls: left.block_public_acls || right.block_public_acls,
        ignore_public_acls: left.ignore_public_acls || right.ignore_public_acls,
        block_public_policy: left.block_public_policy || right.block_public_policy,
        restrict_public_buckets: left.restrict_public_buckets || right.restrict_public_buckets,
    }
}
