//! API versions at the end of event names. Only Lambda and CloudFront have them: elsewhere trailing digits are part of
//! the name (`ListFindingsV2`, `CreateDataSetV2`).

/// The event name without its API version.
pub(super) fn strip<'a>(source: &str, name: &'a str) -> &'a str {
    match source {
        "lambda" => strip_lambda(name),
        "cloudfront" => strip_cloudfront(name),
        _ => name,
    }
}

/// `UpdateFunctionConfiguration20150331v2` → `UpdateFunctionConfiguration`.
fn strip_lambda(name: &str) -> &str {
    let revision = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let dated = match revision.strip_suffix('v') {
        Some(before) if revision.len() < name.len() => before,
        _ => name,
    };
    cut(dated, 8, |date| date.starts_with("20") && date.bytes().all(|b| b.is_ascii_digit())).unwrap_or(name)
}

/// `CreateFunction2020_05_31` → `CreateFunction`.
fn strip_cloudfront(name: &str) -> &str {
    cut(name, 10, |date| {
        date.starts_with("20")
            && date.bytes().enumerate().all(
                |(i, b)| {
                    if i == 4 || i == 7 { b == b'_' } else { b.is_ascii_digit() }
                },
            )
    })
    .unwrap_or(name)
}

fn cut(name: &str, length: usize, is_date: impl Fn(&str) -> bool) -> Option<&str> {
    let (stem, date) = name.split_at_checked(name.len().checked_sub(length)?)?;
    (!stem.is_empty() && is_date(date)).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn only_dates_are_cut() {
        for (source, name, expected) in [
            ("lambda", "ListFunctions20150331", "ListFunctions"),
            ("lambda", "GetFunction20150331v2", "GetFunction"),
            ("lambda", "PublishLayerVersion20181031", "PublishLayerVersion"),
            ("lambda", "Invoke", "Invoke"),
            ("lambda", "20150331", "20150331"),
            ("cloudfront", "CreateFunction2020_05_31", "CreateFunction"),
            ("cloudfront", "CreateFunction2020-05-31", "CreateFunction2020-05-31"),
            ("s3", "ListObjectsV2", "ListObjectsV2"),
        ] {
            assert_eq!(strip(source, name), expected);
        }
    }
}
