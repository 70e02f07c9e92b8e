//! What goes wrong between here and AWS. Error codes are evidence, so they are kept.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::budget::Spent;

/// A call that brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The IAM action of the call, such as `kms:GetKeyPolicy`.
    pub action: String,
    /// The Region that was asked.
    pub region: String,
    /// What went wrong.
    pub reason: Reason,
    /// The Region that S3 says a bucket is in, if that is the answer.
    pub bucket_region: Option<String>,
}

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// AWS said so, with this code.
    Code {
        /// For example `AccessDeniedException`.
        code: String,
        /// AWS's words.
        message: Option<String>,
    },
    /// There was no credential to sign with.
    Credentials(String),
    /// No answer came.
    Unreachable(String),
    /// One call took too long.
    TooSlow,
    /// An answer came that is none of AWS's.
    NotUnderstood(String),
    /// The run was over.
    Spent(Spent),
}

impl CallError {
    /// What the error of an SDK client means.
    pub(super) fn new<E>(action: String, region: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let headers = error.raw_response().map(HttpResponse::headers);
        let bucket_region = headers.and_then(|headers| headers.get("x-amz-bucket-region")).map(str::to_owned);
        Self { action, region: region.to_owned(), reason: reason(error), bucket_region }
    }

    pub(crate) fn because(action: &str, region: &str, reason: Reason) -> Self {
        Self { action: action.to_owned(), region: region.to_owned(), reason, bucket_region: None }
    }

    /// An answer that is none of AWS's.
    pub(crate) fn not_understood(action: &str, region: &str, why: &str) -> Self {
        Self::because(action, region, Reason::NotUnderstood(why.to_owned()))
    }

    /// The code of AWS's error.
    pub fn code(&self) -> Option<&str> {
        match &self.reason {
            Reason::Code { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether the credentials, and not a permission, are what is wrong. No other call can do better then.
    pub fn is_about_credentials(&self) -> bool {
        const CODES: [&str; 8] = [
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "UnrecognizedClientException",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "AuthFailure",
        ];
        match &self.reason {
            Reason::Code { code, .. } => CODES.contains(&code.as_str()),
            Reason::Credentials(_) => true,
            _ => false,
        }
    }

    /// Whether the run is over, so that this says nothing about AWS.
    pub fn is_spent(&self) -> bool {
        matches!(self.reason, Reason::Spent(_))
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { action, region, reason, .. } = self;
        match reason {
            Reason::Code { code, .. } => write!(f, "{code}: {action}"),
            Reason::Credentials(why) => write!(f, "no credentials for {action}: {why}"),
            Reason::Unreachable(why) => write!(f, "no answer to {action} from {region}: {why}"),
            Reason::TooSlow => write!(f, "no answer to {action} from {region} in time"),
            Reason::NotUnderstood(why) => write!(f, "the answer to {action} was not understood: {why}"),
            Reason::Spent(spent) => write!(f, "{spent} before {action} was answered"),
        }
    }
}

impl Error for CallError {}

fn reason<E>(error: &SdkError<E, HttpResponse>) -> Reason
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let Some(code) = error.code() {
        return Reason::Code { code: code.to_owned(), message: error.message().map(str::to_owned) };
    }
    let status = error.raw_response().map(|response| response.status().as_u16());
    match (error, status) {
        (SdkError::TimeoutError(_), _) => Reason::TooSlow,
        (SdkError::DispatchFailure(failure), _) if failure.is_timeout() => Reason::TooSlow,
        // HEAD requests, and a few errors of S3, have a status and nothing else.
        (_, Some(403)) => Reason::Code { code: "AccessDenied".to_owned(), message: None },
        (_, Some(status)) => Reason::NotUnderstood(format!("HTTP status {status}")),
        _ => match credentials_error(error) {
            Some(why) => Reason::Credentials(why),
            None => Reason::Unreachable(innermost(error)),
        },
    }
}

/// What is wrong with the credentials, if that is what is wrong.
fn credentials_error(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(found) = cause {
        if found.downcast_ref::<CredentialsError>().is_some() {
            return Some(innermost(found));
        }
        cause = found.source();
    }
    None
}

/// The last cause says most: those around it only say which part of the SDK it passed through.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why there is no connection at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing that could sign a request was found.
    #[error("no AWS credentials were found{}", of_profile(profile.as_deref()))]
    NoCredentials {
        /// The profile that was asked for.
        profile: Option<String>,
    },
    /// There were credentials once.
    #[error("the AWS credentials{} have expired: {reason}", of_profile(profile.as_deref()))]
    Expired {
        /// The profile that was asked for.
        profile: Option<String>,
        /// What was said.
        reason: String,
    },
    /// The credentials are not usable.
    #[error("the AWS credentials{} cannot be used: {reason}", of_profile(profile.as_deref()))]
    Credentials {
        /// The profile that was asked for.
        profile: Option<String>,
        /// What was said.
        reason: String,
    },
    /// AWS did not say whose the credentials are.
    #[error("AWS did not say whose credentials these are: {0}")]
    Identity(#[source] CallError),
    /// The identity is not one of AWS.
    #[error("`{0}` is not the ARN of a caller")]
    Arn(String),
    /// The run was over before it began.
    #[error("{0} before AWS was reached")]
    Spent(#[from] Spent),
}

fn of_profile(profile: Option<&str>) -> String {
    profile.map(|profile| format!(" of the profile `{profile}`")).unwrap_or_default()
}

impl OpenError {
    /// The command that helps.
    pub fn hint(&self) -> Option<String> {
        let with = |command: &str, profile: &Option<String>| match profile {
            Some(profile) => format!("{command} --profile {profile}"),
            None => command.to_owned(),
        };
        match self {
            Self::NoCredentials { profile } => {
                Some(format!("sign in with `{}`, or name a profile with --profile", with("aws sso login", profile)))
            }
            Self::Expired { profile, .. } => Some(format!("sign in again: `{}`", with("aws sso login", profile))),
            Self::Credentials { .. } => Some(
                "see `aws configure list-profiles` for the profiles, and `aws sts get-caller-identity` for the reason"
                    .to_owned(),
            ),
            Self::Identity(error) if matches!(error.reason, Reason::Unreachable(_) | Reason::TooSlow) => {
                Some("is there a way to AWS from here? Proxies are taken from HTTPS_PROXY".to_owned())
            }
            _ => None,
        }
    }

    pub(super) fn from_credentials(error: &CredentialsError, profile: Option<String>) -> Self {
        let reason = innermost(error);
        match error {
            CredentialsError::CredentialsNotLoaded(_) => Self::NoCredentials { profile },
            // The instance metadata are asked last, so that nothing else had credentials either.
            _ if reason.contains("IMDS") => Self::NoCredentials { profile },
            _ if says_expired(&reason) => Self::Expired { profile, reason },
            _ => Self::Credentials { profile, reason },
        }
    }

    /// Says what is wrong with the credentials, where it is that, and not the call, which failed.
    pub(super) fn of_profile(self, profile: Option<String>) -> Self {
        let Self::Identity(error) = self else { return self };
        match &error.reason {
            Reason::Code { code, .. } if code.starts_with("ExpiredToken") => {
                Self::Expired { profile, reason: code.clone() }
            }
            Reason::Code { code, .. } if error.is_about_credentials() => {
                Self::Credentials { profile, reason: code.clone() }
            }
            Reason::Credentials(reason) => Self::Credentials { profile, reason: reason.clone() },
            Reason::Spent(spent) => Self::Spent(*spent),
            _ => Self::Identity(error),
        }
    }
}

/// What providers say when a sign-in is over or was never made: SSO has no error of its own for it.
fn says_expired(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["expired", "expiration", "sso/cache", "cached token", "login session"]
        .iter()
        .any(|said| reason.contains(said))
}
