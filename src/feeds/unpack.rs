//! Decodes the `Content-Encoding` of a body, even if the header is wrong, and keeps what was unpacked before an error.

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

/// The most nested encodings that are decoded: some servers compress a file that is compressed already.
const MAX_LAYERS: usize = 3;
/// The most members of one gzip body. Each needs a decoder of its own, so tiny members cost more than their bytes.
const MAX_MEMBERS: usize = 1000;
/// Bytes unpacked in one call.
const STEP: usize = 8 * 1024;
/// A gzip decoder drops the output of the call that fails, so each call unpacks little.
const GZIP_STEP: usize = 512;

/// A body without its encodings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    /// Why `bytes` is only the beginning; `None` if the body is complete.
    pub(super) fault: Option<String>,
}

/// Why nothing was unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum UnpackError {
    /// More bytes than the limit.
    TooLarge,
    /// An encoding that was not asked for.
    Unknown(String),
}

/// Decodes a body. `names` has its encodings in the order in which the server applied them.
///
/// The bytes decide, not the header: a body labelled gzip may be plain text, and one without a label may be gzip.
pub(super) fn unpack(body: Vec<u8>, names: &[String], limit: usize) -> Result<Unpacked, UnpackError> {
    let mut unpacked = Unpacked {
        bytes: body,
        fault: None,
    };
    for name in names.iter().rev() {
        unpacked = match name.as_str() {
            "deflate" if !is_gzip(&unpacked.bytes) => undeflate(unpacked, limit)?,
            // Recognised by its first bytes, below.
            "gzip" | "x-gzip" | "deflate" | "identity" => unpacked,
            _ if is_gzip(&unpacked.bytes) || is_plain(&unpacked.bytes) => unpacked,
            other => return Err(UnpackError::Unknown(other.to_owned())),
        };
    }
    let mut layers = 0;
    while layers < MAX_LAYERS && is_gzip(&unpacked.bytes) {
        let inner = gunzip(&unpacked.bytes, limit)?;
        unpacked = Unpacked {
            bytes: inner.bytes,
            fault: unpacked.fault.or(inner.fault),
        };
        layers += 1;
    }
    if layers == 0 && names.iter().any(|name| name.ends_with("gzip")) && !is_plain(&unpacked.bytes) {
        unpacked.fault = Some("the gzip body is damaged at its beginning".to_owned());
    }
    Ok(unpacked)
}

/// Whether a body begins with gzip's magic number and its only method
/// ([RFC 1952 §2.3.1](https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1)).
fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b, 8])
}

/// Whether a body begins like text: with a tag, an object, a byte order mark or visible ASCII.
fn is_plain(body: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe"];
    let head = &body[..body.len().min(16)];
    marks.iter().any(|mark| body.starts_with(mark))
        || head.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
        || matches!(head.trim_ascii_start(), [b'<' | b'{', ..] | [0, b'<' | b'{', ..])
}

/// Decodes gzip members, of which there may be several ([RFC 1952 §2.2](https://www.rfc-editor.org/rfc/rfc1952#section-2.2)), and
/// ignores padding.
fn gunzip(body: &[u8], limit: usize) -> Result<Unpacked, UnpackError> {
    let mut bytes = Vec::new();
    let mut rest = body;
    for _ in 0..MAX_MEMBERS {
        let mut member = GzDecoder::new(rest);
        let mut step = [0; GZIP_STEP];
        loop {
            match member.read(&mut step) {
                Ok(0) => break,
                Ok(count) => bytes.extend_from_slice(&step[..count]),
                Err(error) => return Ok(faulty(bytes, "gzip", error.kind() == ErrorKind::UnexpectedEof)),
            }
            if bytes.len() > limit {
                return Err(UnpackError::TooLarge);
            }
        }
        rest = member.into_inner();
        if rest.iter().all(|b| *b == 0 || b.is_ascii_whitespace()) {
            return Ok(Unpacked { bytes, fault: None });
        }
    }
    Ok(faulty(bytes, "gzip", false))
}

/// `deflate` means a zlib stream ([RFC 9110 §8.4.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2)); many servers
/// send the bare deflate data within it, and some send plain text.
fn undeflate(body: Unpacked, limit: usize) -> Result<Unpacked, UnpackError> {
    let whole = |unpacked: &Unpacked| unpacked.fault.is_none();
    let zlib = inflate(&body.bytes, true, limit)?;
    if whole(&zlib) || !zlib.bytes.is_empty() {
        return Ok(zlib);
    }
    let bare = inflate(&body.bytes, false, limit)?;
    if whole(&bare) || !is_plain(&body.bytes) {
        return Ok(bare);
    }
    Ok(body)
}

fn inflate(body: &[u8], is_zlib: bool, limit: usize) -> Result<Unpacked, UnpackError> {
    let mut stream = Decompress::new(is_zlib);
    let (mut bytes, mut rest) = (Vec::new(), body);
    loop {
        let (read, written) = (stream.total_in(), bytes.len());
        bytes.reserve(STEP);
        let status = stream.decompress_vec(rest, &mut bytes, FlushDecompress::None);
        if bytes.len() > limit {
            return Err(UnpackError::TooLarge);
        }
        let taken = usize::try_from(stream.total_in() - read).unwrap_or(rest.len());
        rest = rest.get(taken..).unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => return Ok(Unpacked { bytes, fault: None }),
            Ok(_) if taken == 0 && bytes.len() == written => return Ok(faulty(bytes, "deflate", true)),
            Ok(_) => {}
            Err(_) => return Ok(faulty(bytes, "deflate", false)),
        }
    }
}

fn faulty(bytes: Vec<u8>, encoding: &str, is_cut: bool) -> Unpacked {
    let fault = if is_cut { "breaks off" } else { "is damaged" };
    let fault = format!("the {encoding} body {fault} after {} unpacked bytes", bytes.len());
    Unpacked {
        bytes,
        fault: Some(fault),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const LIMIT: usize = 100_000;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(body: &[u8], names: &[&str]) -> Result<Unpacked, UnpackError> {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        unpack(body.to_vec(), &names, LIMIT)
    }

    /// Text that compresses badly, so that the part before a cut or a damaged byte can be unpacked.
    fn text() -> Vec<u8> {
        (0..4000_u32)
            .flat_map(|n| format!("<i>{:x}</i>", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect()
    }

    #[test]
    fn a_complete_body_is_unpacked_by_its_bytes_and_not_its_header() {
        let text = b"<rss version='2.0'/>".as_slice();
        let halves = [gzip(&text[..7]), gzip(&text[7..])].concat();
        let padded = [gzip(text), vec![0; 9], b"\r\n".to_vec()].concat();
        for (body, names) in [
            (text.to_vec(), vec![]),
            (text.to_vec(), vec!["gzip"]),
            (text.to_vec(), vec!["deflate"]),
            (text.to_vec(), vec!["utf-8"]),
            (gzip(text), vec![]),
            (gzip(text), vec!["gzip"]),
            (gzip(text), vec!["x-gzip"]),
            (gzip(text), vec!["deflate"]),
            (gzip(&gzip(text)), vec!["gzip", "gzip"]),
            (gzip(&gzip(text)), vec!["gzip"]),
            (gzip(text), vec!["identity", "gzip"]),
            (halves, vec!["gzip"]),
            (padded, vec!["gzip"]),
            (zlib(text), vec!["deflate"]),
            (deflate(text), vec!["deflate"]),
        ] {
            let found = unpacked(&body, &names).unwrap();
            assert_eq!((found.bytes.as_slice(), found.fault), (text, None), "{names:?}");
        }
    }

    #[test]
    fn a_truncated_or_damaged_body_is_unpacked_up_to_the_fault() {
        let text = text();
        for (body, name) in [
            (gzip(&text), "gzip"),
            (zlib(&text), "deflate"),
            (deflate(&text), "deflate"),
        ] {
            let cut = unpacked(&body[..body.len() / 2], &[name]).unwrap();
            assert!(
                text.starts_with(&cut.bytes) && cut.bytes.len() > text.len() / 4,
                "{}",
                cut.bytes.len()
            );
            assert!(cut.fault.unwrap().contains("breaks off"));
        }
        let body = gzip(&text);
        let without_checksum = unpacked(&body[..body.len() - 5], &["gzip"]).unwrap();
        assert!(without_checksum.bytes == text && without_checksum.fault.is_some());
        let mut wrong_checksum = body.clone();
        let at = body.len() - 6;
        wrong_checksum[at] ^= 1;
        assert!(unpacked(&wrong_checksum, &["gzip"]).unwrap().fault.is_some());
        let lost_member = [body.clone(), b"\x1f\x8bjunk".to_vec()].concat();
        let found = unpacked(&lost_member, &["gzip"]).unwrap();
        assert!(found.bytes == text && found.fault.is_some());
        let no_magic = unpacked(&body[4..], &["gzip"]).unwrap();
        assert!(no_magic.fault.unwrap().contains("damaged"));
    }

    #[test]
    fn decompression_bombs_and_unknown_encodings_are_refused() {
        let zeros = vec![0; 50 * LIMIT];
        for (body, name) in [
            (gzip(&zeros), "gzip"),
            (gzip(&gzip(&zeros)), "gzip"),
            (gzip(&vec![b' '; LIMIT / 2]).repeat(3), "gzip"),
            (zlib(&zeros), "deflate"),
            (deflate(&zeros), "deflate"),
        ] {
            assert_eq!(unpacked(&body, &[name]), Err(UnpackError::TooLarge));
        }
        assert_eq!(
            unpacked(b"\x8b\x02\x80<rss/>\x03", &["br"]),
            Err(UnpackError::Unknown("br".to_owned()))
        );
        let members = unpacked(&gzip(b"x").repeat(MAX_MEMBERS + 1), &["gzip"]).unwrap();
        assert!(members.fault.is_some());
    }
}
