//! CloudTrail semantics over real messages and events. `data/README.md` tells where they come from.
//!
//! The environment of every test is the folder beside it: no network, no credentials.

mod messages;
