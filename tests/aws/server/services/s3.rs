//! Amazon S3 and S3 Control: configuration of buckets out of the bundle, objects of the scenario.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>

use serde_json::{Map, Value};

use super::super::call::{Call, fields};
use super::super::http::Request;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::{World, is_no_policy};
use super::super::xml::{element, wrapped};

const CONTROL: &str = "/v20180820/configuration/publicAccessBlock";

/// What a query parameter without a value asks for.
const SUBRESOURCES: [(&str, &str); 9] = [
    ("abac", "GetBucketAbac"),
    ("policy", "GetBucketPolicy"),
    ("policyStatus", "GetBucketPolicyStatus"),
    ("encryption", "GetBucketEncryption"),
    ("publicAccessBlock", "GetPublicAccessBlock"),
    ("ownershipControls", "GetBucketOwnershipControls"),
    ("location", "GetBucketLocation"),
    ("acl", "GetBucketAcl"),
    ("tagging", "GetBucketTagging"),
];

pub fn operation(request: &Request) -> (String, String, Map<String, Value>) {
    if request.path == CONTROL {
        let account = request.header("x-amz-account-id").to_owned();
        let input = fields([("AccountId".to_owned(), account)]);
        return ("s3control".to_owned(), "GetPublicAccessBlock".to_owned(), input);
    }
    let (bucket, key) = bucket_and_key(request);
    let mut input = fields(request.query.clone());
    input.insert("Range".to_owned(), request.header("range").into());
    let asked = SUBRESOURCES.iter().find(|(parameter, _)| request.query.contains_key(*parameter));
    let operation = match (asked, request.method.as_str(), bucket.is_empty(), key.is_empty()) {
        (Some((_, operation)), "GET", false, true) => operation,
        (None, "GET", true, true) => "ListBuckets",
        (None, "GET", false, true) => "ListObjectsV2",
        (None, "HEAD", false, true) => "HeadBucket",
        (None, "HEAD", false, false) => "HeadObject",
        (None, "GET", false, false) => "GetObject",
        _ => "Unknown",
    };
    input.insert("Bucket".to_owned(), bucket.into());
    input.insert("Key".to_owned(), key.into());
    ("s3".to_owned(), operation.to_owned(), input)
}

/// The bucket is the first part of the path, or of the host name.
fn bucket_and_key(request: &Request) -> (String, String) {
    let host = request.header("host").split(':').next().unwrap_or_default();
    let path = request.path.trim_start_matches('/');
    let in_host =
        host.strip_suffix(".localhost").or_else(|| host.split_once(".s3.").map(|(bucket, _)| bucket));
    match in_host {
        Some(bucket) => (bucket.to_owned(), path.to_owned()),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            (bucket.to_owned(), key.to_owned())
        }
    }
}

pub fn answer(world: &World, call: &Call) -> Answer {
    if call.service == "s3control" {
        return account_block(world, call);
    }
    let bucket = call.text("Bucket");
    if call.operation == "ListBuckets" {
        return Ok(Body::Xml(buckets(world, call)));
    }
    let stored =
        world.objects.iter().find(|((name, _), _)| name == bucket).map(|(_, object)| object.account.clone());
    let Some(owner) = world.owner("buckets", bucket).or(stored) else {
        return Err(Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist"));
    };
    in_region(world, call, &owner)?;
    if owner != call.account() {
        return Err(not_the_owner(call));
    }
    match call.operation.as_str() {
        "ListObjectsV2" => objects(world, call),
        "GetObject" | "HeadObject" => object(world, call),
        "HeadBucket" => Ok(Body::Bytes(Vec::new())),
        _ => configuration(world, call, &format!("accounts/{owner}/buckets/{bucket}")),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>: 405 for who is not of the owner's account.
fn not_the_owner(call: &Call) -> Refusal {
    if call.operation == "GetBucketPolicy" {
        return Refusal::new(
            405,
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
        );
    }
    call.denied(&format!("\"arn:aws:s3:::{}\"", call.text("Bucket")))
}

fn location(world: &World, owner: &str, bucket: &str) -> String {
    let written = world.file(&format!("accounts/{owner}/buckets/{bucket}/location.json"));
    let constraint = written.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    match constraint {
        Some(found) => found["LocationConstraint"].as_str().unwrap_or("us-east-1").to_owned(),
        None => world.region.clone(),
    }
}

/// A Region other than the bucket's redirects, except for the question where the bucket is.
fn in_region(world: &World, call: &Call, owner: &str) -> Result<(), Refusal> {
    let region = location(world, owner, call.text("Bucket"));
    if call.region == region || call.operation == "GetBucketLocation" {
        return Ok(());
    }
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";
    Err(Refusal::new(301, "PermanentRedirect", message).with_header("x-amz-bucket-region", &region))
}

fn account_block(world: &World, call: &Call) -> Answer {
    let account = call.text("AccountId");
    if account != call.account() {
        return Err(call.denied(&format!("arn:aws:s3:::{account}")));
    }
    let text = world.file(&format!("accounts/{account}/public-access-block.json"));
    block(call, text)
}

fn block(call: &Call, text: Option<String>) -> Answer {
    let whole = parsed(call, text)?;
    let configuration = &whole["PublicAccessBlockConfiguration"];
    if configuration.as_object().is_none_or(Map::is_empty) {
        let message = "The public access block configuration was not found";
        return Err(Refusal::new(404, "NoSuchPublicAccessBlockConfiguration", message));
    }
    Ok(Body::Xml(wrapped("PublicAccessBlockConfiguration", &plain(configuration))))
}

fn parsed(call: &Call, text: Option<String>) -> Result<Value, Refusal> {
    let text = text.ok_or_else(|| call.denied(&format!("\"arn:aws:s3:::{}\"", call.text("Bucket"))))?;
    Ok(serde_json::from_str(&text).expect("a file of the bundle is JSON"))
}

fn configuration(world: &World, call: &Call, folder: &str) -> Answer {
    let file = |name: &str| world.file(&format!("{folder}/{name}"));
    match call.operation.as_str() {
        "GetBucketPolicy" => {
            let policy = world.policy(&format!("{folder}/policy.json"));
            let policy = policy.ok_or_else(|| not_readable(call))?;
            if is_no_policy(&policy) {
                return Err(Refusal::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist"));
            }
            Ok(Body::Bytes(policy.into_bytes()))
        }
        "GetPublicAccessBlock" => block(call, file("public-access-block.json")),
        "GetBucketEncryption" => {
            let whole = parsed(call, file("encryption.json"))?;
            Ok(Body::Xml(rules("ServerSideEncryptionConfiguration", &whole)))
        }
        "GetBucketOwnershipControls" => {
            let whole = parsed(call, file("ownership-controls.json"))?;
            Ok(Body::Xml(rules("OwnershipControls", &whole)))
        }
        "GetBucketAbac" => {
            let whole = parsed(call, file("abac.json"))?;
            Ok(Body::Xml(wrapped("AbacStatus", &plain(&whole["AbacStatus"]))))
        }
        "GetBucketAcl" => Ok(Body::Xml(acl(&parsed(call, file("acl.json"))?))),
        "GetBucketLocation" => {
            let owner = folder.split('/').nth(1).unwrap_or_default();
            let region = location(world, owner, call.text("Bucket"));
            let constraint = if region == "us-east-1" { String::new() } else { region };
            Ok(Body::Xml(element("LocationConstraint", &constraint)))
        }
        "GetBucketPolicyStatus" | "GetBucketTagging" => Err(not_readable(call)),
        _ => Err(super::unknown_operation(call)),
    }
}

fn not_readable(call: &Call) -> Refusal {
    call.denied(&format!("\"arn:aws:s3:::{}\"", call.text("Bucket")))
}

/// Objects and plain values as elements.
fn plain(value: &Value) -> String {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, field)| wrapped(name, &plain(field))).collect(),
        Value::String(text) => super::super::xml::escape(text),
        other => other.to_string(),
    }
}

/// S3 has `Rule` for each entry of what the CLI calls `Rules`.
fn rules(name: &str, whole: &Value) -> String {
    let entries = whole[name]["Rules"].as_array().cloned().unwrap_or_default();
    let inner: String = entries.iter().map(|rule| wrapped("Rule", &plain(rule))).collect();
    wrapped(name, &inner)
}

fn acl(whole: &Value) -> String {
    let grants = whole["Grants"].as_array().cloned().unwrap_or_default();
    let grants: String = grants.iter().map(grant).collect();
    let inner =
        format!("{}{}", wrapped("Owner", &plain(&whole["Owner"])), wrapped("AccessControlList", &grants));
    wrapped("AccessControlPolicy", &inner)
}

fn grant(grant: &Value) -> String {
    let mut grantee = grant["Grantee"].clone();
    let kind = grantee["Type"].as_str().unwrap_or_default().to_owned();
    grantee.as_object_mut().expect("a grantee").remove("Type");
    let xsi = "http://www.w3.org/2001/XMLSchema-instance";
    let grantee = format!("<Grantee xmlns:xsi=\"{xsi}\" xsi:type=\"{kind}\">{}</Grantee>", plain(&grantee));
    wrapped(
        "Grant",
        &format!("{grantee}{}", element("Permission", grant["Permission"].as_str().unwrap_or_default())),
    )
}

fn buckets(world: &World, call: &Call) -> String {
    let names = world.folders(&format!("accounts/{}/buckets", call.account()));
    let listed: String = names
        .iter()
        .map(|name| {
            wrapped(
                "Bucket",
                &format!("{}<CreationDate>2026-01-01T00:00:00.000Z</CreationDate>", element("Name", name)),
            )
        })
        .collect();
    wrapped("ListAllMyBucketsResult", &wrapped("Buckets", &listed))
}

/// A page of keys, and of the common prefixes of keys if there is a delimiter.
fn objects(world: &World, call: &Call) -> Answer {
    let (bucket, prefix, delimiter) = (call.text("Bucket"), call.text("prefix"), call.text("delimiter"));
    let mut entries: Vec<(String, Option<usize>)> = Vec::new();
    for ((_, key), object) in world.objects.iter().filter(|((name, _), _)| name == bucket) {
        let Some(rest) = key.strip_prefix(prefix).filter(|_| key.as_str() > call.text("start-after")) else {
            continue;
        };
        let folder = if delimiter.is_empty() { None } else { rest.split_once(delimiter) };
        let entry = match folder {
            Some((folder, _)) => (format!("{prefix}{folder}{delimiter}"), None),
            None => (key.clone(), Some(object.bytes.len())),
        };
        if entries.last() != Some(&entry) {
            entries.push(entry);
        }
    }
    let size = call.number("max-keys").unwrap_or(1000).min(world.page);
    let (page, next) = super::page(&entries, call.text("continuation-token"), size)
        .map_err(|()| Refusal::new(400, "InvalidArgument", "The continuation token provided is incorrect"))?;
    let inner: String = page.iter().map(|(name, size)| object_entry(name, *size)).collect();
    let next_token = next.as_deref().map(|next| element("NextContinuationToken", next)).unwrap_or_default();
    let head = format!("{}{}", element("Name", bucket), element("Prefix", prefix));
    let count = format!("<KeyCount>{}</KeyCount><MaxKeys>{size}</MaxKeys>", page.len());
    let truncated = format!("<IsTruncated>{}</IsTruncated>", next.is_some());
    Ok(Body::Xml(wrapped("ListBucketResult", &format!("{head}{count}{truncated}{next_token}{inner}"))))
}

fn object_entry(name: &str, size: Option<usize>) -> String {
    match size {
        None => wrapped("CommonPrefixes", &element("Prefix", name)),
        Some(size) => wrapped(
            "Contents",
            &format!(
                "{}<LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>{size}</Size><StorageClass>STANDARD</StorageClass>",
                element("Key", name)
            ),
        ),
    }
}

fn object(world: &World, call: &Call) -> Answer {
    let key = (call.text("Bucket").to_owned(), call.text("Key").to_owned());
    match world.objects.get(&key) {
        Some(object) => Ok(Body::Bytes(object.bytes.clone())),
        None => Err(Refusal::new(404, "NoSuchKey", "The specified key does not exist.")),
    }
}
