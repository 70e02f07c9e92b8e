//! Tags that a request sets, in any of the forms in which services log them.

use serde_json::Value;

use super::Keys;

impl Keys<'_> {
    /// Tags that the request sets; a request whose parameters are shown and hold none sets none.
    pub(super) fn tags(&mut self) {
        let Some(parameters) = self.event.request_parameters.as_ref().and_then(Value::as_object) else {
            return;
        };
        let found = ["tags", "tagList", "Tags", "tagSet", "tagSpecificationSet"]
            .iter()
            .find_map(|name| parameters.get(*name));
        let mentions_tags = parameters.iter().any(|(name, value)| mentions_tags(name, value, 0));
        let found = found.map(|value| match specifications(value) {
            Some(specifications) => self.specified(specifications),
            None => tag_pairs(value),
        });
        match found {
            None if mentions_tags || parameters.contains_key("omitted") => {}
            None => {
                self.request.context.declare_family_complete("aws:RequestTag/");
                self.absent("aws:TagKeys");
            }
            Some(pairs) if pairs.is_empty() => {}
            Some(pairs) => {
                let keys: Vec<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
                for (key, value) in pairs {
                    self.known(&format!("aws:RequestTag/{key}"), value, "requestParameters.tags");
                }
                self.request.context.declare_family_complete("aws:RequestTag/");
                self.known("aws:TagKeys", keys, "requestParameters.tags");
            }
        }
    }

    /// The tags that a call of EC2 gives to the resource of the request. A call can tag an instance and no volume, and
    /// which of the tags a request for the volume carries then, no page says: nothing is known of them.
    ///
    /// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html>
    fn specified(&self, specifications: &[Value]) -> Vec<(String, String)> {
        let kind = self.request.resource.arn().and_then(|arn| arn.resource_type()).map(|(kind, _)| kind);
        let tags = |one: &Value| one.get("tags").map(tag_pairs).unwrap_or_default();
        let is_of_kind =
            |one: &&Value| one.get("resourceType").and_then(Value::as_str).is_none_or(|of| Some(of) == kind);
        match specifications {
            [one] if is_of_kind(&one) => tags(one),
            _ => Vec::new(),
        }
    }
}

/// EC2's `tagSpecificationSet.items[]`, one for each type of resource that the call creates.
fn specifications(value: &Value) -> Option<&[Value]> {
    let items = value.get("items")?.as_array()?;
    items.iter().all(|item| item.get("tags").is_some()).then_some(items)
}

/// Whether a parameter may hold tags, under whatever name and however deep.
fn mentions_tags(name: &str, value: &Value, depth: u8) -> bool {
    if name.to_ascii_lowercase().contains("tag") {
        return true;
    }
    match value {
        Value::Object(map) if depth < 16 => {
            map.iter().any(|(name, value)| mentions_tags(name, value, depth + 1))
        }
        Value::Array(items) if depth < 16 => items.iter().any(|item| mentions_tags("", item, depth + 1)),
        Value::Object(_) | Value::Array(_) => true,
        _ => false,
    }
}

/// Tags in any of the forms in which services log them.
fn tag_pairs(value: &Value) -> Vec<(String, String)> {
    let pair = |item: &Value| {
        let get = |names: [&str; 2]| names.iter().find_map(|name| item.get(*name)).and_then(Value::as_str);
        Some((get(["key", "Key"])?.to_owned(), get(["value", "Value"])?.to_owned()))
    };
    match value {
        Value::Array(items) => items.iter().filter_map(pair).collect(),
        // EC2's `tagSet.items[]`. A call that removes tags may name their keys alone.
        Value::Object(map) if map.contains_key("items") => {
            let items = map.get("items").map_or(&[][..], |items| items.as_array().map_or(&[], Vec::as_slice));
            let pairs: Vec<(String, String)> = items.iter().filter_map(pair).collect();
            if pairs.len() == items.len() { pairs } else { Vec::new() }
        }
        Value::Object(map) => {
            map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::request::{KeyState, Request};
    use crate::trail::Event;
    use crate::trail::identity::Caller;
    use crate::trail::request::requests_of;

    /// The request of a call of EC2 for a resource of a type.
    fn request(name: &str, resource: &str, parameters: &Value) -> Request {
        let event = json!({
            "eventID": "1", "eventTime": "2026-11-18T09:00:00Z", "eventSource": "ec2.amazonaws.com",
            "eventName": name, "awsRegion": "eu-west-1", "requestParameters": parameters,
            "userIdentity": {
                "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/uma", "accountId": "111122223333"
            }
        });
        let event = Event::from_json(&event.to_string()).unwrap();
        let principal = Caller::of(&event, None).principal.unwrap();
        let mut request = requests_of(&event, &principal).into_iter().next().unwrap();
        request.resource = crate::request::Resource::new(resource, None);
        request.context = crate::request::RequestContext::open();
        crate::trail::context::fill(&event, &mut request);
        request
    }

    fn specified(kind: &str) -> Value {
        json!({ "tagSpecificationSet": { "items": [
            { "resourceType": kind, "tags": [{ "key": "team", "value": "web" }] }
        ] } })
    }

    const VOLUME: &str = "arn:aws:ec2:eu-west-1:111122223333:volume/*";

    #[test]
    fn tags_that_a_call_gives_to_a_resource_are_those_of_its_request() {
        let request = request("CreateVolume", VOLUME, &specified("volume"));
        assert!(matches!(request.context.get("aws:requesttag/team"), KeyState::Known(_)));
        assert!(matches!(request.context.get("aws:requesttag/owner"), KeyState::Absent));
    }

    /// An instance is tagged, and no volume: nobody says what the request for the volume carries.
    #[test]
    fn tags_of_another_type_of_resource_leave_the_key_unknown() {
        let request = request("RunInstances", VOLUME, &specified("instance"));
        assert!(matches!(request.context.get("aws:requesttag/team"), KeyState::Unknown(_)));
    }

    #[test]
    fn a_set_of_tags_has_no_type() {
        let parameters = json!({ "tagSet": { "items": [{ "key": "owner", "value": "b" }] } });
        let request = request("CreateTags", VOLUME, &parameters);
        let KeyState::Known(keys) = request.context.get("aws:tagkeys") else { panic!("not known") };
        assert_eq!(keys.as_slice(), ["owner"]);
    }
}
