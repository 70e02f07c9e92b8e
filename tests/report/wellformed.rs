//! Every report is what parsers expect, and stands alone.

use std::collections::BTreeSet;

use base64::Engine as _;
use sha2::Digest as _;
use why_denied::diagnose::{Diagnosis, Dossier};
use why_denied::evidence::Gap;
use why_denied::render::{html, markdown, svg};

use crate::bundles::{bundles, dossiers_of};
use crate::page::parse;

pub fn diagnoses(dossiers: &[Dossier]) -> Vec<Diagnosis> {
    dossiers.iter().map(|dossier| dossier.diagnosis.clone()).collect()
}

/// What must hold of every page, whatever it tells.
#[track_caller]
pub fn check_page(name: &str, text: &str) {
    let page = parse(text);
    assert_eq!(page.errors, Vec::<String>::new(), "{name}");
    assert_eq!(page.intruders(), BTreeSet::new(), "{name}");
    let ids = page.ids();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
    let named = page.values("aria-labelledby").into_iter().flat_map(|names| names.split(' '));
    let linked = page.values("href").into_iter().filter_map(|href| href.strip_prefix('#'));
    for id in named.chain(linked) {
        assert!(unique.contains(id), "{name}: nothing has the id {id}");
    }
}

#[track_caller]
pub fn check_picture(name: &str, text: &str) {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
    let root = document.root_element();
    for size in ["width", "height"] {
        let pixels: i32 = root.attribute(size).unwrap().parse().unwrap();
        assert!(pixels > 0, "{name}: {size}={pixels}");
    }
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let tag = node.tag_name().name();
        assert!(
            ["svg", "title", "desc", "style", "rect", "g", "path", "text"].contains(&tag),
            "{name}: <{tag}>"
        );
        for attribute in node.attributes() {
            let value = attribute.value();
            assert!(!attribute.name().starts_with("on") && !value.contains("url("), "{name}: {attribute:?}");
        }
    }
}

#[test]
fn every_report_is_well_formed_and_the_same_again() {
    for (name, files) in bundles() {
        let dossiers = dossiers_of(&files);
        let page = html(&dossiers, &[]);
        check_page(&name, &page);
        let found = diagnoses(&dossiers);
        check_picture(&name, &svg(&found));
        let again = dossiers_of(&files);
        assert_eq!(page, html(&again, &[]), "{name}");
        assert_eq!(markdown(&dossiers, &[]), markdown(&again, &[]), "{name}");
        assert_eq!(svg(&found), svg(&diagnoses(&again)), "{name}");
    }
}

#[test]
fn nothing_denied_is_a_report_too() {
    check_page("nothing", &html(&[], &[]));
    check_picture("nothing", &svg(&[]));
    assert_eq!(markdown(&[], &[]), "Nothing that was asked for was denied.\n");
}

/// Nothing denied in half of the events is no good news.
#[test]
fn what_could_not_be_read_is_said_where_nothing_was_denied() {
    let gap = Gap { what: "events of eu-west-1".to_owned(), why: "AccessDenied".to_owned() };
    let gaps = [gap];
    let page = html(&[], &gaps);
    check_page("unread", &page);
    for text in [parse(&page).text, markdown(&[], &gaps).replace('`', "")] {
        assert!(text.contains("denied in what could be read"), "{text}");
        assert!(text.contains("events of eu-west-1: AccessDenied"), "{text}");
    }
}

#[test]
fn several_denials_have_a_table_of_contents() {
    let all: Vec<Dossier> = bundles().values().flat_map(dossiers_of).collect();
    let page = html(&all, &[]);
    check_page("all", &page);
    let parsed = parse(&page);
    for number in 1..=all.len() {
        assert!(parsed.values("href").contains(&format!("#d{number}").as_str()), "no way to denial {number}");
    }
    check_picture("all", &svg(&diagnoses(&all)));
}

/// A report of very many denials stays one that a browser can hold, and none is lost.
#[test]
fn very_many_denials_are_told_in_short() {
    let one = dossiers_of(&bundles()["organizations-caller-validation"]);
    let many: Vec<Dossier> = one.iter().cycle().take(700).cloned().collect();
    let page = html(&many, &[]);
    assert_eq!(page.matches("<article").count(), 501);
    assert_eq!(page.matches("<a href=\"#d").count(), 500);
    assert_eq!(page.matches("<a href=\"#more\"").count(), 200);
    assert_eq!(page.matches("<strong>DENIED ").count(), 200);
}

/// The policy in the file lets its own style sheet pass, which is the only one, and nothing else.
#[test]
fn the_style_sheet_is_the_one_that_the_policy_names() {
    let page = html(&[], &[]);
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    let parsed = parse(&page);
    assert!(parsed.values("content").contains(&policy.as_str()), "{policy}");
    for wrong in ["url(", "@import", "http:", "expression("] {
        assert!(!style.contains(wrong), "the style sheet has {wrong}");
    }
    assert_eq!(page.matches("<style").count(), 1);
}
