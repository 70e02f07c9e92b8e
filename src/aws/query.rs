//! The protocols of services that have no client here: how a request is written, and how an answer is read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use serde_json::Value;

use super::signed::Message;

/// What stands unencoded in a form.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a service that speaks JSON is addressed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Json {
    /// What stands before the operation in `X-Amz-Target`.
    pub target: &'static str,
    /// `1.0` or `1.1`.
    pub version: &'static str,
}

/// A request in the query protocol: a form in, XML out.
///
/// Source: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
pub(crate) fn message(action: &str, version: &str, parameters: &[(&str, &str)]) -> Message {
    let always = [("Action", action), ("Version", version)];
    let fields =
        always.iter().chain(parameters).map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let body = fields.collect::<Vec<_>>().join("&");
    Message {
        method: "POST",
        path: "/".to_owned(),
        headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
        body,
    }
}

/// A request in the JSON protocol; the answer is the output as the AWS CLI prints it, except for times.
///
/// Source: <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>
pub(crate) fn json_message(target: &str, version: &str, input: &Value) -> Message {
    Message {
        method: "POST",
        path: "/".to_owned(),
        headers: vec![
            ("content-type", format!("application/x-amz-json-{version}")),
            ("x-amz-target", target.to_owned()),
        ],
        body: input.to_string(),
    }
}

/// A text as a part of a path or of a form.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

/// The texts of all elements of a name; `None` if it is no XML.
pub(crate) fn xml_texts(xml: &str, name: &str) -> Option<Vec<String>> {
    let document = roxmltree::Document::parse(xml).ok()?;
    let elements = document.descendants().filter(|node| node.tag_name().name() == name);
    Some(elements.filter_map(|element| element.text().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_was_meant() {
        let message = message(
            "GetTopicAttributes",
            "2010-03-31",
            &[("TopicArn", "arn:aws:sns:eu-west-1:111122223333:a b&c")],
        );
        assert_eq!(
            message.body,
            "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3Aa%20b%26c"
        );
    }

    #[test]
    fn texts_are_found_by_the_name_of_their_element() {
        let xml = "<R xmlns='u'><regionInfo><item><regionName>eu-west-1</regionName></item>\
                   <item><regionName>us-east-1</regionName></item></regionInfo></R>";
        assert_eq!(xml_texts(xml, "regionName"), Some(vec!["eu-west-1".to_owned(), "us-east-1".to_owned()]));
        assert_eq!(xml_texts(xml, "none"), Some(Vec::new()));
        assert_eq!(xml_texts("<html", "none"), None);
    }
}
