//! The tables of AWS facts: every row has its source, and the look-ups find what the sources say.

mod knowledge_account_kinds;
mod knowledge_actions;
mod knowledge_kms;
mod knowledge_reference;
mod knowledge_tables;
