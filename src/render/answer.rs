//! The answer in words, the same in every format for people.

use std::fmt::Write as _;

use super::authorization_details;
use crate::arn::Arn;
use crate::diagnose::{
    Certainty, Diagnosis, Finding, FindingCode, Introduction, Remedy, SessionOrigin, Standing,
};
use crate::evaluate::{Got, Layer};
use crate::ids::AccountId;
use crate::policy::{ConditionOperator, Element};

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
    let account = other_account(diagnosis).map_or(String::new(), |id| format!(" of account {id}"));
    let by = behind_session(diagnosis).unwrap_or_default();
    let first = format!("DENIED {}{on}{account} for {}{by}{behind}", denied.action, diagnosis.principal_name);
    let mut second = diagnosis.findings.first().map_or_else(String::new, |finding| finding.text.clone());
    if diagnosis.findings.iter().any(|finding| finding.code == FindingCode::KeyPolicyDelegates) {
        second.push_str(" (the key policy leaves the decision to IAM)");
    }
    if diagnosis.findings.iter().skip(1).any(|finding| finding.code == FindingCode::S3MissingObject) {
        second.push_str(" (S3 asks for it where the object does not exist, to answer 404)");
    }
    let decided =
        diagnosis.findings.first().and_then(|finding| finding.layer).or(diagnosis.denied_by.first().copied());
    let others = diagnosis.denied_by.iter().filter(|layer| Some(**layer) != decided);
    let names: Vec<&str> = others.map(|layer| layer.title()).collect();
    if !names.is_empty() && diagnosis.standing == Standing::Proven {
        let _ = write!(second, "; also refused by: {}", names.join(", "));
    }
    let compared = compared(diagnosis);
    let stranger = other_account(diagnosis).and_then(|_| own_account(diagnosis));
    let [second, third] = [second, third_line(diagnosis)].map(|line| shortened(&line, &compared, stranger));
    [first, format!("  {second}"), format!("  {third}")]
}

/// The account of what was called, if it is another than the caller's: there two administrators have to agree.
fn other_account(diagnosis: &Diagnosis) -> Option<String> {
    let owner = Arn::parse(diagnosis.denied.resource.as_deref()?).ok()?.account()?;
    let own = own_account(diagnosis)?;
    (owner != own).then(|| owner.to_string())
}

fn own_account(diagnosis: &Diagnosis) -> Option<AccountId> {
    Arn::parse(&diagnosis.principal).ok()?.account()
}

/// What the condition of the deciding finding compares.
fn compared(diagnosis: &Diagnosis) -> Vec<&str> {
    let Some(finding) = diagnosis.findings.first() else { return Vec::new() };
    let got = match &finding.got {
        Some(Got::Values(values)) => values.as_slice(),
        _ => &[],
    };
    let all: Vec<&str> = finding.wanted.iter().chain(got).map(String::as_str).collect();
    // What two patterns differ in may be the partition, the Region or the account, which short ARNs do not show.
    let is_resource = matches!(finding.element, Some(Element::Resource | Element::NotResource));
    let differs_in_front =
        || got.iter().any(|got| finding.wanted.iter().any(|wanted| !in_front_alike(wanted, got)));
    if finding.key.is_some() || (is_resource && differs_in_front()) { all } else { Vec::new() }
}

/// Whether two ARNs have the partition, service, Region and account in common.
fn in_front_alike(one: &str, other: &str) -> bool {
    let front = |arn: &str| arn.splitn(6, ':').take(5).map(str::to_owned).collect::<Vec<_>>();
    !one.starts_with("arn:") || !other.starts_with("arn:") || front(one) == front(other)
}

/// Who asked for the session, and who stands at the beginning.
fn behind_session(diagnosis: &Diagnosis) -> Option<String> {
    let hops = &diagnosis.origin.as_ref()?.hops;
    let (near, far) = (short(without_provider(&hops.first()?.by)), short(without_provider(&hops.last()?.by)));
    let far = if far == near { String::new() } else { format!(", behind it {far}") };
    Some(format!(" (session by {near}{far})"))
}

/// Since when and by whom, and what to do.
fn third_line(diagnosis: &Diagnosis) -> String {
    let mut parts = vec![since(diagnosis)];
    // A session has its policy from whoever asked for it.
    let is_about_session = diagnosis.denied_by.first() == Some(&Layer::Session);
    if let Some(hop) = diagnosis.origin.as_ref().and_then(|origin| origin.hops.first())
        && is_about_session
    {
        let by = short(without_provider(&hop.by));
        parts.push(format!("the session was obtained by {} from {by}", hop.event_name));
    }
    if let Some(change) = &diagnosis.allowed_since {
        parts.push(format!(
            "nothing to do any more: allowed since {}; then the same call succeeded",
            told(change)
        ));
        return parts.join("; ");
    }
    let remedy = diagnosis.remedies.first();
    parts.push(remedy.map_or_else(|| without_remedy(diagnosis).to_owned(), what_to_do));
    let is_guardrail = |layer: &Layer| matches!(layer, Layer::Scp | Layer::Rcp);
    let decided = diagnosis.findings.first().and_then(|finding| finding.layer);
    if decided.as_ref().is_some_and(is_guardrail)
        && !remedy.is_some_and(|remedy| remedy.who.contains("organization"))
    {
        parts.push("only the organization can change the policy".to_owned());
    }
    parts.join("; ")
}

fn since(diagnosis: &Diagnosis) -> String {
    let Some(change) = &diagnosis.introduced_by else {
        let first =
            diagnosis.occurrences.first.map(|time| format!(" (first seen {time})")).unwrap_or_default();
        return format!("since when is not known{first}");
    };
    let sure = if change.certainty == Certainty::Proven { "since" } else { "probably since" };
    format!("{sure} {}", told(change))
}

/// When a change was made, which it was, and by whom.
fn told(change: &Introduction) -> String {
    let time = change.event_time.map(|time| time.to_string()).unwrap_or_default();
    let changed = change.changed.as_ref().map_or(String::new(), |name| format!(" ({name})"));
    format!("{time}: {}{changed} by {}", change.event_name, person(&change.chain, &change.actor))
}

fn what_to_do(remedy: &Remedy) -> String {
    let start = if remedy.verified && !remedy.is_advice { "fix (verified): " } else { "" };
    let names: Vec<&str> = remedy.next_denied_by.iter().map(|layer| layer.title()).collect();
    let end = match (remedy.is_advice, names.as_slice()) {
        (true, _) => String::new(),
        (false, []) if remedy.is_open => ", which may not be enough".to_owned(),
        (false, []) => String::new(),
        (false, names) => format!(", which alone is not enough: {} refuses it too", names.join(" and ")),
    };
    format!("{}: {start}{}{end}", remedy.who, remedy.text)
}

fn without_remedy(diagnosis: &Diagnosis) -> &'static str {
    match diagnosis.standing {
        Standing::Contradicted => {
            "the policies may have changed since, or were not those; AWS's own message stands below"
        }
        Standing::Proven => "no change of a policy is known that would allow it",
        _ if diagnosis.not_checked.is_empty() => {
            "to explain it, give the policies: why-denied explain --bundle DIR"
        }
        _ => "what is missing to explain it stands under \"Not checked\"",
    }
}

/// The last of the chain is the person, where the chain is known.
fn person(chain: &[String], actor: &str) -> String {
    match chain {
        [first, .., last] => format!("{} (session {})", short(without_provider(last)), short(first)),
        _ => short(actor).to_owned(),
    }
}

/// Who vouched for somebody stands below.
fn without_provider(who: &str) -> &str {
    who.split(" (vouched").next().unwrap_or(who)
}

/// An ARN without what every ARN of the account has in common: enough to recognise, all of it stands below.
fn short(arn: &str) -> &str {
    // Of the account as a whole the rest would be `root`, which is somebody else.
    if Arn::parse(arn).map_or(true, |arn| arn.resource() == "root") {
        return arn;
    }
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// A sentence with short ARNs. A value that a condition compares stays whole: every letter of it counts. Identities of
/// an account that is not that of the resource keep its name, for whoever reads it there has no such role.
fn shortened(text: &str, compared: &[&str], stranger: Option<AccountId>) -> String {
    let account_of = |name: &str| {
        let is_identity = |arn: &Arn| matches!(arn.service(), "iam" | "sts") && arn.resource() != "root";
        let account = Arn::parse(name).ok().filter(is_identity).and_then(|arn| arn.account());
        account.filter(|account| Some(*account) == stranger)
    };
    let words = text.split(' ').map(|word| {
        let (name, end) = word.split_at(word.trim_end_matches([',', ';', ')']).len());
        match account_of(name) {
            _ if compared.contains(&name) => word.to_owned(),
            Some(account) => format!("{} of account {account}{end}", short(name)),
            None => format!("{}{end}", short(name)),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What the statement in a finding's excerpt is.
pub(super) fn statement_title(finding: &Finding) -> &'static str {
    let nearest = finding.code.as_str().ends_with("no-allow");
    if nearest { "Nearest statement" } else { "Deciding statement" }
}

/// Why the statement of a finding applies, in words; `None` if the finding says nothing of it.
pub(super) fn why_it_applies(finding: &Finding) -> Option<String> {
    let (element, wanted) = (finding.element?, finding.wanted.join(" or "));
    let got = match (finding.got.as_ref()?, &finding.key) {
        (Got::Values(values), _) => values.join(", "),
        (Got::Absent, Some(key)) => return Some(format!("the request carried no {key}")),
        _ => return None,
    };
    let Some(key) = &finding.key else {
        let is_negated = matches!(element, Element::NotAction | Element::NotResource | Element::NotPrincipal);
        let verb = if is_negated { "does not except" } else { "covers" };
        return Some(format!("its {element} {verb} {got}"));
    };
    let operator = ConditionOperator::parse(finding.operator.as_deref()?)?;
    // Of several values, the set operators say which of them count.
    if operator.set.is_some() {
        return None;
    }
    Some(if operator.base.is_negated() {
        format!("{key} is {got}, which is not among {wanted}")
    } else {
        format!("{key} is {got}, which {operator} {wanted} matches")
    })
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
        let who = match origin.hops.first() {
            None => "whoever asked for the session chose, or the identity provider set",
            Some(hop) if hop.event_name == "AssumeRole" => "whoever asked for the session chose",
            Some(_) => "the identity provider set",
        };
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
        let open = "whether that is enough is not known";
        if remedy.is_open { open } else { "not tried out" }.to_owned()
    } else {
        let names: Vec<&str> = remedy.next_denied_by.iter().map(|layer| layer.title()).collect();
        format!("then still refused by: {}", names.join(", "))
    }
}

/// How AWS's details of the denial are fetched, where its message has an id of them and nobody gave them.
pub(super) fn where_details_are(diagnosis: &Diagnosis) -> Option<String> {
    let testimony = diagnosis.testimony.as_ref().filter(|_| diagnosis.authorization.is_none())?;
    let command = authorization_details::command(&testimony.message)?;
    let how = authorization_details::HOW_TO_READ;
    Some(format!("Its details, kept for 24 hours: {command} ({how})."))
}
