//! Whether the partitions of a window are loaded: a table without partition projection reads no other.
//!
//! Source: <https://docs.aws.amazon.com/athena/latest/ug/partitions.html>

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;

use super::athena::{Day, Partitions};
use super::statement::{Statement, TableName};
use crate::sources::aws::search::{Region, Search};

/// A window of more days is not looked at day by day.
const MOST_DAYS: usize = 400;

/// The query for the partitions that a table has. It reads no logs, and costs nothing.
///
/// Source: <https://docs.aws.amazon.com/athena/latest/ug/show-partitions.html>
pub fn query(table: &TableName) -> Statement {
    let mut out = Statement::default();
    out.push(&format!("SHOW PARTITIONS `{}`", table.table));
    out
}

/// The days of a window for which no partition has shown up so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing<'s> {
    search: &'s Search,
    partitions: Partitions,
    home: Option<&'s Region>,
    days: BTreeSet<Date>,
    /// Whether any partition fits, where the days cannot be told.
    any: bool,
}

impl<'s> Missing<'s> {
    /// All days of the window.
    pub fn new(search: &'s Search, partitions: Partitions, home: Option<&'s Region>) -> Self {
        let day = |moment| TimeZone::UTC.to_datetime(moment).date();
        let (first, last) = (day(search.since), day(search.until));
        let days = first.series(1.day()).take_while(|day| *day <= last).take(MOST_DAYS);
        Self { search, partitions, home, days: days.collect(), any: false }
    }

    /// Takes a partition as Athena names it: `account=111122223333/region=eu-west-1/timestamp=2026%2F09%2F10`.
    pub fn take(&mut self, name: &str) {
        let value = |column: &str| {
            let mut parts = name.split('/').filter_map(|part| part.split_once('='));
            let (_, value) = parts.find(|(key, _)| key.eq_ignore_ascii_case(column))?;
            percent_decode_str(value).decode_utf8().ok().map(std::borrow::Cow::into_owned)
        };
        let fits = |column: Option<&str>, is_wanted: &dyn Fn(&str) -> bool| {
            column.is_none_or(|column| value(column).is_none_or(|value| is_wanted(&value)))
        };
        let account = |value: &str| {
            self.search.accounts.is_empty()
                || self.search.accounts.iter().any(|account| account.to_string() == value)
        };
        let region = |value: &str| {
            self.search.regions.is_empty()
                || self.search.regions.iter().chain(self.home).any(|region| region.as_str() == value)
        };
        if !name.contains('=')
            || !fits(self.partitions.account, &account)
            || !fits(self.partitions.region, &region)
        {
            return;
        }
        self.any = true;
        let day = match self.partitions.day {
            Some(Day::Path(column)) => value(column),
            Some(Day::Parts) => {
                let parts: Option<Vec<String>> = ["year", "month", "day"].into_iter().map(value).collect();
                parts.map(|parts| parts.join("/"))
            }
            None => None,
        };
        if let Some(day) = day.and_then(|day| read(&day)) {
            self.days.remove(&day);
        }
    }

    /// Whether nothing is missing any more.
    pub fn is_none(&self) -> bool {
        self.any && (self.partitions.day.is_none() || self.days.is_empty())
    }

    /// What is missing, in words.
    pub fn words(&self) -> String {
        let mut days = self.days.iter();
        match (self.partitions.day, days.next(), days.next_back()) {
            (Some(_), Some(one), None) => format!("no partition of {one} is loaded"),
            (Some(_), Some(first), Some(last)) => {
                format!("no partition of {} days from {first} to {last} is loaded", self.days.len())
            }
            _ => "no partition of these accounts and Regions is loaded".to_owned(),
        }
    }
}

/// `2026/09/10`, `2026-09-10` or `2026/9/10`.
fn read(day: &str) -> Option<Date> {
    let mut parts = day.split(['/', '-']).map(str::parse::<i16>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;
    use crate::sources::aws::search::Purpose;

    fn search() -> Search {
        Search {
            caller: None,
            since: "2026-09-09T22:00:00Z".parse().unwrap(),
            until: "2026-09-10T01:00:00Z".parse().unwrap(),
            accounts: vec![AccountId::parse("111122223333").unwrap()],
            regions: vec![Region::parse("eu-west-1").unwrap()],
            event_id: None,
            request_id: None,
            purpose: Purpose::Denials,
        }
    }

    fn after(partitions: Partitions, names: &[&str]) -> Option<String> {
        let (search, home) = (search(), Region::parse("us-east-1").unwrap());
        let mut missing = Missing::new(&search, partitions, Some(&home));
        for name in names {
            missing.take(name);
        }
        (!missing.is_none()).then(|| missing.words())
    }

    // https://docs.aws.amazon.com/athena/latest/ug/show-partitions.html
    #[test]
    fn every_day_of_the_window_needs_a_partition() {
        let of = |names: &[&str]| after(Partitions::OWN, names);
        let first = "account=111122223333/region=eu-west-1/timestamp=2026%2F09%2F09";
        let second = "account=111122223333/region=us-east-1/timestamp=2026%2F09%2F10";
        assert_eq!(of(&[first, second]), None);
        assert_eq!(of(&[first]).unwrap(), "no partition of 2026-09-10 is loaded");
        let all = "no partition of 2 days from 2026-09-09 to 2026-09-10 is loaded";
        assert_eq!(of(&[]).unwrap(), all);
        // Of others nothing is read.
        let foreign = [
            "account=444455556666/region=eu-west-1/timestamp=2026%2F09%2F09",
            "account=111122223333/region=ap-south-1/timestamp=2026%2F09%2F10",
            "partition",
        ];
        assert_eq!(of(&foreign).unwrap(), all);
    }

    #[test]
    fn days_may_be_in_parts_or_not_in_the_partitions_at_all() {
        let parts = Partitions::of(["region", "year", "month", "day"]);
        let names =
            ["region=eu-west-1/year=2026/month=09/day=09", "region=eu-west-1/year=2026/month=9/day=10"];
        assert_eq!(after(parts, &names), None);
        let regions = Partitions::of(["region"]);
        assert_eq!(after(regions, &["region=eu-west-1"]), None);
        let wanted = "no partition of these accounts and Regions is loaded";
        assert_eq!(after(regions, &["region=ap-south-1"]).unwrap(), wanted);
    }
}
