//! A policy in lines that can be read, without losing where its parts stand.

use crate::policy::Span;

/// Lines that are longer than this are laid out again.
const LONG_LINE: usize = 160;
/// A text on one line may be this long.
const ONE_LINE: usize = 100;
/// Deeper text is not indented further: AWS's policies are five deep, a hostile one could be endless.
const MAX_INDENT: usize = 24;

/// A policy's text as it is shown, and where each byte of the original went.
pub(super) struct LaidOut {
    pub text: String,
    /// For text that was laid out or moved: pairs of positions, original and shown, in order.
    moved: Option<Vec<(usize, usize)>>,
}

impl LaidOut {
    /// The text as it is, where it has lines; else with a line for each value. Nothing but white space is changed.
    pub(super) fn new(text: &str) -> Self {
        let is_one_line = !text.trim().contains('\n') && text.len() > ONE_LINE;
        if is_one_line || text.lines().any(|line| line.len() > LONG_LINE) {
            return Layouter::default().lay_out(text);
        }
        Self::moved_left(text).unwrap_or_else(|| Self { text: text.to_owned(), moved: None })
    }

    /// A policy that was cut out of a file has the indentation of its place there, in all lines but the first.
    fn moved_left(text: &str) -> Option<Self> {
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let common = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min()?;
        let mut laid_out = Self { text: String::with_capacity(text.len()), moved: Some(Vec::new()) };
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let cut = if number == 0 { 0 } else { indent(line).min(common) };
            laid_out.moved.get_or_insert_default().push((start + cut, laid_out.text.len()));
            laid_out.text.push_str(line.get(cut..).unwrap_or_default());
            start += line.len();
        }
        (common > 0).then_some(laid_out)
    }

    /// Where a span of the original text is shown.
    pub(super) fn span(&self, span: Span) -> Span {
        let end =
            if span.end > span.start { self.position(span.end - 1) + 1 } else { self.position(span.end) };
        let end =
            (end..self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len());
        Span { start: self.position(span.start).min(end), end }
    }

    fn position(&self, at: usize) -> usize {
        let Some(moved) = &self.moved else { return at.min(self.text.len()) };
        let after = moved.partition_point(|(original, _)| *original <= at);
        let Some((original, shown)) = after.checked_sub(1).and_then(|index| moved.get(index)) else {
            return 0;
        };
        (shown + (at - original)).min(self.text.len())
    }
}

#[derive(Default)]
struct Layouter {
    out: String,
    moved: Vec<(usize, usize)>,
    depth: usize,
}

impl Layouter {
    fn lay_out(mut self, text: &str) -> LaidOut {
        let mut rest = text.char_indices().peekable();
        while let Some((at, character)) = rest.next() {
            if character.is_whitespace() {
                continue;
            }
            match character {
                '"' => {
                    self.copy(at, character);
                    let mut escaped = false;
                    for (_, character) in rest.by_ref() {
                        self.out.push(character);
                        if character == '"' && !escaped {
                            break;
                        }
                        escaped = character == '\\' && !escaped;
                    }
                }
                '{' | '[' => {
                    self.copy(at, character);
                    while rest.next_if(|(_, next)| next.is_whitespace()).is_some() {}
                    match rest.next_if(|(_, next)| matches!(next, '}' | ']')) {
                        Some((at, closing)) => self.copy(at, closing),
                        None => {
                            self.depth += 1;
                            self.new_line();
                        }
                    }
                }
                '}' | ']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.new_line();
                    self.copy(at, character);
                }
                ',' => {
                    self.copy(at, character);
                    self.new_line();
                }
                ':' => {
                    self.copy(at, character);
                    self.out.push(' ');
                }
                _ => self.copy(at, character),
            }
        }
        LaidOut { text: self.out, moved: Some(self.moved) }
    }

    fn copy(&mut self, at: usize, character: char) {
        self.moved.push((at, self.out.len()));
        self.out.push(character);
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", self.depth.min(MAX_INDENT)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, part: &str) -> String {
        let laid_out = LaidOut::new(text);
        let start = text.find(part).unwrap();
        let span = laid_out.span(Span { start, end: start + part.len() });
        laid_out.text[span.start..span.end].to_owned()
    }

    #[test]
    fn a_policy_on_one_line_gets_lines_and_its_parts_are_found_again() {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*", "a\"},{b"],"Resource":"*","Condition":{}}]}"#;
        let laid_out = LaidOut::new(text);
        let same: serde_json::Value = serde_json::from_str(&laid_out.text).unwrap();
        assert_eq!(same, serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert!(laid_out.text.contains("\n      \"Action\": [\n        \"s3:Get*\",\n"), "{}", laid_out.text);
        assert!(laid_out.text.contains("\"Condition\": {}"), "{}", laid_out.text);
        assert_eq!(shown(text, "\"s3:Get*\""), "\"s3:Get*\"");
        assert_eq!(shown(text, "\"Effect\":\"Allow\""), "\"Effect\": \"Allow\"");
        assert_eq!(shown(text, r#"["s3:Get*", "a\"},{b"]"#).lines().count(), 4);
    }

    #[test]
    fn a_text_with_lines_stays_as_somebody_wrote_it() {
        let text = "{\n\t\"Statement\" : [ ] }";
        assert_eq!(LaidOut::new(text).text, text);
        assert_eq!(shown(text, "[ ]"), "[ ]");
    }

    #[test]
    fn a_policy_out_of_the_middle_of_a_file_stands_at_the_left() {
        let text = "{\n        \"Statement\": [\n          {}\n        ]\n      }";
        assert_eq!(LaidOut::new(text).text, "{\n  \"Statement\": [\n    {}\n  ]\n}");
        assert_eq!(shown(text, "{}"), "{}");
        assert_eq!(shown(text, "\"Statement\""), "\"Statement\"");
    }

    #[test]
    fn what_is_no_json_is_no_panic() {
        for text in [
            "\"".to_owned() + &"é".repeat(200),
            "[".repeat(500),
            "}".repeat(200),
            "\\".repeat(200),
            "x ".repeat(99),
        ] {
            let laid_out = LaidOut::new(&text);
            for start in 0..text.len() {
                let span = laid_out.span(Span { start, end: text.len() });
                assert!(span.start <= span.end && span.end <= laid_out.text.len());
            }
        }
    }
}
