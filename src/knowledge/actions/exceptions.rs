//! The rows of `event_actions.tsv`, `api_gateway.tsv` and `no_action.tsv`.

use super::{ActionMapping, MappedAction, MappingCertainty, Need, ResourceRole};
use crate::knowledge::parameters::When;
use crate::knowledge::table::{self, Certainty, Row, Source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

struct EventAction {
    action: &'static str,
    alternative: bool,
    need_if_unknown: Need,
    when: When,
    role: ResourceRole,
    resource: Option<&'static str>,
    certainty: Certainty,
    note: &'static str,
    source: Source,
}

impl EventAction {
    fn mapped(&self, need: Need) -> MappedAction {
        MappedAction {
            action: self.action.to_owned(),
            need,
            role: self.role,
            resource: self.resource,
            when: self.when,
            note: self.note,
        }
    }
}

type Index = BTreeMap<String, Vec<EventAction>>;

static EVENTS: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::new();
    for row in table::rows(include_str!("../tables/event_actions.tsv")) {
        index
            .entry(key(row.get("event_source"), row.get("event_name")))
            .or_default()
            .push(event_action(&row));
    }
    for row in table::rows(include_str!("../tables/api_gateway.tsv")) {
        index.entry(key("apigateway", row.get("event_name"))).or_default().push(api_gateway(&row));
    }
    index
});

fn event_action(row: &Row) -> EventAction {
    let need = row.get("need");
    EventAction {
        action: row.get("action"),
        alternative: need == "one-of",
        need_if_unknown: if need == "also" { Need::Possible } else { Need::OneOf },
        when: When::new(row.get("when")),
        role: match row.get("resource") {
            "source" => ResourceRole::Source,
            "destination" => ResourceRole::Destination,
            "passed-role" => ResourceRole::PassedRole,
            _ => ResourceRole::Subject,
        },
        resource: None,
        certainty: row.certainty(),
        note: row.get("note"),
        source: row.source(),
    }
}

fn api_gateway(row: &Row) -> EventAction {
    let resource = row.get("resource");
    EventAction {
        action: row.get("action"),
        alternative: !row.get("when").is_empty(),
        need_if_unknown: Need::OneOf,
        when: When::new(row.get("when")),
        role: ResourceRole::Subject,
        resource: (!resource.is_empty()).then_some(resource),
        certainty: Certainty::Documented,
        note: "",
        source: row.source(),
    }
}

fn key(source: &str, name: &str) -> String {
    format!("{source}:{name}").to_ascii_lowercase()
}

/// The mapping of an event that has rows.
pub(super) fn find(source: &str, name: &str, parameters: Option<&Value>) -> Option<ActionMapping> {
    let rows = EVENTS.get(&key(source, name))?;
    let first = rows.first()?;
    let decided: Vec<_> = rows.iter().map(|row| (row, row.when.holds(parameters))).collect();
    // Where every alternative was ruled out, the parameters are not of the expected form: they tell nothing.
    let no_alternative = decided.iter().all(|(row, holds)| !row.alternative || *holds == Some(false));
    let actions = decided
        .into_iter()
        .filter_map(|(row, holds)| match holds {
            Some(true) => Some(row.mapped(Need::Required)),
            Some(false) if row.alternative && no_alternative => Some(row.mapped(Need::OneOf)),
            Some(false) => None,
            None => Some(row.mapped(row.need_if_unknown)),
        })
        .collect();
    let certainty = match first.certainty {
        Certainty::Believed => MappingCertainty::Assumed,
        _ => MappingCertainty::Documented,
    };
    Some(ActionMapping { actions, certainty, source: first.source })
}

static NO_ACTION: LazyLock<BTreeMap<String, (&str, Source)>> = LazyLock::new(|| {
    table::rows(include_str!("../tables/no_action.tsv"))
        .map(|row| (key(row.get("event_source"), row.get("event_name")), (row.get("reason"), row.source())))
        .collect()
});

/// Why an event stands for no IAM action.
pub(super) fn no_action(source: &str, name: &str) -> Option<(&'static str, Source)> {
    NO_ACTION.get(&key(source, name)).copied()
}
