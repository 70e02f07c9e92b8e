//! Runs a query in CloudTrail Lake and reads its results.

use std::collections::HashMap;

use aws_sdk_cloudtrail::operation::describe_query::DescribeQueryOutput;
use aws_sdk_cloudtrail::types::{QueryStatisticsForDescribeQuery, QueryStatus};
use serde::Serialize;

use super::lake::{DataStore, query};
use super::run::{Patience, stop};
use crate::aws::{CallError, Connection, Reason};
use crate::sources::aws::once::Once;
use crate::sources::aws::receiver::{Outcome, Step};
use crate::sources::aws::search::Search;

/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html>
const PAGE: i32 = 1000;

/// Why a query brought nothing.
#[derive(Debug, thiserror::Error)]
enum QueryError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("CloudTrail Lake gave the query no id")]
    NoId,
    #[error("the query {id} ended as {state}: {reason}")]
    Ended { id: String, state: String, reason: String },
}

/// What `aws cloudtrail get-query-results` prints.
#[derive(Serialize)]
struct Results<'r> {
    #[serde(rename = "QueryResultRows")]
    rows: &'r [Vec<HashMap<String, String>>],
}

/// Asks an event data store, and reads what it has.
pub(in crate::sources::aws) async fn read(
    connection: &Connection,
    store: &DataStore,
    search: &Search,
    once: &mut Once<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let running = Running { connection, client: connection.cloudtrail(connection.region()) };
    if let Err(error) = running.run(&query(search, store).complete(), &mut outcome, once).await {
        outcome.gap(format!("events in the event data store {store}"), error);
    }
    outcome
}

struct Running<'r> {
    connection: &'r Connection,
    client: aws_sdk_cloudtrail::Client,
}

impl Running<'_> {
    async fn run(&self, text: &str, outcome: &mut Outcome, once: &mut Once<'_>) -> Result<(), QueryError> {
        let request = self.client.start_query().query_statement(text).send();
        let answer = self.connection.ask("cloudtrail:StartQuery", self.connection.region(), request).await?;
        let id = answer.query_id.ok_or(QueryError::NoId)?;
        match self.wait(&id, outcome, once).await {
            Err(QueryError::Call(error)) => {
                stop(self.client.cancel_query().query_id(&id).send()).await;
                Err(error.into())
            }
            Err(error) => Err(error),
            Ok(()) => self.results(&id, once).await,
        }
    }

    async fn wait(&self, id: &str, outcome: &mut Outcome, once: &mut Once<'_>) -> Result<(), QueryError> {
        let mut patience = Patience::new();
        loop {
            let answer = self.state(id).await?;
            let bytes = answer.query_statistics().and_then(QueryStatisticsForDescribeQuery::bytes_scanned);
            let bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
            outcome.bytes_scanned = bytes.or(outcome.bytes_scanned);
            let state = answer.query_status();
            let name = state.map_or("unknown", QueryStatus::as_str).to_owned();
            once.step(&Step::Query { id: id.to_owned(), state: name.clone(), bytes });
            match state {
                Some(QueryStatus::Finished) => return Ok(()),
                Some(QueryStatus::Queued | QueryStatus::Running) => {
                    patience.wait(&self.connection.shared().budget).await.map_err(|spent| {
                        let region = self.connection.region();
                        CallError::because("cloudtrail:DescribeQuery", region, Reason::Spent(spent))
                    })?;
                }
                _ => {
                    let reason = answer.error_message().unwrap_or("no reason given").to_owned();
                    return Err(QueryError::Ended { id: id.to_owned(), state: name, reason });
                }
            }
        }
    }

    async fn state(&self, id: &str) -> Result<DescribeQueryOutput, CallError> {
        let request = self.client.describe_query().query_id(id).send();
        self.connection.ask("cloudtrail:DescribeQuery", self.connection.region(), request).await
    }

    async fn results(&self, id: &str, once: &mut Once<'_>) -> Result<(), QueryError> {
        let mut token = None;
        loop {
            let request = self.client.get_query_results().query_id(id).max_query_results(PAGE);
            let request = request.set_next_token(token.take()).send();
            let page =
                self.connection.ask("cloudtrail:GetQueryResults", self.connection.region(), request).await?;
            token = page.next_token;
            let rows = page.query_result_rows.unwrap_or_default();
            let text = serde_json::to_string(&Results { rows: &rows }).unwrap_or_default();
            let read = once.read(&format!("CloudTrail Lake query {id}"), text.as_bytes());
            if read.is_break() || token.is_none() {
                return Ok(());
            }
        }
    }
}
