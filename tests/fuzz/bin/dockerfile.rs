//! libFuzzer's door to the target `dockerfile`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::dockerfile::run(data));
