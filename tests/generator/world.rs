//! Accounts, callers, actions and resources.

use serde_json::{Map, Value, json};

use super::Dice;

pub const OWN: &str = "111111111111";
pub const OTHER: &str = "222222222222";
pub const MANAGEMENT: &str = "333333333333";

const OIDC: &str = "oidc-provider/token.actions.githubusercontent.com";

/// Who calls, and every way in which a policy can name them.
pub struct Caller {
    pub principal: Value,
    pub facts: Map<String, Value>,
    pub account: Option<&'static str>,
    /// Type and text of the entries that name the caller.
    pub names: Vec<(&'static str, String)>,
    pub has_identity: bool,
    pub is_session: bool,
    /// The caller's unique id, where the line tells it.
    pub userid: Option<String>,
    pub principal_arn: Option<String>,
    pub username: Option<&'static str>,
    pub kind: &'static str,
}

/// What is called.
pub struct Target {
    pub action: String,
    pub resource: String,
    pub owner: String,
    pub owner_given: bool,
    pub needs_policy: bool,
    pub policy_chance: u32,
    pub is_trust: bool,
    pub is_key: bool,
}

impl Target {
    pub fn service(&self) -> &str {
        self.action.split(':').next().unwrap_or_default()
    }
}

impl Caller {
    fn new(kind: &'static str, account: Option<&'static str>, principal: Value) -> Self {
        let mut names = Vec::new();
        if let Some(account) = account {
            names.push(("AWS", account.to_owned()));
            names.push(("AWS", format!("arn:aws:iam::{account}:root")));
        }
        Self {
            principal,
            facts: Map::new(),
            account,
            names,
            has_identity: account.is_some(),
            is_session: false,
            userid: None,
            principal_arn: None,
            username: None,
            kind,
        }
    }

    fn with_id(mut self, dice: &mut Dice, id: &str, session: Option<&str>) -> Self {
        if dice.chance(25) {
            self.facts.insert("unique_id".to_owned(), json!(id));
            self.names.push(("AWS", id.to_owned()));
            self.userid = Some(session.map_or_else(|| id.to_owned(), |session| format!("{id}:{session}")));
        }
        self
    }
}

pub fn caller(dice: &mut Dice) -> Caller {
    let account = *dice.pick(&[OWN, OWN, OWN, OWN, OTHER, MANAGEMENT]);
    let mut caller = match dice.below(100) {
        0..30 => user(dice, account),
        30..65 => session(dice, account),
        65..70 => role(dice, account),
        70..78 => federated_user(dice, account),
        78..84 => root(account),
        84..90 => service(dice),
        90..95 => {
            Caller { has_identity: false, ..Caller::new("Anonymous", None, json!({ "type": "Anonymous" })) }
        }
        _ => provider(account),
    };
    if caller.has_identity && dice.chance(25) {
        let team = *dice.pick(&["blue", "red", "", "b*e"]);
        caller.facts.insert("tags".to_owned(), json!({ "team": team }));
    }
    caller
}

fn user(dice: &mut Dice, account: &'static str) -> Caller {
    let (path, name) =
        *dice.pick(&[("user/alice", "alice"), ("user/alice", "alice"), ("user/team/bob", "bob")]);
    let arn = format!("arn:aws:iam::{account}:{path}");
    let mut caller = Caller::new("User", Some(account), json!(arn));
    caller.names.insert(0, ("AWS", arn.clone()));
    caller.principal_arn = Some(arn);
    caller.username = Some(name);
    caller.with_id(dice, "AIDAEXAMPLEUSERID001", None)
}

const ROLES: &[&str] = &[
    "role/app",
    "role/app",
    "role/team/app",
    "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
];

fn session(dice: &mut Dice, account: &'static str) -> Caller {
    let role = *dice.pick(ROLES);
    let name = role.rsplit('/').next().unwrap_or_default();
    let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/s1");
    let role = format!("arn:aws:iam::{account}:{role}");
    let mut caller = Caller::new("AssumedRole", Some(account), json!(arn));
    caller.facts.insert("role_arn".to_owned(), json!(role));
    caller.names.insert(0, ("AWS", role.clone()));
    caller.names.insert(0, ("AWS", arn));
    caller.principal_arn = Some(role);
    caller.is_session = true;
    caller.with_id(dice, "AROAEXAMPLEROLEID001", Some("s1"))
}

fn role(dice: &mut Dice, account: &'static str) -> Caller {
    let arn = format!("arn:aws:iam::{account}:{}", dice.pick(ROLES));
    let mut caller = Caller::new("AssumedRole", Some(account), json!(arn));
    caller.names.insert(0, ("AWS", arn.clone()));
    caller.names.insert(0, ("AWS", format!("arn:aws:sts::{account}:assumed-role/app/s1")));
    caller.principal_arn = Some(arn);
    caller.is_session = true;
    caller
}

fn federated_user(dice: &mut Dice, account: &'static str) -> Caller {
    let arn = format!("arn:aws:sts::{account}:federated-user/fay");
    let mut caller = Caller::new("FederatedUser", Some(account), json!(arn));
    let user = format!("arn:aws:iam::{account}:user/alice");
    if dice.chance(80) {
        caller.facts.insert("user_arn".to_owned(), json!(user));
    }
    caller.names.insert(0, ("AWS", user));
    caller.names.insert(0, ("AWS", arn.clone()));
    caller.principal_arn = Some(arn);
    caller.is_session = true;
    caller
}

fn root(account: &'static str) -> Caller {
    let arn = format!("arn:aws:iam::{account}:root");
    let mut caller = Caller::new("Account", Some(account), json!(arn));
    caller.has_identity = false;
    caller.principal_arn = Some(arn);
    caller
}

fn service(dice: &mut Dice) -> Caller {
    let name =
        *dice.pick(&["cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com", "logs.eu-west-1.amazonaws.com"]);
    let mut caller = Caller::new("Service", None, json!(name));
    caller.names.push(("Service", name.to_owned()));
    caller
}

fn provider(account: &'static str) -> Caller {
    let arn = format!("arn:aws:iam::{account}:{OIDC}");
    let mut caller = Caller::new("Federated", None, json!(arn));
    caller.names.push(("Federated", arn));
    caller
}

/// Actions with the resources that they act on; `{}` is the owner's account.
const TARGETS: &[(u32, &[&str], &[&str])] = &[
    (
        26,
        &[
            "s3:GetObject",
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:GetObjectTagging",
            "s3:PutObjectAcl",
        ],
        &[
            "arn:aws:s3:::data/team/a.txt",
            "arn:aws:s3:::data/alice/b",
            "arn:aws:s3:::data/blue/c",
            "arn:aws:s3:::logs/x:y",
        ],
    ),
    (
        8,
        &["s3:ListBucket", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:PutBucketAcl"],
        &["arn:aws:s3:::data", "arn:aws:s3:::logs"],
    ),
    (
        3,
        &[
            "s3:ListAllMyBuckets",
            "ec2:DescribeInstances",
            "kms:ListKeys",
            "kms:CreateKey",
            "sts:GetCallerIdentity",
            "sts:GetSessionToken",
        ],
        &["*"],
    ),
    (
        16,
        &[
            "kms:Decrypt",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:DescribeKey",
            "kms:CreateGrant",
            "kms:RetireGrant",
            "kms:GetKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:CreateAlias",
        ],
        &["arn:aws:kms:eu-west-1:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    ),
    (1, &["kms:CreateAlias", "kms:DeleteAlias"], &["arn:aws:kms:eu-west-1:{}:alias/app"]),
    (6, &["sqs:SendMessage", "sqs:ReceiveMessage"], &["arn:aws:sqs:eu-west-1:{}:queue"]),
    (4, &["sns:Publish"], &["arn:aws:sns:eu-west-1:{}:topic"]),
    (
        5,
        &["lambda:InvokeFunction", "lambda:GetFunction"],
        &["arn:aws:lambda:eu-west-1:{}:function:f", "arn:aws:lambda:eu-west-1:{}:function:f:live"],
    ),
    (
        5,
        &["dynamodb:GetItem", "dynamodb:PutItem"],
        &["arn:aws:dynamodb:eu-west-1:{}:table/orders", "arn:aws:dynamodb:eu-west-1:{}:table/orders/index/i"],
    ),
    (4, &["secretsmanager:GetSecretValue"], &["arn:aws:secretsmanager:eu-west-1:{}:secret:db-AbCdEf"]),
    (
        4,
        &["ec2:StartInstances", "ec2:RunInstances"],
        &["arn:aws:ec2:eu-west-1:{}:instance/i-0123456789abcdef0"],
    ),
    (
        4,
        &["iam:PassRole", "iam:GetRole", "iam:CreateUser"],
        &["arn:aws:iam::{}:role/team/app", "arn:aws:iam::{}:user/alice"],
    ),
    (
        9,
        &[
            "sts:AssumeRole",
            "sts:AssumeRole",
            "sts:TagSession",
            "sts:AssumeRoleWithWebIdentity",
            "sts:SetSourceIdentity",
        ],
        &["arn:aws:iam::{}:role/target", "arn:aws:iam::{}:role/target", "arn:aws:iam::{}:role/team/target"],
    ),
    (2, &["logs:PutLogEvents"], &["arn:aws:logs:eu-west-1:{}:log-group:/aws/x:log-stream:y"]),
    (
        3,
        &[
            "organizations:ListAccounts",
            "organizations:DescribeOrganization",
            "organizations:CreateAccount",
            "organizations:LeaveOrganization",
        ],
        &["*"],
    ),
    (1, &["organizations:EnablePolicyType"], &["arn:aws:organizations::333333333333:root/o-a/r-ab12"]),
];

pub fn target(dice: &mut Dice, caller: &Caller) -> Target {
    // Whoever an identity provider vouches for can ask STS for a role, and nothing else.
    let from_provider = caller.kind == "Federated";
    let (actions, resources) = if from_provider { trust() } else { weighted(dice) };
    let action =
        if from_provider && dice.chance(90) { "sts:AssumeRoleWithWebIdentity" } else { *dice.pick(actions) };
    let template = *dice.pick(resources);
    let home = caller.account.unwrap_or(OWN);
    let owner = if dice.chance(65) { home } else { *dice.pick(&[OWN, OTHER, MANAGEMENT]) };
    let owner = if from_provider && dice.chance(90) { provider_account(caller) } else { owner.to_owned() };
    let owner = if template == "*" { home.to_owned() } else { owner };
    let resource = template.replace("{}", &owner);
    // A line must not contradict the account in the ARN.
    let in_arn = resource.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned);
    let owner = in_arn.unwrap_or(owner);
    let is_trust = action.starts_with("sts:") && resource.contains(":role/");
    let is_key = action.starts_with("kms:") && resource.contains(":key/");
    let is_s3 = resource.starts_with("arn:aws:s3:::");
    let has_policy = ["s3:", "sqs:", "sns:", "lambda:", "secretsmanager:", "dynamodb:", "logs:"]
        .iter()
        .any(|prefix| action.starts_with(prefix));
    Target {
        owner_given: if is_s3 { dice.chance(97) } else { template != "*" && dice.chance(30) },
        needs_policy: is_trust || is_key,
        policy_chance: if has_policy && template != "*" { 60 } else { 2 },
        is_trust,
        is_key,
        action: action.to_owned(),
        resource,
        owner,
    }
}

type Choice = (&'static [&'static str], &'static [&'static str]);

fn weighted(dice: &mut Dice) -> Choice {
    let total: u32 = TARGETS.iter().map(|(weight, _, _)| weight).sum();
    let mut left = dice.below(total as usize) as u32;
    for (weight, actions, resources) in TARGETS {
        if left < *weight {
            return (actions, resources);
        }
        left -= weight;
    }
    trust()
}

/// Anonymous callers reach few services.
fn fitting(dice: &mut Dice, caller: &Caller) -> Choice {
    let mut choice = weighted(dice);
    while caller.kind == "Anonymous"
        && dice.chance(95)
        && !["s3:", "sqs:", "sns:"].iter().any(|prefix| choice.0[0].starts_with(prefix))
    {
        choice = weighted(dice);
    }
    choice
}

fn trust() -> Choice {
    let row = TARGETS.iter().find(|(_, actions, _)| actions.contains(&"sts:AssumeRole")).unwrap();
    (row.1, row.2)
}

fn provider_account(caller: &Caller) -> String {
    caller.principal.as_str().and_then(|arn| arn.split(':').nth(4)).unwrap_or(OWN).to_owned()
}

/// Another action of the world.
pub fn some_action(dice: &mut Dice) -> &'static str {
    let row = dice.below(TARGETS.len());
    let action: &&str = dice.pick(TARGETS[row].1);
    action
}

/// Another resource of the world.
pub fn some_resource(dice: &mut Dice) -> String {
    let row = dice.below(TARGETS.len());
    let template: &&str = dice.pick(TARGETS[row].2);
    let account: &&str = dice.pick(&[OWN, OTHER]);
    template.replace("{}", account)
}

/// Names of other principals.
pub fn some_name(dice: &mut Dice) -> (&'static str, String) {
    let account = *dice.pick(&[OWN, OTHER]);
    let aws = |resource: &str| ("AWS", format!("arn:aws:iam::{account}:{resource}"));
    match dice.below(12) {
        0 => ("AWS", account.to_owned()),
        1 => aws("root"),
        2 => aws("user/alice"),
        3 => aws("user/team/bob"),
        4 => aws("role/app"),
        5 => aws("role/team/app"),
        6 => ("AWS", format!("arn:aws:sts::{account}:assumed-role/app/s1")),
        7 => ("AWS", format!("arn:aws:sts::{account}:federated-user/fay")),
        8 => ("Service", (*dice.pick(&["cloudtrail.amazonaws.com", "ec2.amazonaws.com"])).to_owned()),
        9 => ("Federated", format!("arn:aws:iam::{account}:{OIDC}")),
        10 => ("AWS", (*dice.pick(&["AIDAEXAMPLEUSERID001", "AROAEXAMPLEROLEID001"])).to_owned()),
        _ => ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be".to_owned()),
    }
}

/// The keys that AWS fills in, with the values that they have here.
pub fn derived(caller: &Caller, target: &Target) -> Vec<(&'static str, String)> {
    let mut keys = vec![("aws:ResourceAccount", target.owner.clone())];
    if let Some(account) = caller.account {
        keys.push(("aws:PrincipalAccount", account.to_owned()));
        keys.push(("kms:CallerAccount", account.to_owned()));
    }
    if let Some(arn) = &caller.principal_arn {
        keys.push(("aws:PrincipalArn", arn.clone()));
        keys.push(("aws:PrincipalArn", arn.clone()));
    }
    keys.push(("aws:username", caller.username.unwrap_or("alice").to_owned()));
    keys.push(("aws:PrincipalType", caller.kind.to_owned()));
    keys.push(("aws:PrincipalIsAWSService", (caller.kind == "Service").to_string()));
    keys.push(("aws:userid", caller.userid.clone().unwrap_or_else(|| "AIDAEXAMPLEUSERID001".to_owned())));
    if caller.kind == "Service" {
        keys.push(("aws:PrincipalServiceName", caller.principal.as_str().unwrap_or_default().to_owned()));
    }
    keys
}

pub fn organization(dice: &mut Dice) -> Value {
    if dice.chance(10) {
        return Value::Null;
    }
    let management = *dice.pick(&[MANAGEMENT, MANAGEMENT, MANAGEMENT, OWN]);
    let mut facts = json!({ "management_account": management });
    if dice.chance(40) {
        facts["delegated_administrators"] = json!({ "inspector2.amazonaws.com": [dice.pick(&[OWN, OTHER])] });
    }
    facts
}

pub fn s3_facts(dice: &mut Dice) -> Value {
    let mut facts = Map::new();
    if dice.chance(75) {
        let mut settings = Map::new();
        for name in ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] {
            if dice.chance(55) {
                settings.insert(name.to_owned(), json!(dice.chance(60)));
            }
        }
        facts.insert("block_public_access".to_owned(), Value::Object(settings));
    }
    if dice.chance(35) {
        facts.insert("object_owner".to_owned(), json!(dice.pick(&[OWN, OWN, OTHER])));
    }
    Value::Object(facts)
}
