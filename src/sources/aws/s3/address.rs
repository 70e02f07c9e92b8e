//! `s3://bucket/prefix`: where the log files of a trail are.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// A place in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The bucket.
    pub bucket: String,
    /// Without a slash at the beginning; with one at the end, unless it is empty.
    pub prefix: String,
}

/// The text is no address in S3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is something else.
    #[error("`{0}` is not a place in S3, such as s3://amzn-s3-demo-bucket/prefix")]
    NotS3(String),
    /// No bucket can have this name.
    #[error("`{bucket}` in `{text}` cannot be the name of a bucket: {rule}")]
    Bucket {
        /// What was typed.
        text: String,
        /// The name.
        bucket: String,
        /// What the name breaks.
        rule: BucketRule,
    },
    /// A key has no such character.
    #[error("`{}` has a control character behind the bucket, and no key that CloudTrail writes has one", .0.escape_debug())]
    Prefix(String),
}

/// A rule for the names of buckets. Buckets that are older than March 2018 may have capital letters and underscores, and
/// up to 255 characters, in us-east-1; a trail needs no such bucket, and a name with capitals has no address.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BucketRule {
    /// There is none.
    #[error("it is empty")]
    Empty,
    /// Fewer than three characters.
    #[error("a bucket name has at least 3 characters")]
    TooShort,
    /// More than 63 characters.
    #[error("a bucket name has at most 63 characters")]
    TooLong,
    /// A character that no bucket name has.
    #[error("a bucket name has lower-case letters, digits, periods and hyphens only, not `{}`", .0.escape_debug())]
    Character(char),
    /// The first or last character.
    #[error("a bucket name begins and ends with a letter or digit")]
    Ends,
    /// Two periods side by side.
    #[error("a bucket name has no two adjacent periods")]
    Periods,
    /// Four numbers with periods between them.
    #[error("a bucket name is not formatted as an IP address")]
    IpAddress,
}

/// The first rule that a name breaks.
fn broken_rule(bucket: &str) -> Option<BucketRule> {
    let is_end = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    // Underscores are forbidden in new names only.
    let is_letter = |letter: &char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || ['.', '-', '_'].contains(letter)
    };
    let foreign = bucket.chars().find(|letter| !is_letter(letter));
    match bucket.chars().count() {
        0 => Some(BucketRule::Empty),
        _ if foreign.is_some() => foreign.map(BucketRule::Character),
        1 | 2 => Some(BucketRule::TooShort),
        length if length > 63 => Some(BucketRule::TooLong),
        _ if !is_end(bucket.chars().next()) || !is_end(bucket.chars().next_back()) => Some(BucketRule::Ends),
        _ if bucket.contains("..") => Some(BucketRule::Periods),
        _ => bucket.parse::<Ipv4Addr>().is_ok().then_some(BucketRule::IpAddress),
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("s3://").ok_or_else(|| AddressError::NotS3(text.to_owned()))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if let Some(rule) = broken_rule(bucket) {
            return Err(AddressError::Bucket { text: text.to_owned(), bucket: bucket.to_owned(), rule });
        }
        if prefix.chars().any(char::is_control) {
            return Err(AddressError::Prefix(text.to_owned()));
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, bucket: &str, prefix: &str) {
        assert_eq!(text.parse(), Ok(Address { bucket: bucket.to_owned(), prefix: prefix.to_owned() }));
    }

    #[test]
    fn a_bucket_and_what_stands_behind_it() {
        check("s3://amzn-s3-demo-bucket", "amzn-s3-demo-bucket", "");
        check("s3://amzn-s3-demo-bucket/", "amzn-s3-demo-bucket", "");
        check("s3://amzn-s3-demo-bucket/trails/main", "amzn-s3-demo-bucket", "trails/main/");
        check("s3://b.c/AWSLogs/o-exampleorg1/", "b.c", "AWSLogs/o-exampleorg1/");
    }

    #[test]
    fn what_is_no_address() {
        for text in ["", "bucket", "s3:/bucket", "https://amzn-s3-demo-bucket.s3.amazonaws.com/x"] {
            assert_eq!(text.parse::<Address>(), Err(AddressError::NotS3(text.to_owned())));
        }
        let control = "s3://bucket/a\nb".parse::<Address>().unwrap_err().to_string();
        assert!(control.starts_with("`s3://bucket/a\\nb` has a control character"), "{control}");
    }

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, rule by rule.
    #[test]
    fn the_rule_that_a_bucket_name_breaks_is_told() {
        let long = "x".repeat(64);
        for (bucket, wanted) in [
            ("", BucketRule::Empty),
            ("b", BucketRule::TooShort),
            ("ab", BucketRule::TooShort),
            (long.as_str(), BucketRule::TooLong),
            ("UPPER", BucketRule::Character('U')),
            ("buck et", BucketRule::Character(' ')),
            ("-bucket", BucketRule::Ends),
            ("bucket.", BucketRule::Ends),
            ("my..bucket", BucketRule::Periods),
            ("192.168.5.4", BucketRule::IpAddress),
        ] {
            match format!("s3://{bucket}/AWSLogs/").parse::<Address>() {
                Err(AddressError::Bucket { rule, .. }) => assert_eq!(rule, wanted, "{bucket}"),
                other => panic!("{bucket}: {other:?}"),
            }
        }
        let short = "s3://b/AWSLogs/".parse::<Address>().unwrap_err().to_string();
        let wanted = "`b` in `s3://b/AWSLogs/` cannot be the name of a bucket: a bucket name has at least 3 characters";
        assert_eq!(short, wanted);
    }
}
