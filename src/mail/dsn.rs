//! The parameters by which a client says which delivery status notifications it wants
//! ([RFC 3461](https://www.rfc-editor.org/rfc/rfc3461)). They are written into the command that is sent, without further allocations:
//! this happens for every recipient.

use std::fmt::Write;

use uuid::Uuid;
use uuid::fmt::Simple;

use super::smtp_address::SmtpAddress;

const LINE_END: &str = "\r\n";
/// The parameters of MAIL: notifications return the header of the message only, because its text is known to us.
const RET: &str = " RET=HDRS";
const ENVID: &str = " ENVID=";
/// The parameters of RCPT: notifications of failures and delays, and never of success.
const NOTIFY: &str = " NOTIFY=FAILURE,DELAY";
const ORCPT: &str = " ORCPT=rfc822;";
/// The most characters of ORCPT's value ([RFC 3461 §4.2](https://www.rfc-editor.org/rfc/rfc3461#section-4.2)).
const MAX_ORCPT: usize = 500;

/// Adds the parameters to a MAIL command, which ends in CRLF.
pub(super) fn add_to_mail(command: &mut String, id: Option<Uuid>) {
    remove_line_end(command);
    command.reserve(RET.len() + ENVID.len() + Simple::LENGTH + LINE_END.len());
    command.push_str(RET);
    if let Some(id) = id {
        command.push_str(ENVID);
        // 32 hexadecimal digits, of at most 100 characters (RFC 3461 §4.4).
        command.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
    }
    command.push_str(LINE_END);
}

/// Adds the parameters to a RCPT command, which ends in CRLF. The original recipient is left out if it is not ASCII, because a server
/// may forward the message to one that does not know the address type `utf-8` of
/// [RFC 6533](https://www.rfc-editor.org/rfc/rfc6533#section-3).
pub(super) fn add_to_rcpt(command: &mut String, recipient: &SmtpAddress) {
    remove_line_end(command);
    let address = recipient.as_str();
    let escaped = address.bytes().filter(|byte| !is_plain(*byte)).count();
    let length = "rfc822;".len() + address.len() + 2 * escaped;
    let names_recipient = address.is_ascii() && length <= MAX_ORCPT;
    command.reserve(NOTIFY.len() + ORCPT.len() + length + LINE_END.len());
    command.push_str(NOTIFY);
    if names_recipient {
        command.push_str(ORCPT);
        add_xtext(command, address);
    }
    command.push_str(LINE_END);
}

fn remove_line_end(command: &mut String) {
    let length = command.trim_end_matches(['\r', '\n']).len();
    command.truncate(length);
}

/// Whether xtext writes a character as itself ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'+' | b'=')
}

/// Writes ASCII text as xtext.
fn add_xtext(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "+{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rcpt(address: &str) -> String {
        let address: SmtpAddress = address.parse().expect("the address is valid");
        let mut command = format!("RCPT TO:<{}>\r\n", address.as_str());
        add_to_rcpt(&mut command, &address);
        command
    }

    #[test]
    fn mail_asks_for_the_header_and_names_the_message() {
        let mut command = "MAIL FROM:<a@b.example> SIZE=10\r\n".to_owned();
        add_to_mail(&mut command, Some(Uuid::from_u128(7)));
        assert_eq!(
            command,
            "MAIL FROM:<a@b.example> SIZE=10 RET=HDRS ENVID=00000000000000000000000000000007\r\n"
        );
        let mut command = "MAIL FROM:<a@b.example>\r\n".to_owned();
        add_to_mail(&mut command, None);
        assert_eq!(command, "MAIL FROM:<a@b.example> RET=HDRS\r\n");
    }

    #[test]
    fn rcpt_names_the_original_recipient_as_xtext() {
        assert_eq!(
            rcpt("ada+x=y@reader.example"),
            "RCPT TO:<ada+x=y@reader.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ada+2Bx+3Dy@reader.example\r\n"
        );
        assert_eq!(
            rcpt("\"a b\"@reader.example"),
            "RCPT TO:<\"a b\"@reader.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;\"a+20b\"@reader.example\r\n"
        );
        assert_eq!(
            rcpt("jörg@reader.example"),
            "RCPT TO:<jörg@reader.example> NOTIFY=FAILURE,DELAY\r\n"
        );
    }
}
