//! Turns the rows of query results and CSV files into events with CloudTrail's field names.
//!
//! Athena writes column names in lower case, CloudTrail Lake as CloudTrail does, the console in words, Logs
//! Insights with dots. All of them are looked up in the same table, without case, spaces, `_` and `-`.
//!
//! Source of the columns:
//! <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::structs;

/// How the text of a column is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Time,
    Boolean,
    /// JSON, or a struct as Trino prints it.
    Tree,
}

/// Column, where its value belongs, how to read it.
const COLUMNS: &[(&str, &str, Kind)] = &[
    ("additionaleventdata", "additionalEventData", Kind::Tree),
    ("apiversion", "apiVersion", Kind::Text),
    ("awsregion", "awsRegion", Kind::Text),
    ("errorcode", "errorCode", Kind::Text),
    ("errormessage", "errorMessage", Kind::Text),
    ("eventcategory", "eventCategory", Kind::Text),
    ("eventid", "eventID", Kind::Text),
    ("eventname", "eventName", Kind::Text),
    ("eventsource", "eventSource", Kind::Text),
    ("eventtime", "eventTime", Kind::Time),
    ("eventtype", "eventType", Kind::Text),
    ("eventversion", "eventVersion", Kind::Text),
    ("managementevent", "managementEvent", Kind::Boolean),
    ("readonly", "readOnly", Kind::Boolean),
    ("recipientaccountid", "recipientAccountId", Kind::Text),
    ("requestid", "requestID", Kind::Text),
    ("requestparameters", "requestParameters", Kind::Tree),
    ("resources", "resources", Kind::Tree),
    ("responseelements", "responseElements", Kind::Tree),
    ("serviceeventdetails", "serviceEventDetails", Kind::Tree),
    ("sessioncredentialfromconsole", "sessionCredentialFromConsole", Kind::Text),
    ("sharedeventid", "sharedEventID", Kind::Text),
    ("sourceipaddress", "sourceIPAddress", Kind::Text),
    ("tlsdetails", "tlsDetails", Kind::Tree),
    ("useragent", "userAgent", Kind::Text),
    ("useridentity", "userIdentity", Kind::Tree),
    ("vpcendpointaccountid", "vpcEndpointAccountId", Kind::Text),
    ("vpcendpointid", "vpcEndpointId", Kind::Text),
    // The console's words, and members of `userIdentity` that a query selected.
    ("accesskeyid", "userIdentity.accessKeyId", Kind::Text),
    ("arn", "userIdentity.arn", Kind::Text),
    ("awsaccesskey", "userIdentity.accessKeyId", Kind::Text),
    ("principalid", "userIdentity.principalId", Kind::Text),
    ("username", "userIdentity.userName", Kind::Text),
];

/// Columns of which a table of events has at least one.
const TELLING: [&str; 3] = ["eventname", "eventsource", "eventtime"];

fn normal(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, ' ' | '_' | '-')).collect::<String>().to_ascii_lowercase()
}

/// Whether these are the columns of a table of events.
pub(super) fn are_events<'h>(columns: impl IntoIterator<Item = &'h str>) -> bool {
    columns.into_iter().any(|name| TELLING.contains(&normal(name).as_str()))
}

/// Whether this is the column of the error code.
pub(super) fn is_error_code(column: &str) -> bool {
    normal(column) == "errorcode"
}

/// The event in a row, or nothing if no column is one of CloudTrail's.
pub(super) fn event<'c>(row: impl IntoIterator<Item = (&'c str, &'c str)>) -> Option<String> {
    let mut event = Map::new();
    for (name, value) in row {
        add(&mut event, name, value);
    }
    TELLING
        .iter()
        .any(|name| event.keys().any(|key| normal(key) == *name))
        .then(|| Value::Object(event).to_string())
}

fn add(event: &mut Map<String, Value>, name: &str, value: &str) {
    // A missing value is printed as nothing, inside structs and by some tools as `null`.
    if value.is_empty() || value == "null" {
        return;
    }
    let name = normal(name);
    let (first, members) = name.split_once('.').unwrap_or((name.as_str(), ""));
    let Some((_, target, kind)) = COLUMNS.iter().find(|(column, _, _)| *column == first) else {
        return;
    };
    let mut path: Vec<&str> = target.split('.').collect();
    path.extend(members.split('.').filter(|member| !member.is_empty()).map(structs::member_name));
    let value = if members.is_empty() { read(target, *kind, value) } else { Value::String(value.to_owned()) };
    insert(event, &path, value);
}

fn insert(into: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => {
            into.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let inner = into.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn read(target: &str, kind: Kind, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match kind {
        Kind::Time => Value::String(iso(text).unwrap_or_else(|| text.to_owned())),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        Kind::Text | Kind::Boolean => as_text(),
        Kind::Tree => {
            let tree =
                serde_json::from_str(text).ok().or_else(|| structs::parse(text)).unwrap_or_else(as_text);
            match target {
                "userIdentity" | "tlsDetails" => structs::with_member_names(tree),
                "resources" => structs::with_resource_names(tree),
                _ => tree,
            }
        }
    }
}

/// `2023-07-10 11:54:42.000`, as Trino prints a timestamp, in CloudTrail's way; the time is UTC.
fn iso(text: &str) -> Option<String> {
    let text = text.trim_end_matches(" UTC");
    let (date, time) = text.split_once(' ')?;
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    let digits = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:".contains(&byte))
    };
    let whole = digits(date, 10) && digits(seconds, 8) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| format!("{date}T{seconds}Z"))
}

/// What a row of an API's results holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// An event made of columns.
    Event(String),
    /// The text of an event.
    Message(String),
}

/// A row of `aws cloudtrail get-query-results`: a list of maps with one entry each.
pub(super) fn lake(text: &str) -> Result<Option<Row>, serde_json::Error> {
    let cells: Vec<BTreeMap<String, Option<String>>> = serde_json::from_str(text)?;
    let cells = cells.iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)));
    Ok(event(cells).map(Row::Event))
}

#[derive(Deserialize)]
struct Cell {
    field: String,
    #[serde(default)]
    value: String,
}

/// A row of `aws logs get-query-results`: a list of fields with their values.
pub(super) fn insights(text: &str) -> Result<Option<Row>, serde_json::Error> {
    let cells: Vec<Cell> = serde_json::from_str(text)?;
    if let Some(message) = cells.iter().find(|cell| cell.field == "@message" && cell.value.starts_with('{')) {
        return Ok(Some(Row::Message(message.value.clone())));
    }
    let cells = cells.iter().map(|cell| (cell.field.as_str(), cell.value.as_str()));
    Ok(event(cells).map(Row::Event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &[(&str, &str)], expected: &str) {
        assert_eq!(event(row.iter().copied()).as_deref().unwrap_or("none"), expected);
    }

    #[test]
    fn names() {
        check(
            &[("Event time", "2024-04-16T22:18:03Z"), ("AWS region", "x")],
            r#"{"awsRegion":"x","eventTime":"2024-04-16T22:18:03Z"}"#,
        );
        check(
            &[("event_name", "A"), ("_col3", "x"), ("Read-only", "True")],
            r#"{"eventName":"A","readOnly":true}"#,
        );
        check(
            &[("eventName", "A"), ("userIdentity.sessionContext.sessionIssuer.arn", "r")],
            r#"{"eventName":"A","userIdentity":{"sessionContext":{"sessionIssuer":{"arn":"r"}}}}"#,
        );
        check(&[("name", "x"), ("", "y")], "none");
    }

    #[test]
    fn values() {
        check(&[("eventtime", "2023-07-10 11:54:42.000")], r#"{"eventTime":"2023-07-10T11:54:42Z"}"#);
        check(&[("eventtime", "yesterday at 5"), ("errorcode", "")], r#"{"eventTime":"yesterday at 5"}"#);
        check(
            &[
                ("eventname", "A"),
                ("requestparameters", r#"{"Host":"h","n":1}"#),
                ("responseelements", "null"),
            ],
            r#"{"eventName":"A","requestParameters":{"Host":"h","n":1}}"#,
        );
        check(
            &[("eventname", "A"), ("resources", "[{arn=arn:aws:s3:::b, accountid=1, type=AWS::S3::Bucket}]")],
            r#"{"eventName":"A","resources":[{"ARN":"arn:aws:s3:::b","accountId":"1","type":"AWS::S3::Bucket"}]}"#,
        );
    }
}
