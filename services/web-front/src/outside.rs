//! A line to an identity provider: one question, one answer, over TLS with the certificates that this machine trusts.
//!
//! The client that asks the hub's own services speaks plainly, inside one network; this one must not.

use std::{sync::Arc, time::Duration};

use axum::http::{Request, Uri, header::HOST};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

/// How long a provider may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// No answer of a provider is longer.
const MOST_BYTES: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Silent {
    #[error("its address cannot be used")]
    Address,
    #[error("it cannot be reached")]
    Unreachable,
    #[error("its certificate or its TLS is not accepted")]
    Tls,
    #[error("it did not answer as HTTP")]
    Http,
    #[error("it took too long")]
    Slow,
}

/// Asks providers.
pub(crate) struct Outside(Option<TlsConnector>);

impl Outside {
    pub(crate) fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        let config = config.map(|config| config.with_root_certificates(roots).with_no_client_auth());
        Self(config.ok().map(|config| TlsConnector::from(Arc::new(config))))
    }

    /// The status and body of the answer.
    pub(crate) async fn ask(&self, request: Request<String>) -> Result<(u16, Vec<u8>), Silent> {
        timeout(PATIENCE, self.connect_and_ask(request)).await.map_err(|_| Silent::Slow)?
    }

    async fn connect_and_ask(&self, mut request: Request<String>) -> Result<(u16, Vec<u8>), Silent> {
        let uri = request.uri().clone();
        let (host, authority) = (uri.host().ok_or(Silent::Address)?, uri.authority().ok_or(Silent::Address)?);
        request.headers_mut().insert(HOST, authority.as_str().parse().map_err(|_| Silent::Address)?);
        *request.uri_mut() = uri.path_and_query().map_or("/", |path| path.as_str()).parse::<Uri>().map_err(|_| Silent::Address)?;
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let plain = TcpStream::connect((host, port)).await.map_err(|_| Silent::Unreachable)?;
        if !secure {
            return exchange(plain, request).await;
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Silent::Address)?;
        let tls = self.0.as_ref().ok_or(Silent::Tls)?;
        exchange(tls.connect(name, plain).await.map_err(|_| Silent::Tls)?, request).await
    }
}

async fn exchange(line: impl AsyncRead + AsyncWrite + Unpin, request: Request<String>) -> Result<(u16, Vec<u8>), Silent> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(line)).await.map_err(|_| Silent::Http)?;
    let asked = async move {
        let answer = sender.send_request(request).await.map_err(|_| Silent::Http)?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await.map_err(|_| Silent::Http)?;
        Ok((status, body.to_bytes().to_vec()))
    };
    // The line works while the answer is waited for, and ends with it.
    tokio::pin!(asked, connection);
    tokio::select! {
        answer = &mut asked => answer,
        _ = &mut connection => asked.await,
    }
}
