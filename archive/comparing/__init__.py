"""What differs between two instances, series or studies: one function behind `noctis diff` and the screen."""

from archive.comparing.comparison import InstanceDifferences as InstanceDifferences
from archive.comparing.comparison import compare_sides as compare_sides
from archive.comparing.difference import Difference as Difference
from archive.comparing.difference import Kind as Kind
from archive.comparing.ignoring import Ignoring as Ignoring
from archive.comparing.pairing import InstanceRef as InstanceRef
from archive.comparing.pairing import Pair as Pair
from archive.comparing.pairing import pair_instances as pair_instances
