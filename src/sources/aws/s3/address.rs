//! `s3://bucket/prefix`: where the log files of a trail are.

use std::fmt;
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
#[error("`{0}` is not a place in S3, such as s3://bucket/prefix")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || AddressError(text.to_owned());
        let rest = text.strip_prefix("s3://").ok_or_else(error)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        if !(3..=63).contains(&bucket.len())
            || !bucket.bytes().all(letters)
            || prefix.chars().any(char::is_control)
        {
            return Err(error());
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
        for text in [
            "",
            "bucket",
            "s3:/bucket",
            "s3://",
            "s3://a",
            "s3://UPPER/x",
            "s3://buck et",
            "s3://bucket/a\nb",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
