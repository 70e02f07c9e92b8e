//! The colours of reports, for light and for dark: one table, so that their contrast can be tested.

use std::fmt::Write as _;

/// A colour by what it is for, as `#rrggbb`.
struct Colour {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { name, light, dark }
}

/// Names ending in `-bg` are grounds, the others are for text and lines on them.
const PALETTE: &[Colour] = &[
    colour("page-bg", "#f4f6f9", "#0e1217"),
    colour("card-bg", "#ffffff", "#161b22"),
    colour("code-bg", "#f5f7fa", "#10151b"),
    colour("ink", "#17212d", "#e5eaf0"),
    colour("soft", "#4a5766", "#a5b1bf"),
    colour("line", "#d3dae3", "#303a46"),
    colour("edge", "#6b7a8c", "#8392a3"),
    colour("link", "#0a55ad", "#85baff"),
    colour("deny", "#a4161a", "#ff9d97"),
    colour("deny-bg", "#fdecec", "#3a1b1d"),
    colour("warn", "#7a4a00", "#f1c26b"),
    colour("warn-bg", "#fff3d9", "#33280f"),
    colour("good", "#14603a", "#7ed7a4"),
    colour("good-bg", "#e4f5eb", "#123021"),
    colour("info", "#0b4e93", "#9dc8ff"),
    colour("info-bg", "#e6f0fc", "#13273f"),
    colour("who", "#57379a", "#c9b4ff"),
    colour("who-bg", "#f0ebfb", "#271f3f"),
];

/// The palette as custom properties of whatever the selector selects; dark where the reader prefers it.
pub(super) fn css(selector: &str) -> String {
    let properties = |shade: fn(&Colour) -> &'static str| {
        PALETTE.iter().fold(String::new(), |mut out, colour| {
            let _ = write!(out, "--{}:{};", colour.name, shade(colour));
            out
        })
    };
    let light = properties(|colour| colour.light);
    let dark = properties(|colour| colour.dark);
    format!(
        "{selector}{{color-scheme:light dark;{light}}}\n\
         @media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}\n\
         @media print{{{selector}{{{light}}}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text colours and the grounds that they stand on.
    const TEXT: &[(&str, &[&str])] = &[
        ("ink", &["page-bg", "card-bg", "code-bg", "deny-bg", "warn-bg", "good-bg", "info-bg", "who-bg"]),
        ("soft", &["page-bg", "card-bg", "code-bg", "deny-bg", "warn-bg", "good-bg", "info-bg", "who-bg"]),
        ("link", &["page-bg", "card-bg", "code-bg"]),
        ("deny", &["page-bg", "card-bg", "code-bg", "deny-bg"]),
        ("warn", &["page-bg", "card-bg", "code-bg", "warn-bg"]),
        ("good", &["page-bg", "card-bg", "code-bg", "good-bg"]),
        ("info", &["page-bg", "card-bg", "code-bg", "info-bg"]),
        ("who", &["page-bg", "card-bg", "code-bg", "who-bg"]),
    ];

    /// Lines that carry meaning.
    const LINES: &[(&str, &[&str])] = &[
        ("edge", &["page-bg", "card-bg"]),
        ("deny", &["deny-bg"]),
        ("warn", &["warn-bg"]),
        ("info", &["info-bg"]),
        ("who", &["who-bg"]),
    ];

    /// Source: <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    /// Source: <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn check(pairs: &[(&str, &[&str])], wanted: f64) {
        let named = |name: &str| PALETTE.iter().find(|colour| colour.name == name).unwrap();
        for (front, grounds) in pairs {
            for ground in *grounds {
                let (front, ground) = (named(front), named(ground));
                for (scheme, ratio) in [
                    ("light", contrast(front.light, ground.light)),
                    ("dark", contrast(front.dark, ground.dark)),
                ] {
                    assert!(ratio >= wanted, "{} on {}, {scheme}: {ratio:.2}", front.name, ground.name);
                }
            }
        }
    }

    // https://www.w3.org/TR/WCAG22/#contrast-minimum
    #[test]
    fn text_can_be_read_on_every_ground_that_it_stands_on() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
        check(TEXT, 4.5);
    }

    // https://www.w3.org/TR/WCAG22/#non-text-contrast
    #[test]
    fn lines_that_mean_something_can_be_seen() {
        check(LINES, 3.0);
    }

    #[test]
    fn every_text_colour_is_tested() {
        let tested: Vec<&str> = TEXT.iter().chain(LINES).map(|(name, _)| *name).collect();
        let fronts = PALETTE.iter().filter(|colour| !colour.name.ends_with("-bg") && colour.name != "line");
        for colour in fronts {
            assert!(tested.contains(&colour.name), "{}", colour.name);
        }
    }
}
