//! Which calls were made, for `--stats` and for the test that the reader policy allows just these.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_types::region::Region;

use crate::knowledge::reader_calls::reader_call;

/// A call of an AWS API, with all its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service as the SDK names it, such as `CloudTrail`.
    pub service: String,
    /// The operation, such as `LookupEvents`.
    pub operation: String,
    /// The Region that was asked.
    pub region: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// How often it was tried.
    pub attempts: u32,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There is no answer yet, and none any more if the run is over.
    Unanswered,
    /// AWS answered.
    Answered,
    /// AWS answered with an error; its code, where it has one.
    Failed(Option<String>),
}

impl Call {
    /// The IAM action that the call needs, such as `s3:GetEncryptionConfiguration`.
    pub fn action(&self) -> String {
        action_of(&self.service, &self.operation)
    }
}

/// Keeps the calls of all clients of a run.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<Call>>>);

/// Which call of the recorder an execution is.
#[derive(Debug, Clone, Copy)]
struct Place(usize);

impl Storable for Place {
    type Storer = StoreReplace<Self>;
}

impl Recorder {
    /// The calls so far, in the order in which they began.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().clone()
    }

    /// The IAM actions of the calls so far, and how often each was needed.
    pub fn actions(&self) -> BTreeMap<String, usize> {
        let mut actions = BTreeMap::new();
        for call in self.lock().iter() {
            *actions.entry(call.action()).or_default() += 1;
        }
        actions
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        // A list of calls is whole after every push.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    /// Before this, a client does not know which operation it is for.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(metadata) = cfg.load::<Metadata>() else { return Ok(()) };
        let call = Call {
            service: metadata.service().to_owned(),
            operation: metadata.name().to_owned(),
            region: cfg.load::<Region>().map(ToString::to_string),
            outcome: Outcome::Unanswered,
            attempts: 0,
        };
        let place = {
            let mut calls = self.lock();
            calls.push(call);
            calls.len() - 1
        };
        cfg.interceptor_state().store_put(Place(place));
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Place(place)) = cfg.load::<Place>().copied() else { return Ok(()) };
        let attempts = cfg.load::<RequestAttempts>().map_or(0, RequestAttempts::attempts);
        let outcome = match context.output_or_error() {
            Some(Ok(_)) => Outcome::Answered,
            _ => Outcome::Failed(context.response().and_then(error_code)),
        };
        if let Some(call) = self.lock().get_mut(place) {
            call.outcome = outcome;
            call.attempts = attempts;
        }
        Ok(())
    }
}

/// The IAM action of a call. One that is not in the table is none that this program means to make; it is named like the
/// operation, so that it stands out in the record.
pub(super) fn action_of(service: &str, operation: &str) -> String {
    match reader_call(service, operation) {
        Some(call) if !call.action.is_empty() => call.action.to_owned(),
        _ => format!("{}:{operation}", service.to_ascii_lowercase()),
    }
}

/// The error code of an answer, whatever its protocol: the header of JSON and REST JSON services, the field of older
/// ones, the element of XML.
fn error_code(response: &HttpResponse) -> Option<String> {
    if let Some(header) = response.headers().get("x-amzn-errortype") {
        return Some(super::signed::bare_code(header).to_owned());
    }
    super::signed::error_of(response.body().bytes()?).0
}
