"""Jobs across processes: keeping their records, listing them, following and cancelling them."""

from archive.jobs.cancelling import cancel_job
from archive.jobs.keeping import keep_job
from archive.jobs.listing import find_job, jobs_of

__all__ = ("cancel_job", "find_job", "jobs_of", "keep_job")
