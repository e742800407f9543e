"""Reads how full the machine's own filesystems are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import psutil
from lines import emit, now

OWN = frozenset(
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs", "reiserfs", "overlay",
        "apfs", "hfs", "ntfs", "ntfs3", "vfat", "exfat", "msdos",
    }
)  # fmt: skip
"""Filesystems on the machine's own disks. Network ones are left out: asking one whose server is gone hangs."""


class Mount(NamedTuple):
    device: str
    point: str
    kind: str


def main() -> None:
    """One line of kind filesystem for each device that can be written to; its id is the device's name."""
    for mount in mounts():
        try:
            usage = psutil.disk_usage(mount.point)
        except OSError:
            continue  # unmounted meanwhile, or not ours to see
        if not usage.total:
            continue
        emit(
            "filesystem",
            local_id(mount.device),
            now(),
            device=mount.device,
            mountpoint=mount.point,
            fstype=mount.kind,
            total_bytes=usage.total,
            used_bytes=usage.used,
            free_bytes=usage.free,
            used_percent=usage.percent,
        )


def mounts() -> Iterator[Mount]:
    """The writable mounts, one a device: the one with the shortest path. One that is read-only cannot fill up."""
    mounted = psutil.disk_partitions(all=True)
    nearest: dict[str, Mount] = {}
    for found in sorted(mounted, key=lambda one: (len(one.mountpoint), one.mountpoint)):
        another_root = found.fstype == "overlay" and found.mountpoint != "/"  # a container within this machine
        local = found.mountpoint == "/" or (found.fstype in OWN and not another_root)
        if local and "ro" not in found.opts.split(","):
            nearest.setdefault(found.device, Mount(found.device, found.mountpoint, found.fstype))
    if not any(found.mountpoint == "/" for found in mounted):
        yield Mount("root", "/", "")  # a sandbox that hides its mounts
    yield from nearest.values()


def local_id(device: str) -> str:
    """`/dev/mapper/vg-home` is `mapper:vg-home`."""
    return device.removeprefix("/dev/").strip("/").replace("/", ":") or "root"


if __name__ == "__main__":
    main()
