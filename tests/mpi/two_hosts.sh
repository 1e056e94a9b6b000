#!/bin/sh
# The same bits on two hosts, which are two network namespaces of this machine: needs root, iproute2 and Open MPI.
# usage: two_hosts.sh PROGRAM NETLIST      PROGRAM: built with MPI (tools/build mpi)
set -eu
[ $# -eq 2 ] || { sed -n 2,3p "$0" | cut -c3-; exit 2; }
program=$(realpath "$1") netlist=$(realpath "$2")
work=$(mktemp -d)
end() {
  ip netns delete locus1 2>/dev/null || true
  ip netns delete locus2 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
ip netns add locus1
ip netns add locus2
ip link add locus1 netns locus1 type veth peer name locus2 netns locus2
for host in 1 2; do
  ip -n locus$host address add 10.77.0.$host/24 dev locus$host
  ip -n locus$host link set locus$host up
  ip -n locus$host link set lo up
done
# What mpirun starts on a host: agent HOST COMMAND...
cat > "$work/agent" <<'AGENT'
#!/bin/sh
host=${1##*.}
shift
exec ip netns exec "locus$host" sh -c "$*"
AGENT
chmod +x "$work/agent"
cd "$work"
"$program" run "$netlist" --updates 5 --no-test --trace alone.h5 --save-weights alone_w.h5 >/dev/null
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ip netns exec locus1 mpirun --host 10.77.0.1:2,10.77.0.2:2 -n 4 --oversubscribe --bind-to none \
  --mca plm_rsh_agent "$work/agent" --mca btl tcp,self --mca btl_tcp_if_include 10.77.0.0/24 \
  --mca oob_tcp_if_include 10.77.0.0/24 "$program" run "$netlist" --updates 5 --no-test --trace two.h5 --save-weights two_w.h5
cmp alone.h5 two.h5
cmp alone_w.h5 two_w.h5
echo "four ranks on two hosts: the same trace and weights"
