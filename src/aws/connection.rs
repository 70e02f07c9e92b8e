//! A connection to one account with one set of credentials.

use std::future::Future;
use std::sync::Arc;

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::{Connector, proxy::ProxyConfig, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use futures::future::{BoxFuture, FutureExt as _};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::budget::Budget;
use super::failure::{CallError, OpenError, Reason};
use super::query::{Json, json_message};
use super::record::{Recorder, action_of};
use super::settings::{AT_ONCE, ATTEMPT, CONNECT, Settings};
use super::signed::{self, Message, Service};
use crate::arn::Arn;
use crate::ids::AccountId;
use crate::knowledge::{global_services, regions};

/// Whose credentials a connection has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// The ARN of the user, of the role session, or of the root user.
    pub arn: Arn,
    /// `AIDA…`, `AROA…:session`.
    pub user_id: String,
}

/// What all connections of a run share: the time that is left, the number of calls at once, the record of them.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The time that is left.
    pub budget: Budget,
    /// All calls of the run.
    pub recorder: Recorder,
    permits: Arc<Semaphore>,
    http: SharedHttpClient,
}

impl Shared {
    /// For a new run.
    pub fn new(budget: Budget) -> Self {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        Self { budget, recorder: Recorder::default(), permits, http: http_client() }
    }
}

/// Credentials, the Region they are used in, and what the run shares. It is cheap to clone.
#[derive(Debug, Clone)]
pub struct Connection {
    config: SdkConfig,
    region: String,
    identity: CallerIdentity,
    shared: Shared,
}

impl Connection {
    /// Finds credentials where the AWS CLI finds them (environment, profiles, SSO, containers, instances), and asks
    /// AWS whose they are. That needs no permission.
    ///
    /// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
    pub async fn open(settings: &Settings, shared: &Shared) -> Result<Self, OpenError> {
        let profile = settings.profile.clone();
        let config = shared.budget.run(Box::pin(loader(settings, shared).load())).await?;
        let region = config.region().map_or_else(|| DEFAULT_REGION.to_owned(), ToString::to_string);
        let config = config.into_builder().region(Region::new(region.clone())).build();
        let Some(provider) = config.credentials_provider() else {
            return Err(OpenError::NoCredentials { profile });
        };
        // Asked for here, the reason why there are none is not yet wrapped into that of a call.
        if let Err(error) = shared.budget.run(provider.provide_credentials()).await? {
            return Err(OpenError::from_credentials(&error, profile));
        }
        Self::identified(config, region, shared).await.map_err(|error| error.of_profile(profile))
    }

    /// A connection with the credentials of a role, in whatever account it is.
    pub async fn assume(&self, role: &str, session: &str) -> Result<Self, OpenError> {
        let sts = self.sts();
        let request = sts.assume_role().role_arn(role).role_session_name(session);
        let answer = self.ask("sts:AssumeRole", &self.region, request.send()).await;
        let credentials = answer.map_err(OpenError::Identity)?.credentials;
        let Some(credentials) = credentials else { return Err(OpenError::NoCredentials { profile: None }) };
        let credentials = aws_credential_types::Credentials::new(
            credentials.access_key_id,
            credentials.secret_access_key,
            Some(credentials.session_token),
            credentials.expiration.try_into().ok(),
            "AssumeRole",
        );
        let provider = SharedCredentialsProvider::new(credentials);
        let config = self.config.clone().into_builder().credentials_provider(provider);
        // Identities are cached by what provides them; the other account must not get those of this one.
        let config = config.identity_cache(aws_config::identity::IdentityCache::lazy().build()).build();
        Self::identified(config, self.region.clone(), &self.shared).await
    }

    async fn identified(config: SdkConfig, region: String, shared: &Shared) -> Result<Self, OpenError> {
        let client = aws_sdk_sts::Client::from_conf(
            aws_sdk_sts::config::Builder::from(&config).interceptor(shared.recorder.clone()).build(),
        );
        let request = client.get_caller_identity().send();
        let answer =
            ask(shared, "sts:GetCallerIdentity", &region, request).await.map_err(OpenError::Identity)?;
        let text = answer.arn.unwrap_or_default();
        let (Ok(arn), Some(account)) =
            (Arn::parse(&text), answer.account.as_deref().and_then(AccountId::parse))
        else {
            return Err(OpenError::Arn(text));
        };
        let identity = CallerIdentity { account, arn, user_id: answer.user_id.unwrap_or_default() };
        Ok(Self { config, region, identity, shared: shared.clone() })
    }

    /// Whose credentials these are.
    pub fn identity(&self) -> &CallerIdentity {
        &self.identity
    }

    /// The Region that was asked for, or the one of the profile.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The partition of the caller.
    pub fn partition(&self) -> &str {
        self.identity.arn.partition()
    }

    /// The Region where the global services of the partition are, and log.
    pub fn home_region(&self) -> &str {
        global_services::home_region(self.partition()).unwrap_or(&self.region)
    }

    /// What the run shares.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// What clients of a Region are made with. Clients have to be given the [recorder](Shared::recorder) too.
    pub fn config(&self, region: &str) -> SdkConfig {
        self.config.clone().into_builder().region(Region::new(region.to_owned())).build()
    }

    /// Waits for the answer to a request, if it is not too late, and says what went wrong in the terms of the action.
    pub fn ask<'a, T: Send + 'a, E>(
        &'a self,
        action: &'a str,
        region: &'a str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> BoxFuture<'a, Result<T, CallError>>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + 'static,
    {
        ask(&self.shared, action, region, request)
    }

    /// Asks a service that has no client here; the answer is the body as it came.
    pub(crate) async fn send(
        &self,
        service: Service,
        operation: &'static str,
        region: &str,
        message: Message,
    ) -> Result<String, CallError> {
        let request = signed::send(&self.config, &self.shared.recorder, service, operation, region, message);
        self.ask(&action_of(service.id, operation), region, request).await
    }

    /// Asks a service that speaks JSON. The answer is what the AWS CLI prints, except that times are numbers.
    pub(crate) async fn json(
        &self,
        service: Service,
        protocol: Json,
        operation: &'static str,
        region: &str,
        input: &Value,
    ) -> Result<Value, CallError> {
        let message = json_message(&format!("{}.{operation}", protocol.target), protocol.version, input);
        let answer = self.send(service, operation, region, message).await?;
        // An operation without output may answer with nothing.
        let answer = if answer.is_empty() { "{}" } else { answer.as_str() };
        serde_json::from_str(answer).map_err(|error| {
            CallError::not_understood(&action_of(service.id, operation), region, &error.to_string())
        })
    }
}

/// Where nobody says which Region, every account has this one; outside of the partition `aws` somebody has to say.
const DEFAULT_REGION: &str = "us-east-1";

/// The futures of the SDK are large, and everything that waits for them would be too.
fn ask<'a, T: Send + 'a, E>(
    shared: &'a Shared,
    action: &'a str,
    region: &'a str,
    request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
) -> BoxFuture<'a, Result<T, CallError>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + 'static,
{
    let waited = async move {
        // It is never closed; a call without a permit would be a call too many, not a wrong one.
        let _permit = shared.permits.acquire().await;
        request.await
    };
    let answered = async move {
        match shared.budget.run(waited.boxed()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(CallError::new(action.to_owned(), region, &error)),
            Err(spent) => Err(CallError::because(action, region, Reason::Spent(spent))),
        }
    };
    answered.boxed()
}

fn loader(settings: &Settings, shared: &Shared) -> ConfigLoader {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(shared.http.clone())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard());
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader
}

/// TLS with ring: see `Cargo.toml`. Proxies are those of the environment, as for the AWS CLI.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut builder = Connector::builder().proxy_config(ProxyConfig::from_env());
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder.tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)).build()
    })
}

/// Whether an address was given for a service, so that it is not where AWS has it.
pub(super) fn has_own_address(service: &str, config: &SdkConfig) -> bool {
    signed::overridden(service, config).is_some()
}

/// The partition of a Region, for what is said about Regions.
pub(super) fn partition_name(region: &str) -> &'static str {
    regions::partition_of(region).name
}
