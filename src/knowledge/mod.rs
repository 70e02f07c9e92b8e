//! Tables of AWS facts, each row with its source, and look-ups in them. The tables are text files in `tables/` and
//! `service_reference/table.txt`, read once on first use.
//!
//! This module knows no request, no policy and no event: it answers questions such as "which IAM action stands behind
//! this event name?" or "who may call this API?". It never decides anything. What AWS says nowhere is a row too, marked
//! [`Certainty::Believed`], so that an answer built on it can say so.

pub mod actions;
pub mod arn_placeholders;
pub mod change_events;
pub mod condition_advice;
pub mod condition_keys;
pub mod console_callers;
pub mod data_events;
pub mod error_codes;
pub mod event_fields;
pub mod global_services;
pub mod kms;
pub mod managed_policies;
pub mod operation_rules;
pub mod organizations_callers;
pub mod other_causes;
pub mod parameters;
pub mod permissionless;
pub mod rcp_services;
pub mod reader_calls;
pub mod regions;
pub mod resource_account;
pub mod resource_policies;
pub mod resource_policy_events;
pub mod resource_tag_keys;
pub mod s3;
pub mod security_hub;
pub mod service_reference;
pub mod shared_resources;
pub mod table;

pub(crate) mod pattern;

pub use table::{Certainty, Source};
