//! Amazon Athena and CloudTrail Lake, which give the rows of the scenario to every query, and CloudWatch Logs, which has
//! every event.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;

const QUERY: &str = "a1b2c3d4-5678-90ab-cdef-example11111";
const PARTITIONS: &str = "a1b2c3d4-5678-90ab-cdef-example22222";

pub fn answer(world: &World, call: &Call) -> Answer {
    match (call.service.as_str(), call.operation.as_str()) {
        ("athena", "StartQueryExecution") => {
            let is_of_partitions = call.text("QueryString").starts_with("SHOW PARTITIONS ");
            Ok(Body::Json(json!({"QueryExecutionId": if is_of_partitions { PARTITIONS } else { QUERY }})))
        }
        ("athena", "GetQueryExecution") => Ok(Body::Json(json!({"QueryExecution": {
            "QueryExecutionId": QUERY,
            "Status": {"State": "SUCCEEDED"},
            "Statistics": {"DataScannedInBytes": 1024, "TotalExecutionTimeInMillis": 10},
        }}))),
        ("athena", "GetQueryResults") => results(world, call),
        ("athena", "StopQueryExecution") => Ok(Body::Json(json!({}))),
        ("athena", "GetTableMetadata") => Ok(Body::Json(json!({"TableMetadata": {
            "Name": call.text("TableName"),
            "Parameters": world.table_parameters,
            "PartitionKeys": [{"Name": "account"}, {"Name": "region"}, {"Name": "timestamp"}],
        }}))),
        ("logs", "FilterLogEvents") => log_events(world, call),
        _ => Err(super::unknown_operation(call)),
    }
}

/// CloudTrail Lake has the header in every cell: a row is a list of objects with one field each.
pub fn lake(world: &World, call: &Call) -> Answer {
    match call.operation.as_str() {
        "StartQuery" | "CancelQuery" => Ok(Body::Json(json!({"QueryId": QUERY, "QueryStatus": "CANCELLED"}))),
        "DescribeQuery" => {
            let statistics =
                json!({"BytesScanned": 1024, "EventsMatched": world.rows.len(), "EventsScanned": 4096});
            let state = world.next_lake_state();
            Ok(Body::Json(json!({"QueryId": QUERY, "QueryStatus": state, "QueryStatistics": statistics})))
        }
        _ => lake_results(world, call),
    }
}

fn lake_results(world: &World, call: &Call) -> Answer {
    let Some((names, rows)) = world.rows.split_first() else {
        return Ok(Body::Json(json!({"QueryStatus": "FINISHED", "QueryResultRows": []})));
    };
    let size = call.number("MaxQueryResults").unwrap_or(1000).min(world.page);
    let (page, next) = super::page(rows, call.text("NextToken"), size).map_err(|()| invalid())?;
    let cells = |row: &Vec<Option<String>>| -> Value {
        let pairs = names.iter().flatten().zip(row);
        pairs.filter_map(|(name, value)| value.as_ref().map(|value| json!({name: value}))).collect()
    };
    let lines: Vec<Value> = page.iter().map(cells).collect();
    let mut body = json!({"QueryStatus": "FINISHED", "QueryResultRows": lines});
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Body::Json(body))
}

fn invalid() -> Refusal {
    Refusal::new(400, "InvalidRequestException", "The token is not valid.")
}

fn results(world: &World, call: &Call) -> Answer {
    let size = call.number("MaxResults").unwrap_or(1000).min(world.page);
    let partitions: Vec<Vec<Option<String>>> =
        world.partitions.iter().map(|name| vec![Some(name.clone())]).collect();
    let rows = if call.text("QueryExecutionId") == PARTITIONS { &partitions } else { &world.rows };
    let (page, next) = super::page(rows, call.text("NextToken"), size).map_err(|()| invalid())?;
    let text_of = |value: &Option<String>| match value {
        Some(text) => json!({"VarCharValue": text}),
        None => json!({}),
    };
    let lines: Vec<Value> =
        page.iter().map(|row| json!({"Data": row.iter().map(text_of).collect::<Vec<_>>()})).collect();
    let names = rows.first().cloned().unwrap_or_default();
    let columns: Vec<Value> = names.iter().map(|name| json!({"Name": name, "Type": "varchar"})).collect();
    let mut body = json!({"ResultSet": {"Rows": lines, "ResultSetMetadata": {"ColumnInfo": columns}}});
    if let Some(next) = next {
        body["NextToken"] = next.into();
    }
    Ok(Body::Json(body))
}

fn log_events(world: &World, call: &Call) -> Answer {
    let time = |name: &str| call.input.get(name).and_then(Value::as_i64);
    let mut found: Vec<Value> = world
        .events
        .iter()
        .filter(|event| time("startTime").is_none_or(|from| event.time.as_millisecond() >= from))
        .filter(|event| time("endTime").is_none_or(|to| event.time.as_millisecond() <= to))
        .map(|event| {
            json!({"logStreamName": "111122223333_CloudTrail_eu-west-1", "timestamp": event.time.as_millisecond(),
                "ingestionTime": event.time.as_millisecond(), "eventId": event.record["eventID"], "message": event.text})
        })
        .collect();
    found.reverse();
    let size = call.number("limit").unwrap_or(10000).min(world.page);
    let (page, next) = super::page(&found, call.text("nextToken"), size).map_err(|()| invalid())?;
    let mut body = json!({"events": page, "searchedLogStreams": []});
    if let Some(next) = next {
        body["nextToken"] = next.into();
    }
    Ok(Body::Json(body))
}
