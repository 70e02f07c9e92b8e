//! The answer in words, the same in every format for people.

use std::fmt::Write as _;

use crate::diagnose::{Certainty, Diagnosis, Finding, FindingCode, Remedy, SessionOrigin, Standing};

/// What was denied, in a line.
pub(super) fn headline(diagnosis: &Diagnosis) -> String {
    let [headline, ..] = first_lines(diagnosis);
    headline
}

/// How often and when.
pub(super) fn occurrences(diagnosis: &Diagnosis) -> String {
    let time = |time: Option<jiff::Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let found = &diagnosis.occurrences;
    match found.count {
        1 => format!("1 event at {}", time(found.first)),
        count => format!("{count} events since {}, the last at {}", time(found.first), time(found.last)),
    }
}

/// What was denied, why, and since when, by whom or what to do.
pub(super) fn first_lines(diagnosis: &Diagnosis) -> [String; 3] {
    let denied = &diagnosis.denied;
    let on = denied
        .resource
        .as_deref()
        .filter(|resource| *resource != "*")
        .map_or(String::new(), |arn| format!(" on {}", short(arn)));
    let hidden = !denied.action.eq_ignore_ascii_case(&diagnosis.surface.action);
    let behind = if hidden {
        let resource = diagnosis.surface.resource.as_deref().filter(|resource| *resource != "*");
        let on = resource.map_or(String::new(), |arn| format!(" {}", short(arn)));
        format!(" (behind {}{on})", diagnosis.surface.action)
    } else {
        String::new()
    };
    let first = format!("DENIED {}{on} for {}{behind}", denied.action, diagnosis.principal_name);
    let mut second = diagnosis.findings.first().map_or_else(String::new, |finding| finding.text.clone());
    if diagnosis.findings.iter().any(|finding| finding.code == FindingCode::KeyPolicyDelegates) {
        second.push_str(" (the key policy leaves the decision to IAM)");
    }
    let others = diagnosis.denied_by.len().saturating_sub(1);
    if others > 0 && diagnosis.standing == Standing::Proven {
        let names: Vec<&str> = diagnosis.denied_by.iter().skip(1).map(|layer| layer.title()).collect();
        let _ = write!(second, "; also refused by: {}", names.join(", "));
    }
    [first, format!("  {}", shortened(&second)), format!("  {}", shortened(&third_line(diagnosis)))]
}

fn third_line(diagnosis: &Diagnosis) -> String {
    let mut parts = Vec::new();
    if let Some(change) = &diagnosis.introduced_by {
        let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
        let sure = if change.certainty == Certainty::Proven { "since" } else { "probably since" };
        let changed = change.changed.as_ref().map_or(String::new(), |name| format!(" ({name})"));
        parts.push(format!(
            "{sure} {time}: {}{changed} by {}",
            change.event_name,
            person(&change.chain, &change.actor)
        ));
    }
    if let Some(origin) = &diagnosis.origin
        && let Some(hop) = origin.hops.first()
    {
        // Who vouched for whom stands below.
        let by = hop.by.split(" (vouched").next().unwrap_or_default();
        parts.push(format!("the session was obtained by {} from {}", hop.event_name, short(by)));
    }
    if let Some(remedy) = diagnosis.remedies.first() {
        let start = if remedy.verified && !remedy.is_advice { "fix (verified): " } else { "" };
        parts.push(format!("{start}{}", remedy.text));
    }
    if parts.is_empty() {
        parts.push(match diagnosis.standing {
            Standing::Contradicted => {
                "the policies may have changed since, or were not those; AWS's own message stands below"
                    .to_owned()
            }
            _ if diagnosis.not_checked.is_empty() => {
                "to explain it, give the policies: why-denied explain --bundle DIR".to_owned()
            }
            _ => "what is missing to explain it stands under \"Not checked\"".to_owned(),
        });
    }
    parts.join("; ")
}

/// The last of the chain is the person, where the chain is known.
fn person(chain: &[String], actor: &str) -> String {
    match chain {
        [first, .., last] => format!("{} (session of {})", short(last), short(first)),
        _ => short(actor).to_owned(),
    }
}

/// An ARN without what every ARN of the account has in common: enough to recognise, all of it stands below.
fn short(arn: &str) -> &str {
    if crate::arn::Arn::parse(arn).is_err() {
        return arn;
    }
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// A sentence with short ARNs.
fn shortened(text: &str) -> String {
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// What the statement in a finding's excerpt is.
pub(super) fn statement_title(finding: &Finding) -> &'static str {
    let nearest = finding.code.as_str().ends_with("no-allow");
    if nearest { "Nearest statement" } else { "Deciding statement" }
}

/// Where the session comes from: what is proven, and what is only claimed.
pub(super) fn session(origin: &SessionOrigin) -> Vec<String> {
    let mut items: Vec<String> = origin
        .hops
        .iter()
        .map(|hop| {
            let time = hop.time.map(|time| time.to_string()).unwrap_or_default();
            format!("proven: {} at {time} issued the session's credentials to {}", hop.event_name, hop.by)
        })
        .collect();
    if !origin.complete {
        items.push("not seen: the event that issued the session's credentials".to_owned());
    }
    if let Some(name) = &origin.claimed_name {
        let by_provider = origin.hops.first().is_some_and(|hop| hop.event_name != "AssumeRole");
        let who =
            if by_provider { "the identity provider set" } else { "whoever asked for the session chose" };
        items.push(format!("only claimed: the session name {name}, which {who}"));
    }
    items
}

/// What came of trying a remedy out.
pub(super) fn outcome(remedy: &Remedy) -> String {
    if remedy.verified && remedy.is_advice {
        "verified: nothing else refuses the request".to_owned()
    } else if remedy.verified {
        "verified: the request is then allowed".to_owned()
    } else if remedy.next_denied_by.is_empty() {
        "no policy to change".to_owned()
    } else {
        let names: Vec<&str> = remedy.next_denied_by.iter().map(|layer| layer.title()).collect();
        format!("then still refused by: {}", names.join(", "))
    }
}
