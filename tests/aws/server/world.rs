//! What the server knows: a bundle, who holds which access key, and what a scenario adds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use serde_json::value::RawValue;

use super::raw;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub arn: String,
    pub id: String,
    pub account: String,
}

/// A CloudTrail record, as text and as what it says.
#[derive(Debug, Clone)]
pub struct Event {
    pub time: Timestamp,
    pub text: String,
    pub record: Value,
}

/// An object in a bucket that the scenario has beside the bundle.
#[derive(Debug, Clone)]
pub struct Stored {
    pub account: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug)]
pub struct World {
    root: PathBuf,
    /// Newest first, as `LookupEvents` has them.
    pub events: Vec<Event>,
    /// Access keys with their session token, if they need one.
    callers: Mutex<BTreeMap<String, (Caller, String)>>,
    /// ARNs of roles that every caller may assume.
    pub assumable: BTreeSet<String>,
    /// The Region of what has no Region of its own in the bundle.
    pub region: String,
    pub regions: Vec<String>,
    /// The real `LookupEvents` allows two a second, per account and Region.
    pub lookups_per_second: Option<usize>,
    /// How many entries a page has at most, whatever the caller asks for; not those of the event history.
    pub page: usize,
    /// Objects by bucket and key.
    pub objects: BTreeMap<(String, String), Stored>,
    /// What `DecodeAuthorizationMessage` gives for an encoded message.
    pub decoded: BTreeMap<String, String>,
    /// CloudTrail trails, as `DescribeTrails` has them.
    pub trails: Vec<Value>,
    /// The answer of Athena and of CloudTrail Lake to every query: the header and the rows.
    pub rows: Vec<Vec<Option<String>>>,
    /// Parameters of the table in Athena, and the partitions that are loaded.
    pub table_parameters: Value,
    pub partitions: Vec<String>,
    /// The states of a query in CloudTrail Lake, one for each time that it is asked; the last one stays.
    pub lake_states: Vec<String>,
    lake_asked: AtomicUsize,
}

/// The access key of whoever the bundle is about.
pub const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";

impl World {
    pub fn open(root: &Path) -> Self {
        let mut world = Self {
            root: root.to_owned(),
            events: events(&root.join("events")),
            callers: Mutex::default(),
            assumable: BTreeSet::new(),
            region: "eu-west-1".to_owned(),
            regions: ["eu-central-1", "eu-west-1", "ap-northeast-1", "us-east-1"].map(str::to_owned).to_vec(),
            lookups_per_second: None,
            page: 1000,
            objects: BTreeMap::new(),
            decoded: BTreeMap::new(),
            trails: Vec::new(),
            rows: Vec::new(),
            table_parameters: serde_json::json!({"projection.enabled": "true"}),
            partitions: Vec::new(),
            lake_states: vec!["FINISHED".to_owned()],
            lake_asked: AtomicUsize::new(0),
        };
        world.events.sort_by_key(|event| std::cmp::Reverse(event.time));
        let principal = world.principal();
        if !principal.is_empty() {
            world.add_caller(ACCESS_KEY, &principal);
        }
        world
    }

    /// The state of a query in CloudTrail Lake, which is then asked for once more.
    pub fn next_lake_state(&self) -> &str {
        let asked = self.lake_asked.fetch_add(1, Ordering::Relaxed);
        &self.lake_states[asked.min(self.lake_states.len() - 1)]
    }

    /// An example of the project.
    pub fn example(name: &str) -> Self {
        Self::open(&crate::program::in_project("policies/examples").join(name))
    }

    /// Whom the bundle is about; empty if it does not say.
    pub fn principal(&self) -> String {
        self.file("bundle.json").map(|text| raw::text(&raw::object(&text), "principal")).unwrap_or_default()
    }

    /// Moves all events in time, so that the newest happened a minute ago.
    pub fn happening_now(mut self) -> Self {
        let Some(newest) = self.events.first().map(|event| event.time) else { return self };
        let later = Timestamp::now() - SignedDuration::from_mins(1);
        let by = SignedDuration::from_secs(later.as_second() - newest.as_second());
        for event in &mut self.events {
            event.time += by;
            shift(&mut event.record, by);
            event.text = event.record.to_string();
        }
        self
    }

    /// Gives an access key to a principal.
    pub fn add_caller(&self, access_key: &str, arn: &str) {
        self.hand_out(access_key, "", arn);
    }

    /// Gives an access key with a session token to a principal.
    pub fn hand_out(&self, access_key: &str, token: &str, arn: &str) {
        let account = arn.split(':').nth(4).unwrap_or_default().to_owned();
        let caller = Caller { arn: arn.to_owned(), id: self.unique_id(arn, &account), account };
        self.callers.lock().unwrap().insert(access_key.to_owned(), (caller, token.to_owned()));
    }

    pub fn caller(&self, access_key: &str, token: &str) -> Option<Caller> {
        let callers = self.callers.lock().unwrap();
        let (caller, wanted) = callers.get(access_key)?;
        (wanted.is_empty() || wanted == token).then(|| caller.clone())
    }

    pub fn count_callers(&self) -> usize {
        self.callers.lock().unwrap().len()
    }

    fn unique_id(&self, arn: &str, account: &str) -> String {
        let name = arn.split(':').nth(5).unwrap_or_default();
        let mut parts = name.split('/');
        let iam = self.iam(account);
        let find = |list: &str, named: &str, name: &str, id: &str| {
            let listed = iam.as_ref().map(|iam| raw::objects(iam, list)).unwrap_or_default();
            listed.iter().find(|entry| raw::text(entry, named) == name).map(|entry| raw::text(entry, id))
        };
        let found = match (parts.next(), parts.next(), name.rsplit('/').next()) {
            (Some("user"), _, Some(user)) => find("UserDetailList", "UserName", user, "UserId"),
            (Some("assumed-role"), Some(role), Some(session)) => {
                find("RoleDetailList", "RoleName", role, "RoleId").map(|id| format!("{id}:{session}"))
            }
            _ => None,
        };
        found.unwrap_or_else(|| "AIDAUNKNOWNEXAMPLE".to_owned())
    }

    /// A file of the bundle.
    pub fn file(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.root.join(path)).ok()
    }

    /// A policy document of the bundle, bare or as the CLI prints it.
    pub fn policy(&self, path: &str) -> Option<String> {
        let text = self.file(path)?;
        let fields = raw::object(&text);
        Some(fields.get("Policy").map_or_else(|| text.trim().to_owned(), |policy| raw::document(policy)))
    }

    /// `iam.json` of an account.
    pub fn iam(&self, account: &str) -> Option<raw::Object> {
        self.file(&format!("accounts/{account}/iam.json")).map(|text| raw::object(&text))
    }

    /// `organization.json`.
    pub fn organization(&self) -> Option<Value> {
        serde_json::from_str(&self.file("organization.json")?).ok()
    }

    /// The accounts that have a folder.
    pub fn accounts(&self) -> Vec<String> {
        self.folders("accounts")
    }

    /// The account that owns something: the one in whose folder it is.
    pub fn owner(&self, kind: &str, name: &str) -> Option<String> {
        self.accounts()
            .into_iter()
            .find(|account| self.root.join(format!("accounts/{account}/{kind}/{name}")).is_dir())
    }

    /// The names in a folder of the bundle, in order.
    pub fn folders(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(path)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}

/// Whether a document is what a bundle has for "there is no policy".
pub fn is_no_policy(document: &str) -> bool {
    let parsed: Value = serde_json::from_str(document).unwrap_or_default();
    parsed["Statement"].as_array().is_some_and(Vec::is_empty)
}

fn events(folder: &Path) -> Vec<Event> {
    let mut events = Vec::new();
    for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
        if entry.path().extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("the events can be read");
        let fields = raw::object(&text);
        let records: Vec<Box<RawValue>> = raw::list(fields["Records"].get());
        events.extend(records.iter().map(|record| event(record.get())));
    }
    events
}

fn event(text: &str) -> Event {
    let record: Value = serde_json::from_str(text).expect("an event");
    let time = record["eventTime"].as_str().and_then(|time| time.parse().ok()).expect("an event has a time");
    Event { time, text: text.to_owned(), record }
}

/// Moves every text that is a time.
fn shift(value: &mut Value, by: SignedDuration) {
    match value {
        Value::String(text) if text.len() == 20 && text.ends_with('Z') => {
            if let Ok(time) = text.parse::<Timestamp>() {
                *text = (time + by).to_string();
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| shift(entry, by)),
        Value::Object(fields) => fields.values_mut().for_each(|field| shift(field, by)),
        _ => {}
    }
}
