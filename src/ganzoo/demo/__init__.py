"""Pages to try models in the browser: served by gradio, or files that draw without a server."""
