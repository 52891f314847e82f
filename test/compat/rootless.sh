#!/bin/sh
# RUNC BUILDKITD --config STATE/buildkitd.toml: execs buildkitd --rootless as a user who is nobody on this machine and root in
# a user namespace, with root's own means in place of rootlesskit's (newuidmap and a setuid bit).
set -eu
runc=$1 buildkitd=$2 config=$4
first=100000
if [ "${IN_MOUNTS:-}" = "" ]; then
	IN_MOUNTS=1 exec unshare --mount --propagation private sh "$0" "$@"
fi
unset IN_MOUNTS
state=$(dirname "$config")
mkdir -p "$state/run"
# What it reads it mounts below TMPDIR, which the rig has made.
chown -R "$first:$first" "$state" ${TMPDIR:+"$TMPDIR"}
cp "$buildkitd" "$runc" "$state"

# The user does not get through a folder that is root's alone: in this mount namespace an empty one stands in its place.
closed=
folder=$state
while [ "$folder" != / ]; do
	folder=$(dirname "$folder")
	case $(stat -c %A "$folder") in *x | *t) ;; *) closed=$folder ;; esac
done
if [ "$closed" != "" ]; then
	aside=$(mktemp -d -p /tmp)
	mount --bind "$state" "$aside"
	mount -t tmpfs -o mode=0755 tmpfs "$closed"
	(umask 022 && mkdir -p "$state")
	mount --move "$aside" "$state"
	rmdir "$aside"
fi

# Only somebody outside the namespace may say who its users are.
me=$$
outside=$(readlink "/proc/$me/ns/user")
(
	while [ "$(readlink "/proc/$me/ns/user")" = "$outside" ]; do sleep 0.01; done
	echo "0 $first 65536" >"/proc/$me/gid_map"
	echo "0 $first 65536" >"/proc/$me/uid_map"
) &
cd /
# By these buildkitd finds a place for its own sockets.
export USER=nobody HOME="$state" XDG_RUNTIME_DIR="$state/run"
exec setpriv --reuid="$first" --regid="$first" --clear-groups unshare --user --mount sh -c '
	until [ "$(id -u)" = 0 ]; do sleep 0.01; done
	exec "$0" "$@"
' "$state/$(basename "$buildkitd")" --rootless --config "$config" --oci-worker-binary "$state/$(basename "$runc")"
