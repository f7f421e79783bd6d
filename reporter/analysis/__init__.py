"""Facts become numbers: no sentence and no colour in this room."""
