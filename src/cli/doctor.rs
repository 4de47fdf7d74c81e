//! `grader doctor`
use super::Failure;
pub fn run() -> Result<u8, Failure> {
    Ok(0)
}
