//! The pictures of a brand: each is read once, checked by its content, and served under a name with a hash of that content.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use imagesize::ImageType;
use sha2::{Digest, Sha256};

use super::svg;

/// The largest picture, in bytes. A page with it should still load quickly.
const MAX_BYTES: usize = 512 * 1024;
/// The smallest picture that other sites show with a link, in pixels.
const MIN_SOCIAL_SIZE: (u32, u32) = (600, 315);

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileUse {
    Logo,
    DarkLogo,
    MailLogo,
    Favicon,
    SocialImage,
}

impl FileUse {
    /// The first part of the name under which the file is served.
    const fn name(self) -> &'static str {
        match self {
            Self::Logo => "logo",
            Self::DarkLogo => "logo-dark",
            Self::MailLogo => "logo-mail",
            Self::Favicon => "favicon",
            Self::SocialImage => "social",
        }
    }

    const fn types(self) -> &'static [Kind] {
        match self {
            Self::Logo | Self::DarkLogo => &[Kind::Svg, Kind::Png, Kind::Jpeg, Kind::Gif, Kind::Webp],
            Self::MailLogo => &[Kind::Png, Kind::Jpeg, Kind::Gif],
            Self::Favicon => &[Kind::Svg, Kind::Png, Kind::Ico],
            Self::SocialImage => &[Kind::Png, Kind::Jpeg],
        }
    }
}

/// The type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Svg,
    Png,
    Jpeg,
    Gif,
    Webp,
    Ico,
    Css,
}

impl Kind {
    const fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Ico => "ico",
            Self::Css => "css",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Ico => "image/x-icon",
            Self::Css => "text/css; charset=utf-8",
        }
    }

    const fn spoken(self) -> &'static str {
        match self {
            Self::Svg => "SVG",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::Webp => "WebP",
            Self::Ico => "ICO",
            Self::Css => "CSS",
        }
    }
}

/// A file of the brand. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct BrandFile {
    /// What it is for, such as `logo`.
    role: &'static str,
    kind: Kind,
    /// The name under `/assets`: role, hash and extension.
    name: String,
    content: Arc<[u8]>,
    /// Pixels; zero for a style sheet.
    size: (u32, u32),
}

impl BrandFile {
    fn new(role: &'static str, kind: Kind, content: Vec<u8>, size: (u32, u32)) -> Self {
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&content)[..8]);
        Self {
            role,
            kind,
            name: format!("{role}-{hash}.{}", kind.extension()),
            content: content.into(),
            size,
        }
    }

    pub(super) fn style(css: String) -> Self {
        Self::new("brand", Kind::Css, css.into_bytes(), (0, 0))
    }

    /// The path of the file on the site.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }

    /// The name under `/assets`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the file, or an earlier one for the same use, has this name: mails that were sent before a change link the earlier one.
    #[must_use]
    pub(crate) fn serves_name(&self, name: &str) -> bool {
        let hash = name.strip_prefix(self.role).and_then(|rest| rest.strip_prefix('-'));
        let hash = hash.and_then(|rest| rest.split_once('.'));
        hash.is_some_and(|(hash, extension)| {
            extension == self.kind.extension() && hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit())
        })
    }

    /// The value of Content-Type.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        self.kind.media_type()
    }

    /// The bytes of the file.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Whether the file is an SVG picture, which can contain more than a picture.
    #[must_use]
    pub(crate) fn is_svg(&self) -> bool {
        self.kind == Kind::Svg
    }

    /// Width and height of the picture in pixels.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        self.size
    }

    pub(super) fn works_in_mail(&self) -> bool {
        FileUse::MailLogo.types().contains(&self.kind)
    }

    /// The size at `height` pixels, or at `max_width` if the picture would be wider.
    pub(super) fn shown_size(&self, height: u32, max_width: u32) -> (u32, u32) {
        let (file_width, file_height) = (u64::from(self.size.0.max(1)), u64::from(self.size.1.max(1)));
        let scaled = |side: u64, to: u64, of: u64| u32::try_from((side * to + of / 2) / of).unwrap_or(u32::MAX).max(1);
        let width = scaled(file_width, u64::from(height), file_height);
        if width <= max_width {
            (width, height)
        } else {
            (max_width, scaled(file_height, u64::from(max_width), file_width))
        }
    }
}

/// The name, which contains a hash of the content.
impl fmt::Debug for BrandFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.size)
    }
}

/// Reads a picture.
///
/// # Errors
/// A sentence about the file, to follow the name of the setting.
pub(super) fn read_file(path: &Path, file_use: FileUse) -> Result<BrandFile, String> {
    let shown = path.display();
    let content = fs::read(path).map_err(|error| format!("names {shown}, which cannot be read: {error}"))?;
    if content.len() > MAX_BYTES {
        let (size, most) = (content.len().div_ceil(1024), MAX_BYTES / 1024);
        return Err(format!(
            "names {shown}, which has {size} KiB; make it smaller than {most} KiB"
        ));
    }
    let types = file_use.types();
    let (kind, size) = examine(&content).map_err(|fault| format!("names {shown}, {fault}"))?;
    if !types.contains(&kind) {
        let allowed: Vec<&str> = types.iter().map(|kind| kind.spoken()).collect();
        return Err(format!(
            "names {shown}, which has the format {}; allowed are {}",
            kind.spoken(),
            allowed.join(", ")
        ));
    }
    if file_use == FileUse::SocialImage && (size.0 < MIN_SOCIAL_SIZE.0 || size.1 < MIN_SOCIAL_SIZE.1) {
        return Err(format!(
            "names {shown}, which has {} × {} pixels; other sites show only pictures of at least {} × {}, best 1200 × 630",
            size.0, size.1, MIN_SOCIAL_SIZE.0, MIN_SOCIAL_SIZE.1
        ));
    }
    Ok(BrandFile::new(file_use.name(), kind, content, size))
}

/// The type and the size of a picture, by its content: the end of a file's name may be wrong.
fn examine(content: &[u8]) -> Result<(Kind, (u32, u32)), String> {
    let kind = match imagesize::image_type(content) {
        Ok(ImageType::Png) => Kind::Png,
        Ok(ImageType::Jpeg) => Kind::Jpeg,
        Ok(ImageType::Gif) => Kind::Gif,
        Ok(ImageType::Webp) => Kind::Webp,
        Ok(ImageType::Ico) => Kind::Ico,
        _ => {
            let text = std::str::from_utf8(content).ok().filter(|text| text.contains("<svg"));
            let text = text.ok_or("which is no picture that pages can show; save it as PNG or SVG")?;
            return svg::check(text.trim_start_matches('\u{feff}')).map(|size| (Kind::Svg, size));
        }
    };
    let size = imagesize::blob_size(content).map_err(|_| "whose size cannot be read; save it again".to_owned())?;
    let in_range = |pixels: usize| {
        u32::try_from(pixels)
            .ok()
            .filter(|pixels| (1..=20_000).contains(pixels))
    };
    let size = in_range(size.width).zip(in_range(size.height));
    let size = size.ok_or("whose sides must have 1 to 20,000 pixels; save it in another size")?;
    Ok((kind, size))
}
