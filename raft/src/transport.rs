//! Connections between the nodes of a city: HTTP/2 with mutual TLS, one per purpose.
//!
//! A certificate proves "a member of this CA". Which member it is says its DNS name,
//! `node-<id>.<city>.fd`: the caller checks it while connecting, the server with every request,
//! against the sender that the request names.

use crate::settings::{MESSAGE_BYTES, Settings, Tls};
use crate::wire::proto::raft_peer_client::RaftPeerClient;
use crate::world;
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use std::error::Error;
use std::task::{Context, Poll};
use std::time::Duration;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::{
    Certificate, Channel, ClientTlsConfig, Endpoint, Identity, Server, ServerTlsConfig,
};

const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;
const PING_EVERY: Duration = Duration::from_secs(1);
const PING_TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
const NOT_SENT: &str = "fd-not-sent";

/// A client of one peer over one connection.
pub(crate) type Client = RaftPeerClient<Line>;

/// The four connections to one peer, so that a long append or a snapshot delays no heartbeat.
/// All connect on first use, as openraft asks.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    /// Appends from a leader, proposals to one.
    pub(crate) bulk: Client,
    /// Heartbeats, votes, reads, transfers: small and urgent.
    pub(crate) urgent: Client,
    /// Snapshots.
    pub(crate) snapshot: Client,
    /// Datagrams, which may come in bursts.
    pub(crate) soft: Client,
}

impl Links {
    /// # Errors
    /// The address is none, or the certificates are unusable.
    pub(crate) fn new(
        city_id: &str,
        id: u64,
        addr: &str,
        tls: Option<&Tls>,
    ) -> Result<Self, tonic::transport::Error> {
        let line = || Ok(client(channel(city_id, id, addr, tls)?));
        Ok(Self { bulk: line()?, urgent: line()?, snapshot: line()?, soft: line()? })
    }
}

/// The DNS name that the certificate of a node carries.
pub(crate) fn certificate_name(city_id: &str, id: u64) -> String {
    format!("node-{id}.{city_id}.fd")
}

/// Whether a caller's certificate is the one of this node of this city.
pub(crate) fn is_certificate_of(der: &CertificateDer<'_>, city_id: &str, id: u64) -> bool {
    let Ok(name) = ServerName::try_from(certificate_name(city_id, id)) else { return false };
    ParsedCertificate::try_from(der).is_ok_and(|cert| verify_server_name(&cert, &name).is_ok())
}

/// A server that talks to members of the city's CA only.
///
/// # Errors
/// The certificates are unusable.
pub(crate) fn server(settings: &Settings) -> Result<Server, tonic::transport::Error> {
    let server = Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keepalive_interval(Some(PING_EVERY))
        .http2_keepalive_timeout(Some(PING_TIMEOUT));
    let Some(tls) = &settings.tls else { return Ok(server) };
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(&tls.certificate, &tls.key))
        .client_ca_root(Certificate::from_pem(&tls.ca));
    server.tls_config(tls)
}

fn channel(
    city_id: &str,
    id: u64,
    addr: &str,
    tls: Option<&Tls>,
) -> Result<Channel, tonic::transport::Error> {
    let scheme = if tls.is_some() { "https" } else { "http" };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{addr}"))?
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    if let Some(tls) = tls {
        endpoint = endpoint.tls_config(
            ClientTlsConfig::new()
                .domain_name(certificate_name(city_id, id))
                .ca_certificate(Certificate::from_pem(&tls.ca))
                .identity(Identity::from_pem(&tls.certificate, &tls.key)),
        )?;
    }
    Ok(world::connect(&endpoint))
}

fn client(channel: Channel) -> Client {
    RaftPeerClient::new(Line(channel))
        .max_decoding_message_size(MESSAGE_BYTES)
        .max_encoding_message_size(MESSAGE_BYTES)
}

/// A channel that tells "there was no connection" from every other failure. For a proposal that is
/// the difference between "did not happen" and "may have happened"; tonic's status hides it.
#[derive(Clone, Debug)]
pub(crate) struct Line(Channel);

impl Service<http::Request<Body>> for Line {
    type Response = http::Response<Body>;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let call = self.0.call(request);
        Box::pin(async move { call.await.map_err(classify) })
    }
}

fn classify(error: tonic::transport::Error) -> Box<dyn Error + Send + Sync> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(e) = cause {
        if e.is::<tonic::ConnectError>() {
            let mut status = Status::unavailable(e.to_string());
            status.metadata_mut().insert(NOT_SENT, 1.into());
            return status.into();
        }
        cause = e.source();
    }
    error.into()
}

/// Whether the request never left this node.
pub(crate) fn was_not_sent(status: &Status) -> bool {
    status.metadata().contains_key(NOT_SENT)
}
