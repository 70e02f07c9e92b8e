//! APIs that only accounts of a certain kind may call, whatever the policies say: those of AWS Organizations, and
//! single APIs of other services.
//!
//! Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

use super::parameters::When;
use super::pattern;
use super::table::{self, Certainty, Row, Source};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// The management account of the organization.
    Management,
    /// A member account that is a delegated administrator.
    DelegatedAdministrator,
    /// Any account of the organization.
    AnyAccountInOrganization,
    /// A member account.
    Member,
    /// An account outside any organization.
    Standalone,
    /// The account that sent the handshake.
    HandshakeSender,
    /// The account that received the handshake.
    HandshakeRecipient,
    /// The account that the service itself knows as its administrator.
    ServiceAdministrator,
}

/// Who may call an operation of AWS Organizations.
#[derive(Debug, Clone)]
pub struct CallerRule {
    /// The action, such as `organizations:ListAccounts`.
    pub action: &'static str,
    /// The kinds of account that may call it.
    pub kinds: Vec<CallerKind>,
    /// How sure the row is.
    pub certainty: Certainty,
    /// The sentence of the API reference; may be empty.
    pub sentence: &'static str,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// The page.
    pub source: Source,
}

/// A restricted API outside AWS Organizations.
#[derive(Debug, Clone)]
pub struct Restriction {
    /// A stable name of the row.
    pub id: &'static str,
    /// The actions; `*` stands for any run.
    pub actions: Vec<&'static str>,
    /// The parameter that makes the call a restricted one; empty if every call is.
    pub when: When,
    /// The kinds of account that may call it.
    pub kinds: Vec<CallerKind>,
    /// What else must be so, for people; may be empty.
    pub condition: &'static str,
    /// The error codes of a refusal.
    pub codes: Vec<&'static str>,
    /// A part of the message of a refusal; may be empty.
    pub message: &'static str,
    /// How sure the row is.
    pub certainty: Certainty,
    /// Where this comes from.
    pub source: Source,
}

impl Restriction {
    /// Whether the row is about this operation by name, not only about its service.
    pub fn names(&self, action: &str) -> bool {
        self.actions.iter().any(|name| name.eq_ignore_ascii_case(action))
    }
}

/// How a refusal reads that the kind of the account made.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The event source.
    pub event_source: &'static str,
    /// The error code.
    pub code: &'static str,
    /// A part of the message; empty if the code says enough.
    pub message: &'static str,
    /// How sure the row is.
    pub certainty: Certainty,
    /// What else is to be known; may be empty.
    pub note: &'static str,
    /// Where this comes from.
    pub source: Source,
}

/// Who may call an operation of AWS Organizations; the action in any case.
pub fn callers(action: &str) -> Option<&'static CallerRule> {
    const PREFIX: &str = "organizations:";
    if !action.get(..PREFIX.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX)) {
        return None;
    }
    RULES.iter().find(|rule| rule.action.eq_ignore_ascii_case(action))
}

/// All operations of AWS Organizations.
pub fn all() -> &'static [CallerRule] {
    &RULES
}

/// The restrictions on an action of another service, in any case; they may apply only with certain parameters.
pub fn restrictions(action: &str) -> impl Iterator<Item = &'static Restriction> {
    let length = action.bytes().position(|byte| byte == b':').unwrap_or(action.len());
    let service = action.get(..length).unwrap_or_default();
    let same_length = BY_SERVICE.get(length).map_or(&[][..], Vec::as_slice);
    let rows = same_length.iter().find(|(of, _)| of.eq_ignore_ascii_case(service));
    rows.map_or(&[][..], |(_, rows)| rows)
        .iter()
        .filter_map(|at| RESTRICTIONS.get(*at))
        .filter(move |row| row.actions.iter().any(|pattern| pattern::matches(pattern, action)))
}

/// How refusals read that the kind of the account made.
pub fn refusals() -> &'static [Refusal] {
    &REFUSALS
}

/// The row of a refusal that the kind of the account made, by event source (or IAM prefix), code and message.
pub fn refusal(event_source: &str, code: &str, message: &str) -> Option<&'static Refusal> {
    let short = |source: &'static str| source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let called = event_source.strip_suffix(".amazonaws.com").unwrap_or(event_source);
    REFUSALS.iter().find(|row| {
        short(row.event_source).eq_ignore_ascii_case(called)
            && row.code.eq_ignore_ascii_case(code)
            && message.contains(row.message)
    })
}

/// Services with the positions of their restrictions.
type Services = Vec<(&'static str, Vec<usize>)>;

/// Services by the length of their prefix: every decision asks, and few services have restrictions.
static BY_SERVICE: LazyLock<Vec<Services>> = LazyLock::new(|| {
    let mut index: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    for (at, row) in RESTRICTIONS.iter().enumerate() {
        for action in &row.actions {
            let positions = index.entry(action.split(':').next().unwrap_or_default()).or_default();
            if !positions.contains(&at) {
                positions.push(at);
            }
        }
    }
    let longest = index.keys().map(|service| service.len()).max().unwrap_or_default();
    let of_length = |length: usize| index.iter().filter(move |(service, _)| service.len() == length);
    (0..=longest)
        .map(|length| of_length(length).map(|(service, at)| (*service, at.clone())).collect())
        .collect()
});

static RULES: LazyLock<Vec<CallerRule>> = LazyLock::new(|| {
    table::rows(include_str!("tables/organizations_callers.tsv"))
        .map(|row| CallerRule {
            action: row.get("action"),
            kinds: kinds(&row),
            certainty: row.certainty(),
            sentence: row.get("sentence"),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});

static RESTRICTIONS: LazyLock<Vec<Restriction>> = LazyLock::new(|| {
    table::rows(include_str!("tables/restricted_apis.tsv"))
        .map(|row| Restriction {
            id: row.get("id"),
            actions: row.list("actions"),
            when: When::new(row.get("when")),
            kinds: kinds(&row),
            condition: row.get("condition"),
            codes: row.list("codes"),
            message: row.get("message"),
            certainty: row.certainty(),
            source: row.source(),
        })
        .collect()
});

static REFUSALS: LazyLock<Vec<Refusal>> = LazyLock::new(|| {
    table::rows(include_str!("tables/account_kind_refusals.tsv"))
        .map(|row| Refusal {
            event_source: row.get("event_source"),
            code: row.get("code"),
            message: row.get("message"),
            certainty: row.certainty(),
            note: row.get("note"),
            source: row.source(),
        })
        .collect()
});

fn kinds(row: &Row) -> Vec<CallerKind> {
    row.list("callers").into_iter().filter_map(kind).collect()
}

fn kind(cell: &str) -> Option<CallerKind> {
    Some(match cell {
        "management" => CallerKind::Management,
        "delegated-administrator" => CallerKind::DelegatedAdministrator,
        "any-account-in-organization" => CallerKind::AnyAccountInOrganization,
        "member" => CallerKind::Member,
        "standalone" => CallerKind::Standalone,
        "handshake-sender" => CallerKind::HandshakeSender,
        "handshake-recipient" => CallerKind::HandshakeRecipient,
        "service-administrator" => CallerKind::ServiceAdministrator,
        _ => return None,
    })
}
