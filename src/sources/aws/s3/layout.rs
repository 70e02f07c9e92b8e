//! How CloudTrail names the log files of a trail, and which of them a search can need.
//!
//! ```text
//! prefix/AWSLogs/[o-exampleorgid/]111122223333/CloudTrail/us-east-2/2015/08/01/
//!     111122223333_CloudTrail_us-east-2_20150801T0210Z_Mu0KsOhtH1ar15ZZ.json.gz
//! ```
//!
//! The time in the name is when the file was delivered; what is in it can be older, never younger.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html> and
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::ids::AccountId;
use crate::sources::aws::search::{DELIVERY_MARGIN, Region, Search};

/// What the last part of a prefix is, which says how to go on below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// The prefix that the trail was given; below it is `AWSLogs/`.
    Root,
    /// `AWSLogs/`, or `AWSLogs/o-…/`: accounts and organizations.
    Accounts,
    /// `…/111122223333/`: `CloudTrail/` is below, beside digests.
    Account(AccountId),
    /// `…/CloudTrail/`: Regions.
    Regions,
    /// `…/CloudTrail/us-east-2/`: below are years, months and days.
    Region(Region),
    /// Below a Region: part of a date, or a whole one.
    Dated,
}

/// What a prefix is, by the parts that CloudTrail writes.
pub fn level(prefix: &str) -> Level {
    let parts: Vec<&str> = prefix.split('/').filter(|part| !part.is_empty()).collect();
    let Some(logs) = parts.iter().rposition(|part| *part == "AWSLogs") else { return Level::Root };
    let mut rest = parts.get(logs + 1..).unwrap_or_default();
    if let [first, after @ ..] = rest
        && is_organization(first)
    {
        rest = after;
    }
    match rest {
        [] => Level::Accounts,
        [account] => AccountId::parse(account).map_or(Level::Dated, Level::Account),
        [_, _] => Level::Regions,
        [_, _, region] => Region::parse(region).map_or(Level::Dated, Level::Region),
        _ => Level::Dated,
    }
}

/// Source: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>
fn is_organization(part: &str) -> bool {
    part.strip_prefix("o-").is_some_and(|id| {
        (10..=32).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Whether a folder below `AWSLogs/` can hold what is looked for.
pub fn may_hold(search: &Search, folder: &str) -> bool {
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if let Some(account) = AccountId::parse(name) {
        return search.accounts.is_empty() || search.accounts.contains(&account);
    }
    is_organization(name)
}

/// Whether a Region's folder can hold what is looked for; the Region of global services always can.
pub fn may_hold_region(search: &Search, folder: &str, home: Option<&Region>) -> bool {
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    Region::parse(name).is_ok_and(|region| {
        search.regions.is_empty() || search.regions.contains(&region) || home == Some(&region)
    })
}

/// The days whose folders can hold events of the window.
pub fn days(search: &Search) -> Vec<Date> {
    let day = |moment: Timestamp| TimeZone::UTC.to_datetime(moment).date();
    let last = day(latest(search));
    let mut days = Vec::new();
    let mut next = Some(day(search.since));
    while let Some(date) = next.filter(|date| *date <= last) {
        days.push(date);
        next = date.checked_add(1.day()).ok();
    }
    days
}

/// The folder of a day below that of a Region.
pub fn day_folder(region: &str, day: Date) -> String {
    format!("{region}{:04}/{:02}/{:02}/", day.year(), day.month(), day.day())
}

fn latest(search: &Search) -> Timestamp {
    search.until.checked_add(DELIVERY_MARGIN).unwrap_or(Timestamp::MAX)
}

/// Where a log file lies beside the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// All that is in it is older.
    Before,
    /// It can hold events of the window.
    Inside,
    /// It was delivered so long after the window that nothing of it is expected in there.
    After,
    /// It is no log file.
    Other,
}

/// Where a log file lies. A file whose name is not CloudTrail's is read: nothing speaks against it but its name.
pub fn fit(search: &Search, key: &str) -> Fit {
    let name = key.rsplit('/').next().unwrap_or_default();
    match delivered(name) {
        // The name has the minute, and the delivery was somewhere in it.
        Some(minute) if minute.checked_add(1.minute()).is_ok_and(|end| end <= search.since) => Fit::Before,
        Some(minute) if minute > latest(search) => Fit::After,
        Some(_) => Fit::Inside,
        None if [".json.gz", ".json"].iter().any(|ending| name.ends_with(ending)) => Fit::Inside,
        None => Fit::Other,
    }
}

/// The key behind which the log files of a window begin in the folder of a day: keys are listed in their order.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub fn begin(search: &Search, region_folder: &str, day_folder: &str) -> Option<String> {
    let mut parts = region_folder.trim_end_matches('/').rsplit('/');
    let region = Region::parse(parts.next()?).ok()?;
    let account = AccountId::parse(parts.nth(1)?)?;
    let minute = TimeZone::UTC.to_datetime(search.since).strftime("%Y%m%dT%H%MZ");
    Some(format!("{day_folder}{account}_CloudTrail_{region}_{minute}"))
}

/// When a file was delivered, by its name.
fn delivered(name: &str) -> Option<Timestamp> {
    let mut parts = name.split('_');
    AccountId::parse(parts.next()?)?;
    (parts.next()? == "CloudTrail").then_some(())?;
    Region::parse(parts.next()?).ok()?;
    let time = parts.next()?;
    let moment = DateTime::strptime("%Y%m%dT%H%MZ", time).ok()?;
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::aws::search::Purpose;

    fn search(since: &str, until: &str) -> Search {
        Search {
            caller: None,
            since: since.parse().unwrap(),
            until: until.parse().unwrap(),
            accounts: Vec::new(),
            regions: Vec::new(),
            event_id: None,
            request_id: None,
            purpose: Purpose::Denials,
        }
    }

    fn region(name: &str) -> Region {
        Region::parse(name).unwrap()
    }

    #[test]
    fn what_a_prefix_is() {
        let account = AccountId::parse("111122223333").unwrap();
        for (prefix, wanted) in [
            ("", Level::Root),
            ("trails/main/", Level::Root),
            ("AWSLogs/", Level::Accounts),
            ("trails/AWSLogs/o-exampleorg1/", Level::Accounts),
            ("AWSLogs/111122223333/", Level::Account(account)),
            ("AWSLogs/o-exampleorg1/111122223333/", Level::Account(account)),
            ("AWSLogs/111122223333/CloudTrail/", Level::Regions),
            (
                "x/AWSLogs/o-exampleorg1/111122223333/CloudTrail/us-east-2/",
                Level::Region(region("us-east-2")),
            ),
            ("AWSLogs/111122223333/CloudTrail/us-east-2/2015/", Level::Dated),
            ("AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/01/", Level::Dated),
        ] {
            assert_eq!(level(prefix), wanted, "{prefix}");
        }
    }

    #[test]
    fn folders_that_can_hold_what_is_looked_for() {
        let all = search("2015-08-01T00:00:00Z", "2015-08-01T01:00:00Z");
        let one = Search { accounts: vec![AccountId::parse("111122223333").unwrap()], ..all.clone() };
        for (folder, in_all, in_one) in [
            ("AWSLogs/111122223333/", true, true),
            ("AWSLogs/444455556666/", true, false),
            ("AWSLogs/o-exampleorg1/", true, true),
            ("AWSLogs/elasticloadbalancing/", false, false),
        ] {
            assert_eq!((may_hold(&all, folder), may_hold(&one, folder)), (in_all, in_one), "{folder}");
        }
        let one = Search { regions: vec![region("us-east-2")], ..all };
        let home = region("us-east-1");
        let holds = |folder| may_hold_region(&one, folder, Some(&home));
        assert!(holds("CloudTrail/us-east-2/") && holds("CloudTrail/us-east-1/"));
        assert!(!holds("CloudTrail/eu-west-1/") && !holds("CloudTrail/Insight_1/"));
    }

    #[test]
    fn the_days_of_a_window_and_what_is_delivered_after_it() {
        let dates =
            |since, until| days(&search(since, until)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(dates("2026-09-10T12:00:00Z", "2026-09-10T13:00:00Z"), ["2026-09-10"]);
        assert_eq!(dates("2026-09-10T12:00:00Z", "2026-09-10T23:30:00Z"), ["2026-09-10", "2026-09-11"]);
        assert_eq!(dates("2026-12-31T12:00:00Z", "2027-01-01T00:00:00Z"), ["2026-12-31", "2027-01-01"]);
        assert!(dates("2026-09-10T12:00:00Z", "2026-09-01T00:00:00Z").is_empty());
    }

    #[test]
    fn a_file_is_read_from_its_delivery_back() {
        // The example of the user guide: delivered at 02:10.
        let key = "AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/01/\
                   111122223333_CloudTrail_us-east-2_20150801T0210Z_Mu0KsOhtH1ar15ZZ.json.gz";
        for (since, until, wanted) in [
            ("2015-08-01T02:00:00Z", "2015-08-01T02:05:00Z", Fit::Inside),
            ("2015-08-01T02:10:30Z", "2015-08-01T03:00:00Z", Fit::Inside),
            ("2015-08-01T02:11:00Z", "2015-08-01T03:00:00Z", Fit::Before),
            ("2015-08-01T01:00:00Z", "2015-08-01T01:10:00Z", Fit::Inside),
            ("2015-08-01T01:00:00Z", "2015-08-01T01:09:59Z", Fit::After),
        ] {
            assert_eq!(fit(&search(since, until), key), wanted, "{since} {until}");
        }
        let any = search("2015-08-01T00:00:00Z", "2015-08-02T00:00:00Z");
        assert_eq!(fit(&any, "x/copied-by-hand.json.gz"), Fit::Inside);
        assert_eq!(fit(&any, "x/README.txt"), Fit::Other);
    }

    #[test]
    fn listing_begins_with_the_minute_of_the_window() {
        let search = search("2015-08-01T02:10:30Z", "2015-08-01T03:00:00Z");
        let region = "x/AWSLogs/111122223333/CloudTrail/us-east-2/";
        let day = day_folder(region, Date::constant(2015, 8, 1));
        let found = begin(&search, region, &day).unwrap();
        assert_eq!(found, format!("{day}111122223333_CloudTrail_us-east-2_20150801T0210Z"));
        // A file of that minute is behind it.
        assert!(
            found < format!("{day}111122223333_CloudTrail_us-east-2_20150801T0210Z_Mu0KsOhtH1ar15ZZ.json.gz")
        );
        assert_eq!(begin(&search, "elsewhere/", "elsewhere/2015/08/01/"), None);
    }

    #[test]
    fn the_folder_of_a_day() {
        let folder = day_folder("AWSLogs/111122223333/CloudTrail/us-east-2/", Date::constant(2015, 8, 1));
        assert_eq!(folder, "AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/01/");
    }
}
