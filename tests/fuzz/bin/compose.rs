//! libFuzzer's door to the target `compose`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::compose::run(data));
