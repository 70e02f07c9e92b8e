//! The repairs that a learner's is measured against: the tool's own remedy where it has one, the lesson's, and
//! others that the lesson names.

use std::sync::Arc;

use super::case::Case;
use super::lesson::Edit;
use crate::bundle::{FileTree, Listing, read};
use crate::diagnose::{self, Remedy, with_edits};
use crate::evaluate::{Decision, Layer, Verdict};
use crate::evidence::{Evidence, Iam, InlinePolicy};
use crate::policy::PolicyDocument;
use crate::request::{Principal, Request};

impl Case {
    /// The evidence with the tool's own remedy in it; `None` where the tool has only advice.
    pub fn remedied(&self) -> Option<Evidence> {
        let is_edit = |remedy: &Remedy| remedy.statement.is_some() || remedy.addition.is_some();
        let is_change = |remedy: &&Remedy| remedy.verified && !remedy.is_advice && is_edit(remedy);
        let remedy = self.diagnosis.remedies.iter().find(is_change)?;
        if let Some(addition) = &remedy.addition {
            let document = Arc::new(PolicyDocument::parse(addition.after.as_str()));
            let edit = diagnose::Edit { policy: addition.policy.clone(), document };
            return with_edits(&self.evidence, &[edit]).ok();
        }
        let statement = remedy.statement.as_deref()?;
        let document =
            PolicyDocument::parse(format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statement}]}}"));
        let mut world = with_edits(&self.evidence, &[]).ok()?;
        let request = diagnose::denied_request(&self.evidence, &self.selection)?;
        let policy = InlinePolicy { name: "remedy".to_owned(), document: Arc::new(document) };
        inline_policies(&mut world, &request)?.push(policy);
        self.is_allowed_in(&world).then_some(world)
    }

    /// The evidence with the repair that the lesson has; `None` if it has none, or none that fits its bundle.
    pub fn repaired(&self) -> Option<Evidence> {
        self.lesson.has_repair().then(|| self.edited(&self.lesson.repair)).flatten()
    }

    /// What a repair is measured against: every repair that is known to be good.
    pub(super) fn measures(&self) -> Vec<Evidence> {
        let own = self.remedied().into_iter().chain(self.repaired());
        own.chain(self.lesson.alternatives.iter().filter_map(|other| self.edited(&other.edits))).collect()
    }

    fn edited(&self, edits: &[Edit]) -> Option<Evidence> {
        let loaded = read(&Edited { case: self, edits });
        loaded.problems.is_empty().then_some(loaded.evidence)
    }

    fn is_allowed_in(&self, world: &Evidence) -> bool {
        let probed = diagnose::probe(&self.evidence, &self.selection, world, &[diagnose::Probe::default()]);
        probed.first().is_some_and(|probed| probed.verdict == Verdict::Determined(Decision::Allowed))
    }

    /// The layers that refuse the denied request.
    pub(super) fn refusing(&self) -> &[Layer] {
        &self.diagnosis.denied_by
    }
}

/// Where the inline policies of the caller are.
fn inline_policies<'e>(world: &'e mut Evidence, request: &Request) -> Option<&'e mut Vec<InlinePolicy>> {
    let account = request.principal.account()?;
    let iam: &mut Iam = world.accounts.get_mut(&account)?.iam.as_mut()?;
    match &request.principal {
        Principal::Role(session) => iam.roles.get_mut(session.role_name()).map(|role| &mut role.inline),
        user @ Principal::User { .. } => iam.users.get_mut(&user.short_name()).map(|user| &mut user.inline),
        _ => None,
    }
}

/// The bundle of a lesson with edits in its files.
struct Edited<'a> {
    case: &'a Case,
    edits: &'a [Edit],
}

impl FileTree for Edited<'_> {
    fn list(&self) -> Listing {
        self.case.bundle.list()
    }

    fn read(&self, file: &str, at_most: u64) -> std::io::Result<std::borrow::Cow<'_, [u8]>> {
        let bytes = self.case.bundle.read(file, at_most)?;
        let mut edits = self.edits.iter().filter(|edit| edit.file == file).peekable();
        if edits.peek().is_none() {
            return Ok(bytes);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(edits.fold(text, |text, edit| text.replacen(&edit.old, &edit.new, 1)).into_bytes().into())
    }
}
