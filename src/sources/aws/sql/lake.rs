//! The query for an event data store of CloudTrail Lake. Lake takes no new customers since 2026-05-31.
//!
//! `StartQuery` has no parameters, so that values are quoted.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-limitations.html> and
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-lake-service-availability-change.html>

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::filter;
use super::statement::Statement;
use crate::sources::aws::search::Search;

/// The columns that are read: what an explanation uses.
const COLUMNS: &str = "eventversion, useridentity, eventtime, eventsource, eventname, awsregion, sourceipaddress, \
     useragent, errorcode, errormessage, requestparameters, responseelements, additionaleventdata, requestid, eventid, \
     readonly, resources, eventtype, managementevent, recipientaccountid, sharedeventid, vpcendpointid, \
     vpcendpointaccountid, serviceeventdetails, eventcategory, tlsdetails, sessioncredentialfromconsole";

/// An event data store, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataStore(String);

impl fmt::Display for DataStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text names no event data store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an event data store; give its id or its ARN")]
pub struct DataStoreError(String);

impl FromStr for DataStore {
    type Err = DataStoreError;

    /// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventDataStore.html>
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.rsplit_once(":eventdatastore/").map_or(text, |(_, id)| id);
        let letters = id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if letters && (3..=36).contains(&id.len()) {
            Ok(Self(id.to_ascii_lowercase()))
        } else {
            Err(DataStoreError(text.to_owned()))
        }
    }
}

/// Parameters and answers are maps here.
const DIALECT: filter::Dialect = filter::Dialect {
    writes: "CAST(readonly AS varchar) = 'false'",
    answer: "json_format(CAST(responseelements AS json))",
};

/// The query for a search. The time stands first: it decides how much is read, and paid for.
pub fn query(search: &Search, store: &DataStore) -> Statement {
    let mut out = Statement::default();
    let (since, until) = (second(search.since), second(search.until));
    out.push(&format!(
        "SELECT {COLUMNS}\nFROM {}\nWHERE eventtime >= '{since}' AND eventtime <= '{until}'\n",
        store.0
    ));
    if !search.accounts.is_empty() {
        let accounts: Vec<String> = search.accounts.iter().map(|account| format!("'{account}'")).collect();
        out.push(&format!("  AND recipientaccountid IN ({})\n", accounts.join(", ")));
    }
    out.push("  AND ");
    filter::rows(search, DIALECT, &mut out);
    out.push("\nORDER BY eventtime");
    out
}

/// A moment as Lake's examples write it.
fn second(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::aws::search::Purpose;

    const ID: &str = "EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE";
    const STORE: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn an_event_data_store_is_named_by_id_or_arn() {
        let arn = format!("arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/{STORE}");
        assert_eq!(STORE.parse::<DataStore>(), Ok(DataStore(STORE.to_owned())));
        assert_eq!(arn.parse::<DataStore>(), Ok(DataStore(STORE.to_owned())));
        for bad in ["", ID, "x; DROP TABLE y", "1234abcd WHERE", "arn:aws:s3:::b"] {
            assert!(bad.parse::<DataStore>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_time_stands_first_and_values_are_quoted() {
        let search = Search {
            caller: Some("o'neill?".parse().unwrap()),
            since: "2026-09-10T12:00:00Z".parse().unwrap(),
            until: "2026-09-10T13:00:00Z".parse().unwrap(),
            accounts: Vec::new(),
            regions: Vec::new(),
            event_id: None,
            request_id: None,
            purpose: Purpose::Explanation,
        };
        let found = query(&search, &STORE.parse().unwrap()).complete();
        let time = format!(
            "FROM {STORE}\nWHERE eventtime >= '2026-09-10 12:00:00' AND eventtime <= '2026-09-10 13:00:00'\n  AND ("
        );
        assert!(found.contains(&time), "{found}");
        assert!(found.contains("useridentity.username = 'o''neill?'"), "{found}");
        assert!(
            found.contains("strpos(json_format(CAST(responseelements AS json)), 'o''neill?') > 0"),
            "{found}"
        );
    }
}
