//! The checks are part of the program, so a file that is new among them makes a new one.

fn main() {
    println!("cargo::rerun-if-changed=checks");
}
