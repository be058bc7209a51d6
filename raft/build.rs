//! `.proto` -> Rust with protox: no `protoc` on the build machine.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["raft.proto"], ["proto"])?;
    tonic_prost_build::configure()
        .btree_map(".") // one order of map entries, so one encoding of a value
        .bytes(".fd.raft.v1.Command.proposal") // `Bytes`: decoded without a copy
        .bytes(".fd.raft.v1.SnapshotChunk.data")
        .bytes(".fd.raft.v1.TellRequest.datagram")
        .bytes(".fd.raft.v1.ProposeRequest.proposals")
        .compile_fds(files)?;
    Ok(())
}
