"""Distances in the tree of units, by their paths: /B/, /B/B-RIV/, /B/B-RIV/B-RIV-3/."""


def common(one: str, other: str) -> str:
    """The path of the nearest unit that is above both, or is one of them."""
    shared = "/"
    for mine, theirs in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if mine != theirs:
            break
        shared += f"{mine}/"
    return shared


def depth(path: str) -> int:
    return len(path.strip("/").split("/")) if path.strip("/") else 0


def steps(one: str, other: str) -> int:
    """How far it is from one unit to the other along the tree; 0 in the same unit."""
    return depth(one) + depth(other) - 2 * depth(common(one, other))


def lineage(path: str) -> list[str]:
    """The unit itself and those above it, up to the root: /B/B-RIV/, /B/, /."""
    parts = [part for part in path.split("/") if part]
    return ["/" + "".join(f"{part}/" for part in parts[:n]) for n in range(len(parts), -1, -1)]
