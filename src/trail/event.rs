//! One CloudTrail record as typed data, read leniently: only `eventSource` and `eventName` are required.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::fields::{Fields, Oddity};
use super::user_identity::UserIdentity;
use crate::ids::AccountId;

/// A CloudTrail record.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `eventVersion`, for example `1.11`.
    pub event_version: Option<String>,
    /// `eventID`; the same event can be delivered more than once.
    pub event_id: Option<String>,
    /// `eventTime`, in UTC and to the second.
    pub event_time: Option<Timestamp>,
    /// `eventSource`, for example `s3.amazonaws.com`.
    pub event_source: String,
    /// `eventName`: the API operation, which is not always the IAM action.
    pub event_name: String,
    /// `awsRegion`; kept as it is written.
    pub aws_region: Option<String>,
    /// `sourceIPAddress`: an address, the DNS name of a service, or `AWS Internal`.
    pub source_ip_address: Option<String>,
    /// `userAgent`.
    pub user_agent: Option<String>,
    /// `errorCode`; absent when the call succeeded.
    pub error_code: Option<String>,
    /// `errorMessage`, cut by CloudTrail at 1 KB.
    pub error_message: Option<String>,
    /// `requestParameters`; often null when the call was denied.
    pub request_parameters: Option<Value>,
    /// `responseElements`; some services report an error here.
    pub response_elements: Option<Value>,
    /// `additionalEventData`.
    pub additional_event_data: Option<Value>,
    /// `serviceEventDetails`, of events that a service makes by itself.
    pub service_event_details: Option<Value>,
    /// `resources`; absent from most denials.
    pub resources: Vec<ResourceEntry>,
    /// `userIdentity`.
    pub user_identity: UserIdentity,
    /// `requestID`, which the caller's SDK shows too.
    pub request_id: Option<String>,
    /// `eventType`, for example `AwsApiCall` or `AwsVpceEvent`.
    pub event_type: Option<String>,
    /// `eventCategory`: `Management`, `Data`, `NetworkActivity`, `Insight`.
    pub event_category: Option<String>,
    /// `managementEvent`.
    pub management_event: Option<bool>,
    /// `readOnly`.
    pub read_only: Option<bool>,
    /// `recipientAccountId`: the account whose trail has this copy.
    pub recipient_account_id: Option<String>,
    /// `sharedEventID`: joins the copies that two accounts received.
    pub shared_event_id: Option<String>,
    /// `vpcEndpointId`.
    pub vpc_endpoint_id: Option<String>,
    /// `vpcEndpointAccountId`.
    pub vpc_endpoint_account_id: Option<String>,
    /// `tlsDetails`; absent when a service calls on somebody's behalf.
    pub tls_details: Option<TlsDetails>,
    /// `sessionCredentialFromConsole`: the call came from a console session.
    pub session_credential_from_console: Option<bool>,
    /// `apiVersion`.
    pub api_version: Option<String>,
    /// `eventContext`, only in event data stores of CloudTrail Lake that ask for it.
    pub event_context: Option<EventContext>,
    /// Optional fields that did not have the documented form, in the order in which they were read.
    pub oddities: Vec<Oddity>,
    /// The record as it was given, to print or store it unchanged.
    pub raw: String,
}

/// One entry of `resources`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceEntry {
    /// The resource's ARN.
    pub arn: Option<String>,
    /// `ARNPrefix`, which S3 gives for all objects of a bucket.
    pub arn_prefix: Option<String>,
    /// The account that owns the resource; not always twelve digits (`AWS Internal`).
    pub account_id: Option<String>,
    /// The type, for example `AWS::S3::Object`.
    pub resource_type: Option<String>,
}

/// `tlsDetails`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsDetails {
    /// `tlsVersion`.
    pub version: Option<String>,
    /// `cipherSuite`.
    pub cipher_suite: Option<String>,
    /// `clientProvidedHostHeader`: the endpoint that was called.
    pub host_header: Option<String>,
}

/// `eventContext`: condition keys and resource tags as the authorization saw them.
///
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-context-events.html>
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventContext {
    /// `requestContext`: IAM condition keys with their values.
    pub request_context: BTreeMap<String, Vec<String>>,
    /// `tagContext`, as it is written.
    pub tag_context: Option<Value>,
}

/// A text is no CloudTrail record.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The text is not JSON.
    #[error("the event is not JSON at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the JSON reader said.
        source: serde_json::Error,
    },
    /// The JSON is something else: a digest, an Insights record, an envelope.
    #[error("this JSON is not a CloudTrail event, it has no `{missing}`")]
    NotAnEvent {
        /// The field that every event has.
        missing: &'static str,
    },
}

impl Event {
    /// Reads one record, without any envelope.
    pub fn from_json(text: &str) -> Result<Self, EventError> {
        let value: Value = serde_json::from_str(text).map_err(|source| EventError::NotJson {
            line: source.line(),
            column: source.column(),
            source,
        })?;
        let Value::Object(map) = &value else {
            return Err(EventError::NotAnEvent { missing: "eventSource" });
        };
        Self::from_fields(Fields::new(map, ""), text)
    }

    fn from_fields(mut fields: Fields<'_>, raw: &str) -> Result<Self, EventError> {
        let event_source =
            fields.text("eventSource").ok_or(EventError::NotAnEvent { missing: "eventSource" })?;
        let event_name = fields.text("eventName").ok_or(EventError::NotAnEvent { missing: "eventName" })?;
        let user_identity = fields.nested("userIdentity", UserIdentity::from_fields).unwrap_or_default();
        Ok(Self {
            event_source,
            event_name,
            user_identity,
            event_version: fields.text("eventVersion"),
            event_id: fields.text("eventID"),
            event_time: fields.time("eventTime"),
            aws_region: fields.text("awsRegion"),
            source_ip_address: fields.text("sourceIPAddress"),
            user_agent: fields.text("userAgent"),
            error_code: fields.text("errorCode"),
            error_message: fields.text("errorMessage"),
            request_parameters: fields.value("requestParameters"),
            response_elements: fields.value("responseElements"),
            additional_event_data: fields.value("additionalEventData"),
            service_event_details: fields.value("serviceEventDetails"),
            resources: fields.list("resources", ResourceEntry::from_fields),
            request_id: fields.text("requestID"),
            event_type: fields.text("eventType"),
            event_category: fields.text("eventCategory"),
            management_event: fields.boolean("managementEvent"),
            read_only: fields.boolean("readOnly"),
            recipient_account_id: fields.text("recipientAccountId"),
            shared_event_id: fields.text("sharedEventID"),
            vpc_endpoint_id: fields.text("vpcEndpointId"),
            vpc_endpoint_account_id: fields.text("vpcEndpointAccountId"),
            tls_details: fields.nested("tlsDetails", TlsDetails::from_fields),
            session_credential_from_console: fields.boolean("sessionCredentialFromConsole"),
            api_version: fields.text("apiVersion"),
            event_context: fields.nested("eventContext", EventContext::from_fields),
            oddities: fields.into_oddities(),
            raw: raw.to_owned(),
        })
    }

    /// The account whose trail has this copy, where it is a real account id.
    pub fn recipient_account(&self) -> Option<AccountId> {
        self.recipient_account_id.as_deref().and_then(AccountId::parse)
    }

    /// Whether the record carries an error at its top level.
    pub fn failed(&self) -> bool {
        self.error_code.is_some() || self.error_message.is_some()
    }

    /// A value of `requestParameters` by its path.
    pub fn parameter(&self, path: &[&str]) -> Option<&Value> {
        at(self.request_parameters.as_ref()?, path)
    }

    /// A value of `responseElements` by its path.
    pub fn response(&self, path: &[&str]) -> Option<&Value> {
        at(self.response_elements.as_ref()?, path)
    }

    /// By time, then by event id, so that the order of delivery does not matter. Events without a time come first.
    pub fn chronological(&self, other: &Self) -> Ordering {
        self.event_time.cmp(&other.event_time).then_with(|| self.event_id.cmp(&other.event_id))
    }
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |inner, key| inner.get(key))
}

impl ResourceEntry {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        Self {
            arn: fields.text("ARN"),
            arn_prefix: fields.text("ARNPrefix"),
            account_id: fields.text("accountId"),
            resource_type: fields.text("type"),
        }
    }
}

impl TlsDetails {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        Self {
            version: fields.text("tlsVersion"),
            cipher_suite: fields.text("cipherSuite"),
            host_header: fields.text("clientProvidedHostHeader"),
        }
    }
}

impl EventContext {
    fn from_fields(fields: &mut Fields<'_>) -> Self {
        let request_context = match fields.value("requestContext") {
            Some(Value::Object(map)) => map.iter().map(|(key, value)| (key.clone(), texts(value))).collect(),
            _ => BTreeMap::new(),
        };
        Self { request_context, tag_context: fields.value("tagContext") }
    }
}

/// The texts of a value that is one text or a list of them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null | Value::Object(_) => Vec::new(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(rest: &str) -> Event {
        let text = format!(r#"{{"eventSource":"s3.amazonaws.com","eventName":"GetObject"{rest}}}"#);
        Event::from_json(&text).unwrap()
    }

    #[test]
    fn only_the_source_and_the_name_are_required() {
        let event = event("");
        assert_eq!(
            (event.event_source.as_str(), event.event_name.as_str()),
            ("s3.amazonaws.com", "GetObject")
        );
        assert!(event.oddities.is_empty());
        assert!(!event.failed());
    }

    // The digest and Insights files lie beside the log files and are JSON too.
    #[test]
    fn other_json_is_not_an_event() {
        for text in ["[]", "3", "{}", r#"{"awsAccountId":"1","logFiles":[]}"#, r#"{"eventSource":"a"}"#] {
            assert!(matches!(Event::from_json(text), Err(EventError::NotAnEvent { .. })), "{text}");
        }
    }

    #[test]
    fn broken_json_is_reported_with_its_place() {
        let error = Event::from_json("{\n \"eventSource\" \"x\"}").unwrap_err();
        assert_eq!(error.to_string(), "the event is not JSON at line 2, column 16");
    }

    // A Python round trip leaves `None` and `False` behind.
    #[test]
    fn words_for_nothing_are_absence_and_words_for_truth_are_truth() {
        let event = event(
            r#","errorCode":"None","errorMessage":"null","responseElements":"None","readOnly":"False""#,
        );
        assert!(!event.failed());
        assert_eq!(event.response_elements, None);
        assert_eq!(event.read_only, Some(false));
    }

    #[test]
    fn a_field_of_the_wrong_type_is_remembered_and_not_fatal() {
        let event =
            event(r#","eventID":["a"],"recipientAccountId":1234567890,"resources":"none","tlsDetails":3"#);
        assert_eq!(event.event_id, None);
        assert_eq!(event.recipient_account_id.as_deref(), Some("001234567890"));
        let fields: Vec<_> = event.oddities.iter().map(|oddity| oddity.field.as_str()).collect();
        assert_eq!(fields, ["eventID", "resources", "recipientAccountId", "tlsDetails"]);
    }

    #[test]
    fn times_are_read_in_every_form_seen() {
        let wanted: Timestamp = "2025-01-20T15:59:33Z".parse().unwrap();
        for text in [
            r#""2025-01-20T15:59:33Z""#,
            r#""2025-01-20T21:29:33+05:30""#,
            r#""2025-01-20 15:59:33.000000000""#,
            r#""2025-01-20 15:59:33.000""#,
            r#""2025-01-20T15:59:33""#,
            "1737388773",
            "1737388773.0",
        ] {
            assert_eq!(event(&format!(r#","eventTime":{text}"#)).event_time, Some(wanted), "{text}");
        }
        assert_eq!(event(r#","eventTime":"xxx:38:05Z""#).event_time, None);
    }

    #[test]
    fn resources_are_read_in_odd_shapes() {
        let event = event(
            r#","resources":[null,{"ARN":"arn:aws:s3:::b"},{"arn":"x","accountId":null},{"ARNPrefix":"p/"}]"#,
        );
        let arns: Vec<_> = event.resources.iter().map(|entry| entry.arn.as_deref()).collect();
        assert_eq!(arns, [Some("arn:aws:s3:::b"), Some("x"), None]);
        assert_eq!(event.resources.last().unwrap().arn_prefix.as_deref(), Some("p/"));
    }

    // Athena and Lake keep requestParameters in a text column.
    #[test]
    fn parameters_may_be_json_in_a_text() {
        let event = event(r#","requestParameters":"{\"bucketName\":\"b\"}""#);
        assert_eq!(event.parameter(&["bucketName"]).and_then(Value::as_str), Some("b"));
    }

    #[test]
    fn order_is_by_time_and_then_by_id() {
        let first = event(r#","eventTime":"2025-01-20T15:59:33Z","eventID":"a""#);
        let second = event(r#","eventTime":"2025-01-20T15:59:33Z","eventID":"b""#);
        assert_eq!(first.chronological(&second), Ordering::Less);
    }
}
