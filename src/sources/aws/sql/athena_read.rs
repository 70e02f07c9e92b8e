//! Runs a query in Athena and reads its results.

use std::ops::ControlFlow;

use aws_sdk_athena::operation::get_query_results::GetQueryResultsOutput;
use aws_sdk_athena::types::{
    QueryExecution, QueryExecutionContext, QueryExecutionState, ResultConfiguration, Row,
};

use super::athena::{Partitions, Table, query};
use super::loaded::{self, Missing};
use super::run::{Patience, stop};
use super::statement::Statement;
use crate::aws::{CallError, Connection, Reason, Spent};
use crate::sources::aws::once::Once;
use crate::sources::aws::receiver::{Outcome, Step};
use crate::sources::aws::search::{Region, Search};

/// Athena gives no more rows at a time.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html>
const PAGE: i32 = 1000;

/// No more pages of partitions are read: 20,000 are the days of five years in ten Regions.
const MOST_PAGES: usize = 20;

/// What helps.
const HOW_TO_LOAD: &str = "in a table without partition projection, so that nothing of them was read: ALTER TABLE … ADD \
    PARTITION loads them, and `why-denied sources athena-ddl` writes a table that needs no loading";

/// Asks a table, and reads what it has.
pub(in crate::sources::aws) async fn read(
    connection: &Connection,
    table: &Table,
    search: &Search,
    once: &mut Once<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    let Layout { partitions, has_to_be_loaded } = match layout(connection, table).await {
        Ok(layout) => layout,
        Err(error) => {
            outcome.gap(
                "the partitions of the table, so that those of `sources athena-ddl` were assumed",
                error,
            );
            Layout { partitions: Partitions::OWN, has_to_be_loaded: false }
        }
    };
    let home = Region::parse(connection.home_region()).ok();
    let statement = query(search, &table.name, partitions, home.as_ref());
    let running = Running { connection, client: connection.athena(connection.region()), table };
    let what = || format!("events in the table {}.{}", table.name.database, table.name.table);
    let before = once.events;
    if let Err(error) = running.run(&statement, &mut outcome, once).await {
        outcome.gap(what(), error);
    } else if once.events == before && has_to_be_loaded {
        let missing = Missing::new(search, partitions, home.as_ref());
        match running.loaded(missing, once).await {
            Ok(None) => {}
            Ok(Some(missing)) => outcome.gap(what(), missing),
            Err(error) => {
                outcome.gap(what(), format!("whether its partitions are loaded is not known: {error}"));
            }
        }
    }
    outcome
}

/// How a table is laid out.
struct Layout {
    partitions: Partitions,
    /// A table with partitions and without projection reads those that somebody has loaded, and no others.
    has_to_be_loaded: bool,
}

/// The partition columns that the table has.
///
/// Sources: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html>,
/// <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html>
async fn layout(connection: &Connection, table: &Table) -> Result<Layout, CallError> {
    let request = connection
        .athena(connection.region())
        .get_table_metadata()
        .catalog_name("AwsDataCatalog")
        .database_name(&table.name.database)
        .table_name(&table.name.table)
        .set_work_group(table.workgroup.clone());
    let answer = connection.ask("athena:GetTableMetadata", connection.region(), request.send()).await?;
    let found = answer.table_metadata;
    let projection = found.as_ref().and_then(|table| table.parameters.as_ref()?.get("projection.enabled"));
    let is_projected = projection.is_some_and(|enabled| enabled.eq_ignore_ascii_case("true"));
    let keys = found.as_ref().and_then(|table| table.partition_keys.as_deref()).unwrap_or_default();
    let partitions = Partitions::of(keys.iter().map(|column| column.name.as_str()));
    Ok(Layout { partitions, has_to_be_loaded: !keys.is_empty() && !is_projected })
}

struct Running<'r> {
    connection: &'r Connection,
    client: aws_sdk_athena::Client,
    table: &'r Table,
}

/// Why a query brought nothing.
#[derive(Debug, thiserror::Error)]
enum QueryError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error("Athena gave the query no id")]
    NoId,
    #[error("the query {id} ended as {state}: {reason}")]
    Ended { id: String, state: String, reason: String },
}

impl Running<'_> {
    async fn run(
        &self,
        statement: &Statement,
        outcome: &mut Outcome,
        once: &mut Once<'_>,
    ) -> Result<(), QueryError> {
        let id = self.finished(statement, outcome, once).await?;
        self.results(&id, once).await
    }

    /// The id of a query that has come to its end.
    async fn finished(
        &self,
        statement: &Statement,
        outcome: &mut Outcome,
        once: &mut Once<'_>,
    ) -> Result<String, QueryError> {
        let id = self.start(statement).await?;
        let waited = self.wait(&id, outcome, once).await;
        if let Err(QueryError::Call(_)) = &waited {
            // It may be anything that went wrong: the query is not waited for any more.
            stop(self.client.stop_query_execution().query_execution_id(&id).send()).await;
        }
        waited.map(|()| id)
    }

    /// Which partitions of the window are not loaded, if any.
    async fn loaded(
        &self,
        mut missing: Missing<'_>,
        once: &mut Once<'_>,
    ) -> Result<Option<String>, QueryError> {
        // It reads no logs, so that it says nothing of what was read.
        let id = self.finished(&loaded::query(&self.table.name), &mut Outcome::default(), once).await?;
        let mut token = None;
        for _ in 0..MOST_PAGES {
            let page = self.page(&id, token.take()).await?;
            for row in page.result_set.and_then(|set| set.rows).unwrap_or_default() {
                for name in cells(&row) {
                    missing.take(&name);
                }
            }
            token = page.next_token;
            if missing.is_none() {
                return Ok(None);
            }
            if token.is_none() {
                return Ok(Some(format!("{} {HOW_TO_LOAD}", missing.words())));
            }
        }
        Ok(Some(format!("of its many partitions, {} as far as they were listed", missing.words())))
    }

    async fn start(&self, statement: &Statement) -> Result<String, QueryError> {
        let parameters = Some(statement.execution_parameters()).filter(|parameters| !parameters.is_empty());
        let output = self.table.output.as_ref();
        let request = self
            .client
            .start_query_execution()
            .query_string(statement.text())
            .set_execution_parameters(parameters)
            .query_execution_context(
                QueryExecutionContext::builder().database(&self.table.name.database).build(),
            )
            .set_work_group(self.table.workgroup.clone())
            .set_result_configuration(
                output.map(|s3| ResultConfiguration::builder().output_location(s3).build()),
            );
        let answer = self
            .connection
            .ask("athena:StartQueryExecution", self.connection.region(), request.send())
            .await?;
        answer.query_execution_id.ok_or(QueryError::NoId)
    }

    async fn wait(&self, id: &str, outcome: &mut Outcome, once: &mut Once<'_>) -> Result<(), QueryError> {
        let mut patience = Patience::new();
        loop {
            let execution = self.state(id).await?;
            let status = execution.as_ref().and_then(|execution| execution.status());
            let bytes =
                execution.as_ref().and_then(|execution| execution.statistics()?.data_scanned_in_bytes);
            let bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
            outcome.bytes_scanned = bytes.or(outcome.bytes_scanned);
            let state = status.and_then(|status| status.state());
            let name = state.map_or("unknown", QueryExecutionState::as_str).to_owned();
            once.step(&Step::Query { id: id.to_owned(), state: name.clone(), bytes });
            match state {
                Some(QueryExecutionState::Succeeded) => return Ok(()),
                Some(QueryExecutionState::Failed | QueryExecutionState::Cancelled) => {
                    let reason =
                        status.and_then(|status| status.state_change_reason()).unwrap_or("no reason given");
                    return Err(QueryError::Ended {
                        id: id.to_owned(),
                        state: name,
                        reason: reason.to_owned(),
                    });
                }
                _ => patience
                    .wait(&self.connection.shared().budget)
                    .await
                    .map_err(|spent| self.spent(spent))?,
            }
        }
    }

    async fn state(&self, id: &str) -> Result<Option<QueryExecution>, CallError> {
        let request = self.client.get_query_execution().query_execution_id(id).send();
        let answer =
            self.connection.ask("athena:GetQueryExecution", self.connection.region(), request).await?;
        Ok(answer.query_execution)
    }

    async fn results(&self, id: &str, once: &mut Once<'_>) -> Result<(), QueryError> {
        let (mut token, mut header) = (None, None);
        loop {
            let page = self.page(id, token.take()).await?;
            token = page.next_token;
            let rows = page.result_set.and_then(|set| set.rows).unwrap_or_default();
            if read_page(id, &mut header, &rows, once).is_break() || token.is_none() {
                return Ok(());
            }
        }
    }

    async fn page(&self, id: &str, token: Option<String>) -> Result<GetQueryResultsOutput, CallError> {
        let request = self.client.get_query_results().query_execution_id(id).max_results(PAGE);
        let request = request.set_next_token(token).send();
        self.connection.ask("athena:GetQueryResults", self.connection.region(), request).await
    }

    fn spent(&self, spent: Spent) -> CallError {
        CallError::because("athena:GetQueryExecution", self.connection.region(), Reason::Spent(spent))
    }
}

/// Hands on a page as the result file of Athena would have it. The first row of the first page is the header.
fn read_page(
    id: &str,
    header: &mut Option<Vec<String>>,
    rows: &[Row],
    once: &mut Once<'_>,
) -> ControlFlow<()> {
    let mut rows = rows.iter().map(cells);
    if header.is_none() {
        *header = rows.next();
    }
    let Some(header) = header else { return ControlFlow::Continue(()) };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(&*header).is_ok();
    for row in rows {
        written &= writer.write_record(&row).is_ok();
    }
    // Rows of a result all have as many cells as its header, and memory does not fail.
    debug_assert!(written);
    let text = writer.into_inner().unwrap_or_default();
    once.read(&format!("Athena query {id}"), text.as_slice())
}

fn cells(row: &Row) -> Vec<String> {
    row.data().iter().map(|cell| cell.var_char_value().unwrap_or_default().to_owned()).collect()
}
