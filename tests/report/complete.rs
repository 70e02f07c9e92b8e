//! Nothing that the text says is missing in the report.

use why_denied::render::{TextOptions, html, markdown, printable, text};

use crate::bundles::{bundles, dossiers_of};
use crate::page::parse;
use crate::wellformed::diagnoses;

/// The lines of the text without what draws the tree and the lists. Excerpts and remedies look different in a report;
/// the next test is about them.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut title = "";
    for line in text.lines() {
        if !line.starts_with(' ') {
            title = line;
        }
        let plain = line.trim_start_matches([' ', '│', '├', '└', '─']).trim();
        let plain = plain.strip_prefix("- ").unwrap_or(plain);
        if !matches!(title, "Deciding statement" | "Nearest statement" | "What would help") && line != "Also"
        {
            sentences.push(plain.split_whitespace().collect());
        }
    }
    sentences
}

#[test]
fn the_report_says_what_the_text_says() {
    for (name, files) in bundles() {
        let dossiers = dossiers_of(&files);
        let page = parse(&html(&dossiers, &[])).text;
        let squeezed: String = page.split_whitespace().collect();
        let options = TextOptions { width: 100, colour: false };
        for sentence in sentences(&text(&diagnoses(&dossiers), options)) {
            assert!(squeezed.contains(&sentence), "{name}: the report does not say {sentence}\n{page}");
        }
    }
}

/// The fields themselves, since lines of the text may be wrapped anywhere.
#[test]
fn report_and_markdown_have_every_field_of_the_answer() {
    for (name, files) in bundles() {
        let dossiers = dossiers_of(&files);
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        let page = squeeze(&parse(&html(&dossiers, &[])).text);
        let plain = squeeze(&markdown(&dossiers, &[])).replace('`', "").replace("\\|", "|");
        for diagnosis in diagnoses(&dossiers) {
            let mut wanted = vec![diagnosis.principal.clone(), diagnosis.standing.name().to_owned()];
            wanted.extend(diagnosis.event_ids.clone());
            wanted.extend(
                diagnosis.findings.iter().flat_map(|found| [found.text.clone(), found.code.to_string()]),
            );
            wanted.extend(diagnosis.not_checked.iter().flat_map(|gap| [gap.what.clone(), gap.why.clone()]));
            wanted.extend(
                diagnosis.remedies.iter().flat_map(|remedy| [remedy.text.clone(), remedy.who.clone()]),
            );
            wanted.extend(diagnosis.remedies.iter().filter_map(|remedy| remedy.statement.clone()));
            wanted.extend(
                diagnosis.remedies.iter().filter_map(|remedy| Some(remedy.addition.as_ref()?.policy.clone())),
            );
            wanted.extend(diagnosis.testimony.iter().map(|testimony| testimony.text.clone()));
            wanted.extend(diagnosis.testimony.iter().filter_map(|found| found.misleads.map(str::to_owned)));
            for text in wanted {
                let wanted = squeeze(&printable(&text));
                assert!(page.contains(&wanted), "{name}: the report does not have {text:?}");
                let wanted = wanted.replace('`', "");
                assert!(plain.contains(&wanted), "{name}: the Markdown does not have {text:?}\n{plain}");
            }
        }
    }
}

/// A report of a denial that was evaluated shows the request, its context and every layer.
#[test]
fn an_evaluated_denial_shows_its_request_and_its_layers() {
    let mut examined = 0;
    for (name, files) in bundles() {
        for dossier in dossiers_of(&files) {
            let Some(examination) = &dossier.examination else { continue };
            examined += 1;
            let page = parse(&html(std::slice::from_ref(&dossier), &[])).text;
            for entry in examination.request.context.entries() {
                assert!(page.contains(entry.name.as_str()), "{name}: no {}", entry.name);
            }
            for layer in &examination.layers {
                assert!(page.contains(layer.layer.title()), "{name}: no {}", layer.layer);
            }
        }
    }
    assert!(examined > 30, "only {examined} denials were evaluated");
}
