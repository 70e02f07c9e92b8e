//! Where sessions come from: the STS events that issued them, and the way back to the first caller.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::event::{Event, texts};
use super::identity::Caller;
use crate::arn::Arn;
use crate::request::Principal;

/// The STS operations that issue credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssueKind {
    /// `AssumeRole`
    AssumeRole,
    /// `AssumeRoleWithSAML`
    AssumeRoleWithSaml,
    /// `AssumeRoleWithWebIdentity`
    AssumeRoleWithWebIdentity,
    /// `AssumeRoot`
    AssumeRoot,
    /// `GetSessionToken`
    GetSessionToken,
    /// `GetFederationToken`
    GetFederationToken,
}

/// A successful STS call that issued temporary credentials.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionIssue {
    /// The event's id.
    pub event_id: Option<String>,
    /// When the credentials were issued.
    pub time: Option<Timestamp>,
    /// Which operation issued them.
    pub kind: IssueKind,
    /// The access key that was issued.
    pub access_key_id: Option<String>,
    /// The session: an assumed role or a federated user.
    pub session: Option<Arn>,
    /// The role that was assumed, path included.
    pub role: Option<Arn>,
    /// Who asked for the credentials.
    pub caller: Caller,
    /// The source identity that was set with this call.
    pub source_identity: Option<String>,
    /// The inline session policy, as it was written.
    pub session_policy: Option<String>,
    /// Managed session policies, or the task policy of `AssumeRoot`.
    pub policy_arns: Vec<String>,
    /// Session tags, with those that the identity provider set.
    pub tags: BTreeMap<String, String>,
    /// Tags that the session inherits from the one before it.
    pub inherited_tags: BTreeMap<String, String>,
    /// Tags that later sessions inherit.
    pub transitive_tag_keys: Vec<String>,
    /// The external id.
    pub external_id: Option<String>,
    /// The member account of `AssumeRoot`.
    pub target_account: Option<String>,
    /// Joins the copies in the caller's and the role owner's trail.
    pub shared_event_id: Option<String>,
}

/// How the way back from a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginEnd {
    /// At somebody whose credentials no STS event issued: a user, root, an outside identity, a service.
    Found,
    /// At a session whose issue is not among the events.
    NotSeen,
    /// Back at a session that was passed already.
    Cycle,
}

/// The way from a session back to the first caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin<'a> {
    /// The issues, the latest first.
    pub hops: Vec<&'a SessionIssue>,
    /// The caller at the end.
    pub first: Caller,
    /// Whether that is the beginning.
    pub end: OriginEnd,
}

/// Answers which STS event issued an access key or a session.
#[derive(Debug, Clone, Default)]
pub struct SessionIndex {
    issues: Vec<SessionIssue>,
    by_key: BTreeMap<String, usize>,
    by_session: BTreeMap<String, Vec<usize>>,
}

impl IssueKind {
    fn of(event: &Event) -> Option<Self> {
        if event.event_source != "sts.amazonaws.com" || event.failed() {
            return None;
        }
        Some(match event.event_name.as_str() {
            "AssumeRole" => Self::AssumeRole,
            "AssumeRoleWithSAML" => Self::AssumeRoleWithSaml,
            "AssumeRoleWithWebIdentity" => Self::AssumeRoleWithWebIdentity,
            "AssumeRoot" => Self::AssumeRoot,
            "GetSessionToken" => Self::GetSessionToken,
            "GetFederationToken" => Self::GetFederationToken,
            _ => return None,
        })
    }
}

impl SessionIssue {
    /// The issue that an event is, if it is a successful STS call that issues credentials.
    pub fn from_event(event: &Event) -> Option<Self> {
        let kind = IssueKind::of(event)?;
        let text = |name: &str| event.parameter(&[name]).and_then(Value::as_str).map(str::to_owned);
        let answer = |path: &[&str]| event.response(path).and_then(Value::as_str).map(str::to_owned);
        let session = answer(&["assumedRoleUser", "arn"]).or_else(|| answer(&["federatedUser", "arn"]));
        Some(Self {
            event_id: event.event_id.clone(),
            time: event.event_time,
            kind,
            access_key_id: answer(&["credentials", "accessKeyId"]),
            session: session.and_then(|arn| Arn::parse(&arn).ok()),
            role: text("roleArn").and_then(|arn| Arn::parse(&arn).ok()),
            caller: Caller::of(event, None),
            source_identity: text("sourceIdentity").or_else(|| answer(&["sourceIdentity"])),
            session_policy: text("policy"),
            policy_arns: policy_arns(event),
            tags: tags(event),
            inherited_tags: map(event.parameter(&["incomingTransitiveTags"])),
            transitive_tag_keys: event.parameter(&["transitiveTagKeys"]).map(texts).unwrap_or_default(),
            external_id: text("externalId"),
            target_account: text("targetPrincipal"),
            shared_event_id: event.shared_event_id.clone(),
        })
    }

    /// The principal that acts in the session.
    pub fn principal(&self) -> Option<Principal> {
        Principal::parse(self.session.as_ref()?.as_str(), self.role.as_ref()).ok()
    }
}

fn policy_arns(event: &Event) -> Vec<String> {
    let arn = |value: &Value| value.get("arn").unwrap_or(value).as_str().map(str::to_owned);
    let listed = event.parameter(&["policyArns"]).and_then(Value::as_array).into_iter().flatten();
    listed.chain(event.parameter(&["taskPolicyArn"])).filter_map(arn).collect()
}

/// `tags` is a list of pairs, `principalTags` an object.
fn tags(event: &Event) -> BTreeMap<String, String> {
    let pair = |tag: &Value| {
        let part = |name: &str| tag.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((part("key")?, part("value")?))
    };
    let mut tags = map(event.parameter(&["principalTags"]));
    let listed = event.parameter(&["tags"]).and_then(Value::as_array).into_iter().flatten();
    tags.extend(listed.filter_map(pair));
    tags
}

fn map(value: Option<&Value>) -> BTreeMap<String, String> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries.map(|(key, value)| (key.clone(), texts(value).join(","))).collect()
}

impl SessionIndex {
    /// An index of the issues among some events, in any order.
    pub fn new<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut issues: Vec<_> = events.into_iter().filter_map(SessionIssue::from_event).collect();
        issues.sort_by(|a, b| (a.time, &a.event_id).cmp(&(b.time, &b.event_id)));
        let mut index = Self { issues, ..Self::default() };
        for (at, issue) in index.issues.iter().enumerate() {
            if let Some(key) = &issue.access_key_id {
                let seen = index.by_key.get(key).and_then(|at| index.issues.get(*at));
                // The role owner's copy of a foreign call does not show the caller, the caller's own copy does.
                if seen.is_none_or(|seen| shows_less(seen, issue)) {
                    index.by_key.insert(key.clone(), at);
                }
            }
            if let Some(session) = &issue.session {
                index.by_session.entry(session.as_str().to_owned()).or_default().push(at);
            }
        }
        index
    }

    /// All issues, by time.
    pub fn issues(&self) -> &[SessionIssue] {
        &self.issues
    }

    /// The call that issued an access key.
    pub fn issue_of_key(&self, access_key_id: &str) -> Option<&SessionIssue> {
        self.issues.get(*self.by_key.get(access_key_id)?)
    }

    /// The last call before a time that issued a session of this name. Session names are used again, so this is
    /// weaker than the access key.
    pub fn issue_of_session(&self, session: &Arn, before: Option<Timestamp>) -> Option<&SessionIssue> {
        let issues = self.by_session.get(session.as_str())?.iter().filter_map(|at| self.issues.get(*at));
        let mut earlier = issues.filter(|issue| before.is_none() || issue.time <= before);
        let last = earlier.next_back()?;
        // Of two copies, the one that shows the caller.
        last.access_key_id.as_deref().and_then(|key| self.issue_of_key(key)).or(Some(last))
    }

    /// The call that issued the credentials of a caller.
    pub fn issue_of(&self, caller: &Caller, before: Option<Timestamp>) -> Option<&SessionIssue> {
        let key = caller.proven.access_key.as_ref().map(|key| key.id.as_str());
        if let Some(issue) = key.and_then(|key| self.issue_of_key(key)) {
            return Some(issue);
        }
        let session = match &caller.principal {
            Some(Principal::Role(role)) => role.session.as_ref(),
            Some(Principal::FederatedUser { arn, .. }) => Some(arn),
            _ => None,
        };
        let created = caller.proven.session_created;
        let issue = self.issue_of_session(session?, created.or(before))?;
        // A session name is chosen by the caller and used again and again: only the moment of the issue tells that
        // it is this session, where the keys do not.
        let same_moment = created.zip(issue.time).is_some_and(|(created, issued)| {
            created.duration_since(issued).abs() <= SignedDuration::from_secs(2)
        });
        // Two known keys that differ are two sessions.
        let may_be_same = key.is_none() || issue.access_key_id.is_none();
        (may_be_same && (same_moment || created.is_none())).then_some(issue)
    }

    /// The way from the caller of an event back to the first caller.
    pub fn origin(&self, caller: &Caller, at: Option<Timestamp>) -> Origin<'_> {
        let mut origin = Origin { hops: Vec::new(), first: caller.clone(), end: OriginEnd::NotSeen };
        let mut before = at;
        let mut passed = BTreeSet::new();
        while let Some(issue) = self.issue_of(&origin.first, before) {
            if !passed.insert((issue.time, issue.event_id.clone(), issue.access_key_id.clone())) {
                origin.end = OriginEnd::Cycle;
                return origin;
            }
            origin.hops.push(issue);
            origin.first = issue.caller.clone();
            before = issue.time;
        }
        if origin.first.is_origin() {
            origin.end = OriginEnd::Found;
        }
        origin
    }
}

fn shows_less(seen: &SessionIssue, other: &SessionIssue) -> bool {
    let hidden =
        |issue: &SessionIssue| matches!(issue.caller.principal, None | Some(Principal::SomeoneIn { .. }));
    hidden(seen) && !hidden(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> Event {
        Event::from_json(text).unwrap()
    }

    fn assume(id: &str, time: &str, caller: &str, role: &str, key: &str) -> Event {
        event(&format!(
            r#"{{"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","eventID":"{id}","eventTime":"2025-01-01T{time}Z",
            "userIdentity":{caller},"requestParameters":{{"roleArn":"arn:aws:iam::111122223333:role/p/{role}","roleSessionName":"s"}},
            "responseElements":{{"credentials":{{"accessKeyId":"{key}"}},
            "assumedRoleUser":{{"arn":"arn:aws:sts::111122223333:assumed-role/{role}/s"}}}}}}"#
        ))
    }

    fn role(name: &str, key: &str) -> String {
        format!(
            r#"{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/{name}/s","accessKeyId":"{key}",
            "sessionContext":{{"sessionIssuer":{{"arn":"arn:aws:iam::111122223333:role/p/{name}"}}}}}}"#
        )
    }

    const ALICE: &str =
        r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice","accessKeyId":"AKIA1"}"#;

    fn caller(identity: &str) -> Caller {
        let text =
            format!(r#"{{"eventSource":"s3.amazonaws.com","eventName":"X","userIdentity":{identity}}}"#);
        Caller::of(&event(&text), None)
    }

    #[test]
    fn hops_lead_back_to_the_user() {
        let events = [
            assume("2", "10:00:05", &role("a", "ASIA1"), "b", "ASIA2"),
            assume("1", "10:00:00", ALICE, "a", "ASIA1"),
        ];
        let index = SessionIndex::new(&events);
        let origin = index.origin(&caller(&role("b", "ASIA2")), None);
        assert_eq!(origin.end, OriginEnd::Found);
        assert_eq!(origin.first.principal.unwrap().to_string(), "arn:aws:iam::111122223333:user/alice");
        let ids: Vec<_> = origin.hops.iter().filter_map(|hop| hop.event_id.as_deref()).collect();
        assert_eq!(ids, ["2", "1"]);
        assert_eq!(origin.hops[0].role.as_ref().unwrap().resource(), "role/p/b");
    }

    #[test]
    fn an_unknown_session_is_said_to_be_unknown() {
        let index = SessionIndex::new(&[]);
        let origin = index.origin(&caller(&role("b", "ASIA2")), None);
        assert_eq!((origin.hops.len(), origin.end), (0, OriginEnd::NotSeen));
        assert_eq!(index.origin(&caller(ALICE), None).end, OriginEnd::Found);
    }

    #[test]
    fn a_cycle_ends() {
        let events = [
            assume("1", "10:00:00", &role("b", "ASIA2"), "a", "ASIA1"),
            assume("2", "10:00:00", &role("a", "ASIA1"), "b", "ASIA2"),
        ];
        let index = SessionIndex::new(&events);
        assert_eq!(index.origin(&caller(&role("b", "ASIA2")), None).end, OriginEnd::Cycle);
    }

    // Service-made calls carry no access key, so the session's name and time have to do.
    #[test]
    fn without_a_key_the_last_session_of_that_name_counts() {
        let events = [
            assume("1", "10:00:00", ALICE, "a", "ASIA1"),
            assume("2", "11:00:00", &role("c", "ASIA9"), "a", "ASIA2"),
        ];
        let index = SessionIndex::new(&events);
        let session = Arn::parse("arn:aws:sts::111122223333:assumed-role/a/s").unwrap();
        let at = |time: &str| {
            index.issue_of_session(&session, Some(format!("2025-01-01T{time}Z").parse().unwrap()))
        };
        assert_eq!(at("10:30:00").unwrap().event_id.as_deref(), Some("1"));
        assert_eq!(at("11:30:00").unwrap().event_id.as_deref(), Some("2"));
        assert_eq!(at("09:00:00"), None);
    }

    #[test]
    fn of_two_copies_the_one_that_shows_the_caller_counts() {
        let owner = r#"{"type":"AWSAccount","accountId":"444455556666","principalId":"AIDAEXAMPLE"}"#;
        let events =
            [assume("1", "10:00:00", owner, "a", "ASIA1"), assume("2", "10:00:00", ALICE, "a", "ASIA1")];
        assert_eq!(SessionIndex::new(&events).issue_of_key("ASIA1").unwrap().event_id.as_deref(), Some("2"));
        assert_eq!(
            SessionIndex::new(events.iter().rev()).issue_of_key("ASIA1").unwrap().event_id.as_deref(),
            Some("2")
        );
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html (role chaining example)
    #[test]
    fn tags_policies_and_source_identity_are_kept() {
        let issue = SessionIssue::from_event(&event(
            r#"{"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","requestParameters":{
            "incomingTransitiveTags":{"Department":"Engineering"},
            "tags":[{"value":"johndoe@example.com","key":"Email"},{"value":"12345","key":"CostCenter"}],
            "roleArn":"arn:aws:iam::111111111111:role/JohnRole2","sourceIdentity":"JohnDoe","externalId":"e",
            "policy":"{}","policyArns":[{"arn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}],
            "transitiveTagKeys":["Email","CostCenter"]},"responseElements":{"credentials":{"accessKeyId":"ASIA1"}}}"#,
        ))
        .unwrap();
        assert_eq!(issue.tags["Email"], "johndoe@example.com");
        assert_eq!(issue.inherited_tags["Department"], "Engineering");
        assert_eq!(issue.transitive_tag_keys, ["Email", "CostCenter"]);
        assert_eq!(issue.policy_arns, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        assert_eq!(issue.session_policy.as_deref(), Some("{}"));
        assert_eq!(issue.source_identity.as_deref(), Some("JohnDoe"));
    }

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html
    #[test]
    fn a_root_task_names_its_policy_and_account() {
        let issue = SessionIssue::from_event(&event(
            r#"{"eventSource":"sts.amazonaws.com","eventName":"AssumeRoot","requestParameters":{"targetPrincipal":"222222222222",
            "taskPolicyArn":{"arn":"arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}},
            "responseElements":{"credentials":{"accessKeyId":"ASIA1"}}}"#,
        ))
        .unwrap();
        assert_eq!(issue.policy_arns, ["arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"]);
        assert_eq!(issue.target_account.as_deref(), Some("222222222222"));
    }

    #[test]
    fn a_refused_call_issues_nothing() {
        let refused =
            r#"{"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","errorCode":"AccessDenied"}"#;
        assert_eq!(SessionIssue::from_event(&event(refused)), None);
    }
}
