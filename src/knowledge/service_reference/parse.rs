//! Reads `table.txt`: first only where each service begins, then a service when it is asked for.

use super::condition_key::{ConditionKey, numbered};
use super::{AccessLevel, ActionFacts, ResourceType, ResourceTypeRef, Service};
use std::cmp::Ordering;
use std::sync::OnceLock;

pub(super) const TABLE: &str = include_str!("table.txt");

/// The text of one service.
pub(super) struct Block {
    pub(super) prefix: &'static str,
    text: &'static str,
    parsed: OnceLock<Service>,
}

impl Block {
    pub(super) fn service(&self) -> &Service {
        self.parsed.get_or_init(|| parse(self.prefix, self.text))
    }
}

/// The blocks of all services, sorted by prefix as the table is.
pub(super) fn blocks(table: &'static str) -> Vec<Block> {
    let starts: Vec<usize> = memchr::memmem::find_iter(table.as_bytes(), "\nS\t").collect();
    let ends = starts.iter().skip(1).copied().chain([table.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(&start, end)| {
            let text = table.get(start + 1..end)?;
            let prefix = text.split('\t').nth(1)?;
            Some(Block { prefix, text, parsed: OnceLock::new() })
        })
        .collect()
}

fn parse(prefix: &'static str, text: &'static str) -> Service {
    let mut service = Service { prefix, name: "", actions: Vec::new(), resource_types: Vec::new() };
    for line in text.lines() {
        let mut fields = line.split('\t');
        match fields.next() {
            Some("S") => {
                service.name = fields.nth(1).unwrap_or_default();
                let count = fields.next().and_then(|count| count.parse().ok()).unwrap_or_default();
                service.actions.reserve_exact(count);
            }
            Some("R") => service.resource_types.push(ResourceType {
                name: fields.next().unwrap_or_default(),
                arn_format: fields.next().unwrap_or_default(),
                condition_keys: keys(fields.next().unwrap_or_default()),
            }),
            Some("A") => service.actions.push(ActionFacts {
                name: fields.next().unwrap_or_default(),
                level: level(fields.next().unwrap_or_default()),
                condition_keys: keys(fields.next().unwrap_or_default()),
                resource_types: fields.map(resource_type_ref).collect(),
            }),
            _ => {}
        }
    }
    service
}

fn resource_type_ref(field: &'static str) -> ResourceTypeRef {
    let (name, numbers) = field.split_once('=').unwrap_or((field, ""));
    let (name, required) = name.strip_suffix('*').map_or((name, false), |name| (name, true));
    ResourceTypeRef { name, required, condition_keys: keys(numbers) }
}

fn keys(numbers: &str) -> Vec<&'static ConditionKey> {
    numbers.split(',').filter_map(|number| numbered(number.parse().ok()?)).collect()
}

fn level(letter: &str) -> AccessLevel {
    match letter {
        "R" => AccessLevel::Read,
        "L" => AccessLevel::List,
        "T" => AccessLevel::Tagging,
        "P" => AccessLevel::PermissionsManagement,
        _ => AccessLevel::Write,
    }
}

/// Order of names without regard to case, the order of the actions in the table.
pub(super) fn cmp_any_case(a: &str, b: &str) -> Ordering {
    a.bytes().map(|b| b.to_ascii_lowercase()).cmp(b.bytes().map(|b| b.to_ascii_lowercase()))
}
