//! The query for a table of CloudTrail logs in Athena.
//!
//! Log files are JSON: only partitions make Athena read less, columns and `LIMIT` do not. So the query names account,
//! Region and day, and takes all columns.
//!
//! Source: <https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html> and
//! <https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html>

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::filter;
use super::statement::{Statement, TableName};
use crate::sources::aws::search::{DELIVERY_MARGIN, Region, Search};

/// A table, and where its queries run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The table.
    pub name: TableName,
    /// The workgroup; without it, `primary`.
    pub workgroup: Option<String>,
    /// Where results go, if the workgroup does not say: an `s3://` address.
    pub output: Option<String>,
}

/// The partition columns of a table, by what they say. Names are taken from lists here, never from the table itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partitions {
    /// The account.
    pub account: Option<&'static str>,
    /// The Region.
    pub region: Option<&'static str>,
    /// The day.
    pub day: Option<Day>,
}

/// How a table has the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// One column with `2026/09/10`.
    Path(&'static str),
    /// Three columns, `year`, `month` and `day`.
    Parts,
}

const ACCOUNT: [&str; 4] = ["account", "account_id", "accountid", "aws_account_id"];
const REGION: [&str; 3] = ["region", "aws_region", "region_name"];
const DAY: [&str; 5] = ["timestamp", "date", "day", "dt", "event_date"];

impl Partitions {
    /// Those of the table that [`super::ddl`] writes.
    pub const OWN: Self =
        Self { account: Some("account"), region: Some("region"), day: Some(Day::Path("timestamp")) };

    /// What the partition columns of a table mean, as far as their names tell.
    pub fn of<'c>(columns: impl IntoIterator<Item = &'c str>) -> Self {
        let columns: Vec<String> = columns.into_iter().map(str::to_ascii_lowercase).collect();
        let has = |name: &str| columns.iter().any(|column| column == name);
        let first = |names: &[&'static str]| names.iter().find(|name| has(name)).copied();
        let day = if ["year", "month", "day"].iter().all(|name| has(name)) {
            Some(Day::Parts)
        } else {
            first(&DAY).map(Day::Path)
        };
        Self { account: first(&ACCOUNT), region: first(&REGION), day }
    }

    /// What the query cannot leave out, so that it reads all of it.
    pub fn missing(self) -> Vec<&'static str> {
        let of = |present: bool, name| (!present).then_some(name);
        [
            of(self.account.is_some(), "account"),
            of(self.region.is_some(), "Region"),
            of(self.day.is_some(), "day"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

const DIALECT: filter::Dialect = filter::Dialect { writes: "readonly = 'false'", answer: "responseelements" };

/// The query for a search.
pub fn query(search: &Search, table: &TableName, partitions: Partitions, home: Option<&Region>) -> Statement {
    let mut out = Statement::default();
    out.push(&format!("SELECT *\nFROM \"{}\".\"{}\"\nWHERE ", table.database, table.table));
    partition(search, partitions, home, &mut out);
    // As text, since one row with a damaged time must not end the query.
    out.push(&format!("eventtime BETWEEN '{}' AND '{}'\n  AND ", second(search.since), second(search.until)));
    filter::rows(search, DIALECT, &mut out);
    out.push("\nORDER BY eventtime");
    out
}

fn partition(search: &Search, partitions: Partitions, home: Option<&Region>, out: &mut Statement) {
    if let Some(column) = partitions.account.filter(|_| !search.accounts.is_empty()) {
        one_of(column, search.accounts.iter(), out);
    }
    if let Some(column) = partitions.region.filter(|_| !search.regions.is_empty()) {
        let mut regions: Vec<&Region> = search.regions.iter().chain(home).collect();
        regions.sort();
        regions.dedup();
        one_of(column, regions.into_iter(), out);
    }
    // A file that is delivered after midnight can hold what happened before it.
    let day = |moment: Timestamp| TimeZone::UTC.to_datetime(moment).date();
    let last = day(search.until.checked_add(DELIVERY_MARGIN).unwrap_or(Timestamp::MAX));
    let (first, last) = (path(day(search.since)), path(last));
    match partitions.day {
        Some(Day::Path(column)) => {
            out.push(&format!("\"{column}\" BETWEEN '{first}' AND '{last}'\n  AND "));
        }
        Some(Day::Parts) => {
            out.push(&format!(
                "concat(\"year\", '/', \"month\", '/', \"day\") BETWEEN '{first}' AND '{last}'\n  AND "
            ));
        }
        None => {}
    }
}

fn one_of(column: &str, values: impl Iterator<Item = impl ToString>, out: &mut Statement) {
    let values: Vec<String> = values.map(|value| format!("'{}'", value.to_string())).collect();
    out.push(&format!("\"{column}\" IN ({})\n  AND ", values.join(", ")));
}

fn path(day: Date) -> String {
    format!("{:04}/{:02}/{:02}", day.year(), day.month(), day.day())
}

/// A moment as CloudTrail writes it, to the second.
fn second(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;
    use crate::sources::aws::search::Purpose;

    fn search() -> Search {
        Search {
            caller: Some("arn:aws:sts::111122223333:assumed-role/App/i-0abc".parse().unwrap()),
            since: "2026-09-10T22:00:00Z".parse().unwrap(),
            until: "2026-09-10T23:30:00Z".parse().unwrap(),
            accounts: vec![AccountId::parse("111122223333").unwrap()],
            regions: vec![Region::parse("eu-west-1").unwrap()],
            event_id: None,
            request_id: None,
            purpose: Purpose::Denials,
        }
    }

    fn home() -> Region {
        Region::parse("us-east-1").unwrap()
    }

    #[test]
    fn the_query_reads_the_least() {
        let table = "logs.cloudtrail".parse().unwrap();
        let found = query(&search(), &table, Partitions::OWN, Some(&home()));
        let wanted = "\
SELECT *
FROM \"logs\".\"cloudtrail\"
WHERE \"account\" IN ('111122223333')
  AND \"region\" IN ('eu-west-1', 'us-east-1')
  AND \"timestamp\" BETWEEN '2026/09/10' AND '2026/09/11'
  AND eventtime BETWEEN '2026-09-10T22:00:00Z' AND '2026-09-10T23:30:00Z'
  AND (errorcode <> '' OR strpos(responseelements, 'errorCode') > 0)
  AND (useridentity.arn = 'arn:aws:sts::111122223333:assumed-role/App/i-0abc'
       OR strpos(errormessage, 'arn:aws:sts::111122223333:assumed-role/App/i-0abc ') > 0)
ORDER BY eventtime";
        assert_eq!(found.complete(), wanted);
        assert_eq!(found.text().matches('?').count(), found.execution_parameters().len());
    }

    #[test]
    fn a_table_is_asked_by_the_partitions_it_has() {
        // The table of the documentation for one account and Region; and one with a column for each part of the date.
        let one = Partitions::of(["timestamp"]);
        assert_eq!((one.account, one.region, one.day), (None, None, Some(Day::Path("timestamp"))));
        assert_eq!(one.missing(), ["account", "Region"]);
        let parts = Partitions::of(["AccountId", "Region", "year", "month", "day"]);
        assert_eq!((parts.account, parts.day), (Some("accountid"), Some(Day::Parts)));
        let table = "logs.cloudtrail".parse().unwrap();
        let found = query(&search(), &table, parts, None).complete();
        assert!(
            found.contains("concat(\"year\", '/', \"month\", '/', \"day\") BETWEEN '2026/09/10'"),
            "{found}"
        );
        assert_eq!(Partitions::of([]).missing(), ["account", "Region", "day"]);
    }

    #[test]
    fn one_event_is_asked_by_its_id_alone() {
        let table = "logs.cloudtrail".parse().unwrap();
        let one = Search { request_id: Some("r'1".to_owned()), ..search() };
        let found = query(&one, &table, Partitions::OWN, None);
        assert!(found.text().contains("AND requestid = ?\nORDER"), "{}", found.text());
        assert_eq!(found.execution_parameters(), ["'r''1'"]);
    }
}
