//! libFuzzer's door to the target `rawjson`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::rawjson::run(data));
