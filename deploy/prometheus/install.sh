#!/bin/sh
# Sees to it that prometheus and promtool are there, and prometheus-alertmanager: installs Debian's packages if they are absent.
# The services that the packages would start are not wanted here and are kept from starting.
set -eu
missing=""
command -v promtool >/dev/null 2>&1 && command -v prometheus >/dev/null 2>&1 || missing="prometheus"
command -v prometheus-alertmanager >/dev/null 2>&1 || command -v alertmanager >/dev/null 2>&1 || missing="$missing prometheus-alertmanager"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "needs:$missing; install them (on other systems from prometheus.io) and put them on the PATH" >&2
    exit 1
fi
[ "$(id -u)" -eq 0 ] && sudo="" || sudo="sudo -n"
policy=/usr/sbin/policy-rc.d
made=no
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
    $sudo chmod 755 "$policy"
    made=yes
fi
status=0
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
{ $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing; } >/tmp/upkeep-prometheus-install.log 2>&1 || status=$?
[ "$made" = no ] || $sudo rm -f "$policy"
if [ "$status" -ne 0 ]; then
    echo "could not install:$missing" >&2
    tail -n 20 /tmp/upkeep-prometheus-install.log >&2
    exit 1
fi
