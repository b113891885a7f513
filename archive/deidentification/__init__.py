"""De-identified copies of instances, by PS3.15 Annex E; the archive itself is never changed."""

from archive.deidentification.deidentifying import check as check
from archive.deidentification.deidentifying import deidentify as deidentify
from archive.deidentification.profile import Dates as Dates
from archive.deidentification.profile import Profile as Profile
from archive.deidentification.refusing import NotDeidentifiable as NotDeidentifiable
from archive.deidentification.site_key import site_key as site_key
