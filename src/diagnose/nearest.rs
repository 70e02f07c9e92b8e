//! The Allow that comes nearest to a request.

use crate::evaluate::{Compared, LayerTrace, StatementTrace};
use crate::policy::{Effect, Element};

/// The nearest Allow of a layer. Of several that fail by their resource alone, the one whose resource is most like the
/// denied one: `RunInstances` has statements for subnets beside those for instances.
pub(super) fn nearest_allow(layer: &LayerTrace) -> Option<&StatementTrace> {
    let near = layer.near_misses(Effect::Allow);
    let first = *near.first()?;
    let Some(likeness_of_first) = likeness(first) else { return Some(first) };
    let best = near.iter().copied().filter_map(|statement| Some((likeness(statement)?, statement)));
    let (_, best) =
        best.fold((likeness_of_first, first), |best, one| if one.0 > best.0 { one } else { best });
    Some(best)
}

/// How many characters of the denied resource a statement's nearest pattern has; `None` if it fails by something else.
fn likeness(statement: &StatementTrace) -> Option<usize> {
    let mut failed = statement.failed();
    let (Some(only), None) = (failed.next(), failed.next()) else { return None };
    let Compared::Patterns { wanted, got } = &only.compared else { return None };
    (only.element == Element::Resource).then(|| {
        let alike = |pattern: &String| {
            // Account and Region are often left open in patterns: what counts is the resource itself.
            let (pattern, got) = (resource_part(pattern), resource_part(got));
            pattern.bytes().zip(got.bytes()).take_while(|(one, other)| one == other).count()
        };
        wanted.iter().map(alike).max().unwrap_or_default()
    })
}

fn resource_part(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}
