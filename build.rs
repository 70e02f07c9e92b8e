//! Builds the library again when an example is added.
//!
//! `include_dir!` is a macro of stable Rust: it names the files that it finds as inputs of the compiler, but it cannot
//! name the folder in which it looked. In a target folder that is warm, a file added below `policies/examples` would
//! therefore be missing in the program until something else changes. Cargo looks at every file below a folder that a
//! build script names, so this one line is the whole cure.

fn main() {
    println!("cargo::rerun-if-changed=policies/examples");
}
