//! The connection to AWS: credentials, Regions, clients, and what goes wrong with them.
//!
//! It owns how AWS is reached: with which credentials, within which time, how many calls at once, and the record of
//! the calls. It must not know what the answers are good for; that is for `sources` and `collect`. Nothing here, and
//! nothing above, ever asks AWS to change anything.
//!
//! Start reading at [`Connection::open`]. `signed` is for services that have no client here.

mod budget;
mod clients;
mod connection;
mod failure;
mod query;
mod record;
mod regions;
mod run;
mod settings;
mod signed;

pub use budget::{Budget, Interrupt, Spent};
pub use connection::{CallerIdentity, Connection, Shared};
pub use failure::{CallError, OpenError, Reason};
pub use record::{Call, Outcome, Recorder};
pub use regions::Regions;
pub use run::run;
pub use settings::Settings;

pub(crate) use query::{Json, encoded, message as query_message, xml_texts};
pub(crate) use signed::{Message, Service};
