#!/bin/sh
# Unpacks Debian's PgBouncer and its libraries into a folder, without installing anything and as any user.
# Leaves an empty folder where it is installed already, or where this is not Debian.
set -u
folder=$1
mkdir -p "$folder"
command -v pgbouncer >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 || exit 0
folder=$(cd "$folder" && pwd)
draft=$(mktemp -d)
cd "$draft" || exit 0
packages="pgbouncer libevent-2.1-7 libc-ares2"
if ! apt-get download $packages >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] && apt-get update >/dev/null 2>&1
    apt-get download $packages >/dev/null 2>&1
fi
for package in ./*.deb; do
    [ -f "$package" ] && dpkg -x "$package" "$folder"
done
cd / && rm -rf "$draft"
