//! The checks and the challenge that come with the grader.

use grader::challenge::{Error, library};

#[test]
fn the_challenge_loads() {
    let loaded = library::load("dockerize-python-app");
    println!("{}", loaded.as_ref().err().map(Error::to_string).unwrap_or_default());
    assert!(loaded.is_ok());
    let all = library::checks();
    println!("{}", all.as_ref().err().map(Error::to_string).unwrap_or_default());
    assert!(all.is_ok());
}
