"""One function a sentence or paragraph: analysis values in, `Said` out. The only room where the report speaks."""
