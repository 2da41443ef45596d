"""What to write for PyTorch's names that `nn` lacks: layers, functions, optimizers and methods."""

from __future__ import annotations

from typing import Any

import autograd as ag
from autograd.names import FUNCTIONS, of

NOTHING = "there is nothing like it here"
PARAMETRIZED = "nn.utils.parametrizations"
REMOVED = "nn.utils.parametrize.remove_parametrizations(module, name)"

# `nn.NAME`
LAYERS = {
    "Buffer": "self.register_buffer(name, array)",
    "NLLLoss2d": "nn.NLLLoss",
    "SyncBatchNorm": "nn.SyncBatchNorm1d or nn.SyncBatchNorm2d",
    "DataParallel": "nn.distributed.Optimizer(optimizer), in a program that mpiexec starts",
    "parallel": "the model itself; it runs in one process",
    "RNNBase": "nn.RNNCell, nn.LSTM or nn.GRU",
    "RNNCellBase": "nn.RNNCell, nn.LSTMCell or nn.GRUCell",
    "Container": "nn.Module",
    "modules": "nn, where all layers are",
    "parameter": "nn.Parameter",
    "fused": "nn.Sequential",
    "save": "nn.checkpoint.save(path, model.state_dict())",
    "load": "nn.checkpoint.load(path)",
    "Tensor": "ag.Tensor, after import autograd as ag",
    "CrossMapLRN2d": "nn.LocalResponseNorm(size)",
    "AdaptiveLogSoftmaxWithLoss": "nn.Linear(in_features, classes); nn.CrossEntropyLoss",
    "LinearCrossEntropyLoss": "nn.Linear(in_features, classes); nn.CrossEntropyLoss",
    "LinearCrossEntropyOptions": "nn.Linear(in_features, classes); nn.CrossEntropyLoss",
    "UninitializedBuffer": "self.register_buffer(name, array); sizes are given here",
    "attention": "nn.functional.scaled_dot_product_attention",
    "common_types": "int | tuple[int, int]",
    "factory_kwargs": "dtype=np.float32",
    "grad": "ag.grad",
    "intrinsic": NOTHING,
    "qat": NOTHING,
    "quantizable": NOTHING,
    "quantized": NOTHING,
}

# `nn.functional.NAME`
LAYER_FUNCTIONS = {
    "upsample": "nn.functional.interpolate(x, ...)",
    "upsample_nearest": 'nn.functional.interpolate(x, ..., mode="nearest")',
    "upsample_bilinear": 'nn.functional.interpolate(x, ..., mode="bilinear")',
    "multi_head_attention_forward": "nn.functional.scaled_dot_product_attention",
    "relu_": "x = nn.functional.relu(x)",
    "rrelu_": "x = nn.functional.rrelu(x)",
    "threshold_": "x = nn.functional.threshold(x, threshold, value)",
    "elu_": "x = nn.functional.elu(x)",
    "selu_": "x = nn.functional.selu(x)",
    "celu_": "x = nn.functional.celu(x)",
    "hardtanh_": "x = nn.functional.hardtanh(x)",
    "leaky_relu_": "x = nn.functional.leaky_relu(x)",
    **{
        f"{name}_with_indices": f"nn.functional.{name}(..., return_indices=True)"
        for pool in ("adaptive_max_pool", "fractional_max_pool", "max_pool")
        for name in (f"{pool}1d", f"{pool}2d", f"{pool}3d")
        if name != "fractional_max_pool1d"  # which PyTorch has not either
    },
    "native_channel_shuffle": "nn.functional.channel_shuffle(x, groups)",
    "conv_tbc": "nn.functional.conv1d(x.transpose(1, 2, 0), weight, bias)",
    "linear_cross_entropy": "nn.functional.cross_entropy(nn.functional.linear(x, weight), target)",
    "grouped_mm": "a loop over a @ b",
    "scaled_grouped_mm": "a loop over a @ b",
    "scaled_mm": "a @ b",
    "ScalingType": "a @ b",
    "SwizzleType": "a @ b",
    "assert_int_or_pair": NOTHING,
}

# `nn.optim.NAME`
OPTIMIZERS = {
    "SparseAdam": "nn.optim.Adam",
    "swa_utils": "nn.optim.ExponentialMovingAverage",
    "swap_in_optimizer_params_and_state": "optimizer.load_state_dict(state)",
}

# `nn.optim.lr_scheduler.NAME`
SCHEDULERS = {"Optimizer": "nn.optim.Optimizer"}

# `nn.utils.NAME`
UTILITIES = {
    "clip_grad_norm": "nn.utils.clip_grad_norm_(parameters, max_norm)",
    "clip_grad": "nn.utils.clip_grad_norm_(parameters, max_norm)",
    "get_total_norm": "nn.utils.clip_grad_norm_(parameters, np.inf), which only measures",
    "data": "nn.data",
    "checkpoint": "nn.checkpoint",
    "clip_grads_with_norm_": "nn.utils.clip_grad_norm_(parameters, max_norm)",
    "convert_parameters": "nn.utils.parameters_to_vector(parameters)",
    "convert_conv2d_weight_memory_format": "the layer itself; arrays have NumPy's layout",
    "convert_conv3d_weight_memory_format": "the layer itself; arrays have NumPy's layout",
    "memory_format": "the layer itself; arrays have NumPy's layout",
    "fuse_conv_bn_eval": "model.eval(); layers run one after the other",
    "fuse_conv_bn_weights": "model.eval(); layers run one after the other",
    "fuse_linear_bn_eval": "model.eval(); layers run one after the other",
    "fuse_linear_bn_weights": "model.eval(); layers run one after the other",
    "fusion": "model.eval(); layers run one after the other",
    "init": "nn.init",
    "spectral_norm": f"{PARAMETRIZED}.spectral_norm(module, name)",
    "remove_spectral_norm": REMOVED,
    "weight_norm": f"{PARAMETRIZED}.weight_norm(module, name, dim)",
    "remove_weight_norm": REMOVED,
    "prune": "p.data = p.data * mask; nn.optim.Proximal finds a mask",
    "rnn": "a mask in the loss; sequences of a batch have one length",
    "skip_init": "the layer itself; its values are drawn when it is made",
    "stateless": "model.load_state_dict(state)",
}

# `nn.data.NAME`
DATA = {
    "DistributedSampler": "nn.data.Subset(dataset, indices) with each process's indices",
    "IterableDataset": "nn.data.Dataset, with __len__ and __getitem__, or a loop over batches",
    "ChainDataset": "nn.data.ConcatDataset(datasets)",
    "StackDataset": "nn.data.TensorDataset(*arrays)",
    "default_convert": "nn.data.default_collate(samples)",
    "dataloader": "nn.data.DataLoader",
    "distributed": "nn.data.Subset(dataset, indices) with each process's indices",
    "get_worker_info": "nothing; batches are made in this process",
    **dict.fromkeys(
        (
            *("DFIterDataPipe", "DataChunk", "IterDataPipe", "MapDataPipe", "datapipes"),
            *("functional_datapipe", "argument_validation", "graph", "graph_settings"),
            *("guaranteed_datapipes_determinism", "non_deterministic"),
            *("runtime_validation", "runtime_validation_disabled"),
        ),
        "nn.data.Dataset, with __len__ and __getitem__",
    ),
}

# `nn.init.NAME`
INITIALIZERS = {
    name: f"nn.init.{name}_(tensor)"
    for name in (
        *("constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal"),
        *("orthogonal", "uniform", "xavier_normal", "xavier_uniform"),
    )
} | {"sparse": "nn.init.normal_(tensor), and a mask"}

# `model.NAME`
MODULE_METHODS = {
    "to": "model.astype(dtype); there are no devices here",
    "type": "model.astype(dtype)",
    "cuda": "nothing; all arrays are in the memory of the CPU",
    "cpu": "nothing; all arrays are in the memory of the CPU",
    "half": "model.astype(np.float16)",
    "bfloat16": "model.astype(np.float32); NumPy has no bfloat16",
    "compile": "ag.compile(step), for a function that makes a training step",
    "add_module": "model.register_module(name, module)",
    "get_parameter": "dict(model.named_parameters())[path]",
    "get_buffer": "dict(model.named_buffers())[path]",
    "set_submodule": "setattr(model.get_submodule(parent), name, module)",
    "share_memory": "nothing; a model runs in one process",
    "register_backward_hook": "model.register_full_backward_hook(hook)",
    "register_full_backward_pre_hook": "t.register_hook(hook) on the output of the module",
    "predict": "model.eval(), and model(x) under ag.no_grad()",
    "summary": "nn.summary(model, x)",
    "save": "nn.checkpoint.save(path, model.state_dict())",
    "load": "model.load_state_dict(nn.checkpoint.load(path))",
}

# Parameters of PyTorch's that have no counterpart: the default, which is accepted, and what to do
# instead of giving another value.
PARAMETERS: dict[str, tuple[Any, str]] = {
    "device": (None, "leave it out; arrays are in the memory of the CPU"),
    "size_average": (None, "write reduction='mean' or reduction='sum'"),
    "reduce": (None, "write reduction='none' to get every loss"),
    "sparse": (False, "leave it out; gradients are dense"),
    "antialias": (False, "leave it out, or smooth the input with nn.functional.avg_pool2d"),
    "out": (None, "use the result"),
    "min_value": (None, "write min_val"),
    "max_value": (None, "write max_val"),
    "differentiable": (False, "leave it out; ag.grad differentiates steps that you write out"),
    "last_epoch": (-1, "call load_state_dict with the state of the scheduler that you saved"),
    "num_workers": (0, "leave it out; batches are made in this process"),
    "pin_memory": (False, "leave it out; arrays are in the memory of the CPU"),
    "timeout": (0, "leave it out; batches are made in this process"),
    "worker_init_fn": (None, "leave it out; batches are made in this process"),
    "multiprocessing_context": (None, "leave it out; batches are made in this process"),
    "prefetch_factor": (None, "leave it out; batches are made in this process"),
    "persistent_workers": (False, "leave it out; batches are made in this process"),
    "pin_memory_device": ("", "leave it out; arrays are in the memory of the CPU"),
    "_stacklevel": (3, "leave it out; write dtype= or temperature= by name"),
    "epoch": (None, "leave it out, and call step() once for each epoch"),
    "destination": (None, "leave it out, and update your dictionary with the result"),
    "assign": (False, "leave it out; the arrays are copied into the parameters"),
    "with_kwargs": (False, "leave it out; hooks see positional inputs"),
    "always_call": (False, "leave it out; use try and finally around the call"),
    "in_order": (True, "leave it out; batches come in order"),
}

# Parameters of PyTorch's that are accepted with any value, and why they change nothing.
UNUSED_PARAMETERS = {
    "inplace": "arrays of the graph are never written to; the result is a new one",
    "enable_nested_tensor": "padding is masked in any case, which gives the same output",
    "mask_check": "it only speeds up what enable_nested_tensor does",
    "foreach": "it only chooses between implementations of the same step",
    "fused": "it only chooses between implementations of the same step",
    "capturable": "it only prepares a step for CUDA graphs",
}

# Where a default or a meaning differs from PyTorch's on purpose, by owner and parameter.
DIFFERENCES = {
    "dtype": "a layer has NumPy's precision, float64, unless dtype=np.float32 is given; None is "
    "float64 too",
    "F.batch_norm(momentum)": "it has no effect, as with running statistics that PyTorch does not "
    "update; nn.BatchNorm1d replaces its statistics, and no function writes to an array",
    "F.instance_norm(momentum)": "as in F.batch_norm",
    "F.batch_norm(running_mean, running_var)": "they may be left out in training",
    "F.softmax(dim)": "the last axis by default; PyTorch guesses one and warns",
    "F.log_softmax(dim)": "as in F.softmax",
    "F.softmin(dim)": "as in F.softmax",
    "nn.Softmax(dim)": "as in F.softmax",
    "nn.LogSoftmax(dim)": "as in F.softmax",
    "nn.Softmin(dim)": "as in F.softmax",
    "nn.Parameter(data)": "it is required",
    "F.softplus(threshold)": "none by default; PyTorch's 20 is off by 2e-9 there",
    "nn.Softplus(threshold)": "as in F.softplus",
}

# What is in `autograd` and not here, such as `nn.no_grad`.
AUTOGRAD: dict[str, str] = {name: f"ag.{name}" for name in vars(ag)["__all__"]}

of_package = of("nn", "nn", LAYERS, AUTOGRAD, FUNCTIONS, later=("onnx",))
of_functional = of("nn.functional", "nn.functional", LAYER_FUNCTIONS, AUTOGRAD, FUNCTIONS)
of_optim = of("nn.optim", "nn.optim", OPTIMIZERS)
of_schedulers = of("nn.optim.lr_scheduler", "nn.optim.lr_scheduler", OPTIMIZERS, SCHEDULERS)
of_data = of("nn.data", "nn.data", DATA)
of_utils = of("nn.utils", "nn.utils", UTILITIES)
of_init = of("nn.init", "nn.init", INITIALIZERS)
