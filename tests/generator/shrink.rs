//! From a long line that fails to a short one that still does.

use serde_json::Value;

/// Removes members and items as long as what remains still fails.
pub fn shrink(line: &Value, fails: &dyn Fn(&Value) -> bool) -> Value {
    let mut line = line.clone();
    loop {
        let smaller = steps(&line).into_iter().find(|candidate| fails(candidate));
        match smaller {
            Some(candidate) => line = candidate,
            None => return line,
        }
    }
}

/// Every value that is one step smaller, the largest cuts first.
fn steps(value: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    match value {
        Value::Object(map) => {
            for name in map.keys() {
                let mut smaller = map.clone();
                smaller.remove(name);
                out.push(Value::Object(smaller));
            }
            for (name, member) in map {
                for step in steps(member) {
                    let mut smaller = map.clone();
                    smaller.insert(name.clone(), step);
                    out.push(Value::Object(smaller));
                }
            }
        }
        Value::Array(items) => {
            // An empty list of patterns or values is another matter.
            let keep = items.len() == 1 && items.iter().all(Value::is_string);
            for index in 0..items.len() {
                if keep {
                    break;
                }
                let mut smaller = items.clone();
                smaller.remove(index);
                out.push(Value::Array(smaller));
            }
            if let [only @ Value::String(_)] = items.as_slice() {
                out.push(only.clone());
            }
            for (index, item) in items.iter().enumerate() {
                for step in steps(item) {
                    let mut smaller = items.clone();
                    smaller[index] = step;
                    out.push(Value::Array(smaller));
                }
            }
        }
        _ => {}
    }
    out
}
