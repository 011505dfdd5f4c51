#!/bin/sh
# Drives a source and an update client by lines: one condition comes in on a line, one
# answer goes out on a line. `conditions: {lines: [./driver.sh]}` in a target file starts it.
# Here the source is a folder, and the client is told by a file; put your own in their place.
bench=${BENCH:-/srv/update}
while read -r condition; do
  echo "# $condition at $(date +%T)"                      # a remark, which stands in the timeline
  case $condition in
    update-available)     touch "$bench/offer" && echo ok || echo failed "no $bench" ;;
    no-update)            rm -f "$bench/offer" && echo ok ;;
    hold)                 touch "$bench/gate" && echo ok || echo failed "no $bench" ;;
    release)              rm -f "$bench/gate" && echo ok ;;
    autonomous-update)    touch "$bench/update-now" && echo ok ;; # the client looks for this file
    report)               checks=$(cat "$bench/asked" 2>/dev/null | wc -l)   # a line for each question
                          echo "ok {\"checks\": $((checks))}" ;;
    *)                    echo unsupported "this bench has no $condition" ;;
  esac
done
