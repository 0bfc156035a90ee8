"""Names of layers in less room than they need: what tells them apart stands at their end."""

from __future__ import annotations

SEPARATOR = ", "


def cut_name(name: str, width: int) -> str:
    """As much of the end of a name as there is room for.

    >>> cut_name("inception3a.branch1.conv_bn1.relu1", 20)
    '…nch1.conv_bn1.relu1'
    """
    return name if len(name) <= width else f"…{name[len(name) - max(width - 1, 1) :]}"


def cut_names(names: str, width: int) -> str:
    """As many of the names, which commas separate, as there is room for, and how many more there are.

    >>> cut_names("stage1.conv1, stage2.conv1, stage3.conv1", 30), cut_names("stage1.conv1, stage2.conv1", 12)
    ('stage1.conv1, stage2.conv1, +1', '…1.conv1, +1')
    """
    if len(names) <= width:
        return names
    each = names.split(SEPARATOR)
    for count in range(len(each) - 1, 0, -1):
        some = f"{SEPARATOR.join(each[:count])}, +{len(each) - count}"
        if len(some) <= width:
            return some
    more = f", +{len(each) - 1}" if len(each) > 1 else ""
    return cut_name(each[0], width - len(more)) + more
