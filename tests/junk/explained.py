"""Calls with junk whose error is one that Python or NumPy wrote, and why each stays."""

MEMORY = (
    ("MemoryError", "Unable to allocate", "NumPy says how much memory the array would take"),
    ("ValueError", "array is too big", "NumPy says that no memory could hold the array"),
    ("ValueError", "Maximum allowed", "NumPy says that no memory could hold the array"),
)
OF_THE_USER = "the error is of the function that was passed, which runs as it is"
# By path and parameter.
OTHERS = {
    ("ag.source", 1): OF_THE_USER,
    ("ag.jvp", "xs"): OF_THE_USER,
    ("ag.check_backward", 0): OF_THE_USER,
    ("ag.check_gradients", "fn"): OF_THE_USER,
    ("ag.numerical_gradient", "fn"): OF_THE_USER,
    ("nn.fit", "loss"): OF_THE_USER,
    ("nn.generalization", "loss"): OF_THE_USER,
    ("nn.MLP", "activation"): OF_THE_USER,
    ("nn.TransformerEncoder", "encoder_layer"): OF_THE_USER,
    ("nn.TransformerDecoder", "decoder_layer"): OF_THE_USER,
    ("nn.functional.triplet_margin_with_distance_loss", "distance_function"): OF_THE_USER,
    ("nn.optim.CyclicLR", "scale_fn"): OF_THE_USER,
    ("nn.optim.LambdaLR", "lr_lambda"): OF_THE_USER,
}


def explanation(path, place, error):
    """Why an error stays as it is, or "" for no reason."""
    for kind, text, reason in MEMORY:
        if type(error).__name__ in (kind, f"_Array{kind}") and text in str(error):
            return reason
    return OTHERS.get((path, place), "")
