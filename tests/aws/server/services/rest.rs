//! Which operation of a service with REST and JSON is meant by a path.

use serde_json::{Map, Value};

use super::super::call::fields;
use super::super::http::Request;

pub fn operation(request: &Request, service: &str) -> (String, String, Map<String, Value>) {
    let mut input: Map<String, Value> = serde_json::from_slice(&request.body).unwrap_or_default();
    input.extend(fields(request.query.clone()));
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let operation = match (service, parts.as_slice()) {
        ("account", ["listRegions"]) => "ListRegions",
        ("lambda", [_, "functions", function, "policy"]) => {
            input.insert("FunctionName".to_owned(), (*function).into());
            "GetPolicy"
        }
        _ => "Unknown",
    };
    (service.to_owned(), operation.to_owned(), input)
}
