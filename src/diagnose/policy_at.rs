//! Where in a policy set the policy of a layer is.

use crate::evaluate::{Known, Layer, LayerTrace, NamedPolicy, PolicySet};

/// The policy at a position of a layer.
pub(super) fn policy_at<'p>(
    layer: &LayerTrace,
    index: usize,
    policies: &'p PolicySet,
) -> Option<&'p NamedPolicy> {
    fn at(list: &Known<Vec<NamedPolicy>>, index: usize) -> Option<&NamedPolicy> {
        match list {
            Known::Known(list) => list.get(index),
            Known::Unknown(_) => None,
        }
    }
    fn one(policy: &Known<Option<NamedPolicy>>) -> Option<&NamedPolicy> {
        match policy {
            Known::Known(policy) => policy.as_ref(),
            Known::Unknown(_) => None,
        }
    }
    match layer.layer {
        Layer::Identity => at(&policies.identity, index),
        Layer::Session => at(&policies.session, index),
        Layer::Boundary => one(&policies.boundary),
        Layer::Resource | Layer::RoleTrust => one(&policies.resource),
        Layer::VpcEndpoint => one(&policies.vpc_endpoint),
        Layer::Scp | Layer::Rcp => {
            let levels = if layer.layer == Layer::Scp { &policies.scps } else { &policies.rcps };
            let Known::Known(Some(levels)) = levels else { return None };
            let level = levels.iter().find(|level| Some(&level.target) == layer.target.as_ref())?;
            at(&level.policies, index)
        }
        Layer::KmsGrant | Layer::S3BlockPublicAccess | Layer::S3Ownership | Layer::AccountKind => None,
    }
}

/// The same, to change it.
pub(super) fn policy_mut<'p>(
    policies: &'p mut PolicySet,
    layer: &LayerTrace,
    index: usize,
) -> Option<&'p mut NamedPolicy> {
    fn at(list: &mut Known<Vec<NamedPolicy>>, index: usize) -> Option<&mut NamedPolicy> {
        match list {
            Known::Known(list) => list.get_mut(index),
            Known::Unknown(_) => None,
        }
    }
    fn one(policy: &mut Known<Option<NamedPolicy>>) -> Option<&mut NamedPolicy> {
        match policy {
            Known::Known(policy) => policy.as_mut(),
            Known::Unknown(_) => None,
        }
    }
    match layer.layer {
        Layer::Identity => at(&mut policies.identity, index),
        Layer::Session => at(&mut policies.session, index),
        Layer::Boundary => one(&mut policies.boundary),
        Layer::Resource | Layer::RoleTrust => one(&mut policies.resource),
        Layer::VpcEndpoint => one(&mut policies.vpc_endpoint),
        Layer::Scp | Layer::Rcp => {
            let levels = if layer.layer == Layer::Scp { &mut policies.scps } else { &mut policies.rcps };
            let Known::Known(Some(levels)) = levels else { return None };
            let level = levels.iter_mut().find(|level| Some(&level.target) == layer.target.as_ref())?;
            at(&mut level.policies, index)
        }
        _ => None,
    }
}
