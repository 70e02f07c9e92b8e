//! What an encoded authorization message says.

use std::time::Duration;

use super::CollectError;
use crate::aws::{CallError, Connection, Settings, run};

/// Asks AWS what an encoded authorization message says: JSON text with the action, the resource, the context, and
/// whether the deny was explicit.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
pub fn decode(settings: &(Settings, Option<Duration>), encoded: &str) -> Result<String, CollectError> {
    let decoded = run(settings.1, |shared| async move {
        let own = Box::pin(Connection::open(&settings.0, &shared)).await?;
        let sts = own.sts();
        let request = sts.decode_authorization_message().encoded_message(encoded);
        let answer = own.ask("sts:DecodeAuthorizationMessage", own.region(), request.send()).await?;
        let text = answer.decoded_message;
        let none =
            || CallError::not_understood("sts:DecodeAuthorizationMessage", own.region(), "it is empty");
        text.ok_or_else(none).map_err(CollectError::from)
    });
    decoded.map_err(CollectError::Start).flatten()
}
