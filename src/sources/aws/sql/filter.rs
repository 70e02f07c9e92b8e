//! The conditions that Athena and CloudTrail Lake share: their columns have the same names.
//!
//! Source: <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html> and
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-supported-event-schemas.html>

use super::statement::Statement;
use crate::sources::aws::caller::Caller;
use crate::sources::aws::search::{Purpose, Search};

/// The services whose changes decide who may do what, beside those that the names below tell.
const AUTHORITIES: [&str; 4] =
    ["iam.amazonaws.com", "organizations.amazonaws.com", "sso.amazonaws.com", "kms.amazonaws.com"];

/// Where the types of the columns differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// The call changed something.
    pub(super) writes: &'static str,
    /// The answer of the call, as text.
    pub(super) answer: &'static str,
}

/// Which rows are wanted. Everything that is typed becomes a value.
pub(super) fn rows(search: &Search, dialect: Dialect, out: &mut Statement) {
    match search.purpose {
        Purpose::Denials => asked_for(search, dialect, out),
        Purpose::Explanation => {
            out.push("(");
            asked_for(search, dialect, out);
            behind(search.caller.as_ref(), dialect, out);
            out.push(")");
        }
    }
}

fn asked_for(search: &Search, dialect: Dialect, out: &mut Statement) {
    if let Some(id) = &search.event_id {
        out.push("eventid = ").value(id);
        return;
    }
    if let Some(id) = &search.request_id {
        out.push("requestid = ").value(id);
        return;
    }
    // For an explanation the successes of the caller are needed too, to compare.
    if search.purpose == Purpose::Denials || search.caller.is_none() {
        // Some services report an error in their answer.
        out.push("(errorcode <> '' OR strpos(").push(dialect.answer).push(", 'errorCode') > 0)");
    }
    if let Some(caller) = &search.caller {
        if search.purpose == Purpose::Denials {
            out.push("\n  AND ");
        }
        out.push("(");
        by(caller, out);
        out.push(")");
    }
}

/// Reading a row costs the same whether it is wanted or not, so that history comes with the denials.
fn behind(caller: Option<&Caller>, dialect: Dialect, out: &mut Statement) {
    out.push("\n   OR (COALESCE(errorcode, '') = '' AND (\n        (").push(dialect.writes);
    out.push(" AND (eventsource IN (");
    out.push(&AUTHORITIES.map(|source| format!("'{source}'")).join(", "));
    out.push(
        ")\n          OR regexp_like(eventname, '(Policy|PublicAccessBlock|Acl|OwnershipControls|Grant|Permission)')))",
    );
    if let Some(name) = caller.and_then(session_trace) {
        out.push("\n        OR (eventsource = 'sts.amazonaws.com' AND strpos(");
        out.push(dialect.answer).push(", ").value(name).push(") > 0)");
    }
    out.push("))");
}

/// What the event that issued a caller's session has in its answer.
fn session_trace(caller: &Caller) -> Option<&str> {
    match caller {
        Caller::Role { name, .. } | Caller::Name(name) => Some(name),
        Caller::Session { arn, .. } => Some(arn),
        Caller::AccessKey(id) | Caller::UniqueId(id) => Some(id),
        Caller::User { .. } => None,
    }
}

/// The calls of a caller, also where the record shows who called only in the message: the copy that the owner of a
/// resource gets of a call from another account has no ARN.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
fn by(caller: &Caller, out: &mut Statement) {
    let in_message = |out: &mut Statement, text: &str| {
        out.push("\n       OR strpos(errormessage, ").value(text).push(") > 0");
    };
    match caller {
        Caller::User { arn, .. } => {
            out.push("useridentity.arn = ").value(arn);
            in_message(out, &format!("{arn} "));
        }
        Caller::Role { arn, name, account } => {
            let session = format!(":{account}:assumed-role/{name}/");
            out.push("useridentity.sessioncontext.sessionissuer.arn = ").value(arn);
            out.push("\n       OR strpos(useridentity.arn, ").value(&session).push(") > 0");
            in_message(out, &session);
        }
        Caller::Session { arn, .. } => {
            out.push("useridentity.arn = ").value(arn);
            in_message(out, &format!("{arn} "));
        }
        Caller::AccessKey(id) => {
            out.push("useridentity.accesskeyid = ").value(id);
        }
        Caller::UniqueId(id) => {
            out.push("starts_with(useridentity.principalid, ").value(id).push(")");
        }
        Caller::Name(name) => {
            out.push("useridentity.username = ").value(name);
            out.push("\n       OR useridentity.sessioncontext.sessionissuer.username = ").value(name);
            out.push("\n       OR strpos(concat(useridentity.arn, '/'), ")
                .value(&format!("/{name}/"))
                .push(") > 0");
            in_message(out, &format!("/{name} "));
            in_message(out, &format!("/{name}/"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(caller: &str) -> String {
        let mut out = Statement::default();
        by(&caller.parse().unwrap(), &mut out);
        out.complete().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_calls_of_a_role_are_those_of_its_sessions() {
        assert_eq!(
            text("arn:aws:iam::111122223333:role/team/App"),
            "useridentity.sessioncontext.sessionissuer.arn = 'arn:aws:iam::111122223333:role/team/App' \
             OR strpos(useridentity.arn, ':111122223333:assumed-role/App/') > 0 \
             OR strpos(errormessage, ':111122223333:assumed-role/App/') > 0"
        );
    }

    #[test]
    fn a_user_whose_name_begins_like_another_is_another() {
        // `… User: arn:…:user/alice is not authorized …`: the space ends the name.
        assert!(text("arn:aws:iam::111122223333:user/alice").contains("user/alice ') > 0"));
    }

    #[test]
    fn a_quote_in_a_name_ends_nothing() {
        let found = text("x' OR 1=1 --");
        assert!(found.starts_with("useridentity.username = 'x'' OR 1=1 --'"), "{found}");
    }
}
