//! Conditions on request parameters, the `when` column of the tables: `has:A|B`, `not:A`, `text:A:x`, `notext:A:x`,
//! `verb:V`, `member:M`, `ask:…`. A denied event often has `requestParameters: null`; then nothing is known.

use serde_json::Value;

/// A condition of the `when` column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When(&'static str);

impl When {
    pub(crate) const fn new(cell: &'static str) -> Self {
        Self(cell)
    }

    /// The condition as the table writes it; empty for "always".
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether it is about one part of a request that has several: a statement, or a member of a transaction.
    pub fn is_of_part(self) -> bool {
        self.0.starts_with("member:") || self.0.starts_with("verb:")
    }

    /// Whether the condition holds; `None` where the parameters do not tell.
    pub fn holds(self, parameters: Option<&Value>) -> Option<bool> {
        let (kind, rest) = self.0.split_once(':').unwrap_or_default();
        if kind.is_empty() {
            return Some(true);
        }
        let parameters = parameters.filter(|value| !value.is_null())?;
        match kind {
            "has" => Some(rest.split('|').any(|name| parameter(parameters, name).is_some())),
            "not" => Some(parameter(parameters, rest).is_none()),
            "text" | "notext" => {
                let (name, part) = rest.split_once(':')?;
                Some(contains_text(parameter(parameters, name)?, part) == (kind == "text"))
            }
            "verb" => {
                let mut statements = Vec::new();
                collect_statements(parameters, false, &mut statements);
                (!statements.is_empty()).then(|| statements.iter().any(|text| begins_with(text, rest)))
            }
            "member" => Some(has_member(parameters, rest)),
            _ => None,
        }
    }
}

/// A top-level parameter, in any case; a null or an empty text is no parameter.
pub fn parameter<'a>(parameters: &'a Value, name: &str) -> Option<&'a Value> {
    let (_, value) = parameters.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    (!value.is_null() && value.as_str() != Some("") && value.as_bool() != Some(false)).then_some(value)
}

fn contains_text(value: &Value, part: &str) -> bool {
    match value {
        Value::String(text) => text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()),
        Value::Array(items) => items.iter().any(|item| contains_text(item, part)),
        _ => false,
    }
}

/// The texts of every member named `statement` or so: `PartiQL` calls hold one, a list, or a list of objects.
fn collect_statements<'a>(value: &'a Value, inside: bool, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) if inside => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_statements(item, inside, out)),
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            collect_statements(member, name.to_ascii_lowercase().contains("statement"), out);
        }),
        _ => {}
    }
}

fn begins_with(text: &str, verb: &str) -> bool {
    text.trim_start().get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb))
}

fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has_member(item, name)),
        Value::Object(members) => {
            members.iter().any(|(key, member)| key.eq_ignore_ascii_case(name) || has_member(member, name))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::When;
    use serde_json::json;

    #[test]
    fn parameters_tell_or_do_not_tell() {
        let parameters = json!({"bucketName": "b", "versionId": "", "x-amz-copy-source": ["b/k?versionId=3"],
            "statements": [{"statement": " select * from t"}]});
        for (when, expected) in [
            ("", Some(true)),
            ("has:versionId", Some(false)),
            ("has:x|BUCKETNAME", Some(true)),
            ("not:versionId", Some(true)),
            ("text:x-amz-copy-source:versionid=", Some(true)),
            ("notext:x-amz-copy-source:versionId=", Some(false)),
            ("text:absent:x", None),
            ("verb:SELECT", Some(true)),
            ("verb:INSERT", Some(false)),
            ("member:statement", Some(true)),
            ("ask:who knows", None),
        ] {
            assert_eq!(When::new(when).holds(Some(&parameters)), expected, "{when}");
            if !when.is_empty() {
                assert_eq!(When::new(when).holds(None), None, "{when}");
            }
        }
    }
}
