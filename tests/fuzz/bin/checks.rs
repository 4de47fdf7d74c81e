//! libFuzzer's door to the target `checks`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::checks::run(data));
