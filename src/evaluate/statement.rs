//! Does a statement apply to the request?
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use super::principal::{self, Naming};
use super::trace::{Compared, ElementTrace, StatementTrace};
use super::truth::{Hinge, Truth};
use super::variables::{Unresolved, Variables};
use super::{NamedPolicy, condition, s3, vpc_endpoint};
use crate::policy::{
    ActionElement, ActionForm, ConditionValue, Effect, Element, Prepared, PrincipalElement, ResourceElement,
    ResourceForm, Span, Statement, glob_match,
};
use crate::request::{Action, Request, Resource};

/// Which elements the policies of a layer have.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// Identity-based policies and boundaries have no `Principal`, and complete incomplete ARNs.
    Identity,
    /// Session policies and SCPs have no `Principal`.
    WithoutPrincipal,
    /// Resource-based policies name their principals.
    WithPrincipal,
    /// VPC endpoint policies name their principals; that of a gateway endpoint means an account's root user by it.
    Endpoint,
    /// Trust policies name their principals and have no `Resource`: it is the role.
    Trust,
    /// RCPs name `*`, which here stands for every caller of any kind.
    Rcp,
}

/// A request, and what the matching of statements needs to know beside it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub request: &'a Request,
    /// What the naming of the caller hangs on.
    pub facts: principal::NamingFacts<'a>,
}

/// Whether a statement applies; `trace` is filled if it was asked for.
pub(super) struct Outcome {
    pub naming: Naming,
    pub trace: Option<StatementTrace>,
}

impl Outcome {
    /// It surely does not apply, and no trace was asked for.
    const NONE: Self = Self { naming: Naming::NOBODY, trace: None };
}

/// Matches one statement. With `FULL` every element is looked at and traced; without, the first that fails ends it.
pub(super) fn apply<const FULL: bool>(
    subject: Subject<'_>,
    grammar: Grammar,
    policy: &NamedPolicy,
    policy_index: usize,
    statement: &Statement,
) -> Outcome {
    let mut elements = Vec::new();
    let request = subject.request;

    let mut applies = match &statement.action {
        Some(action) => {
            let (matched, span) = matches_action(action, &request.action);
            if FULL {
                elements.push(action_trace(action, &matched, span, &request.action));
            }
            matched
        }
        None => Truth::True,
    };
    if !FULL && applies.is_false() {
        return Outcome::NONE;
    }

    if let Some(resource) = &statement.resource {
        let (matched, span) = matches_resource(resource, request, grammar);
        if FULL {
            elements.push(resource_trace(resource, &matched, span, &request.resource));
        }
        applies = applies.and(matched);
        if !FULL && applies.is_false() {
            return Outcome::NONE;
        }
    }

    let naming = match &statement.principal {
        Some(element) => {
            let naming = match grammar {
                Grammar::Rcp if element.is_everyone() => Naming::direct(Truth::True),
                Grammar::Endpoint => vpc_endpoint::names(element, statement.effect, subject),
                _ => principal::names(element, statement.effect, &request.principal, subject.facts),
            };
            if FULL {
                elements.push(principal_trace(element, &naming, request));
            }
            naming
        }
        None => Naming::direct(Truth::True),
    };
    if !FULL && naming.is_nobody() {
        return Outcome::NONE;
    }

    for pair in &statement.conditions {
        let matched = condition::holds(pair, &request.context);
        if FULL {
            elements.push(condition_trace(pair, &matched, request));
        }
        applies = applies.and(matched);
        if !FULL && applies.is_false() {
            return Outcome::NONE;
        }
    }

    applies = applies.and(understood(grammar, policy, statement, request.action.service()));
    let naming = naming.and(&applies);
    let trace = FULL.then(|| StatementTrace {
        policy: policy.name.clone(),
        policy_index,
        index: statement.index,
        label: statement.label(),
        effect: statement.effect,
        applies: naming.any(),
        elements,
        span: statement.span,
    });
    Outcome { naming, trace }
}

/// A statement that was not fully understood, or that has an element its kind of policy cannot have, may or may not
/// apply. It never grants.
fn understood(grammar: Grammar, policy: &NamedPolicy, statement: &Statement, service: &str) -> Truth {
    let has_principal = statement.principal.is_some();
    // The policy of a repository is about the repository; AWS's own examples have no Resource.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
    let about_itself = grammar == Grammar::WithPrincipal && service == "ecr";
    let why = match (&statement.doubt, grammar) {
        (Some(doubt), _) => doubt.clone(),
        (None, Grammar::Identity | Grammar::WithoutPrincipal) if has_principal => {
            "`Principal` cannot stand in this kind of policy".to_owned()
        }
        (None, Grammar::WithPrincipal | Grammar::Endpoint | Grammar::Trust | Grammar::Rcp)
            if !has_principal =>
        {
            "`Principal` is missing".to_owned()
        }
        (
            None,
            Grammar::Identity
            | Grammar::WithPrincipal
            | Grammar::Endpoint
            | Grammar::WithoutPrincipal
            | Grammar::Rcp,
        ) if statement.resource.is_none() && !about_itself => "`Resource` is missing".to_owned(),
        (None, Grammar::Rcp) if !statement.principal.as_ref().is_some_and(PrincipalElement::is_everyone) => {
            "`Principal` of a resource control policy can only be `*`".to_owned()
        }
        _ => return Truth::True,
    };
    Truth::unknown(Hinge::Statement { policy: policy.name.clone(), statement: statement.label(), why })
}

/// The outcome of an element: what could not be read of it may cover the request as well.
#[inline]
fn settled((matched, span): (Truth, Span), negated: bool, incomplete: bool) -> (Truth, Span) {
    if !negated && !incomplete {
        return (matched, span);
    }
    let unread = || Truth::undocumented("an element with a value that is no text");
    let matched = if incomplete { matched.or(unread()) } else { matched };
    (if negated { matched.negate() } else { matched }, span)
}

/// The first of the patterns that matches for sure, or else what the others leave open.
fn first_match(whole: Span, patterns: impl Iterator<Item = (Truth, Span)>) -> (Truth, Span) {
    let mut open = Truth::False;
    for (matched, span) in patterns {
        match matched {
            Truth::True => return (matched, span),
            Truth::False => {}
            Truth::Unknown(_) => open = open.or(matched),
        }
    }
    (open, whole)
}

fn matches_action(element: &ActionElement, action: &Action) -> (Truth, Span) {
    let (service, name) = (action.service(), action.name());
    let matches = element.patterns.iter().map(|pattern| {
        let matched = match &pattern.form {
            ActionForm::Every => Truth::True,
            ActionForm::Service { prefix, name: wanted } => {
                (prefix == service && wanted.matches(name)).into()
            }
            ActionForm::Unclear(glob) if glob.matches(action.lower()) => {
                Truth::undocumented(&format!("the action {}", pattern.text))
            }
            ActionForm::Unclear(_) => Truth::False,
        };
        (matched, pattern.span)
    });
    settled(first_match(element.span, matches), element.negated, element.incomplete)
}

fn matches_resource(element: &ResourceElement, request: &Request, grammar: Grammar) -> (Truth, Span) {
    let patterns = element.patterns.iter();
    let matches =
        patterns.map(|pattern| (covers(&pattern.form, &pattern.text, request, grammar), pattern.span));
    settled(first_match(element.span, matches), element.negated, element.incomplete)
}

fn covers(form: &ResourceForm, text: &str, request: &Request, grammar: Grammar) -> Truth {
    if matches!(form, ResourceForm::Every) {
        return Truth::True;
    }
    let resource = &request.resource;
    let Some(arn) = resource.arn().or_else(|| s3::every_bucket(request)) else {
        return if resource.is_none() {
            everything_or_not(form, text)
        } else {
            Truth::unknown(Hinge::Fact(format!("the ARN of the resource {resource}")))
        };
    };
    match form {
        ResourceForm::Every => Truth::True,
        ResourceForm::Plain { head, rest, crossing } => {
            let by_parts = head.matches(arn) && rest.matches(arn.resource());
            // Only where the resource part has colons of its own can running on over colons make a difference.
            let runs_on = || {
                crossing
                    .as_ref()
                    .is_some_and(|pattern| arn.resource().contains(':') && pattern.matches(arn.as_str()))
            };
            (by_parts || runs_on()).into()
        }
        ResourceForm::Short { crossing, .. } if crossing.matches(arn.as_str()) => Truth::True,
        ResourceForm::Short { completed: (head, rest), .. } => {
            let matches = head.matches(arn) && rest.matches(arn.resource());
            if matches && grammar != Grammar::Identity {
                Truth::undocumented(&format!("the incomplete ARN {text} outside an identity-based policy"))
            } else {
                matches.into()
            }
        }
        ResourceForm::Variable { head, rest, crossing } => {
            let by_parts = head.matches(arn);
            let crossing = crossing.as_ref().filter(|_| arn.resource().contains(':'));
            if !by_parts && crossing.is_none() {
                return Truth::False;
            }
            if rest.unclear().is_some() {
                return Truth::undocumented(&format!("the policy variable in {text}"));
            }
            let variables = Variables::new(&request.context);
            match rest.pattern(|key, default| variables.value_of(key, default)) {
                Ok(rest) => {
                    let by_parts = by_parts && glob_match(&rest, arn.resource().as_bytes());
                    let runs_on = || crossing.is_some_and(|c| c.followed_by(&rest).matches(arn.as_str()));
                    (by_parts || runs_on()).into()
                }
                // "The resource that includes a policy variable with no value will not match any resource."
                Err(Unresolved::Missing) => Truth::False,
                Err(Unresolved::Unknown(hinge)) => Truth::unknown(hinge),
            }
        }
        ResourceForm::OfThisApi(rest) => {
            let path = arn.resource().split_once('/').map_or("", |(_, path)| path);
            let matches = arn.service() == "execute-api" && rest.matches(path);
            if matches && grammar != Grammar::WithPrincipal {
                Truth::undocumented(&format!("{text} outside the resource policy of an API"))
            } else {
                matches.into()
            }
        }
        ResourceForm::Unclear(glob) if glob.matches(arn.as_str()) && text.contains("${") => {
            Truth::undocumented(&format!("the policy variable before the fifth colon of {text}"))
        }
        ResourceForm::Unclear(glob) if glob.matches(arn.as_str()) => {
            Truth::undocumented(&format!("the resource pattern {text}, which is not an ARN"))
        }
        ResourceForm::Unclear(_) => Truth::False,
    }
}

/// No pattern but `*` covers a request without a resource; whether it does with white space around it is open.
fn everything_or_not(form: &ResourceForm, text: &str) -> Truth {
    if matches!(form, ResourceForm::Unclear(_)) && text.trim() == "*" {
        Truth::undocumented(&format!("the resource pattern {text}, which is not an ARN"))
    } else {
        Truth::False
    }
}

fn action_trace(element: &ActionElement, matched: &Truth, span: Span, action: &Action) -> ElementTrace {
    ElementTrace {
        element: if element.negated { Element::NotAction } else { Element::Action },
        matched: matched.clone(),
        span,
        compared: Compared::Patterns {
            got: action.to_string(),
            wanted: element.patterns.iter().map(|pattern| pattern.text.clone()).collect(),
        },
    }
}

fn resource_trace(
    element: &ResourceElement,
    matched: &Truth,
    span: Span,
    resource: &Resource,
) -> ElementTrace {
    ElementTrace {
        element: if element.negated { Element::NotResource } else { Element::Resource },
        matched: matched.clone(),
        span,
        compared: Compared::Patterns {
            got: resource.to_string(),
            wanted: element.patterns.iter().map(|pattern| pattern.text.clone()).collect(),
        },
    }
}

fn principal_trace(element: &PrincipalElement, naming: &Naming, request: &Request) -> ElementTrace {
    ElementTrace {
        element: if element.negated { Element::NotPrincipal } else { Element::Principal },
        matched: naming.any(),
        span: element.span,
        compared: Compared::Patterns {
            got: request.principal.to_string(),
            wanted: element.entries.iter().map(|entry| entry.text.clone()).collect(),
        },
    }
}

/// A policy's value with its variables filled in, where the request tells them.
fn filled(value: &ConditionValue, request: &Request) -> String {
    let variables = Variables::new(&request.context);
    match &value.prepared {
        Prepared::Text(template) if !template.is_plain() && template.unclear().is_none() => template
            .literal(|key, default| variables.value_of(key, default))
            .unwrap_or_else(|_| value.text.clone()),
        _ => value.text.clone(),
    }
}

fn condition_trace(pair: &crate::policy::Condition, matched: &Truth, request: &Request) -> ElementTrace {
    ElementTrace {
        element: Element::Condition,
        matched: matched.clone(),
        span: pair.span,
        compared: Compared::Condition {
            operator: pair.operator_text.clone(),
            key: pair.key.text.clone(),
            wanted: pair.values.iter().map(|value| filled(value, request)).collect(),
            got: request.context.get(&pair.key.lower).into(),
        },
    }
}

/// Whether a statement's effect can be the one asked for: a statement without a readable effect can be either.
pub(super) fn may_have(statement: &Statement, effect: Effect) -> bool {
    statement.effect.is_none_or(|found| found == effect)
}
