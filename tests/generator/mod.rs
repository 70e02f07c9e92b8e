//! Random request lines: a small world in which policies and requests meet often.
//!
//! Every line is complete and follows from its seed alone. What is unlikely to meet by chance (a principal and the
//! entry that names it, a value and the condition that wants it) is drawn from the request that is being made. The
//! generator must not know what the answer is.

#![allow(
    dead_code,
    unused_imports,
    reason = "every test that includes the generator uses another part of it"
)]

mod conditions;
mod corners;
mod policies;
mod print;
mod shrink;
mod world;

use serde_json::{Map, Value, json};

pub use conditions::{KEYS, key_value};
pub use policies::{Kind, deny_everything, policy, statement};
pub use print::print_otherwise;
pub use shrink::shrink;
pub use world::{Caller, MANAGEMENT, OTHER, OWN, Target};

/// Chance, repeatable by seed.
pub struct Dice(fastrand::Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0.usize(0..end)
    }

    pub fn between(&mut self, from: usize, to: usize) -> usize {
        self.0.usize(from..=to)
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}

/// What a line is about, as far as policies are drawn from it.
pub struct Scene {
    pub caller: Caller,
    pub target: Target,
    /// The given context.
    pub context: Map<String, Value>,
    /// Keys that follow from caller and target, with the values that a condition may want.
    pub derived: Vec<(&'static str, String)>,
}

/// A random complete line.
pub fn line(seed: u64) -> Value {
    let mut dice = Dice::new(seed);
    let (scene, line) = line_of(&mut dice);
    let line = corners::ask_for_ends_of_chain(&mut dice, &scene, line);
    corners::leave_the_middle(&mut dice, &scene, line)
}

/// A random complete line with what it was drawn from.
pub fn line_of(dice: &mut Dice) -> (Scene, Value) {
    let caller = world::caller(dice);
    let target = world::target(dice, &caller);
    let context = conditions::context(dice, &caller, &target);
    let derived = world::derived(&caller, &target);
    let mut scene = Scene { caller, target, context, derived };
    let line = fill(dice, &scene);
    let line = corners::turn_into_corner(dice, &mut scene, line);
    (scene, line)
}

fn fill(dice: &mut Dice, scene: &Scene) -> Value {
    let mut line = Map::new();
    line.insert("principal".to_owned(), scene.caller.principal.clone());
    if !scene.caller.facts.is_empty() {
        line.insert("principal_facts".to_owned(), Value::Object(scene.caller.facts.clone()));
    }
    let action = &scene.target.action;
    line.insert(
        "action".to_owned(),
        json!(if dice.chance(3) { action.to_uppercase() } else { action.clone() }),
    );
    line.insert("resource".to_owned(), json!(scene.target.resource));
    if scene.target.owner_given {
        line.insert("resource_account".to_owned(), json!(scene.target.owner));
    }
    line.insert("context".to_owned(), Value::Object(scene.context.clone()));
    line.insert("context_complete".to_owned(), json!(true));
    for (name, layer) in layers(dice, scene) {
        line.insert(name.to_owned(), layer);
    }
    Value::Object(line)
}

fn layers(dice: &mut Dice, scene: &Scene) -> Vec<(&'static str, Value)> {
    let mut out = Vec::new();
    let own = scene.caller.has_identity || dice.chance(2);
    if own && dice.chance(85) {
        let count = dice.between(1, 2);
        out.push(("identity_policies", policies::list(dice, Kind::Identity, scene, count)));
    }
    if own && dice.chance(18) {
        out.push(("permissions_boundary", policy(dice, Kind::Boundary, scene)));
    }
    if (scene.caller.is_session && dice.chance(35)) || dice.chance(1) {
        let count = dice.between(1, 2);
        out.push(("session_policies", policies::list(dice, Kind::Session, scene, count)));
    }
    let kind = if scene.target.is_trust { Kind::Trust } else { Kind::Resource };
    if dice.chance(if scene.target.needs_policy { 97 } else { scene.target.policy_chance }) {
        out.push(("resource_policy", policy(dice, kind, scene)));
    }
    if scene.target.is_key && dice.chance(35) {
        out.push(("kms_grants", policies::grants(dice, scene)));
    }
    if dice.chance(8) {
        out.push(("vpc_endpoint_policy", policy(dice, Kind::Endpoint, scene)));
    }
    if dice.chance(22) {
        out.push(("service_control_policies", policies::levels(dice, Kind::Scp, scene)));
    }
    if dice.chance(20) {
        out.push(("resource_control_policies", policies::levels(dice, Kind::Rcp, scene)));
    }
    if dice.chance(60) || scene.target.action.starts_with("organizations:") {
        out.push(("organization", world::organization(dice)));
    }
    if scene.target.action.starts_with("s3:") && dice.chance(30) {
        out.push(("s3", world::s3_facts(dice)));
    }
    out
}
