#!/bin/sh
# Writes the root file system of the image: the static binary, and what it needs besides. config/Dockerfile and `just image-root` use it.
set -eu
if [ $# != 2 ]; then
    echo "usage: $0 BINARY FOLDER" >&2
    exit 2
fi
binary=$1 root=$2
# The roots that feeds, webhooks and identity providers are checked against.
certificates=/etc/ssl/certs/ca-certificates.crt
if [ ! -r "$certificates" ]; then
    echo "$0: $certificates is missing; install ca-certificates" >&2
    exit 1
fi
mkdir -p "$root/data" "$root/etc/daywire" "$root/etc/ssl/certs" "$root/tmp"
cp "$binary" "$root/daywire"
cp "$certificates" "$root$certificates"
# Without it musl asks the DNS for localhost.
printf '127.0.0.1 localhost\n::1 localhost\n' >"$root/etc/hosts"
printf 'daywire:x:10001:10001::/data:/daywire\n' >"$root/etc/passwd"
printf 'daywire:x:10001:\n' >"$root/etc/group"
chmod 755 "$root" "$root/daywire"
chmod 1777 "$root/tmp"
chmod 700 "$root/data"
# The database is in /data. Only root can give the folder to another user.
if [ "$(id -u)" = 0 ]; then chown 10001:10001 "$root/data"; fi
