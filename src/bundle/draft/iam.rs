//! `iam.json`, whose entries are gathered one at a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Draft, DraftError};
use crate::bundle::layout;
use crate::ids::AccountId;

/// A list of `aws iam get-account-authorization-details`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IamList {
    /// `UserDetailList`
    Users,
    /// `GroupDetailList`
    Groups,
    /// `RoleDetailList`
    Roles,
    /// `Policies`
    Policies,
}

/// The entries of a file. Each is kept as the text that came: printing it again could change a policy in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, expecting = "an object with `RoleDetailList`")]
struct Lists {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_detail_list: Option<Vec<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_detail_list: Option<Vec<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_detail_list: Option<Vec<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<Box<RawValue>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an entry with `Arn`")]
struct Named {
    arn: String,
}

/// An `iam.json`, and where in its lists each ARN is.
#[derive(Debug, Clone, Default)]
pub(super) struct IamFile {
    lists: Lists,
    places: BTreeMap<String, usize>,
}

impl IamFile {
    fn parse(text: &[u8]) -> Result<Self, serde_json::Error> {
        let mut file = Self { lists: serde_json::from_slice(text)?, places: BTreeMap::new() };
        let lists = &file.lists;
        let all =
            [&lists.user_detail_list, &lists.group_detail_list, &lists.role_detail_list, &lists.policies];
        for list in all {
            // An entry without an ARN stays where it is; the reader will say what is wrong with it.
            for (at, entry) in list.iter().flatten().enumerate() {
                if let Ok(Named { arn }) = serde_json::from_str(entry.get()) {
                    file.places.insert(arn, at);
                }
            }
        }
        Ok(file)
    }

    fn list(&mut self, list: IamList) -> &mut Vec<Box<RawValue>> {
        let list = match list {
            IamList::Users => &mut self.lists.user_detail_list,
            IamList::Groups => &mut self.lists.group_detail_list,
            IamList::Roles => &mut self.lists.role_detail_list,
            IamList::Policies => &mut self.lists.policies,
        };
        list.get_or_insert_default()
    }

    /// Puts the entry in its place; one of the same ARN that is there gives way.
    fn add(&mut self, list: IamList, arn: String, entry: Box<RawValue>) {
        let place = self.places.get(&arn).copied();
        let entries = self.list(list);
        match place.and_then(|at| entries.get_mut(at)) {
            Some(there) => *there = entry,
            None => {
                let at = entries.len();
                entries.push(entry);
                self.places.insert(arn, at);
            }
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Lists of texts can always be written.
        let mut bytes = serde_json::to_vec_pretty(&self.lists).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

impl Draft {
    /// A user, group, role or managed policy, as `aws iam get-account-authorization-details` lists it. One that is
    /// there already is replaced.
    ///
    /// Policy documents in it are objects or strings, percent-encoded or not; a string keeps the text as it is.
    pub fn add_iam(&mut self, account: AccountId, list: IamList, entry: Value) -> Result<(), DraftError> {
        let Some(Value::String(arn)) = entry.get("Arn") else { return Err(DraftError::NoArn) };
        let arn = arn.clone();
        let entry = RawValue::from_string(format!("{entry:#}")).map_err(DraftError::Event)?;
        self.iam_file(account)?.add(list, arn, entry);
        Ok(())
    }

    /// All that `aws iam get-account-authorization-details` gave, in the place of what was there.
    pub fn set_iam(&mut self, account: AccountId, details: &Value) -> Result<(), DraftError> {
        self.iam.remove(&account);
        self.set_json(layout::iam(account), details)
    }

    /// The file to add to; one that came as text is taken apart first.
    fn iam_file(&mut self, account: AccountId) -> Result<&mut IamFile, DraftError> {
        let file = layout::iam(account);
        if let Some(text) = self.files.get(&file) {
            let parsed = IamFile::parse(text)
                .map_err(|error| DraftError::Iam { file: file.clone(), reason: error.to_string() })?;
            self.files.remove(&file);
            self.iam.insert(account, parsed);
        }
        Ok(self.iam.entry(account).or_default())
    }
}
