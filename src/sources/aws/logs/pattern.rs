//! What CloudWatch Logs is asked to leave out: a filter pattern for JSON.
//!
//! `!=` is not true where a field is missing, so that a missing field is asked for by `NOT EXISTS`. A pattern has at
//! most 1,024 characters, and no way to escape `*` in a text.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html> and
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use crate::sources::aws::caller::Caller;
use crate::sources::aws::search::{Purpose, Search};

/// The longest pattern that the API takes.
const LONGEST: usize = 1024;

/// The calls that failed. `*` is any text, so that the field only has to be there.
const FAILED: &str = "($.errorCode = \"*\")";

/// Changes of who may do what.
const CHANGES: &str = "(($.errorCode NOT EXISTS) && ($.readOnly IS FALSE) && (($.eventSource = \"iam.amazonaws.com\") || \
     ($.eventSource = \"organizations.amazonaws.com\") || ($.eventSource = \"kms.amazonaws.com\") || \
     ($.eventName = \"*Policy*\") || ($.eventName = \"*PublicAccessBlock*\")))";

/// The pattern for a search; `None` is everything. What cannot be written as a pattern is not left out.
pub fn pattern(search: &Search) -> Option<String> {
    let id = |field: &str, id: &str| harmless(id).map(|id| format!("($.{field} = \"{id}\")"));
    let asked_for = match (&search.event_id, &search.request_id) {
        (Some(event), _) => id("eventID", event),
        (None, Some(request)) => id("requestID", request),
        (None, None) => search.caller.as_ref().and_then(by),
    };
    let by_id = search.event_id.is_some() || search.request_id.is_some();
    let wanted = match (search.purpose, asked_for) {
        (Purpose::Denials, Some(asked_for)) if by_id => asked_for,
        (Purpose::Denials, Some(asked_for)) => format!("{FAILED} && {asked_for}"),
        (Purpose::Denials, None) => FAILED.to_owned(),
        (Purpose::Explanation, Some(asked_for)) => format!("{asked_for} || {CHANGES}"),
        (Purpose::Explanation, None) => format!("{FAILED} || {CHANGES}"),
    };
    let pattern = format!("{{ {wanted} }}");
    (pattern.chars().count() <= LONGEST).then_some(pattern)
}

/// The text, if nothing in it means something in a pattern.
fn harmless(text: &str) -> Option<&str> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/@+=,".contains(letter);
    (!text.is_empty() && text.chars().all(letters)).then_some(text)
}

/// The calls of a caller, and the sessions that were issued for it; `None` if its name cannot stand in a pattern.
fn by(caller: &Caller) -> Option<String> {
    let terms = match caller {
        Caller::User { arn, .. } => {
            let arn = harmless(arn)?;
            vec![format!("$.userIdentity.arn = \"{arn}\""), format!("$.errorMessage = \"*{arn} *\"")]
        }
        Caller::Role { arn, name, account } => {
            let (arn, name) = (harmless(arn)?, harmless(name)?);
            let session = format!(":{account}:assumed-role/{name}/");
            vec![
                format!("$.userIdentity.sessionContext.sessionIssuer.arn = \"{arn}\""),
                format!("$.userIdentity.arn = \"*{session}*\""),
                format!("$.errorMessage = \"*{session}*\""),
                format!("$.responseElements.assumedRoleUser.arn = \"*{session}*\""),
            ]
        }
        Caller::Session { arn, .. } => {
            let arn = harmless(arn)?;
            vec![
                format!("$.userIdentity.arn = \"{arn}\""),
                format!("$.errorMessage = \"*{arn} *\""),
                format!("$.responseElements.assumedRoleUser.arn = \"{arn}\""),
            ]
        }
        Caller::AccessKey(id) => {
            let id = harmless(id)?;
            vec![
                format!("$.userIdentity.accessKeyId = \"{id}\""),
                format!("$.responseElements.credentials.accessKeyId = \"{id}\""),
            ]
        }
        Caller::UniqueId(id) => vec![format!("$.userIdentity.principalId = \"{}*\"", harmless(id)?)],
        Caller::Name(name) => {
            let name = harmless(name)?;
            vec![
                format!("$.userIdentity.userName = \"{name}\""),
                format!("$.userIdentity.sessionContext.sessionIssuer.userName = \"{name}\""),
                format!("$.userIdentity.arn = \"*/{name}\""),
                format!("$.userIdentity.arn = \"*/{name}/*\""),
                format!("$.errorMessage = \"*/{name} *\""),
                format!("$.errorMessage = \"*/{name}/*\""),
            ]
        }
    };
    Some(format!("(({}))", terms.join(") || (")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(caller: Option<&str>, purpose: Purpose) -> Search {
        Search {
            caller: caller.map(|caller| caller.parse().unwrap()),
            since: "2026-09-10T12:00:00Z".parse().unwrap(),
            until: "2026-09-10T13:00:00Z".parse().unwrap(),
            accounts: Vec::new(),
            regions: Vec::new(),
            event_id: None,
            request_id: None,
            purpose,
        }
    }

    #[test]
    fn denials_of_a_caller() {
        let found = pattern(&search(Some("arn:aws:iam::111122223333:user/alice"), Purpose::Denials));
        assert_eq!(
            found.as_deref(),
            Some(
                "{ ($.errorCode = \"*\") && (($.userIdentity.arn = \"arn:aws:iam::111122223333:user/alice\") || \
                 ($.errorMessage = \"*arn:aws:iam::111122223333:user/alice *\")) }"
            )
        );
        assert_eq!(pattern(&search(None, Purpose::Denials)).as_deref(), Some("{ ($.errorCode = \"*\") }"));
    }

    #[test]
    fn no_pattern_uses_an_inequality() {
        for caller in
            [None, Some("App"), Some("arn:aws:iam::111122223333:role/team/App"), Some("AKIAIOSFODNN7EXAMPLE")]
        {
            for purpose in [Purpose::Denials, Purpose::Explanation] {
                let found = pattern(&search(caller, purpose)).unwrap();
                assert!(!found.contains("!=") && found.len() <= LONGEST, "{found}");
                assert_eq!(found.matches('(').count(), found.matches(')').count(), "{found}");
            }
        }
    }

    #[test]
    fn a_name_that_means_something_in_a_pattern_is_left_to_the_reader() {
        for name in ["*", "a\"b", "x) || ($.a = \"*", "a b", "%x%"] {
            let found = pattern(&search(Some(name), Purpose::Denials));
            assert_eq!(found.as_deref(), Some("{ ($.errorCode = \"*\") }"), "{name}");
        }
    }

    #[test]
    fn a_pattern_that_is_too_long_is_none() {
        let long = format!("arn:aws:iam::111122223333:user/{}/alice", "p".repeat(500));
        assert_eq!(pattern(&search(Some(&long), Purpose::Explanation)), None);
    }
}
