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
        match found.map(tag_pairs) {
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
        Value::Object(map) if map.contains_key("items") => {
            map.get("items").map(nested_tags).unwrap_or_default()
        }
        Value::Object(map) => {
            map.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        }
        _ => Vec::new(),
    }
}

/// EC2's `tagSpecificationSet.items[].tags[]`.
fn nested_tags(value: &Value) -> Vec<(String, String)> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(|item| item.get("tags")).flat_map(tag_pairs).collect()
}
