//! What the nodes of a run stand on: the network between them, their disks, and what is loaded
//! before them. Who starts a node asks here how.

use crate::cluster::Setup;
use crate::disk::volume::Volume;
use crate::preload::{Control, DiskMode, Libraries};
use crate::process::Launch;
use crate::random::Random;
use crate::transport::Transport;
use anyhow::{Context, Result};
use cluster_config::{Config, Dial};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of a node on a volume of its own.
const DATA: &str = "data";

/// Network, disks and libraries of a run.
#[derive(Debug)]
pub(crate) struct Ground {
    dir: PathBuf,
    volume_bytes: Option<u64>,
    lying_disks: bool,
    pub(crate) transport: Transport,
    // After the processes that use them, which go with the cluster's nodes before this.
    volumes: BTreeMap<u64, Volume>,
    libraries: Option<Libraries>,
    controls: BTreeMap<u64, Arc<Control>>,
}

impl Ground {
    /// Lays it for nodes that listen for each other at these ports.
    pub(crate) async fn lay(
        dir: &Path,
        setup: &Setup,
        raft_ports: &BTreeMap<u64, u16>,
    ) -> Result<Self> {
        let random = Random::new(setup.seed);
        let transport = Transport::start(setup.transport, raft_ports, random).await?;
        let libraries = match setup.preload {
            true => Some(Libraries::compile(dir).await?),
            false => None,
        };
        Ok(Self {
            dir: dir.to_owned(),
            volume_bytes: setup.volume_mb.map(|mb| mb << 20),
            lying_disks: setup.lying_disks,
            transport,
            volumes: BTreeMap::new(),
            libraries,
            controls: BTreeMap::new(),
        })
    }

    /// Makes room for a node, and says so in its configuration.
    pub(crate) async fn house(&mut self, config: &mut Config) -> Result<()> {
        let id = config.node.id;
        let host = self.transport.house(id).await?;
        for address in [&mut config.node.http_listen, &mut config.node.raft_listen] {
            address.set_ip(host);
        }
        config.node.http_advertise = config.node.http_listen.to_string();
        config.node.raft_advertise = config.node.raft_listen.to_string();
        for member in &mut config.cluster.members {
            let host = self.transport.address(member.id)?;
            for address in [&mut member.raft, &mut member.http] {
                let (_, port) = address.rsplit_once(':').context("an address has a port")?;
                *address = format!("{host}:{port}");
            }
        }
        let dials = self.transport.dials(id).into_iter();
        config.raft.dial = dials.map(|(id, raft)| Dial { id, raft: raft.to_string() }).collect();
        if let Some(bytes) = self.volume_bytes {
            let volume = Volume::create(&self.dir, id, bytes).await?;
            config.node.data_dir = volume.path().join(DATA);
            self.volumes.insert(id, volume);
        }
        if self.libraries.is_some() {
            let control = Control::create(&self.dir, &format!("node{id}"))?;
            if self.lying_disks {
                control.set_disk(DiskMode::Lies)?;
            }
            self.controls.insert(id, Arc::new(control));
        }
        Ok(())
    }

    /// How a node is started.
    pub(crate) fn launch(&self, id: u64) -> Launch {
        let env = self.libraries.as_ref().zip(self.controls.get(&id));
        Launch {
            prefix: self.transport.launcher(id),
            env: env.map_or_else(Vec::new, |(libraries, control)| libraries.env(control)),
        }
    }

    /// A node is gone for good, and its disk with it.
    pub(crate) fn vacate(&mut self, id: u64) {
        self.volumes.remove(&id);
        self.controls.remove(&id);
    }

    /// The clock and the disk of a node, as far as they can be steered.
    pub(crate) fn control(&self, id: u64) -> Result<Arc<Control>> {
        let control = self.controls.get(&id).map(Arc::clone);
        control.context("nothing is loaded before the nodes of this run")
    }

    /// The disk of a node.
    pub(crate) fn volume(&mut self, id: u64) -> Option<&mut Volume> {
        self.volumes.get_mut(&id)
    }
}
