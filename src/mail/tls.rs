//! The TLS settings for connections to mail servers: which certificates are trusted.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// The root certificates that browsers trust.
pub(crate) fn public_roots() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

/// The public root certificates and those in a PEM text; `None` if the text has none, or one that cannot be used.
pub(crate) fn public_roots_and(pem: &[u8]) -> Option<RootCertStore> {
    let mut roots = public_roots();
    let public = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (roots.len() > public).then_some(roots)
}

/// Trusts `roots`. It names its crypto provider, because the process may have another default provider or none.
pub(crate) fn client_config(roots: RootCertStore) -> Result<Arc<ClientConfig>, rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
