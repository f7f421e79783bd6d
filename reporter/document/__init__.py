"""Numbers become words and ink: no group-by and no estimator in this room."""
