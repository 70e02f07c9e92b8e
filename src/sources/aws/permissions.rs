//! What reading a place needs to be allowed, beside what every run needs.

use crate::knowledge::reader_calls::{ReaderCall, of_place};

use super::place::Place;
use super::s3::Address;
use super::sql::athena::Table;

/// What is known of who is to be allowed; `*` stands for what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The partition of the ARNs.
    pub partition: String,
    /// The Region that is asked.
    pub region: String,
    /// The account.
    pub account: String,
}

/// A permission that a place needs.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// The call, or what Athena does with the same permissions.
    pub call: &'static ReaderCall,
    whose: &'a Whose,
    place: &'a Place,
    logs: Option<&'a Address>,
}

/// Actions that are allowed on the same resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// A name that says what for.
    pub sid: String,
    /// The actions, in order.
    pub actions: Vec<&'static str>,
    /// The ARNs.
    pub resources: Vec<String>,
}

/// What a place needs. Where the log files of a table in Athena are, only a trail that is given beside it can tell.
pub fn needs<'a>(
    place: &'a Place,
    logs: Option<&'a Address>,
    whose: &'a Whose,
) -> impl Iterator<Item = Need<'a>> {
    let name = match place {
        // That is what every run may read.
        Place::History => "event-history",
        Place::Trail(_) => "trail",
        Place::Athena(_) => "athena",
        Place::Lake(_) => "lake",
        Place::LogGroup(_) => "log-group",
    };
    of_place(name).map(move |call| Need { call, whose, place, logs })
}

impl Need<'_> {
    /// The ARNs that the action has to be allowed on; none if they are not known.
    pub fn resources(&self) -> Vec<String> {
        let Whose { partition, region, account } = self.whose;
        let arn = |service: &str, resource: String| {
            format!("arn:{partition}:{service}:{region}:{account}:{resource}")
        };
        let bucket = |address: &Address| format!("arn:{partition}:s3:::{}", address.bucket);
        let objects =
            |address: &Address| format!("arn:{partition}:s3:::{}/{}*", address.bucket, address.prefix);
        match (self.call.resource, self.place) {
            ("trail-bucket", Place::Trail(trail)) => vec![bucket(trail)],
            ("trail-objects", Place::Trail(trail)) => vec![objects(trail)],
            ("log-bucket", _) => self.logs.map(bucket).into_iter().collect(),
            ("log-objects", _) => self.logs.map(objects).into_iter().collect(),
            ("output-bucket", Place::Athena(table)) => output(table).iter().map(bucket).collect(),
            ("output-objects", Place::Athena(table)) => output(table).iter().map(objects).collect(),
            ("catalog", _) => vec![arn("athena", "datacatalog/AwsDataCatalog".to_owned())],
            ("workgroup", Place::Athena(table)) => {
                let group = table.workgroup.as_deref().unwrap_or("primary");
                vec![arn("athena", format!("workgroup/{group}"))]
            }
            ("table", Place::Athena(Table { name, .. })) => vec![
                arn("glue", "catalog".to_owned()),
                arn("glue", format!("database/{}", name.database)),
                arn("glue", format!("table/{}/{}", name.database, name.table)),
            ],
            ("store", Place::Lake(store)) => vec![arn("cloudtrail", format!("eventdatastore/{store}"))],
            ("log-group", Place::LogGroup(group)) if group.starts_with("arn:") => {
                vec![format!("{}:*", group.trim_end_matches(":*"))]
            }
            ("log-group", Place::LogGroup(group)) => vec![arn("logs", format!("log-group:{group}:*"))],
            _ => Vec::new(),
        }
    }

    fn sid(&self) -> String {
        let place = match self.place {
            Place::History => "History",
            Place::Trail(_) => "Trail",
            Place::Athena(_) => "Athena",
            Place::Lake(_) => "Lake",
            Place::LogGroup(_) => "LogGroup",
        };
        let on = match self.call.resource {
            "trail-bucket" => "Bucket",
            "trail-objects" => "LogFiles",
            "log-bucket" => "ReadsBucket",
            "log-objects" => "ReadsLogFiles",
            "output-bucket" => "ResultsBucket",
            "output-objects" => "Results",
            "catalog" => "Catalog",
            "table" => "ReadsTable",
            _ => "",
        };
        format!("WhyDenied{place}{on}")
    }
}

/// Where log files are, if one of the places is a trail.
pub fn logs(places: &[Place]) -> Option<&Address> {
    places.iter().find_map(|place| match place {
        Place::Trail(address) => Some(address),
        _ => None,
    })
}

/// Where Athena leaves results, if that is known.
fn output(table: &Table) -> Option<Address> {
    table.output.as_deref()?.parse().ok()
}

/// The needs as statements: actions on the same resources together.
pub fn grants<'a>(needs: impl Iterator<Item = Need<'a>>) -> Vec<Grant> {
    let mut grants: Vec<Grant> = Vec::new();
    for need in needs {
        let (sid, resources) = (need.sid(), need.resources());
        if resources.is_empty() {
            continue;
        }
        match grants.iter_mut().find(|grant| grant.sid == sid) {
            Some(grant) => grant.actions.push(need.call.action),
            None => grants.push(Grant { sid, actions: vec![need.call.action], resources }),
        }
    }
    for grant in &mut grants {
        grant.actions.sort_unstable();
        grant.actions.dedup();
    }
    grants
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose() -> Whose {
        Whose { partition: "aws".to_owned(), region: "*".to_owned(), account: "*".to_owned() }
    }

    fn of(place: &Place, logs: Option<&Address>) -> Vec<Grant> {
        grants(needs(place, logs, &whose()))
    }

    #[test]
    fn a_trail_is_its_bucket_and_its_files() {
        let place = Place::Trail("s3://amzn-s3-demo-bucket/trails/main".parse().unwrap());
        let found = of(&place, None);
        assert_eq!(found[0].actions, ["s3:ListBucket"]);
        assert_eq!(found[0].resources, ["arn:aws:s3:::amzn-s3-demo-bucket"]);
        assert_eq!(found[1].actions, ["s3:GetObject"]);
        assert_eq!(found[1].resources, ["arn:aws:s3:::amzn-s3-demo-bucket/trails/main/*"]);
    }

    #[test]
    fn athena_is_allowed_what_is_known_of_it() {
        let table = |output: Option<&str>| {
            Place::Athena(Table {
                name: "logs.cloudtrail".parse().unwrap(),
                workgroup: None,
                output: output.map(str::to_owned),
            })
        };
        let sids = |grants: &[Grant]| grants.iter().map(|grant| grant.sid.clone()).collect::<Vec<_>>();
        let plain = of(&table(None), None);
        assert_eq!(sids(&plain), ["WhyDeniedAthenaCatalog", "WhyDeniedAthena", "WhyDeniedAthenaReadsTable"]);
        assert_eq!(plain[1].resources, ["arn:aws:athena:*:*:workgroup/primary"]);
        assert!(plain[1].actions.contains(&"athena:StopQueryExecution"));
        let logs = "s3://amzn-s3-demo-bucket/AWSLogs".parse().unwrap();
        let whole = of(&table(Some("s3://amzn-s3-demo-results/")), Some(&logs));
        let results = whole.iter().find(|grant| grant.sid == "WhyDeniedAthenaResults").unwrap();
        assert_eq!(results.actions, ["s3:GetObject", "s3:PutObject"]);
        assert_eq!(results.resources, ["arn:aws:s3:::amzn-s3-demo-results/*"]);
        assert!(sids(&whole).contains(&"WhyDeniedAthenaReadsLogFiles".to_owned()));
    }

    #[test]
    fn a_log_group_has_streams_below_it() {
        let by_name = of(&Place::LogGroup("CloudTrail/logs".to_owned()), None);
        assert_eq!(by_name[0].resources, ["arn:aws:logs:*:*:log-group:CloudTrail/logs:*"]);
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:x";
        assert_eq!(of(&Place::LogGroup(arn.to_owned()), None)[0].resources, [format!("{arn}:*")]);
    }
}
