//! Words that are AWS's or everybody's, and stay.

use crate::knowledge::service_reference;

/// Words that stay wherever they are: they tell what kind of id follows, or are AWS's own names.
const WHOLE: &[&str] = &[
    "arn",
    "aws",
    "awslogs",
    "elbaccesslogtestfile",
    "mrk",
    "o",
    "ou",
    "p",
    "r",
    "vpc",
    "vpce",
    "fullawsaccess",
    "rcpfullawsaccess",
];

/// Roles that AWS makes are known by how their names begin.
///
/// Source: <https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html>
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>
const PERMISSION_SET_ROLE: &str = "awsreservedsso";
const SERVICE_LINKED_ROLE: &str = "awsservicerolefor";

/// What a unique id begins with says what it is the id of.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
const UNIQUE_IDS: &[&str] =
    &["ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "AKIA", "ANPA", "ANVA", "APKA", "AROA", "ASCA", "ASIA"];

/// Paths of roles that AWS makes.
const PATHS: &[&str] = &["aws-reserved", "aws-service-role"];

/// Identity providers that belong to everybody.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
const PROVIDERS: &[&str] = &[
    "accounts.google.com",
    "app.terraform.io",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "token.actions.githubusercontent.com",
    "www.amazon.com",
];

/// What AWS writes in the place of a name, and attributes of load balancers.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>
const VALUES: &[&str] = &[
    "",
    "-",
    "*",
    "AWS",
    "AWS Internal",
    "ANONYMOUS_PRINCIPAL",
    "Anonymous",
    "HIDDEN_DUE_TO_SECURITY_REASONS",
    "access_logs.s3.bucket",
    "access_logs.s3.enabled",
    "access_logs.s3.prefix",
    "anonymous",
    "false",
    "null",
    "true",
];

/// The ends of AWS's host names.
const HOSTS: &[&str] = &[".amazonaws.com", ".amazonaws.com.cn", ".aws.amazon.com", ".api.aws"];

/// Parts of AWS's host names that are no services of IAM.
const LABELS: &[&str] = &["console", "dkr", "dualstack", "ecs-tasks", "fips", "signin", "vpce", "www"];

/// The words of AWS's messages, and of what this program says of evidence that is missing. In a sentence, and only
/// there, they stay.
const SENTENCE: &str = " \
    a access accessdenied accessdeniedexception account accounts acl acls action actions activated \
    administrator administrators after again all allow allowed allows also an and anonymous any api apis \
    are as assume assumed at attached authentication authorised authorization authorized aws based be \
    because been before belong block blocked blockpublicacls blockpublicpolicy boundaries boundary \
    bucket buckets but by call called caller callervalidation calling can cannot change changed changes \
    check ciphertext cloudtrail code complete condition configured console contact control cost could \
    create created createnetworkinterface credentials cross customer default defined delegated \
    delegation deletemessage deletenetworkinterface denied denies deny describenetworkinterfaces details \
    different disabled disabledexception do does doesn don due dynamodb ec2 enabled encoded encryption \
    endpoint endpoints ensure error event events execute execution exist exists expired explicit \
    explicitly explorer failed failure federated file following for forbidden formation found from \
    function gap get getfederationtoken getqueueattributes getsessiontoken given go grant grants group \
    groups hand has have help hidden https iam id identity ids if ignorepublicacls implicit import in \
    inaccessible included inline instance insufficient invalid invoke is it its key keys kinesis kms \
    known lake lambda layer left linked list listed lock loggroup made make makes malformed managed \
    management manager master may message mfa model more must my named network no none not object \
    objects occurred of off on one only operation opted or organization organizational organizations \
    other otp out owner ownership owns pass passed password pending perform performed permission \
    permissions place please policies policy prevented principal principals privileges profile protected \
    provided public rate rcp rcps read receivemessage region request requests required resource \
    resources response restrictpublicbuckets role roles root rule rules s s3 same say says scp scps \
    secret secrets security seen sendmessage server service services session sessions set setting \
    settings should shown side sns specified specify sqs sse ssm stack state statement statements sts \
    such support system systems t tag tagged tags taken target than that the them there they this \
    through time to token told trail transitively trust trusted type unable unauthorized unavailable \
    unit unknown update upload uploads use used user users using valid version versions vpc was were \
    what when where which who why will with within without wrong you your ";

/// How many bytes of a word stay at its beginning.
pub(super) fn kept_beginning(word: &str) -> usize {
    let folded = word.to_ascii_lowercase();
    if WHOLE.contains(&folded.as_str()) || folded.starts_with(SERVICE_LINKED_ROLE) {
        return word.len();
    }
    if UNIQUE_IDS.iter().any(|id| word.starts_with(id)) {
        return 4;
    }
    if !folded.starts_with("aws") {
        return 0;
    }
    // A pattern may end in the middle of these names.
    let alike = |name: &str| folded.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
    alike(PERMISSION_SET_ROLE).max(alike(SERVICE_LINKED_ROLE))
}

/// Whether a whole value says nothing that is anybody's.
pub(super) fn is_value(text: &str) -> bool {
    VALUES.contains(&text) || is_version(text) || text.parse::<jiff::Timestamp>().is_ok()
}

/// The version of a managed policy.
fn is_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or_default();
    (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a run of letters, digits, dots and hyphens stays.
pub(super) fn is_name(run: &str) -> bool {
    PATHS.contains(&run) || PROVIDERS.contains(&run)
}

/// Whether a word of a sentence stays.
pub(super) fn is_said(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && SENTENCE.contains(&format!(" {} ", word.to_ascii_lowercase()))
}

/// The parts of a host name of AWS's that may be somebody's, and the rest of it.
///
/// `lambda.amazonaws.com` is a service; the first part of `reports.s3.amazonaws.com` is a bucket.
pub(super) fn host(run: &str) -> Option<(&str, &str)> {
    let end = HOSTS.iter().find_map(|end| run.strip_suffix(end))?;
    let labels: Vec<&str> = end.split('.').collect();
    let mine = match labels.as_slice() {
        [_] => 0,
        // `delivery.logs` is a service principal too: hosts that are somebody's have a Region, but for S3's.
        [_, service] if !service.starts_with("s3") && service_reference::service(service).is_some() => 0,
        labels => {
            // A bucket can have dots in its name, and can be called like a service.
            let s3 = labels.iter().rposition(|label| *label == "s3").unwrap_or_default();
            let is_aws = |label: &&str| is_region(label) || is_label(label);
            let known = labels.iter().rev().take_while(|label| is_aws(label)).count();
            (labels.len() - known).max(s3)
        }
    };
    let length: usize = labels.iter().take(mine).map(|label| label.len() + 1).sum();
    run.split_at_checked(length)
}

fn is_label(label: &str) -> bool {
    label.contains('*') || LABELS.contains(&label) || service_reference::service(label).is_some()
}

/// Whether a text has the form of a Region. Regions that do not exist yet have it too.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [first, middle @ .., last] if (1..=2).contains(&middle.len()) => {
            letters(first)
                && first.len() <= 5
                && middle.iter().all(letters)
                && last.len() == 1
                && last.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// Whether there is something like an account id in a text.
pub(super) fn has_account(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() >= 12)
}

/// Whether `service:Action` is an action, as written in a message. New actions are not in any table yet.
pub(super) fn is_action(run: &str) -> bool {
    let Some((service, action)) = run.split_once(':') else { return false };
    let is_name = !action.is_empty() && action.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name && service_reference::service(service).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_bucket_is_not_a_part_of_the_host() {
        for (run, mine) in [
            ("lambda.amazonaws.com", ""),
            ("s3.eu-west-1.amazonaws.com", ""),
            ("sqs.eu-west-1.amazonaws.com.cn", ""),
            ("delivery.logs.amazonaws.com", ""),
            ("config.s3.amazonaws.com", "config."),
            ("mine.es.eu-west-1.amazonaws.com", "mine."),
            ("my.bucket.s3.eu-west-1.amazonaws.com", "my.bucket."),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", "111122223333."),
            ("eu-west-1.signin.aws.amazon.com", ""),
        ] {
            assert_eq!(host(run).map(|(mine, _)| mine), Some(mine), "{run}");
        }
        assert_eq!(host("amazonaws.com.example.com"), None);
    }

    #[test]
    fn beginnings_stay_where_they_are_aws_s() {
        for (word, kept) in [
            ("AWSReservedSSO", 14),
            ("AWSReserved", 11),
            ("AWSServiceRoleForConfig", 23),
            ("AROAEXAMPLE", 4),
            ("awsome", 3),
            ("ou", 2),
            ("outer", 0),
            ("alice", 0),
        ] {
            assert_eq!(kept_beginning(word), kept, "{word}");
        }
    }

    #[test]
    fn regions_have_their_form() {
        for region in ["eu-west-1", "us-gov-east-1", "ap-southeast-4"] {
            assert!(is_region(region), "{region}");
        }
        for other in ["eu-west", "acme-prod-12", "a-b-1", "logs", ""] {
            assert!(!is_region(other), "{other}");
        }
    }
}
