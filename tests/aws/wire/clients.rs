//! Through the Rust clients that the program uses itself.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::error::ProvideErrorMetadata as _;
use aws_smithy_types::retry::RetryConfig;

use crate::server::{ACCESS_KEY, Server, World};

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// The settings of a client of the server; without retries, so that a fault shows.
pub async fn settings(server: &Server, access_key: &str, region: &str) -> SdkConfig {
    let credentials = aws_sdk_sts::config::Credentials::new(access_key, "secret", None, None, "test");
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(credentials)
        .region(Region::new(region.to_owned()))
        .endpoint_url(server.url())
        .retry_config(RetryConfig::disabled())
        .load()
        .await
}

#[test]
fn the_downloads_world_is_as_its_bundle_says() {
    let server = Server::start(World::example("s3-kms-download"));
    runtime().block_on(async {
        let settings = settings(&server, ACCESS_KEY, "eu-west-1").await;
        let trail = aws_sdk_cloudtrail::Client::new(&settings);
        let events = trail.lookup_events().send().await.unwrap();
        assert!(events.events().iter().any(|event| event.event_name() == Some("Decrypt")));

        let iam = aws_sdk_iam::Client::new(&settings);
        let user = iam.get_user().user_name("s3_full_access").send().await.unwrap();
        assert_eq!(user.user().unwrap().user_id(), "AIDAPMWIM5WQALEXAMPLE");
        let missing = iam.get_role().role_name("nobody").send().await.unwrap_err();
        assert_eq!(missing.code(), Some("NoSuchEntity"));

        let s3 = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&settings).force_path_style(true).build(),
        );
        let none = s3.get_bucket_policy().bucket("iam-error-test").send().await.unwrap_err();
        assert_eq!(none.code(), Some("NoSuchBucketPolicy"));
        let acl = s3.get_bucket_acl().bucket("iam-error-test").send().await.unwrap();
        assert_eq!(acl.grants().len(), 1);
    });
}

/// A policy document comes as it stands in the bundle, to the byte: places in it are part of answers.
#[test]
fn documents_keep_their_text() {
    let server = Server::start(World::example("role-session-identity"));
    runtime().block_on(async {
        server.world().add_caller("AKIAMEMBEREXAMPLE", "arn:aws:iam::444455556666:user/alice");
        let settings = settings(&server, "AKIAMEMBEREXAMPLE", "us-east-1").await;
        let iam = aws_sdk_iam::Client::new(&settings);
        let policy = iam.get_user_policy().user_name("alice").policy_name("read-iam").send().await.unwrap();
        let document = percent_encoding::percent_decode_str(policy.policy_document()).decode_utf8().unwrap();
        let whole = server.world().file("accounts/444455556666/iam.json").unwrap();
        assert!(whole.contains(document.as_ref()) && document.contains('\n'), "{document}");
    });
}

/// A role in another account gives credentials with which the caller is in that account.
#[test]
fn an_assumed_role_is_another_caller() {
    let mut world = World::example("role-session-identity");
    world.assumable.insert("arn:aws:iam::444455556666:role/cm-policymaintainer".to_owned());
    world.add_caller("AKIAMANAGEREXAMPLE", "arn:aws:iam::111122223333:user/cm-account-manager");
    let server = Server::start(world);
    runtime().block_on(async {
        let own = settings(&server, "AKIAMANAGEREXAMPLE", "us-east-1").await;
        let assumed = aws_sdk_sts::Client::new(&own)
            .assume_role()
            .role_arn("arn:aws:iam::444455556666:role/cm-policymaintainer")
            .role_session_name("reader")
            .send()
            .await
            .unwrap();
        let given = assumed.credentials().unwrap();
        let session = aws_sdk_sts::config::Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            None,
            "test",
        );
        let there = own
            .to_builder()
            .credentials_provider(aws_sdk_sts::config::SharedCredentialsProvider::new(session))
            .build();
        let identity = aws_sdk_sts::Client::new(&there).get_caller_identity().send().await.unwrap();
        assert_eq!(identity.arn(), Some("arn:aws:sts::444455556666:assumed-role/cm-policymaintainer/reader"));
        assert_eq!(identity.user_id(), Some("AROAHW4US3AFF6EXAMPLE:reader"));
        let user = aws_sdk_iam::Client::new(&there).get_user().user_name("alice").send().await.unwrap();
        assert_eq!(user.user().unwrap().arn(), "arn:aws:iam::444455556666:user/alice");
    });
    let accounts: Vec<String> = server.calls().into_iter().map(|call| call.account).collect();
    assert_eq!(accounts, ["111122223333", "444455556666", "444455556666"]);
}

/// Whoever looks at the last half hour finds the story in it.
#[test]
fn a_story_can_happen_now() {
    let server = Server::start(World::example("role-session-identity").happening_now());
    runtime().block_on(async {
        let client = aws_sdk_cloudtrail::Client::new(&settings(&server, ACCESS_KEY, "us-east-1").await);
        let events = client.lookup_events().max_results(1).send().await.unwrap();
        let newest = events.events()[0].event_time().unwrap().secs();
        let age = jiff::Timestamp::now().as_second() - newest;
        assert!((60..120).contains(&age), "{age}");
        let record: serde_json::Value =
            serde_json::from_str(events.events()[0].cloud_trail_event().unwrap()).unwrap();
        assert_eq!(
            record["eventTime"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second(),
            newest
        );
    });
    assert_eq!(server.operations(), ["cloudtrail:LookupEvents"]);
}
