//! Which ARN formats an ARN can have.

use super::ResourceType;

/// The types whose format matches with the longest fixed text. Placeholders first stand for text without `/` and `:`;
/// only if no format matches so may they span them (object keys, role paths, log group names).
pub(super) fn most_specific<'a>(types: &'a [ResourceType], arn: &str) -> Vec<&'a ResourceType> {
    for spans in [false, true] {
        let matching: Vec<_> = types.iter().filter(|t| matches(t.arn_format, arn, spans)).collect();
        let most = matching.iter().map(|t| fixed_length(t.arn_format)).max();
        if let Some(most) = most {
            return matching.into_iter().filter(|t| fixed_length(t.arn_format) == most).collect();
        }
    }
    Vec::new()
}

fn matches(format: &str, arn: &str, spans: bool) -> bool {
    let format: Vec<&str> = format.splitn(6, ':').collect();
    let arn: Vec<&str> = arn.splitn(6, ':').collect();
    if format.len() != 6 || arn.len() != 6 {
        return false;
    }
    format.iter().zip(&arn).enumerate().all(|(index, (format, part))| {
        // Only the last part, the resource, can hold `/` and `:`.
        matches_part(format, part, spans && index == 5)
    })
}

fn matches_part(format: &str, text: &str, spans: bool) -> bool {
    let Some((fixed, rest)) = format.split_once("${") else {
        return format == text;
    };
    let Some(text) = text.strip_prefix(fixed) else {
        return false;
    };
    let rest = rest.split_once('}').map_or("", |(_, rest)| rest);
    if rest.is_empty() {
        return spans || !text.contains(['/', ':']);
    }
    let longest = if spans { text.len() } else { text.find(['/', ':']).unwrap_or(text.len()) };
    (0..=longest).any(|end| text.get(end..).is_some_and(|tail| matches_part(rest, tail, spans)))
}

/// The length of a format's text outside its placeholders.
fn fixed_length(format: &str) -> usize {
    let mut parts = format.split("${");
    let head = parts.next().map_or(0, str::len);
    head + parts.map(|part| part.split_once('}').map_or(0, |(_, fixed)| fixed.len())).sum::<usize>()
}
