//! Which parts of an ARN are AWS's.

use super::text::{Redactor, Speech};
use super::words;
use crate::knowledge::service_reference::resource_types;

/// Resources that the Service Authorization Reference does not list.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
const OTHER_FORMATS: &[(&str, &str)] = &[
    ("sts", "arn:${Partition}:sts::${Account}:assumed-role/${Role}/${Session}"),
    ("sts", "arn:${Partition}:sts::${Account}:federated-user/${User}"),
    ("sts", "arn:${Partition}:sts::${Account}:self"),
    ("iam", "arn:${Partition}:iam::${Account}:root"),
];

impl Redactor {
    /// The replacement of an ARN, or of a pattern for ARNs.
    pub(super) fn arn(&mut self, text: &str) -> String {
        let parts = split(text, &[':'], 6);
        let service = parts.get(2).copied().unwrap_or_default();
        let region = parts.get(3).copied().unwrap_or_default();
        let account = parts.get(4).copied().unwrap_or_default();
        let mut new = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            new.push(match at {
                5 if account == "aws" && is_plain(part) => (*part).to_owned(),
                5 if service == "kms" && part.starts_with("alias/aws/") && is_plain(part) => {
                    (*part).to_owned()
                }
                5 => self.resource(service, region, part),
                3 if words::is_region(part) => (*part).to_owned(),
                // `eu-*`
                3 if part.contains('*') && is_plain(part) => (*part).to_owned(),
                3 | 4 => self.words(part, Speech::Names),
                _ if is_plain(part) => (*part).to_owned(),
                _ => self.words(part, Speech::Names),
            });
        }
        new.join(":")
    }

    /// The last part: words for types stay where the service has them.
    fn resource(&mut self, service: &str, region: &str, resource: &str) -> String {
        let parts = split(resource, &['/', ':'], usize::MAX);
        let types = types(service, region, &parts);
        let mut rest = resource;
        let mut new = String::new();
        for (at, part) in parts.iter().enumerate() {
            if types.contains(&at) {
                new.push_str(part);
            } else {
                new.push_str(&self.words(part, Speech::Names));
            }
            rest = rest.get(part.len()..).unwrap_or_default();
            let separator = rest.chars().next();
            new.extend(separator);
            rest = rest.get(separator.map_or(0, char::len_utf8)..).unwrap_or_default();
        }
        new
    }
}

/// Splits at separators that are not inside a policy variable.
fn split<'t>(text: &'t str, separators: &[char], at_most: usize) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let (mut start, mut is_variable) = (0, false);
    for (at, letter) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        is_variable = (is_variable || rest.starts_with("${") && rest.contains('}')) && letter != '}';
        if !is_variable && separators.contains(&letter) && parts.len() + 1 < at_most {
            parts.extend(text.get(start..at));
            start = at + letter.len_utf8();
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// AWS's own letters and patterns, nothing else.
fn is_plain(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./*?".contains(&byte))
        && !words::has_account(part)
}

/// The places of the words that are fixed in the formats that the ARN can have.
fn types(service: &str, region: &str, parts: &[&str]) -> Vec<usize> {
    let listed = resource_types(service).iter().map(|kind| kind.arn_format);
    let other = OTHER_FORMATS.iter().filter(|(of, _)| *of == service).map(|(_, format)| *format);
    let mut places = Vec::new();
    for format in listed.chain(other) {
        let fixed: Vec<&str> = format.splitn(6, ':').collect();
        let (Some(of_region), Some(resource)) = (fixed.get(3), fixed.get(5)) else { continue };
        if of_region.is_empty() != region.is_empty() && !region.contains('*') {
            continue;
        }
        for (at, (word, part)) in resource.split(['/', ':']).zip(parts).enumerate() {
            let is_fixed = !word.contains("${");
            if is_fixed && word == *part {
                places.push(at);
            } else if is_fixed && !part.contains('*') {
                break;
            }
        }
    }
    places
}
