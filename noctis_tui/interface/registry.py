"""Every action of every screen, in the order in which help shows them."""

from __future__ import annotations

from noctis_tui.interface.actions import EVERYWHERE_ACTIONS, ActionRegistry
from noctis_tui.interface.dialogs.choice_actions import CHOICE_ACTIONS
from noctis_tui.interface.dialogs.help_actions import HELP_ACTIONS
from noctis_tui.interface.diff.actions import DIFF_ACTIONS
from noctis_tui.interface.exporting.actions import EXPORTING_ACTIONS
from noctis_tui.interface.jobs.actions import JOBS_ACTIONS
from noctis_tui.interface.mpr.actions import MPR_ACTIONS
from noctis_tui.interface.preferences.actions import PREFERENCES_ACTIONS
from noctis_tui.interface.receiver.actions import RECEIVER_ACTIONS
from noctis_tui.interface.tags.actions import TAGS_ACTIONS
from noctis_tui.interface.viewer.actions import VIEWER_ACTIONS
from noctis_tui.interface.viewer.annotation_objects import ANNOTATION_OBJECTS_ACTIONS
from noctis_tui.interface.viewer.derived_actions import DERIVED_ACTIONS
from noctis_tui.interface.viewer.enhancing_actions import ENHANCING_ACTIONS
from noctis_tui.interface.viewer.file_planes import FILE_PLANES_ACTIONS
from noctis_tui.interface.viewer.instance_tags import INSTANCE_TAGS_ACTIONS
from noctis_tui.interface.viewer.layout_actions import LAYOUT_ACTIONS
from noctis_tui.interface.viewer.measuring_actions import MEASURING_ACTIONS
from noctis_tui.interface.viewer.presetting_actions import PRESETTING_ACTIONS
from noctis_tui.interface.viewer.series_diff import SERIES_DIFF_ACTIONS
from noctis_tui.interface.viewer.uptake_reading import UPTAKE_ACTIONS
from noctis_tui.interface.worklist.actions import WORKLIST_ACTIONS


def every_action() -> ActionRegistry:
    """Return the registry of the whole application."""
    return ActionRegistry(
        [
            *EVERYWHERE_ACTIONS,
            *WORKLIST_ACTIONS,
            *VIEWER_ACTIONS,
            *LAYOUT_ACTIONS,
            *INSTANCE_TAGS_ACTIONS,
            *DERIVED_ACTIONS,
            *MEASURING_ACTIONS,
            *TAGS_ACTIONS,
            *DIFF_ACTIONS,
            *RECEIVER_ACTIONS,
            *JOBS_ACTIONS,
            *CHOICE_ACTIONS,
            *PREFERENCES_ACTIONS,
            *HELP_ACTIONS,
            *PRESETTING_ACTIONS,
            *ENHANCING_ACTIONS,
            *UPTAKE_ACTIONS,
            *EXPORTING_ACTIONS,
            *SERIES_DIFF_ACTIONS,
            *FILE_PLANES_ACTIONS,
            *ANNOTATION_OBJECTS_ACTIONS,
            *MPR_ACTIONS,
        ]
    )
