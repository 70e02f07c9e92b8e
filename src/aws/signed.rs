//! A call without a crate of its own: one signed request, and the answer as text.
//!
//! It is the SDK that signs, sends, waits and tries again; what is missing is only the model of the service. See
//! `docs/decisions/0013-calls-without-a-crate.md`.

use std::fmt;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::SdkConfig;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use aws_types::service_config::ServiceConfigKey;

use super::record::Recorder;
use crate::knowledge::regions;

/// An AWS service that is called without a crate of its own.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The service id, which names it in the record of calls and in `AWS_ENDPOINT_URL_…`, such as `Secrets Manager`.
    pub id: &'static str,
    /// The name in signatures.
    pub signing_name: &'static str,
    /// The first part of its host name.
    pub host: &'static str,
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

/// An error that a service answered with.
#[derive(Debug)]
pub struct ServiceFault(ErrorMetadata);

impl fmt::Display for ServiceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.code().unwrap_or("an error without a code"))
    }
}

impl std::error::Error for ServiceFault {}

impl ProvideErrorMetadata for ServiceFault {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Where a service is: where the user says, or else where AWS has it.
fn address(service: Service, region: &str, config: &SdkConfig) -> String {
    overridden(service.id, config).unwrap_or_else(|| {
        let suffix = regions::partition_of(region).dns_suffix;
        format!("https://{}.{region}.{suffix}", service.host)
    })
}

/// The address that the user gave for a service, in the order in which the AWS CLI takes it: for the run, for the
/// service, for all services.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
pub(super) fn overridden(id: &str, config: &SdkConfig) -> Option<String> {
    let for_all = config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return for_all;
    }
    let key =
        ServiceConfigKey::builder().service_id(id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let for_service = key.ok().and_then(|key| config.service_config()?.load_config(key));
    for_service.or(for_all)
}

/// Sends one message to a service and gives back the body of the answer.
pub(super) async fn send(
    config: &SdkConfig,
    recorder: &Recorder,
    service: Service,
    operation: &'static str,
    region: &str,
    message: Message,
) -> Result<String, SdkError<ServiceFault, HttpResponse>> {
    let construction = |why: &str| SdkError::construction_failure(why.to_owned());
    let client = config.http_client().ok_or_else(|| construction("there is no HTTP client"))?;
    let credentials =
        config.credentials_provider().ok_or_else(|| construction("there are no credentials"))?;
    let mut builder = Operation::builder()
        .service_name(service.id)
        .operation_name(operation)
        .behavior_version(BehaviorVersion::latest())
        .http_client(client)
        .endpoint_url(&address(service, region, config))
        .retry_classifier(TransientErrorClassifier::<ServiceFault>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(AwsErrorCodeClassifier::<ServiceFault>::new())
        .with_connection_poisoning()
        .interceptor(recorder.clone())
        .runtime_plugin(signing(service, region, credentials));
    if let Some(retries) = config.retry_config() {
        builder = builder.standard_retry(retries);
    }
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(clock) = config.time_source() {
        builder = builder.time_source(clock);
    }
    let operation = builder.serializer(|message: Message| request(&message)).deserializer(answer).build();
    operation.invoke(message).await
}

/// How requests to a service are signed, and with what.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
fn signing(service: Service, region: &str, credentials: SharedCredentialsProvider) -> StaticRuntimePlugin {
    let region = Region::new(region.to_owned());
    let signing_region = SigningRegion::from(region.clone());
    let mut layer = Layer::new("signing");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigV4OperationSigningConfig {
        region: Some(signing_region),
        name: Some(SigningName::from_static(service.signing_name)),
        signing_options: SigningOptions::default(),
        region_set: None,
    });
    layer.store_put(region);
    let schemes = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let mut components = RuntimeComponentsBuilder::new("signing");
    components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(schemes)));
    components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    components.set_identity_resolver(SCHEME_ID, credentials);
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn request(message: &Message) -> Result<HttpRequest, aws_smithy_runtime_api::box_error::BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(message.body.as_str()));
    request.set_method(message.method)?;
    request.set_uri(message.path.as_str())?;
    for (name, value) in &message.headers {
        request.headers_mut().try_insert(*name, value.clone())?;
    }
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<String, OrchestratorError<ServiceFault>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return String::from_utf8(body.to_vec())
            .map_err(|_| OrchestratorError::response("it is not UTF-8".into()));
    }
    let (code, message) = error_of(body);
    let header = response.headers().get("x-amzn-errortype").map(|header| bare_code(header).to_owned());
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = header.or(code) {
        metadata = metadata.code(code);
    }
    if let Some(message) = message {
        metadata = metadata.message(message);
    }
    Err(OrchestratorError::operation(ServiceFault(metadata.build())))
}

/// `com.amazonaws.kms#NotFoundException:http://…` is `NotFoundException`.
///
/// Source: <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>
pub(super) fn bare_code(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

/// Code and message in the body of an error, which is JSON or XML.
pub(super) fn error_of(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(text) = std::str::from_utf8(body) else { return (None, None) };
    if let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(text) {
        let field = |names: [&str; 3]| names.iter().find_map(|name| fields.get(*name)?.as_str());
        let code = field(["__type", "code", "Code"]).map(|code| bare_code(code).to_owned());
        return (code, field(["message", "Message", "errorMessage"]).map(str::to_owned));
    }
    let Ok(document) = roxmltree::Document::parse(text) else { return (None, None) };
    let text_of = |name: &str| {
        let found = document.descendants().find(|node| node.tag_name().name() == name)?;
        found.text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    (text_of("Code"), text_of("Message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, code: Option<&str>, message: Option<&str>) {
        assert_eq!(
            error_of(body.as_bytes()),
            (code.map(str::to_owned), message.map(str::to_owned)),
            "{body}"
        );
    }

    #[test]
    fn the_code_of_an_error_is_found_in_every_protocol() {
        check(
            r#"{"__type":"com.amazonaws.kms#NotFoundException","message":"gone"}"#,
            Some("NotFoundException"),
            Some("gone"),
        );
        check(
            r#"{"__type":"AccessDeniedException:http://internal/x","Message":"no"}"#,
            Some("AccessDeniedException"),
            Some("no"),
        );
        check(
            "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>",
            Some("AuthorizationError"),
            Some("no"),
        );
        check(
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>",
            Some("UnauthorizedOperation"),
            None,
        );
    }

    #[test]
    fn what_is_no_error_of_aws_has_no_code() {
        for body in ["", "<html><body>Internal Server Error", "[]", "{}", "null", "<a/>", "\u{1}"] {
            check(body, None, None);
        }
        assert_eq!(error_of(b"\xff\xfe"), (None, None));
    }
}
