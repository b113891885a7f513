"""Two colours and a shape for every cell, so that the squared error of its blocks is the least there is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK = 2048
"""Cells at a time, so that the scores of all masks stay in the processor's cache."""


class Split(NamedTuple):
    """Cells in two colours.

    Attributes
    ----------
    masks
        uint8 [cells]; bit k is set where block k has the foreground. An even cell has mask 0.
    foreground, background
        float32 [cells, channels], the means of the blocks they stand for.
    """

    masks: NDArray[np.uint8]
    foreground: NDArray[np.float32]
    background: NDArray[np.float32]


def split(blocks: NDArray[np.float32]) -> Split:
    """Split cells of one channel or three.

    Parameters
    ----------
    blocks
        float32 [cells, blocks, channels], at most 8 blocks a cell.
    """
    if blocks.shape[2] == 1:
        return with_means(blocks, _by_threshold(blocks[..., 0]))
    is_set = np.empty(blocks.shape[:2], np.bool_)
    is_grey = (blocks == blocks[..., :1]).all(axis=(1, 2))
    is_set[is_grey] = _by_threshold(blocks[is_grey, :, 0])
    is_set[~is_grey] = _by_trial(blocks[~is_grey])
    return with_means(blocks, is_set)


def with_means(blocks: NDArray[np.float32], is_set: NDArray[np.bool_]) -> Split:
    """Give blocks that are set, bool [cells, blocks], and those that are not, the means of their values."""
    count = is_set.sum(axis=1, dtype=np.float32)[:, None]
    total = blocks.sum(axis=1)
    in_front = np.matmul(is_set[:, None, :].astype(np.float32), blocks)[:, 0]
    background = (total - in_front) / np.maximum(blocks.shape[1] - count, 1)
    foreground = np.where(count > 0, in_front / np.maximum(count, 1), background)
    return Split(np.packbits(is_set, axis=1, bitorder="little")[:, 0], foreground, background)


def _by_threshold(blocks: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Cut the sorted values where it helps most; for one channel no other split can be better.

    The two clusters of least variance on a line are intervals (W. D. Fisher, "On grouping for maximum
    homogeneity", 1958), so that n - 1 cuts are all there is to try.
    """
    number = blocks.shape[1]
    ordered = np.sort(blocks, axis=1)
    ordered_around_mean = ordered - ordered.mean(axis=1, keepdims=True)
    below = np.cumsum(ordered_around_mean[:, :-1], axis=1)
    counts = np.arange(1, number)
    gains = below * below * (number / (counts * (number - counts))).astype(np.float32)
    cut = gains.argmax(axis=1)
    above: NDArray[np.bool_] = blocks > np.take_along_axis(ordered, cut[:, None], axis=1)
    return above


def _by_trial(blocks: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Try every mask; the one whose two means lie farthest apart, weighted by their blocks, leaves least."""
    masks, weights = _trials(blocks.shape[1])
    best = np.empty(len(blocks), np.int64)
    for start in range(0, len(blocks), _CHUNK):
        chunk = blocks[start : start + _CHUNK]
        around_mean = (chunk - chunk.mean(axis=1, keepdims=True)).swapaxes(1, 2)
        sums = around_mean @ masks.T
        best[start : start + _CHUNK] = (np.einsum("ncm,ncm->nm", sums, sums) * weights).argmax(axis=1)
    return masks[best] > 0


@lru_cache(maxsize=4)
def _trials(number: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Every way to divide blocks in two, float32 [masks, number], and what their sums' squares are worth.

    The last block stays behind: a mask and its complement divide alike.
    """
    masks = (np.arange(1 << (number - 1))[:, None] >> np.arange(number)) & 1
    counts = masks.sum(axis=1)
    weights = np.where(counts > 0, number / np.maximum(counts * (number - counts), 1), 0)
    return masks.astype(np.float32), weights.astype(np.float32)
