//! Amazon Resource Names: six parts separated by colons, the last of which may hold colons itself.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use std::fmt;

use crate::ids::AccountId;

/// An ARN of a concrete resource or principal. It never holds a pattern's meaning: `*` in it is a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    /// Byte offsets of the first five colons.
    colons: [usize; 5],
    account: Option<AccountId>,
}

/// The text is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN (arn:partition:service:region:account:resource)")]
pub struct ArnError(String);

impl Arn {
    /// Splits a text into the six parts of an ARN. Parts may be empty; unknown partitions and regions are kept.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let error = || ArnError(text.to_owned());
        if !text.starts_with("arn:") {
            return Err(error());
        }
        let mut colons = [0; 5];
        let mut found = text.bytes().enumerate().filter(|(_, byte)| *byte == b':').map(|(at, _)| at);
        for slot in &mut colons {
            *slot = found.next().ok_or_else(error)?;
        }
        let mut arn = Self { text: text.to_owned(), colons, account: None };
        arn.account = AccountId::parse(arn.account_text());
        Ok(arn)
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn between(&self, left: usize, right: usize) -> &str {
        let start = self.colons.get(left).map_or(0, |at| at + 1);
        let end = self.colons.get(right).copied().unwrap_or(self.text.len());
        self.text.get(start..end).unwrap_or_default()
    }

    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub fn partition(&self) -> &str {
        self.between(0, 1)
    }

    /// The service part, for example `s3`.
    pub fn service(&self) -> &str {
        self.between(1, 2)
    }

    /// The region part, empty for global resources.
    pub fn region(&self) -> &str {
        self.between(2, 3)
    }

    /// The account part as written, empty for S3 buckets, `aws` for AWS managed policies.
    pub fn account_text(&self) -> &str {
        self.between(3, 4)
    }

    /// The account part, where it is a twelve-digit id.
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// Everything after the fifth colon.
    pub fn resource(&self) -> &str {
        self.between(4, 5)
    }

    /// The resource type and the rest, split at the first `/` or `:` of the resource part.
    pub fn resource_type(&self) -> Option<(&str, &str)> {
        self.resource().split_once(['/', ':'])
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Arn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_part_keeps_its_own_colons() {
        let arn = Arn::parse("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:*").unwrap();
        assert_eq!(arn.service(), "logs");
        assert_eq!(arn.region(), "eu-west-1");
        assert_eq!(arn.account().unwrap().to_string(), "111122223333");
        assert_eq!(arn.resource(), "log-group:/aws/x:*");
        assert_eq!(arn.resource_type(), Some(("log-group", "/aws/x:*")));
    }

    #[test]
    fn five_colons_are_needed() {
        assert!(Arn::parse("arn:aws:s3:::bucket").is_ok());
        assert!(Arn::parse("arn:aws:s3::bucket").is_err());
        assert!(Arn::parse("bucket").is_err());
    }

    #[test]
    fn regions_that_do_not_exist_are_kept() {
        assert_eq!(
            Arn::parse("arn:aws:ec2:euiso-south-3r:111122223333:i/i-1").unwrap().region(),
            "euiso-south-3r"
        );
    }
}
