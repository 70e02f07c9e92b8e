//! A cheap test that throws out most of what cannot be a denial. Whether a record *is* one is not decided
//! here.

use memchr::memmem;

/// What a denial says somewhere, in lower case. Several services report a denial under a code of their own
/// (`ValidationException`, `ClientException`) with "not authorized to perform" in the message, so that the
/// whole record is searched and not only the code.
const WORDS: [&[u8]; 12] = [
    b"denied",
    b"authoriz",
    b"unauth",
    b"authfailure",
    b"forbidden",
    b"permission",
    b"privilege",
    b"not allowed",
    b"callervalidation",
    b"optin",
    b"subscription",
    b"disabled",
];

/// `{"eventVersion"` is how AWS's own log files begin a record.
const AS_AWS_WRITES_IT: &[u8] = br#"{"eventVersion""#;

/// Gzip data in Base64 always begins like this; what is inside is not known before it is unpacked.
const PACKED: &[u8] = b"H4sI";

/// Searches records for what a denial would have to contain.
pub(super) struct DenialHint {
    error_code: memmem::Finder<'static>,
    packed: memmem::Finder<'static>,
    words: Vec<memmem::Finder<'static>>,
    lower: Vec<u8>,
}

impl DenialHint {
    pub(super) fn new() -> Self {
        Self {
            error_code: memmem::Finder::new("errorCode"),
            packed: memmem::Finder::new(PACKED),
            words: WORDS.iter().map(memmem::Finder::new).collect(),
            lower: Vec::new(),
        }
    }

    /// False only if the record cannot be a denial. The key is searched without its quotes, so that it is
    /// also found where the record is a JSON string inside another record.
    pub(super) fn may_be_denial(&mut self, record: &[u8]) -> bool {
        if self.error_code.find(record).is_none() {
            return !record.starts_with(AS_AWS_WRITES_IT) && self.packed.find(record).is_some();
        }
        self.lower.clear();
        self.lower.extend(record.iter().map(u8::to_ascii_lowercase));
        self.words.iter().any(|word| word.find(&self.lower).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_may_be_a_denial() {
        let mut hint = DenialHint::new();
        for (text, expected) in [
            (r#"{"errorCode":"AccessDenied"}"#, true),
            (r#"{"errorCode" : "Client.UnauthorizedOperation"}"#, true),
            (r#"{"CloudTrailEvent":"{\"errorCode\":\"VpceAccessDenied\"}"}"#, true),
            (
                r#"{"errorCode":"ValidationError","errorMessage":"User: x is not authorized to perform: y"}"#,
                true,
            ),
            (r#"{"errorCode":"AccessDenied","errorMessage":null}"#, true),
            (r#"{"awslogs":{"data":"H4sIAAAA"}}"#, true),
            (r#"{"errorCode":"ThrottlingException","errorMessage":"Rate exceeded"}"#, false),
            (r#"{"errorMessage":"is not authorized to perform"}"#, false),
        ] {
            assert_eq!(hint.may_be_denial(text.as_bytes()), expected, "{text}");
        }
    }
}
