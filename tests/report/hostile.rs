//! Whatever events and policies say stays text.

use why_denied::render::{html, markdown, svg};

use crate::bundles::{ESCAPED, HOSTILE, bundles, dossiers_of, hostile};
use crate::page::parse;
use crate::wellformed::{check_page, check_picture, diagnoses};

/// In any file of text, no character may be left that reorders what is read or commands a terminal.
#[track_caller]
fn check_characters(name: &str, text: &str) {
    let is_wrong = |character: &char| {
        (character.is_control() && *character != '\n')
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert_eq!(text.chars().find(is_wrong), None, "{name}");
}

/// So many words are tried in each bundle.
const WORDS: usize = 3;

#[test]
fn hostile_names_stay_text() {
    let bundles = bundles();
    let (mut seen, mut all) = (0, 0);
    for (number, (name, files)) in bundles.iter().enumerate() {
        // All words in all bundles would be the same again and again.
        for word in HOSTILE.iter().chain(ESCAPED).cycle().skip(number * WORDS).take(WORDS) {
            all += 1;
            let dossiers = dossiers_of(&hostile(files, word));
            let page = html(&dossiers, &[]);
            let name = format!("{name} with {word:?}");
            check_page(&name, &page);
            check_characters(&name, &page);
            let found = diagnoses(&dossiers);
            let picture = svg(&found);
            check_picture(&name, &picture);
            check_characters(&name, &picture);
            let text = markdown(&dossiers, &[]);
            check_characters(&name, &text);
            check_markdown(&name, &text);
            let shown: String = why_denied::render::printable(word).split_whitespace().collect();
            let visible: String = parse(&page).text.split_whitespace().collect();
            seen += usize::from(visible.contains(&shown));
        }
    }
    // Names of three letters and less are left, since they stand in too many other words; most bundles have longer ones.
    assert!(seen * 4 > all * 3, "only {seen} of {all} reports show the hostile word: the test tests little");
}

/// What `CommonMark` and GitHub's additions make of it: nothing that is not written by this program.
#[track_caller]
fn check_markdown(name: &str, text: &str) {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let mut in_code = false;
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Start(
                tag @ (Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::HtmlBlock
                | Tag::BlockQuote(_)
                | Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough),
            ) => panic!("{name}: {tag:?}\n{text}"),
            Event::Html(html) | Event::InlineHtml(html) => panic!("{name}: {html}"),
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                panic!("{name}: {event:?}")
            }
            // GitHub looks for mentions, issues and addresses in text that is not code.
            Event::Text(text) if !in_code => {
                for wrong in ["@", "#", "www.", "://", "<", "javascript"] {
                    assert!(!text.contains(wrong), "{name}: {text}");
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_word_without_end_is_bounded_in_the_picture() {
    let bundles = bundles();
    let word = "W".repeat(20_000);
    let dossiers = dossiers_of(&hostile(&bundles["s3-kms-download"], &word));
    check_page("long", &html(&dossiers, &[]));
    let picture = svg(&diagnoses(&dossiers));
    check_picture("long", &picture);
    let document = roxmltree::Document::parse(&picture).unwrap();
    let size = |name| document.root_element().attribute(name).unwrap().parse::<i32>().unwrap();
    assert!(size("width") < 4_000 && size("height") < 4_000, "{} x {}", size("width"), size("height"));
}

#[test]
fn a_policy_that_is_no_policy_is_shown_and_breaks_nothing() {
    let bundles = bundles();
    let files = &bundles["job-stopped-after-policy-change"];
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    for word in [deep.as_str(), "\u{0}\u{ffff}\u{fffe}", "é".repeat(5_000).as_str(), "{{{{"] {
        let dossiers = dossiers_of(&hostile(files, word));
        check_page("odd", &html(&dossiers, &[]));
        check_picture("odd", &svg(&diagnoses(&dossiers)));
    }
}
