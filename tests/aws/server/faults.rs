//! What goes wrong on demand.

use std::time::Duration;

use super::call::Call;
use super::reply::{Protocol, Refusal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller has no permission.
    Denied,
    /// Too many calls.
    Throttled,
    /// A 5xx of the service.
    Broken(u16),
    /// The temporary credentials have expired.
    ExpiredToken,
    /// The connection stays open, and no answer comes.
    Silent,
    /// The body comes in small pieces with this long between them.
    Slow(Duration),
    /// The connection ends in the middle of the body.
    Cut,
    /// Somebody in between answers with a page for people, as a proxy or a hotel does.
    Portal,
}

/// A fault and the calls that it hits.
#[derive(Debug, Clone)]
pub struct Rule {
    fault: Fault,
    service: Option<String>,
    operation: Option<String>,
    region: Option<String>,
    account: Option<String>,
    spared: Vec<String>,
    skip: usize,
    times: usize,
}

impl Rule {
    /// For every call of an operation; `*` stands for all services or all operations.
    pub fn new(fault: Fault, service: &str, operation: &str) -> Self {
        let named = |name: &str| (name != "*").then(|| name.to_owned());
        Self {
            fault,
            service: named(service),
            operation: named(operation),
            region: None,
            account: None,
            spared: Vec::new(),
            skip: 0,
            times: usize::MAX,
        }
    }

    /// Only the calls in one Region.
    pub fn in_region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Only the calls of one account.
    pub fn in_account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Not the calls that this IAM action allows; `cloudtrail:*` stands for a whole service.
    pub fn except(mut self, actions: &[&str]) -> Self {
        self.spared.extend(actions.iter().map(|action| (*action).to_owned()));
        self
    }

    /// Only from the call after so many calls that it would hit.
    pub fn after(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// No more often than this.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    fn is_for(&self, call: &Call) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        let action = super::iam_action(&call.service, &call.operation);
        let spared = self.spared.iter().any(|spared| match spared.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => *spared == action,
        });
        same(&self.service, &call.service)
            && same(&self.operation, &call.operation)
            && same(&self.region, &call.region)
            && same(&self.account, call.account())
            && !spared
    }

    /// The fault for this call, of which this rule then has one less.
    fn hit(&mut self, call: &Call) -> Option<Fault> {
        if !self.is_for(call) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times = self.times.checked_sub(1)?;
        Some(self.fault)
    }
}

/// The fault that hits a call: the first rule that has one.
pub fn hitting(rules: &mut [Rule], call: &Call) -> Option<Fault> {
    rules.iter_mut().find_map(|rule| rule.hit(call))
}

impl Fault {
    /// The answer of AWS, if the fault is one that AWS answers.
    pub fn refusal(self, call: &Call) -> Option<Refusal> {
        let refusal = match self {
            // Nobody can be denied this: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
            Self::Denied if call.operation == "GetCallerIdentity" => return None,
            Self::Denied => call.denied(""),
            Self::Throttled => throttled(call),
            Self::Broken(status) => broken(call, status),
            Self::ExpiredToken => expired(call),
            Self::Silent | Self::Slow(_) | Self::Cut | Self::Portal => return None,
        };
        Some(refusal)
    }
}

pub fn throttled(call: &Call) -> Refusal {
    match call.protocol {
        Protocol::Json if call.service == "organizations" => Refusal::new(
            400,
            "TooManyRequestsException",
            "AWS Organizations can't complete your request because another request is already in progress. Try again later.",
        ),
        Protocol::Json => Refusal::new(400, "ThrottlingException", "Rate exceeded"),
        Protocol::RestJson => Refusal::new(429, "TooManyRequestsException", "Rate exceeded"),
        Protocol::Query => Refusal::new(400, "Throttling", "Rate exceeded"),
        Protocol::Ec2 => Refusal::new(503, "RequestLimitExceeded", "Request limit exceeded."),
        Protocol::S3 => Refusal::new(503, "SlowDown", "Please reduce your request rate."),
    }
}

fn broken(call: &Call, status: u16) -> Refusal {
    let code = match (call.protocol, status) {
        (Protocol::S3 | Protocol::Ec2, 500) => "InternalError",
        (Protocol::Query, 500) => "ServiceFailure",
        (Protocol::Json | Protocol::RestJson, 500) => "InternalServerError",
        (Protocol::S3 | Protocol::Query, _) => "ServiceUnavailable",
        _ => "ServiceUnavailableException",
    };
    Refusal::new(status, code, "We encountered an internal error. Please try again.")
}

fn expired(call: &Call) -> Refusal {
    let message = "The security token included in the request is expired";
    match call.protocol {
        Protocol::Json | Protocol::RestJson => Refusal::new(400, "ExpiredTokenException", message),
        Protocol::Query => Refusal::new(403, "ExpiredToken", message),
        Protocol::S3 => Refusal::new(400, "ExpiredToken", "The provided token has expired."),
        Protocol::Ec2 => Refusal::new(400, "RequestExpired", "Request has expired."),
    }
}
