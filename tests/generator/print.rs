//! The same JSON in another spelling.

use serde_json::Value;

use super::Dice;

/// Prints a line with its arrays and its object members in another order, with other white space and escapes. No order
/// in a request line carries meaning but that of the chain of services in `aws:CalledVia`.
pub fn print_otherwise(value: &Value, dice: &mut Dice) -> String {
    let mut out = String::new();
    print(value, true, dice, &mut out);
    out
}

fn print(value: &Value, any_order: bool, dice: &mut Dice, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            dice.shuffle(&mut members);
            out.push('{');
            for (index, (name, member)) in members.into_iter().enumerate() {
                separate(index, dice, out);
                text(name, dice, out);
                out.push(':');
                space(dice, out);
                print(member, !name.eq_ignore_ascii_case("aws:CalledVia"), dice, out);
            }
            space(dice, out);
            out.push('}');
        }
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().collect();
            if any_order {
                dice.shuffle(&mut items);
            }
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                separate(index, dice, out);
                print(item, any_order, dice, out);
            }
            space(dice, out);
            out.push(']');
        }
        Value::String(content) => text(content, dice, out),
        other => out.push_str(&other.to_string()),
    }
}

fn separate(index: usize, dice: &mut Dice, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
    space(dice, out);
}

fn space(dice: &mut Dice, out: &mut String) {
    if dice.chance(10) {
        out.push(*dice.pick(&[' ', '\t', '\n', '\r']));
    }
}

/// A string in which some characters are escaped that need not be.
fn text(content: &str, dice: &mut Dice, out: &mut String) {
    out.push('"');
    for character in content.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '/' if dice.chance(10) => out.push_str("\\/"),
            character if (character as u32) < 32 || (character.is_ascii() && dice.chance(1)) => {
                out.push_str(&format!("\\u{:04x}", character as u32));
            }
            character => out.push(character),
        }
    }
    out.push('"');
}
