from textual.app import App

from noctis_tui.interface.themes import THEMES
from noctis_tui.interface.viewer.objects_panel import ObjectsPanel


class ThemedApp(App):
    def __init__(self):
        super().__init__()
        self.register_theme(THEMES[0])
        self.theme = THEMES[0].name


async def test_a_panel_that_is_not_there_yet_or_no_more_draws_nothing():
    app, panel = ThemedApp(), ObjectsPanel()
    async with app.run_test():
        panel.draw()
        mounted = app.mount(panel)
        panel.draw()
        await mounted
        panel.list(())
        removed = panel.remove()
        panel.draw()
        await removed
        panel.draw()
