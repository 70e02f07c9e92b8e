//! Policies: what their elements hold.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use super::fields::is_aws;
use super::json::Json;
use super::text::{Redactor, Speech};

/// Condition keys with values of AWS's.
const AWS_KEYS: &[&str] = &[
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principaltype",
    "aws:requestedregion",
    "ec2:authorizedservice",
    "ec2:instancetype",
    "ec2:region",
    "iam:awsservicename",
    "iam:passedtoservice",
    "kms:customermasterkeyspec",
    "kms:customermasterkeyusage",
    "kms:encryptionalgorithm",
    "kms:grantconstrainttype",
    "kms:grantoperations",
    "kms:keyorigin",
    "kms:keyspec",
    "kms:keyusage",
    "kms:messagetype",
    "kms:signingalgorithm",
    "kms:viaservice",
    "s3:authtype",
    "s3:delimiter",
    "s3:locationconstraint",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:x-amz-acl",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-storage-class",
];

impl Redactor {
    /// The replacement of a policy document.
    pub(super) fn policy(&mut self, document: &Json) -> Json {
        self.object(document, |redactor, name, value| match name {
            "Version" => redactor.aws(value),
            "Statement" => match value {
                Json::Array(statements) => {
                    Json::Array(statements.iter().map(|statement| redactor.statement(statement)).collect())
                }
                statement => redactor.statement(statement),
            },
            _ => redactor.names(value),
        })
    }

    pub(super) fn statement(&mut self, statement: &Json) -> Json {
        self.object(statement, |redactor, name, value| match name {
            "Effect" if matches!(value, Json::Text(effect) if effect == "Allow" || effect == "Deny") => {
                value.clone()
            }
            "Action" | "NotAction" => redactor.aws(value),
            "Condition" => redactor.conditions(value),
            _ => redactor.names(value),
        })
    }

    fn conditions(&mut self, conditions: &Json) -> Json {
        self.object(conditions, |redactor, operator, keys| {
            let Json::Object(keys) = keys else { return redactor.names(keys) };
            let mut new = Vec::new();
            for (key, values) in keys {
                new.push((redactor.condition_key(key), redactor.condition_values(key, operator, values)));
            }
            Json::Object(new)
        })
    }

    /// The values that a condition wants, or that a request had.
    pub(super) fn condition_values(&mut self, key: &str, operator: &str, values: &Json) -> Json {
        let operator = operator.rsplit(':').next().unwrap_or_default();
        let compares = ["Numeric", "Date", "Bool", "Null"].iter().any(|kind| operator.starts_with(kind));
        if compares || AWS_KEYS.contains(&key.to_ascii_lowercase().as_str()) {
            self.aws(values)
        } else {
            self.names(values)
        }
    }

    /// Words of AWS's, if they look like that.
    fn aws(&mut self, json: &Json) -> Json {
        match json {
            Json::Text(text) if is_aws(text) => json.clone(),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.aws(item)).collect()),
            other => self.names(other),
        }
    }

    fn names(&mut self, json: &Json) -> Json {
        match json {
            Json::Text(text) => Json::Text(self.value(text)),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.names(item)).collect()),
            // `Principal`, whose types are AWS's.
            Json::Object(_) => self.object(json, |redactor, _, value| redactor.names(value)),
            Json::Scalar(_) => json.clone(),
        }
    }

    fn object(&mut self, json: &Json, mut member: impl FnMut(&mut Self, &str, &Json) -> Json) -> Json {
        let Json::Object(members) = json else { return self.names(json) };
        let mut new = Vec::new();
        for (name, value) in members {
            let known = name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b':');
            let new_name = if known { name.clone() } else { self.text(name, Speech::Names) };
            new.push((new_name, member(self, name, value)));
        }
        Json::Object(new)
    }
}
