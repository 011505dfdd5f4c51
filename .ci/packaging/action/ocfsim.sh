#!/usr/bin/env bash
# Tests the Device of a target file in a job of GitHub Actions: it gets ocfsim, tests,
# annotates, and writes the summary and the outputs of the step. The inputs of the action
# are in the environment, OCFSIM_TARGET, OCFSIM_VERSION, OCFSIM_OUT, OCFSIM_ARGS and
# OCFSIM_INCONCLUSIVE: in the text of a script they could be commands.
set -euo pipefail

target=${OCFSIM_TARGET:?the input target is missing}
out=${OCFSIM_OUT:-ocfsim-results}
releases=${OCFSIM_RELEASES:-https://github.com/ocfsim/ocfsim/releases/download}

die() { printf '::error title=ocfsim::%s\n' "$*"; exit 2; }

# install downloads the release for this machine, checks its sum, and unpacks it.
install() {
  local version=$1 system arch archive dir
  case $(uname -s) in
    Linux) system=linux ;;
    Darwin) system=darwin ;;
    *) die "on $(uname -s) install ocfsim yourself, so that it is in the PATH" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) die "there is no release for $(uname -m)" ;;
  esac
  archive=ocfsim_${version#v}_${system}_$arch
  dir=$(mktemp -d)
  (
    cd "$dir"
    curl -fsSL --retry 3 -O "$releases/$version/$archive.tar.gz" -O "$releases/$version/SHA256SUMS"
    grep " $archive.tar.gz\$" SHA256SUMS >sum || exit 1
    if command -v sha256sum >/dev/null; then sha256sum -c sum; else shasum -a 256 -c sum; fi
    tar xzf "$archive.tar.gz"
  ) >&2 || die "can't install $archive from $releases/$version"
  PATH=$dir/$archive:$PATH
}

# escaped is a value as the property of a workflow command.
escaped() {
  local s=${1//'%'/%25}
  s=${s//':'/%3A}
  printf '%s' "${s//','/%2C}"
}

if [ -n "${OCFSIM_VERSION:-}" ]; then
  install "$OCFSIM_VERSION"
fi
command -v ocfsim >/dev/null || die "there is no ocfsim in the PATH: name a release in the input version"

# annotated passes on what ocfsim writes. A line that annotates gets the file that it
# concerns; no other line is a command to GitHub, whatever the Device has sent.
annotated() {
  local line file token
  file=$(escaped "$target")
  token=ocfsim-$RANDOM$RANDOM$RANDOM
  printf '::stop-commands::%s\n' "$token"
  while IFS= read -r line; do
    case $line in
      ::error\ title=* | ::warning\ title=* | ::notice\ title=*)
        printf '::%s::\n%s file=%s,title=%s\n::stop-commands::%s\n' "$token" "${line%% title=*}" "$file" "${line#* title=}" "$token" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
  printf '::%s::\n' "$token"
}

read -r -a more <<<"${OCFSIM_ARGS:-}"
set +e
ocfsim test --target "$target" --out "$out" --format pretty,github ${more[@]+"${more[@]}"} | annotated
code=${PIPESTATUS[0]}
set -e

page=$out/report.html
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  printf 'exit-code=%s\npage=%s\n' "$code" "$page" >>"$GITHUB_OUTPUT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -e "$out/results.json" ]; then
  { printf '```\n'; ocfsim judge "$out" || true; printf '```\n'; } >>"$GITHUB_STEP_SUMMARY"
fi

if [ "$code" -eq 3 ] && [ "${OCFSIM_INCONCLUSIVE:-fail}" = warn ]; then
  printf '::warning title=ocfsim::nothing failed, and something could not be judged: see the page\n'
  exit 0
fi
exit "$code"
