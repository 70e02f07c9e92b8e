//! `why-denied collect`

use anyhow::{Context as _, bail};
use why_denied::bundle::{self, Draft, Existing, FileTree, Folder, Redacted, RedactionKey, StoreError};
use why_denied::diagnose::{Diagnosis, Selection, diagnose};
use why_denied::evidence::Gap;

use crate::args::CollectArgs;
use crate::evidence::say_problem;
use crate::failure::{Exit, Hinted};
use crate::output::say;

pub fn run(args: &CollectArgs) -> anyhow::Result<Exit> {
    let (draft, problems) = match &args.bundle {
        Some(folder) if !folder.is_dir() => bail!("`{}` is not a folder", folder.display()),
        Some(folder) => Draft::copy(&Folder::new(folder)),
        None => (crate::live::collect(&args.asked)?, Vec::new()),
    };
    let loaded = bundle::read(&draft);
    if let Some(problem) = loaded.fatal() {
        bail!("the bundle cannot be read: {problem}");
    }
    problems.iter().for_each(say_problem);
    let (draft, problems) =
        if args.redact { redacted(&draft, problems.len())? } else { (draft, problems.len()) };
    store(args, &draft)?;
    say(&format!("{} files written to {}", draft.paths().len(), args.out.display()));
    // Of a bundle that was copied, this is nothing new.
    let unread = args.bundle.is_none() && loaded.evidence.gaps.iter().any(Gap::hides_events);
    Ok(if problems > 0 || unread { Exit::Partly } else { Exit::Success })
}

/// With another key, other words replace the names, so what one of them matches by chance another does not.
const KEYS: usize = 5;

/// The redacted bundle, after making sure that it gives the same answers, and how many problems it has.
fn redacted(draft: &Draft, problems: usize) -> anyhow::Result<(Draft, usize)> {
    let before = outlines(draft);
    for _ in 0..KEYS {
        let mut key = [0; 32];
        getrandom::fill(&mut key).context("the system gives no random numbers")?;
        let redacted = bundle::redact(draft, &RedactionKey::new(key));
        if outlines(&redacted.draft) == before {
            let Redacted { draft, problems: more } = redacted;
            more.iter().for_each(say_problem);
            return Ok((draft, problems + more.len()));
        }
    }
    Err(Hinted {
        message: "with names replaced, the bundle gives another answer; nothing was written".to_owned(),
        hint: "something in it depends on the names themselves; write it without --redact, and change it by hand"
            .to_owned(),
        usage: false,
    }
    .into())
}

/// What the answers to a bundle say apart from names.
fn outlines(tree: &dyn FileTree) -> Vec<String> {
    let evidence = bundle::read(tree).evidence;
    let scope = evidence.scope.clone();
    let diagnoses = diagnose(&evidence, &Selection { scope, ..Selection::default() });
    let mut outlines: Vec<String> = diagnoses.iter().map(outline).collect();
    outlines.sort_unstable();
    outlines
}

fn outline(diagnosis: &Diagnosis) -> String {
    let Diagnosis { standing, decision, denied_by, .. } = diagnosis;
    let found: Vec<_> = diagnosis.findings.iter().map(|finding| finding.code).collect();
    let verified = diagnosis.remedies.iter().filter(|remedy| remedy.verified).count();
    let change = diagnosis.introduced_by.is_some();
    let when = diagnosis.occurrences.first;
    format!("{when:?} {standing:?} {decision:?} {denied_by:?} {found:?} {change} {verified}")
}

fn store(args: &CollectArgs, draft: &Draft) -> anyhow::Result<()> {
    let existing = if args.force { Existing::Replace } else { Existing::Keep };
    bundle::store(draft, &args.out, existing).map_err(|error| match error {
        StoreError::Exists(_) => Hinted {
            message: error.to_string(),
            hint: "give another folder, or --force to replace the bundle".to_owned(),
            usage: false,
        }
        .into(),
        other => other.into(),
    })
}
