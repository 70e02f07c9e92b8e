//! What of the changes could not be seen: Regions and accounts without events.

use std::collections::BTreeSet;

use super::Concern;
use super::subject::What;
use crate::evaluate::Known;
use crate::evidence::{Evidence, Gap};
use crate::ids::AccountId;
use crate::knowledge::global_services::home_region;

pub(super) fn gaps(evidence: &Evidence, concern: &Concern<'_>) -> Vec<Gap> {
    let mut gaps = evidence.gaps.clone();
    let home = home(evidence);
    if has_events(evidence, home, None) {
        gaps.extend(accounts_without_events(evidence, concern, home));
    } else {
        gaps.push(Gap {
            what: "changes of IAM and Organizations policies".to_owned(),
            why: format!("they are recorded in {home}, and there is no event of that Region"),
        });
    }
    if let Some(region) = region(concern.what.as_ref())
        && !has_events(evidence, region, None)
    {
        gaps.push(Gap {
            what: "changes of the resource".to_owned(),
            why: format!("they are recorded in {region}, and there is no event of that Region"),
        });
    }
    gaps.sort();
    gaps.dedup();
    gaps
}

/// The home Region of the partition that the events are from.
fn home(evidence: &Evidence) -> &'static str {
    let partition = evidence.events.iter().find_map(|event| match event.aws_region.as_deref()? {
        region if region.starts_with("cn-") => Some("aws-cn"),
        region if region.starts_with("us-gov-") => Some("aws-us-gov"),
        _ => None,
    });
    home_region(partition.unwrap_or("aws")).unwrap_or("us-east-1")
}

fn accounts_without_events(evidence: &Evidence, concern: &Concern<'_>, home: &str) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if let Some(own) = concern.own_account().filter(|own| !has_events(evidence, home, Some(*own))) {
        gaps.push(Gap {
            what: format!("changes of IAM in account {own}"),
            why: format!("there is no event of {home} from that account"),
        });
    }
    let management = match &evidence.organization.0 {
        Known::Known(Some(facts)) => facts.management_account,
        _ => None,
    };
    if let Some(management) = management.filter(|account| !has_events(evidence, home, Some(*account))) {
        gaps.push(Gap {
            what: "changes of SCPs and RCPs".to_owned(),
            why: format!(
                "they are recorded in {home} in the management account {management}, \
                 and there is no event of that Region from it"
            ),
        });
    }
    gaps
}

fn region(what: Option<&What>) -> Option<&str> {
    match what? {
        What::Arn(arn) if !arn.region().is_empty() => Some(arn.region()),
        _ => None,
    }
}

fn has_events(evidence: &Evidence, region: &str, account: Option<AccountId>) -> bool {
    let regions: BTreeSet<Option<AccountId>> = evidence
        .events
        .iter()
        .filter(|event| event.aws_region.as_deref() == Some(region))
        .map(crate::trail::Event::recipient_account)
        .collect();
    match account {
        Some(account) => regions.contains(&Some(account)) || regions.contains(&None),
        None => !regions.is_empty(),
    }
}
