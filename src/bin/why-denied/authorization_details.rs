//! `explain --authorization-details FILE`: what AWS's Access Troubleshooter says, beside what is known here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context as _;
use why_denied::bundle::{self, BundleProblem, MAX_AUTHORIZATION_DETAILS};
use why_denied::diagnose::{Diagnosis, with_authorization_details};
use why_denied::render;
use why_denied::trail::authorization_details::AuthorizationDetails;

use crate::args::Format;
use crate::failure::{Exit, Hinted};
use crate::output::{print, print_json, say};

/// Reads the file, `-` for standard input.
pub fn read(path: &Path) -> anyhow::Result<AuthorizationDetails> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = if name == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot read the authorization details `{name}`"))?)
    };
    source
        .take(MAX_AUTHORIZATION_DETAILS + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read the authorization details `{name}`"))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_AUTHORIZATION_DETAILS) {
        anyhow::bail!("`{name}` has more than {MAX_AUTHORIZATION_DETAILS} bytes and was not read");
    }
    bundle::authorization_details(&name, bytes).map_err(refused)
}

fn refused(problem: BundleProblem) -> anyhow::Error {
    Hinted {
        message: format!("the authorization details cannot be read: {problem}"),
        hint: "give what `aws iam-toolbox get-request-authorization-details --authorization-id ID --region REGION \
               --output json` prints"
            .to_owned(),
        usage: false,
    }
    .into()
}

/// The details on their own: testimony, which determines nothing.
pub fn alone(details: &AuthorizationDetails, format: Format) -> anyhow::Result<Exit> {
    match format {
        Format::Text => print(&render::authorization_details_text(details, None))?,
        Format::Json => print_json(&render::authorization_details_json(details, None))?,
        Format::Html | Format::Markdown | Format::Svg | Format::Dot | Format::Mermaid => {
            return Err(Hinted {
                message: "authorization details alone have no causal graph and no report".to_owned(),
                hint: "use --format text or --format json, or give the events with --events".to_owned(),
                usage: true,
            }
            .into());
        }
    }
    Ok(Exit::Undetermined)
}

/// Puts the details beside the denial that they are about.
pub fn beside(diagnoses: &mut [Diagnosis], details: &AuthorizationDetails) {
    if with_authorization_details(diagnoses, details) > 0 {
        return;
    }
    let actions: Vec<&str> =
        details.evaluations.iter().map(|evaluation| evaluation.action.as_str()).collect();
    let by = details.principal().map_or_else(String::new, |principal| format!(" by {principal}"));
    let at = details.time().map_or_else(String::new, |time| format!(" at {time}"));
    say(&format!(
        "warning: the authorization details are about {}{by}{at}, and no denial that was asked for is that request",
        actions.join(", ")
    ));
    say("hint: --authorization-details without --events or --bundle prints what they say");
}
