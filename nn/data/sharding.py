"""The samples that one rank gets: each sample of an epoch is one rank's, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograd.errors import described, kind, message
from nn.arguments import size


class Share:
    """The batches of one rank.

    The samples of an epoch, in its order, are dealt out in rounds: a batch for rank 0, one for rank
    1, and so on. Every rank has the same number of rounds. If fewer samples are left at the end,
    the ranks get a last batch of equal size, give or take one sample; and if they are fewer than
    the ranks, the batches before get one sample more.

    Args:
        rank: the number of this rank.
        ranks: how many there are.
        batch_size: the samples in a batch.
        drop_last: whether to leave out the samples that do not fill a round.

    Attributes:
        before: the samples of this epoch that were dealt out before its first round, by a program
            with another number of ranks from which this one resumed.

    Example:
        >>> from nn.data.sharding import Share
        >>> [[x.tolist() for _, x in Share(r, 2, 2, False).batches(np.arange(7))] for r in (0, 1)]
        [[[0, 1], [4, 5]], [[2, 3], [6]]]
    """

    def __init__(self, rank: int, ranks: int, batch_size: int, drop_last: bool) -> None:
        self.rank, self.ranks, self.batch_size = rank, ranks, batch_size
        self.drop_last, self.before = drop_last, 0

    def rounds(self, samples: int) -> int:
        """How many batches each rank gets of so many samples."""
        full, rest = divmod(samples, self.ranks * self.batch_size)
        return full + (rest >= self.ranks and not self.drop_last)

    def batches(self, order: Any, start: int = 0) -> Iterator[tuple[int, Any]]:
        """This rank's batches: their numbers from `start`, and the indices of their samples."""
        left = order[self.before :]
        full, rest = divmod(len(left), self.ranks * self.batch_size)
        for number in range(start, self.rounds(len(left))):
            begin = number * self.ranks * self.batch_size
            dealt = left[begin : begin + self.ranks * self.batch_size]
            if number == full - 1 and 0 < rest < self.ranks and not self.drop_last:
                dealt = left[begin:]
            yield number, _part(dealt, self.rank, self.ranks)

    def state(self, samples: int, batch: int) -> dict[str, int]:
        """What a state needs to be resumed with another number of ranks."""
        dealt = self.before + batch * self.ranks * self.batch_size
        ended = batch and batch >= self.rounds(samples - self.before)
        return {
            "ranks": self.ranks,
            "before": self.before,
            "dealt": samples if ended else dealt,
        }

    def resumed(self, what: str, state: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
        """The state of a loader without shard that stands there, and what was dealt out before.

        With another number of ranks, its rounds begin where the others ended. If fewer samples
        than ranks are left of that epoch, it is over.

        Raises:
            ValueError: it is not the state of a loader with shard.
        """
        if not {"ranks", "before", "dealt", "batch_size"} <= state.keys():
            hint = "resume with a DataLoader that is made alike"
            raise ValueError(message(what, "a state without ranks", "that of a shard", hint))
        ranks, before, dealt = (size(what, k, state[k]) for k in ("ranks", "before", "dealt"))
        rest = {k: v for k, v in state.items() if k not in ("ranks", "before", "dealt")}
        if ranks == self.ranks:
            return rest, before
        return {**rest, "batch": 0, "batch_size": self.batch_size}, dealt


def _part(dealt: Any, rank: int, ranks: int) -> Any:
    """A rank's part of what is dealt out in a round; the first ranks get one sample more."""
    least, more = divmod(len(dealt), ranks)
    begin = rank * least + min(rank, more)
    return dealt[begin : begin + least + (rank < more)]


def share_of(what: str, shard: Any, batch_size: int, drop_last: bool, samples: int) -> Share:
    """The share of this rank.

    Raises:
        TypeError: `shard` is not a world.
        ValueError: there are fewer samples than ranks.
    """
    if not callable(getattr(shard, "gathered", None)) or isinstance(shard, type):
        got = f"shard={described(shard)}" if not hasattr(shard, "shape") else kind(shard)
        raise TypeError(message(what, got, "the ranks", "pass shard=nn.distributed.world()"))
    if samples < shard.size:
        got = f"{samples} samples for {shard.size} ranks"
        raise ValueError(message(what, got, "at least one for each"))
    return Share(shard.rank, shard.size, batch_size, drop_last)
