//! Evidence with one piece taken away.

use why_denied::diagnose::{Certainty, Diagnosis, Introduction, Standing};
use why_denied::evaluate::Known;
use why_denied::evidence::{Evidence, Gap, Organization};
use why_denied::ids::AccountId;

use crate::{diagnosed, stories};

/// The evidence without one piece, and what the piece is.
type Poorer = (String, Evidence);

fn poorer(whole: &Evidence) -> Vec<Poorer> {
    let mut out = Vec::new();
    let mut without = |what: String, take: &dyn Fn(&mut Evidence)| {
        let mut evidence = whole.clone();
        take(&mut evidence);
        out.push((what, evidence));
    };
    for (at, event) in whole.events.iter().enumerate() {
        without(format!("event {at} {}", event.event_name), &|evidence| {
            evidence.events.remove(at);
        });
    }
    let unknown = || Organization(Known::Unknown("taken away".to_owned()));
    without("the organization".to_owned(), &|evidence| evidence.organization = unknown());
    if let Known::Known(Some(facts)) = &whole.organization.0 {
        for id in facts.policies.keys() {
            without(format!("the text of {id}"), &|evidence| {
                if let Known::Known(Some(facts)) = &mut evidence.organization.0 {
                    facts.policies.get_mut(id).unwrap().document = None;
                }
            });
        }
        for target in facts.attachments.keys() {
            without(format!("what is attached to {target}"), &|evidence| {
                if let Known::Known(Some(facts)) = &mut evidence.organization.0 {
                    facts.attachments.remove(target);
                }
            });
        }
    }
    for (id, account) in &whole.accounts {
        let id = *id;
        without(format!("all of account {id}"), &|evidence| {
            evidence.accounts.remove(&id);
        });
        of_iam(id, whole, &mut without);
        without(format!("tags of resources in {id}"), &|evidence| {
            evidence.accounts.get_mut(&id).unwrap().resource_tags = None;
        });
        without(format!("Block Public Access of {id}"), &|evidence| {
            evidence.accounts.get_mut(&id).unwrap().public_access_block = None;
        });
        for name in account.buckets.keys() {
            macro_rules! bucket {
                ($field:ident) => {
                    without(format!("{} of {name}", stringify!($field)), &|evidence| {
                        let account = evidence.accounts.get_mut(&id).unwrap();
                        account.buckets.get_mut(name).unwrap().$field = None;
                    });
                };
            }
            bucket!(policy);
            bucket!(encryption);
            bucket!(public_access_block);
            bucket!(object_ownership);
            bucket!(acl);
        }
        for name in account.keys.keys() {
            macro_rules! key {
                ($field:ident) => {
                    without(format!("{} of key {name}", stringify!($field)), &|evidence| {
                        let account = evidence.accounts.get_mut(&id).unwrap();
                        account.keys.get_mut(name).unwrap().$field = None;
                    });
                };
            }
            key!(policy);
            key!(grants);
            key!(aliases);
            key!(state);
            key!(manager);
        }
        for name in account.vpc_endpoints.keys() {
            without(format!("endpoint {name}"), &|evidence| {
                evidence.accounts.get_mut(&id).unwrap().vpc_endpoints.remove(name);
            });
        }
        for name in account.resource_policies.keys() {
            without(format!("policy of {name:?}"), &|evidence| {
                evidence.accounts.get_mut(&id).unwrap().resource_policies.remove(name);
            });
        }
    }
    out
}

/// Takes one piece away from the whole evidence and keeps the rest under the name of the piece.
type Without<'a> = dyn FnMut(String, &dyn Fn(&mut Evidence)) + 'a;

fn of_iam(id: AccountId, whole: &Evidence, without: &mut Without<'_>) {
    let Some(iam) = &whole.accounts[&id].iam else { return };
    without(format!("IAM of {id}"), &|evidence| evidence.accounts.get_mut(&id).unwrap().iam = None);
    macro_rules! each {
        ($field:ident) => {
            for name in iam.$field.keys() {
                without(format!("{} {name} of {id}", stringify!($field)), &|evidence| {
                    let iam = evidence.accounts.get_mut(&id).unwrap().iam.as_mut().unwrap();
                    iam.$field.remove(name);
                });
            }
        };
    }
    each!(users);
    each!(groups);
    each!(roles);
    each!(policies);
    for name in iam.roles.keys() {
        without(format!("trust policy of {name}"), &|evidence| {
            let iam = evidence.accounts.get_mut(&id).unwrap().iam.as_mut().unwrap();
            iam.roles.get_mut(name).unwrap().trust = None;
        });
    }
}

/// Whether an answer says for sure what happened.
fn is_firm(diagnosis: &Diagnosis) -> bool {
    matches!(diagnosis.standing, Standing::Proven | Standing::NotAPolicy | Standing::Contradicted)
}

fn difference(whole: &[Diagnosis], poorer: &[Diagnosis]) -> Option<String> {
    poorer.iter().filter(|diagnosis| is_firm(diagnosis)).find_map(|now| {
        let before =
            whole.iter().find(|before| before.event_ids.iter().any(|id| now.event_ids.contains(id)))?;
        // Which kind of deny it is may be open, if what is missing is named.
        let open = now.decision.is_none()
            && !now.not_checked.is_empty()
            && now.denied_by.iter().all(|layer| before.denied_by.contains(layer));
        // Of several layers that refuse, some may not be known any more, if that is said.
        let fewer = before.decision == now.decision
            && !now.not_checked.is_empty()
            && !now.denied_by.is_empty()
            && now.denied_by.iter().all(|layer| before.denied_by.contains(layer));
        // Without the event that speaks against the policies nothing does.
        let spoke_against = |gap: &Gap| {
            gap.what.starts_with("what let the same call succeed")
                || gap.what.starts_with("what was changed after")
        };
        let same = (open
            || fewer
            || before.not_checked.iter().any(spoke_against)
            || before.decision == now.decision && before.denied_by == now.denied_by)
            && before.denied.action == now.denied.action;
        let told = |diagnosis: &Diagnosis| {
            format!(
                "{} {:?} {} by {:?}",
                diagnosis.standing, diagnosis.decision, diagnosis.denied.action, diagnosis.denied_by
            )
        };
        // Nobody is blamed for sure who is not blamed with all evidence.
        let event = |diagnosis: &Diagnosis| {
            diagnosis.introduced_by.as_ref().and_then(|change| change.event_id.clone())
        };
        let proven = |change: &Introduction| change.certainty == Certainty::Proven;
        if now.introduced_by.as_ref().is_some_and(proven) && event(now) != event(before) {
            return Some(format!("{:?} is blamed, and with all evidence {:?}", event(now), event(before)));
        }
        (!same).then(|| format!("{}, and with all evidence {}", told(now), told(before)))
    })
}

/// `proven` is said of a decision, and of complete evidence: while something unknown could change the decision, nothing
/// is proven, and what is unknown is named.
#[test]
fn what_is_open_is_not_proven_and_is_named() {
    let mut open = 0_usize;
    let mut wrong = Vec::new();
    for story in stories() {
        let whole = story.evidence();
        let unchanged = [(String::from("nothing"), whole.clone())];
        for (what, evidence) in unchanged.into_iter().chain(poorer(&whole)) {
            for diagnosis in diagnosed(&evidence).iter().filter(|diagnosis| diagnosis.decision.is_none()) {
                open += 1;
                if diagnosis.standing == Standing::Proven || diagnosis.not_checked.is_empty() {
                    let ids = &diagnosis.event_ids;
                    wrong.push(format!("{} without {what}: {} {ids:?}", story.name, diagnosis.standing));
                }
            }
        }
    }
    assert!(open > 100, "only {open} answers were open");
    assert!(wrong.is_empty(), "{} of {open}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_missing_piece_makes_another_firm_answer() {
    let mut wrong = Vec::new();
    let mut tried = 0_usize;
    for story in stories() {
        let (name, whole) = (&story.name, story.evidence());
        let answers = diagnosed(&whole);
        for (what, evidence) in poorer(&whole) {
            tried += 1;
            if let Some(difference) = difference(&answers, &diagnosed(&evidence)) {
                wrong.push(format!("{name} without {what}: {difference}"));
            }
        }
    }
    assert!(tried > 1000, "only {tried} pieces were taken away");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}
