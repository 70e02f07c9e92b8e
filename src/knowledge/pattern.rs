//! Names with `*`, as the tables write them.

/// Whether the text matches the pattern, in which `*` stands for any run; letters of either case are equal.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut rest) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = tail.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_run() {
        for (pattern, text) in [
            ("a:*", "a:"),
            ("a:*Set*", "A:DeleteStackSetInstances"),
            ("a:Get", "a:get"),
            ("*b", "ab"),
            ("a*b*c", "aXbYbZc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a:Get", "a:GetX"), ("a*b", "a"), ("a*a", "a"), ("x*", "y")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
