//! `why-denied explain --what-if POLICY=FILE`

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use why_denied::diagnose::{Edit, EditError, Outcome, Selection, check_policy_name, policy_names, what_if};
use why_denied::policy::PolicyDocument;
use why_denied::render::{TextOptions, what_if_json, what_if_text};

use crate::args::Format;
use crate::evidence::Gathered;
use crate::failure::{Exit, Hinted};
use crate::output::{colour, print, print_json, say, width};

pub fn run(
    edits: &[String],
    gathered: &Gathered,
    selection: &Selection,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut named = Vec::new();
    for edit in edits {
        let (policy, file) = split(edit)?;
        check_policy_name(&gathered.evidence, policy).map_err(|error| unknown(&error, gathered))?;
        named.push((policy, file));
    }
    let edits = named.into_iter().map(|(policy, file)| read(policy, file));
    let edits = edits.collect::<anyhow::Result<Vec<Edit>>>()?;
    let found = what_if(&gathered.evidence, selection, &edits).map_err(|error| unknown(&error, gathered))?;
    let policies: Vec<&str> = edits.iter().map(|edit| edit.policy.as_str()).collect();
    match format {
        Format::Json => print_json(&what_if_json(&policies, &found))?,
        Format::Text => {
            print(&what_if_text(&policies, &found, TextOptions { width: width(), colour: colour() }))?;
        }
        Format::Html | Format::Markdown | Format::Svg | Format::Dot | Format::Mermaid => {
            return Err(usage(
                "the answers to --what-if have no graph and no report",
                "use --format text or json",
            ));
        }
    }
    let is_open = |outcome: &Outcome| matches!(outcome, Outcome::Undetermined(_) | Outcome::AllowedAlready);
    Ok(if found.iter().any(|one| is_open(&one.outcome)) {
        Exit::Undetermined
    } else if gathered.problems > 0 {
        Exit::Partly
    } else {
        Exit::Success
    })
}

/// `POLICY=FILE`. Names of policies can have an equals sign, so the file is what stands behind the last.
fn split(edit: &str) -> anyhow::Result<(&str, &str)> {
    edit.rsplit_once('=').ok_or_else(|| {
        usage(
            &format!("`{edit}` does not say which policy it replaces"),
            "write POLICY=FILE with the policy as the answer names it, for example \
             --what-if \"bucket policy of reports=edited.json\"",
        )
    })
}

fn read(policy: &str, file: &str) -> anyhow::Result<Edit> {
    let text = std::fs::read_to_string(Path::new(file))
        .with_context(|| format!("cannot read the edited policy `{file}`"))?;
    let document = PolicyDocument::parse(text);
    for problem in &document.problems {
        let (line, column) = document.line_column(problem.span.start);
        say(&format!("warning: {file}:{line}:{column}: {problem}"));
    }
    if document.unreadable {
        anyhow::bail!("the edited policy `{file}` cannot be read");
    }
    Ok(Edit { policy: policy.to_owned(), document: Arc::new(document) })
}

/// The names of so many policies are shown.
const MAX_NAMES: usize = 20;

fn unknown(error: &EditError, gathered: &Gathered) -> anyhow::Error {
    let names = policy_names(&gathered.evidence);
    let more = names.len().saturating_sub(MAX_NAMES);
    let mut shown: Vec<String> = names.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
    shown.extend((more > 0).then(|| format!("{more} more")));
    let shown = shown.join(", ");
    let hint = match error {
        EditError::Ambiguous(name) => format!("say in which account: `{name} in account 111122223333`"),
        EditError::Unknown(_) => format!("the policies are {shown}"),
    };
    usage(&error.to_string(), &hint)
}

fn usage(message: &str, hint: &str) -> anyhow::Error {
    Hinted { message: message.to_owned(), hint: hint.to_owned(), usage: true }.into()
}
