#!/bin/sh
# Unpacks Debian's Chromium without a display, and the libraries that this machine lacks for it, into a folder, without
# installing anything and as any user; its program is `chromium` there.
# Leaves an empty folder where one is installed already, or where this is not Debian.
set -u
folder=$1
mkdir -p "$folder"
for program in chromium chromium-headless-shell chromium-browser google-chrome; do
    command -v "$program" >/dev/null 2>&1 && exit 0
done
command -v apt-get >/dev/null 2>&1 || exit 0
folder=$(cd "$folder" && pwd)
draft=$(mktemp -d)
cd "$draft" || exit 0
lacking() {
    apt-get install --simulate --no-install-recommends chromium-headless-shell 2>/dev/null |
        sed -n 's/^Inst \([^ ]*\).*/\1/p'
}
# shellcheck disable=SC2046 # one word for each package
if ! apt-get download $(lacking) >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] && apt-get update >/dev/null 2>&1
    apt-get download $(lacking) >/dev/null 2>&1
fi
for package in ./*.deb; do
    [ -f "$package" ] && dpkg -x "$package" "$folder"
done
if [ -x "$folder/usr/lib/chromium/chromium-headless-shell" ]; then
    cat >"$folder/chromium" <<'END'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
for libraries in "$here"/usr/lib/*-linux-gnu*/ "$here"/usr/lib/*-linux-gnu*/pulseaudio; do
    LD_LIBRARY_PATH=$libraries:${LD_LIBRARY_PATH:-}
done
export LD_LIBRARY_PATH
exec "$here/usr/lib/chromium/chromium-headless-shell" "$@"
END
    chmod +x "$folder/chromium"
fi
cd / && rm -rf "$draft"
