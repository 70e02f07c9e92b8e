//! AWS STS: who calls, and sessions in other accounts.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

use super::super::call::Call;
use super::super::reply::{Answer, Body, Refusal};
use super::super::world::World;
use super::super::xml::{element, wrapped};

pub fn answer(world: &World, call: &Call) -> Answer {
    match call.operation.as_str() {
        "GetCallerIdentity" => Ok(Body::Xml(format!(
            "{}{}{}",
            element("Arn", &call.caller.arn),
            element("UserId", &call.caller.id),
            element("Account", &call.caller.account)
        ))),
        "AssumeRole" => assume_role(world, call),
        "DecodeAuthorizationMessage" => decode(world, call),
        _ => Err(super::unknown_operation(call)),
    }
}

fn assume_role(world: &World, call: &Call) -> Answer {
    let role = call.text("RoleArn");
    let session = call.text("RoleSessionName");
    if !world.assumable.contains(role) {
        return Err(call.denied(role));
    }
    let number = world.count_callers();
    let (key, token) = (format!("ASIA{number:04}SESSIONEXAMPLE"), format!("token-{number}"));
    let name = role.rsplit('/').next().unwrap_or_default();
    let prefix = role.replace(":iam:", ":sts:");
    let arn = format!("{}:assumed-role/{name}/{session}", prefix.split(":role/").next().unwrap_or_default());
    world.hand_out(&key, &token, &arn);
    let id = world.caller(&key, &token).map(|caller| caller.id).unwrap_or_default();
    let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let credentials = [
        element("AccessKeyId", &key),
        element("SecretAccessKey", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        element("SessionToken", &token),
        element("Expiration", &format!("{expires:.0}")),
    ];
    let user = [element("AssumedRoleId", &id), element("Arn", &arn)];
    Ok(Body::Xml(format!(
        "{}{}",
        wrapped("Credentials", &credentials.concat()),
        wrapped("AssumedRoleUser", &user.concat())
    )))
}

fn decode(world: &World, call: &Call) -> Answer {
    match world.decoded.get(call.text("EncodedMessage")) {
        Some(decoded) => Ok(Body::Xml(element("DecodedMessage", decoded))),
        None => Err(Refusal::new(
            400,
            "InvalidAuthorizationMessageException",
            "Message is not valid. Please check if the message has been tampered with.",
        )),
    }
}
