//! How Markdown and pictures look, as snapshots: pages are looked at in a browser.

use why_denied::render::{markdown, svg};

use crate::bundles::{bundles, dossiers_of};
use crate::wellformed::diagnoses;

#[test]
fn markdown_of_a_hidden_call() {
    insta::assert_snapshot!(markdown(&dossiers_of(&bundles()["s3-kms-download"]), &[]));
}

#[test]
fn markdown_of_a_change() {
    insta::assert_snapshot!(markdown(&dossiers_of(&bundles()["job-stopped-after-policy-change"]), &[]));
}

#[test]
fn picture_of_a_session() {
    insta::assert_snapshot!(svg(&diagnoses(&dossiers_of(&bundles()["role-session-identity"]))));
}
