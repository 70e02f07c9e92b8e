//! The definition of a table over the log files of a trail, with partition projection: nobody has to add partitions.
//!
//! Source: <https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html> and
//! <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>

use jiff::civil::Date;

use super::statement::TableName;
use crate::ids::AccountId;
use crate::sources::aws::s3::address::Address;
use crate::sources::aws::s3::layout::{Level, level};
use crate::sources::aws::search::Region;

/// What a table is defined over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The name of the table.
    pub table: TableName,
    /// Where the log files are.
    pub location: Address,
    /// The accounts; if none is given, every query has to name them.
    pub accounts: Vec<AccountId>,
    /// The Regions; if none is given, every query has to name them.
    pub regions: Vec<Region>,
    /// The first day.
    pub from: Date,
}

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// The place cannot be written into a definition.
    #[error("`{0}` has a quote, a backslash or a dollar sign, which a table definition cannot hold")]
    Letters(String),
    /// The place is too deep.
    #[error(
        "`{0}` is below the folder of an account; give the place that the trail was given, or AWSLogs/ in it"
    )]
    TooDeep(String),
}

const COLUMNS: &str = "\
    `eventversion` STRING,
    `useridentity` STRUCT<
        type: STRING,
        principalid: STRING,
        arn: STRING,
        accountid: STRING,
        invokedby: STRING,
        accesskeyid: STRING,
        username: STRING,
        onbehalfof: STRUCT<userid: STRING, identitystorearn: STRING>,
        sessioncontext: STRUCT<
            attributes: STRUCT<mfaauthenticated: STRING, creationdate: STRING>,
            sessionissuer: STRUCT<
                type: STRING, principalid: STRING, arn: STRING, accountid: STRING, username: STRING>,
            ec2roledelivery: STRING,
            sourceidentity: STRING,
            webidfederationdata: STRUCT<federatedprovider: STRING, attributes: MAP<STRING, STRING>>>>,
    `eventtime` STRING,
    `eventsource` STRING,
    `eventname` STRING,
    `awsregion` STRING,
    `sourceipaddress` STRING,
    `useragent` STRING,
    `errorcode` STRING,
    `errormessage` STRING,
    `requestparameters` STRING,
    `responseelements` STRING,
    `additionaleventdata` STRING,
    `requestid` STRING,
    `eventid` STRING,
    `readonly` STRING,
    `resources` ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>,
    `eventtype` STRING,
    `apiversion` STRING,
    `recipientaccountid` STRING,
    `serviceeventdetails` STRING,
    `sharedeventid` STRING,
    `vpcendpointid` STRING,
    `vpcendpointaccountid` STRING,
    `eventcategory` STRING,
    `sessioncredentialfromconsole` STRING,
    `tlsdetails` STRUCT<tlsversion: STRING, ciphersuite: STRING, clientprovidedhostheader: STRING>";

/// Writes the definition.
pub fn create_table(definition: &Definition) -> Result<String, DefinitionError> {
    let Definition { table, location, accounts, regions, from } = definition;
    let (folder, accounts) = folder(location, accounts)?;
    let account = projection("account", accounts.iter().map(ToString::to_string).collect());
    let region = projection("region", regions.iter().map(ToString::to_string).collect());
    let from = format!("{:04}/{:02}/{:02}", from.year(), from.month(), from.day());
    Ok(format!(
        "CREATE EXTERNAL TABLE `{database}`.`{table}` (
{COLUMNS})
PARTITIONED BY (`account` STRING, `region` STRING, `timestamp` STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '{folder}'
TBLPROPERTIES (
    'projection.enabled' = 'true',
{account}{region}    'projection.timestamp.type' = 'date',
    'projection.timestamp.format' = 'yyyy/MM/dd',
    'projection.timestamp.interval' = '1',
    'projection.timestamp.interval.unit' = 'DAYS',
    'projection.timestamp.range' = '{from},NOW',
    'storage.location.template' = '{folder}${{account}}/CloudTrail/${{region}}/${{timestamp}}');
",
        database = table.database,
        table = table.table,
    ))
}

/// The folder of accounts. That of one account is meant as that account.
fn folder(location: &Address, accounts: &[AccountId]) -> Result<(String, Vec<AccountId>), DefinitionError> {
    let text = location.to_string();
    if text.contains(['\'', '\\', '$', '`']) {
        return Err(DefinitionError::Letters(text));
    }
    match level(&location.prefix) {
        Level::Root => Ok((format!("{text}AWSLogs/"), accounts.to_vec())),
        Level::Accounts => Ok((text, accounts.to_vec())),
        Level::Account(account) => {
            let above = text.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
            Ok((format!("{above}/"), vec![account]))
        }
        Level::Regions | Level::Region(_) | Level::Dated => Err(DefinitionError::TooDeep(text)),
    }
}

/// Without a list of values the value comes from the query.
fn projection(column: &str, values: Vec<String>) -> String {
    if values.is_empty() {
        return format!("    'projection.{column}.type' = 'injected',\n");
    }
    format!(
        "    'projection.{column}.type' = 'enum',\n    'projection.{column}.values' = '{}',\n",
        values.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(location: &str) -> Definition {
        Definition {
            table: "default.cloudtrail_logs".parse().unwrap(),
            location: location.parse().unwrap(),
            accounts: vec![
                AccountId::parse("111122223333").unwrap(),
                AccountId::parse("444455556666").unwrap(),
            ],
            regions: vec![Region::parse("eu-west-1").unwrap(), Region::parse("us-east-1").unwrap()],
            from: Date::constant(2026, 1, 1),
        }
    }

    #[test]
    fn the_table_of_an_organization_trail() {
        let found = create_table(&definition("s3://amzn-s3-demo-bucket/AWSLogs/o-exampleorg1/")).unwrap();
        for wanted in [
            "CREATE EXTERNAL TABLE `default`.`cloudtrail_logs` (",
            "LOCATION 's3://amzn-s3-demo-bucket/AWSLogs/o-exampleorg1/'",
            "'projection.account.type' = 'enum',",
            "'projection.account.values' = '111122223333,444455556666',",
            "'projection.region.values' = 'eu-west-1,us-east-1',",
            "'projection.timestamp.range' = '2026/01/01,NOW',",
            "'storage.location.template' = 's3://amzn-s3-demo-bucket/AWSLogs/o-exampleorg1/${account}/CloudTrail/${region}/${timestamp}'",
        ] {
            assert!(found.contains(wanted), "{wanted}\n{found}");
        }
    }

    #[test]
    fn the_place_of_a_trail_is_completed() {
        let of = |location| create_table(&definition(location)).unwrap();
        assert!(of("s3://bucket/trails").contains("LOCATION 's3://bucket/trails/AWSLogs/'"));
        let one = of("s3://bucket/AWSLogs/777788889999/");
        assert!(one.contains("LOCATION 's3://bucket/AWSLogs/'") && one.contains("'777788889999',"), "{one}");
    }

    #[test]
    fn what_is_not_listed_comes_from_the_query() {
        let none = Definition { accounts: Vec::new(), ..definition("s3://bucket") };
        assert!(create_table(&none).unwrap().contains("'projection.account.type' = 'injected',\n"));
    }

    #[test]
    fn a_place_that_would_end_the_text_is_refused() {
        let of = |location: &str| create_table(&definition(location));
        assert!(matches!(of("s3://bucket/a'b"), Err(DefinitionError::Letters(_))));
        assert!(matches!(of("s3://bucket/${region}"), Err(DefinitionError::Letters(_))));
        assert!(matches!(
            of("s3://bucket/AWSLogs/111122223333/CloudTrail/"),
            Err(DefinitionError::TooDeep(_))
        ));
    }
}
