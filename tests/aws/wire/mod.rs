//! The scenario server itself, through the real clients of AWS: a server that is wrong would make every test wrong.

mod boto3;
mod clients;
mod faults;
