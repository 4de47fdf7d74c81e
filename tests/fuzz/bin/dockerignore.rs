//! libFuzzer's door to the target `dockerignore`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::dockerignore::run(data));
