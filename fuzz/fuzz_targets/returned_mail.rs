//! Reads random bytes as a returned mail.
#![no_main]

use daywire::bounce::read::{Kind, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|message: &[u8]| {
    let mail = read(message);
    // Mail of people and automatic replies must not lead to anything.
    if matches!(mail.kind, Kind::AutoReply | Kind::Other) {
        assert!(mail.recipients.is_empty(), "{:?} names recipients", mail.kind);
    }
});
