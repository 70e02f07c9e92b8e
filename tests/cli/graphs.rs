//! The causal graph is the same in every format.

use std::collections::BTreeSet;

use crate::examples::{diagnoses, explain, names, parts_of_text};

#[test]
fn every_format_has_the_same_labels() {
    for name in names() {
        let report = explain(&name, "json").json();
        let labels: Vec<BTreeSet<String>> = diagnoses(&report)
            .iter()
            .map(|diagnosis| {
                let nodes = diagnosis["graph"]["nodes"].as_array().unwrap();
                nodes.iter().map(|node| node["label"].as_str().unwrap().to_owned()).collect()
            })
            .collect();
        let text = explain(&name, "text");
        let in_text: Vec<BTreeSet<String>> =
            parts_of_text(&text.stdout).into_iter().map(labels_of_text).collect();
        assert_eq!(in_text, labels, "{name}: text");
        let all: BTreeSet<String> = labels.into_iter().flatten().collect();
        assert_eq!(labels_of_dot(&explain(&name, "dot").stdout), all, "{name}: DOT");
        assert_eq!(labels_of_mermaid(&explain(&name, "mermaid").stdout), all, "{name}: Mermaid");
        let markdown = explain(&name, "markdown").stdout;
        let fenced: String =
            markdown.split("```mermaid\n").skip(1).filter_map(|part| part.split("```").next()).collect();
        assert_eq!(labels_of_mermaid(&fenced), all, "{name}: Markdown");
    }
}

/// Edges connect nodes that are there, and every node but the first is reached.
#[test]
fn every_graph_hangs_together() {
    for name in names() {
        for diagnosis in diagnoses(&explain(&name, "json").json()) {
            let graph = &diagnosis["graph"];
            let ids: Vec<&str> =
                graph["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
            let edges: Vec<(&str, &str)> = graph["edges"]
                .as_array()
                .unwrap()
                .iter()
                .map(|edge| (edge["from"].as_str().unwrap(), edge["to"].as_str().unwrap()))
                .collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: {ids:?}");
            assert!(edges.iter().all(|(from, to)| ids.contains(from) && ids.contains(to)), "{edges:?}");
            let reached: BTreeSet<&str> = edges.iter().map(|(_, to)| *to).collect();
            assert!(ids.iter().skip(1).all(|id| reached.contains(id)), "{name}: {ids:?} {edges:?}");
        }
    }
}

/// The lines below `Chain`, without the branches and the words of the edges.
fn labels_of_text(part: &str) -> BTreeSet<String> {
    let edges = ["requires", "because", "introduced-by", "performed-by", "assumed-from", "observed-as"];
    part.lines()
        .skip_while(|line| *line != "Chain")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let line = line.trim_start_matches([' ', '│', '├', '└', '─']);
            let edge = edges.iter().find_map(|edge| line.strip_prefix(edge)?.strip_prefix(": "));
            edge.unwrap_or(line).to_owned()
        })
        .collect()
}

/// The labels of the nodes. In DOT's quoted strings, a backslash hides a quote or itself.
pub fn labels_of_dot(dot: &str) -> BTreeSet<String> {
    let nodes = dot.lines().filter(|line| line.starts_with("    \"") && !line.contains("\" -> \""));
    nodes
        .filter_map(|line| line.split_once("[label=\""))
        .map(|(_, rest)| {
            let mut label = String::new();
            let mut characters = rest.chars();
            while let Some(character) = characters.next() {
                match character {
                    '"' => break,
                    '\\' => label.extend(characters.next()),
                    other => label.push(other),
                }
            }
            label
        })
        .collect()
}

/// The labels of the nodes. In Mermaid, `#34;` is the character with the number 34.
pub fn labels_of_mermaid(mermaid: &str) -> BTreeSet<String> {
    let nodes = mermaid.lines().filter(|line| line.starts_with("    d") && !line.contains(" -->|"));
    nodes
        .map(|line| {
            let (_, rest) = line.split_once('"').expect("a label");
            let (label, _) = rest.rsplit_once('"').expect("the end of a label");
            let mut parts = label.split('#');
            let mut decoded = parts.next().unwrap().to_owned();
            for part in parts {
                let (number, rest) = part.split_once(';').expect("an entity code");
                decoded.push(char::from_u32(number.parse().unwrap()).unwrap());
                decoded.push_str(rest);
            }
            decoded
        })
        .collect()
}
