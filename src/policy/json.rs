//! JSON with byte offsets: `RawValue` borrowed from the text tells where every value stands.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Span;

/// A JSON value inside a text, not yet looked into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    text: &'a str,
    raw: &'a RawValue,
}

/// One level of a JSON value.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Object(Vec<(String, Node<'a>)>),
    Array(Vec<Node<'a>>),
    String(String),
    /// A number, boolean or null as it is written.
    Scalar(&'a str),
}

impl<'a> Node<'a> {
    pub(super) fn root(text: &'a str) -> Result<Self, serde_json::Error> {
        Ok(Self { text, raw: serde_json::from_str(text)? })
    }

    pub(super) fn span(&self) -> Span {
        let start = (self.raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        Span { start, end: start + self.raw.get().len() }
    }

    pub(super) fn shape(&self) -> Result<Shape<'a>, serde_json::Error> {
        let raw = self.raw.get();
        let node = |raw| Node { text: self.text, raw };
        Ok(match raw.as_bytes().first() {
            Some(b'{') => {
                let members: Members<'a> = serde_json::from_str(raw)?;
                Shape::Object(members.0.into_iter().map(|(name, raw)| (name, node(raw))).collect())
            }
            Some(b'[') => {
                let items: Vec<&'a RawValue> = serde_json::from_str(raw)?;
                Shape::Array(items.into_iter().map(node).collect())
            }
            Some(b'"') => Shape::String(serde_json::from_str(raw)?),
            _ => Shape::Scalar(raw),
        })
    }
}

/// The members of an object in their order, duplicates included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(std::marker::PhantomData))
    }
}

struct MembersVisitor<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for MembersVisitor<'a> {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
