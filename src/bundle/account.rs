//! The files in the folder of an account, apart from `iam.json`, buckets and keys.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::layout::AccountFile;
use super::reader::Reader;
use super::shape::{Tag, tags, whole_list};
use super::text::Text;
use super::{BundleProblem, bucket, document, iam, key};
use crate::evaluate::BlockPublicAccess;
use crate::evidence::{Account, VpcEndpoint};
use crate::ids::AccountId;

/// Reads one file into the account. A folder of a bucket or key with nothing known in it still says whose it is.
pub(super) fn read(
    reader: &mut Reader<'_>,
    account: &mut Account,
    id: AccountId,
    file: &str,
    kind: AccountFile<'_>,
) {
    match kind {
        AccountFile::Iam => account.iam = iam::read(reader, file, id),
        AccountFile::PublicAccessBlock => {
            let what = format!("S3 Block Public Access of account {id}");
            account.public_access_block = reader.fact(file, &what, public_access_block);
        }
        AccountFile::ResourceTags => {
            account.resource_tags =
                reader.fact(file, &format!("resource tags of account {id}"), resource_tags);
        }
        AccountFile::Bucket(name, inner) => {
            let bucket = account.buckets.entry(name.to_owned()).or_default();
            bucket::read(reader, bucket, name, file, inner);
        }
        AccountFile::Key(name, inner) => {
            let key = account.keys.entry(name.to_owned()).or_default();
            key::read(reader, key, name, file, inner);
        }
        AccountFile::VpcEndpoint(endpoint) => {
            if let Some(read) = vpc_endpoint(reader, file, endpoint) {
                account.vpc_endpoints.insert(endpoint.to_owned(), read);
            }
        }
        AccountFile::ResourcePolicy(service, name) => {
            if let Some(read) = document::file(reader, file, &format!("resource policy of {service} {name}"))
            {
                account.resource_policies.insert((service.to_owned(), name), read);
            }
        }
        AccountFile::Other => {}
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with `PublicAccessBlockConfiguration`")]
struct PublicAccessBlock {
    public_access_block_configuration: Settings,
}

/// A setting that is not given is off.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html>
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default, expecting = "the four settings of Block Public Access")]
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are AWS's four independent switches under their own names"
)]
struct Settings {
    block_public_acls: bool,
    ignore_public_acls: bool,
    block_public_policy: bool,
    restrict_public_buckets: bool,
}

/// `aws s3control get-public-access-block` and `aws s3api get-public-access-block`.
pub(super) fn public_access_block(text: &Text) -> Result<BlockPublicAccess, BundleProblem> {
    let settings = text.parse::<PublicAccessBlock>()?.public_access_block_configuration;
    Ok(BlockPublicAccess {
        block_public_acls: settings.block_public_acls,
        ignore_public_acls: settings.ignore_public_acls,
        block_public_policy: settings.block_public_policy,
        restrict_public_buckets: settings.restrict_public_buckets,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws resourcegroupstaggingapi get-resources` prints")]
struct Resources {
    resource_tag_mapping_list: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(expecting = "a resource with `ResourceARN` and `Tags`")]
struct Resource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "Tags")]
    tags: Option<Vec<Tag>>,
}

fn resource_tags(text: &Text) -> Result<BTreeMap<String, BTreeMap<String, String>>, BundleProblem> {
    whole_list(text)?;
    let resources = text.parse::<Resources>()?.resource_tag_mapping_list;
    Ok(resources.into_iter().map(|resource| (resource.arn, tags(resource.tags))).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "what `aws ec2 describe-vpc-endpoints` prints")]
struct Endpoints<'a> {
    #[serde(borrow)]
    vpc_endpoints: Vec<Endpoint<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an endpoint with `VpcEndpointId`")]
struct Endpoint<'a> {
    vpc_endpoint_id: String,
    vpc_id: Option<String>,
    owner_id: Option<String>,
    service_name: Option<String>,
    #[serde(borrow)]
    policy_document: Option<&'a RawValue>,
}

fn vpc_endpoint(reader: &mut Reader<'_>, file: &str, id: &str) -> Option<VpcEndpoint> {
    let what = format!("VPC endpoint {id}");
    let text = reader.text(file, &what)?;
    let found = text.parse().and_then(|endpoints: Endpoints<'_>| {
        let found = endpoints.vpc_endpoints.into_iter().find(|endpoint| endpoint.vpc_endpoint_id == id);
        found.ok_or_else(|| BundleProblem::NotInFile { place: text.start(), name: id.to_owned() })
    });
    let endpoint = reader.keep(&what, found)?;
    let policy = endpoint.policy_document.map(RawValue::get);
    let policy = policy.map(|policy| document::part_of(reader, &text, policy, &format!("policy of {what}")));
    Some(VpcEndpoint {
        policy,
        vpc: endpoint.vpc_id,
        owner: endpoint.owner_id,
        service: endpoint.service_name,
    })
}
