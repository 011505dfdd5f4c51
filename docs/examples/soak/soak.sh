#!/bin/bash
# Runs the fleet beside this file for an hour with its faults on, while a controller checks and updates it
# again and again. Each minute a line of minutes.txt says what the fleet's process takes.
#
#   bash docs/examples/soak/soak.sh              in the folder in which the results are to be
#   MINUTES=10 bash docs/examples/soak/soak.sh   for less
set -eu
from=$(cd "$(dirname "$0")" && pwd)
minutes=${MINUTES:-60}
cp "$from"/*.yaml .
ocfsim run --fleet fleet.yaml --for "${minutes}m" --credentials owner.yaml --listen-http 127.0.0.1:27464 --record record.ndjson >run.txt 2>&1 &
fleet=$!
began=$SECONDS

# The controller. Devices fail while all goes wrong, so its exit code says nothing here.
(
	for ((n = 1; SECONDS - began < (minutes - 4) * 60; n++)); do
		sleep 5
		ocfsim drive fleet.yaml --campaign campaign.yaml --out "campaign-$n" --every 1h >"campaign-$n.txt" 2>&1 || true
	done
) &

sleep 5
while kill -0 "$fleet" 2>/dev/null; do
	curl -s http://127.0.0.1:27464/metrics | awk -v at=$((SECONDS - began)) '
		/^(process_resident_memory_bytes|process_open_fds|process_cpu_seconds_total|go_goroutines|go_memstats_heap_inuse_bytes|ocfsim_observers|ocfsim_sessions|ocfsim_requests_total) / { line = line " " $1 "=" $2 }
		END { print at line }' >>minutes.txt
	sleep 60
done
wait
tail -n 20 run.txt

# No Device is stuck if none has a process under way in the end: the last campaign ended before. And all of them do
# the same again, and end the same, when their record is replayed.
if sed -n '/^the Devices ended/,$p' run.txt | grep -v '^the\| tm=- '; then
	echo "These have a process under way."
fi
ocfsim run --fleet fleet.yaml --credentials owner.yaml --replay record.ndjson --speed 1000 | tail -n 1
