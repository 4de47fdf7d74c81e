//! libFuzzer's door to the target `commands`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grader_fuzz::commands::run(data));
