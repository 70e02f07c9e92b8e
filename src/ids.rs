//! Newtypes for the identifiers that AWS puts into ARNs. They know nothing about policies.

use std::fmt;
use std::str::FromStr;

/// A twelve-digit AWS account id.
///
/// Source: <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html>
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

/// The text is not a twelve-digit account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a twelve-digit account id")]
pub struct AccountIdError(String);

impl AccountId {
    /// The account id that a text holds, or `None` if it is not exactly twelve ASCII digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().map(Self)
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| AccountIdError(text.to_owned()))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_keeps_its_leading_zeros() {
        assert_eq!(AccountId::parse("001234567890").unwrap().to_string(), "001234567890");
    }

    #[test]
    fn anything_but_twelve_digits_is_refused() {
        for text in ["", "12345678901", "1234567890123", "70453306xxxx", "+12345678901", "١٢٣٤٥٦٧٨٩٠١٢"]
        {
            assert_eq!(AccountId::parse(text), None, "{text}");
        }
    }
}
