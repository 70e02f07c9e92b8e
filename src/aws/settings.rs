//! What a connection is made with.

use std::time::Duration;

/// How to reach AWS. What is `None` comes from where the AWS CLI takes it: the environment and `~/.aws`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The name of a profile.
    pub profile: Option<String>,
    /// The Region that is asked where no other is meant.
    pub region: Option<String>,
    /// One address for all services, such as that of an emulator. It may be plain `http`.
    pub endpoint_url: Option<String>,
}

impl Settings {
    /// The same with another profile.
    #[must_use]
    pub fn with_profile(&self, profile: &str) -> Self {
        Self { profile: Some(profile.to_owned()), ..self.clone() }
    }
}

/// How long one attempt of one call may take: no call that is made here works for longer, and a connection that hangs
/// must not use up the time of the rest.
pub(super) const ATTEMPT: Duration = Duration::from_secs(15);

/// How long it may take until a connection stands.
pub(super) const CONNECT: Duration = Duration::from_secs(5);

/// How many calls are under way at one time. The strictest limit of the services that are asked is some ten calls a
/// second; waiting for answers takes most of the time.
pub(super) const AT_ONCE: usize = 16;
