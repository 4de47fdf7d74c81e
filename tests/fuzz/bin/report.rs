//! libFuzzer's door to the target `report`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::report::run(data));
